"""Rule I2: a company's indicator falls by more than half against its six months' mean."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts.models import RuleParameter, Warning
from alerts.rules import catalogue
from alerts.rules.base import Scope
from payroll.models import Indicator
from projects.models import Company, Party, Project
from tests import factories, society
from tests.alerts.judge import day, judge, opened, the, value

pytestmark = pytest.mark.django_db

SIX = [100, 100, 100, 100, 100, 100]  # from 2025-09 to 2026-02


@pytest.fixture
def site() -> Project:
    return factories.project()


def test_exactly_half_is_no_fall_and_a_cent_below_is(site: Project) -> None:
    society.indicators(site.contractor, "water", "2025-09", [*SIX, "50.00"])
    judge("2026-04-10")
    assert not opened("I2")
    society.indicators(site.contractor, "gas", "2025-09", [*SIX, "49.99"])
    judge("2026-04-10")
    warning = the("I2")
    assert (warning.project, warning.company) == (site, site.contractor)
    assert (str(warning.month), warning.subject, warning.level) == ("2026-03", "gas", 1)
    assert warning.since == day("2026-04-01")
    assert value(warning, "Mean of the six months", "arithmetic") == "100.00"
    assert [row["value"] for row in warning.evidence["rows"]] == ["100.00"] * 6 + ["49.99"]
    assert [p["name"] for p in warning.evidence["responsible"]] == [site.contractor.name]


@pytest.mark.parametrize("values", [["0.1"] * 6 + ["0.05"], ["33.33", "33.33", "33.34", "16.67"]])
def test_exactly_half_is_exact(site: Project, values: list[str]) -> None:
    """Sums that no binary fraction holds: 100.00 / 3 is 33.333…, its half 16.666…"""
    society.indicators(site.owner, "tax", "2025-09", values)
    judge(f"2026-0{len(values) - 3}-10" if len(values) > 4 else "2026-01-10")
    assert not opened("I2")


def test_it_is_known_when_the_month_is_over_and_its_value_has_come(site: Project) -> None:
    society.indicators(site.contractor, "electricity", "2025-09", [*SIX, 40])
    judge("2026-04-04")
    assert not opened("I2")
    judge("2026-04-05")
    assert the("I2").since == day("2026-04-01")


def test_a_missing_month_is_not_zero_and_two_months_are_no_history(site: Project) -> None:
    society.indicators(site.contractor, "electricity", "2025-09", [*SIX, None, None])
    society.indicators(site.contractor, "gas", "2025-09", [None, None, None, None, 100, 100, 10])
    judge("2026-05-10")
    assert not opened("I2")
    society.indicators(site.contractor, "water", "2025-09", [None, 100, None, 100, None, 100, 10])
    judge("2026-05-10")
    warning = the("I2")
    assert warning.subject == "water"
    shown = [row["value"] for row in warning.evidence["rows"]]
    assert shown == ["", "100.00", "", "100.00", "", "100.00", "10.00"]


def test_it_stays_one_matter_until_a_later_month_recovers(site: Project) -> None:
    society.indicators(site.contractor, "tax", "2025-09", [*SIX, 40, 45, 50])
    judge("2026-04-10")
    first = the("I2")
    judge("2026-05-10")
    assert [(w.pk, str(w.month)) for w in opened("I2")] == [(first.pk, "2026-03")]
    judge("2026-06-10")  # 50 is half of the mean before the fall
    assert not opened("I2")
    judge("2026-05-10")
    assert the("I2").pk == first.pk


def test_a_value_that_is_put_right_clears_it_and_a_wrong_one_opens_it_again(site: Project) -> None:
    society.indicators(site.contractor, "tax", "2025-09", [*SIX, 4])
    judge("2026-04-10")
    first = the("I2")

    def correct(value: int, known: str) -> None:
        latest = Indicator.objects.filter(month__gte="2026-03", known_until__isnull=True)
        latest.update(known_until=known)
        society.indicators(site.contractor, "tax", "2026-03", [value], known)

    correct(400, "2026-04-15")
    judge("2026-04-15")
    assert not opened("I2")
    correct(4, "2026-04-20")
    judge("2026-04-20")
    assert the("I2").pk == first.pk
    judge("2026-04-16")
    assert not opened("I2")


def test_after_six_months_the_low_level_is_the_usual_one(site: Project) -> None:
    society.indicators(site.contractor, "gas", "2025-09", [*SIX, *[30] * 9])
    judge("2026-09-30")
    assert str(the("I2").month) == "2026-03"
    judge("2026-10-10")
    # So are April, May and June (30 of 65) by the six months before each; July is not.
    assert str(the("I2").month) == "2026-04"
    judge("2026-12-10")
    assert str(the("I2").month) == "2026-06"
    judge("2027-01-10")
    assert not opened("I2")


def test_it_is_a_matter_of_every_active_project_of_the_company(site: Project) -> None:
    sub = factories.company()
    second, ended, left, other = (factories.project() for _ in range(4))
    for project in (site, second, ended, left):
        Party.objects.create(project=project, company=sub, role="sub", known_from=factories.EARLY)
    factories.change_project(ended, day("2026-03-01"), status="004")
    Party.objects.filter(project=left, company=sub).update(exit_date=day("2026-03-31"))
    society.indicators(sub, "insurance", "2025-09", [*SIX, 10])
    society.indicators(other.owner, "credit", "2025-09", [*SIX, 10])
    judge("2026-04-10")
    assert {(w.project, w.company, w.subject) for w in opened("I2")} == {
        (site, sub, "insurance"),
        (second, sub, "insurance"),
        (other, other.owner, "credit"),
    }


def test_a_region_may_set_another_percentage(site: Project) -> None:
    RuleParameter.objects.create(
        rule="I2", name="percent", region_id="330902", valid_from=day("2026-01-01"), value=30,
        document="示例文件",
    )  # fmt: skip
    society.indicators(site.contractor, "water", "2025-09", [*SIX, 69])
    judge("2026-04-10")
    assert the("I2").evidence["parameters"] == {"percent": "30", "history": "3"}


def test_tax_paid_back_is_no_mean_to_fall_from(site: Project) -> None:
    society.indicators(site.contractor, "tax", "2025-09", [-10, -10, -10, -50])
    judge("2026-01-10")
    assert not opened("I2")
    society.indicators(site.contractor, "credit", "2025-09", [0, 0, 0, 0])
    judge("2026-01-10")
    assert not opened("I2")


def test_whole_city_or_project_by_project(site: Project) -> None:
    sub: Company = factories.company()
    other = factories.project()
    Party.objects.create(project=other, company=sub, role="sub", known_from=factories.EARLY)
    for company in (site.contractor, site.owner, sub):
        society.indicators(company, "gas", "2025-09", [*SIX, 10])
    judge("2026-04-10")
    before = sorted(Warning.objects.filter(rule="I2").values_list("project", "company", "since"))
    assert len(before) == 3
    assert not judge("2026-04-10").opened
    Warning.objects.all().delete()
    for project in (other, site):
        judge("2026-04-10", [project.pk])
    assert before == sorted(
        Warning.objects.filter(rule="I2").values_list("project", "company", "since")
    )


def test_the_number_of_queries_does_not_grow() -> None:
    rule = catalogue()["I2"]

    def queries() -> int:
        with CaptureQueriesContext(connection) as context:
            findings = rule.find(dt.date(2026, 4, 10), Scope(), rule.defaults)
            rule.evidence(dt.date(2026, 4, 10), findings)
        assert findings
        return len(context)

    def more(count: int) -> None:
        for _ in range(count):
            society.indicators(factories.project().contractor, "gas", "2025-09", [*SIX, 10])

    more(1)
    few = queries()
    more(8)
    assert queries() == few
