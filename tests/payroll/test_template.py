"""The company's template: filled, loaded back, and a bad one given back with its marks."""

import datetime as dt
import io

import openpyxl
import pytest

from payroll.marked import LIST, marked_copy
from payroll.models import Sheet
from payroll.template import HEADING_ROW, template_xlsx
from projects.models import Company, Engagement, Project
from tests.payroll.conftest import codes
from tests.payroll.files import SUB, person, sheet_row
from wagewatch.months import Month

APRIL = dt.date(2026, 4, 9)


@pytest.fixture
def template(city):
    engagements = Engagement.objects.select_related("worker").order_by("pk")
    month = Month.parse("2026-03")
    project, company = Project.objects.get(), Company.objects.get(code=SUB)
    return template_xlsx(project, company, month, engagements)


def fill(template: bytes, **cells: object) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(template))
    sheet = book.active
    for row in range(HEADING_ROW + 1, HEADING_ROW + 11):
        for letter, value in (("F", 22), ("H", 6000), ("I", 100), ("J", 5900)):
            sheet[f"{letter}{row}"] = value
    for place, value in cells.items():
        sheet[place] = value
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def test_the_template_loads_back(city, template):
    book = openpyxl.load_workbook(io.BytesIO(template))
    assert book.active[f"E{HEADING_ROW + 1}"].value in {person(n) for n in range(10)}
    assert book.active[f"E{HEADING_ROW + 1}"].data_type == "s"
    feed = city(fill(template), APRIL, "三月.xlsx")
    assert (feed.status, feed.kind, feed.accepted) == ("accepted", "payroll", 10), codes(feed)
    assert codes(feed, "hint") == []
    sheet = Sheet.objects.get()
    assert (sheet.people, sheet.net, str(sheet.month)) == (10, 59000, "2026-03")


def test_an_unfilled_template_says_which_cells(city, template):
    feed = city(template, APRIL, "空.xlsx")
    assert feed.status == "rejected"
    assert set(codes(feed)) == {"missing"}


def test_a_wrong_total_is_told(city, template):
    total = f"J{HEADING_ROW + 10 + 21}"
    feed = city(fill(template, **{total: 60000}), APRIL, "合计.xlsx")
    assert codes(feed) == ["total-mismatch"]
    issue = feed.issues.get()
    assert (issue.row, issue.column, issue.values) == (36, "实发", {"expected": "59000.00"})


def test_marked_copy_of_a_workbook(city, template):
    feed = city(fill(template, J7=9999, C8=None), APRIL, "错.xlsx")
    assert sorted(codes(feed)) == ["missing", "net-mismatch"]
    book = openpyxl.load_workbook(io.BytesIO(marked_copy(feed)))
    sheet = book.worksheets[0]
    assert sheet["J7"].fill.fgColor.rgb == "FFFF9A9A"
    assert "5900.00" in sheet["J7"].comment.text
    assert sheet["C8"].comment is not None and sheet["J8"].comment is None
    assert book[LIST].max_row == 3


def test_marked_copy_of_a_csv(city):
    feed = city([sheet_row(0), sheet_row(1, actualAmount="=1+1")], APRIL)
    assert codes(feed) == ["amount-text"]
    sheet = openpyxl.load_workbook(io.BytesIO(marked_copy(feed))).worksheets[0]
    cell = next(c for c in sheet[3] if c.comment)
    assert sheet.cell(1, cell.column).value == "actualAmount"
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_marked_copy_of_what_cannot_be_read(city):
    feed = city(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600, APRIL, "密.xls")
    assert feed.status == "rejected"
    book = openpyxl.load_workbook(io.BytesIO(marked_copy(feed)))
    assert book.sheetnames == [LIST]
