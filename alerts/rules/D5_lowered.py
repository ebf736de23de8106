"""D5: a revised sheet lowers a worker's net after the worker had confirmed it."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery

from alerts.rules.base import (
    ORANGE,
    PAY_SHEET,
    ZERO,
    CycleKey,
    Finding,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll import attendance
from payroll.models import Confirmation, Sheet, SheetLine
from wagewatch import identity
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("month", "工资月份", "Month worked", "month"),
    Column("old_file", "经确认的工资支付表", "Sheet confirmed"),
    Column("old_row", "行号", "Row", "count"),
    Column("confirmed", "确认日期", "Confirmed", "date"),
    Column("by", "确认方式", "Confirmed by"),
    Column("before", "经确认的实发", "Net confirmed", "money"),
    Column("new_file", "更正后的工资支付表", "Sheet now"),
    Column("new_row", "行号", "Row", "count"),
    Column("now", "现实发", "Net now", "money"),
    Column("elsewhere", "移至其他工资表", "Moved to other sheets", "money"),
    Column("lowered", "减少", "Lowered by", "money"),
)
BY_PHONE, BY_DATE = "phone", "date"
SAID = {BY_PHONE: Text("手机", "By phone"), BY_DATE: Text("签字日期", "Date on the sheet")}
Verdict = Confirmation.Verdict


@dataclass(frozen=True)
class Line:
    """A line of one version. `by` is how the worker confirmed it, by what was known; "" for not,
    or disputed."""

    pk: int
    net: Decimal
    by: str
    on: dt.date | None


@dataclass(frozen=True)
class Version:
    """A sheet's version, and the days on which it was the one known."""

    pk: int
    cycle: CycleKey
    since: dt.date
    until: dt.date | None

    def known(self, day: dt.date) -> bool:
        return self.since <= day and (self.until is None or self.until > day)


@dataclass(frozen=True)
class Lowered:
    """What one worker confirmed and what the sheet says now (None: nothing)."""

    worker: int
    month: Month
    before: Line
    now: Line | None
    since: dt.date
    elsewhere: Decimal

    @property
    def amount(self) -> Decimal:
        return self.before.net - (self.now.net if self.now else ZERO) - self.elsewhere


class LoweredAfterConfirmation(Rule):
    code = "D5"
    title = Text("确认后的工资被改少", "Wage lowered after it was confirmed")
    stage = PAY_SHEET
    why = Text(
        "工人确认过的实发工资被更正的工资支付表改少或者删去,而本人没有再次确认。",
        "A revised sheet gives the worker less than what was confirmed, or nothing, and the worker "
        "has not confirmed it anew.",
    )
    law = ("Reg. 31", "Reg. 56(1)")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "工人对更正后的金额再次确认(手机确认过的须由本人在手机上确认),或者恢复原金额。",
        "The worker confirms the new sum (by phone, where the first was confirmed by phone), or "
        "the sum is restored.",
    )
    needs = ("payroll",)
    responsible = ("employer", "general")

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        suspects = self._suspects(as_of, scope)
        if not suspects:
            return []
        books = _Books(as_of, suspects)
        cycles: dict[CycleKey, list[Lowered]] = defaultdict(list)
        for project, employer, month, engagement, worked, worker in sorted(suspects):
            cycle = (project, employer, month)
            if found := books.lowered(cycle, engagement, worked, worker):
                cycles[cycle].append(found)
        return [
            Finding(
                *key,
                ORANGE,
                min(one.since for one in mine),
                workers=len({one.worker for one in mine}),
                amount=sum((one.amount for one in mine), ZERO),
                people=frozenset(one.worker for one in mine),
                data={"mine": mine},
            )
            for key, mine in cycles.items()
        ]

    def _suspects(self, as_of: dt.date, scope: Scope) -> set[tuple[Any, ...]]:
        """(project, employer, month, engagement, month worked, worker) of confirmed lines of
        versions replaced by the day, where the version in force has less, or no such line."""
        now = SheetLine.objects.filter(
            known_on(as_of, "sheet__"),
            engagement=OuterRef("engagement"),
            worked_month=OuterRef("worked_month"),
            sheet__project=OuterRef("sheet__project"),
            sheet__employer=OuterRef("sheet__employer"),
            sheet__month=OuterRef("sheet__month"),
        )
        by_phone = Confirmation.objects.filter(
            line=OuterRef("pk"), verdict=Verdict.CONFIRMED, known_from__lte=as_of
        )
        replaced = Sheet.objects.filter(scope.q(), known_until__lte=as_of).order_by().values("pk")
        if not replaced.exists():
            return set()
        return set(
            SheetLine.objects.filter(
                Q(confirmed_on__isnull=False) | Exists(by_phone), sheet__in=replaced
            )
            .annotate(now=Subquery(now.values("net")[:1]))
            .filter(Q(now__isnull=True) | Q(now__lt=F("net")))
            .order_by()
            .values_list(
                *("sheet__project", "sheet__employer", "sheet__month", "engagement"),
                *("worked_month", "engagement__worker"),
            )
        )

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        mine = [one for finding in findings for one in finding.data["mine"]]
        lines = {
            row[0]: row[1:]
            for row in SheetLine.objects.filter(
                pk__in={line.pk for one in mine for line in (one.before, one.now) if line}
            ).values_list(
                *("pk", "engagement__worker__name", "engagement__worker__id_number", "row"),
                *("sheet__feed__filename", "sheet__feed"),
            )
        }
        return [_one(finding, lines) for finding in findings]


