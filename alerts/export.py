"""Lists as XLSX: warnings, coming paydays, differences of a backtest. Written row by row, so that
their length does not cost memory."""

import datetime as dt
import io
from collections.abc import Callable, Iterable
from typing import Any

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter

from alerts.forecast import words
from alerts.models import Forecast, Level, Warning
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


def forecasts_xlsx(forecasts: Any, role: str) -> bytes:
    """Coming paydays, with project, its region and parties selected; no more than MOST of them."""
    headings = [
        (_("Project code"), 20), (_("Project"), 34), (_("Region"), 14),
        (_("General contractor"), 32), (_("Owner"), 32), (_("Payday"), 12),
        (_("Month worked"), 12), (_("Employers"), 10), (_("Sheets missing"), 10),
        (_("Needed (CNY)"), 16), (_("Balance (CNY)"), 16), (_("Expected (CNY)"), 16),
        (_("Shortfall (CNY)"), 16), (_("At least"), 16), (_("At most"), 16),
        (_("Confidence"), 10), (_("Why"), 50), (_("What to do"), 50), (_("As of"), 12),
    ]  # fmt: skip
    rows = forecasts[:MOST].iterator(chunk_size=2000)
    return _book(
        _("Coming paydays"), headings, lambda sheet: (_forecast(sheet, f, role) for f in rows)
    )


def _forecast(sheet: Any, one: Forecast, role: str) -> list[Any]:
    project, owner = one.project, one.project.owner
    why, do = words.reasons(one.data.get("reasons", ())), words.to_do(one, role)
    values = [
        project.code, project.name, project.region.name, project.contractor.name,
        owner.name if owner else "", one.payday, str(one.month), one.employers,
        one.sheets_missing, one.needed, one.balance, one.expected, one.shortfall, one.least,
        one.most, one.get_confidence_display(), "; ".join(map(str, why)),
        "; ".join(map(str, do)), one.as_of,
    ]  # fmt: skip
    cells: list[Any] = [_cell(sheet, value) for value in values]
    for cell in cells[9:15]:
        cell.number_format = "#,##0.00"
    return cells


def differences_xlsx(rows: Iterable[dict[str, Any]]) -> bytes:
    """The matters of a backtest that differ (views/backtest.py gives them their words)."""
    headings = [
        (_("Difference"), 12), (_("Project code"), 20), (_("Project"), 34), (_("Company"), 32),
        (_("Month worked"), 12), (_("First day now"), 12), (_("First day tried"), 12),
        (_("Level now"), 10), (_("Level tried"), 10), (_("Payday"), 12),
        (_("Wages missing from"), 12), (_("What became of it"), 18),
    ]  # fmt: skip
    return _book(
        _("Differences"),
        headings,
        lambda sheet: (
            [
                _cell(sheet, str(value or ""))
                for value in (
                    row["kind_label"], row["project"], row["project_name"], row["company_name"],
                    row["month"], row["now_first"], row["tried_first"],
                    row["now_level"] and row["now_level"].label,
                    row["tried_level"] and row["tried_level"].label,
                    row["payday"], row["arrears_on"], row["outcome_label"],
                )
            ]
            for row in rows
        ),
    )  # fmt: skip


def _book(
    title: str, headings: list[tuple[str, int]], rows: Callable[[Any], Iterable[list[Any]]]
) -> bytes:
    """One sheet, its headings with their widths, and the rows of cells made for it."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(title)
    sheet.freeze_panes = "A2"
    for number, (_title, width) in enumerate(headings, start=1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    sheet.append([_heading(sheet, title) for title, _width in headings])
    for row in rows(sheet):
        sheet.append(row)
    output = io.BytesIO()
    book.save(output)
    return output.getvalue()


def _heading(sheet: Any, title: str) -> Any:
    cell = WriteOnlyCell(sheet, title)
    cell.font, cell.fill = Font(bold=True), _HEAD
    cell.alignment = Alignment(horizontal="center")
    return cell


def _row(sheet: Any, warning: Warning, as_of: dt.date) -> list[Any]:
    rule = catalogue().get(warning.rule)
    values = [
        warning.pk, str(Level(warning.level).label), warning.rule, str(rule.title) if rule else "",
        warning.project.name, warning.project.code, warning.project.region.name,
        warning.company.name, warning.company.code, str(warning.month or ""), warning.workers,
        warning.amount, warning.since, (as_of - warning.since).days,
        str(Warning.Status(warning.status).label), _("Yes") if warning.data_missing else "",
    ]  # fmt: skip
    cells: list[Any] = [_cell(sheet, value) for value in values]
    cells[1].fill = _FILLS[Level(warning.level)]
    cells[11].number_format = "#,##0.00"
    return cells


def _cell(sheet: Any, value: Any) -> Any:
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # a name that begins with = is no formula
    return cell
