"""A pay sheet entered on line: a table of the registered workers, filled with what is known.

What is typed becomes a CSV that goes through the pipeline like any file: the same checks, versions
and report. The form names engagements; ID and card numbers are filled in here, on the server.
"""

import csv
import datetime as dt
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db.models import Q

from payroll import ingest
from payroll.checks.messages import render
from payroll.models import AttendanceMonth, Feed, Sheet, SheetLine
from projects.models import Company, Engagement, Member, Project, WorkerCard
from wagewatch import identity
from wagewatch.months import Month

FIRST_ROW = 2  # of the workers in the file
COLUMNS = (
    "项目编码", "企业统一社会信用代码", "所属月份", "班组名称", "姓名", "证件类型", "身份证号",
    "出勤天数", "应发", "扣除", "实发", "工资卡号", "开户行", "支付方式", "现金原因",
    "是否补发", "补发月份",
)  # fmt: skip


_CELLS = {
    "出勤天数": "days", "应发": "gross", "扣除": "deductions", "实发": "gross",
    "现金原因": "cash_reason",
}  # fmt: skip


@dataclass
class EntryRow:
    """One worker in the form; amounts as typed. `card` is masked, "" when none is known."""

    engagement: Engagement
    card: str
    days: str = ""
    gross: str = ""
    deductions: str = ""
    cash_reason: str = ""
    gate_days: int | None = None
    said: str = ""
    wrong: set[str] = field(default_factory=set)
    """Names of the cells that `said` is about."""

    @property
    def net(self) -> str:
        try:
            return f"{_decimal(self.gross) - _decimal(self.deductions):.2f}" if self.gross else ""
        except InvalidOperation:
            return ""


def people(project: Project, employer: Company, month: Month) -> list[Engagement]:
    """Registered workers of the employer who were on the project in the month, and whoever stands
    on its sheet already."""
    found = Engagement.objects.filter(
        project=project, employer=employer, registered=True
    ).select_related("worker")
    gone = Q(exit_date__lt=month.first) | Q(entry_date__gt=month.last)
    gone &= ~Q(pk__in=_sheet_lines(project, employer, month).values("engagement"))
    return list(found.exclude(gone).order_by("team", "pk"))


def rows(project: Project, employer: Company, month: Month) -> list[EntryRow]:
    """Filled from the sheet of the month when there is one (a correction), else from the one
    before; days from the gate where the month has no sheet yet."""
    found = people(project, employer, month)
    cards = _cards(found)
    this, before = _lines(project, employer, month), _lines(project, employer, month - 1)
    gate = dict(
        AttendanceMonth.objects.filter(engagement__in=found, month=month).values_list(
            "engagement", "days"
        )
    )
    made = []
    for engagement in found:
        card = cards.get(engagement.worker_id)
        row = EntryRow(engagement, card.masked if card else "", gate_days=gate.get(engagement.pk))
        line = this.get(engagement.pk) or (None if this else before.get(engagement.pk))
        if line is not None:
            row.days = "" if line.days is None else f"{line.days.normalize():f}"
            row.gross, row.deductions = f"{line.gross:.2f}", f"{line.deductions:.2f}"
            row.cash_reason = line.cash_reason
        if row.gate_days is not None and not this:
            row.days = str(row.gate_days)
        made.append(row)
    return made


def held(project: Project, employer: Company, month: Month) -> Any:
    """The month's sheet in force, which what is entered now corrects."""
    return Sheet.objects.current().filter(project=project, employer=employer, month=month)


def _sheet_lines(project: Project, employer: Company, month: Month) -> Any:
    return SheetLine.objects.filter(sheet__in=held(project, employer, month))


def _lines(project: Project, employer: Company, month: Month) -> dict[int, SheetLine]:
    lines = _sheet_lines(project, employer, month).filter(is_back_pay=False)
    return {line.engagement_id: line for line in lines}


