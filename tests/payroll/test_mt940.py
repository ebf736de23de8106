"""MT940 as several banks write it, and what is wrong with one, by line."""

import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from payroll import feeds
from payroll.checks.issues import Issues, Unreadable
from payroll.models import BankEntry, BankStatement
from tests.payroll.conftest import codes
from tests.payroll.files import ACCOUNT, OWNER_NAME, name, sheet_row

FILES = Path(__file__).parent / "files"
DAY = dt.date(2026, 4, 16)


def sample(file: str) -> bytes:
    return (FILES / file).read_bytes()


def entries():
    rows = BankEntry.objects.order_by("booked_on", "reference", "is_return")
    return [
        (e.reference, e.end_to_end, e.kind, e.is_credit, str(e.amount), e.counterparty_name,
         e.purpose, bool(e.counterparty_hash))
        for e in rows
    ]  # fmt: skip


def test_numbered_fields_in_gb18030_and_swift_blocks(city):
    city([sheet_row(1)], dt.date(2026, 4, 9))
    feed = city(sample("mt940_structured.sta"), DAY, "a.sta")
    assert (feed.status, feed.kind, feed.accepted) == ("accepted", "bank", 3), codes(feed)
    assert entries() == [
        ("ZS26041500001", "ZF-2026-03", "owner", True, "900000.50", OWNER_NAME,
         "2026年3月人工费", True),
        ("ZS26041500002", "GZ-1", "wage", False, "6000.00", name(1), "2026年3月工资补充说明",
         True),
        ("ZS26041500003", "GZ-1", "return", True, "6000.00", name(1), "账户已销户", True),
    ]  # fmt: skip
    back = BankEntry.objects.get(is_return=True)
    assert (back.returns.reference, back.return_reason) == ("ZS26041500002", "914")
    assert back.row == 12
    known = BankStatement.objects.get()
    assert (known.sequence, known.from_date, known.to_date) == (
        7, dt.date(2026, 4, 15), dt.date(2026, 4, 15),
    )  # fmt: skip
    assert (known.opening, str(known.closing)) == (1000, "901000.50")


def test_words_behind_a_reference_are_purpose_and_refuse_nothing(city):
    """As SEPA banks write returns: the reason stands behind EREF+, in the next subfields."""
    text = sample("mt940_structured.sta").decode("gb18030")
    words = "TFNR 40005 00005?21MTLG:" + "账户已销户退回代发工资" * 8
    data = text.replace("EREF+GZ-1?21SVWZ+账户已销户", f"EREF+{words}")
    assert data != text
    feed = city(data.encode("gb18030"), DAY, "a.sta")
    assert feed.status == "accepted", codes(feed)
    back = BankEntry.objects.get(is_return=True)
    assert back.end_to_end == "" and "TFNR 40005 00005" in back.purpose


def test_slashed_codes_and_two_statements(city):
    feed = city(sample("mt940_slashed.txt"), DAY, "a.txt")
    assert feed.status == "accepted", codes(feed)
    assert entries() == [
        ("26104000011", "ZF-77", "owner", True, "50000.00", OWNER_NAME, "2026年3月人工费", True),
        ("26105000017", "GZ-1", "wage", False, "6001.00", name(1), "2026年3月工资", True),
        ("26105000018", "GZ-2", "wage", False, "6002.00", name(2), "2026年3月工资", True),
        ("26105000019", "ZF-77", "return", False, "50000.00", OWNER_NAME, "冲正", True),
    ]  # fmt: skip
    assert BankEntry.objects.get(reference="26105000019").returns.reference == "26104000011"
    assert list(BankStatement.objects.order_by("pk").values_list("from_date", "to_date")) == [
        (dt.date(2026, 4, 14), dt.date(2026, 4, 14)), (dt.date(2026, 4, 15), dt.date(2026, 4, 15)),
    ]  # fmt: skip
    assert not codes(feed, "hint")


