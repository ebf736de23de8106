"""A2 to A6: must fire, must not, the days at the edges, and registers that never spoke."""

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import parameters
from alerts.models import Level
from alerts.rules import catalogue
from projects.models import NoticeBoard, Project, Region
from tests import factories as city
from tests.alerts.judge import day, judge, opened, the, value
from wagewatch.calendars import DAY

pytestmark = pytest.mark.django_db
CONTRACT = {"contract_amount": Decimal(48_000_000), "deposit_ratio": Decimal("0.015")}


@pytest.fixture
def user():
    return get_user_model().objects.create_user("inspector")


def bare(**facts: Any) -> Project:
    """A project beside one that is secured, so that the county's registers are there."""
    city.project()
    return city.project(secured=False, **facts)


def levels(rule: str, project: Project) -> list[int]:
    return [warning.own_level for warning in opened(rule, project=project)]


# A2: twenty working days after the permit.


@pytest.mark.parametrize(
    ("permit", "last"),
    [
        ("2026-03-02", "2026-03-30"),
        # 16 to 23 February 2026 are the Spring Festival; 14 and 28 February are worked.
        ("2026-02-02", "2026-03-06"),
        ("2028-02-01", "2028-02-29"),  # not announced yet: Monday to Friday
    ],
)
def test_a2_missing_after_twenty_working_days(permit: str, last: str) -> None:
    project = bare(permit_date=day(permit), **CONTRACT)
    city.security(city.project(secured=False), known=day(last))  # the register still speaks
    judge(last)
    assert not opened("A2", project=project)
    judge(str(day(last) + DAY))
    warning = the("A2", project=project)
    assert (warning.level, warning.company) == (Level.ORANGE, project.contractor)
    assert warning.since == day(last) + DAY and warning.month is None
    assert value(warning, "Deposit due by") == last
    assert value(warning, "Short by", "arithmetic") == "720000.00"
    assert not warning.data_missing
    assert [p["role"] for p in warning.evidence["responsible"]] == ["general"]


def test_a2_without_a_permit_the_days_run_from_contract_or_start() -> None:
    project = bare(permit_date=None, contract_date=day("2026-02-25"), start_date=day("2026-03-02"))
    judge("2026-03-30")
    assert not opened("A2", project=project)
    judge("2026-03-31")
    assert the("A2", project=project).amount == 0  # no ratio known: missing, not so much missing
    assert value(the("A2"), "Valid deposits", "arithmetic") == "0.00"


@pytest.mark.parametrize(
    ("amounts", "short"),
    [((), True), (("719999.99",), True), (("720000",), False), (("400000", "320000"), False)],
)
def test_a2_the_sum_of_valid_deposits_counts(amounts: tuple[str, ...], short: bool) -> None:
    project = bare(**CONTRACT)
    for place, amount in enumerate(amounts):
        city.security(project, amount=amount, issuer=f"示例银行{place}")
    judge("2026-04-01")
    assert bool(opened("A2", project=project)) is short


def test_a2_accuses_of_no_amount_that_is_not_known() -> None:
    for facts in ({}, {"contract_amount": Decimal(10**9)}, {"deposit_ratio": Decimal("0.03")}):
        city.security(bare(**facts), amount="0.01")
    exempt = bare(contract_amount=Decimal(10**8), deposit_ratio=Decimal(0))
    judge("2026-04-01")
    assert not opened("A2") and not levels("A2", exempt)


@pytest.mark.parametrize(
    ("as_of", "level"),
    [
        ("2028-01-29", None),
        ("2028-01-30", Level.BLUE),  # thirty days before the leap day
        ("2028-02-29", Level.BLUE),  # the day of expiry itself is covered
        ("2028-03-01", Level.ORANGE),
    ],
)
def test_a2_blue_before_expiry_orange_after_it(as_of: str, level: Level | None) -> None:
    project = bare(**CONTRACT)
    city.security(project, valid_to=day("2028-02-29"), known=day("2027-12-01"))
    judge(as_of)
    assert levels("A2", project) == ([level] if level else [])
    if level:
        first = "2028-01-30" if level == Level.BLUE else "2028-03-01"
        assert the("A2", project=project).since == day(first)
        assert not the("A2", project=project).data_missing


