"""H1 to H4: fires, does not, the edge days, clears, returns, is told again for an earlier day."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts import acts, answers, cases, engine, notices, tasks
from alerts.models import Answer, Case, Level, RuleParameter, Warning
from alerts.notices import figures
from projects.models import Authority, Member
from tests import factories, ui_city
from tests.alerts.judge import day, judge, the, value
from wagewatch.calendars import WorkingDays
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
AS_OF = ui_city.AS_OF


@pytest.fixture
def city(settings: Any, tmp_path: Any) -> ui_city.City:
    settings.MEDIA_ROOT = tmp_path
    return ui_city.city()


def evaluate(on: dt.date | str, *places: ui_city.Site) -> engine.Summary:
    chosen = [place.project.pk for place in places] or None
    return engine.evaluate(day(on) if isinstance(on, str) else on, chosen)


def level(place: ui_city.Site) -> Level:
    return Level(place.warning.level)


def set_value(rule: str, name: str, value: int, region: str = "330902") -> None:
    RuleParameter.objects.create(
        rule=rule, name=name, region_id=region, value=value, valid_from=factories.EARLY,
        document="文件",
    )  # fmt: skip


def explain(city: ui_city.City, who: str, place: ui_city.Site, on: dt.date | str) -> Answer:
    member = Member.objects.get(user=city.users[who])
    on = day(on) if isinstance(on, str) else on
    return answers.answer(place.warning, member, "explanation", "正在筹款", on=on)


# ---- H1: shown on Thursday 30 April; working days 6, 7, 8, 9 (made up) and 11 May


def test_h1_raises_after_five_working_days_across_a_holiday(city: ui_city.City) -> None:
    assert level(city.a) == Level.ORANGE  # E1 of March, 15 days after the payday
    evaluate("2026-05-11")
    assert level(city.a) == Level.ORANGE and not Warning.objects.filter(rule="H1")
    evaluate("2026-05-12")
    assert level(city.a) == Level.RED
    assert city.a.warning.evidence["raised"] == {
        "rule": "H1", "from": 3, "to": 4, "shown_on": "2026-04-30", "due_on": "2026-05-11",
    }  # fmt: skip
    assert city.a.warning.own_level == Level.ORANGE
    step = city.a.warning.events.last()
    assert step and (step.act, step.note) == ("raised", "H1")
    made = the("H1", project=city.a.project, company=city.a.sub)
    assert (made.level, made.since, made.internal) == (Level.RED, day("2026-05-12"), False)
    assert made.folded_under == city.a.warning
    assert value(made, "Working days over", "arithmetic") == "1"
    [row] = [r for r in made.evidence["rows"] if r["warning"] == str(city.a.warning.pk)]
    assert (row["shown"], row["due"], row["before"], row["after"]) == (
        "2026-04-30", "2026-05-11", {"zh": "橙色", "en": "Orange"}, {"zh": "红色", "en": "Red"},
    )  # fmt: skip
    assert value(made, "The company has a sign-in here") == "Yes"


def test_h1_again_changes_nothing_and_an_earlier_day_is_told_again(city: ui_city.City) -> None:
    evaluate("2026-05-12")
    said = ("rule", "project", "level", "fingerprint", "folded_under__rule")
    before = set(Warning.objects.open().values_list(*said))
    again = evaluate("2026-05-12")
    assert (again.opened, again.raised, again.cleared, again.reopened) == (0, 0, 0, 0)
    assert before == set(Warning.objects.open().values_list(*said))
    evaluate("2026-05-11")
    assert level(city.a) == Level.ORANGE and not Warning.objects.open().filter(rule="H1")
    assert city.a.warning.evidence["raised"] is None
    evaluate("2026-05-12", city.a)
    evaluate("2026-05-12", city.b)
    assert before == set(Warning.objects.open().values_list(*said))


def test_h1_is_answered_in_time_late_or_taken_back(city: ui_city.City) -> None:
    explain(city, "sub_a", city.a, "2026-05-11")
    evaluate("2026-05-12")
    assert (level(city.a), level(city.b)) == (Level.ORANGE, Level.RED)
    made = explain(city, "sub_b", city.b, "2026-05-13")  # late: from then on it is answered
    evaluate("2026-05-13")
    assert level(city.b) == Level.ORANGE
    last = city.b.warning.events.exclude(act="answered").last()
    assert last and last.act == "lowered"
    evaluate("2026-05-12")  # by what was said up to that day
    assert level(city.b) == Level.RED
    answers.withdraw(made, city.users["sub_b"], on=day("2026-05-14"))
    evaluate("2026-05-13")  # it was answered on that day
    assert level(city.b) == Level.ORANGE
    evaluate("2026-05-14")
    assert level(city.b) == Level.RED


def test_h1_another_companys_answer_does_not_count(city: ui_city.City) -> None:
    explain(city, "general_a", city.a, "2026-05-06")
    evaluate("2026-05-12")
    assert level(city.a) == Level.RED


def test_h1_counts_again_when_the_warning_returns(city: ui_city.City) -> None:
    explain(city, "sub_a", city.a, "2026-05-06")
    for person in city.a.people:
        factories.pay(person, "2026-03", "6000", day("2026-05-07"))
    evaluate("2026-05-08")
    assert city.a.warning.status == "cleared"
    for person in city.a.people:
        factories.pay(person, "2026-03", "6000", day("2026-05-11"), returned=True)
    evaluate("2026-05-12")
    assert city.a.warning.status == "open" and not city.a.warning.evidence["raised"]
    evaluate("2026-05-19")  # the fifth working day
    assert not city.a.warning.evidence["raised"]
    evaluate("2026-05-20")  # what was said before it cleared answers nothing now
    assert city.a.warning.evidence["raised"]["shown_on"] == "2026-05-12"


def test_h1_runs_from_the_day_on_which_it_could_be_seen(city: ui_city.City, client: Client) -> None:
    """Past days are judged on Wednesday 20 May; working days 21, 22, 25, 26, 27."""
    Warning.objects.all().delete()
    shown = day("2026-05-20")
    engine.evaluate_days([day("2026-04-16"), day("2026-05-19"), shown], shown_on=shown)
    opened, *later = city.a.warning.events.order_by("pk")
    assert (opened.act, opened.on, opened.shown_on) == ("opened", day("2026-04-16"), shown)
    assert {step.shown_on for step in later} == {None}
    client.force_login(city.users["sub_a"])
    client.cookies["django_language"] = "zh-hans"
    page = client.get(f"/warnings/{opened.warning_id}/").content.decode()
    assert "企业自2026-05-20起可见" in page
    explain(city, "sub_b", city.b, "2026-05-19")  # dated the day last judged, before `shown`
    evaluate("2026-05-27")
    assert not Warning.objects.filter(rule="H1")
    evaluate("2026-05-28")
    assert city.a.warning.evidence["raised"]["shown_on"] == "2026-05-20"
    assert city.b.warning.evidence["raised"] is None


def test_h1_runs_from_the_day_a_person_takes_it_up(city: ui_city.City) -> None:
    """On a day on which the round of the night has not run: restored on 6 May, dated 30 April."""
    who = city.users["inspector"]
    acts.dismiss(city.a.warning, who, "x", day("2026-06-30"), on=AS_OF)
    acts.restore(city.a.warning, who, on=AS_OF, shown_on=day("2026-05-06"))
    evaluate("2026-05-12")
    assert level(city.b) == Level.RED and level(city.a) == Level.ORANGE
    evaluate("2026-05-13")
    assert city.a.warning.evidence["raised"]["shown_on"] == "2026-05-06"


def test_a_feed_of_a_past_day_shows_its_warnings_today(city: ui_city.City) -> None:
    Warning.objects.all().delete()
    tasks.feed_committed([city.a.project.pk], AS_OF)
    assert city.a.warning.events.get().shown_on == timezone.localdate()


def test_h1_leaves_blue_folded_unproved_and_dismissed_ones(city: ui_city.City) -> None:
    acts.dismiss(city.b.warning, city.users["inspector"], "x", day("2026-06-30"), on=AS_OF)
    evaluate("2026-05-12")
    raised = [w for w in Warning.objects.open() if w.evidence["raised"]]
    assert city.a.warning in raised and city.b.warning not in raised
    for warning in raised:
        assert warning.folded_under is None and not warning.data_missing
        assert warning.own_level >= Level.YELLOW
    blue = Warning.objects.open().filter(level=Level.BLUE)
    assert not any(w.evidence["raised"] for w in blue)


def test_h1_red_stays_red_and_a_dismissed_h1_raises_nothing(city: ui_city.City) -> None:
    evaluate("2026-05-20")  # E1 is red by itself from the 31st day on
    assert city.a.warning.own_level == level(city.a) == Level.RED
    assert the("H1", project=city.a.project, company=city.a.sub).evidence["rows"]
    evaluate("2026-05-12")
    silent = the("H1", project=city.a.project, company=city.a.sub)
    acts.dismiss(
        silent, city.users["inspector"], "电话答复", day("2026-06-30"), on=day("2026-05-12")
    )
    evaluate("2026-05-13")
    assert level(city.a) == Level.ORANGE and level(city.b) == Level.RED


def test_h1_by_the_days_of_the_region(city: ui_city.City) -> None:
    set_value("H1", "days", 7)
    evaluate("2026-05-12")
    assert (level(city.a), level(city.b)) == (Level.ORANGE, Level.RED)
    evaluate("2026-05-14")
    assert level(city.a) == Level.RED
    assert the("H1", project=city.a.project, company=city.a.sub).evidence["parameters"] == {
        "days": "7"
    }


# ---- H2 and H4


def county() -> Authority:
    return Authority.objects.create(
        kind=Authority.Kind.HRSS, region_id="330902", name="示例区人力资源和社会保障局"
    )


def opened(city: ui_city.City, on: dt.date | str = AS_OF) -> Case:
    on = day(on) if isinstance(on, str) else on
    return cases.open_case([city.a.warning], city.users["inspector"], on=on)


def found(rule: str) -> list[tuple[str, int]]:
    return [
        (str(w.since), w.level) for w in Warning.objects.open().filter(rule=rule).order_by("pk")
    ]


def test_h2_a_case_not_taken_up_in_five_working_days(city: ui_city.City) -> None:
    case, district = opened(city), county()
    officer = ui_city.user("officer", role="inspector", region_id="330902", authority=district)
    cases.hand_over(case, city.users["inspector"], district, "属地办理", on=AS_OF)
    evaluate("2026-05-11")
    assert found("H2") == []
    evaluate("2026-05-12")
    assert found("H2") == [("2026-05-12", Level.YELLOW)]
    made = the("H2")
    assert made.internal and (made.project, made.company) == (city.a.project, city.a.sub)
    assert made.evidence["responsible"] == [
        {"code": "hrss-330902", "name": "示例区人力资源和社会保障局", "role": "authority"}
    ]
    assert value(made, "Working days over", "arithmetic") == "1"
    cases.take_up(case, officer, on=day("2026-05-12"))
    evaluate("2026-05-12")
    assert found("H2") == []
    back = cases.hand_over(case, officer, city.authority, "重大案件", on=day("2026-05-13"))
    assert back.standing == "handed"
    evaluate("2026-05-21")  # the same matter again, of another authority
    assert found("H2") == [("2026-05-21", Level.YELLOW)]
    assert the("H2").pk == made.pk and the("H2").evidence["responsible"][0]["code"] == "hrss-330900"
    evaluate("2026-05-11")
    assert found("H2") == []


def test_h2_a_report_asked_for_and_not_made(city: ui_city.City) -> None:
    case, district = opened(city), county()
    officer = ui_city.user("officer", role="inspector", region_id="330902", authority=district)
    asked = day("2026-05-15")
    cases.hand_over(case, city.users["inspector"], district, "x", report_on=asked, on=AS_OF)
    cases.take_up(case, officer, on=day("2026-05-06"))
    evaluate(asked)
    assert found("H2") == []
    evaluate(asked + DAY)
    assert found("H2") == [("2026-05-16", Level.YELLOW)]
    cases.report(case, officer, "已约谈", on=day("2026-05-18"))
    evaluate("2026-05-18")
    assert found("H2") == []
    evaluate("2026-05-17")  # as it was known then
    assert found("H2") == [("2026-05-16", Level.YELLOW)]


def test_h2_by_the_days_of_the_region(city: ui_city.City) -> None:
    set_value("H2", "take_up", 8)
    cases.hand_over(opened(city), city.users["inspector"], county(), "x", on=AS_OF)
    evaluate("2026-05-14")
    assert found("H2") == []
    evaluate("2026-05-15")
    assert found("H2") == [("2026-05-15", Level.YELLOW)]
    evaluate("2026-05-12")
    assert found("H2") == []


@pytest.mark.parametrize(
    ("opened_on", "limit"),
    [
        ("2026-04-30", "2026-07-28"),  # Labour Day, Dragon Boat; Saturday 9 May is worked
        ("2026-08-03", "2026-10-30"),  # Mid-Autumn, National Day and its make-up workdays
        ("2026-12-01", "2027-02-23"),  # into a year not announced: Monday to Friday
    ],
)
def test_h4_sixty_working_days(city: ui_city.City, opened_on: str, limit: str) -> None:
    case, last, calendar = opened(city, opened_on), day(limit), WorkingDays.load()
    assert calendar.between(case.opened_on, last) == 60 and calendar.is_workday(last)
    assert case.due_on == last
    soon = calendar.add(case.opened_on, 50)
    evaluate(soon - DAY)
    assert found("H4") == []
    evaluate(soon)
    assert found("H4") == [(str(soon), Level.BLUE)]
    evaluate(last)
    assert found("H4") == [(str(soon), Level.BLUE)]
    evaluate(last + DAY)
    assert found("H4") == [(str(last + DAY), Level.ORANGE)]
    made = the("H4")
    assert made.internal and made.evidence["responsible"][0]["code"] == "hrss-330900"
    labels = {fact["label"]["en"] for fact in made.evidence["facts"]}
    assert ("Note" in labels) is not calendar.is_announced(last.year)
    cases.close(case, city.users["inspector"], "paid", "x", on=last + 3 * DAY)
    evaluate(last + 3 * DAY)
    assert found("H4") == []


def test_h4_across_the_spring_festival(city: ui_city.City) -> None:
    """From 15 January 2025: the holiday of 28 January to 4 February, with make-up workdays on
    Sunday 26 January and Saturday 8 February."""
    calendar = WorkingDays.load()
    assert calendar.add(day("2025-01-23"), 2) == day("2025-01-26")
    assert calendar.add(day("2025-01-27"), 1) == day("2025-02-05")
    case = opened(city)
    Case.objects.filter(pk=case.pk).update(opened_on=day("2025-01-15"))
    case.steps.update(on=day("2025-01-15"))
    limit = calendar.add(day("2025-01-15"), 60)
    evaluate(limit)
    assert found("H4")[0][1] == Level.BLUE
    evaluate(limit + DAY)
    assert found("H4") == [(str(limit + DAY), Level.ORANGE)]
    assert limit == day("2025-04-16")


def test_h4_extended_and_suspended(city: ui_city.City) -> None:
    case, inspector, calendar = opened(city), city.users["inspector"], WorkingDays.load()
    first = case.due_on
    case = cases.extend(case, inspector, "x", "王局长", on=first)
    evaluate(first + DAY)
    assert found("H4") == []
    case = cases.suspend(case, inspector, "等待鉴定", on=first + DAY)
    evaluate(case.due_on + DAY)  # the clock stands still
    assert found("H4") == []
    case = cases.resume(case, inspector, on=first + 8 * DAY)
    assert calendar.between(AS_OF, case.due_on) == 90 + calendar.between(
        first + DAY, first + 8 * DAY
    )
    evaluate(case.due_on)
    assert found("H4")[0][1] == Level.BLUE
    evaluate(case.due_on + DAY)
    assert found("H4") == [(str(case.due_on + DAY), Level.ORANGE)]
    made = the("H4")
    assert value(made, "Of them suspended", "arithmetic") == "5"
    evaluate(first)  # before the extension was known, its last day
    assert found("H4") == []


def test_h4_by_the_days_of_the_region(city: ui_city.City) -> None:
    set_value("H4", "days", 30)
    set_value("H4", "blue", 2)
    case = opened(city)
    calendar = WorkingDays.load()
    assert calendar.between(AS_OF, case.due_on) == 30
    evaluate(calendar.add(AS_OF, 27))
    assert found("H4") == []
    evaluate(calendar.add(AS_OF, 28))
    assert [found_level for _, found_level in found("H4")] == [Level.BLUE]


# ---- H3


def ordered(city: ui_city.City, place: ui_city.Site) -> Any:
    return notices.issue(
        "rectification",
        [place.warning],
        user=city.users["inspector"],
        authority=city.authority,
        issued_on=AS_OF,
        due_on=day("2026-05-12"),
    )


def test_h3_an_order_unpaid_paid_in_part_and_paid(city: ui_city.City) -> None:
    notice = ordered(city, city.a)
    factories.statement(city.a.project, day("2026-05-31"), known=day("2026-05-12"))
    evaluate("2026-05-12")
    assert found("H3") == []
    evaluate("2026-05-13")
    made = the("H3")
    assert (made.level, made.since, made.amount, made.workers) == (
        Level.RED,
        day("2026-05-13"),
        Decimal("12000.00"),
        2,
    )
    assert (made.project, made.company) == (city.a.project, city.a.sub)
    assert made.subject == notice.document_number and not made.internal
    assert not made.data_missing and made.evidence["sources"]  # the sheet, as received
    assert "6,000.00" in made.evidence["steps"][0]["zh"]  # half of it on top, at least
    assert not any("E8" in step["zh"] for step in made.evidence["steps"])
    first, second = city.a.people
    factories.pay(first, "2026-03", "6000", day("2026-05-13"))
    factories.pay(second, "2026-03", "1000", day("2026-05-13"))
    evaluate("2026-05-14")
    made = the("H3")
    assert (made.amount, made.workers) == (Decimal("5000.00"), 1)
    [row] = made.evidence["rows"]
    assert (row["owed"], row["paid"], row["open"]) == ("6000.00", "1000.00", "5000.00")
    assert second.worker.id_number not in str(made.evidence)
    assert value(made, "Paid since", "arithmetic") == "7000.00"
    factories.pay(second, "2026-03", "5000", day("2026-05-14"))
    evaluate("2026-05-15")
    assert found("H3") == []
    factories.pay(second, "2026-03", "5000", day("2026-05-18"), returned=True)
    evaluate("2026-05-19")
    assert the("H3").pk == made.pk and the("H3").amount == Decimal("5000.00")
    evaluate("2026-05-13")
    assert the("H3").amount == Decimal("12000.00")


def test_h3_asks_for_bank_data_that_do_not_reach_the_day(city: ui_city.City) -> None:
    ordered(city, city.a)
    evaluate("2026-05-13")
    assert the("H3").data_missing  # the bank's data end on 29 April


def test_h3_counts_no_wage_that_the_order_did_not_name(city: ui_city.City) -> None:
    ordered(city, city.a)
    factories.statement(city.a.project, day("2026-06-30"), known=day("2026-05-12"))
    for person in city.a.people:
        factories.attend(person, "2026-04")
        factories.pay(person, "2026-03", "6000", day("2026-05-12"))
    factories.sheet(city.a.project, "2026-04", dict.fromkeys(city.a.people, "9999.00"))
    evaluate("2026-05-20")
    assert found("H3") == [] and the("E1", project=city.a.project).amount == Decimal("19998.00")


def test_h3_names_the_police_where_the_criminal_threshold_is_reached(city: ui_city.City) -> None:
    set_value("E8", "months", 1)
    ordered(city, city.a)
    factories.statement(city.a.project, day("2026-05-31"), known=day("2026-05-12"))
    evaluate("2026-05-20")
    assert any("E8" in step["zh"] for step in the("H3").evidence["steps"])
    assert any("B1" in step["zh"] for step in the("H3").evidence["steps"])  # no owner credit


def test_months_as_printed_are_read_back() -> None:
    for text in (["2026-03"], ["2025-12", "2026-01", "2026-03"], ["2025-11", "2025-12"]):
        months = [Month.parse(one) for one in text]
        assert figures.months_of(figures.months(months)) == months
    for wrong in ("", "3月", "2026年13月", "2026年3月、x"):
        with pytest.raises(ValueError):
            figures.months_of(wrong)


# ---- all of them


def test_queries_of_oversight_do_not_grow_with_the_cases(city: ui_city.City) -> None:
    case, district = opened(city), county()
    cases.hand_over(case, city.users["inspector"], district, "x", on=AS_OF)
    on = day("2026-10-30")
    evaluate(on)
    with CaptureQueriesContext(connection) as one:
        evaluate(on + DAY)
    cases.open_case([city.b.warning], city.users["inspector"], on=AS_OF)
    evaluate(on)
    assert len(found("H4")) == 2
    with CaptureQueriesContext(connection) as two:
        evaluate(on + DAY)  # the same day again, so that the other rules find the same
    assert len(two) <= len(one) + 1, (len(one), len(two))


def test_what_is_about_an_authority_is_hidden_from_companies(city: ui_city.City) -> None:
    case = opened(city)
    cases.hand_over(case, city.users["inspector"], county(), "x", on=AS_OF)
    evaluate("2026-07-28")
    assert found("H2") and found("H4")
    sees = {"inspector", "government", "regulator"}
    for who, user in city.users.items():
        member = Member.objects.filter(user=user).first()
        rules = set(Warning.objects.visible_to(member).values_list("rule", flat=True))
        assert ({"H2", "H4"} <= rules) is (who in sees), who
        assert bool({"H2", "H4"} & rules) is (who in sees), who
        assert bool(Case.objects.visible_to(member).count()) is (who in sees), who
    assert judge("2026-07-28").opened == 0
    with pytest.raises(acts.NotPossible):  # no office sets its own delay aside
        acts.dismiss(the("H4"), city.users["inspector"], "x", day("2026-08-30"))
