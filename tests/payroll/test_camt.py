"""camt.053 and camt.054 in every version: entries, batches, returns, and what is refused."""

import datetime as dt
import functools
import io
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll import feeds
from payroll.checks.issues import Issues, Unreadable
from payroll.models import BankEntry, BankStatement, PaymentMatch
from tests.payroll import camt
from tests.payroll.camt import VERSIONS, details, entry, message, notification, statement
from tests.payroll.conftest import codes
from tests.payroll.files import ACCOUNT, OWNER_NAME, bank_row, card, name, sheet_row

DAY = dt.date(2026, 4, 16)
PURPOSE = "<RmtInf><Ustrd>2026年3月工资</Ustrd></RmtInf>"
TOTAL = "<Btch><NbOfTxs>2</NbOfTxs><TtlAmt Ccy='CNY'>{}</TtlAmt></Btch>"


def two_movements(version):
    wage = details("Cdtr", name(1), card(1), version, PURPOSE, "E2E-1")
    funds = details("Dbtr", OWNER_NAME, "3309001", version)
    return (
        entry("A1", "900000.50", "CRDT", funds, version=version),
        entry("A2", "6000.00", "DBIT", wage, version=version),
    )


def batch(version=8, *, references=("", ""), values=("6001.00", "6002.00"), **options):
    parts = [
        details("Cdtr", name(n), card(n), version, "", f"E{n}", value, reference)
        for n, value, reference in zip((1, 2), values, references, strict=True)
    ]
    return entry("B1", "12003.00", "DBIT", *parts, version=version, **options)


