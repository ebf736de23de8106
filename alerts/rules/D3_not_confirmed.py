"""D3: lines of the pay sheet that the worker has not confirmed when the payday has passed."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from alerts.rules import sites
from alerts.rules.base import (
    PAY_SHEET,
    YELLOW,
    ZERO,
    CycleKey,
    Finding,
    Months,
    Rule,
    Scope,
    Values,
    in_months,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll.changes import CONFIRMATIONS, PROJECTS, SHEETS
from payroll.models import Confirmation, Cycle, SheetLine
from wagewatch import identity
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on

COLUMNS = (
    *WORKER_COLUMNS,
    Column("row", "表中行号", "Row", "count"),
    Column("file", "文件", "File"),
    Column("month", "工资月份", "Month worked", "month"),
    Column("net", "实发", "Net", "money"),
    Column("word", "本人意见", "The worker's word"),
)
Verdict = Confirmation.Verdict
DISPUTED, NO_WORD = Text("有异议", "Disputed"), Text("未确认", "None")


class NotConfirmed(Rule):
    code = "D3"
    title = Text("工资支付表未经本人确认", "Sheet lines not confirmed by the worker")
    stage = PAY_SHEET
    why = Text(
        "工资支付表应经工人本人签字确认;未确认即发放,少算、错算难以发现。",
        "Each worker signs for the line; paid without it, what was left out or wrong stays unseen.",
    )
    law = ("Reg. 31", "Reg. 56(1)")
    levels = Text("发薪日次日起为黄色。", "Yellow from the day after the payday.")
    clears = Text(
        "工人本人确认(手机确认,或者更正的工资支付表载明本人确认日期);有异议的,更正后由本人确认。",
        "The worker confirms, by phone or by the date on a corrected sheet; after a dispute the "
        "line is corrected and confirmed.",
    )
    needs = ("payroll",)
    responsible = ("employer", "general")

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        found: dict[int, dict[int, tuple[Any, ...]]] = defaultdict(dict)
        for _, sheet, pk, *about in scope.of_months(
            (SHEETS, CONFIRMATIONS, PROJECTS),
            as_of,
            self._open,
            itemgetter(0),
            standing=sites.sheets_past("payday", as_of, scope),
        ):
            found[sheet][pk] = tuple(about)
        cycles = Cycle.objects.filter(sheet__in=found) if found else ()
        return [_finding(cycle, found[cycle.sheet_id or 0]) for cycle in cycles]

    def _open(self, as_of: dt.date, scope: Scope, months: Months) -> Iterable[tuple[Any, ...]]:
        """(month, sheet, line, net, worker, whether disputed) of lines without a confirmation."""
        lines = self._judged(as_of, scope).filter(in_months("sheet__month", months))
        answers = Confirmation.objects.filter(
            known_on(as_of),
            engagement=OuterRef("engagement"),
            sheet_month=OuterRef("sheet__month"),
            worked_month=OuterRef("worked_month"),
            amount=OuterRef("net"),
        )
        silent = lines.filter(
            ~Exists(answers.filter(verdict=Verdict.CONFIRMED)), confirmed_on__isnull=True
        )
        rows = [(False, silent)]
        disputes = Confirmation.objects.filter(
            scope.q("engagement__project"), known_on(as_of), verdict=Verdict.DISPUTED
        )
        if disputes.exists():
            disputed = lines.filter(
                Exists(answers.filter(verdict=Verdict.DISPUTED)),
                engagement__in=disputes.order_by().values("engagement"),
            )
            rows.append((True, disputed))
        for is_disputed, found in rows:
            for row in found.values_list(
                "sheet__month", "sheet", "pk", "net", "engagement__worker"
            ):
                yield (*row, is_disputed)

    def _judged(self, as_of: dt.date, scope: Scope) -> "QuerySet[SheetLine]":
        """Every line of the sheets in force whose payday has passed."""
        passed = Cycle.objects.filter(sheet=OuterRef("sheet"), payday__lt=as_of)
        return SheetLine.objects.filter(
            scope.q("sheet__project"), known_on(as_of, "sheet__"), Exists(passed)
        ).order_by()

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        lines: dict[CycleKey, list[dict[str, Any]]] = {finding.cycle: [] for finding in findings}
        feeds: dict[CycleKey, set[int]] = {finding.cycle: set() for finding in findings}
        words = {
            pk: is_disputed
            for finding in findings
            for pk, is_disputed in finding.data["lines"].items()
        }
        rows = (
            SheetLine.objects.filter(pk__in=words)
            .order_by("sheet_id", "row")
            .values_list(
                *("pk", "sheet__project", "sheet__employer", "sheet__month", "sheet__feed"),
                *("engagement__worker__name", "engagement__worker__id_number", "row"),
                *("sheet__feed__filename", "worked_month", "net"),
            )
        )
        for pk, project, employer, month, feed, name, number, row, file, worked, net in rows:
            key = (project, employer, month)
            feeds[key].add(feed)
            lines[key].append(
                {
                    "worker": name,
                    "id": identity.mask_id(number),
                    "row": row,
                    "file": file,
                    "month": worked,
                    "net": net,
                    "word": DISPUTED if words[pk] else NO_WORD,
                }
            )
        return [_one(finding, lines[finding.cycle], feeds[finding.cycle]) for finding in findings]


def _finding(cycle: Cycle, lines: dict[int, tuple[Any, ...]]) -> Finding:
    received = cycle.sheet_received or cycle.sheet_due
    return Finding(
        cycle.project_id,
        cycle.employer_id,
        cycle.month,
        YELLOW,
        max(cycle.payday + DAY, received),
        workers=len({worker for _, worker, _ in lines.values()}),
        amount=sum((net for net, _, _ in lines.values()), ZERO).quantize(ZERO),
        data={
            "lines": {pk: is_disputed for pk, (_, _, is_disputed) in sorted(lines.items())},
            "received": received,
            "payday": cycle.payday,
            "people": cycle.sheet_people,
        },
    )


def _one(finding: Finding, lines: list[dict[str, Any]], feeds: set[int]) -> Evidence:
    data, made = finding.data, Evidence()
    disputed = sum(data["lines"].values())
    made.fact("工资月份", "Month worked", finding.month, "month")
    made.fact("工资支付表收到日期", "Pay sheet received", data["received"], "date")
    made.fact("发薪日(应于此日前确认)", "Payday (to be confirmed by)", data["payday"], "date")
    made.fact("表内人数", "Workers on the sheet", data["people"], "count")
    made.fact("未经确认的工资", "Wages not confirmed", finding.amount, "money")
    made.step("", "未确认的行", "Lines without a word", len(data["lines"]) - disputed, "count")
    made.step("+", "工人有异议的行", "Lines disputed by the worker", disputed, "count")
    made.step("=", "未经本人确认的行", "Lines not confirmed", len(data["lines"]), "count")
    made.table(COLUMNS, lines)
    made.feeds = feeds
    return made
