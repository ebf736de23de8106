"""The outlook of coming paydays: sums by hand, what makes it unknown, the past, scope, pages."""

import datetime as dt
import io
import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from alerts import engine, forecast, tasks
from alerts.forecast import Outlook, accuracy, disbursement, wages, words
from alerts.models import Evaluation, Forecast, ForecastMeasure, Warning
from payroll import cycles
from projects.models import Engagement, Project, ProjectVersion, Region
from tests import factories as city
from tests import ui_city
from tests.alerts.judge import day
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
Confidence = Forecast.Confidence


def bare(**facts: Any) -> Any:
    """A project whose contract names no labour cost, unless told otherwise."""
    return city.project(**{"labour_cost_monthly": None} | facts)


def outlook(project: Project, as_of: str) -> Outlook:
    cycles.compute(day(as_of))
    [made] = forecast.coming(day(as_of), [project.pk])
    return made


def funded(project: Project, closing: str, until: str) -> None:
    """The bank's statement of that day, received the day after."""
    city.statement(project, day(until), closing=closing)


def credited(project: Project, months: range, on: int, amount: str = "10000") -> None:
    """The owner pays in on this day of each of these months of 2026 (0: December 2025)."""
    for number in months:
        first = (Month.parse("2025-12") + number).first
        city.credit(project, amount, first.replace(day=on))


def test_sheets_against_the_balance() -> None:
    """Payday 15 April: 5,000 + 4,000 on sheets, 1,000 paid already, 500 of February open."""
    project = bare()
    sub = city.company()
    a, b = city.worker(project), city.worker(project, sub)
    city.sheet(project, "2026-02", {a: "500"})
    city.sheet(project, "2026-03", {a: "5000"})
    city.sheet(project, "2026-03", {b: "4000"})
    city.pay(b, "2026-03", "1000", day("2026-04-08"))
    funded(project, "6000", "2026-04-09")
    made = outlook(project, "2026-04-10")
    assert (made.payday, str(made.month)) == (day("2026-04-15"), "2026-03")
    assert (made.due, made.needed) == (9000, 8500)
    assert (made.balance, made.expected.amount) == (6000, 0)
    assert made.shortfall == made.least == made.most == 2500
    assert made.reasons == [forecast.NO_RECORD] and made.confidence == Confidence.LOW
    assert made.sheets_missing == 0
    # Before the sheets came nothing of them was known.
    assert outlook(project, "2026-04-04").needed == 500


def test_attendance_times_the_crews_recent_pay() -> None:
    """No sheet of March yet: 22 working days attended at (4,410 + 3,200) / (21 + 16) a day, and
    between the worse and the better month."""
    project = bare()
    person = city.worker(project)
    calendar = WorkingDays.load()
    for month, net in (("2026-01", "4410"), ("2026-02", "3200")):
        city.attend(person, month)
        city.sheet(project, month, {person: net})
        payday = calendar.payday(Month.parse(month), 15)
        city.pay(person, month, net, payday)
    city.attend(person, "2026-03")
    city.attend(person, "2026-04", days=[day("2026-04-01")])
    funded(project, "1000", "2026-04-02")
    made = outlook(project, "2026-04-03")
    [one] = made.needs.wages
    january, february, march = (
        calendar.between(Month.parse(m).first - DAY, Month.parse(m).last)
        for m in ("2026-01", "2026-02", "2026-03")
    )
    rate = Decimal(7610) / (january + february)
    assert one.basis == wages.CREW and one.days == march and one.months == 2
    assert made.needed == (rate * march).quantize(Decimal("0.01"))
    low, high = sorted([Decimal(4410) / january, Decimal(3200) / february])
    assert one.low == (low * march).quantize(Decimal("0.01"))
    assert one.high == (high * march).quantize(Decimal("0.01"))
    assert made.least < made.shortfall < made.most
    assert forecast.ESTIMATED in made.reasons and forecast.EXTRAPOLATED not in made.reasons
    assert made.confidence == Confidence.LOW and made.sheets_missing == 1


