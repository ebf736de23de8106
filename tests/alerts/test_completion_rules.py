"""F1, F2, F3: must fire, must not, the days at the edges, and what was known when."""

from decimal import Decimal

import pytest

from alerts.models import Level
from projects.models import Engagement, Project
from tests import factories as city
from tests.alerts.judge import day, judge, opened, the, value
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
MARCH = Month.parse("2026-03")


@pytest.fixture
def site() -> tuple[Project, list[Engagement]]:
    """Three workers, the March sheet in time, bank data to December; payday 15 April."""
    project = city.project()
    people = [city.worker(project) for _ in range(3)]
    city.sheet(project, "2026-03", dict.fromkeys(people, "5000"), filename="三月工资.xlsx")
    city.statement(project, day("2026-12-31"), known=day("2026-04-01"))
    return project, people


def complete(project: Project, on: str, known: str = "") -> None:
    city.change_project(project, day(known or on), status="004", complete_date=day(on))


def pay_all(people: list[Engagement], on: str = "2026-04-15", month: str = "2026-03") -> None:
    for person in people:
        city.pay(person, month, "5000", day(on), known=day(on))


# ---- F1


def test_f1_waits_for_completion_and_for_the_payday(site) -> None:
    project, people = site
    complete(project, "2026-04-10")
    judge("2026-04-15")
    assert not opened("F1")
    judge("2026-04-16")
    warning = the("F1")
    assert (warning.level, warning.company) == (Level.RED, project.contractor)
    assert (warning.month, warning.since) == (MARCH, day("2026-04-16"))
    assert (warning.workers, warning.amount) == (3, Decimal(15000))
    assert not warning.data_missing
    assert value(warning, "Completed or suspended on") == "2026-04-10"
    assert the("E1").folded_under == warning
    pay_all(people, "2026-04-20")
    judge("2026-04-20")
    assert not opened("F1")


def test_f1_by_what_was_known_on_the_day(site) -> None:
    project, _ = site
    complete(project, "2026-04-10", known="2026-04-18")
    judge("2026-04-17")
    assert not opened("F1")
    judge("2026-04-18")
    assert the("F1").since == day("2026-04-16")


@pytest.mark.parametrize(("status", "fires"), [("003", False), ("004", True), ("005", True)])
def test_f1_completed_or_suspended(site, status: str, fires: bool) -> None:
    project, _ = site
    city.change_project(project, day("2026-04-12"), status=status)
    judge("2026-04-16")
    assert bool(opened("F1")) == fires


def test_f1_clears_when_work_goes_on(site) -> None:
    project, _ = site
    city.change_project(project, day("2026-04-12"), status="005")
    city.change_project(project, day("2026-05-01"), status="003")
    judge("2026-04-30")
    assert opened("F1")
    judge("2026-05-01")
    assert not opened("F1") and the("E1").folded_under is None


def test_f1_groups_the_months_of_each_employer(site) -> None:
    project, people = site
    sub = city.worker(project, city.company())
    city.sheet(project, "2026-02", {people[0]: "4000"})
    city.sheet(project, "2026-03", {sub: "7000"})
    complete(project, "2026-04-10")
    judge("2026-04-16")
    own = the("F1", company=project.contractor)
    assert (own.month, own.amount) == (Month.parse("2026-02"), Decimal(19000))
    assert value(own, "Months unpaid") == "2"
    assert value(own, "Unpaid for 2026-02", "arithmetic") == "4000.00"
    assert value(own, "Unpaid for 2026-03", "arithmetic") == "15000.00"
    assert value(own, "Unpaid in all", "arithmetic") == "19000.00"
    assert [row["unpaid"] for row in own.evidence["rows"]] == ["4000.00", "15000.00"]
    assert {w.folded_under for w in opened("E1", company=project.contractor)} == {own}
    assert the("E7").folded_under == own
    assert the("E1", company=sub.employer).folded_under == the("F1", company=sub.employer)


def test_f1_is_marked_where_the_bank_data_end_before_the_payday() -> None:
    project = city.project()
    city.sheet(project, "2026-03", {city.worker(project): "5000"})
    city.statement(project, day("2026-04-10"))
    complete(project, "2026-04-10")
    judge("2026-04-16")
    assert the("F1").data_missing


# ---- F2


@pytest.mark.parametrize(
    ("closed", "fires"), [("2026-05-09", True), ("2026-05-10", False), ("2026-05-20", False)]
)
def test_f2_thirty_days_after_completion(site, closed: str, fires: bool) -> None:
    project, people = site
    pay_all(people)
    complete(project, "2026-04-10")
    city.close_account(project, day(closed))
    judge("2026-05-08")
    assert not opened("F2")
    judge("2026-05-20")
    assert bool(opened("F2")) == fires


