"""The columns of what is exported: warnings, cases, the ledger of arrears, companies,
coming paydays and differences of a backtest."""

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from openpyxl.styles import PatternFill

from alerts.forecast import words
from alerts.models import Case, Forecast, Level, Standing, Warning
from alerts.rules import catalogue
from payroll.models import Arrear
from projects.models import MinimumWage
from wagewatch.xlsx import MOST, table

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
    rows = (_row(warning, as_of) for warning in warnings[:MOST].iterator(chunk_size=2000))
    return table(_("Warnings"), columns(), rows, money=(11,))


def cases_xlsx(cases: Any, days_left: Callable[[Case], int | None]) -> bytes:
    """`cases` with authority, officer, company, project and its region selected."""
    headings = [
        (pgettext("case", "Number"), 40), (_("Status"), 16), (pgettext("case", "Authority"), 28),
        (pgettext("case", "Officer"), 14), (_("Company"), 32), (_("Credit code"), 22),
        (_("Project"), 34), (_("Region"), 14), (pgettext("case", "Opened"), 12),
        (pgettext("case", "Extended"), 12), (_("Time limit"), 12), (_("Working days left"), 12),
        (pgettext("case", "Closed"), 12), (pgettext("case", "Result"), 18),
    ]  # fmt: skip
    rows = (_case_row(case, days_left(case)) for case in cases[:MOST].iterator(chunk_size=2000))
    return table(_("Cases"), headings, rows)


def _case_row(case: Case, days: int | None) -> list[Any]:
    officer = case.officer and (case.officer.get_full_name() or case.officer.username)
    return [
        case.reference, str(Case.Standing(case.standing).label), case.authority.name, officer or "",
        case.company.name, case.company.code, case.project.name, case.project.region.name,
        case.opened_on, case.extended_on, case.due_on, days, case.closed_on,
        str(Case.Result(case.result).label) if case.result else "",
    ]  # fmt: skip


def _row(warning: Warning, as_of: dt.date) -> list[Any]:
    rule = catalogue().get(warning.rule)
    level = Level(warning.level)
    return [
        warning.pk, (str(level.label), _FILLS[level]), warning.rule,
        str(rule.title) if rule else "",
        warning.project.name, warning.project.code, warning.project.region.name,
        warning.company.name, warning.company.code, str(warning.month or ""), warning.workers,
        warning.amount, warning.since, (as_of - warning.since).days,
        str(Warning.Status(warning.status).label), _("Yes") if warning.data_missing else "",
    ]  # fmt: skip


def ledger_xlsx(rows: Iterable[Arrear], as_of: dt.date) -> bytes:
    """Rows of the ledger with worker, project, its region, employer and contractor selected, and
    their sum; ID numbers masked. They come as they are: the caller bounds them."""
    headings = [
        (_("Worker"), 12), (_("ID number"), 22), (_("Project"), 34), (_("Project code"), 20),
        (_("Region"), 14), (_("Employer"), 32), (_("Credit code"), 22),
        (_("General contractor, who clears first"), 32), (_("Month worked"), 12),
        (_("Payday"), 12), (_("Days overdue"), 12), (_("Due"), 14), (_("Paid"), 14),
        (_("Owed"), 14),
    ]  # fmt: skip
    return table(_("Ledger of arrears"), headings, _ledger_rows(rows, as_of), money=(11, 12, 13))


def _ledger_rows(rows: Iterable[Arrear], as_of: dt.date) -> Iterator[list[Any]]:
    sums = [Decimal(0)] * 3
    for row in rows:
        money = [row.due, row.paid, row.unpaid]
        sums = [total + value for total, value in zip(sums, money, strict=True)]
        yield [
            row.worker.name, row.worker.masked_id, row.project.name, row.project.code,
            row.project.region.name, row.employer.name, row.employer.code, row.contractor.name,
            str(row.month), row.payday, row.days(as_of), *money,
        ]  # fmt: skip
    yield [_("Total"), *[""] * 10, *sums]


