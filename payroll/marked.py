"""The sender's own file back as XLSX: wrong cells red with the message as a comment, hints yellow.

It holds what the sender wrote, whole numbers included: it is for the sender alone.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from payroll.checks.issues import Unreadable
from payroll.checks.messages import render
from payroll.feeds import Source
from payroll.feeds.base import clean_heading
from payroll.feeds.table import PREVIEW
from payroll.feeds.xlsx_table import text
from payroll.ingest.pipeline import plain_file
from payroll.models import Feed, FeedIssue

WHOLE = 100_000  # rows up to which the whole file is given back; above, the rows with issues
LIST = "问题清单"
_FILLS = {
    "error": PatternFill("solid", fgColor="FFFF9A9A"),
    "hint": PatternFill("solid", fgColor="FFFFF2A8"),
}


def marked_copy(feed: Feed) -> bytes:
    """The file with its marks and a list of all issues as a further sheet."""
    issues = list(feed.issues.all())
    with plain_file(feed) as file:
        book, places = _book(Source(file, feed.filename), issues)
    for issue in sorted(issues, key=lambda issue: issue.severity == "error"):
        _mark(book, places, issue)
    _listing(book, issues)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


Places = dict[
    tuple[str, int], int
]  # (sheet, row in the file) -> row in the copy, where they differ


def _book(source: Source, issues: list[FeedIssue]) -> tuple[Any, Places]:
    """A workbook with the file's content; an empty one when it cannot be read at all."""
    try:
        if source.container == "xlsx":
            assert source.tables is not None  # refuses damaged and dangerous archives
            book = load_workbook(source.rewind())
            return book, {}
        if source.container in ("csv", "xls"):
            return _from_rows(source, issues)
    except (Unreadable, ValueError, KeyError, OSError):
        pass
    return _bare(), {}


def _bare() -> Any:
    book = Workbook()
    book.remove(book.active)  # type: ignore[arg-type]
    return book


def _from_rows(source: Source, issues: list[FeedIssue]) -> tuple[Any, Places]:
    book = _bare()
    places: Places = {}
    marked: dict[str, set[int]] = defaultdict(set)
    for issue in issues:
        marked[issue.sheet].add(issue.row or 0)
    for table in source.tables:
        sheet = book.create_sheet((table.name or "CSV")[:31])
        for number, row in enumerate(_rows(table), start=1):
            whole = number <= WHOLE or number in marked[table.name]
            if not whole:
                continue
            target = sheet.max_row + 1 if number > WHOLE else number
            places[table.name, number] = target
            for column, value in enumerate(row, start=1):
                if value != "":
                    cell = sheet.cell(target, column, value)
                    cell.data_type, cell.number_format = "s", "@"
    return book, places


def _rows(table: Any) -> Iterator[list[str]]:
    if hasattr(table, "delimiter"):
        yield from csv.reader(table.text(), delimiter=table.delimiter)
    else:
        for row in table._rows():
            yield [text(cell) for cell in row]


def _mark(book: Any, places: Places, issue: FeedIssue) -> None:
    name = issue.sheet or (book.sheetnames[0] if book.sheetnames else "")
    if issue.row is None or name[:31] not in book.sheetnames:
        return
    sheet = book[name[:31]]
    row = places.get((issue.sheet, issue.row), issue.row)
    cell = sheet.cell(row, _column(sheet, issue.column))
    if type(cell).__name__ == "MergedCell":
        return
    cell.fill = _FILLS[issue.severity]
    said = str(render(issue))
    if cell.comment is not None:
        said = f"{cell.comment.text}\n{said}"
    cell.comment = Comment(said, "wagewatch", width=320, height=120)


def _column(sheet: Any, heading: str) -> int:
    """Where a heading stands; the first column when it is not in the table."""
    wanted = clean_heading(heading)
    for row in sheet.iter_rows(min_row=1, max_row=min(PREVIEW, sheet.max_row)):
        for cell in row:
            if wanted and cell.value is not None and clean_heading(str(cell.value)) == wanted:
                return int(cell.column)
    return 1


def _listing(book: Any, issues: list[FeedIssue]) -> None:
    sheet = book.create_sheet(LIST)
    sheet.append(["级别", "工作表", "行", "列", "值", "说明"])
    for issue in issues:
        level = "错误" if issue.severity == "error" else "提示"
        row = [level, issue.sheet, issue.row, issue.column, issue.value, str(render(issue))]
        sheet.append(row)
        for cell in sheet[sheet.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    sheet.column_dimensions["F"].width = 90
