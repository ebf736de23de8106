"""Rules G1 and G2: complaints past their time limits, and many on one project."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alerts import engine
from alerts.models import RuleParameter, Warning
from alerts.rules import catalogue
from alerts.rules.base import Scope
from payroll.models import ComplaintStep
from projects.models import Authority, Project
from tests import factories, society
from tests.alerts.judge import day, judge, opened, the, value
from wagewatch.models import CalendarNotice

pytestmark = pytest.mark.django_db


@pytest.fixture
def site() -> Project:
    Authority.objects.create(kind="hrss", region_id="330900", name="示例市人社局")
    Authority.objects.create(kind="hrss", region_id="330902", name="示例区人社局")
    return factories.project()


# ---- G1


@pytest.mark.parametrize(
    ("received", "last"),
    [
        ("2026-03-02", "2026-03-09"),  # Monday to Monday
        ("2026-03-06", "2026-03-13"),  # a Friday: the weekend does not count
        ("2026-03-07", "2026-03-13"),  # a Saturday: the Monday after is the first
        # Spring Festival of 2026: rest from 15 to 23 February, work on 14 and 28 February.
        ("2026-02-12", "2026-02-26"),  # 13, 14 (made up), 24, 25, 26
        ("2026-02-20", "2026-02-28"),  # 24, 25, 26, 27, 28 (made up)
        # National Day of 2025 with Mid-Autumn: rest from 1 to 8 October, work on 28 September
        # and 11 October.
        ("2025-09-26", "2025-10-10"),  # 28 (made up), 29, 30 September, 9, 10 October
        ("2025-10-05", "2025-10-14"),  # 9, 10, 11 (made up), 13, 14
    ],
)
def test_the_fifth_working_day_is_in_time_and_the_day_after_is_not(
    site: Project, received: str, last: str
) -> None:
    society.complaint(site, received)
    judge(last)
    assert not opened("G1")
    engine.evaluate(day(last) + dt.timedelta(days=1))
    assert the("G1").since == day(last) + dt.timedelta(days=1)


def test_an_overdue_complaint_names_the_authority_and_nobody_who_complained(site: Project) -> None:
    made = society.complaint(
        site, "2026-03-02", id_number=factories.id_number(1), phone="13800000001",
        name="林一帆", people=12, amount="86000.00",
    )  # fmt: skip
    judge("2026-03-10")
    warning = the("G1")
    assert (warning.project, warning.company) == (site, site.contractor)
    assert (warning.subject, warning.workers, warning.level) == (made.number, 12, 2)
    assert warning.evidence["responsible"] == [
        {"code": "", "name": "示例区人社局", "role": "authority"}
    ]
    assert value(warning, "Working days over", "arithmetic") == "1"
    assert value(warning, "Last day in time") == "2026-03-09"
    text = str(warning.evidence)
    assert not [said for said in ("林一帆", "13800000001", made.id_number, "工资") if said in text]


@pytest.mark.parametrize("act", ["accepted", "refused", "forwarded", "answered"])
def test_a_decision_clears_it_and_one_in_time_keeps_it_away(site: Project, act: str) -> None:
    late, timely = (society.complaint(site, "2026-03-02") for _ in range(2))
    society.step(timely, act, "2026-03-09")
    judge("2026-03-10")
    assert the("G1").subject == late.number
    society.step(late, act, "2026-03-11")
    judge("2026-03-11")
    assert not opened("G1")
    judge("2026-03-10")  # by what was known on that day
    assert the("G1").subject == late.number


def test_a_decision_counts_from_the_day_it_was_known(site: Project) -> None:
    """The hotline's list came a week later: by then the decision had long been made."""
    made = society.complaint(site, "2026-03-02")
    society.step(made, "accepted", "2026-03-04", known="2026-03-16")
    judge("2026-03-12")
    assert the("G1").subject == made.number
    judge("2026-03-16")
    assert not opened("G1")