def test_agreed_rates_and_a_month_that_is_not_over() -> None:
    """Payday 1 May for April (moved to 30 April); on 21 April the month has 15 of 22 working days
    behind it: 14 + 15 days at 300 and 200, carried on to the month's end."""
    project = bare(pay_day=1)
    a, b = city.worker(project), city.worker(project)
    for person, price in ((a, "300"), (b, "200")):
        Engagement.objects.filter(pk=person.pk).update(
            unit_price=Decimal(price), facts_from=day("2026-03-01")
        )
    calendar = WorkingDays.load()
    april = Month.parse("2026-04")
    days = [april.first + n * DAY for n in range(20) if calendar.is_workday(april.first + n * DAY)]
    city.attend(a, "2026-04", days=days[:-1])
    city.attend(b, "2026-04", days=days)
    city.attend(b, "2026-03")
    funded(project, "0", "2026-04-20")
    made = outlook(project, "2026-04-21")
    [one] = made.needs.wages
    assert made.payday == day("2026-04-30") and one.basis == wages.AGREED
    worked = 300 * (len(days) - 1) + 200 * len(days)
    whole = calendar.between(april.first - DAY, april.last)
    share = Decimal(whole) / len(days)
    assert made.needed == (worked * share).quantize(Decimal("0.01"))
    assert one.low == worked  # at least what has been worked
    assert forecast.EXTRAPOLATED in made.reasons
    # A price that cannot be a day's pay is none.
    Engagement.objects.update(unit_price=Decimal(9000))
    made = outlook(project, "2026-04-21")
    assert made.needed is None and forecast.NO_RATE in made.reasons
    assert made.shortfall is None and made.confidence == Confidence.UNKNOWN


def test_attendance_known_in_part_counts_what_was_known() -> None:
    project = bare()
    person = city.worker(project)
    Engagement.objects.filter(pk=person.pk).update(unit_price=100, facts_from=day("2026-01-01"))
    city.attend(person, "2026-03", days=[day("2026-03-02"), day("2026-03-03")])
    city.attend(person, "2026-03", days=[day("2026-03-30"), day("2026-03-31")],
                known=day("2026-04-09"))  # fmt: skip
    funded(project, "0", "2026-04-02")
    [one] = outlook(project, "2026-04-03").needs.wages
    assert (one.days, one.low) == (2, 200)
    [one] = outlook(project, "2026-04-09").needs.wages
    assert (one.days, one.due, one.low) == (4, 400, 400)


def test_the_owners_record() -> None:
    """It pays 10,000 on the 12th of each month: to be expected on the 10th, not once it is late."""
    project = bare(labour_cost_monthly=Decimal(99999))
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "12000"})
    credited(project, range(4), on=12)  # December to March
    funded(project, "3000", "2026-04-09")
    made = outlook(project, "2026-04-10")
    assert made.expected.basis == disbursement.RECORD and len(made.expected.windows) >= 2
    assert made.expected.amount == made.expected.low == made.expected.high == 10000
    assert made.shortfall == 0 and not made.expected.late
    # The 13th, nothing has come: it had always paid by now.
    funded(project, "3000", "2026-04-13")
    made = outlook(project, "2026-04-14")
    assert made.expected.late and made.expected.amount == 0
    assert made.shortfall == 9000 and forecast.LATE in made.reasons
    # What has come is in the balance and is not expected again.
    city.credit(project, "10000", day("2026-04-08"), known=day("2026-04-09"))
    made = outlook(project, "2026-04-10")
    assert made.expected.credited == 10000 and made.expected.amount == 0


def test_an_owner_without_a_record_is_taken_at_its_word() -> None:
    """In full until the sheets are due, five days before the payday of 15 April; a fifth less with
    every day after that on which nothing has come."""
    project = bare(labour_cost_monthly=Decimal(8000))
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "5000"}, known=day("2026-04-05"))
    funded(project, "1000", "2026-04-09")
    made = outlook(project, "2026-04-10")
    assert (made.expected.basis, made.expected.amount) == (disbursement.AGREED, 8000)
    assert (made.expected.low, made.expected.high) == (0, 8000)
    assert (made.shortfall, made.least, made.most) == (0, 0, 4000)
    assert made.confidence == Confidence.LOW
    assert {forecast.BY_AGREEMENT, forecast.DEPENDS} <= set(made.reasons)
    funded(project, "1000", "2026-04-13")
    made = outlook(project, "2026-04-14")
    assert made.expected.amount == 3200  # two of five days are left
    assert (made.shortfall, made.least, made.most) == (800, 0, 4000)


