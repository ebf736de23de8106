"""A list as XLSX, written row by row so that its length does not cost memory."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def table(title: str, headings: Sequence[tuple[str, int]], rows: Iterable[Sequence[Any]]) -> bytes:
    """One sheet; `headings` with their widths in characters. A text that begins with = stays
    text."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, (_heading, width) in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    head = [_cell(sheet, text) for text, _width in headings]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in rows:
        sheet.append([_cell(sheet, value) for value in row])
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"
    return cell
