"""What pays what: shared cards, parts, returns and repayment, in any order of loading."""

import datetime as dt
import itertools

import pytest

from payroll import matching
from payroll.models import BankEntry, PaymentMatch
from projects.models import Engagement, Project
from tests.payroll.conftest import codes
from tests.payroll.files import OWNER_NAME, bank_row, card, name, sheet_row

SHEET_DAY = dt.date(2026, 4, 9)
BANK_DAY = dt.date(2026, 4, 16)


def matches() -> list[tuple]:
    """(reference, is_return, worker, month, amount, method, known from), in order."""
    found = PaymentMatch.objects.order_by("entry__booked_on", "entry__reference", "is_return")
    return [
        (m.entry.reference, m.is_return, m.engagement.worker.name, str(m.month), int(m.amount),
         m.method, m.known_from)
        for m in found.order_by(
            "entry__booked_on", "entry__reference", "is_return", "month", "engagement__worker__name"
        ).select_related("entry", "engagement__worker")
    ]  # fmt: skip


def test_kinds_by_sign_and_counterparty(city):
    city(
        [
            bank_row("A", None, direction="C", amount="900000", counterpartyName=OWNER_NAME),
            bank_row("B", None, direction="C", amount="5", counterpartyName="利息", purpose="工资"),
            bank_row("C", 1),
            bank_row("D", None, counterpartyName="建材商行", purpose="工资"),
            bank_row("E", None, counterpartyName=name(2), counterpartyAccount="330999999999"),
        ],
        BANK_DAY,
    )
    kinds = dict(BankEntry.objects.values_list("reference", "kind"))
    assert kinds == {"A": "owner", "B": "credit", "C": "wage", "D": "debit", "E": "wage"}


def test_the_pay_roll_code_and_the_card_decide_first(city):
    city([sheet_row(1, "2026-02"), sheet_row(1, "2026-03", thirdPayRollCode="PR-0301")], SHEET_DAY)
    city([bank_row("X", 1, purpose="代发 PR-0301")], BANK_DAY)
    assert [(m[3], m[5]) for m in matches()] == [("2026-03", "reference")]


def test_the_month_in_the_purpose_then_the_oldest(city):
    city([sheet_row(1, "2026-01"), sheet_row(1, "2026-02"), sheet_row(1, "2026-03")], SHEET_DAY)
    city([bank_row("X", 1, purpose="2026年2月工资"), bank_row("Y", 1, purpose="工资")], BANK_DAY)
    assert [(m[0], m[3]) for m in matches()] == [("X", "2026-02"), ("Y", "2026-01")]


def test_parts_and_more_than_one_month(city):
    city([sheet_row(1, "2026-02"), sheet_row(1, "2026-03")], SHEET_DAY)
    city([bank_row("X", 1, amount="7000"), bank_row("Y", 1, amount="9000")], BANK_DAY)
    paid = [(m[0], m[3], m[4]) for m in matches()]
    assert paid == [("X", "2026-02", 6000), ("X", "2026-03", 1000), ("Y", "2026-03", 5000)]
    sums = {ref: sum(m[2] for m in paid if m[0] == ref) for ref in ("X", "Y")}
    assert sums == {"X": 7000, "Y": 5000}  # 4000 of Y pays nothing that is known


def test_a_shared_card_goes_by_name_and_amount(city):
    shared = card(1)
    city(
        [sheet_row(n, amount=6000 + n, payRollBankCardNumber=shared) for n in (1, 2, 3)], SHEET_DAY
    )
    city(
        [
            bank_row(f"R{n}", n, amount=f"{6000 + n}", counterpartyAccount=shared,
                     counterpartyName=name(1))
            for n in (3, 1, 2)
        ],
        BANK_DAY,
    )  # fmt: skip
    assert {(m[0], m[2]) for m in matches()} == {(f"R{n}", name(n)) for n in (1, 2, 3)}


def test_name_and_amount_when_no_card_fits(city):
    city([sheet_row(1), sheet_row(2)], SHEET_DAY)
    other = {"counterpartyAccount": "62299999999999"}
    city([bank_row("X", 2, **other), bank_row("Y", 1, amount="5999", **other)], BANK_DAY)
    assert [(m[0], m[2], m[5]) for m in matches()] == [("X", name(2), "name")]