def test_what_came_before_the_first_wages_is_no_record() -> None:
    """The project began in February; the 500 of before the January payday were for no wages. One
    cycle is the record: 10,000 before the payday of 13 March."""
    project = bare(labour_cost_monthly=Decimal(8000), start_date=day("2026-02-02"))
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "9000"}, known=day("2026-04-05"))
    city.credit(project, "500", day("2026-02-11"))
    city.credit(project, "10000", day("2026-03-12"))
    funded(project, "0", "2026-04-09")
    made = outlook(project, "2026-04-10")
    assert made.expected.basis == disbursement.RECORD
    assert [(w.came, w.cycle) for w in made.expected.windows] == [(10000, 10000)]
    assert made.shortfall == 0 and forecast.ONE_CYCLE in made.reasons
    assert made.confidence == Confidence.LOW


def test_what_makes_it_unknown() -> None:
    stale, homeless, silent = bare(), bare(account=False), bare()
    for project in (stale, homeless):
        person = city.worker(project)
        city.sheet(project, "2026-03", {person: "5000"})
    funded(stale, "9000", "2026-03-20")
    person = city.worker(silent)
    city.attend(person, "2026-02")
    funded(silent, "0", "2026-04-09")
    for project, reason in (
        (stale, forecast.STALE), (homeless, forecast.NO_ACCOUNT), (silent, forecast.SILENT),
    ):  # fmt: skip
        made = outlook(project, "2026-04-10")
        assert reason in made.reasons and made.shortfall is None
        assert made.confidence == Confidence.UNKNOWN
    idle = bare()
    assert forecast.coming(day("2026-04-10"), [idle.pk]) == []


def test_every_reason_has_its_words() -> None:
    codes = {
        value for name, value in vars(forecast).items() if name.isupper() and isinstance(value, str)
    }
    assert codes == set(words.REASONS)
    assert all(text.zh and text.en for text in words.REASONS.values())


def test_a_past_day_says_what_it_said_then() -> None:
    project = bare()
    person = city.worker(project)
    city.attend(person, "2026-03")
    city.sheet(project, "2026-03", {person: "5000"})
    funded(project, "1000", "2026-04-09")
    before = outlook(project, "2026-04-10")
    city.pay(person, "2026-03", "5000", day("2026-04-10"), known=day("2026-04-20"))
    city.sheet(project, "2026-03", {person: "7000"}, known=day("2026-04-21"))
    city.statement(project, day("2026-04-09"), closing="50000", known=day("2026-04-22"))
    again = outlook(project, "2026-04-10")
    assert (again.needed, again.balance, again.reasons) == (
        before.needed, before.balance, before.reasons,
    ) == (5000, 1000, before.reasons)  # fmt: skip


def test_the_number_of_queries_does_not_grow() -> None:
    def add() -> None:
        project = bare()
        a, b = city.worker(project), city.worker(project, city.company())
        Engagement.objects.filter(pk=b.pk).update(unit_price=100, facts_from=day("2026-01-01"))
        city.attend(b, "2026-03")
        city.sheet(project, "2026-03", {a: "5000"})
        city.credit(project, "100", day("2026-02-12"))
        funded(project, "1000", "2026-04-09")

    counts = []
    for more in (1, 5):
        for _ in range(more):
            add()
        cycles.compute(day("2026-04-10"))
        with CaptureQueriesContext(connection) as queries:
            assert len(forecast.coming(day("2026-04-10"))) == Project.objects.count()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
    forecast.refresh(day("2026-04-10"))
    assert Forecast.objects.count() == 6
    forecast.refresh(day("2026-04-10"))
    assert Forecast.objects.count() == 6


