"""One worker's wages over all months and projects, as known on a day."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from payroll import claims, ledger
from payroll.claims import ZERO, Claim
from payroll.models import Arrear, PaymentMatch, SheetLine
from projects.models import Engagement
from wagewatch.months import Month


@dataclass
class Row:
    """One month with one employer. `arrear`: the row of the ledger, where it is overdue."""

    engagement: Engagement
    month: Month
    claim: Claim
    arrear: Arrear | None


@dataclass
class WorkerPage:
    rows: list[Row] = field(default_factory=list)

    @property
    def due(self) -> Decimal:
        return sum((row.claim.due for row in self.rows), ZERO)

    @property
    def paid(self) -> Decimal:
        return sum((row.claim.paid for row in self.rows), ZERO)

    @property
    def owed(self) -> Decimal:
        return sum((row.arrear.unpaid for row in self.rows if row.arrear), ZERO)


def worker_page(engagements: Sequence[Engagement], as_of: dt.date) -> WorkerPage:
    """The newest month first. A number of queries that does not grow with the months."""
    mine = {engagement.pk: engagement for engagement in engagements}
    months: set[tuple[int, Any]] = set()
    for model, name in ((SheetLine, "worked_month"), (PaymentMatch, "month")):
        found: Any = model._default_manager.filter(engagement__in=mine)  # type: ignore[attr-defined]
        months |= set(found.values_list("engagement", name).distinct())
    keys = {(mine[pk].project_id, mine[pk].employer_id, month) for pk, month in months}
    held = claims.of(as_of, keys, named=False, engagements=mine)
    projects = {engagement.project_id for engagement in engagements}
    overdue = {
        (row.engagement_id, row.month): row
        for row in ledger.on(as_of, projects)
        if row.engagement_id in mine
    }
    rows = [
        Row(mine[claim.engagement_id], key[2], claim, overdue.get((claim.engagement_id, key[2])))
        for key, owed in held.items()
        for claim in owed
    ]
    return WorkerPage(sorted(rows, key=lambda row: (-row.month.ordinal, row.engagement.pk)))
