"""Cases: opened, extended, suspended, handed over, closed; what each act keeps and refuses."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from alerts import cases, engine, escalation
from alerts.acts import NotPossible
from alerts.models import Case, CaseStep, Warning
from alerts.rules.base import Scope
from projects.models import Authority, Member
from tests import society, ui_city
from wagewatch.calendars import WorkingDays
from wagewatch.models import AuditEntry, CalendarDay

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
AS_OF = ui_city.AS_OF  # 30 April 2026; Labour Day holidays 1 to 5 May, 9 May is worked


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    return ui_city.city()


def county(name: str = "示例区人力资源和社会保障局", region: str = "330902") -> Authority:
    return Authority.objects.create(kind=Authority.Kind.HRSS, region_id=region, name=name)


def opened(city: ui_city.City, on: dt.date = AS_OF, **given: Any) -> Case:
    user = city.users["inspector"]
    return cases.open_case([city.a.warning], user, on=on, **given)


def acts(case: Case) -> list[tuple[str, str]]:
    return [(str(step.on), step.act) for step in case.steps.all()]


def test_opening_numbers_the_case_and_counts_its_limit(city: ui_city.City) -> None:
    case = opened(city, note="欠薪线索")
    assert case.reference == "示例市人力资源和社会保障局立案〔2026〕001号"
    assert (case.company, case.project, case.authority) == (
        city.a.sub,
        city.a.project,
        city.authority,
    )
    assert list(case.warnings.all()) == [city.a.warning]
    # 60 working days after 30 April 2026: past the Labour Day and Dragon Boat holidays.
    assert case.due_on == dt.date(2026, 7, 28)
    assert WorkingDays.load().between(AS_OF, case.due_on) == 60
    assert AuditEntry.objects.filter(act="case-opened").count() == 1
    assert acts(case) == [("2026-04-30", "open")]
    event = city.a.warning.events.get(act="cased")
    assert event.note == case.reference
    second = cases.open_case([city.b.warning], city.users["inspector"], on=AS_OF)
    assert second.number == 2


def test_a_refused_case_spends_no_number(city: ui_city.City) -> None:
    inspector = city.users["inspector"]
    opened(city)
    refused: list[list[Warning]] = [
        [],
        [city.a.warning],  # in a live case already
        [city.a.warning, city.b.warning],  # two companies
    ]
    for warnings in refused:
        with pytest.raises(NotPossible):
            cases.open_case(warnings, inspector, on=AS_OF)
    Warning.objects.filter(pk=city.b.warning.pk).update(status="cleared", cleared_on=AS_OF)
    cleared = Warning.objects.get(project=city.b.project, rule="E1")
    with pytest.raises(NotPossible):
        cases.open_case([cleared], inspector, on=AS_OF)
    Warning.objects.filter(pk=cleared.pk).update(status="open", cleared_on=None, internal=True)
    with pytest.raises(NotPossible):
        cases.open_case([cleared], inspector, on=AS_OF)
    Warning.objects.filter(pk=cleared.pk).update(internal=False)
    assert cases.open_case([cleared], inspector, on=AS_OF).number == 2
    assert AuditEntry.objects.filter(act="case-opened").count() == 2


def test_extended_once_with_approval_before_the_limit(city: ui_city.City) -> None:
    inspector, case = city.users["inspector"], opened(city)
    with pytest.raises(NotPossible):
        cases.extend(case, inspector, "案情复杂", " ", on=AS_OF + DAY)
    with pytest.raises(NotPossible):
        cases.extend(case, inspector, "案情复杂", "局长", on=case.due_on + DAY)
    case = cases.extend(case, inspector, "涉及多个班组,案情复杂", "王局长", on=case.due_on)
    assert WorkingDays.load().between(AS_OF, case.due_on) == 90
    assert (case.approved_by, case.extended_on) == ("王局长", dt.date(2026, 7, 28))
    with pytest.raises(NotPossible):
        cases.extend(case, inspector, "再次", "王局长", on=case.extended_on)
    assert "extend" not in cases.possible(case)
    assert AuditEntry.objects.filter(act="case-extend").count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=case.pk).update(approved_by="")


def test_a_suspension_stops_the_clock(city: ui_city.City) -> None:
    inspector, case = city.users["inspector"], opened(city)
    first = case.due_on
    case = cases.suspend(case, inspector, "等待司法鉴定", on=dt.date(2026, 5, 11))
    assert case.due_on == first
    escalation.refresh(dt.date(2026, 5, 18))
    case.refresh_from_db()
    calendar = WorkingDays.load()
    assert calendar.between(first, case.due_on) == 5
    case = cases.resume(case, inspector, on=dt.date(2026, 5, 25))
    assert calendar.between(first, case.due_on) == 10
    assert escalation.refresh(dt.date(2026, 6, 1)) == 0
    assert case.standing == "open"


def test_handed_over_taken_up_reported_and_sent_back(city: ui_city.City) -> None:
    inspector, case, district = city.users["inspector"], opened(city), county()
    officer = ui_city.user("officer", role="inspector", region_id="330902", authority=district)
    assert district in cases.able(case)
    with pytest.raises(NotPossible):
        cases.hand_over(case, inspector, county("乙县局", "330921"), "属地办理", on=AS_OF)
    with pytest.raises(NotPossible):
        cases.hand_over(case, inspector, district, "属地办理", report_on=AS_OF, on=AS_OF)
    case = cases.hand_over(
        case, inspector, district, "属地办理", report_on=AS_OF + 20 * DAY, on=AS_OF
    )
    assert (case.standing, case.authority, case.officer) == ("handed", district, None)
    assert case.taken_by == dt.date(2026, 5, 11)  # five working days, Saturday 9 May among them
    with pytest.raises(NotPossible):  # it is another authority's now
        cases.take_up(case, inspector, on=AS_OF + DAY)
    case = cases.send_back(case, officer, "企业不在本区", on=AS_OF + DAY)
    assert (case.standing, case.authority, case.report_on) == ("open", city.authority, None)
    case = cases.hand_over(
        case, inspector, district, "项目在你区", report_on=AS_OF + 20 * DAY, on=AS_OF + DAY
    )
    case = cases.take_up(case, officer, on=AS_OF + 2 * DAY)
    assert (case.standing, case.officer, case.taken_by) == ("open", officer, None)
    case = cases.report(case, officer, "已约谈企业负责人", on=AS_OF + 3 * DAY)
    assert case.report_on is None and "report" not in cases.possible(case)
    assert [act for _, act in acts(case)] == [
        "open", "hand_over", "send_back", "hand_over", "take_up", "report",
    ]  # fmt: skip
    assert AuditEntry.objects.filter(act__startswith="case-").count() == 6


def test_a_sector_regulator_is_handed_its_own_sector_alone(city: ui_city.City) -> None:
    case = opened(city)
    found = {
        kind: Authority.objects.create(kind=kind, region_id="330900", name=kind)
        for kind in ("housing", "water", "transport")
    }
    assert found["housing"] in cases.able(case)
    assert not {found["water"], found["transport"]} & set(cases.able(case))
    case = cases.hand_over(case, city.users["inspector"], found["housing"], "停工整改", on=AS_OF)
    assert case.authority == found["housing"]


def test_closed_with_a_result_and_then_nothing_more(city: ui_city.City) -> None:
    inspector, case = city.users["inspector"], opened(city)
    with pytest.raises(NotPossible):
        cases.close(case, inspector, "paid", " ", on=AS_OF)
    with pytest.raises(ValueError, match="bribed"):
        cases.close(case, inspector, "bribed", "x", on=AS_OF)
    case = cases.close(case, inspector, "paid", "工资已付清,有银行回单", on=AS_OF + DAY)
    assert (case.standing, case.result, case.closed_on) == ("closed", "paid", AS_OF + DAY)
    assert cases.possible(case) == []
    with pytest.raises(NotPossible):
        cases.note(case, inspector, "x", on=AS_OF + DAY)
    again = opened(city, AS_OF + 2 * DAY)  # the facts may call for a new one
    assert again.number == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=again.pk).update(standing="closed", closed_on=AS_OF)


@pytest.mark.parametrize("act", sorted(cases.TRANSITIONS))
def test_the_table_decides_which_act_is_possible(city: ui_city.City, act: str) -> None:
    """Each act against each standing: done where the table says so, refused where it does not."""
    inspector, case, district = city.users["inspector"], opened(city), county()
    before = Authority.objects.create(kind="housing", region_id="330900", name="前手")
    case.steps.update(authority=before)
    Warning.objects.filter(pk=city.b.warning.pk).update(company=city.a.sub)
    given: dict[str, tuple[Any, ...]] = {
        "link": (list(Warning.objects.filter(project=city.b.project, rule="E1")),),
        "take_in": (society.complaint(city.a.project, "2026-04-10"),),
        "assign": (inspector,),
        "extend": ("x", "y"),
        "hand_over": (district, "x"),
        "close": ("paid", "x"),
        "resume": (),
        "take_up": (),
    }
    for standing in Case.Standing.values:
        closed = {"closed_on": AS_OF, "result": "paid"} if standing == "closed" else {}
        with transaction.atomic():
            Case.objects.filter(pk=case.pk).update(
                standing=standing, report_on=AS_OF + DAY, **closed
            )
            after = cases.TRANSITIONS[act].get(standing)
            if after is None:
                with pytest.raises(NotPossible):
                    getattr(cases, act)(case, inspector, *given.get(act, ("x",)), on=AS_OF)
                assert CaseStep.objects.filter(case=case).count() == 1
            else:
                made = getattr(cases, act)(case, inspector, *given.get(act, ("x",)), on=AS_OF)
                assert made.standing == after
                assert case.steps.latest("pk").act == act
            transaction.set_rollback(True)
    assert set(CaseStep.Act.values) - set(cases.TRANSITIONS) == {"open"}


def test_steps_follow_one_another_in_time_and_belong_to_the_authority(city: ui_city.City) -> None:
    case = opened(city)
    with pytest.raises(NotPossible):
        cases.note(case, city.users["inspector"], "昨天", on=AS_OF - DAY)
    other = ui_city.user("other", role="inspector", region_id="330902", authority=county())
    for user in (other, city.users["government"], city.users["sub_a"]):
        with pytest.raises(NotPossible):
            cases.note(case, user, "x", on=AS_OF)
        assert not cases.may_act(case, Member.objects.get(user=user))
    with pytest.raises(NotPossible):
        cases.assign(case, city.users["inspector"], other, on=AS_OF)


def test_a_case_is_told_as_it_stood_on_any_day(city: ui_city.City) -> None:
    inspector, case, district = city.users["inspector"], opened(city), county()
    cases.extend(case, inspector, "x", "y", on=AS_OF + DAY)
    cases.hand_over(case, inspector, district, "x", on=AS_OF + 2 * DAY)
    officer = ui_city.user("officer", role="inspector", region_id="330902", authority=district)
    cases.take_up(case, officer, on=AS_OF + 3 * DAY)
    cases.close(case, officer, "paid", "x", on=AS_OF + 4 * DAY)

    def told(on: dt.date) -> list[tuple[str, int, bool]]:
        return [
            (state.standing, state.authority, state.extended_on is not None)
            for state in escalation.known_on(on, Scope())
        ]

    city_hrss, there = city.authority.pk, district.pk
    assert told(AS_OF - DAY) == []
    assert told(AS_OF) == [("open", city_hrss, False)]
    assert told(AS_OF + DAY) == [("open", city_hrss, True)]
    assert told(AS_OF + 2 * DAY) == [("handed", there, True)]
    assert told(AS_OF + 3 * DAY) == [("open", there, True)]
    assert told(AS_OF + 4 * DAY) == []


def test_the_limit_moves_when_a_calendar_is_announced(city: ui_city.City) -> None:
    """2027 is not announced: Monday to Friday count until the table says otherwise."""
    case = opened(city, dt.date(2026, 12, 1))
    before = case.due_on
    assert before.year == 2027 and not WorkingDays.load().is_announced(2027)
    for day in range(8, 13):  # Monday 8 to Friday 12 February
        CalendarDay.objects.create(date=dt.date(2027, 2, day), is_workday=False)
    assert escalation.refresh(dt.date(2026, 12, 2)) == 1
    case.refresh_from_db()
    assert WorkingDays.load().between(before, case.due_on) == 5


def test_counting_again_asks_the_same_questions_for_more_cases(
    city: ui_city.City, django_assert_num_queries: Any
) -> None:
    opened(city)
    Case.objects.update(due_on=AS_OF)
    with CaptureQueriesContext(connection) as one:
        assert escalation.refresh(AS_OF) == 1
    cases.open_case([city.b.warning], city.users["inspector"], on=AS_OF)
    Case.objects.update(due_on=AS_OF)
    with django_assert_num_queries(len(one)):
        assert escalation.refresh(AS_OF) == 2


def test_judging_an_earlier_day_keeps_a_warning_with_a_case(city: ui_city.City) -> None:
    case = opened(city)
    engine.evaluate(dt.date(2026, 3, 31))
    assert case.warnings.get().status == "cleared"
    engine.evaluate(AS_OF)
    assert case.warnings.get().status == "open"


def test_the_table_is_drawn_in_the_docs() -> None:
    page = Path(__file__).parents[2] / "docs" / "cases.md"
    assert cases.drawn() in page.read_text(encoding="utf-8")