def test_it_opens_no_warning_and_follows_each_feed() -> None:
    project = bare()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "5000"})
    funded(project, "0", "2026-04-05")
    tasks.feed_committed([project.pk], "2026-04-07")
    assert Forecast.objects.get().shortfall == 5000
    assert not Warning.objects.filter(rule="B3").exists()  # 8 days before the payday
    funded(project, "9000", "2026-04-08")
    tasks.feed_committed([project.pk], "2026-04-09")
    kept = Forecast.objects.get()
    assert (kept.shortfall, kept.as_of) == (0, day("2026-04-09"))


def history() -> list[Project]:
    """Three projects whose March wages (payday 15 April) were forecast: one rightly short, one
    covered and paid, one covered and not paid."""
    made = []
    for closing, paid in (("1000", False), ("9000", True), ("9000", False)):
        project = bare()
        person = city.worker(project)
        city.attend(person, "2026-03")
        city.sheet(project, "2026-03", {person: "5000"}, known=day("2026-04-05"))
        for until in ("2026-04-04", "2026-04-09", "2026-04-13"):
            funded(project, closing, until)
        if paid:
            city.pay(person, "2026-03", "5000", day("2026-04-15"))
        funded(project, "4000" if paid else closing, "2026-04-20")
        made.append(project)
    return made


def test_accuracy_on_a_history_by_hand() -> None:
    """Of the three one lacked the money; another had it and paid nobody, which is late, not short,
    and nothing foretold it."""
    history()
    found = accuracy.measure(day("2026-04-15"), day("2026-04-15"), None)
    assert (found["paydays"], found["short"], found["late"]) == (3, 1, 1)
    for lead in ("10", "5", "1"):
        told = found["leads"][lead]
        assert (told["forecasts"], told["unknown"]) == (3, 0)
        assert (told["hits"], told["misses"], told["false_alarms"], told["quiet"]) == (1, 0, 0, 2)
        assert (told["precision"], told["recall"]) == (1.0, 1.0)
        assert told["needed_error"] == 0.0 and told["funds_error"] == 0.0
        assert (told["late"]["misses"], told["late"]["quiet"]) == (1, 2)
    assert found["wrong"] == []


@pytest.mark.parametrize(
    ("closing", "came_on", "short", "late"),
    [("1000", "2026-04-15", 0, 1), ("1000", "2026-04-16", 1, 0), ("4999", None, 1, 0)],
)
def test_short_is_what_the_account_held_at_the_end_of_the_payday(
    closing: str, came_on: str | None, short: int, late: int
) -> None:
    """What the owner paid in on the payday itself was there to pay from; the day after it was not.
    The wages were paid on the 18th, when there was enough."""
    project = bare()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "5000"}, known=day("2026-04-05"))
    funded(project, closing, "2026-04-13")
    if came_on:
        city.credit(project, "4000", day(came_on), known=day("2026-04-20"))
        city.pay(person, "2026-03", "5000", day("2026-04-18"), known=day("2026-04-20"))
    city.statement(project, day("2026-04-20"), known=day("2026-04-21"))
    found = accuracy.measure(day("2026-04-15"), day("2026-04-15"), None)
    assert (found["paydays"], found["short"], found["late"]) == (1, short, late)
    told = found["leads"]["1"]
    assert (told["hits"], told["false_alarms"]) == (short, 1 - short)


def test_a_payday_that_bank_data_never_reach_is_not_measured() -> None:
    project = bare()
    person = city.worker(project)
    city.sheet(project, "2026-03", {person: "5000"}, known=day("2026-04-05"))
    funded(project, "1000", "2026-04-13")
    found = accuracy.measure(day("2026-04-15"), day("2026-04-15"), None)
    assert found["paydays"] == 0 and found["leads"]["1"]["forecasts"] == 0


def test_late_before_is_the_payers_record() -> None:
    """February was paid three days late, January in time; March's payday is ahead."""
    project = bare()
    person = city.worker(project)
    calendar = WorkingDays.load()
    for month, days in (("2026-01", 0), ("2026-02", 3)):
        city.sheet(project, month, {person: "5000"})
        city.pay(person, month, "5000", calendar.payday(Month.parse(month), 15) + days * DAY)
    city.sheet(project, "2026-03", {person: "5000"})
    funded(project, "9000", "2026-04-09")
    made = outlook(project, "2026-04-10")
    assert made.paid_late == [False, True] and made.late_before == 1
    assert made.shortfall == 0  # a record of lateness is no lack of funds
    # Nothing is held against it that the bank's data do not reach yet.
    assert outlook(project, "2026-03-14").paid_late == []


