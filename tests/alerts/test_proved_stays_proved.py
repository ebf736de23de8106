"""What bank data prove of some months is held against a company although the file of another
month's payday has not come; and only that."""

from typing import Any

import pytest

from alerts.models import Level
from projects.models import Engagement, Project
from tests import factories as city
from tests.alerts.judge import day, judge, opened, the
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
MARCH, APRIL = Month.parse("2026-03"), Month.parse("2026-04")


def site(workers: int = 3, months: tuple[str, ...] = ("2026-03", "2026-04")) -> Any:
    """Nobody is paid for these months (paydays 15 April, 15 May, 15 June); the bank's data reach
    the 10th of the month of the last payday."""
    project = city.project()
    people = [city.worker(project) for _ in range(workers)]
    for month in months:
        city.sheet(project, month, dict.fromkeys(people, "5000"))
    last = (Month.parse(months[-1]) + 1).first
    city.statement(project, last.replace(day=10))
    return project, people


def complete(project: Project) -> None:
    facts = {"status": "004", "complete_date": day("2026-04-10")}
    city.change_project(project, day("2026-04-10"), **facts)


def file_comes(project: Project, until: str, known: str) -> None:
    city.statement(project, day(until), known=day(known))


def test_f1_holds_the_proved_month_against_the_company() -> None:
    project, _ = site()
    complete(project)
    judge("2026-05-15")
    assert not the("F1").data_missing and the("F1").amount == 15000
    judge("2026-05-16")  # April's payday has passed, and nobody knows whether it was paid
    warning = the("F1")
    assert not warning.data_missing and (warning.amount, warning.month) == (15000, MARCH)
    assert len(warning.evidence["rows"]) == 1
    assert the("E1", month=APRIL).data_missing
    file_comes(project, "2026-05-15", "2026-05-18")
    judge("2026-05-18")
    assert not the("F1").data_missing and the("F1").amount == 30000
    assert the("E1", month=APRIL).folded_under == the("F1")


def test_f1_asks_while_no_month_is_proved() -> None:
    complete(site(months=("2026-03",))[0])
    judge("2026-04-16")
    assert the("F1").data_missing and the("F1").amount == 15000


def test_e7_counts_the_proved_months() -> None:
    project, _ = site(months=("2026-03", "2026-04", "2026-05"))
    judge("2026-06-16")
    warning = the("E7")
    assert not warning.data_missing and warning.level == Level.ORANGE
    assert (warning.amount, len(warning.evidence["rows"])) == (30000, 2)
    file_comes(project, "2026-06-15", "2026-06-17")
    judge("2026-06-17")
    assert the("E7").pk == warning.pk and the("E7").level == Level.RED
    assert not the("E7").data_missing and the("E7").amount == 45000


def test_e7_asks_where_one_month_alone_is_proved() -> None:
    site()
    judge("2026-05-16")
    assert the("E7").data_missing and the("E7").amount == 30000


@pytest.mark.parametrize(("workers", "proved"), [(10, True), (5, False)])
def test_e8_reaches_the_sum_by_the_proved_months(workers: int, proved: bool) -> None:
    """Ten workers of one month are owed 50,000; five of two months are not ten. Those of April are
    others."""
    project, _ = site(workers, months=("2026-03",))
    others = [city.worker(project) for _ in range(10 - workers or 3)]
    city.sheet(project, "2026-04", dict.fromkeys(others, "5000"))
    file_comes(project, "2026-05-10", "2026-05-11")
    judge("2026-05-16")
    warning = the("E8")
    assert warning.data_missing is not proved
    assert warning.workers == 10 and warning.amount == 50000
    file_comes(project, "2026-05-15", "2026-05-18")
    judge("2026-05-18")
    assert not the("E8").data_missing and the("E8").workers == 10 + (3 if proved else 0)


def returned_on(person: Engagement, on: str) -> None:
    city.pay(person, "2026-03", "5000", day("2026-04-15"))
    city.pay(person, "2026-03", "5000", day(on), known=day("2026-04-21"), returned=True)


def test_e4_holds_those_whose_limit_the_bank_data_reach() -> None:
    """Back on 16 and on 20 April: to be paid again by the 23rd and the 27th."""
    project, people = site(months=("2026-03",))
    returned_on(people[0], "2026-04-16")
    returned_on(people[1], "2026-04-20")
    city.pay(people[2], "2026-03", "5000", day("2026-04-15"))
    file_comes(project, "2026-04-20", "2026-04-21")
    judge("2026-04-24")
    assert the("E4").data_missing
    file_comes(project, "2026-04-25", "2026-04-26")
    judge("2026-04-29")
    warning = the("E4")
    assert not warning.data_missing and (warning.workers, warning.amount) == (1, 5000)
    assert warning.since == day("2026-04-24")
    file_comes(project, "2026-04-30", "2026-05-01")
    judge("2026-05-01")
    assert (the("E4").workers, the("E4").since) == (2, day("2026-04-24"))
    assert not opened("E7")