@pytest.mark.parametrize("prefix", ["", "ns2"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_statement_version(city, version, prefix):
    city([sheet_row(1)], dt.date(2026, 4, 9))
    data = message(statement(*two_movements(version)), version=version, prefix=prefix)
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


@pytest.mark.parametrize("prefix", ["", "a"])
@pytest.mark.parametrize("version", VERSIONS)
def test_every_notification_version_and_the_statement_after_it(city, version, prefix):
    city([sheet_row(1)], dt.date(2026, 4, 9))
    entries = two_movements(version)
    data = message(
        *(notification(one, name=f"N{n}") for n, one in enumerate(entries)),
        version=version, kind="054", prefix=prefix,
    )  # fmt: skip
    feed = city(data, DAY, "n.xml")
    assert (feed.status, feed.accepted) == ("accepted", 2), codes(feed)
    assert not BankStatement.objects.exists()  # it proves no day
    later = city(message(statement(*entries), version=version), DAY + dt.timedelta(1), "s.xml")
    assert later.status == "accepted", codes(later)
    assert BankEntry.objects.count() == 2
    assert set(BankEntry.objects.values_list("known_from", flat=True)) == {DAY}
    assert PaymentMatch.objects.get().amount == 6000
    assert BankStatement.objects.count() == 1


@pytest.mark.parametrize("version", [2, 6, 8, 13])
def test_a_batch_is_as_many_movements_as_it_has_details(city, version):
    data = message(statement(batch(version)), version=version)
    assert city(data, DAY, "s.xml").accepted == 2
    amounts = dict(BankEntry.objects.values_list("reference", "amount"))
    assert amounts == {"B1-1": 6001, "B1-2": 6002}
    data = message(statement(batch(version, references=("T1", "T2"))), version=version)
    assert city(data, DAY, "again.xml").status == "accepted"
    assert set(BankEntry.objects.values_list("reference", flat=True)) == {"B1-1", "B1-2"}


def test_the_sum_of_a_batch_never_stands_beside_its_details(city):
    details_of = message(notification(batch()), kind="054")
    total = message(statement(entry("B1", "12003.00", "DBIT", batch=TOTAL.format("12003.00"))))
    assert city(details_of, DAY, "n.xml").status == "accepted"
    feed = city(total, DAY + dt.timedelta(1), "s.xml")
    assert feed.status == "accepted", codes(feed)
    assert set(BankEntry.objects.values_list("reference", flat=True)) == {"B1-1", "B1-2"}
    assert BankStatement.objects.count() == 1


def test_details_take_the_place_of_their_sum(city):
    city([sheet_row(1, amount=6001)], dt.date(2026, 4, 9))
    total = message(statement(entry("B1", "12003.00", "DBIT", batch=TOTAL.format("12003.00"))))
    assert city(total, DAY, "s.xml").status == "accepted"
    assert BankEntry.objects.get().kind == "debit"
    feed = city(message(notification(batch()), kind="054"), DAY + dt.timedelta(1), "n.xml")
    assert feed.status == "accepted", codes(feed)
    assert set(BankEntry.objects.values_list("reference", "kind")) == {
        ("B1-1", "wage"), ("B1-2", "wage"),
    }  # fmt: skip
    assert PaymentMatch.objects.get().amount == 6001


def test_details_loaded_late_were_known_from_the_earlier_day(city):
    later = message(statement(batch(references=("T1", "T2"))))
    assert city(later, DAY + dt.timedelta(3), "s.xml").status == "accepted"
    assert city(message(notification(batch()), kind="054"), DAY, "n.xml").status == "accepted"
    known = BankEntry.objects.values_list("reference", "known_from")
    assert set(known) == {("T1", DAY), ("T2", DAY)}


def test_the_sum_in_a_table_adds_nothing_either(city):
    city(message(notification(batch()), kind="054"), DAY, "n.xml")
    feed = city([bank_row("B1", amount="12003.00"), bank_row("Z1", 1)], DAY)
    assert feed.status == "accepted", codes(feed)
    assert set(BankEntry.objects.values_list("reference", flat=True)) == {"B1-1", "B1-2", "Z1"}


def test_details_that_do_not_add_up_are_refused(city):
    feed = city(message(statement(batch(values=("6001.00", "6000.00")))), DAY, "s.xml")
    assert codes(feed) == ["batch-sum"]
    assert feed.issues.get().values == {
        "total": "-12003.00", "sum": "-12001.00", "difference": "-2.00",
    }  # fmt: skip
    wrong = entry("B1", "12003.00", "DBIT", batch=TOTAL.format("12000.00"))
    assert codes(city(message(statement(wrong)), DAY, "s.xml")) == ["batch-sum"]
    city(message(notification(batch()), kind="054"), DAY, "n.xml")
    other = entry("B1", "12000.00", "DBIT")
    assert codes(city(message(statement(other)), DAY, "s.xml")) == ["batch-differs"]
    assert BankEntry.objects.count() == 2


@pytest.mark.parametrize("turned", [False, True])
def test_a_return_names_its_payment_by_the_own_reference(city, turned):
    city([sheet_row(1)], dt.date(2026, 4, 9))
    reason = "<RtrInf><Rsn><Cd>AC01</Cd></Rsn><AddtlInf>账号不符</AddtlInf></RtrInf>"
    wage = details("Cdtr", name(1), card(1), 8, "", "E2E-1")
    back = details("Cdtr", name(1), card(1), 8, reason, "E2E-1")
    if turned:  # the bank shows the one who sends it back as the payer
        parties = camt.party("Dbtr", name(1), card(1)) + camt.party("Cdtr", "示例项目部", ACCOUNT)
        start, _, rest = back.partition("<RltdPties>")
        back = f"{start}<RltdPties>{parties}</RltdPties>{rest.partition('</RltdPties>')[2]}"
    data = message(
        statement(
            entry("A2", "6000.00", "DBIT", wage, day="2026-04-13"),
            entry("A9", "6000.00", "CRDT", back),
        )
    )
    feed = city(data, DAY, "s.xml")
    assert feed.status == "accepted", codes(feed)
    returned = BankEntry.objects.get(is_return=True)
    assert (returned.reference, returned.returns.reference) == ("A9", "A2")
    assert (returned.return_reason, returned.counterparty_name) == ("AC01 账号不符", name(1))
    assert returned.counterparty_hash
    assert returned.matches.get().amount == -6000


def test_a_reversal_gives_back_and_a_reversed_credit_takes_away(city):
    city([sheet_row(1)], dt.date(2026, 4, 9))
    wage = details("Cdtr", name(1), card(1), 8, "", "E2E-1")
    funds = details("Dbtr", OWNER_NAME, "3309001", 8, "", "F-1")
    data = message(
        statement(
            entry("A1", "6000.00", "DBIT", wage, day="2026-04-13"),
            entry("A2", "6000.00", "CRDT", wage, reversal=True),
            entry("A3", "500.00", "CRDT", funds, day="2026-04-13"),
            entry("A4", "500.00", "DBIT", funds, reversal=True),
        )
    )
    assert city(data, DAY, "s.xml").status == "accepted"
    found = {
        e.reference: (e.kind, e.is_credit, e.returns and e.returns.reference)
        for e in BankEntry.objects.select_related("returns")
    }
    assert found == {
        "A1": ("wage", False, None), "A2": ("return", True, "A1"),
        "A3": ("owner", True, None), "A4": ("return", False, "A3"),
    }  # fmt: skip
    assert sum(PaymentMatch.objects.values_list("amount", flat=True)) == 0


def test_only_the_owners_name_makes_an_owner_credit(city):
    """Told by counterparty and sign; what the purpose says does not count."""
    text = "<RmtInf><Ustrd>建设单位拨付人工费</Ustrd></RmtInf>"
    data = message(
        statement(
            entry("A1", "10.00", "CRDT", details("Dbtr", OWNER_NAME, "1", 8)),
            entry("A2", "10.00", "CRDT", details("Dbtr", "他人有限公司", "2", 8, text)),
            entry("A3", "10.00", "DBIT", details("Cdtr", OWNER_NAME, "1", 8, text)),
        )
    )
    assert city(data, DAY, "s.xml").status == "accepted"
    kinds = dict(BankEntry.objects.values_list("reference", "kind"))
    assert kinds == {"A1": "owner", "A2": "credit", "A3": "debit"}


def test_what_is_not_booked_is_left_out_and_said(city):
    pending = entry("P1", "5.00", "DBIT", status="PDNG")
    feed = city(message(statement(entry("A1", "7.00", "DBIT"), pending)), DAY, "s.xml")
    assert feed.status == "accepted", codes(feed)
    assert BankEntry.objects.get().reference == "A1"
    assert codes(feed, "hint") == ["entries-pending"]


def test_references_when_the_bank_gives_none(city):
    numbered = entry("", "7.00", "DBIT").replace("<Ntry>", "<Ntry><NtryRef>1</NtryRef>")
    own = entry("", "8.00", "DBIT", details("Cdtr", "某某", "", own="E-77"))
    feed = city(message(statement(numbered, own)), DAY, "s.xml")
    assert feed.status == "accepted", codes(feed)
    assert set(BankEntry.objects.values_list("reference", flat=True)) == {"S1/1", "E-77"}
    feed = city(message(statement(entry("", "9.00", "DBIT"))), DAY, "s.xml")
    assert codes(feed) == ["missing"]


def test_comments_and_instructions_inside_are_no_matter(city):
    one = entry("A1", "7.00", "DBIT", details("Cdtr", "某某", "6222020000000018"))
    one = one.replace("><", "><!-- x --><?x y?><")
    feed = city(message(statement(one)), DAY, "s.xml")
    assert feed.status == "accepted", codes(feed)


def test_an_account_may_have_an_iban(city):
    from projects.models import Account

    Account.objects.update(number="GB33BUKB20201555555555")
    data = message(statement(entry("A1", "7.00", "DBIT"), account="GB33BUKB20201555555555"))
    assert city(data, DAY, "s.xml").status == "accepted"


def test_several_statements_and_accounts_in_one_message(city):
    data = message(
        statement(entry("A1", "7.00", "DBIT"), last="2026-04-10", name="S1"),
        statement(
            entry("A2", "3.00", "CRDT"), name="S2", first="2026-04-11", opening="993.00",
        ),
    )  # fmt: skip
    feed = city(data, DAY, "s.xml")
    assert feed.status == "accepted", codes(feed)
    assert list(BankStatement.objects.order_by("to_date").values_list("reference", "closing")) == [
        ("S1", 993), ("S2", 996),
    ]  # fmt: skip
    assert not codes(feed, "hint")


def test_the_same_movement_from_two_files_is_one(city):
    data = message(statement(entry("A2", "6000.00", "DBIT", details("Cdtr", name(1), card(1)))))
    city(data, DAY, "s.xml")
    feed = city([bank_row("A2", 1)], DAY)
    assert feed.status == "accepted"
    assert BankEntry.objects.count() == 1
    feed = city([bank_row("A2", 1, amount="7000")], DAY)
    assert codes(feed) == ["entry-differs"]


@pytest.mark.parametrize("kind", ["053", "054"])
@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d: d.replace(b"<Document", b'<!DOCTYPE x [<!ENTITY e "boom">]><Document'),
         "xml-doctype"),
        (lambda d: d.replace(b".001.08", b".001.14"), "xml-version"),
        (lambda d: d.replace(b".001.08", b".001.01"), "xml-version"),
        (lambda d: d.replace(b"camt.053", b"camt.052").replace(b"camt.054", b"camt.052"),
         "xml-version"),
        (lambda d: d[:-40], "xml-broken"),
        (lambda d: d.replace(ACCOUNT.encode(), b"999"), "account-unknown"),
        (lambda d: d.replace(b'"CNY">7', b'"USD">7'), "currency"),
        (lambda d: b"<html><body>no</body></html>", "xml-unknown"),
        # the namespace in a comment, the declaration beyond the first bytes
        (lambda d: b"<?xml version='1.0'?><!-- " + b"urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"
         + b" x" * 3000 + b" --><!DOCTYPE x []>" + d.partition(b"?>")[2], "xml-doctype"),
    ],
)  # fmt: skip
def test_what_is_refused(city, change, code, kind):
    one = entry("A1", "7.00", "DBIT")
    holder = statement(one) if kind == "053" else notification(one)
    feed = city(change(message(holder, kind=kind)), DAY, "s.xml")
    assert feed.status == "rejected"
    assert set(codes(feed)) == {code}
    assert not BankEntry.objects.exists()