def test_errors_in_per_cent_by_hand() -> None:
    """Forecast by an agreed rate of 100 a day; the sheet came to 2,500: an error of |x - 2500|."""
    project = bare()
    person = city.worker(project)
    Engagement.objects.filter(pk=person.pk).update(unit_price=100, facts_from=day("2026-01-01"))
    city.attend(person, "2026-03")
    city.attend(person, "2026-04", days=[day("2026-04-01")])
    city.sheet(project, "2026-03", {person: "2500"}, known=day("2026-04-12"))
    funded(project, "1000", "2026-04-03")
    city.credit(project, "3000", day("2026-04-14"))
    city.pay(person, "2026-03", "2500", day("2026-04-15"))
    city.statement(project, day("2026-04-20"))
    days = WorkingDays.load().between(day("2026-02-28"), day("2026-03-31"))
    found = accuracy.measure(day("2026-04-15"), day("2026-04-15"), None)
    at10, at1 = found["leads"]["10"], found["leads"]["1"]
    assert at10["needed_error"] == round(abs(100 * days - 2500) / 2500 * 100, 2)
    assert at1["needed_error"] == 0.0
    assert at10["funds_error"] == 75.0  # 1,000 forecast; 3,000 more came
    assert (at10["false_alarms"], at10["precision"], at10["recall"]) == (1, 0.0, None)


def test_the_commands() -> None:
    history()
    out = io.StringIO()
    call_command("forecast", "--as-of", "2026-04-10", "--format", "json", stdout=out)
    rows = json.loads(out.getvalue())
    assert [row["shortfall"] for row in rows] == ["4000.00", "0.00", "0.00"]
    out = io.StringIO()
    span = ["--from", "2026-04-15", "--to", "2026-04-15"]
    call_command("forecast", "--accuracy", *span, "--format", "json", stdout=out)
    assert json.loads(out.getvalue())["leads"]["5"]["recall"] == 1.0
    assert ForecastMeasure.objects.get().finished_at
    out = io.StringIO()
    call_command("forecast", "--accuracy", *span, stdout=out)
    assert "1 short of money, 1 late" in out.getvalue() and "recall 1.0" in out.getvalue()


@pytest.fixture
def offices(settings: Any, tmp_path: Any) -> ui_city.City:
    """Both sites, judged on a day before the payday."""
    settings.MEDIA_ROOT = tmp_path
    made = ui_city.city()
    ProjectVersion.objects.update(labour_cost_monthly=None)
    engine.evaluate(day("2026-04-10"))
    Evaluation.objects.exclude(as_of=day("2026-04-10")).delete()
    for site in (made.a, made.b):
        city.statement(site.project, day("2026-04-08"), closing="2000.00")
    forecast.refresh(day("2026-04-10"))
    return made


def signed_in(offices: ui_city.City, who: str) -> Client:
    client = Client()
    client.force_login(offices.users[who])
    return client


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("inspector", "ab"), ("inspector_b", "b"), ("regulator", "a"), ("regulator_b", ""),
        ("government", "a"), ("general_a", "a"), ("owner_b", "b"),
    ],
)  # fmt: skip
def test_each_sees_the_own_paydays(offices: ui_city.City, who: str, sees: str) -> None:
    client = signed_in(offices, who)
    page = client.get("/paydays/").content.decode()
    sheet = load_workbook(io.BytesIO(client.get("/paydays.xlsx").content)).active
    listed = {row[1].value for row in sheet.iter_rows(min_row=2)}
    for letter, site in (("a", offices.a), ("b", offices.b)):
        assert (site.project.name in page) == (letter in sees)
        assert (site.project.name in listed) == (letter in sees)
        answer = client.get(f"/paydays/{site.project.code}/")
        assert answer.status_code == (200 if letter in sees else 404)


