"""Feed health: silence is seen the next day, and only by those whose it is."""

import io
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from payroll import health
from projects.models import Project
from tests import factories as city
from tests.alerts.judge import day, judge
from wagewatch.calendars import DAY

pytestmark = pytest.mark.django_db


def late(as_of: str, kind: str) -> dict[str, int]:
    rows = health.of(Project.objects.values("pk"), day(as_of))
    return {one.project_code: one.late for one in rows if one.kind == kind}


def test_attendance_is_missed_the_next_day() -> None:
    project = city.project(start_date=day("2026-03-02"))
    assert late("2026-03-02", "attendance") == {project.code: 0}
    assert late("2026-03-03", "attendance") == {project.code: 1}  # nothing has ever come
    city.attend(city.worker(project), "2026-03", days=[day("2026-03-05")])  # a Thursday
    assert late("2026-03-06", "attendance") == {project.code: 0}
    assert late("2026-03-07", "attendance") == {project.code: 1}
    assert late("2026-03-09", "attendance") == {project.code: 1}  # the weekend asks for nothing
    assert late("2026-03-10", "attendance") == {project.code: 2}


def test_bank_data_are_missed_the_next_day() -> None:
    project = city.project()
    city.project(account=False)  # no account, nothing to expect
    city.statement(project, day("2026-03-05"))
    assert late("2026-03-06", "bank") == {project.code: 0}
    assert late("2026-03-07", "bank") == {project.code: 1}


def test_a_sheet_is_missed_after_its_due_day() -> None:
    project = city.project()
    city.attend(city.worker(project), "2026-03")
    judge("2026-04-10")
    assert late("2026-04-10", "payroll") == {}
    judge("2026-04-11")
    [row] = [o for o in health.of(Project.objects.values("pk"), day("2026-04-11"))
             if o.kind == "payroll"]  # fmt: skip
    assert (row.month, row.expected, row.late) == ("2026-03", day("2026-04-10"), 1)
    assert row.sender == project.contractor.name


def test_what_is_not_under_way_is_asked_for_nothing() -> None:
    city.project(status="004")
    city.project(start_date=day("2027-01-01"))
    assert health.of(Project.objects.values("pk"), day("2026-03-10")) == []


def test_queries_do_not_grow(django_assert_num_queries: Any) -> None:
    for _ in range(3):
        city.attend(city.worker(city.project()), "2026-03")
    projects = Project.objects.values("pk")
    with django_assert_num_queries(6):
        health.of(projects, day("2026-04-11"))
    for _ in range(5):
        city.attend(city.worker(city.project()), "2026-03")
    with django_assert_num_queries(6):
        health.of(projects, day("2026-04-11"))


def test_a_statement_missing_between_two_is_listed(client: Client) -> None:
    from tests.ui_city import city as built

    made = built()
    for last, opening in ((day("2026-03-10"), 5), (day("2026-04-02"), 9)):
        one = city.statement(made.a.project, last, opening)
        one.from_date, one.opening = last - 9 * DAY, opening
        one.save()
    client.force_login(made.users["general_a"])
    page = client.get("/feeds/health/").content.decode()
    assert "2026-03-11 – 2026-03-23" in page
    client.force_login(made.users["general_b"])
    assert "2026-03-11 – 2026-03-23" not in client.get("/feeds/health/").content.decode()


def test_page_and_export(client: Client) -> None:
    from tests.ui_city import city as built

    made = built()
    client.force_login(made.users["general_a"])
    page = client.get("/feeds/health/").content.decode()
    assert made.a.project.name in page and made.b.project.name not in page
    book = load_workbook(io.BytesIO(client.get("/feeds/health/?format=xlsx").content))
    rows = list(book.worksheets[0].iter_rows(min_row=2, values_only=True))
    assert {row[1] for row in rows} == {made.a.project.code}
    assert not [r for r in rows if not r[8]]
    assert made.a.project.name not in client.get("/feeds/health/?q=nothing").content.decode()