def test_the_answer_has_a_limit_of_its_own(site: Project) -> None:
    """60 working days from acceptance; the same warning opens again."""
    made = society.complaint(site, "2026-03-02")
    judge("2026-03-10")
    first = the("G1")
    society.step(made, "accepted", "2026-03-10")
    judge("2026-06-05")
    assert not opened("G1")  # the 60th working day after 10 March, over Qingming and Labour Day
    judge("2026-06-06")
    again = the("G1")
    assert again.pk == first.pk
    assert value(again, "Working days allowed", "arithmetic") == "60"
    society.step(made, "answered", "2026-06-08")
    judge("2026-06-08")
    assert not opened("G1")
    acts = list(again.events.values_list("act", flat=True))
    assert acts == ["opened", "cleared", "reopened", "cleared"]


def test_one_passed_on_is_answered_for_by_the_authority_that_got_it(site: Project) -> None:
    housing = Authority.objects.create(kind="housing", region_id="330900", name="示例市住建局")
    made = society.complaint(site, "2026-03-02")
    society.step(made, "forwarded", "2026-03-04", authority=housing)
    judge("2026-06-30")
    assert the("G1").evidence["responsible"][0]["name"] == "示例市住建局"


def test_a_complaint_without_a_project_waits_until_somebody_names_one(site: Project) -> None:
    made = society.complaint(None, "2026-03-02")
    judge("2026-03-12")
    assert not opened("G1")
    society.match(made, site, "2026-03-13")
    judge("2026-03-13")
    assert the("G1").since == day("2026-03-10")
    judge("2026-03-12")
    assert not opened("G1")


def test_a_complaint_moved_to_another_project_takes_its_warning_along(site: Project) -> None:
    made, other = society.complaint(site, "2026-03-02"), factories.project()
    judge("2026-03-10")
    society.match(made, other, "2026-03-11")
    judge("2026-03-11")
    assert the("G1").project == other
    judge("2026-03-10")
    assert the("G1").project == site


def test_a_region_may_set_its_own_limits(site: Project) -> None:
    RuleParameter.objects.create(
        rule="G1", name="accept", region_id="330902", valid_from=day("2026-01-01"), value=3,
        document="示例文件",
    )  # fmt: skip
    society.complaint(site, "2026-03-02")
    judge("2026-03-05")
    assert not opened("G1")
    judge("2026-03-06")
    assert the("G1").evidence["parameters"]["accept"] == "3"


def test_a_year_without_a_calendar_says_so(site: Project) -> None:
    society.complaint(site, "2040-03-01")  # a Thursday
    judge("2040-03-09")
    assert "not announced" in value(the("G1"), "Note")
    CalendarNotice.objects.create(year=2040, document="通知", text="", entered_on=day("2040-01-02"))
    judge("2040-03-09")
    assert not [f for f in the("G1").evidence["facts"] if f["label"]["en"] == "Note"]


# ---- G2


def test_three_people_within_thirty_days(site: Project) -> None:
    for received in ("2026-03-01", "2026-03-15", "2026-03-30"):
        society.complaint(site, received, amount="5000.00")
    judge("2026-03-29")
    assert not opened("G2")
    judge("2026-03-30")  # the first is the thirtieth day back
    warning = the("G2")
    assert (warning.company, warning.workers, warning.level) == (site.contractor, 3, 3)
    assert (warning.since, warning.amount) == (day("2026-03-30"), 15000)
    assert [p["role"] for p in warning.evidence["responsible"]] == ["general"]
    judge("2026-03-31")
    assert not opened("G2")
    society.complaint(site, "2026-04-01")
    judge("2026-04-01")
    assert the("G2").pk == warning.pk  # the same matter again


