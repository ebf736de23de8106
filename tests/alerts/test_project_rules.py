"""A1, B1, B3, C1, C3, D1, D2: must fire, must not, and the days at the edges."""

import datetime as dt
from decimal import Decimal

import pytest

from alerts.models import Level
from projects.models import AccountVersion
from tests import factories as city
from tests.alerts.judge import codes, day, judge, opened, the, value
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

pytestmark = pytest.mark.django_db


def working_days(first: str, last: str) -> list[dt.date]:
    calendar, start = WorkingDays.load(), day(first)
    span = [start + DAY * n for n in range((day(last) - start).days + 1)]
    return [date for date in span if calendar.is_workday(date)]


# A1: the contract is of 1 March 2026; day 30 is 31 March, day 45 is 15 April.


@pytest.mark.parametrize(
    ("as_of", "level"),
    [
        ("2026-03-31", None),
        ("2026-04-01", Level.YELLOW),
        ("2026-04-15", Level.YELLOW),
        ("2026-04-16", Level.ORANGE),
    ],
)
def test_a1_levels(as_of: str, level: Level | None) -> None:
    city.project()  # another project's account is on record, so the accounts feed is there
    project = city.project(account=False, contract_date=day("2026-03-01"))
    judge(as_of)
    assert [w.level for w in opened("A1", project=project)] == ([level] if level else [])


def test_a1_warning_and_what_does_not_open_an_account() -> None:
    city.project()
    project = city.project(account=False, contract_date=day("2026-03-01"))
    city.open_account(project, day("2026-04-10"), status="closed", close_date=day("2026-04-09"))
    judge("2026-04-05")
    warning = the("A1")
    assert warning.company == project.contractor and warning.month is None
    assert warning.since == day("2026-04-01") and not warning.data_missing
    assert value(warning, "Days over", "arithmetic") == "5"
    assert [p["role"] for p in warning.evidence["responsible"]] == ["general"]
    judge("2026-04-20")
    assert the("A1").since == day("2026-04-09")  # the account closed then opened it anew
    city.open_account(project, day("2026-04-21"), open_date=day("2026-04-25"))
    judge("2026-04-24")
    assert opened("A1")  # announced, not yet open
    judge("2026-04-25")
    assert not opened("A1")


def test_a1_an_account_counts_from_the_day_it_is_known() -> None:
    project = city.project(account=False, contract_date=day("2026-03-01"))
    city.open_account(project, known=day("2026-04-20"), open_date=day("2026-03-10"))
    judge("2026-04-19")
    assert opened("A1")
    assert the("A1").data_missing  # no account of anybody was on record: is the feed there at all?
    judge("2026-04-20")
    assert not opened("A1")


def test_a1_not_of_a_project_that_is_not_under_way() -> None:
    early = {"account": False, "contract_date": day("2026-01-01")}
    city.project(**early, start_date=day("2026-06-01"))
    city.project(**early, status="005")
    city.project(**early, complete_date=day("2026-03-01"))
    suspended = city.project(**early)
    city.change_project(suspended, day("2026-03-20"), status="005")
    judge("2026-03-19")
    assert [warning.project for warning in opened("A1")] == [suspended]
    judge("2026-03-20")
    assert not opened("A1")


# B1: the last credit is of 1 March 2026; day 31 is 1 April.


@pytest.mark.parametrize(
    ("as_of", "level"),
    [
        ("2026-04-01", None),
        ("2026-04-02", Level.YELLOW),
        ("2026-04-15", Level.YELLOW),
        ("2026-04-16", Level.ORANGE),
        ("2026-05-02", Level.ORANGE),
        ("2026-05-03", Level.RED),
    ],
)
def test_b1_levels(as_of: str, level: Level | None) -> None:
    project = city.project()
    city.credit(project, "100000", day("2026-02-01"))
    city.credit(project, "100000", day("2026-03-01"))
    judge(as_of)
    assert [warning.level for warning in opened("B1")] == ([level] if level else [])


