"""Lists as XLSX, written row by row so that their length does not cost memory."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 50_000
"""Rows of a list that one file takes."""
_HEAD = PatternFill("solid", fgColor="FFE8EDF5")


def table(
    title: str,
    headings: Sequence[tuple[str, int]],
    rows: Iterable[Sequence[Any]],
    money: Sequence[int] = (),
) -> bytes:
    """One sheet: `headings` with their widths in characters, then the rows; the columns `money`
    (from 0) are sums. A value may be a pair of it and its colour (a PatternFill). A text that
    begins with = stays text."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, (_title, width) in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_heading(sheet, heading) for heading, _width in headings])
    for row in rows:
        cells = [_cell(sheet, value) for value in row]
        for place in money:
            cells[place].number_format = "#,##0.00"
        sheet.append(cells)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _heading(sheet: Any, title: str) -> Any:
    made = WriteOnlyCell(sheet, title)
    made.font, made.fill = Font(bold=True), _HEAD
    made.alignment = Alignment(horizontal="center")
    return made


def _cell(sheet: Any, value: Any) -> Any:
    fill = None
    if isinstance(value, tuple):
        value, fill = value
    made = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        made.data_type = "s"
    if fill is not None:
        made.fill = fill
    return made
