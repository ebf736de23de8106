"""The facts of pay cycles: exact on any day, for all projects or for a few."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from payroll import claims, cycles, paydays
from payroll.models import Cycle, Payday, SheetLine
from tests import factories as city
from wagewatch.calendars import WorkingDays
from wagewatch.models import CalendarDay
from wagewatch.months import Month

pytestmark = pytest.mark.django_db

MARCH = Month.parse("2026-03")


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def one(**conditions: object) -> Cycle:
    return Cycle.objects.get(**({"month": MARCH} | conditions))


def test_a_cycle_adds_up() -> None:
    project = city.project()
    a, b, c = (city.worker(project) for _ in range(3))
    for person in (a, b, c):
        city.attend(person, "2026-03")
    sheet = city.sheet(project, "2026-03", {a: "5000.10", b: "6000.20", c: "7000.30"})
    city.pay(a, "2026-03", "5000.10", day("2026-04-14"))
    city.pay(b, "2026-03", "1000.20", day("2026-04-15"))
    city.credit(project, "20000", day("2026-03-20"))
    assert cycles.compute(day("2026-05-01")) == 1
    cycle = one()
    assert cycle.payday == day("2026-04-15")
    assert cycle.sheet_due == day("2026-04-10")
    assert (cycle.attended_people, cycle.attended_days) == (3, 66)
    assert cycle.last_attended == day("2026-03-31")
    assert cycle.sheet == sheet
    assert cycle.sheet_received == day("2026-04-05")
    assert cycle.sheet_people == 3
    assert cycle.due == Decimal("18000.60")
    assert cycle.disbursed == Decimal("20000.00")
    assert cycle.paid == Decimal("6000.30")
    assert cycle.paid_people == 1
    assert cycle.unpaid == Decimal("12000.30")
    assert cycle.unpaid_people == 2
    assert cycle.last_paid_on == day("2026-04-15")


def test_only_what_was_known_counts() -> None:
    project = city.project()
    a = city.worker(project)
    city.attend(a, "2026-03")
    city.sheet(project, "2026-03", {a: "5000"}, known=day("2026-04-08"))
    city.pay(a, "2026-03", "5000", day("2026-04-15"), known=day("2026-04-17"))
    cycles.compute(day("2026-03-11"))
    assert one().attended_days == 7  # 2-6 and 9-10 March, each known the day after
    assert one().last_attended == day("2026-03-10")
    cycles.compute(day("2026-04-07"))
    assert one().sheet is None and one().due == 0 and one().attended_days == 22
    cycles.compute(day("2026-04-16"))
    assert one().unpaid == 5000 and one().paid == 0
    cycles.compute(day("2026-04-17"))
    assert one().unpaid == 0 and one().paid_people == 1
    cycles.compute(day("2026-02-01"))
    assert not Cycle.objects.exists()


def test_a_correction_replaces_the_sheet_and_keeps_what_was_paid() -> None:
    project = city.project()
    a, b = city.worker(project), city.worker(project)
    city.sheet(project, "2026-03", {a: "5000"}, known=day("2026-04-05"))
    city.pay(a, "2026-03", "5000", day("2026-04-15"))
    second = city.sheet(project, "2026-03", {a: "5500", b: "4000"}, known=day("2026-04-20"))
    cycles.compute(day("2026-04-19"))
    assert one().due == 5000 and one().unpaid == 0
    cycles.compute(day("2026-04-20"))
    cycle = one()
    assert cycle.sheet == second and cycle.sheet_received == day("2026-04-05")
    assert cycle.due == 9500 and cycle.unpaid == 4500 and cycle.unpaid_people == 2


def test_overpaying_one_does_not_pay_another() -> None:
    project = city.project()
    a, b = city.worker(project), city.worker(project)
    city.sheet(project, "2026-03", {a: "5000", b: "5000"})
    city.pay(a, "2026-03", "9000", day("2026-04-15"))
    cycles.compute(day("2026-04-30"))
    assert one().unpaid == 5000 and one().unpaid_people == 1 and one().paid_people == 1


def test_a_return_takes_the_payment_back() -> None:
    project = city.project()
    a = city.worker(project)
    city.sheet(project, "2026-03", {a: "5000"})
    city.pay(a, "2026-03", "5000", day("2026-04-15"))
    city.pay(a, "2026-03", "5000", day("2026-04-16"), returned=True)
    cycles.compute(day("2026-04-16"))
    assert one().unpaid == 0
    cycles.compute(day("2026-04-17"))
    assert one().paid == 0 and one().returned == 5000 and one().unpaid == 5000


def test_back_pay_counts_only_where_the_month_has_no_ordinary_line() -> None:
    project = city.project()
    a, b = city.worker(project), city.worker(project)
    city.sheet(project, "2026-03", {a: "5000"})
    back = {"net": Decimal(700), "is_back_pay": True, "worked_month": MARCH}
    april = city.sheet(project, "2026-04", {a: "5100", b: back})
    SheetLine.objects.create(
        sheet=april, engagement=a, row=9, gross=300, net=300, is_back_pay=True, worked_month=MARCH
    )
    cycles.compute(day("2026-06-30"))
    assert one().due == 5700  # 5000 of a, 700 of b; a's back pay settles what stands already
    assert one(month=Month.parse("2026-04")).due == 5100
    key = (project.pk, project.contractor_id, MARCH)
    owed = claims.of(day("2026-06-30"), [key])[key]
    assert {claim.engagement_id: claim.due for claim in owed} == {a.pk: 5000, b.pk: 700}


def test_unregistered_workers_do_not_count() -> None:
    project = city.project()
    city.attend(city.worker(project, registered=False), "2026-03")
    assert cycles.compute(day("2026-04-30")) == 0


def test_payday_moves_before_a_holiday_and_follows_the_calendar() -> None:
    project = city.project(pay_day=3)
    a = city.worker(project)
    city.sheet(project, "2026-04", {a: "5000"})
    cycles.compute(day("2026-05-06"))
    april = {"month": Month.parse("2026-04")}
    assert one(**april).payday == day("2026-04-30")  # 1-5 May 2026 are holidays
    CalendarDay.objects.create(date=day("2026-05-03"), is_workday=True, source="test")
    cycles.compute(day("2026-05-06"))
    assert one(**april).payday == day("2026-05-03")
    assert Payday.objects.filter(month=Month.parse("2026-04")).count() == 28


def test_a_few_projects_leave_the_others_alone() -> None:
    first, second = city.project(), city.project()
    for project in (first, second):
        city.sheet(project, "2026-03", {city.worker(project): "5000"})
    cycles.compute(day("2026-05-01"))
    untouched = Cycle.objects.get(project=second).pk
    assert cycles.compute(day("2026-05-02"), [first.pk]) == 1
    assert Cycle.objects.get(project=second).pk == untouched
    assert Cycle.objects.get(project=first).as_of == day("2026-05-02")
    assert cycles.compute(day("2026-05-02"), []) == 0


def test_a_few_projects_give_what_the_city_gives() -> None:
    projects = [city.project(), city.project()]
    for project in projects:
        a, b = city.worker(project), city.worker(project, city.company())
        for person in (a, b):
            city.attend(person, "2026-03")
            city.sheet(project, "2026-03", {person: "5000"})
        city.pay(a, "2026-03", "5000", day("2026-04-15"))
    fields = [field.name for field in Cycle._meta.fields if field.name != "id"]
    cycles.compute(day("2026-05-01"))
    whole = list(Cycle.objects.values_list(*fields))
    for project in projects:
        cycles.compute(day("2026-05-01"), [project.pk])
    assert list(Cycle.objects.values_list(*fields)) == whole


def test_statements_do_not_grow_with_rows() -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            project = city.project()
            person = city.worker(project)
            city.attend(person, "2026-03")
            city.sheet(project, "2026-03", {person: "5000"})
        cycles.compute(day("2026-05-01"))
        with CaptureQueriesContext(connection) as queries:
            cycles.compute(day("2026-05-01"))
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 13


@pytest.mark.parametrize(
    ("known", "february", "march"),
    [
        ("2026-02-28", 25, 24),
        ("2026-03-01", 13, 24),  # for March, and not for February's wages already earned
        ("2026-03-31", 13, 24),
        ("2026-04-01", 13, 15),
    ],
)
def test_a_later_pay_day_does_not_move_the_payday_of_months_that_have_ended(
    known: str, february: int, march: int
) -> None:
    """The 15th until `known` (15 March 2026 is a Sunday), then the 25th (25 April is a
    Saturday)."""
    project = city.project()
    person = city.worker(project)
    for month in ("2026-02", "2026-03"):
        city.sheet(project, month, {person: "5000"})
    city.change_project(project, day(known), pay_day=25)
    cycles.compute(day("2026-06-10"))
    found = list(Cycle.objects.order_by("month"))
    assert [cycle.payday.day for cycle in found] == [february, march]
    agreed = paydays.PayDays(day("2026-06-10"), [project.pk])
    for cycle in found:
        moved = WorkingDays().payday(cycle.month, agreed.of(project.pk, cycle.month))
        assert moved == cycle.payday


def test_a_project_that_came_on_record_after_the_month_has_its_first_pay_day() -> None:
    project = city.project(known=day("2026-05-02"))
    city.change_project(project, day("2026-05-20"), pay_day=25)
    city.sheet(project, "2026-03", {city.worker(project): "5000"})
    cycles.compute(day("2026-06-10"))
    assert one().payday == day("2026-04-15")