def test_b1_counts_from_the_start_and_from_what_is_known() -> None:
    project = city.project(start_date=day("2026-03-01"))
    city.credit(project, "100000", day("2026-03-30"), known=day("2026-04-10"))
    judge("2026-04-01")
    assert not opened("B1")
    judge("2026-04-09")
    warning = the("B1")
    assert warning.company == project.owner and warning.since == day("2026-04-02")
    assert warning.data_missing  # the bank has said nothing yet
    judge("2026-04-10")
    assert not opened("B1")
    judge("2026-05-01")
    assert the("B1").pk == warning.pk and the("B1").since == day("2026-05-01")
    assert the("B1").evidence["rows"][0]["amount"] == "100000.00"
    assert the("B1").evidence["responsible"][0]["role"] == "owner"


def test_b1_accuses_only_when_the_bank_data_reach_far_enough() -> None:
    project = city.project()
    city.credit(project, "100000", day("2026-03-01"))
    city.statement(project, day("2026-04-01"))
    judge("2026-04-03")
    assert the("B1").data_missing
    city.statement(project, day("2026-04-02"))
    judge("2026-04-03")
    assert not the("B1").data_missing


def test_b1_other_credits_do_not_count() -> None:
    project = city.project()
    city.credit(project, "100000", day("2026-03-01"))
    entry = city.credit(project, "50", day("2026-03-21"))
    type(entry).objects.filter(pk=entry.pk).update(kind="credit")
    judge("2026-04-10")
    assert opened("B1")


def test_b1_a_credit_that_the_bank_took_back_is_none() -> None:
    project = city.project()
    city.credit(project, "100000", day("2026-03-01"))
    second = city.credit(project, "100000", day("2026-03-21"))
    judge("2026-04-10")
    assert not opened("B1")
    back = city.credit(project, "100000", day("2026-03-22"), known=day("2026-04-09"))
    changed = {"kind": "return", "is_return": True, "is_credit": False, "returns": second}
    type(back).objects.filter(pk=back.pk).update(**changed)
    judge("2026-04-10")
    assert value(the("B1"), "Last owner credit") == "2026-03-01"
    judge("2026-04-08")  # as it was known then
    assert not opened("B1")


def test_b1_asks_for_the_statement_that_is_missing_between() -> None:
    """Balances of 1 to 10 and of 21 March to 2 April: what came between may be the credit."""
    project = city.project()
    city.credit(project, "100000", day("2026-03-01"))
    for first, last, opening in (("03-01", "03-10", 5), ("03-21", "04-02", 9)):
        made = city.statement(project, day(f"2026-{last}"), opening)
        made.from_date, made.opening = day(f"2026-{first}"), opening
        made.save()
    judge("2026-04-03")
    assert the("B1").data_missing
    made = city.statement(project, day("2026-03-20"), 9, known=day("2026-04-04"))
    made.from_date, made.opening = day("2026-03-11"), 5
    made.save()
    judge("2026-04-03")
    assert the("B1").data_missing
    judge("2026-04-04")
    assert not the("B1").data_missing


# B3: the payday of March is 15 April 2026.


@pytest.mark.parametrize(
    ("as_of", "fires"),
    [
        ("2026-04-09", False),
        ("2026-04-10", True),
        ("2026-04-15", True),
        ("2026-04-16", False),
    ],
)
def test_b3_window(as_of: str, fires: bool) -> None:
    project = city.project()
    city.sheet(project, "2026-03", {city.worker(project): "5000.01"})
    city.statement(project, day("2026-04-01"), closing="5000")
    judge(as_of)
    assert bool(opened("B3")) is fires


