"""camt.053 in its versions: entries, returns, balances, and what is refused."""

import datetime as dt
from decimal import Decimal

import pytest

from payroll.models import BankEntry, BankStatement
from tests.payroll.conftest import codes
from tests.payroll.files import ACCOUNT, OWNER_NAME, bank_row, card, name, sheet_row

DAY = dt.date(2026, 4, 16)


def party(role: str, who: str, number: str, version: int) -> str:
    inner = f"<Nm>{who}</Nm>" if version < 8 else f"<Pty><Nm>{who}</Nm></Pty>"
    account = f"<{role}Acct><Id><Othr><Id>{number}</Id></Othr></Id></{role}Acct>"
    return f"<{role}>{inner}</{role}>{account}"


def entry(
    reference: str, amount: str, side: str, *details: str, version: int, day: str = "2026-04-15"
) -> str:
    status = "<Sts>BOOK</Sts>" if version < 7 else "<Sts><Cd>BOOK</Cd></Sts>"
    tx = "".join(f"<TxDtls>{detail}</TxDtls>" for detail in details)
    return (
        f'<Ntry><Amt Ccy="CNY">{amount}</Amt><CdtDbtInd>{side}</CdtDbtInd>{status}'
        f"<BookgDt><Dt>{day}</Dt></BookgDt><AcctSvcrRef>{reference}</AcctSvcrRef>"
        f"<NtryDtls>{tx}</NtryDtls></Ntry>"
    )


def details(role: str, who: str, number: str, version: int, more: str = "", own: str = "") -> str:
    refs = f"<Refs><EndToEndId>{own}</EndToEndId></Refs>" if own else ""
    return f"{refs}<RltdPties>{party(role, who, number, version)}</RltdPties>{more}"


def balance(code: str, amount: str, day: str) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='CNY'>{amount}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
    )


def statement(version: int, *entries: str, account: str = ACCOUNT, head: str = "") -> bytes:
    space = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02d}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{head}<Document xmlns="{space}"><BkToCstmrStmt>'
        "<GrpHdr><MsgId>M1</MsgId></GrpHdr><Stmt><Id>S1</Id>"
        "<FrToDt><FrDtTm>2026-04-01T00:00:00</FrDtTm><ToDtTm>2026-04-15T23:59:59</ToDtTm></FrToDt>"
        f"<Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>"
        f"{balance('OPBD', '1000.00', '2026-04-01')}{balance('CLBD', '895000.50', '2026-04-15')}"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    ).encode()


@pytest.mark.parametrize("version", range(2, 14))
def test_every_version(city, version):
    city([sheet_row(1)], dt.date(2026, 4, 9))
    purpose = "<RmtInf><Ustrd>2026年3月工资</Ustrd></RmtInf>"
    wage = details("Cdtr", name(1), card(1), version, purpose, "E2E-1")
    funds = details("Dbtr", OWNER_NAME, "3309001", version)
    data = statement(
        version,
        entry("A1", "900000.50", "CRDT", funds, version=version),
        entry("A2", "6000.00", "DBIT", wage, version=version),
    )
    feed = city(data, DAY, "s.xml")
    assert (feed.status, feed.kind, feed.accepted) == ("accepted", "bank", 2), codes(feed)
    kinds = dict(BankEntry.objects.values_list("reference", "kind"))
    assert kinds == {"A1": "owner", "A2": "wage"}
    paid = BankEntry.objects.get(reference="A2")
    assert (paid.end_to_end, paid.purpose, paid.matches.get().amount) == (
        "E2E-1", "2026年3月工资", 6000,
    )  # fmt: skip
    known = BankStatement.objects.get()
    assert (known.opening, known.closing) == (Decimal("1000.00"), Decimal("895000.50"))
    assert (known.from_date, known.to_date) == (dt.date(2026, 4, 1), dt.date(2026, 4, 15))


def test_a_return_names_its_payment_by_the_own_reference(city):
    city([sheet_row(1)], dt.date(2026, 4, 9))
    wage = details("Cdtr", name(1), card(1), 8, "", "E2E-1")
    back = details(
        "Cdtr", name(1), card(1), 8, "<RtrInf><Rsn><Cd>AC01</Cd></Rsn></RtrInf>", "E2E-1"
    )
    data = statement(
        8,
        entry("A2", "6000.00", "DBIT", wage, version=8, day="2026-04-13"),
        entry("A9", "6000.00", "CRDT", back, version=8),
    )
    assert city(data, DAY, "s.xml").status == "accepted"
    returned = BankEntry.objects.get(is_return=True)
    assert (returned.reference, returned.returns.reference) == ("A9", "A2")
    assert (returned.return_reason, returned.counterparty_name) == ("AC01", name(1))
    assert returned.matches.get().amount == -6000


def test_a_batch_entry_is_as_many_movements_as_it_has_details(city):
    parts = [
        f"<Amt Ccy='CNY'>600{n}.00</Amt>" + details("Cdtr", name(n), card(n), 8) for n in (1, 2)
    ]
    data = statement(8, entry("B1", "12003.00", "DBIT", *parts, version=8))
    assert city(data, DAY, "s.xml").accepted == 2
    amounts = dict(BankEntry.objects.values_list("reference", "amount"))
    assert amounts == {"B1-1": 6001, "B1-2": 6002}


def test_the_same_movement_from_two_files_is_one(city):
    wage = details("Cdtr", name(1), card(1), 8)
    data = statement(8, entry("A2", "6000.00", "DBIT", wage, version=8))
    city(data, DAY, "s.xml")
    feed = city([bank_row("A2", 1)], dt.date(2026, 4, 12) + dt.timedelta(days=4))
    assert feed.status == "accepted"
    assert BankEntry.objects.count() == 1
    feed = city([bank_row("A2", 1, amount="7000")], DAY)
    assert codes(feed) == ["entry-differs"]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (statement(8, head='<!DOCTYPE x [<!ENTITY e "boom">]>'), "xml-doctype"),
        (statement(14), "xml-version"),
        (statement(8).replace(b"camt.053.001.08", b"camt.054.001.08"), "xml-version"),
        (statement(8)[:-40], "xml-broken"),
        (statement(8, account="999"), "account-unknown"),
        (b"<html><body>no</body></html>", "xml-unknown"),
        (
            b"<?xml version='1.0'?><!--" + b"x" * 5000 + b"--><!DOCTYPE x []>"
            + statement(8).partition(b"?>")[2],
            "xml-unknown",  # no bank's message begins like that; the declaration is not reached
        ),
    ],
)  # fmt: skip
def test_what_is_refused(city, data, code):
    feed = city(data, DAY, "s.xml")
    assert (feed.status, codes(feed)) == ("rejected", [code])
    assert not BankEntry.objects.exists()


def test_a_statement_without_movements_still_covers_its_days(city):
    feed = city(statement(8), DAY, "s.xml")
    assert feed.status == "accepted", codes(feed)
    assert BankStatement.objects.get().to_date == dt.date(2026, 4, 15)