def test_a2_renewed_reopened_and_replayed() -> None:
    project = bare(**CONTRACT)
    city.security(project, valid_to=day("2026-03-20"))
    judge("2026-03-25")
    warning = the("A2", project=project)
    city.security(
        project, valid_from=day("2026-03-21"), valid_to=day("2026-05-31"), known=day("2026-03-26")
    )
    judge("2026-03-26")
    assert not opened("A2", project=project)
    judge("2026-05-01")
    assert levels("A2", project) == [Level.BLUE]
    judge("2026-06-01")
    assert the("A2", project=project).pk == warning.pk and levels("A2", project) == [Level.ORANGE]
    states = [row["state"] for row in the("A2", project=project).evidence["rows"]]
    assert states == [{"zh": "已过期", "en": "Expired"}] * 2
    judge("2026-03-25")
    assert the("A2", project=project).since == day("2026-03-21")
    judge("2026-03-26")
    assert not opened("A2", project=project)


def test_a2_no_notice_when_the_renewal_or_the_end_of_work_comes_first() -> None:
    renewed = bare(**CONTRACT)
    city.security(renewed, valid_to=day("2026-04-10"))
    city.security(renewed, valid_from=day("2026-04-11"))
    ending = bare(**CONTRACT, complete_date=day("2026-04-10"))
    city.security(ending, valid_to=day("2026-04-10"))
    judge("2026-04-01")
    assert not opened("A2")
    gap = bare(**CONTRACT)
    city.security(gap, valid_to=day("2026-04-10"))
    city.security(gap, valid_from=day("2026-04-12"))
    judge("2026-04-01")
    assert levels("A2", gap) == [Level.BLUE]


def test_a2_exemption_and_cap_are_settings_of_the_region(user) -> None:
    small = bare(contract_amount=Decimal(2_999_999), deposit_ratio=Decimal("0.02"))
    large = bare(**CONTRACT)
    city.security(large, amount="500000")
    judge("2026-03-01")
    assert levels("A2", small) and levels("A2", large)
    rule, region = catalogue()["A2"], Region.objects.get(code="330902")
    for name, number in (("exempt", 3_000_000), ("cap", 500_000)):
        since = day("2026-03-02")
        parameters.set_value(
            rule, name, region, number, since, "示例文件", user, on=since, reason="示例"
        )
    judge("2026-03-02")
    assert not opened("A2")
    elsewhere = city.project(secured=False, region_id="330903", **CONTRACT)
    judge("2026-03-02")
    assert levels("A2", elsewhere)


@pytest.mark.parametrize("rule", ["A2", "A3", "A4"])
def test_a_register_that_never_spoke_of_the_county_accuses_nobody(rule: str) -> None:
    city.project(known=day("2026-03-10"))
    here = city.project(secured=False)
    there = city.project(secured=False, region_id="330921100")
    judge("2026-03-09")
    assert the(rule, project=here).data_missing and the(rule, project=there).data_missing
    judge("2026-03-10")
    assert not the(rule, project=here).data_missing
    assert the(rule, project=there).data_missing


@pytest.mark.parametrize(("as_of", "missing"), [("2026-01-03", False), ("2026-01-04", True)])
def test_a_register_that_fell_silent_for_a_year(as_of: str, missing: bool) -> None:
    project = bare()  # the register's last word is of 2 January 2025
    judge(as_of)
    for rule in ("A2", "A3", "A4"):
        assert the(rule, project=project).data_missing is missing


def test_a1_goes_by_the_county_too() -> None:
    city.project()
    for region, missing in (("330902100", False), ("330921", True)):
        project = city.project(account=False, region_id=region)
        judge("2026-03-09")
        assert the("A1", project=project).data_missing is missing


# A3


