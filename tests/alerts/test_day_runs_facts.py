"""Each kind of fact that a kept answer rests on is seen when it comes (engine.evaluate_days)."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from alerts import engine
from alerts.models import Warning
from payroll.models import Cycle, PaymentMatch
from projects.models import Engagement
from tests import factories as city
from tests.alerts.judge import day
from wagewatch import vault
from wagewatch.calendars import DAY

# In a city to which nothing else comes meanwhile: with the kind left out of the rule's list, or of
# what cycles are made from, the run would not see it.

ON, APRIL = day("2026-06-10"), "2026-04"
BEFORE = day("2026-05-05")


def site(known: dt.date = city.EARLY) -> Engagement:
    """A worker on a project who worked in April and was paid for it."""
    one = city.worker(city.project(), known=known)
    city.attend(one, APRIL)
    city.pay(one, APRIL, "6000", day("2026-05-12"))
    return one


def beside(one: Engagement, **more: Any) -> Engagement:
    """Another worker of the same project."""
    return city.worker(one.project, **more)


UNSIGNED = {"net": Decimal(6000), "confirmed_on": None}


def cycles_projects() -> None:
    project = city.project(known=ON)
    one = city.worker(project)
    city.attend(one, APRIL)


def cycles_confirmations() -> None:
    one = city.worker(city.project())
    paper = city.sheet(one.project, APRIL, {one: "6000"})
    city.answer(paper.lines.get(), "confirmed", ON, is_cash=True)


def cycles_registrations() -> None:
    one = city.worker(city.project(), known=ON)
    city.attend(one, APRIL)


def c2_attendance() -> None:
    one = city.worker(city.project(), registered=False)
    city.attend(one, APRIL, known=ON)


def c3_sheets() -> None:
    one = site()
    city.sheet(one.project, APRIL, {one: "6000", beside(one): "6000"}, known=ON)


def c3_attendance() -> None:
    one = site()
    other = beside(one)
    city.sheet(one.project, APRIL, {one: "6000", other: "6000"})
    city.attend(other, APRIL, known=ON)


def c3_registrations() -> None:
    one = site(known=ON)
    city.sheet(one.project, APRIL, {one: "6000", beside(one): "6000"})


def c3_projects() -> None:
    project = city.project(known=ON)
    one, other = city.worker(project), city.worker(project)
    city.attend(one, APRIL)
    city.sheet(project, APRIL, {one: "6000", other: "6000"})


def c3_running() -> None:
    """May ends on the day: its sheet came before."""
    one = site()
    city.attend(one, "2026-05", known=BEFORE, days=[day("2026-05-04")])
    city.sheet(one.project, "2026-05", {one: "6000", beside(one): "6000"}, known=day("2026-05-20"))


def c4_sheets() -> None:
    one = site()
    city.sheet(one.project, APRIL, {one: {"net": Decimal(6000), "days": Decimal(9)}}, known=ON)


def c4_attendance() -> None:
    one = city.worker(city.project())
    city.attend(one, APRIL, days=[day("2026-04-20")])
    city.sheet(one.project, APRIL, {one: {"net": Decimal(6000), "days": Decimal(20)}})
    city.attend(one, APRIL, known=ON, days=[day(f"2026-04-{n:02}") for n in range(1, 20)])


def c4_registrations() -> None:
    one = site(known=ON)
    city.sheet(one.project, APRIL, {one: {"net": Decimal(6000), "days": Decimal(9)}})


def c4_projects() -> None:
    one = city.worker(city.project(known=ON))
    city.attend(one, APRIL)
    city.sheet(one.project, APRIL, {one: {"net": Decimal(6000), "days": Decimal(9)}})


def c4_running() -> None:
    one = site()
    city.attend(one, "2026-05", known=BEFORE, days=[day("2026-05-04")])
    city.sheet(one.project, "2026-05", {one: "6000"}, known=day("2026-05-20"))


def d2_sheets() -> None:
    """A second version leaves a worker out: no more sheets are past their day than before."""
    one = site()
    other = beside(one)
    city.attend(other, APRIL)
    city.sheet(one.project, APRIL, {one: "6000", other: "6000"})
    city.sheet(one.project, APRIL, {one: "6000"}, known=ON)


def d2_attendance() -> None:
    one = site()
    city.sheet(one.project, APRIL, {one: "6000"})
    city.attend(beside(one), APRIL, known=ON)


def d2_registrations() -> None:
    one = site()
    city.sheet(one.project, APRIL, {one: "6000"})
    city.attend(beside(one, known=ON), APRIL)


def d2_past() -> None:
    """The sheet of May was due on the day before."""
    one = site()
    city.attend(one, "2026-05")
    city.attend(beside(one), "2026-05")
    city.sheet(one.project, "2026-05", {one: "6000"}, known=day("2026-06-02"))


def d3_sheets() -> None:
    one = site()
    city.sheet(one.project, APRIL, {one: "6000"})
    city.sheet(one.project, APRIL, {one: "6000", beside(one): UNSIGNED}, known=ON)


def d3_confirmations() -> None:
    one = site()
    paper = city.sheet(one.project, APRIL, {one: UNSIGNED})
    city.answer(paper.lines.get(), "confirmed", ON)


def d3_past() -> None:
    """The payday of May was the day before."""
    one = site()
    city.sheet(one.project, "2026-05", {one: UNSIGNED}, known=day("2026-06-02"))


def d4_sheets() -> None:
    one = site()
    city.sheet(one.project, APRIL, {one: "100"}, known=ON)


def d4_running() -> None:
    one = site()
    city.attend(one, "2026-05", days=[day(f"2026-05-{n:02}") for n in range(1, 25)])
    city.sheet(one.project, "2026-05", {one: "100"}, known=day("2026-05-26"))


def e5_sheets() -> None:
    one = site()
    other = beside(one)
    card = one.worker.cards.get().number_hash
    lines = {one: "6000", other: {"net": Decimal(6000), "card_hash": card}}
    city.sheet(one.project, APRIL, lines, known=ON)


def e5_cards() -> None:
    one = site()
    number = city.card_number(990_001)
    line = {"net": Decimal(6000), "card_hash": vault.blind(number)}
    city.sheet(one.project, APRIL, {one: line})
    city.add_card(beside(one).worker, number, known=ON)


def e9_entries() -> None:
    one = site()
    city.debit(one.project, one, "60000", day("2026-06-09"), known=ON)


def e9_payments() -> None:
    """The sheet that tells whose wage the entry was came later than the entry."""
    one = site()
    entry = city.pay(one, APRIL, "60000", day("2026-05-12"))
    PaymentMatch.objects.filter(entry=entry).update(known_from=ON)


def e9_cards() -> None:
    one = site()
    city.debit(one.project, one, "60000", day("2026-05-12"))
    one.worker.cards.update(known_from=ON)


def e9_engagements() -> None:
    one = site(known=ON)
    city.debit(one.project, one, "60000", day("2026-05-12"))
    one.worker.cards.update(known_from=BEFORE)


NEXT = day("2026-06-01")
BRINGS = [
    *(("", ON, make) for make in (cycles_projects, cycles_confirmations, cycles_registrations)),
    ("C2", ON, c2_attendance),
    *(("C3", ON, make) for make in (c3_sheets, c3_attendance, c3_registrations, c3_projects)),
    *(("C4", ON, make) for make in (c4_sheets, c4_attendance, c4_registrations, c4_projects)),
    *(("C3", NEXT, c3_running), ("C4", NEXT, c4_running), ("D4", NEXT, d4_running)),
    *(("D2", ON, make) for make in (d2_sheets, d2_attendance, d2_registrations)),
    *(("D3", ON, make) for make in (d3_sheets, d3_confirmations)),
    *(("D2", day("2026-06-11"), d2_past), ("D3", day("2026-06-16"), d3_past)),
    *(("D4", ON, d4_sheets), ("E5", ON, e5_sheets), ("E5", ON, e5_cards)),
    *(("E9", ON, make) for make in (e9_entries, e9_payments, e9_cards, e9_engagements)),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("rule", "on", "make"), BRINGS)
def test_a_run_sees_what_a_day_brings(rule: str, on: dt.date, make: Callable[[], None]) -> None:
    make()
    asked = [on + number * DAY for number in (-2, -1, 0, 1)]

    def told(*_: object) -> tuple[list[Any], list[Any]]:
        warnings = Warning.objects.open().filter(rule=rule).order_by("pk")
        cycles = Cycle.objects.order_by("project", "month")
        return (
            list(warnings.values_list("month", "level", "workers", "amount", "data_missing")),
            list(cycles.values_list("month", "due", "paid", "attended_people", "last_attended")),
        )

    with transaction.atomic():
        one_by_one = [(engine.evaluate(each), told())[1] for each in asked]
        transaction.set_rollback(True)
    of = 0 if rule else 1
    assert one_by_one[0][of] == one_by_one[1][of] != one_by_one[2][of]
    in_a_run: list[Any] = []
    engine.evaluate_days(asked, tell=lambda done: in_a_run.append(told()))
    assert in_a_run == one_by_one