class _Books:
    """Every version known of the sheets on which the suspects stand or stood, with what the
    workers said of their lines, and their attendance. Four queries."""

    def __init__(self, as_of: dt.date, suspects: Iterable[tuple[Any, ...]]) -> None:
        self.as_of = as_of
        stays = {(project, worker, worked) for project, _, _, _, worked, worker in suspects}
        projects = {project for project, _, _ in stays}
        self.attended = attendance.days_of(as_of, stays)
        self.versions: dict[CycleKey, list[Version]] = defaultdict(list)
        self.by_key: dict[int, Version] = {}
        self.lines: dict[tuple[int, int, Month], Line] = {}
        self.of_worker: dict[attendance.Stay, list[tuple[int, Line]]] = defaultdict(list)
        sheets = Sheet.objects.filter(project__in=projects, known_from__lte=as_of)
        for pk, project, employer, month, since, until in sheets.order_by(
            "known_from", "version"
        ).values_list("pk", "project", "employer", "month", "known_from", "known_until"):
            version = Version(pk, (project, employer, month), since, until)
            self.versions[version.cycle].append(version)
            self.by_key[pk] = version
        self._read(stays)

    def _read(self, stays: set[attendance.Stay]) -> None:
        rows = SheetLine.objects.filter(
            sheet__project__in={project for project, _, _ in stays},
            sheet__known_from__lte=self.as_of,
            engagement__worker__in={worker for _, worker, _ in stays},
            worked_month__in={worked for _, _, worked in stays},
        ).values_list(
            *("pk", "sheet", "sheet__project", "engagement__worker", "engagement"),
            *("worked_month", "net", "confirmed_on", "confirmation__verdict"),
            "confirmation__known_from",
        )
        for pk, sheet, project, worker, engagement, worked, net, signed, verdict, said in rows:
            by, on = (BY_DATE, signed) if signed else ("", None)
            if verdict and said <= self.as_of:  # the worker's own word counts before the company's
                by, on = (BY_PHONE, said) if verdict == Verdict.CONFIRMED else ("", None)
            line = Line(pk, Decimal(net).quantize(ZERO), by, on)
            self.lines[(sheet, engagement, worked)] = line
            self.of_worker[(project, worker, worked)].append((sheet, line))

    def lowered(
        self, cycle: CycleKey, engagement: int, worked: Month, worker: int
    ) -> Lowered | None:
        """The versions in their order against what was confirmed last."""
        before: Line | None = None
        since: dt.date | None = None
        now: Line | None = None
        for version in self.versions[cycle]:
            now = self.lines.get((version.pk, engagement, worked))
            if before is None or (now and (now.net >= before.net or _anew(before, now))):
                before = now if now and now.by else before
                since = None
            elif since is None:
                since = version.since
        stay = (cycle[0], worker, worked)
        if before is None or since is None or (now is None and not self.attended[stay]):
            return None
        elsewhere = self._elsewhere(cycle, stay, since)
        found = Lowered(worker, worked, before, now, since, elsewhere)
        return found if found.amount > 0 else None

    def _elsewhere(self, cycle: CycleKey, stay: attendance.Stay, since: dt.date) -> Decimal:
        """What other sheets of the project have come to give the worker for the month since the
        day before the revision."""
        gained = ZERO
        for sheet, line in self.of_worker[stay]:
            version = self.by_key[sheet]
            if version.cycle != cycle:
                gained += line.net * (version.known(self.as_of) - version.known(since - DAY))
        return max(gained, ZERO)


def _anew(before: Line, now: Line) -> bool:
    """The lower sum was confirmed after the higher: by the worker's own answer, or, where the
    higher rests on a date on the sheet as well, by a later date."""
    if now.by == BY_PHONE:
        return True
    if now.by != BY_DATE or before.by != BY_DATE or now.on is None or before.on is None:
        return False
    return now.on > before.on


def _one(finding: Finding, lines: dict[int, tuple[Any, ...]]) -> Evidence:
    made, rows = Evidence(), []
    mine: list[Lowered] = finding.data["mine"]
    for one in mine:
        name, number, row, file, feed = lines[one.before.pk]
        made.feeds.add(feed)
        new_row: int | None = None
        new_file: str | Text = Text("已删去", "Removed")
        if one.now:
            _, _, new_row, new_file, feed = lines[one.now.pk]
            made.feeds.add(feed)
        rows.append(
            {
                "worker": name,
                "id": identity.mask_id(number),
                "month": one.month,
                "old_file": file,
                "old_row": row,
                "confirmed": one.before.on,
                "by": SAID[one.before.by],
                "before": one.before.net,
                "new_file": new_file,
                "new_row": new_row,
                "now": one.now.net if one.now else ZERO,
                "elsewhere": one.elsewhere,
                "lowered": one.amount,
            }
        )
    before = sum((one.before.net for one in mine), ZERO)
    now = sum((one.now.net for one in mine if one.now), ZERO)
    elsewhere = sum((one.elsewhere for one in mine), ZERO)
    made.fact("工资月份", "Month worked", finding.month, "month")
    made.fact("更正收到日期", "Revision received", finding.since, "date")
    made.fact("被改少的工人", "Workers lowered", finding.workers, "count")
    made.fact("其中被删去的", "Of them removed", sum(1 for one in mine if one.now is None), "count")
    made.step("", "经本人确认的实发", "Net as confirmed", before, "money")
    made.step("-", "现工资支付表实发", "Net now", now, "money")
    if elsewhere:
        made.step("-", "移至本项目其他工资表", "Moved to other sheets", elsewhere, "money")
    made.step("=", "减少合计", "Lowered by", finding.amount, "money")
    made.table(COLUMNS, sorted(rows, key=lambda row: (row["old_file"], row["old_row"])))
    return made
