"""The ledger of arrears: its rows on any day, its totals, and the check that shouts."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from payroll import claims, cycles, ledger, reconciliation
from payroll.models import Arrear, Confirmation, Cycle, Difference, PaymentMatch, Sheet, SheetLine
from projects.models import Engagement
from tests import factories as city
from wagewatch.calendars import DAY
from wagewatch.months import Month

MARCH = Month.parse("2026-03")
LAST = dt.date(2026, 6, 30)
db = pytest.mark.django_db


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def facts(rows: Any) -> list[tuple[Any, ...]]:
    return sorted(
        (row.engagement_id, row.month, row.payday, row.due, row.paid, row.unpaid) for row in rows
    )


def two_workers() -> tuple[Engagement, Engagement]:
    """A sheet of two: one paid in part, the other not at all; payday 15 April."""
    project = city.project()
    a, b = city.worker(project), city.worker(project)
    city.sheet(project, "2026-03", {a: "5000.10", b: "6000.20"})
    city.pay(a, "2026-03", "1000.05", day("2026-04-15"))
    return a, b


@db
def test_what_is_owed_stands_from_the_day_after_the_payday() -> None:
    a, b = two_workers()
    cycles.compute(day("2026-04-15"))
    assert not Arrear.objects.exists()
    cycles.compute(day("2026-04-16"))
    assert facts(Arrear.objects.all()) == [
        (
            a.pk,
            MARCH,
            day("2026-04-15"),
            Decimal("5000.10"),
            Decimal("1000.05"),
            Decimal("4000.05"),
        ),
        (b.pk, MARCH, day("2026-04-15"), Decimal("6000.20"), Decimal(0), Decimal("6000.20")),
    ]
    row = Arrear.objects.get(engagement=b)
    assert row.since == day("2026-04-16") and row.days(day("2026-04-20")) == 5
    assert row.contractor_id == a.project.contractor_id and row.worker_id == b.worker_id


@db
def test_any_day_can_be_asked_and_the_table_stays() -> None:
    a, b = two_workers()
    city.pay(b, "2026-03", "6000.20", day("2026-05-04"))
    cycles.compute(day("2026-06-01"))
    before = facts(Arrear.objects.all())
    past = ledger.on(day("2026-04-20"), [a.project_id])
    assert {row.engagement_id: row.unpaid for row in past} == {
        a.pk: Decimal("4000.05"),
        b.pk: Decimal("6000.20"),
    }
    assert {row.as_of for row in past} == {day("2026-04-20")}
    assert ledger.on(day("2026-04-20"), []) == []
    assert facts(Arrear.objects.all()) == before


@db
def test_totals_by_age_add_up() -> None:
    project = city.project()
    months = ["2026-01", "2026-02", "2026-03", "2026-04", "2026-05"]
    a, b = city.worker(project), city.worker(project)
    for place, month in enumerate(months):
        city.sheet(project, month, {a: str(1000 + place), b: str(2000 + place)})
    cycles.compute(day("2026-06-16"))
    found = ledger.totals(Arrear.objects.all(), day("2026-06-16"))
    by_age = {age.key: owed for age, owed in found["ages"]}
    assert found["workers"] == 2 and found["rows"] == 10
    assert found["owed"] == sum(by_age.values()) == 15020
    assert by_age == {"week": 3008, "month": 0, "quarter": 6010, "older": 6002}
    [group] = ledger.grouped(Arrear.objects.all(), ("project",), day("2026-06-16"))
    assert group["owed"] == 15020 and group["workers"] == 2
    assert sum(group[age.key] for age in ledger.AGES) == 15020


@db
@pytest.mark.parametrize(
    ("days", "key"),
    [(1, "week"), (7, "week"), (8, "month"), (30, "month"), (31, "quarter"), (90, "quarter"),
     (91, "older"), (400, "older")],
)  # fmt: skip
def test_the_classes_of_ageing_turn_with_the_levels_of_e1(days: int, key: str) -> None:
    two_workers()
    as_of = day("2026-04-15") + days * DAY
    cycles.compute(as_of)
    for age in ledger.AGES:
        assert Arrear.objects.filter(age.q(as_of)).exists() == (age.key == key)


@db
def test_a_check_that_agrees_says_what_it_looked_at(capsys: Any) -> None:
    two_workers()
    cycles.compute(day("2026-05-01"))
    call_command("reconcile")
    said = capsys.readouterr().out
    assert "owed 10000.25" in said and "workers 2" in said and "agrees to the cent" in said
    assert not Difference.objects.exists()


@db
@pytest.mark.parametrize(
    ("spoil", "kinds"),
    [
        (lambda: Cycle.objects.update(unpaid=F("unpaid") + Decimal("0.01")), {"unpaid"}),
        (lambda: Cycle.objects.update(due=1), {"due"}),
        (lambda: Cycle.objects.update(unpaid_people=9), {"people"}),
        (lambda: Arrear.objects.filter(paid=0).delete(), {"ledger", "rows", "workers"}),
        (lambda: Arrear.objects.filter(paid=0).update(unpaid="6000.21"), {"ledger", "workers"}),
        (lambda: SheetLine.objects.update(net="6000.21"),
         {"due", "unpaid", "ledger", "workers"}),
        (lambda: PaymentMatch.objects.update(amount="9000"),
         {"account", "paid", "unpaid", "people", "ledger", "rows"}),
        (lambda: Cycle.objects.all().delete(), {"due", "paid", "unpaid", "people"}),
    ],
)  # fmt: skip
def test_a_figure_that_differs_is_stored_and_shouted(
    spoil: Any, kinds: set[str], capsys: Any
) -> None:
    two_workers()
    cycles.compute(day("2026-05-01"))
    spoil()
    if not Cycle.objects.exists():
        made = reconciliation.check(day("2026-05-01"))
        assert set(made.differences.values_list("kind", flat=True)) == kinds
        return
    with pytest.raises(SystemExit) as stopped:
        call_command("reconcile")
    assert stopped.value.code == 1
    assert set(Difference.objects.standing().values_list("kind", flat=True)) == kinds
    assert "differences" in capsys.readouterr().out


@db
def test_a_broken_chain_of_versions_is_seen() -> None:
    """The version in force was closed by nobody: the raw path takes the last one received."""
    project = city.project()
    a = city.worker(project)
    city.sheet(project, "2026-03", {a: "5000"})
    last = city.sheet(project, "2026-03", {a: "5100"}, known=day("2026-04-08"))
    Sheet.objects.filter(pk=last.pk).update(known_until=day("2026-04-20"))
    cycles.compute(day("2026-05-01"))
    made = reconciliation.check(day("2026-05-01"))
    found = {one.kind: (one.held, one.raw) for one in made.differences.all()}
    assert found["due"] == (0, 5100) and found["ledger"] == (0, 5100)


@db
def test_another_day_is_checked_without_touching_the_tables() -> None:
    _a, b = two_workers()
    city.pay(b, "2026-03", "6000.20", day("2026-05-04"))
    cycles.compute(day("2026-06-01"))
    with pytest.raises(SystemExit):
        Arrear.objects.update(unpaid="0.01")
        call_command("reconcile")
    cycles.compute(day("2026-06-01"))
    call_command("reconcile", as_of=day("2026-04-20"))
    assert set(Cycle.objects.values_list("as_of", flat=True)) == {day("2026-06-01")}
    assert not Difference.objects.standing().exists()  # the last check found none


@db
def test_queries_do_not_grow_with_rows() -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            two_workers()
        cycles.compute(day("2026-05-01"))
        with CaptureQueriesContext(connection) as queries:
            reconciliation.check(day("2026-05-01"))
            ledger.totals(Arrear.objects.all(), day("2026-05-01"))
            ledger.on(day("2026-05-01"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 24


MONTHS = ["2026-01", "2026-02", "2026-03"]
cents = st.integers(1, 900_000).map(lambda n: Decimal(n).scaleb(-2))
movement = st.tuples(
    st.sampled_from(["pay", "return", "cash", "correct", "back"]),
    st.integers(0, 3),
    st.sampled_from(MONTHS),
    cents,
    st.integers(1, 150),
)


class LedgerAddsUp(TestCase):
    """Ledger = sum over workers = what the cycles say is unpaid and overdue, whatever happened."""

    @settings(max_examples=25, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    @given(
        nets=st.lists(cents, min_size=12, max_size=12),
        moves=st.lists(movement, max_size=12),
        asked=st.integers(0, 260),
    )
    def test_on_random_small_cities(
        self, nets: list[Decimal], moves: list[Any], asked: int
    ) -> None:
        people = _people()
        for place, month in enumerate(MONTHS):
            for crew in (people[:2], people[2:]):
                first = place * 4 + people.index(crew[0])
                lines = dict(zip(crew, nets[first : first + 2], strict=True))
                city.sheet(crew[0].project, month, lines)
        for kind, who, month, amount, after in sorted(moves, key=lambda move: move[4]):
            _happen(kind, people[who], month, amount, dt.date(2026, 4, 6) + after * DAY)
        as_of = dt.date(2026, 1, 10) + asked * DAY
        cycles.compute(as_of)
        _adds_up(as_of)
        made = reconciliation.check(as_of)
        assert not made.differences.exclude(kind="account").exists()


def _people() -> list[Engagement]:
    one, two = city.project(), city.project()
    sub = city.company()
    return [city.worker(one), city.worker(one), city.worker(two, sub), city.worker(two, sub)]


def _happen(kind: str, who: Engagement, month: str, amount: Decimal, known: dt.date) -> None:
    if kind in ("pay", "return"):
        city.pay(who, month, amount, known - DAY, known, returned=kind == "return")
    elif kind == "cash":
        line = SheetLine.objects.filter(engagement=who, confirmation=None).first()
        if line:
            Confirmation.objects.create(
                line=line,
                engagement=who,
                sheet_month=line.worked_month,
                worked_month=line.worked_month,
                amount=amount,
                is_cash=True,
                verdict="confirmed",
                answered_at=dt.datetime.combine(known, dt.time(9), dt.UTC),
                known_from=known,
            )
    elif kind == "correct":
        city.sheet(who.project, month, {who: amount}, known=known, employer=who.employer)
    else:
        later = Month.parse(month) + 4
        back = {"net": amount, "is_back_pay": True, "worked_month": Month.parse(month)}
        city.sheet(who.project, str(later), {who: back}, known=known, employer=who.employer)


def _adds_up(as_of: dt.date) -> None:
    overdue = Cycle.objects.filter(payday__lt=as_of, unpaid__gt=0)
    keys = {(c.project_id, c.employer_id, c.month): c for c in overdue}
    rows: dict[Any, list[Arrear]] = {}
    for row in Arrear.objects.all():
        rows.setdefault((row.project_id, row.employer_id, row.month), []).append(row)
    assert set(rows) == set(keys)
    owed = claims.of(as_of, keys, unpaid_only=True, named=False)
    for key, cycle in keys.items():
        assert sum(row.unpaid for row in rows[key]) == cycle.unpaid
        assert len(rows[key]) == cycle.unpaid_people
        assert {r.engagement_id: (r.due, r.paid, r.unpaid) for r in rows[key]} == {
            claim.engagement_id: (claim.due, claim.paid, claim.unpaid) for claim in owed[key]
        }
    total = ledger.totals(Arrear.objects.all(), as_of)
    assert total["owed"] == sum((c.unpaid for c in keys.values()), Decimal(0))
    assert total["owed"] == sum((owed for _, owed in total["ages"]), Decimal(0))
    assert facts(ledger.on(as_of)) == facts(Arrear.objects.all())