def test_days_out_of_the_balances_where_no_period_is_given(city):
    """OPBD of the same day as CLBD, or of the day before."""
    for opened, first in (("2026-04-15", 15), ("2026-04-14", 15), ("2026-04-12", 13)):
        one = statement(name=f"S{opened}", first=opened)
        one = one.partition("<FrToDt>")[0] + one.partition("</FrToDt>")[2]
        assert city(message(one), DAY, "s.xml").status == "accepted"
        assert BankStatement.objects.latest("pk").from_date == dt.date(2026, 4, first)


def test_a_statement_without_movements_still_covers_its_days(city):
    feed = city(message(statement()), DAY, "s.xml")
    assert feed.status == "accepted", codes(feed)
    assert BankStatement.objects.get().to_date == dt.date(2026, 4, 15)


def _read(data: bytes) -> None:
    source = feeds.Source(io.BytesIO(data), "x.xml")
    try:
        reader = feeds.detect(source)
        for chunk in reader.read(source, Issues()):
            assert len(chunk.frame) >= 0
    except Unreadable:
        pass


@functools.cache
def _samples() -> list[bytes]:
    return [
        message(statement(*two_movements(v), batch(v)), version=v, prefix=prefix)
        for v, prefix in ((2, ""), (7, "x"), (13, ""))
    ] + [message(notification(*two_movements(4)), version=4, kind="054")]


@settings(deadline=None)
@given(
    st.sampled_from(range(4)),
    st.integers(0, 10_000),
    st.integers(0, 80),
    st.binary(max_size=12)
    | st.sampled_from([b"<Ntry>", b"</Ntry>", b"<!-- -->", b"&e;", b"<![CDATA[", b"NaN", b"\x00"]),
)  # fmt: skip
def test_a_changed_file_is_read_or_refused(which, at, cut, put):
    data = _samples()[which]
    at %= len(data)
    _read(data[:at] + put + data[at + cut :])


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_are_read_or_refused(data):
    _read(data)
    _read(_samples()[0][:200] + data)
