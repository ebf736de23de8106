"""Checks of pay sheets over whole columns."""

from typing import Any

import numpy as np
import pandas as pd

from payroll.checks import columns
from payroll.checks.issues import Issues
from payroll.checks.references import company_ids, on_project, project_ids
from payroll.feeds.base import Chunk
from wagewatch.months import Month

MAX_LINE = 1_000_000  # CNY of one worker and month: above it a typing error, not a wage
_SUMMED = {"totalPayAmount": "gross", "deductions": "deductions", "actualAmount": "net"}


class Totals:
    """Running sums of a sheet, to hold against its total row 合计."""

    def __init__(self) -> None:
        self.table: tuple[str, int] | None = None
        self.sums = dict.fromkeys(_SUMMED, 0)
        self.has_deductions = False

    def add(self, chunk: Chunk, checked: dict[str, pd.Series]) -> None:
        if (chunk.sheet, chunk.part) != self.table:
            self.table = (chunk.sheet, chunk.part)
            self.sums = dict.fromkeys(_SUMMED, 0)
        for name, column in _SUMMED.items():
            self.sums[name] += int(checked[column].sum())

    def compare(self, chunk: Chunk, issues: Issues) -> None:
        for row, cells in chunk.totals:
            for name, total in self.sums.items():
                text = columns._plain_number(cells.get(name, ""))
                if not text or text == "?":
                    continue
                stated = round(float(text) * 100)
                if stated != total:
                    issues.error(
                        "total-mismatch",
                        sheet=chunk.sheet,
                        row=row,
                        column=chunk.heading(name),
                        value=cells[name],
                        expected=f"{total / 100:.2f}",
                    )


def check(
    chunk: Chunk, issues: Issues, lookups: Any, feed: Any, totals: Totals
) -> dict[str, pd.Series]:
    """Typed columns of a chunk; what is wrong goes to `issues`."""
    latest = Month.of(feed.received_on)
    projects, employers = _who(chunk, issues, lookups)
    month = columns.months(chunk, "payMonth", issues, required=True, latest=latest)
    _headings(chunk, issues, month)
    types = columns.id_types(chunk, issues)
    checked = {
        "project_id": projects,
        "employer_id": employers,
        "month": month,
        "id": columns.ids(chunk, issues, types),
        "name": columns.names(chunk, "workerName", issues),
        "card": columns.cards(chunk, "payRollBankCardNumber", issues),
        "confirmed_on": columns.dates(chunk, "confirmedDate", issues, latest=feed.received_on),
        "third_code": columns.short(chunk, "thirdPayRollCode", issues, 50),
    }
    columns.dates(chunk, "balanceDate", issues, latest=feed.received_on)  # of pushes only
    _time(chunk, issues, checked)
    _money(chunk, issues, checked)
    _back_pay(chunk, issues, checked)
    _cash(chunk, issues, checked)
    totals.add(chunk, checked)
    totals.compare(chunk, issues)
    return checked


def _who(chunk: Chunk, issues: Issues, lookups: Any) -> tuple[pd.Series, pd.Series]:
    projects, _ = project_ids(chunk, lookups, issues)
    employers = company_ids(chunk, "corpCode", lookups, issues)
    on_project(chunk, lookups, issues, projects, employers)
    return projects, employers


def _headings(chunk: Chunk, issues: Issues, month: pd.Series) -> None:
    """What a column repeats of the block or the title must say the same."""
    for stated in (chunk.above.get("payMonth", ""), chunk.title_month):
        heading = columns.parse_month(stated, chunk.serial1904) if stated else columns.NO_MONTH
        if heading != columns.NO_MONTH:
            differs = (month != columns.NO_MONTH) & (month != heading)
            issues.where(chunk, "payMonth", differs, "month-heading", expected=str(Month(heading)))
            break
    for name in ("projectCode", "corpCode"):
        if above := chunk.above.get(name):
            differs = chunk.text(name).ne(above).astype(bool)
            issues.where(chunk, name, differs, "heading-differs", expected=above)


def _time(chunk: Chunk, issues: Issues, checked: dict[str, pd.Series]) -> None:
    checked["days"], checked["days_given"] = columns.hundredths(
        chunk, "days", issues, maximum=31, too_much="days-absurd"
    )
    checked["hours"], checked["hours_given"] = columns.hundredths(
        chunk, "workHours", issues, maximum=744, too_much="hours-absurd"
    )


def _money(chunk: Chunk, issues: Issues, checked: dict[str, pd.Series]) -> None:
    gross, has_gross = columns.hundredths(
        chunk, "totalPayAmount", issues, required=True, maximum=MAX_LINE
    )
    net, has_net = columns.hundredths(
        chunk, "actualAmount", issues, required=True, maximum=MAX_LINE
    )
    both = has_gross & has_net
    if "deductions" in chunk.frame:
        deductions, _ = columns.hundredths(chunk, "deductions", issues, maximum=MAX_LINE)
        wrong = both & (gross - deductions != net)
    else:
        deductions = gross - net
        wrong = both & (net > gross)
    if wrong.any():
        _net_mismatch(chunk, issues, wrong, gross, deductions)
    checked.update(gross=gross, deductions=deductions, net=net)


def _net_mismatch(
    chunk: Chunk, issues: Issues, wrong: pd.Series, gross: pd.Series, deductions: pd.Series
) -> None:
    rows = wrong.index[wrong]
    right = (gross - deductions) / 100
    for row in rows[:1000]:
        issues.error(
            "net-mismatch",
            sheet=chunk.sheet,
            row=int(row),
            column=chunk.heading("actualAmount"),
            value=chunk.frame.at[row, "actualAmount"],
            expected=f"{max(right.at[row], 0):.2f}",
        )
    issues.errors += max(0, len(rows) - 1000)


def _back_pay(chunk: Chunk, issues: Issues, checked: dict[str, pd.Series]) -> None:
    back = columns.choices(chunk, "isBackPay", issues, columns.YES_NO, default=False).astype(bool)
    paid_for = columns.months(chunk, "backPayMonth", issues)
    month = checked["month"]
    given = paid_for != columns.NO_MONTH
    issues.where(
        chunk, "backPayMonth", back & chunk.text("backPayMonth").eq("").astype(bool), "back-month"
    )
    issues.where(chunk, "backPayMonth", back & given & (paid_for >= month), "back-month-late")
    checked["is_back_pay"] = back
    checked["worked_month"] = pd.Series(
        np.where(back & given, paid_for, month), index=month.index, dtype="int64"
    )


def _cash(chunk: Chunk, issues: Issues, checked: dict[str, pd.Series]) -> None:
    """Cash is the exception (Reg. 31: through the bank): it needs a reason."""
    cash = columns.choices(chunk, "payChannel", issues, columns.IS_CASH, default=False).astype(bool)
    reason = columns.short(chunk, "cashReason", issues, 100)
    issues.where(chunk, "cashReason", cash & reason.eq("").astype(bool), "cash-reason")
    carded = cash & checked["card"].ne("").astype(bool)
    issues.where(chunk, "payChannel", carded, "cash-card", "hint")
    checked["is_cash"], checked["cash_reason"] = cash, reason
