"""Statements: their arithmetic, and whether each goes on from the one before, in any order."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payroll import coverage
from payroll.checks.messages import render
from payroll.models import BankEntry, BankStatement
from projects.models import Project
from tests.payroll.camt import entry, message, notification, statement
from tests.payroll.conftest import codes
from tests.payroll.files import bank_row

DAY = dt.date(2026, 4, 30)


def span(first, last, opening, change, **options):
    """One statement from April `first` to `last` that moves the balance by `change`."""
    side = "CRDT" if change > 0 else "DBIT"
    moves = [entry(f"E{first}", f"{abs(change)}.00", side, day=f"2026-04-{last:02d}")]
    return message(
        statement(
            *(moves if change else []),
            first=f"2026-04-{first:02d}",
            last=f"2026-04-{last:02d}",
            opening=f"{opening}.00",
            name=f"S{first}",
            **options,
        )
    )


def gaps(as_of=DAY):
    project = Project.objects.get()
    found = coverage.gaps(as_of, [project.pk]).get(project.pk, [])
    return [(g.first.day, g.last.day, g.days, int(g.closing), int(g.opening)) for g in found]


def test_opening_and_entries_make_the_closing(city):
    data = message(statement(entry("A1", "7.00", "DBIT"), closing="992.50"))
    feed = city(data, DAY, "s.xml")
    assert (feed.status, codes(feed)) == ("rejected", ["bank-balance-entries"])
    said = render(feed.issues.get())
    for figure in ("1000.00", "-7.00", "993.00", "992.50", "-0.50"):
        assert figure in str(said.zh) and figure in str(said.en)
    assert not BankEntry.objects.exists() and not BankStatement.objects.exists()


def test_an_overdrawn_account_adds_up_too(city):
    data = message(statement(entry("A1", "1500.00", "DBIT")))
    assert city(data, DAY, "s.xml").status == "accepted"
    assert BankStatement.objects.get().closing == -500


PARTS = [span(1, 5, 0, 100), span(6, 10, 100, 50), span(11, 15, 150, -30)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_statements_in_any_order_leave_no_gap(city, order):
    for index in order:
        feed = city(PARTS[index], DAY, "s.xml")
        assert feed.status == "accepted", codes(feed)
    assert gaps() == []
    assert BankStatement.objects.count() == 3


def test_a_missing_statement_is_named_and_closes_when_it_comes(city):
    first, middle, last = PARTS
    assert codes(city(first, dt.date(2026, 4, 6), "a.xml"), "hint") == []
    feed = city(last, dt.date(2026, 4, 16), "c.xml")
    assert codes(feed, "hint") == ["statement-gap"]
    values = feed.issues.get().values
    assert values == {
        "first": "2026-04-06", "last": "2026-04-10", "closing": "100.00", "opening": "150.00",
    }  # fmt: skip
    assert gaps() == [(6, 10, 5, 100, 150)]
    project = Project.objects.get().pk
    covered = coverage.of(DAY, [project])[project]
    assert covered.until == dt.date(2026, 4, 15)
    assert not covered.misses(dt.date(2026, 4, 15))
    assert covered.misses(dt.date(2026, 4, 15), since=dt.date(2026, 4, 10))
    assert not covered.misses(dt.date(2026, 4, 15), since=dt.date(2026, 4, 11))
    feed = city(middle, dt.date(2026, 4, 20), "b.xml")
    assert codes(feed, "hint") == []
    assert gaps() == []
    assert gaps(dt.date(2026, 4, 19)) == [(6, 10, 5, 100, 150)]  # as it was known then
    assert gaps(dt.date(2026, 4, 15)) == []


def test_balances_that_do_not_meet_on_days_that_do(city):
    city(span(1, 5, 0, 100), DAY, "a.xml")
    feed = city(span(6, 10, 120, 50), DAY, "b.xml")
    assert (feed.status, codes(feed, "hint")) == ("accepted", ["statement-balance"])
    assert gaps() == [(6, 5, 0, 100, 120)]


@pytest.mark.parametrize(
    ("first", "second", "numbers", "found"),
    [
        ((1, 3), (7, 10), ("", ""), 0),  # 4 to 6 April 2026: Qingming, no bank works
        ((6, 8), (10, 12), ("", ""), 1),  # Thursday the 9th is missing
        ((6, 8), (10, 12), ("4", "5"), 0),  # the bank numbers them one after the other
        ((6, 8), (10, 12), ("4", "6"), 1),
    ],
)
def test_days_between_with_the_same_balance(city, first, second, numbers, found):
    city(span(*first, 0, 100, sequence=numbers[0]), DAY, "a.xml")
    city(span(*second, 100, 10, sequence=numbers[1]), DAY, "b.xml")
    assert len(gaps()) == found


def test_another_format_closes_the_gap_when_it_explains_the_difference(city):
    city(PARTS[0], DAY, "a.xml")
    city(PARTS[2], DAY, "c.xml")
    rows = [
        bank_row("R1", bookedAt="2026-04-07", amount="30.00", direction="C"),
        bank_row("R2", bookedAt="2026-04-10", amount="20.00", direction="C"),
    ]
    city(rows[:1], DAY)
    assert len(gaps()) == 1
    city(rows[1:], DAY)
    assert gaps() == []


def test_a_notification_covers_no_day(city):
    city(PARTS[0], DAY, "a.xml")
    data = message(notification(entry("N1", "5.00", "CRDT", day="2026-04-20")), kind="054")
    city(data, DAY, "n.xml")
    project = Project.objects.get().pk
    assert coverage.of(DAY, [project])[project].until == dt.date(2026, 4, 5)


def test_parts_of_one_day_and_a_month_over_its_days(city):
    city(span(10, 10, 100, 50), DAY, "b.xml")  # the second part of the day came first
    moved = message(
        statement(entry("X", "100.00", "CRDT", day="2026-04-10"), first="2026-04-10",
                  last="2026-04-10", opening="0.00", name="X1")
    )  # fmt: skip
    city(moved, DAY, "a.xml")
    assert gaps() == []
    city(span(11, 11, 150, 5), DAY, "c.xml")
    month = statement(
        entry("X", "100.00", "CRDT", day="2026-04-10"),
        entry("E10", "50.00", "CRDT", day="2026-04-10"),
        entry("E11", "5.00", "CRDT", day="2026-04-11"),
        first="2026-04-01", last="2026-04-30", opening="0.00", name="M4",
    )  # fmt: skip
    feed = city(message(month), DAY, "m.xml")
    assert feed.status == "accepted", codes(feed)
    assert gaps() == []


def test_the_same_statement_again_is_no_gap(city):
    for suffix in (b"", b"<!-- again -->"):
        city(span(10, 10, 100, 50) + suffix, DAY, "a.xml")
    city(span(11, 11, 150, 5), DAY, "b.xml")
    assert BankStatement.objects.count() == 3
    assert gaps() == []


def test_queries_do_not_grow_with_statements(city):
    project = Project.objects.get().pk
    city(PARTS[0], DAY, "a.xml")
    city(PARTS[2], DAY, "c.xml")
    with CaptureQueriesContext(connection) as few:
        coverage.of(DAY, [project])
    for first in range(17, 27, 3):
        city(span(first, first + 1, first * 10, 1), DAY, "x.xml")
    with CaptureQueriesContext(connection) as many:
        found = coverage.of(DAY, [project])[project]
    assert len(few) == len(many) and len(found.gaps) == 5


def test_an_owner_credit_counts_as_money_held(city):
    city(PARTS[0], DAY, "a.xml")
    project = Project.objects.get().pk
    [(_, held)] = coverage.balances(DAY, [project])[project]
    assert held == Decimal(100)