def test_f2_evidence_and_the_days_it_is_shown(site) -> None:
    project, people = site
    pay_all(people)
    complete(project, "2026-04-10")
    account = city.close_account(project, day("2026-05-01"), known=day("2026-05-04"))
    judge("2026-05-03")
    assert not opened("F2")
    judge("2026-05-04")
    warning = the("F2")
    assert (warning.level, warning.company) == (Level.ORANGE, project.contractor)
    assert (warning.month, warning.since) == (None, day("2026-05-01"))
    assert (warning.workers, warning.amount) == (0, 0) and not warning.data_missing
    assert value(warning, "Days of notice owed", "arithmetic") == "30"
    assert value(warning, "Days from completion to closing", "arithmetic") == "21"
    assert value(warning, "Days short", "arithmetic") == "9"
    [row] = warning.evidence["rows"]
    assert (row["number"], row["closed"], row["known"]) == (
        account.number,
        "2026-05-01",
        "2026-05-04",
    )
    assert [source["feed"] for source in warning.evidence["sources"]]
    judge("2026-07-30")  # ninety days after the closing
    assert opened("F2")
    judge("2026-07-31")
    assert not opened("F2")


def test_f2_closed_on_a_project_that_is_not_completed(site) -> None:
    project, people = site
    pay_all(people)
    city.close_account(project, day("2026-04-20"))
    judge("2026-04-20")
    assert value(the("F2"), "Closed on") == "2026-04-20"
    judge("2026-12-31")
    assert opened("F2")
    city.open_account(project, day("2027-01-04"))
    judge("2027-01-04")
    assert not opened("F2")


def test_f2_another_account_of_the_project_is_open(site) -> None:
    project, _ = site
    city.close_account(project, day("2026-04-20"))
    city.open_account(project, day("2026-04-18"))
    judge("2026-04-21")
    assert not opened("F2")


def test_f2_closed_while_unpaid(site) -> None:
    project, people = site
    complete(project, "2026-03-10")
    city.close_account(project, day("2026-04-15"))
    judge("2026-04-15")
    assert not opened("F2")  # 36 days after completion, the payday is today
    judge("2026-04-16")
    warning = the("F2")
    assert (warning.workers, warning.amount) == (3, Decimal(15000))
    assert warning.since == day("2026-04-16") and not warning.data_missing
    assert value(warning, "Unpaid in all", "arithmetic") == "15000.00"
    pay_all(people, "2026-04-20")
    judge("2026-04-20")
    assert not opened("F2")


def test_f2_accuses_nobody_without_the_day_of_completion(site) -> None:
    project, people = site
    pay_all(people)
    city.change_project(project, day("2026-05-04"), status="004")
    city.close_account(project, day("2026-05-04"))
    judge("2026-05-05")
    assert not opened("F2")


def test_f2_a_frozen_account_is_not_closed(site) -> None:
    project, _ = site
    project.accounts.get().versions.update(status="frozen")
    judge("2026-04-20")
    assert not opened("F2")


# ---- F3


def test_f3_thirty_days_after_the_exit(site) -> None:
    project, people = site
    pay_all(people[1:])
    for person in people[:2]:
        city.leave(person, day("2026-03-25"))
    judge("2026-04-23")
    assert not opened("F3") and opened("E2")
    judge("2026-04-24")
    warning = the("F3")
    assert (warning.level, warning.company) == (Level.YELLOW, project.contractor)
    assert (warning.month, warning.since) == (MARCH, day("2026-04-24"))
    assert (warning.workers, warning.amount) == (1, Decimal(5000))
    assert value(warning, "First exit") == "2026-03-25"
    assert value(warning, "Due to the workers listed", "arithmetic") == "5000.00"
    assert value(warning, "Still unpaid", "arithmetic") == "5000.00"
    [row] = warning.evidence["rows"]
    assert row["worker"] == people[0].worker.name and "*" in row["id"]
    assert (row["left_on"], row["days"], row["unpaid"]) == ("2026-03-25", "30", "5000.00")
    city.pay(people[0], "2026-03", "5000", day("2026-04-25"))
    judge("2026-04-26")
    assert not opened("F3")


def test_f3_the_payday_must_have_passed(site) -> None:
    _, people = site
    city.leave(people[0], day("2026-03-02"))
    judge("2026-04-15")
    assert not opened("F3")
    judge("2026-04-16")
    assert the("F3").since == day("2026-04-16")


def test_f3_an_exit_counts_from_the_day_it_is_known(site) -> None:
    _, people = site
    city.leave(people[0], day("2026-03-10"), known=day("2026-05-04"))
    judge("2026-05-03")
    assert not opened("F3")
    judge("2026-05-04")
    assert opened("F3")


def test_f3_not_for_those_who_stay_or_months_after_the_exit(site) -> None:
    project, people = site
    pay_all(people)
    city.leave(people[0], day("2026-03-10"))
    city.sheet(project, "2026-04", dict.fromkeys(people, "5000"))
    judge("2026-05-18")
    assert opened("E1") and not opened("F3")


def test_f3_stands_under_f1(site) -> None:
    project, people = site
    city.leave(people[0], day("2026-03-10"))
    complete(project, "2026-04-01")
    judge("2026-04-20")
    assert the("F3").folded_under == the("F1")


def test_f3_is_marked_where_the_bank_data_end_before_the_payday() -> None:
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "5000"})
    city.statement(project, day("2026-04-10"))
    city.leave(person, day("2026-03-10"))
    judge("2026-04-20")
    assert the("F3").data_missing
