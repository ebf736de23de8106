"""One pay cycle worker by worker: what the sheet says, what was attended, what was paid."""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from payroll import claims
from payroll.models import AttendanceMonth, Cycle, Sheet, SheetLine
from projects.models import Engagement
from wagewatch.known import known_on

ZERO = Decimal("0.00")


@dataclass
class WorkerRow:
    """One worker in the cycle. `line` is the row of the sheet shown; sums in CNY."""

    engagement: Engagement
    line: SheetLine | None = None
    attended: AttendanceMonth | None = None
    due: Decimal = ZERO
    paid: Decimal = ZERO
    returned: Decimal = ZERO
    unpaid: Decimal = ZERO
    payments: list[claims.Payment] = field(default_factory=list)

    @property
    def days_differ(self) -> bool:
        """More than three days between sheet and gate (rule C4's default)."""
        if self.line is None or self.line.days is None:
            return False
        return abs(self.line.days - (self.attended.days if self.attended else 0)) > 3


def sheets(cycle: Cycle) -> list[Sheet]:
    """Every version of the cycle's sheet, the one received last first, whatever was loaded when."""
    found = Sheet.objects.filter(
        project=cycle.project_id, employer=cycle.employer_id, month=cycle.month
    )
    return list(found.select_related("feed").order_by("-known_from", "-version"))


def rows(cycle: Cycle, sheet: Sheet | None, as_of: dt.date) -> list[WorkerRow]:
    """Everybody on `sheet`, at the gate, or paid for the month. A handful of queries, however
    many workers; the payments are those known on `as_of`."""
    key = (cycle.project_id, cycle.employer_id, cycle.month)
    held = {claim.engagement_id: claim for claim in claims.of(as_of, [key])[key]}
    lines = _lines(cycle, sheet)
    attended = {
        one.engagement_id: one
        for one in AttendanceMonth.objects.filter(
            engagement__project=cycle.project_id,
            engagement__employer=cycle.employer_id,
            month=cycle.month,
            known_from__lte=as_of,
        )
    }
    order = [*lines, *(pk for pk in held if pk not in lines)]
    order += sorted(pk for pk in attended if pk not in lines and pk not in held)
    people = Engagement.objects.select_related("worker").in_bulk(order)
    return [
        _row(people[pk], lines.get(pk), attended.get(pk), held.get(pk))
        for pk in order
        if pk in people
    ]


def _lines(cycle: Cycle, sheet: Sheet | None) -> dict[int, SheetLine]:
    """The ordinary line of each worker for the month, in the order of the file."""
    if sheet is None:
        return {}
    found = SheetLine.objects.filter(sheet=sheet, worked_month=cycle.month).order_by("row")
    return {line.engagement_id: line for line in found}


def _row(engagement: Engagement, line: Any, attended: Any, claim: Any) -> WorkerRow:
    row = WorkerRow(engagement, line, attended)
    if claim is not None:
        row.due, row.paid, row.returned = claim.due, claim.paid, claim.returned
        row.unpaid, row.payments = claim.unpaid, claim.payments
    return row


def sheet_on(found: list[Sheet], as_of: dt.date, version: str = "") -> Sheet | None:
    """The version asked for, else the one in force on `as_of`, else none."""
    for sheet in found:
        if version and str(sheet.version) == version:
            return sheet
    in_force = Sheet.objects.filter(known_on(as_of), pk__in=[s.pk for s in found])
    pk = in_force.values_list("pk", flat=True).order_by("-version").first()
    return next((sheet for sheet in found if sheet.pk == pk), None)