def test_two_complainants_are_not_three(site: Project) -> None:
    number = factories.id_number(3)
    society.complaint(site, "2026-03-02", id_number=number, amount="5000.00")
    society.complaint(site, "2026-03-05", id_number=number, phone="13800000002", amount="6000.00")
    society.complaint(site, "2026-03-06", phone="13800000002")  # the same person by telephone
    society.complaint(site, "2026-03-06")
    judge("2026-03-10")
    assert not opened("G2")
    society.complaint(site, "2026-03-11", id_number=factories.id_number(4))
    judge("2026-03-11")
    assert (the("G2").workers, the("G2").amount) == (3, 6000)
    counted = [row["counted"] for row in the("G2").evidence["rows"]]
    assert sorted(counted) == ["0", "0", "1", "1", "1"]


def test_one_complaint_for_twelve_people_counts_twelve(site: Project) -> None:
    made = society.complaint(site, "2026-03-02", people=9)
    judge("2026-03-02")
    assert the("G2").level == 3
    society.complaint(site, "2026-03-03")
    judge("2026-03-03")
    assert (the("G2").level, the("G2").workers) == (4, 10)
    society.step(made, "refused", "2026-03-04")
    judge("2026-03-04")
    assert not opened("G2")
    judge("2026-03-03")
    assert the("G2").workers == 10


def test_complaints_of_two_projects_are_not_added_up(site: Project) -> None:
    other = factories.project()
    for project in (site, site, other):
        society.complaint(project, "2026-03-02")
    judge("2026-03-02")
    assert not opened("G2")


def test_what_anybody_may_type_counts_once_an_authority_has_taken_it_up(site: Project) -> None:
    made = [society.complaint(site, "2026-03-02", from_public=True) for _ in range(3)]
    judge("2026-03-03")
    assert not opened("G2")
    for one in made:
        society.step(one, "accepted", "2026-03-04")
    judge("2026-03-04")
    assert the("G2").workers == 3


def test_the_evidence_tells_a_company_nothing_of_who_complained(site: Project) -> None:
    numbers = [factories.id_number(serial) for serial in (5, 6, 7)]
    for place, number in enumerate(numbers):
        society.complaint(
            site, f"2026-03-0{2 + place}", id_number=number, phone=f"1380000001{place}",
            name="林一帆", text="老板姓陈", amount="4321.00",
        )  # fmt: skip
    judge("2026-03-10")
    text = str(the("G2").evidence)
    told = [*numbers, *(number[-4:] for number in numbers), "1380000001", "林一帆", "陈", "4321"]
    assert not [said for said in told if said in text]
    assert not [row for row in the("G2").evidence["rows"] if "2026" in str(row)]


def test_what_came_late_counts_from_the_day_it_came(site: Project) -> None:
    for _ in range(3):
        society.complaint(site, "2026-03-02", known="2026-03-20")
    judge("2026-03-19")
    assert not opened("G2")
    judge("2026-03-20")
    assert the("G2").workers == 3


@pytest.mark.parametrize("rule", ["G1", "G2"])
def test_the_number_of_queries_does_not_grow(rule: str) -> None:
    def queries() -> int:
        found = catalogue()[rule]
        with CaptureQueriesContext(connection) as context:
            findings = found.find(day("2026-03-12"), Scope(), found.defaults)
            found.evidence(day("2026-03-12"), findings)
        assert findings
        return len(context)

    def more(count: int) -> None:
        for _ in range(count):
            place = factories.project()
            for _ in range(3):
                society.complaint(place, "2026-03-02")

    more(1)
    few = queries()
    more(6)
    assert queries() == few


def test_judging_again_and_one_by_one_changes_nothing(site: Project) -> None:
    other = factories.project()
    for project in (site, other):
        for _ in range(3):
            society.complaint(project, "2026-03-02")
    judge("2026-03-12")
    mine = Warning.objects.filter(rule__in=("G1", "G2"), status="open")
    before = sorted(mine.values_list("rule", "project", "subject", "since"))
    assert len(before) == 8
    assert not judge("2026-03-12").opened
    Warning.objects.all().delete()
    for project in (other, site):
        judge("2026-03-12", [project.pk])
    assert before == sorted(mine.values_list("rule", "project", "subject", "since"))
    assert not ComplaintStep.objects.exclude(act="matched").exists()
