"""A year's notice on one page: checked, on record, and the paydays with it."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from alerts import engine
from payroll import paydays, working_calendar
from payroll.models import Cycle, Payday
from tests import factories, ui_city
from tests.alerts.judge import opened, the, value
from tests.wagewatch.test_holiday_notice import TEXT_2026
from wagewatch.calendars import WorkingDays, missing_years
from wagewatch.models import AuditEntry, CalendarDay, CalendarNotice
from wagewatch.months import Month

pytestmark = pytest.mark.django_db
D = dt.date
TODAY = D(2026, 12, 3)
# Made up: the notice of 2027 is not known.
TEXT_2027 = """关于2027年部分节假日安排的通知
一、元旦:1月1日(周五)至3日(周日)放假,共3天。
二、春节:2月5日(周五)至11日(周四)放假调休,共7天。1月31日(周日)、2月20日(周六)上班。
三、清明节:4月3日(周六)至5日(周一)放假,共3天。
四、劳动节:5月1日(周六)至5日(周三)放假调休,共5天。4月25日(周日)、5月8日(周六)上班。
五、端午节:6月9日(周三)放假,共1天。
六、中秋节:9月15日(周三)放假,共1天。
七、国庆节:10月1日(周五)至7日(周四)放假调休,共7天。9月26日(周日)、10月9日(周六)上班。
"""


def payday(month: str, pay_day: int) -> tuple[dt.date, bool]:
    row = Payday.objects.get(month=Month.parse(month), pay_day=pay_day)
    return row.date, row.provisional


def test_paydays_of_2027_with_and_without_the_notice() -> None:
    paydays.fill_months(Month.parse("2026-11"), Month.parse("2027-09"))
    assert payday("2026-11", 15) == (D(2026, 12, 15), False)
    assert payday("2027-01", 8) == (D(2027, 2, 8), True)  # weekdays alone
    assert payday("2026-12", 2) == (D(2027, 1, 1), True)
    working_calendar.enter(2027, "示例通知", TEXT_2027, None, on=TODAY)
    assert payday("2027-01", 8) == (D(2027, 2, 4), False)  # the Spring Festival begins on the 5th
    assert payday("2026-12", 2) == (D(2026, 12, 31), False)
    assert payday("2027-01", 20) == (D(2027, 2, 20), False)  # a make-up Saturday
    assert payday("2026-11", 15) == (D(2026, 12, 15), False)
    assert AuditEntry.objects.get(act="calendar-entered").thing_id == "2027"


def test_what_was_judged_keeps_its_payday_until_it_is_judged_again() -> None:
    project = factories.project(pay_day=8)
    person = factories.worker(project)
    factories.sheet(project, "2027-01", {person: "6000"}, known=D(2027, 2, 1))
    factories.statement(project, D(2027, 2, 10), closing="0")
    engine.evaluate(D(2027, 2, 9))
    warning = the("E1")
    assert value(warning, "Payday") == "2027-02-08"
    note = "Years whose holidays are not announced (their dates are provisional)"
    assert value(warning, note) == "2027" and Cycle.objects.get().provisional
    working_calendar.enter(2027, "示例通知", TEXT_2027, None, on=D(2027, 2, 9))
    warning.refresh_from_db()
    assert value(warning, "Payday") == "2027-02-08"
    engine.evaluate(D(2027, 2, 10))
    warning = the("E1")
    assert value(warning, "Payday") == "2027-02-04" and not Cycle.objects.get().provisional
    assert not [f for f in warning.evidence["facts"] if f["label"]["en"] == note]


def test_entering_again_replaces_the_days_of_the_year() -> None:
    working_calendar.enter(2027, "示例通知", TEXT_2027, None, on=TODAY)
    changed = TEXT_2027.replace("1月31日(周日)、2月20日(周六)上班", "2月20日(周六)上班")
    working_calendar.enter(2027, "示例通知(更正)", changed, None, on=TODAY)
    assert not WorkingDays.load().is_workday(D(2027, 1, 31))
    assert CalendarNotice.objects.get().document == "示例通知(更正)"
    with pytest.raises(working_calendar.NotAccepted):
        working_calendar.enter(2027, "示例通知", TEXT_2027[:200], None, on=TODAY)
    with pytest.raises(working_calendar.NotAccepted):
        working_calendar.enter(2029, "示例通知", TEXT_2027, None, on=TODAY)
    with pytest.raises(working_calendar.NotAccepted):
        working_calendar.enter(2027, " ", TEXT_2027, None, on=TODAY)


def test_the_warning_begins_in_december_and_ends_with_the_notice() -> None:
    assert missing_years(D(2026, 11, 30)) == []
    assert missing_years(D(2026, 12, 1)) == [2027]
    assert missing_years(D(2027, 1, 1)) == [2027]
    CalendarDay.objects.create(date=D(2027, 1, 1), is_workday=False, source="one day")
    assert missing_years(D(2026, 12, 31)) == [2027]  # one day is no year
    working_calendar.enter(2027, "示例通知", TEXT_2027, None, on=TODAY)
    assert missing_years(D(2026, 12, 31)) == []
    assert missing_years(D(2027, 12, 1)) == [2028]


@pytest.fixture
def people(settings: Any, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, User]:
    settings.MEDIA_ROOT = tmp_path
    users = ui_city.city().users
    users["admin"] = User.objects.create(username="admin", is_staff=True, is_superuser=True)
    monkeypatch.setattr(timezone, "localdate", lambda *_: TODAY)
    return users


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_checks_first_and_enters_then(people: dict[str, User]) -> None:
    admin = signed_in(people["admin"])
    said = {"year": 2027, "document": "示例通知", "text": TEXT_2027}
    page = admin.post("/calendar/enter/", said)
    assert page.status_code == 200 and "2027-02-20" in page.content.decode()
    assert not CalendarNotice.objects.exists()
    wrong = admin.post("/calendar/enter/", said | {"text": TEXT_2026, "confirm": "1"})
    assert wrong.status_code == 400 and not CalendarNotice.objects.exists()
    assert admin.post("/calendar/enter/", said | {"confirm": "1"}).status_code == 302
    assert CalendarNotice.objects.get().entered_by == people["admin"]
    assert "示例通知" in admin.get("/calendar/").content.decode()


def test_a_text_file_in_gb18030(people: dict[str, User]) -> None:
    file = SimpleUploadedFile("notice.txt", TEXT_2027.encode("gb18030"))
    said = {"year": 2027, "document": "示例通知", "file": file}
    page = signed_in(people["admin"]).post("/calendar/enter/", said)
    assert page.status_code == 200 and "示例通知" in page.content.decode()
    assert "一、元旦" in page.content.decode()
    empty = signed_in(people["admin"]).post("/calendar/enter/", {"year": 2027, "document": "x"})
    assert empty.status_code == 400


def test_who_may_see_and_enter(people: dict[str, User]) -> None:
    said = {"year": 2027, "document": "示例通知", "text": TEXT_2027, "confirm": "1"}
    for name in ("inspector", "regulator", "government", "general_a", "sub_a", "owner_b"):
        client = signed_in(people[name])
        assert client.get("/calendar/").status_code == 200
        assert client.post("/calendar/enter/", said).status_code == 403
    assert signed_in(people["nobody"]).get("/calendar/").status_code == 403
    assert Client().get("/calendar/").status_code == 302
    assert not CalendarNotice.objects.exists()


def test_the_banner_is_for_inspectors_and_administrators(people: dict[str, User]) -> None:
    sign = "ti-calendar-exclamation"
    assert sign in signed_in(people["inspector"]).get("/rules/").content.decode()
    assert sign in signed_in(people["admin"]).get("/calendar/").content.decode()
    assert sign not in signed_in(people["sub_a"]).get("/rules/").content.decode()
    working_calendar.enter(2027, "示例通知", TEXT_2027, None, on=TODAY)
    assert sign not in signed_in(people["inspector"]).get("/rules/").content.decode()


def test_no_stage_without_a_calendar_fails() -> None:
    """Ten years ahead nobody knows the holidays; everything still has an answer."""
    project = factories.project()
    person = factories.worker(project)
    factories.attend(person, "2036-02")
    engine.evaluate(D(2036, 4, 20))
    assert opened("D1", project=project)