def test_a_subcontractor_sees_none(offices: ui_city.City) -> None:
    client = signed_in(offices, "sub_a")
    for path in ("/paydays/", "/paydays.xlsx", f"/paydays/{offices.a.project.code}/"):
        assert client.get(path).status_code == 403
    assert not Forecast.objects.visible_to(offices.users["sub_a"].member).exists()


def test_the_page_says_what_to_do_and_shows_the_arithmetic(offices: ui_city.City) -> None:
    page = signed_in(offices, "owner_a").get("/paydays/").content.decode()
    assert "04-15前向专用账户拨付10,000.00元" in page
    page = signed_in(offices, "general_a").get(f"/paydays/{offices.a.project.code}/")
    text = page.content.decode()
    assert "12,000.00" in text and "2,000.00" in text and "10,000.00" in text
    account = offices.a.project.accounts.get().number
    assert account not in text  # masked for companies
    assert (
        account
        in signed_in(offices, "inspector")
        .get(f"/paydays/{offices.a.project.code}/")
        .content.decode()
    )
    past_day = signed_in(offices, "inspector").get(
        f"/paydays/{offices.a.project.code}/?on=2026-02-20"
    )
    assert past_day.status_code == 200 and past_day.context["outlook"] is None
    assert (
        signed_in(offices, "inspector")
        .get(f"/paydays/{offices.a.project.code}/?on=soon")
        .status_code
        == 200
    )


def test_filters_sorting_and_the_empty_list(offices: ui_city.City) -> None:
    inspector = signed_in(offices, "inspector")
    for asked, names in (
        ("outlook=short", 2), ("outlook=covered", 0), ("region=330921", 1), ("industry=housing", 1),
        ("q=甲", 1), ("within=5", 2), ("sort=payday", 2), ("sort=project&within=31", 2),
        ("within=999", 2), ("after=nonsense", 2),
    ):  # fmt: skip
        answer = inspector.get(f"/paydays/?{asked}")
        assert answer.status_code == 200
        assert len(answer.context["page"].rows) == names, asked
    assert "没有符合条件的发薪日" in inspector.get("/paydays/?outlook=covered").content.decode()
    Forecast.objects.all().delete()
    assert "未来十天没有发薪日" in inspector.get("/paydays/").content.decode()


def test_the_interface_gives_them(offices: ui_city.City) -> None:
    from projects import tokens

    for who, codes in (("inspector", 2), ("general_a", 1), ("sub_a", 0)):
        member = offices.users[who].member
        _, word = tokens.issue(member.user, "t", may_write=False, days=30)
        answer = Client().get("/api/v1/forecasts", headers={"authorization": f"Bearer {word}"})
        rows = answer.json()["results"]
        assert len(rows) == codes
        assert all(row["shortfall"] == "10000.00" for row in rows)
        assert all(row["confidence"] == "low" for row in rows)


def test_inspectors_measure_on_a_page(offices: ui_city.City) -> None:
    inspector = signed_in(offices, "inspector")
    assert inspector.get("/paydays/accuracy/").status_code == 200
    assert inspector.post("/paydays/accuracy/measure/").status_code == 302
    inspector.post("/paydays/accuracy/measure/")
    made = ForecastMeasure.objects.get()
    assert made.is_open and made.last <= timezone.localdate() - accuracy.SETTLED * DAY
    assert inspector.get("/paydays/accuracy/").context["running"] == made
    ForecastMeasure.objects.update(first=day("2026-04-15"), last=day("2026-04-15"))
    for site in (offices.a, offices.b):
        city.statement(site.project, day("2026-04-20"), closing="2000.00")
    accuracy.run(made.pk)
    answer = inspector.get("/paydays/accuracy/")
    assert answer.context["latest"] == made and answer.context["latest"].result["short"] == 2
    county = signed_in(offices, "inspector_b")
    assert county.get("/paydays/accuracy/").context["latest"] is None
    assert signed_in(offices, "general_a").get("/paydays/accuracy/").status_code == 403
    assert Region.objects.get(pk=made.territory_id).parent_id is None
    assert isinstance(made.asked_at, dt.datetime)