def test_a3_from_the_first_day_and_on_the_day_of_expiry() -> None:
    project = bare(start_date=day("2025-03-01"))
    judge("2025-02-28")
    assert not opened("A3")
    judge("2025-03-01")
    warning = the("A3")
    assert (warning.company, warning.level) == (project.owner, Level.ORANGE)
    assert warning.since == day("2025-03-01") and not warning.data_missing
    known = day("2025-03-05")
    city.security(project, "guarantee", valid_to=day("2025-06-30"), known=known)
    city.security(project, "guarantee", valid_from=day("2025-08-01"), known=known)
    for as_of, fires in (
        ("2025-03-05", False),
        ("2025-06-30", False),
        ("2025-07-01", True),
        ("2025-07-31", True),
        ("2025-08-01", False),
    ):
        judge(as_of)
        assert bool(opened("A3")) is fires, as_of
    judge("2025-07-10")
    assert the("A3").pk == warning.pk and the("A3").since == day("2025-07-01")
    assert value(the("A3"), "Valid on the day", "arithmetic") == "0"


def test_a3_a_deposit_is_no_guarantee_and_without_an_owner_nobody_is_accused() -> None:
    project = bare()
    city.security(project, "deposit")
    judge("2025-03-01")
    assert [warning.project for warning in opened("A3")] == [project]
    nobody = bare(owner=None)
    judge("2025-03-01")
    assert the("A3", project=nobody).data_missing


# A4: work began on 1 March 2026; day 15 is the 16th.


@pytest.mark.parametrize(("as_of", "fires"), [("2026-03-16", False), ("2026-03-17", True)])
def test_a4_after_fifteen_days(as_of: str, fires: bool) -> None:
    city.project(known=day("2026-01-05"))
    project = city.project(secured=False, start_date=day("2026-03-01"))
    judge(as_of)
    assert levels("A4", project) == ([Level.YELLOW] if fires else [])
    if fires:
        assert the("A4").company == project.contractor
        assert value(the("A4"), "Days over", "arithmetic") == "1" and not the("A4").data_missing


def test_a4_a_board_without_a_day_is_none_and_one_clears_it() -> None:
    project = bare(start_date=day("2026-03-01"))
    row = city.board(project, day("2026-03-10"), date=None)
    judge("2026-03-20")
    assert opened("A4")
    NoticeBoard.objects.filter(pk=row.pk).update(known_until=day("2026-03-21"))
    city.board(project, day("2026-03-21"), date=day("2026-03-20"))
    judge("2026-03-21")
    assert not opened("A4")
    judge("2026-03-20")
    assert opened("A4")


def test_a4_days_allowed_by_region(user) -> None:
    project = bare(start_date=day("2026-03-01"))
    rule, region = catalogue()["A4"], Region.objects.get(code="330900")
    parameters.set_value(
        rule,
        "days",
        region,
        30,
        day("2026-03-01"),
        "示例文件",
        user,
        on=day("2026-03-01"),
        reason="示例",
    )
    judge("2026-03-31")
    assert not opened("A4")
    judge("2026-04-01")
    assert levels("A4", project)


# A5


def at_work(**facts: Any) -> Project:
    """First seen at work on 9 March 2026, which was known on the 12th; no permit."""
    project = bare(**({"permit_number": "", "permit_date": None} | facts))
    for first in ("2026-03-09", "2026-03-10"):
        city.attend(city.worker(project), "2026-03", known=day("2026-03-12"), days=[day(first)])
    return project


def test_a5_opens_when_attendance_is_known_and_clears_with_the_permit() -> None:
    project = at_work()
    judge("2026-03-11")
    assert not opened("A5")
    judge("2026-03-12")
    warning = the("A5")
    assert (warning.company, warning.level) == (project.owner, Level.ORANGE)
    assert (warning.since, warning.workers) == (day("2026-03-09"), 2)
    assert not warning.data_missing
    city.change_project(
        project,
        day("2026-03-20"),
        permit_number="330902202603200101",
        permit_date=day("2026-03-21"),
    )
    judge("2026-03-20")
    assert opened("A5")  # given, but only from tomorrow
    judge("2026-03-21")
    assert not opened("A5")
    judge("2026-03-12")
    assert the("A5").pk == warning.pk