def test_b3_balance_is_the_statement_and_what_came_after() -> None:
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "9000"})
    city.credit(project, "700", day("2026-03-10"))  # inside the statement
    city.statement(project, day("2026-04-08"), closing="8000")
    city.credit(project, "500", day("2026-04-09"))
    judge("2026-04-10")
    warning = the("B3")
    assert warning.company == project.owner and warning.month == Month.parse("2026-03")
    assert (warning.level, warning.amount, warning.workers) == (Level.YELLOW, Decimal(500), 1)
    assert value(warning, "Balance", "arithmetic") == "8500.00"
    assert not warning.data_missing
    city.credit(project, "500", day("2026-04-10"))
    judge("2026-04-11")
    assert not opened("B3")


def test_b3_without_statements_the_entries_are_summed() -> None:
    project = city.project()
    person, other = city.worker(project), city.worker(project)
    city.sheet(project, "2026-03", {person: "5000", other: "5000"})
    city.credit(project, "6000", day("2026-04-09"))
    city.pay(person, "2026-03", "5000", day("2026-04-10"))
    judge("2026-04-10")
    assert the("B3").amount == 4000  # 10,000 due, 6,000 there
    judge("2026-04-11")
    assert the("B3").amount == 4000  # 5,000 due, 1,000 there
    city.pay(person, "2026-03", "5000", day("2026-04-11"), returned=True)
    judge("2026-04-12")
    assert the("B3").amount == 4000  # came back: 10,000 due, 6,000 there


def test_b3_marks_old_bank_data() -> None:
    project = city.project()
    city.sheet(project, "2026-03", {city.worker(project): "5000"})
    city.statement(project, day("2026-04-06"), closing="100")
    judge("2026-04-10")
    assert not the("B3").data_missing
    judge("2026-04-11")
    assert the("B3").data_missing


# C1


@pytest.mark.parametrize(
    ("as_of", "level"),
    [
        ("2026-04-15", None),  # Wednesday: 14 and 15 April are two working days
        ("2026-04-16", Level.BLUE),
        ("2026-04-22", Level.BLUE),  # seven
        ("2026-04-23", Level.YELLOW),
    ],
)
def test_c1_levels_over_a_weekend(as_of: str, level: Level | None) -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.attend(person, "2026-04", days=working_days("2026-04-01", "2026-04-13"))
    judge(as_of)
    found = opened("C1")
    assert [warning.level for warning in found] == ([level] if level else [])
    if found:
        assert found[0].company == project.contractor
        assert found[0].month == Month.parse("2026-04")
        assert found[0].since == day("2026-04-16")


def test_c1_a_holiday_is_no_silence() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.attend(person, "2026-04")  # to 30 April; 1-5 May are holidays, 9 May a workday
    judge("2026-05-07")
    assert not opened("C1")
    judge("2026-05-08")
    warning = the("C1")
    assert warning.month == Month.parse("2026-05")
    assert value(warning, "Silent working days", "arithmetic") == "3"
    assert value(warning, "Holidays and rest days among them", "arithmetic") == "5"


def test_c1_the_silent_month_when_few_days_of_the_last_month_are_silent() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-02", days=working_days("2026-02-02", "2026-02-12"))
    city.attend(person, "2026-03", days=working_days("2026-03-02", "2026-03-27"))
    judge("2026-04-02")  # 30, 31 March and 1, 2 April
    assert not opened("C1")
    judge("2026-04-03")
    assert the("C1").month == Month.parse("2026-04")


def test_c1_needs_a_month_before() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03", days=working_days("2026-03-02", "2026-03-04"))
    judge("2026-03-31")
    assert not opened("C1")  # the first month of all: it may just have been three days of work
    judge("2026-04-03")
    assert the("C1").month == Month.parse("2026-04")


def test_c1_clears_by_late_data_by_resuming_and_by_completion() -> None:
    for known in ("2026-04-18", None):
        project = city.project()
        person = city.worker(project)
        city.attend(person, "2026-03")
        city.attend(person, "2026-04", days=working_days("2026-04-01", "2026-04-10"))
        days = working_days("2026-04-13", "2026-04-17")
        if known:
            city.attend(person, "2026-04", days=days, known=day(known))
        else:
            city.change_project(project, day("2026-04-18"), status="004")
    judge("2026-04-17")
    assert len(opened("C1")) == 2
    judge("2026-04-18")
    assert not opened("C1")


