"""The pay sheet 工资支付表 that a company downloads, with its registered workers filled in.

It holds whole ID and card numbers: it is for the company that registered them, which the caller
must have made sure of. Numbers are text cells, because Excel rounds digits beyond the fifteenth.
"""

import io
from collections.abc import Iterable
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from projects.models import Company, Engagement, Project, WorkerCard
from wagewatch.months import Month

COLUMNS = [
    ("序号", 6), ("班组名称", 14), ("姓名", 12), ("证件类型", 10), ("身份证号", 22),
    ("出勤天数", 10), ("工时", 8), ("应发", 12), ("扣除", 12), ("实发", 12), ("工资卡号", 24),
    ("开户行", 18), ("本人确认日期", 14), ("是否补发", 10), ("补发月份", 11),
]  # fmt: skip
HEADING_ROW = 5
_EMPTY_ROWS = 20  # after the registered workers, for back pay and latecomers
_TEXT_COLUMNS = ("证件类型", "身份证号", "工资卡号", "补发月份")
_MONEY_COLUMNS = ("应发", "扣除", "实发")
_THIN = Side(style="thin", color="FFB0B7C3")
_BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_HEAD = PatternFill("solid", fgColor="FFE8EDF5")
_LETTER = {title: get_column_letter(n) for n, (title, _) in enumerate(COLUMNS, start=1)}


def template_xlsx(
    project: Project, company: Company, month: Month, engagements: Iterable[Engagement]
) -> bytes:
    """The template as XLSX: title, block, table with one row a worker, total row."""
    book = Workbook()
    sheet: Any = book.active
    sheet.title = str(month)
    _block(sheet, project, company, month)
    _headings(sheet)
    people = [e for e in engagements if e.registered]
    cards = _cards(people)
    for number, engagement in enumerate(people, start=1):
        _person(sheet, HEADING_ROW + number, number, engagement, cards.get(engagement.worker_id))
    last = HEADING_ROW + len(people) + _EMPTY_ROWS
    _format(sheet, HEADING_ROW + 1, last)
    _total(sheet, last + 1)
    _choices(sheet, HEADING_ROW + 1, last)
    sheet.freeze_panes = f"D{HEADING_ROW + 1}"
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _cards(people: list[Engagement]) -> dict[int, WorkerCard]:
    """The registered card of each worker that became known last."""
    workers = {engagement.worker_id for engagement in people}
    found = WorkerCard.objects.filter(worker__in=workers, registered=True)
    return {card.worker_id: card for card in found.order_by("known_from", "pk")}


def _block(sheet: Any, project: Project, company: Company, month: Month) -> None:
    width = len(COLUMNS)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=width)
    sheet["A1"] = f"{month.year}年{month.number}月农民工工资支付表"
    sheet["A1"].font = Font(bold=True, size=16)
    sheet["A1"].alignment = Alignment(horizontal="center", vertical="center")
    sheet.row_dimensions[1].height = 30
    pairs = [
        (2, "项目编码", project.code, "项目名称", project.name),
        (3, "企业统一社会信用代码", company.code, "企业名称", company.name),
    ]
    for row, *cells in pairs:
        for first, last, value in zip((1, 4, 7, 9), (3, 6, 8, width), cells, strict=True):
            sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
            cell = sheet.cell(row, first, value)
            cell.number_format = "@"
            cell.font = Font(bold=first in (1, 7))
    sheet.merge_cells("A4:C4")
    sheet.merge_cells("D4:F4")
    sheet["A4"], sheet["D4"] = "所属月份", str(month)
    sheet["A4"].font = Font(bold=True)
    sheet["D4"].number_format = "@"


def _headings(sheet: Any) -> None:
    for number, (title, width) in enumerate(COLUMNS, start=1):
        cell = sheet.cell(HEADING_ROW, number, title)
        cell.font, cell.fill, cell.border = Font(bold=True), _HEAD, _BORDER
        cell.alignment = Alignment(horizontal="center")
        sheet.column_dimensions[get_column_letter(number)].width = width


def _person(
    sheet: Any, row: int, number: int, engagement: Engagement, card: WorkerCard | None
) -> None:
    worker = engagement.worker
    values = {
        "序号": number, "班组名称": engagement.team, "姓名": worker.name,
        "证件类型": worker.id_type, "身份证号": worker.id_number,
        "工资卡号": card.number if card else "", "开户行": card.bank_name if card else "",
    }  # fmt: skip
    for title, value in values.items():
        cell = sheet[f"{_LETTER[title]}{row}"]
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"  # a name that begins with = is no formula


def _format(sheet: Any, first: int, last: int) -> None:
    for row in range(first, last + 1):
        for title, letter in _LETTER.items():
            cell = sheet[f"{letter}{row}"]
            cell.border = _BORDER
            if title in _TEXT_COLUMNS:
                cell.number_format = "@"
            elif title in _MONEY_COLUMNS:
                cell.number_format = "0.00"
            elif title == "本人确认日期":
                cell.number_format = "yyyy-mm-dd"


def _total(sheet: Any, row: int) -> None:
    sheet[f"A{row}"] = "合计"
    for letter in (_LETTER[title] for title in _MONEY_COLUMNS):
        cell = sheet[f"{letter}{row}"]
        cell.value = f"=SUM({letter}{HEADING_ROW + 1}:{letter}{row - 1})"
        cell.number_format = "0.00"
    for letter in _LETTER.values():
        sheet[f"{letter}{row}"].font = Font(bold=True)
        sheet[f"{letter}{row}"].border = _BORDER


def _choices(sheet: Any, first: int, last: int) -> None:
    """Drop-downs, and a check while typing that 实发 = 应发 - 扣除."""
    due, cut, paid = (_LETTER[title] for title in _MONEY_COLUMNS)
    net = DataValidation(
        type="custom",
        formula1=f"ROUND({paid}{first}-({due}{first}-{cut}{first}),2)=0",
        allow_blank=True,
        errorTitle="实发",
        error="实发应等于应发减扣除。",
    )
    rules = {
        "证件类型": DataValidation(type="list", formula1='"01,08,10,12"', allow_blank=True),
        "是否补发": DataValidation(type="list", formula1='"是,否"', allow_blank=True),
        "实发": net,
    }
    for title, rule in rules.items():
        rule.showErrorMessage = title == "实发"
        sheet.add_data_validation(rule)
        rule.add(f"{_LETTER[title]}{first}:{_LETTER[title]}{last}")