def test_no_payment_before_the_month_began(city):
    city([sheet_row(1, "2026-03")], SHEET_DAY)
    city([bank_row("X", 1, bookedAt="2026-02-15")], BANK_DAY)
    assert matches() == []


RETURNED = {"status": "returned", "returnReason": "账号不存在"}


def test_a_return_opens_the_claim_and_the_repayment_closes_it(city):
    city([sheet_row(1, "2026-03"), sheet_row(1, "2026-04")], dt.date(2026, 5, 9))
    city([bank_row("X", 1, bookedAt="2026-05-11", purpose="2026年3月工资")], dt.date(2026, 5, 12))
    city([bank_row("X", 1, bookedAt="2026-05-13", **RETURNED)], dt.date(2026, 5, 14))
    assert [(m[1], m[3], m[4]) for m in matches()] == [
        (False, "2026-03", 6000),
        (True, "2026-03", -6000),
    ]
    city([bank_row("Z", 1, bookedAt="2026-05-20", purpose="3月补")], dt.date(2026, 5, 21))
    assert matches()[-1][:5] == ("Z", False, name(1), "2026-03", 6000)
    entry = BankEntry.objects.get(is_return=True)
    assert (entry.returns.reference, entry.kind, entry.is_credit) == ("X", "return", True)
    assert not BankEntry.objects.filter(implied=True).exists()


def test_paid_returned_and_paid_again_within_a_day(city):
    city([sheet_row(1)], SHEET_DAY)
    rows = [bank_row("X", 1), bank_row("X", 1, **RETURNED), bank_row("Y", 1)]
    city(rows, BANK_DAY)
    assert sorted((m[0], m[1], m[4]) for m in matches()) == [
        ("X", False, 6000),
        ("X", True, -6000),
        ("Y", False, 6000),
    ]


def test_a_return_whose_payment_was_never_seen_stores_both(city):
    city([sheet_row(1)], SHEET_DAY)
    city([bank_row("X", 1, **RETURNED)], BANK_DAY)
    assert list(BankEntry.objects.order_by("is_return").values_list("is_return", "implied")) == [
        (False, True),
        (True, False),
    ]
    assert [m[4] for m in matches()] == [6000, -6000]


FEEDS = [
    ([sheet_row(1, "2026-03"), sheet_row(2, "2026-03")], dt.date(2026, 4, 9)),
    ([sheet_row(1, "2026-03", 6500), sheet_row(2, "2026-03")], dt.date(2026, 4, 18)),
    ([bank_row("X", 1), bank_row("Y", 2)], dt.date(2026, 4, 16)),
    ([bank_row("X", 1, bookedAt="2026-04-17", **RETURNED)], dt.date(2026, 4, 19)),
    ([bank_row("Z", 1, amount="6500.00", bookedAt="2026-04-20")], dt.date(2026, 4, 21)),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::11])
def test_every_order_of_loading_gives_the_same(city, order):
    for index in order:
        rows, day = FEEDS[index]
        feed = city(rows, day)
        assert feed.status == "accepted", codes(feed)
    known = dt.date
    assert matches() == [
        ("X", False, name(1), "2026-03", 6000, "amount", known(2026, 4, 16)),
        ("Y", False, name(2), "2026-03", 6000, "amount", known(2026, 4, 16)),
        ("X", True, name(1), "2026-03", -6000, "amount", known(2026, 4, 19)),
        ("Z", False, name(1), "2026-03", 6500, "amount", known(2026, 4, 21)),
    ]


def test_matching_again_changes_nothing_and_asks_no_more_for_more_rows(
    city, django_assert_max_num_queries
):
    city([sheet_row(n) for n in range(10)], SHEET_DAY)
    city([bank_row(f"R{n}", n) for n in range(10)], BANK_DAY)
    before = set(PaymentMatch.objects.values_list("pk", flat=True))
    with django_assert_max_num_queries(11):
        assert matching.match(list(Project.objects.values_list("pk", flat=True))) == 10
    assert set(PaymentMatch.objects.values_list("pk", flat=True)) == before


def test_a_registered_card_that_no_sheet_names(city):
    city([sheet_row(1, payRollBankCardNumber="")], SHEET_DAY)
    city([bank_row("X", 1)], BANK_DAY)
    assert [m[5] for m in matches()] == ["amount"]
    assert Engagement.objects.get(payments__isnull=False).worker.name == name(1)