def test_c1_hears_unregistered_workers() -> None:
    project = city.project()
    city.attend(city.worker(project), "2026-03")
    stranger = city.worker(project, registered=False)
    city.attend(stranger, "2026-04", days=working_days("2026-04-01", "2026-04-16"))
    judge("2026-04-17")  # the stranger's days of April are not all known on the 15th
    assert not opened("C1")
    judge("2026-04-10")
    assert not opened("C1")
    judge("2026-04-21")
    assert opened("C1")


# C3


def test_c3_on_the_sheet_never_on_site() -> None:
    project = city.project()
    there, ghost, idle = (city.worker(project) for _ in range(3))
    city.attend(there, "2026-03")
    no_days = {"net": Decimal(100), "days": Decimal(0)}
    lines = {there: "5000", ghost: "6000", idle: no_days}
    city.sheet(project, "2026-03", lines, known=day("2026-03-30"))
    judge("2026-03-31")
    assert not opened("C3")  # the month is not over
    judge("2026-04-01")
    warning = the("C3")
    assert (warning.level, warning.workers, warning.amount) == (Level.ORANGE, 1, Decimal(6000))
    assert warning.since == day("2026-04-01") and not warning.data_missing
    assert warning.evidence["rows"][0]["worker"] == ghost.worker.name
    city.attend(ghost, "2026-03", days=[day("2026-03-20")], known=day("2026-04-03"))
    judge("2026-04-02")
    assert opened("C3")
    judge("2026-04-03")
    assert not opened("C3")


def test_c3_attendance_under_another_employer_of_the_project_counts() -> None:
    project = city.project()
    there = city.worker(project)
    city.attend(there, "2026-03")
    sub = city.worker(project, city.company(), person=there.worker)
    city.sheet(project, "2026-03", {sub: "5000"})
    judge("2026-04-06")
    assert not opened("C3")
    elsewhere = city.worker(city.project(), person=city.worker(project).worker)
    city.attend(elsewhere, "2026-03")
    mine = elsewhere.worker.engagements.get(project=project)
    city.sheet(project, "2026-03", {mine: "5000"})
    judge("2026-04-06")
    assert the("C3").workers == 1  # another project's gate says nothing of this one


def test_c3_says_nothing_where_the_project_has_no_attendance() -> None:
    project = city.project()
    city.sheet(project, "2026-03", {city.worker(project): "5000"})
    judge("2026-04-06")
    assert not opened("C3")


def test_c3_asks_for_data_where_the_month_fell_silent() -> None:
    project = city.project()
    there, late = city.worker(project), city.worker(project)
    city.attend(there, "2026-02", days=working_days("2026-02-02", "2026-02-12"))
    city.attend(there, "2026-03", days=working_days("2026-03-02", "2026-03-20"))
    city.sheet(project, "2026-03", {there: "5000", late: "2000"})
    judge("2026-04-06")
    assert the("C3").data_missing and opened("C1")


# D1 and D2: the sheet of March is due on 10 April 2026, the payday is 15 April.


@pytest.mark.parametrize(
    ("as_of", "level"),
    [
        ("2026-04-10", None),
        ("2026-04-11", Level.YELLOW),
        ("2026-04-15", Level.YELLOW),
        ("2026-04-16", Level.ORANGE),
    ],
)
def test_d1_levels(as_of: str, level: Level | None) -> None:
    project = city.project()
    sub = city.company()
    city.attend(city.worker(project, sub), "2026-03")
    judge(as_of)
    found = opened("D1")
    assert [warning.level for warning in found] == ([level] if level else [])
    if found:
        assert found[0].company == sub and found[0].workers == 1
        assert found[0].since == day("2026-04-11")
        assert found[0].evidence["rows"][0]["days"] == "22"