def back_pay(project: Project, employer: Company, month: Month) -> list[SheetLine]:
    """Back pay on the sheet in force: the form does not show it, a correction keeps it."""
    lines = _sheet_lines(project, employer, month).filter(is_back_pay=True)
    return list(lines.select_related("engagement__worker").order_by("row"))


def _cards(found: list[Engagement]) -> dict[int, WorkerCard]:
    """The card of each worker that became known last, a registered one before others."""
    cards = WorkerCard.objects.filter(worker__in={engagement.worker_id for engagement in found})
    order = ("registered", "known_from", "pk")
    return {card.worker_id: card for card in cards.order_by(*order)}


def typed(
    project: Project, employer: Company, month: Month, values: Mapping[str, str]
) -> list[EntryRow]:
    """The rows of the form as sent back: fields named gross-<engagement> and so on."""
    found = people(project, employer, month)
    cards = _cards(found)
    made = []
    for engagement in found:
        card = cards.get(engagement.worker_id)
        cells: dict[str, Any] = {
            name: values.get(f"{name}-{engagement.pk}", "").strip()[:100]
            for name in ("days", "gross", "deductions", "cash_reason")
        }
        made.append(EntryRow(engagement, card.masked if card else "", **cells))
    return made


def submit(
    project: Project,
    employer: Company,
    month: Month,
    typed_rows: list[EntryRow],
    *,
    user: Any,
    member: Member,
    now: dt.datetime,
    today: dt.date,
) -> Feed:
    """The rows that have an amount as a feed, processed. What is wrong stands in `said` of its
    row as well as in the feed's report."""
    entered = [row for row in typed_rows if row.gross]
    data = _file(project, employer, month, entered)
    feed = ingest.receive(
        io.BytesIO(data),
        f"在线填报-{project.name}-{employer.name}-{month}.csv",
        sender=user,
        company=member.company,
        received_on=today,
        received_at=now,
        channel="web",
        kind="payroll",
    )
    feed = ingest.process(feed)
    for issue in feed.issues.filter(severity="error", row__gte=FIRST_ROW):
        index = (issue.row or 0) - FIRST_ROW
        if index >= len(entered):
            continue
        row = entered[index]
        if issue.column == "实发" and not row.net:
            continue  # computed here, of what is no number and is told of already
        row.said = " ".join((row.said, str(render(issue)))).strip()
        row.wrong.add(_CELLS.get(issue.column, ""))
    return feed


def _file(project: Project, employer: Company, month: Month, entered: list[EntryRow]) -> bytes:
    kept = back_pay(project, employer, month)
    who = [row.engagement for row in entered] + [line.engagement for line in kept]
    cards = _cards(who)
    place = [project.code, employer.code, str(month)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in entered:
        try:
            net = f"{_decimal(row.gross) - _decimal(row.deductions):f}"
        except InvalidOperation:
            net = row.gross  # the check of the amounts says what is wrong
        sums = [row.days, row.gross, row.deductions or "0", net]
        writer.writerow([*place, *_row(row.engagement, sums, row.cash_reason, cards), "", ""])
    for line in kept:
        days = "" if line.days is None else f"{line.days:f}"
        sums = [days, f"{line.gross:f}", f"{line.deductions:f}", f"{line.net:f}"]
        cells = _row(line.engagement, sums, line.cash_reason, cards)
        writer.writerow([*place, *cells, "是", str(line.worked_month)])
    return text.getvalue().encode()


def _row(
    engagement: Engagement, sums: list[str], cash_reason: str, cards: dict[int, WorkerCard]
) -> list[str]:
    """A worker's cells from 班组名称 to 现金原因."""
    worker = engagement.worker
    card = None if cash_reason else cards.get(worker.pk)
    return [
        *(engagement.team, worker.name, worker.id_type or identity.RESIDENT_ID, worker.id_number),
        *sums,
        *((card.number, card.bank_name) if card else ("", "")),
        *("现金" if cash_reason else "银行", cash_reason),
    ]


def _decimal(text: str) -> Decimal:
    return Decimal((text or "0").replace(",", "").replace("，", ""))
