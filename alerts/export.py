"""A list of warnings as XLSX, written row by row so that its length does not cost memory."""

import datetime as dt
import io
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from alerts.models import Case, Level, Warning
from alerts.rules import catalogue

MOST = 50_000
_HEAD = PatternFill("solid", fgColor="FFE8EDF5")
_FILLS = {
    Level.BLUE: PatternFill("solid", fgColor="FFDCE9F7"),
    Level.YELLOW: PatternFill("solid", fgColor="FFFBEFC4"),
    Level.ORANGE: PatternFill("solid", fgColor="FFFBDDBF"),
    Level.RED: PatternFill("solid", fgColor="FFF7CFCB"),
}


def columns() -> list[tuple[str, int]]:
    """Headings in the reader's language, with their widths in characters."""
    return [
        (_("No."), 8), (_("Level"), 8), (_("Rule"), 8), (_("Matter"), 26), (_("Project"), 34),
        (_("Project code"), 20), (_("Region"), 14), (_("Company"), 32), (_("Credit code"), 22),
        (_("Month worked"), 12), (_("Workers"), 9), (_("Amount (CNY)"), 16), (_("Since"), 12),
        (_("Days"), 8), (_("Status"), 10), (_("Data missing"), 10),
    ]  # fmt: skip


def warnings_xlsx(warnings: Any, as_of: dt.date) -> bytes:
    """`warnings` with project, its region, and company selected; no more than MOST of them."""
    rows = warnings[:MOST].iterator(chunk_size=2000)
    return _book(_("Warnings"), columns(), lambda sheet: (_row(sheet, w, as_of) for w in rows))


def cases_xlsx(cases: Any, days_left: Callable[[Case], int | None]) -> bytes:
    """`cases` with authority, officer, company, project and its region selected."""
    headings = [
        (pgettext("case", "Number"), 40), (_("Status"), 16), (pgettext("case", "Authority"), 28),
        (pgettext("case", "Officer"), 14), (_("Company"), 32), (_("Credit code"), 22),
        (_("Project"), 34), (_("Region"), 14), (pgettext("case", "Opened"), 12),
        (pgettext("case", "Extended"), 12), (_("Time limit"), 12), (_("Working days left"), 12),
        (pgettext("case", "Closed"), 12), (pgettext("case", "Result"), 18),
    ]  # fmt: skip
    rows = cases[:MOST].iterator(chunk_size=2000)
    return _book(
        _("Cases"), headings, lambda sheet: (_case_row(sheet, c, days_left(c)) for c in rows)
    )


def _book(
    title: str, headings: list[tuple[str, int]], rows: Callable[[Any], Iterable[list[Any]]]
) -> bytes:
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, (_title, width) in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([heading(sheet, title) for title, _width in headings])
    for row in rows(sheet):
        sheet.append(row)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _case_row(sheet: Any, case: Case, days: int | None) -> list[Any]:
    officer = case.officer and (case.officer.get_full_name() or case.officer.username)
    values = [
        case.reference, str(Case.Standing(case.standing).label), case.authority.name, officer or "",
        case.company.name, case.company.code, case.project.name, case.project.region.name,
        case.opened_on, case.extended_on, case.due_on, days, case.closed_on,
        str(Case.Result(case.result).label) if case.result else "",
    ]  # fmt: skip
    return [cell(sheet, value) for value in values]


def heading(sheet: Any, title: str) -> Any:
    made = WriteOnlyCell(sheet, title)
    made.font, made.fill = Font(bold=True), _HEAD
    made.alignment = Alignment(horizontal="center")
    return made


def _row(sheet: Any, warning: Warning, as_of: dt.date) -> list[Any]:
    rule = catalogue().get(warning.rule)
    values = [
        warning.pk, str(Level(warning.level).label), warning.rule, str(rule.title) if rule else "",
        warning.project.name, warning.project.code, warning.project.region.name,
        warning.company.name, warning.company.code, str(warning.month or ""), warning.workers,
        warning.amount, warning.since, (as_of - warning.since).days,
        str(Warning.Status(warning.status).label), _("Yes") if warning.data_missing else "",
    ]  # fmt: skip
    cells: list[Any] = [cell(sheet, value) for value in values]
    cells[1].fill = _FILLS[Level(warning.level)]
    cells[11].number_format = "#,##0.00"
    return cells


def cell(sheet: Any, value: Any) -> Any:
    made = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        made.data_type = "s"  # a name that begins with = is no formula
    return made