def test_d1_a_sheet_of_another_employer_is_not_its_own() -> None:
    project = city.project()
    own, sub = city.worker(project), city.worker(project, city.company())
    for person in (own, sub):
        city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {own: "5000"})
    judge("2026-04-11")
    assert the("D1").company == sub.employer
    city.sheet(project, "2026-03", {sub: "5000"}, known=day("2026-04-13"))
    judge("2026-04-13")
    assert not opened("D1")


def test_d1_not_of_strangers_nor_of_days_not_yet_known() -> None:
    project = city.project()
    city.attend(city.worker(project, registered=False), "2026-03")
    judge("2026-04-20")
    assert not opened("D1")
    city.attend(city.worker(project), "2026-03", known=day("2026-04-22"))
    judge("2026-04-21")
    assert not opened("D1")
    judge("2026-04-22")
    assert opened("D1")


def test_d2_worked_and_on_no_sheet() -> None:
    project = city.project()
    named, left_out = city.worker(project), city.worker(project)
    city.attend(named, "2026-03")
    city.attend(left_out, "2026-03", days=working_days("2026-03-02", "2026-03-06"))
    city.sheet(project, "2026-03", {named: "5000"})
    judge("2026-04-10")
    assert not opened("D2")
    judge("2026-04-11")
    warning = the("D2")
    assert (warning.level, warning.workers) == (Level.ORANGE, 1)
    assert warning.since == day("2026-04-11")
    assert [(r["worker"], r["days"]) for r in warning.evidence["rows"]] == [
        (left_out.worker.name, "5")
    ]
    city.sheet(project, "2026-03", {named: "5000", left_out: "900"}, known=day("2026-04-20"))
    judge("2026-04-19")
    assert opened("D2")
    judge("2026-04-20")
    assert not opened("D2")


def test_d2_back_pay_or_another_employers_sheet_names_the_worker_too() -> None:
    project = city.project()
    named, later, moved = (city.worker(project) for _ in range(3))
    for person in (named, later, moved):
        city.attend(person, "2026-03")
    sub = city.worker(project, city.company(), person=moved.worker)
    city.sheet(project, "2026-03", {named: "5000"})
    city.sheet(project, "2026-03", {sub: "5000"})
    judge("2026-04-11")
    assert the("D2").evidence["rows"][0]["id"] == later.worker.masked_id
    assert the("D2").workers == 1
    back = {"net": Decimal(700), "is_back_pay": True, "worked_month": Month.parse("2026-03")}
    city.sheet(project, "2026-04", {named: "5000", later: back}, known=day("2026-05-05"))
    judge("2026-05-05")
    assert not opened("D2", month=Month.parse("2026-03"))


def test_d2_waits_for_a_sheet_and_is_not_about_strangers() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    judge("2026-04-11")
    assert codes().count("D1") == 1 and not opened("D2")
    city.attend(city.worker(project, registered=False), "2026-03")
    city.sheet(project, "2026-03", {person: "5000"}, known=day("2026-04-12"))
    judge("2026-04-12")
    assert not opened("D2")


def test_d2_speaks_of_what_was_known() -> None:
    project = city.project()
    person, late = city.worker(project), city.worker(project)
    city.attend(person, "2026-03")
    city.attend(late, "2026-03", known=day("2026-04-18"))
    city.sheet(project, "2026-03", {person: "5000"})
    judge("2026-04-17")
    assert not opened("D2")
    judge("2026-04-18")
    assert the("D2").workers == 1


def test_accounts_are_judged_by_the_version_known() -> None:
    project = city.project(contract_date=day("2026-01-01"))
    account = project.accounts.get()
    version = AccountVersion.objects.get(account=account)
    AccountVersion.objects.filter(pk=version.pk).update(known_until=day("2026-04-02"))
    AccountVersion.objects.create(
        account=account,
        known_from=day("2026-04-02"),
        open_date=version.open_date,
        close_date=day("2026-03-31"),
        status="closed",
    )
    judge("2026-04-01")
    assert not opened("A1")
    judge("2026-04-02")
    assert the("A1").since == day("2026-03-31")
