"""E3, E6, E8, E9: must fire, must not, the days at the edges, and what was known when."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import Level
from alerts.rules import catalogue
from alerts.rules.base import Scope
from projects.models import Engagement, Project
from tests import factories as city
from tests.alerts.judge import day, judge, opened, the, value
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
MARCH = Month.parse("2026-03")


@pytest.fixture
def site() -> tuple[Project, list[Engagement]]:
    """A project with three workers, its March sheet received in time, and bank data to December.
    The payday is 15 April."""
    project = city.project()
    people = [city.worker(project) for _ in range(3)]
    city.sheet(project, "2026-03", dict.fromkeys(people, "5000"), filename="三月工资.xlsx")
    city.statement(project, day("2026-12-31"), known=day("2026-04-01"))
    return project, people


# ---- E3


def test_e3_opens_when_the_rest_is_paid_late_and_fades_after_31_days(site) -> None:
    project, people = site
    city.pay(people[0], "2026-03", "5000", day("2026-04-15"))
    city.pay(people[1], "2026-03", "5000", day("2026-04-18"))
    city.pay(people[2], "2026-03", "3000", day("2026-04-15"))
    city.pay(people[2], "2026-03", "2000", day("2026-04-20"), known=day("2026-04-25"))
    judge("2026-04-24")
    assert not opened("E3") and opened("E2")
    judge("2026-04-25")
    warning = the("E3")
    assert not opened("E2")
    assert (warning.company, warning.month) == (project.contractor, MARCH)
    assert (warning.level, warning.workers) == (Level.BLUE, 2)
    assert warning.amount == Decimal(7000) and warning.since == day("2026-04-16")
    assert value(warning, "Paid in full on") == "2026-04-20"
    assert value(warning, "Days late") == "5"
    assert value(warning, "Clears on") == "2026-05-22"
    assert value(warning, "Due to the workers listed", "arithmetic") == "10000.00"
    assert value(warning, "Paid by the payday and kept", "arithmetic") == "3000.00"
    assert value(warning, "Paid late", "arithmetic") == "7000.00"
    rows = warning.evidence["rows"]
    assert [(row["late"], row["settled"], row["days"]) for row in rows] == [
        ("5000.00", "2026-04-18", "3"),
        ("2000.00", "2026-04-20", "5"),
    ]
    assert rows[0]["worker"] == people[1].worker.name and "*" in rows[0]["id"]
    judge("2026-05-21")  # day 31 after the last payment
    assert opened("E3")
    judge("2026-05-22")
    assert not opened("E3")
    judge("2026-04-24")  # known later than that
    assert not opened("E3")


def test_e3_is_not_for_wages_paid_on_the_payday(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-15"), known=day("2026-04-20"))
    judge("2026-04-20")
    assert not opened("E3")


def test_e3_money_beyond_what_was_due_is_not_late_pay(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-14"))
    city.pay(people[0], "2026-03", "300", day("2026-04-22"))
    judge("2026-04-24")
    assert not opened("E3")


def test_e3_a_wage_that_came_back_and_was_paid_again_is_late(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-15"))
    city.pay(people[0], "2026-03", "5000", day("2026-04-16"), returned=True)
    city.pay(people[0], "2026-03", "5000", day("2026-04-17"))
    judge("2026-04-20")
    warning = the("E3")
    assert (warning.workers, warning.amount) == (1, Decimal(5000))
    assert value(warning, "Paid in full on") == "2026-04-17"


def test_e3_back_and_again_by_the_payday_is_in_time(site) -> None:
    _, people = site
    for person in people:
        city.pay(person, "2026-03", "5000", day("2026-04-14"))
    city.pay(people[0], "2026-03", "5000", day("2026-04-15"), returned=True)
    city.pay(people[0], "2026-03", "5000", day("2026-04-15"))
    judge("2026-04-20")
    assert not opened("E3")


# ---- E6


@pytest.fixture
def two_sites(site) -> tuple[Project, list[Engagement], Project]:
    other = city.project(contractor=site[0].contractor)
    local = city.worker(other)
    city.sheet(other, "2026-03", {local: "6000"})
    return *site, other


def test_e6_wages_from_another_projects_account(two_sites) -> None:
    project, people, other = two_sites
    first = city.debit(other, people[0], "5000", day("2026-04-15"), purpose="2026年3月工资")
    city.debit(other, people[1], "4500", day("2026-04-16"), known=day("2026-04-20"))
    judge("2026-04-15")
    assert not opened("E6")
    judge("2026-04-16")
    assert the("E6").workers == 1
    judge("2026-04-20")
    warning = the("E6")
    assert (warning.project, warning.company) == (project, project.contractor)
    assert (warning.month, warning.level) == (MARCH, Level.YELLOW)
    assert (warning.workers, warning.amount) == (2, Decimal(9500))
    assert warning.since == day("2026-04-15") and not warning.data_missing
    assert value(warning, "Paid from other accounts", "arithmetic") == "9500.00"
    row = warning.evidence["rows"][0]
    assert (row["account"], row["project"]) == (first.account.number, other.name)
    assert row["worker"] == people[0].worker.name and "*" in row["id"] and "*" in row["card"]
    assert len(warning.evidence["sources"]) == 2
    judge("2026-04-20", [other.pk])  # judging the payer's project changes nothing here
    assert the("E6").workers == 2
    judge("2026-04-21", [project.pk])
    assert the("E6").workers == 2


def test_e6_the_purpose_names_the_month_else_the_sum_does(two_sites) -> None:
    project, people, other = two_sites
    city.sheet(project, "2026-02", {people[0]: "4800", people[1]: "4700"})
    city.debit(other, people[0], "5000", day("2026-04-15"), purpose="2月工资")
    city.debit(other, people[1], "4700", day("2026-04-15"))
    judge("2026-04-20")
    assert the("E6").month == Month.parse("2026-02") and the("E6").workers == 2


def test_e6_not_for_a_worker_of_both_projects(two_sites) -> None:
    _, people, other = two_sites
    city.debit(other, people[0], "5000", day("2026-04-15"))
    city.worker(other, person=people[0].worker, known=day("2026-04-18"))
    judge("2026-04-17")
    assert opened("E6")
    judge("2026-04-18")
    assert not opened("E6")


def test_e6_not_for_the_projects_own_account_nor_for_strangers(two_sites) -> None:
    project, people, other = two_sites
    city.pay(people[0], "2026-03", "5000", day("2026-04-15"))
    city.debit(project, people[1], "5000", day("2026-04-15"))
    stranger = city.worker(city.project())  # on nobody's pay sheet
    city.debit(other, stranger, "5000", day("2026-04-15"))
    judge("2026-04-20")
    assert not opened("E6")


def test_e6_a_payment_given_back_clears(two_sites) -> None:
    _, people, other = two_sites
    entry = city.debit(other, people[0], "5000", day("2026-04-15"))
    city.give_back(entry, day("2026-04-17"), known=day("2026-04-19"))
    judge("2026-04-18")
    assert opened("E6")
    judge("2026-04-19")
    assert not opened("E6")


# ---- E8


@pytest.mark.parametrize(
    ("as_of", "net", "fires"),
    [
        ("2026-07-15", "5000", False),  # three months to the day
        ("2026-07-16", "5000", True),
        ("2026-07-16", "4999.99", False),
    ],
)
def test_e8_one_worker_for_more_than_three_months(as_of: str, net: str, fires: bool) -> None:
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: net})
    city.statement(project, day("2026-12-31"), known=day("2026-04-01"))
    judge(as_of)
    assert bool(opened("E8")) == fires


def test_e8_evidence_and_clearing(site) -> None:
    project, people = site
    city.sheet(project, "2026-04", dict.fromkeys(people, "2000"))
    for person in people[1:]:
        city.pay(person, "2026-03", "4000", day("2026-04-15"))
    judge("2026-07-16")  # the two others are owed 1,000 of March and 2,000 of April
    warning = the("E8")
    assert (warning.level, warning.month, warning.workers) == (Level.RED, MARCH, 1)
    assert (warning.company, warning.amount) == (project.contractor, Decimal(7000))
    assert warning.since == day("2026-07-16") and not warning.data_missing
    assert value(warning, "Unpaid for 2026-03", "arithmetic") == "5000.00"
    assert value(warning, "Unpaid for 2026-04", "arithmetic") == "2000.00"
    assert value(warning, "Unpaid in all", "arithmetic") == "7000.00"
    [row] = warning.evidence["rows"]
    assert row["months"] == "2026-03, 2026-04" and row["oldest"] == "2026-04-15"
    assert (row["unpaid"], row["old"]) == ("7000.00", "5000.00")
    assert row["worker"] == people[0].worker.name and "*" in row["id"]
    city.pay(people[0], "2026-03", "100", day("2026-07-17"))
    judge("2026-07-18")
    assert not opened("E8")


def test_e8_small_old_debts_and_young_large_ones_do_not_add_up(site) -> None:
    project, people = site
    for person in people:
        city.pay(person, "2026-03", "4900", day("2026-04-15"))
    city.sheet(project, "2026-06", dict.fromkeys(people, "8000"))
    judge("2026-08-01")
    assert not opened("E8")


@pytest.mark.parametrize(
    ("workers", "net", "fires"), [(10, "3000", True), (9, "9000", False), (10, "2999", False)]
)
def test_e8_ten_workers_and_thirty_thousand(workers: int, net: str, fires: bool) -> None:
    project = city.project()
    people = [city.worker(project) for _ in range(workers)]
    city.sheet(project, "2026-03", dict.fromkeys(people, net))
    city.statement(project, day("2026-12-31"), known=day("2026-04-01"))
    judge("2026-04-15")
    assert not opened("E8")
    judge("2026-04-16")
    assert bool(opened("E8")) == fires
    if fires:
        assert the("E8").workers == 10 and the("E8").since == day("2026-04-16")


def test_e8_workers_of_several_months_are_counted_once(site) -> None:
    project, people = site
    for month in ("2026-04", "2026-05", "2026-06"):
        city.sheet(project, month, dict.fromkeys(people, "1600"))
    for person in people:
        city.pay(person, "2026-03", "4000", day("2026-04-15"))
    judge("2026-07-16")  # twelve open wages of three workers
    assert not opened("E8")


def test_e8_is_marked_where_the_bank_data_end_before_the_payday() -> None:
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "9000"})
    city.statement(project, day("2026-04-10"), known=day("2026-04-11"))
    judge("2026-07-16")
    assert the("E8").data_missing


# ---- E9


def test_e9_more_than_fifty_thousand_for_a_month(site) -> None:
    project, people = site
    city.sheet(project, "2026-04", {people[0]: "50000", people[1]: "50000.01", people[2]: "9000"})
    city.pay(people[0], "2026-04", "50000", day("2026-05-15"))
    city.pay(people[1], "2026-04", "30000", day("2026-05-13"))
    judge("2026-05-20")
    assert not opened("E9")
    city.pay(people[1], "2026-04", "20000.01", day("2026-05-15"), known=day("2026-05-21"))
    judge("2026-05-20")
    assert not opened("E9")
    judge("2026-05-21")
    warning = the("E9")
    assert (warning.company, warning.month) == (project.contractor, Month.parse("2026-04"))
    assert (warning.level, warning.workers) == (Level.ORANGE, 1)
    assert warning.amount == Decimal("50000.01") and warning.since == day("2026-05-15")
    [row] = warning.evidence["rows"]
    assert row["worker"] == people[1].worker.name and "*" in row["id"]
    assert row["got"] == row["month_all"] == row["year_all"] == "50000.01"
    assert value(warning, "Got by the workers listed", "arithmetic") == "50000.01"
    city.pay(people[1], "2026-04", "20000.01", day("2026-05-22"), returned=True)
    judge("2026-05-23")
    assert not opened("E9")


def test_e9_three_months_paid_at_once_are_wages(site) -> None:
    project, people = site
    for month in ("2026-01", "2026-02", "2026-04"):
        city.sheet(project, month, {people[0]: "20000"})
        city.pay(people[0], month, "20000", day("2026-05-15"))
    judge("2026-05-20")
    assert not opened("E9")


def test_e9_the_year_counts_too_in_the_month_in_which_it_is_passed(site) -> None:
    project, people = site
    for number in range(1, 9):
        month = f"2026-{number:02d}"
        if number != 3:
            city.sheet(project, month, {people[0]: "45000"})
        paid_on = Month.parse(month).last
        city.pay(people[0], month, "45000" if number != 3 else "5000", paid_on)
    judge("2026-08-31")  # 5,000 + six months of 45,000: 275,000
    assert not opened("E9")
    judge("2026-09-01")
    warning = the("E9")
    assert warning.month == Month.parse("2026-08")
    assert warning.evidence["rows"][0]["year_all"] == "320000.00"
    assert warning.amount == Decimal(45000) and warning.since == day("2026-08-31")


def test_e9_the_year_begins_anew(site) -> None:
    project, people = site
    for month in ("2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-04"):
        city.sheet(project, month, {people[0]: "45000"})
        city.pay(people[0], month, "45000", Month.parse(month).last)
    judge("2026-05-20")
    assert not opened("E9")


def test_e9_what_a_payment_has_beyond_the_wage_counts(site) -> None:
    _, people = site
    entry = city.pay(people[0], "2026-03", "5000", day("2026-04-15"))
    entry.amount = Decimal(60000)
    entry.counterparty_hash = people[0].worker.cards.get().number_hash
    entry.save()
    judge("2026-04-20")
    assert (the("E9").month, the("E9").amount) == (MARCH, Decimal(60000))


def test_e9_a_payment_that_pays_no_wage_counts_for_its_card(site) -> None:
    project, people = site
    entry = city.debit(project, people[0], "60000", day("2026-04-15"), kind="wage")
    judge("2026-04-20")
    assert (the("E9").month, the("E9").amount) == (Month.parse("2026-04"), Decimal(60000))
    city.give_back(entry, day("2026-04-21"))
    judge("2026-04-22")
    assert not opened("E9")


def test_few_projects_are_judged_as_the_city_is(site) -> None:
    project, people = site
    city.debit(city.project(), people[0], "60000", day("2026-04-15"))
    judge("2026-07-16")
    found = sorted((w.rule, w.workers) for rule in ("E6", "E8") for w in opened(rule))
    assert found == [("E6", 1), ("E8", 3)]
    judge("2026-07-16", [project.pk])
    assert found == sorted((w.rule, w.workers) for rule in ("E6", "E8") for w in opened(rule))


def test_queries_do_not_grow_with_the_rows() -> None:
    """What all seven rules find and show, for one site of each and for five."""
    payer = city.project()

    def troubled() -> None:
        project = city.project()
        people = [city.worker(project) for _ in range(4)]
        city.sheet(project, "2026-03", dict.fromkeys(people, "5000"))
        city.debit(payer, people[0], "5000", day("2026-04-15"))
        city.pay(people[1], "2026-03", "51000", day("2026-04-20"))
        city.leave(people[2], day("2026-03-20"))
        late = city.worker(project, city.company())
        city.sheet(project, "2026-03", {late: "5000"})
        city.pay(late, "2026-03", "5000", day("2026-07-01"))
        city.change_project(project, day("2026-04-20"), status="004")
        city.close_account(project, day("2026-04-21"))

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            for code in ("E3", "E6", "E8", "E9", "F1", "F2", "F3"):
                rule = catalogue()[code]
                found = rule.find(day("2026-07-16"), Scope(), rule.defaults)
                assert len(found) == sites, code
                rule.evidence(day("2026-07-16"), found)
        return len(queries)

    troubled()
    judge("2026-07-16")
    sites = 1
    few = asked()
    for _ in range(4):
        troubled()
    judge("2026-07-16")
    sites = 5
    assert asked() == few