def test_a5_the_first_day_as_it_was_known() -> None:
    project = at_work()
    person = project.engagements.earliest("pk")
    city.attend(person, "2026-03", known=day("2026-03-20"), days=[day("2026-03-06")])
    for as_of, first in (("2026-03-20", "2026-03-06"), ("2026-03-12", "2026-03-09")):
        judge(as_of)
        assert (the("A5").since, the("A5").workers) == (day(first), 2)


def test_a5_not_without_attendance_nor_for_small_or_completed_works() -> None:
    bare(permit_number="", permit_date=None)
    at_work(contract_amount=Decimal(299_999))
    at_work(status="004", complete_date=day("2026-03-11"))
    judge("2026-04-01")
    assert not opened("A5")
    at_work(contract_amount=Decimal(300_000))
    judge("2026-04-01")
    assert opened("A5")


@pytest.mark.parametrize(
    ("industry", "missing"),
    [("housing", False), ("municipal", False), ("transport", True), ("water", True)],
)
def test_a5_transport_and_water_may_have_a_start_report(industry: str, missing: bool, user) -> None:
    project = at_work(industry=industry)
    judge("2026-03-15")
    assert the("A5", project=project).data_missing is missing
    rule, region = catalogue()["A5"], Region.objects.get(code="330902")
    since = day("2026-03-16")
    parameters.set_value(
        rule, "reports", region, 1, since, "示例文件", user, on=since, reason="示例"
    )
    judge("2026-03-16")
    assert not the("A5", project=project).data_missing


def test_a5_and_a6_a_register_without_the_column_accuses_nobody() -> None:
    facts = {"permit_number": "", "disbursement_cycle_days": None, "labour_cost_monthly": None}
    project = city.project(**facts)
    city.attend(city.worker(project), "2026-03", days=[day("2026-03-09")])
    judge("2026-03-20")
    assert the("A5").data_missing and the("A6").data_missing
    city.project(known=day("2026-03-21"))
    judge("2026-03-21")
    assert not the("A5").data_missing and not the("A6").data_missing


# A6


@pytest.mark.parametrize(
    ("cycle", "cost", "fires"),
    [
        (31, "1", False),
        (32, "1", True),
        (None, "1", True),
        (0, "1", True),
        (30, None, True),
        (30, "0", True),
    ],
)
def test_a6_cycle_and_sum(cycle: int | None, cost: str | None, fires: bool) -> None:
    project = bare(
        disbursement_cycle_days=cycle, labour_cost_monthly=None if cost is None else Decimal(cost)
    )
    judge("2026-03-20")
    assert levels("A6", project) == ([Level.YELLOW] if fires else [])
    if fires:
        warning = the("A6")
        assert (warning.company, warning.since) == (project.owner, day("2025-01-10"))
        assert warning.evidence["arithmetic"] and not warning.data_missing
        assert [p["role"] for p in warning.evidence["responsible"]] == ["owner", "general"]


def test_a6_clears_and_reopens_with_the_contract() -> None:
    project = bare(disbursement_cycle_days=60)
    judge("2026-03-20")
    warning = the("A6")
    assert value(warning, "Days over", "arithmetic") == "29"
    city.change_project(project, day("2026-03-21"), disbursement_cycle_days=31)
    judge("2026-03-21")
    assert not opened("A6")
    city.change_project(project, day("2026-03-25"), disbursement_cycle_days=None)
    judge("2026-03-25")
    assert the("A6").pk == warning.pk


# all


def test_only_of_projects_under_way() -> None:
    facts = {"disbursement_cycle_days": None}
    city.project()
    for state in (
        {"start_date": day("2026-06-01")},
        {"status": "005"},
        {"complete_date": day("2026-03-01")},
    ):
        city.project(secured=False, **facts, **state)
    judge("2026-04-01")
    assert not any(opened(rule) for rule in ("A2", "A3", "A4", "A6"))


def test_queries_do_not_grow() -> None:
    counts = []
    for _ in range(2):
        for _ in range(3):
            at_work(disbursement_cycle_days=None)
        judge("2026-04-01")
        with CaptureQueriesContext(connection) as queries:
            judge("2026-04-02")
        counts.append(len(queries))
    assert counts[0] == counts[1]