def test_free_text_one_statement_in_two_messages_over_the_turn_of_the_year(city):
    data = sample("mt940_free.940")
    feed = city(data, DAY, "a.940")
    assert feed.status == "accepted", codes(feed)
    found = {(e.reference, str(e.booked_on), e.purpose) for e in BankEntry.objects.all()}
    assert found == {
        ("2026-01-02/STARTUMSE/00001/1", "2026-01-02", "利息收入"),
        ("2026-01-02/STARTUMSE/00001/2", "2026-01-02", "手续费 账户管理费"),
        ("9000000123", "2026-01-05", "其他支出"),
    }
    known = BankStatement.objects.get()
    assert (known.from_date, known.to_date) == (dt.date(2026, 1, 1), dt.date(2026, 1, 5))
    again = city(data.replace(b"\n", b"\r\n"), DAY, "again.940")
    assert again.status == "accepted"
    assert BankEntry.objects.count() == 3


def test_other_separators_in_utf16(city):
    feed = city(sample("mt940_tilde.sta"), DAY, "a.sta")
    assert feed.status == "accepted", codes(feed)
    assert entries() == [
        ("T260415000001", "GZ-1", "wage", False, "6000.00", name(1), "三月工资", True),
        ("T260415000002", "GZ-2", "wage", False, "6001.00", name(2), "三月工资", True),
    ]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        (b"C260415CNY901000,50\r\n:64", b"C260415CNY901000,51\r\n:64", "bank-balance-entries"),
        (b"D6000,00", b"D6000,00,1", "mt940-line"),
        (b":61:2604150415C", b":61:2613450415C", "mt940-line"),
        (b"C260414CNY", b"C269914CNY", "mt940-message"),
        (b":62F:", b":99F:", "mt940-closing"),
        (b"CNY901000", b"USD901000", "currency"),
        (ACCOUNT.encode(), b"330900100000000009", "account-unknown"),
        (b"//ZS26041500001", b"//ZS26041500002", "entry-twice"),
        (b":64:C260415CNY901000,50", b":61:2604150415C1,00NTRFNONREF//X1", "mt940-order"),
    ],
)
def test_what_is_refused(city, old, new, code, caplog):
    data = sample("mt940_structured.sta")
    assert old in data
    feed = city(data.replace(old, new), DAY, "a.sta")
    assert feed.status == "rejected"
    assert code in codes(feed)
    assert not BankEntry.objects.exists()
    assert ACCOUNT not in caplog.text and "62220202" not in caplog.text


def test_the_arithmetic_is_in_the_message(city):
    from payroll.checks.messages import render

    data = sample("mt940_structured.sta").replace(b"C900000,50", b"C900001,50")
    feed = city(data, DAY, "a.sta")
    said = str(render(feed.issues.get()).en)
    for figure in ("1000.00", "+900001.50", "901001.50", "901000.50", "-1.00"):
        assert figure in said


def test_a_statement_named_another_kind(city):
    feed = city(sample("mt940_slashed.txt"), DAY, "a.txt", kind="payroll")
    assert codes(feed) == ["kind-other"]


def _read(data: bytes) -> None:
    import io

    source = feeds.Source(io.BytesIO(data), "x")
    try:
        reader = feeds.detect(source)
        for chunk in reader.read(source, Issues()):
            assert len(chunk.frame) >= 0
    except Unreadable:
        pass


MUTATED = st.builds(
    lambda file, at, cut, put: (lambda d, i: d[:i] + put + d[i + cut :])(
        sample(file), at % len(sample(file))
    ),
    st.sampled_from(sorted(p.name for p in FILES.glob("mt940*"))),
    st.integers(0, 10_000),
    st.integers(0, 60),
    st.binary(max_size=12)
    | st.sampled_from([b":61:", b":86:", b"\r\n:62F:", b"?3", b"-}", b"{4:"]),
)


@settings(deadline=None)
@given(MUTATED)
def test_a_changed_file_is_read_or_refused(data):
    _read(data)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_random_bytes_after_a_beginning_are_read_or_refused(data):
    _read(b":20:X\r\n:25:" + ACCOUNT.encode() + b"\r\n" + data)
    _read(data)