def standings_xlsx(standings: Any) -> bytes:
    """`standings` with company selected; no more than MOST of them."""
    headings = [
        (_("Company"), 36), (_("Credit code"), 22), (_("Company standing"), 12), (_("Score"), 8),
        (_("Last change"), 12), (_("Since"), 12), (_("Inspect by"), 12),
        (_("Deposit proposed, per cent"), 18),
    ]  # fmt: skip
    rows = (
        [
            one.company.name, one.company.code, str(Standing.Colour(one.colour).label), one.score,
            one.trend, one.known_from, one.inspect_on, one.deposit.get("ratio", ""),
        ]
        for one in standings[:MOST].iterator(chunk_size=2000)
    )  # fmt: skip
    return table(_("Companies"), headings, rows)


def forecasts_xlsx(forecasts: Any, role: str) -> bytes:
    """Coming paydays, with project, its region and parties selected; no more than MOST of them."""
    headings = [
        (_("Project code"), 20), (_("Project"), 34), (_("Region"), 14),
        (_("General contractor"), 32), (_("Owner"), 32), (_("Payday"), 12),
        (_("Month worked"), 12), (_("Number of employers"), 10), (_("Sheets missing"), 10),
        (_("Needed (CNY)"), 16), (_("Balance (CNY)"), 16), (_("Expected (CNY)"), 16),
        (_("Shortfall (CNY)"), 16), (_("At least"), 16), (_("At most"), 16),
        (_("Confidence"), 10), (_("Why"), 50), (_("What to do"), 50), (_("As of"), 12),
    ]  # fmt: skip
    rows = (_forecast(one, role) for one in forecasts[:MOST].iterator(chunk_size=2000))
    return table(_("Coming paydays"), headings, rows, money=range(9, 15))


def _forecast(one: Forecast, role: str) -> list[Any]:
    project, owner = one.project, one.project.owner
    why, do = words.reasons(one.data.get("reasons", ())), words.to_do(one, role)
    return [
        project.code, project.name, project.region.name, project.contractor.name,
        owner.name if owner else "", one.payday, str(one.month), one.employers,
        one.sheets_missing, one.needed, one.balance, one.expected, one.shortfall, one.least,
        one.most, one.get_confidence_display(), "; ".join(map(str, why)),
        "; ".join(map(str, do)), one.as_of,
    ]  # fmt: skip


def minimum_wages_xlsx(rows: Iterable[MinimumWage]) -> bytes:
    """What is on record, corrections beside what they correct; not who entered it."""
    headings = [
        (_("Region"), 16), (_("Holds from"), 12), (_("A month (CNY)"), 14),
        (_("An hour (CNY)"), 14),
        (_("Tier"), 8), (_("Document it rests on"), 60), (_("Standing"), 24), (_("Entered"), 12),
    ]  # fmt: skip
    cells = (
        (
            *(row.region.name, row.valid_from, row.monthly, row.hourly, row.tier),
            *(row.document, row.get_standing_display(), row.known_from),
        )
        for row in rows
    )
    return table(_("Minimum wages"), headings, cells, money=(2, 3))


def differences_xlsx(rows: Iterable[dict[str, Any]]) -> bytes:
    """The matters of a backtest that differ (views/backtest.py gives them their words)."""
    headings = [
        (_("Difference"), 12), (_("Project code"), 20), (_("Project"), 34), (_("Company"), 32),
        (_("Month worked"), 12), (_("First day now"), 12), (_("First day tried"), 12),
        (_("Level now"), 10), (_("Level tried"), 10), (_("Payday"), 12),
        (_("Wages missing from"), 12), (_("Complaint of"), 12), (_("What became of it"), 18),
    ]  # fmt: skip
    return table(_("Differences"), headings, map(_difference, rows))


def _difference(row: dict[str, Any]) -> list[str]:
    values = (
        row["kind_label"], row["project"], row["project_name"], row["company_name"], row["month"],
        row["now_first"], row["tried_first"], row["now_level"] and row["now_level"].label,
        row["tried_level"] and row["tried_level"].label, row["payday"], row["arrears_on"],
        row.get("complaint_on"), row["outcome_label"],
    )  # fmt: skip
    return [str(value or "") for value in values]
