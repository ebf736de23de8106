"""C2, C4, D3, D4, D5: must fire, must not, and the days at the edges."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from alerts import engine
from alerts.models import Level, RuleParameter, Warning
from alerts.rules import catalogue
from alerts.rules.base import Scope
from payroll.models import AttendanceDay, Sheet
from projects.models import Engagement, MinimumWage, Project
from tests import factories as city
from tests.alerts.judge import day, judge, opened, the, value
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

pytestmark = pytest.mark.django_db


def days(first: str, last: str) -> list[dt.date]:
    calendar, start = WorkingDays.load(), day(first)
    span = [start + DAY * n for n in range((day(last) - start).days + 1)]
    return [date for date in span if calendar.is_workday(date)]


def change(person: Engagement, **facts: Any) -> None:
    Engagement.objects.filter(pk=person.pk).update(**facts)


def set_parameter(rule: str, name: str, number: int, region: str = "330902") -> None:
    RuleParameter.objects.create(
        rule=rule, name=name, region_id=region, value=number, document="文件",
        valid_from=city.EARLY,
    )  # fmt: skip


# C2: attended 2 to 31 March 2026.


@pytest.mark.parametrize(
    ("facts", "count"),
    [
        ({}, None),
        ({"contract_date": day("2026-03-02")}, None),  # signed on the very day
        ({"contract_date": day("2026-03-03")}, 1),
        ({"contract_date": None}, 22),
        ({"entry_date": day("2026-03-02")}, None),
        ({"entry_date": day("2026-03-04")}, 2),
        ({"entry_date": None}, None),
        ({"exit_date": day("2026-03-31")}, None),
        ({"exit_date": day("2026-03-30")}, 1),
    ],
)
def test_c2_days_outside_contract_and_registration(
    facts: dict[str, Any], count: int | None
) -> None:
    project = city.project()
    person = city.worker(project)
    change(person, **facts)
    city.attend(person, "2026-03", days=days("2026-03-02", "2026-03-31"))
    judge("2026-04-01")
    found = opened("C2")
    assert [int(w.evidence["rows"][0]["days"]) for w in found] == ([count] if count else [])
    if found:
        assert found[0].company == person.employer and found[0].month == Month.parse("2026-03")
        assert (found[0].level, found[0].workers) == (Level.YELLOW, 1)
        assert not found[0].data_missing


def test_c2_a_stranger_stands_under_the_general_contractor_until_registered() -> None:
    project = city.project()
    city.worker(project)  # the registry is there
    stranger = city.worker(project, known=day("2026-03-04"), registered=False)
    change(stranger, contract_date=None, entry_date=None)
    city.attend(stranger, "2026-03", days=days("2026-03-03", "2026-03-10"))
    judge("2026-03-04")
    warning = the("C2")
    assert warning.company == project.contractor and warning.since == day("2026-03-03")
    assert value(warning, "Workers not registered", "arithmetic") == "1"
    assert "未登记" in warning.evidence["rows"][0]["reason"]["zh"]
    assert warning.evidence["rows"][0]["id"].count("*") > 4
    judge("2026-03-12")
    sub = city.company()
    change(
        stranger, registered=True, employer=sub, known_from=day("2026-03-13"),
        entry_date=day("2026-03-01"), contract_date=day("2026-03-01"),
    )  # fmt: skip
    judge("2026-03-13")
    assert not opened("C2")  # told late, but it covers every day
    judge("2026-03-12")  # what was known then
    assert the("C2").company == project.contractor


def test_c2_without_any_registry_asks_for_it() -> None:
    project = city.project()
    stranger = city.worker(project, registered=False)
    city.attend(stranger, "2026-03", days=days("2026-03-03", "2026-03-10"))
    judge("2026-03-12")
    assert the("C2").data_missing


def test_c2_a_contract_signed_late_is_shown_a_while_and_no_contract_stays() -> None:
    project = city.project()
    late, without = city.worker(project), city.worker(project)
    change(late, contract_date=day("2026-03-05"))
    change(without, contract_date=None)
    for person in (late, without):
        city.attend(person, "2026-03", days=days("2026-03-03", "2026-03-10"))
    judge("2026-04-04")  # 31 days after the 4th, the last day without
    assert the("C2").workers == 2
    judge("2026-04-05")
    assert the("C2").workers == 1
    judge("2026-12-01")
    warning = the("C2")
    assert warning.workers == 1
    change(without, contract_date=day("2026-12-01"))
    judge("2026-12-02")
    assert not opened("C2")
    change(without, contract_date=None)
    judge("2026-12-02")
    assert the("C2").pk == warning.pk  # the same matter again


def test_c2_the_days_shown_are_a_parameter_of_the_region() -> None:
    near, far = city.project(), city.project(region_id="330921")
    for project in (near, far):
        person = city.worker(project)
        change(person, contract_date=day("2026-03-05"))
        city.attend(person, "2026-03", days=days("2026-03-03", "2026-03-10"))
    set_parameter("C2", "shown", 5, region="330921")
    judge("2026-03-20")
    assert the("C2").project == near and the("C2").evidence["parameters"]["shown"] == "31"


def test_c2_leap_day_and_two_employers() -> None:
    """Attendance of 29 February 2028 against contracts of that day and of the day after."""
    project = city.project()
    sub = city.company()
    on_the_day, after = city.worker(project, sub), city.worker(project, sub)
    again = city.worker(project, person=after.worker)
    change(on_the_day, contract_date=day("2028-02-29"))
    change(after, contract_date=day("2028-03-01"))
    for person in (on_the_day, after, again):
        city.attend(person, "2028-02", days=[day("2028-02-29")])
    judge("2028-03-01")
    assert the("C2").company == sub and the("C2").workers == 1


# C4: 22 working days in March 2026.


@pytest.mark.parametrize(("listed", "fires"), [(25, False), (26, True), (19, False), (18, True)])
def test_c4_more_than_three_days(listed: int, fires: bool) -> None:
    project = city.project()
    person, other = city.worker(project), city.worker(project)
    for one in (person, other):
        city.attend(one, "2026-03")
    lines = {person: {"net": Decimal(6000), "days": listed}, other: {"net": 6000, "days": 22}}
    city.sheet(project, "2026-03", lines)
    judge("2026-04-05")
    assert bool(opened("C4")) is fires
    if fires:
        warning = the("C4")
        assert (warning.level, warning.workers) == (Level.BLUE, 1)
        assert warning.evidence["rows"][0]["differs"] == f"{listed - 22:+}"
        assert not warning.data_missing and warning.since == day("2026-04-05")


def test_c4_half_days_back_pay_and_lines_without_days() -> None:
    project = city.project()
    half, back, silent = (city.worker(project) for _ in range(3))
    for person in (half, back, silent):
        city.attend(person, "2026-02")
        city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {
        half: {"net": 6000, "days": Decimal("25.50")},
        back: {"net": 500, "days": 0, "is_back_pay": True, "worked_month": Month.parse("2026-02")},
        silent: {"net": 6000, "days": None},
    })  # fmt: skip
    judge("2026-04-05")
    warning = the("C4")
    assert warning.workers == 1 and warning.evidence["rows"][0]["days"] == "25.5"


def test_c4_two_employers_on_one_project_are_added_up() -> None:
    """The gate cannot tell for whom the worker worked: under one employer 22 days, on the sheets
    of both 10 and 12."""
    project, sub = city.project(), city.company()
    first = city.worker(project)
    second = city.worker(project, sub, person=first.worker)
    city.attend(first, "2026-03")
    city.sheet(project, "2026-03", {first: {"net": 3000, "days": 10}})
    city.sheet(project, "2026-03", {second: {"net": 3000, "days": 12}})
    judge("2026-04-05")
    assert not opened("C4")
    city.sheet(project, "2026-03", {second: {"net": 3000, "days": 20}}, known=day("2026-04-07"))
    judge("2026-04-07")
    assert {warning.company for warning in opened("C4")} == {first.employer, sub}
    judge("2026-04-06")
    assert not opened("C4")


def test_c4_clears_reopens_and_is_replayed() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03", days=days("2026-03-02", "2026-03-25"))
    city.attend(city.worker(project), "2026-03")
    city.sheet(project, "2026-03", {person: {"net": 6000, "days": 22}})
    judge("2026-04-06")
    warning = the("C4")
    assert value(warning, "Difference", "arithmetic") == "4"
    city.attend(person, "2026-03", days=[day("2026-03-26")], known=day("2026-04-08"))
    judge("2026-04-08")
    assert not opened("C4")
    city.sheet(project, "2026-03", {person: {"net": 6000, "days": 23}}, known=day("2026-04-09"))
    judge("2026-04-09")
    assert the("C4").pk == warning.pk
    judge("2026-04-06")
    assert value(the("C4"), "Difference", "arithmetic") == "4"


@pytest.mark.parametrize(
    ("last", "missing"), [("2026-03-26", True), ("2026-03-27", False), ("2026-03-31", False)]
)
def test_c4_accuses_only_by_complete_attendance(last: str, missing: bool) -> None:
    """Nobody attends after `last`: 27, 30 and 31 March are three working days."""
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-02")
    city.attend(person, "2026-03", days=days("2026-03-02", last)[4:])
    city.attend(city.worker(project), "2026-03", days=days("2026-03-02", last))
    city.sheet(project, "2026-03", {person: {"net": 6000, "days": 22}})
    judge("2026-04-06")
    assert the("C4").data_missing is missing


def test_c4_a_gap_in_the_middle_excuses_too_many_days_and_not_too_few() -> None:
    project = city.project()
    person, short = city.worker(project), city.worker(project)
    seen = [d for d in days("2026-03-02", "2026-03-31") if not 9 <= d.day <= 13]
    for one in (person, short):
        city.attend(one, "2026-02")
        city.attend(one, "2026-03", days=seen)  # 17 days
    city.sheet(project, "2026-03", {person: {"net": 6000, "days": 22}})
    judge("2026-04-06")
    assert the("C4").data_missing
    lines = {person: {"net": 6000, "days": 22}, short: {"net": 3000, "days": 10}}
    city.sheet(project, "2026-03", lines, known=day("2026-04-07"))
    judge("2026-04-07")
    warning = the("C4")
    assert not warning.data_missing and warning.workers == 1
    assert warning.evidence["rows"][0]["differs"] == "-7"


def test_c4_not_before_the_month_is_over() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03", days=days("2026-03-02", "2026-03-20"))
    city.sheet(project, "2026-03", {person: {"net": 6000, "days": 22}}, known=day("2026-03-25"))
    judge("2026-03-31")
    assert not opened("C4")
    judge("2026-04-01")
    assert the("C4").since == day("2026-04-01")


def test_c3_hides_c4_of_the_same_workers_only() -> None:
    project = city.project()
    ghost, worker = city.worker(project), city.worker(project)
    city.attend(worker, "2026-03")
    lines = {ghost: {"net": 6000, "days": 22}, worker: {"net": 6000, "days": 22}}
    city.sheet(project, "2026-03", lines)
    judge("2026-04-05")
    assert the("C4").folded_under == the("C3")
    lines[worker]["days"] = 10
    city.sheet(project, "2026-03", lines, known=day("2026-04-07"))
    judge("2026-04-07")
    assert the("C4").folded_under is None and the("C4").workers == 2


def test_c4_days_allowed_are_a_parameter() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {person: {"net": 6000, "days": 24}})
    judge("2026-04-05")
    assert not opened("C4")
    set_parameter("C4", "days", 1)
    judge("2026-04-05")
    assert the("C4").evidence["parameters"]["days"] == "1"


# D3: the payday of March is 15 April 2026; that of January (the 18th) lies in the Spring Festival
# and moves to 14 February, a make-up Saturday.


def unsigned(net: int = 6000) -> dict[str, Any]:
    return {"net": Decimal(net), "confirmed_on": None}


@pytest.mark.parametrize(("as_of", "fires"), [("2026-04-15", False), ("2026-04-16", True)])
def test_d3_the_worker_has_until_the_end_of_the_payday(as_of: str, fires: bool) -> None:
    project = city.project()
    signed, not_signed = city.worker(project), city.worker(project)
    city.sheet(project, "2026-03", {signed: "5000", not_signed: unsigned()})
    judge(as_of)
    assert bool(opened("D3")) is fires
    if fires:
        warning = the("D3")
        assert (warning.level, warning.workers, warning.amount) == (Level.YELLOW, 1, 6000)
        assert warning.since == day("2026-04-16")
        assert value(warning, "Lines not confirmed", "arithmetic") == "1"
        assert [row["row"] for row in warning.evidence["rows"]] == ["6"]


def test_d3_a_payday_in_the_spring_festival() -> None:
    project = city.project(pay_day=18)
    person = city.worker(project)
    city.sheet(project, "2026-01", {person: unsigned()})
    judge("2026-02-14")
    assert not opened("D3")
    judge("2026-02-15")
    assert the("D3").since == day("2026-02-15")


def test_d3_clears_by_phone_and_the_answer_outlives_a_correction_of_others() -> None:
    project = city.project()
    person, other = city.worker(project), city.worker(project)
    sheet = city.sheet(project, "2026-03", {person: unsigned(), other: unsigned(5000)})
    judge("2026-04-16")
    warning = the("D3")
    assert warning.workers == 2
    city.answer(sheet.lines.get(engagement=person), "confirmed", day("2026-04-17"))
    judge("2026-04-17")
    assert the("D3").workers == 1
    city.sheet(
        project, "2026-03", {person: unsigned(), other: {"net": 5500}}, known=day("2026-04-18")
    )
    judge("2026-04-18")
    assert not opened("D3")  # confirmed at the same sum; the other signed the correction
    city.sheet(
        project, "2026-03", {person: unsigned(6100), other: {"net": 5500}}, known=day("2026-04-19")
    )
    judge("2026-04-19")
    assert the("D3").pk == warning.pk and the("D3").workers == 1  # another sum: confirmed anew
    judge("2026-04-16")
    assert the("D3").workers == 2


def test_d3_a_dispute_is_no_confirmation_whatever_the_sheet_says() -> None:
    project = city.project()
    person = city.worker(project)
    sheet = city.sheet(project, "2026-03", {person: "6000"})
    city.answer(sheet.lines.get(), "disputed", day("2026-04-10"))
    judge("2026-04-16")
    warning = the("D3")
    assert value(warning, "Lines disputed by the worker", "arithmetic") == "1"
    assert "有异议" in warning.evidence["rows"][0]["word"]["zh"]
    city.sheet(project, "2026-03", {person: "6500"}, known=day("2026-04-17"))
    judge("2026-04-17")
    assert not opened("D3")  # corrected and signed


def test_d3_a_sheet_that_comes_late_counts_from_its_day() -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {person: unsigned()}, known=day("2026-04-25"))
    judge("2026-04-24")
    assert not opened("D3") and opened("D1")
    judge("2026-04-25")
    assert the("D3").since == day("2026-04-25")


# D4: 2,260 a month since 2024, 2,070 before.


def low(gross: str = "2259.99", **fields: Any) -> dict[str, Any]:
    return {"net": Decimal(gross), "days": 22} | fields


@pytest.mark.parametrize(
    ("gross", "attended", "fires"),
    [("2259.99", 21, True), ("2260.00", 21, False), ("2259.99", 20, False)],
)
def test_d4_a_full_month_below_the_minimum(gross: str, attended: int, fires: bool) -> None:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03", days=days("2026-03-02", "2026-03-31")[:attended])
    city.sheet(project, "2026-03", {person: low(gross)})
    judge("2026-04-05")
    assert bool(opened("D4")) is fires
    if fires:
        warning = the("D4")
        assert (warning.level, warning.workers) == (Level.ORANGE, 1)
        assert warning.amount == Decimal("0.01")
        assert value(warning, "Minimum wage (month)") == "2260.00"
        assert value(warning, "In force from") == "2024-01-01"
        assert value(warning, "Note")  # the seeded value is still to be confirmed


def test_d4_by_the_value_in_force_in_the_month() -> None:
    """2,070 until December 2023; a raise within a month binds the next one."""
    early = day("2023-01-02")
    project = city.project(known=early, start_date=early)
    person = city.worker(project, known=early)
    for month in ("2023-12", "2024-01"):
        city.attend(person, month, days=days(f"{month}-01", f"{month}-31")[:21])
        city.sheet(project, month, {person: low("2100")})
    judge("2024-02-10")
    assert the("D4").month == Month.parse("2024-01")


@pytest.mark.parametrize(("valid_from", "fires"), [("2026-03-01", True), ("2026-03-02", False)])
def test_d4_a_raise_within_the_month_binds_the_next(valid_from: str, fires: bool) -> None:
    MinimumWage.objects.create(
        region_id="330902", valid_from=day(valid_from), monthly=2500, document="文件",
        known_from=day("2026-02-20"),
    )  # fmt: skip
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {person: low("2400")})
    judge("2026-04-05")
    assert bool(opened("D4")) is fires


def test_d4_by_the_region_of_the_project_and_by_what_was_on_record() -> None:
    """Two districts; the raise of one is entered on 20 April, as of 1 March."""
    near, far = city.project(), city.project(region_id="330921100")
    for project in (near, far):
        person = city.worker(project)
        city.attend(person, "2026-03")
        city.sheet(project, "2026-03", {person: low("2400")})
    MinimumWage.objects.create(
        region_id="330921", valid_from=day("2026-03-01"), monthly=2500, document="文件",
        known_from=day("2026-04-20"),
    )  # fmt: skip
    judge("2026-04-19")
    assert not opened("D4")
    judge("2026-04-20")
    warning = the("D4")
    assert warning.project == far and not [f for f in warning.evidence["facts"]
                                           if f["label"]["en"] == "Note"]  # fmt: skip
    judge("2026-04-19")
    assert not opened("D4")


def test_d4_without_a_value_on_record_nobody_is_accused() -> None:
    MinimumWage.objects.all().delete()
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {person: low("1")})
    judge("2026-04-05")
    assert not opened("D4")
    MinimumWage.objects.create(
        region_id="330900", valid_from=day("2026-04-01"), monthly=2500, document="文件",
        known_from=city.EARLY,
    )  # fmt: skip
    judge("2026-04-05")
    assert not opened("D4")  # of a later month


def test_d4_clears_by_back_pay_and_by_a_second_employers_line() -> None:
    project, sub = city.project(), city.company()
    first, second = city.worker(project), city.worker(project)
    again = city.worker(project, sub, person=second.worker)
    for person in (first, second):
        city.attend(person, "2026-03")
        city.attend(person, "2026-04")
    city.sheet(project, "2026-03", {first: low("2000"), second: low("1500")})
    city.sheet(project, "2026-03", {again: low("760", days=0)})
    judge("2026-04-05")
    assert the("D4").workers == 1 and the("D4").amount == 260
    back = {"net": Decimal(260), "is_back_pay": True, "worked_month": Month.parse("2026-03")}
    city.sheet(project, "2026-04", {first: back})
    judge("2026-05-04")
    assert opened("D4")
    judge("2026-05-05")
    assert not opened("D4", month=Month.parse("2026-03"))


# D5


def revise(project: Project, person: Engagement, net: Any, known: str, **fields: Any) -> Any:
    lines = {} if net is None else {person: {"net": Decimal(net)} | fields}
    other = city.worker(project)
    return city.sheet(
        project, "2026-03", lines | {other: "1000"}, known=day(known), employer=person.employer
    )


FIRST = dt.date(2026, 4, 5)


def case() -> tuple[Project, Engagement, Any]:
    project = city.project()
    person = city.worker(project)
    city.attend(person, "2026-03")
    sheet = city.sheet(project, "2026-03", {person: "6000"}, known=FIRST)
    return project, person, sheet


@pytest.mark.parametrize(
    ("net", "signed", "fires"),
    [
        ("5999.99", None, True),
        ("5999.99", FIRST, True),  # the date of the first version again
        ("5999.99", FIRST + DAY, False),  # signed anew
        ("6000", None, False),
        ("6100", None, False),
        (None, None, True),  # removed, though the worker attended
    ],
)
def test_d5_lowered_after_the_date_on_the_sheet(net: Any, signed: Any, fires: bool) -> None:
    project, person, _ = case()
    judge("2026-04-07")
    revise(project, person, net, "2026-04-08", confirmed_on=signed)
    judge("2026-04-07")
    assert not opened("D5")
    judge("2026-04-08")
    assert bool(opened("D5")) is fires
    if fires:
        warning = the("D5")
        assert (warning.level, warning.workers) == (Level.ORANGE, 1)
        assert warning.since == day("2026-04-08")
        assert warning.amount == Decimal(6000) - Decimal(net or 0)
        assert value(warning, "Lowered by", "arithmetic") == f"{warning.amount:.2f}"
        assert warning.company == person.employer and warning.month == Month.parse("2026-03")


def test_d5_versions_count_in_the_order_received_whatever_the_order_loaded() -> None:
    project, person, _ = case()
    revise(project, person, "5000", "2026-04-08", confirmed_on=None)
    signed = revise(project, person, "5000", "2026-04-12", confirmed_on=day("2026-04-11"))
    Sheet.objects.filter(pk=signed.pk).update(version=0)  # its file was loaded first
    judge("2026-04-08")
    assert the("D5").amount == 1000
    judge("2026-04-12")
    assert not opened("D5")


def test_d5_what_was_not_confirmed_may_be_corrected() -> None:
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: unsigned()})
    revise(project, person, "5000", "2026-04-08", confirmed_on=None)
    judge("2026-04-08")
    assert not opened("D5")


def test_d5_the_workers_own_answer_is_replaced_by_an_own_answer_only() -> None:
    project, person, sheet = case()
    city.answer(sheet.lines.get(), "confirmed", day("2026-04-06"), until=day("2026-04-10"))
    new = revise(project, person, "5000", "2026-04-08", confirmed_on=day("2026-04-07"))
    judge("2026-04-09")
    warning = the("D5")
    assert "手机" in warning.evidence["rows"][0]["by"]["zh"]
    city.answer(new.lines.get(engagement=person), "confirmed", day("2026-04-10"))
    judge("2026-04-10")
    assert not opened("D5")
    judge("2026-04-09")
    assert opened("D5")
    judge("2026-04-10")
    revise(project, person, "4000", "2026-04-12", confirmed_on=None)
    judge("2026-04-12")
    assert the("D5").pk == warning.pk and the("D5").amount == 1000  # below the second answer


def test_d5_a_dispute_takes_back_the_date_on_the_new_sheet() -> None:
    project, person, _ = case()
    new = revise(project, person, "5000", "2026-04-08", confirmed_on=day("2026-04-07"))
    judge("2026-04-08")
    assert not opened("D5")
    city.answer(new.lines.get(engagement=person), "disputed", day("2026-04-09"))
    judge("2026-04-09")
    assert the("D5").amount == 1000


def test_d5_restored_and_several_versions() -> None:
    project, person, _ = case()
    revise(project, person, "5000", "2026-04-08", confirmed_on=FIRST)
    revise(project, person, "5500", "2026-04-09", confirmed_on=None)
    judge("2026-04-09")
    assert the("D5").amount == 500 and the("D5").since == day("2026-04-08")
    revise(project, person, "6000", "2026-04-10", confirmed_on=None)
    judge("2026-04-10")
    assert not opened("D5")


def test_d5_a_ghost_taken_off_the_sheet_is_a_correction() -> None:
    project = city.project()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "6000"}, known=FIRST)
    revise(project, person, None, "2026-04-08")
    judge("2026-04-08")
    assert not opened("D5")


def test_d5_moved_to_another_employers_sheet() -> None:
    project, person, _ = case()
    sub = city.company()
    again = city.worker(project, sub, person=person.worker)
    revise(project, person, "2000", "2026-04-08", confirmed_on=None)
    city.sheet(project, "2026-03", {again: "3500"}, known=day("2026-04-08"))
    judge("2026-04-08")
    assert the("D5").amount == 500
    city.sheet(project, "2026-03", {again: "4000"}, known=day("2026-04-09"))
    judge("2026-04-09")
    assert not opened("D5")


# All of them


def crowd(workers: int) -> Project:
    """Every rule of these fires on every worker."""
    project = city.project()
    employer = city.company()
    people = [city.worker(project, employer) for _ in range(workers)]
    for person in people:
        change(person, contract_date=None)
        city.attend(person, "2026-03", days=days("2026-03-02", "2026-03-30"))
    lines = {person: low("2000", days=27) for person in people}
    city.sheet(project, "2026-03", lines, known=FIRST)
    lines = {person: low("1900", days=27, confirmed_on=None) for person in people}
    city.sheet(project, "2026-03", lines, known=day("2026-04-08"))
    return project


def test_queries_do_not_grow_with_workers(django_assert_max_num_queries: Any) -> None:
    rules = [catalogue()[code] for code in ("C2", "C4", "D3", "D4", "D5")]
    as_of = day("2026-04-20")
    for workers in (2, 12):
        project = crowd(workers)
        engine.evaluate(as_of, [project.pk])
        scope = Scope(frozenset([project.pk]))
        for rule in rules:
            with django_assert_max_num_queries(11):
                [found] = rule.find(as_of, scope, rule.defaults)
                [made] = rule.evidence(as_of, [found])
            assert found.workers == len(made.rows) == workers


def test_one_warning_for_each_cycle_and_the_same_again() -> None:
    crowd(3)
    judge("2026-04-20")
    before = list(Warning.objects.order_by("pk").values("rule", "workers", "amount", "evidence"))
    assert {w["rule"] for w in before} >= {"C2", "C4", "D3", "D4", "D5"}
    assert AttendanceDay.objects.count() == 63
    summary = judge("2026-04-20")
    assert not (summary.opened or summary.raised or summary.cleared)
    after = list(Warning.objects.order_by("pk").values("rule", "workers", "amount", "evidence"))
    assert after == before
