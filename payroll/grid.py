"""The cycle grid of a project: employers down, months across."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from payroll import states
from payroll.models import Cycle
from projects.models import Company
from wagewatch.months import Month


@dataclass(frozen=True)
class Cell:
    month: Month
    cycle: Cycle | None
    state: states.State


@dataclass(frozen=True)
class Row:
    employer: Company
    role: str
    cells: list[Cell]


@dataclass(frozen=True)
class Grid:
    months: list[Month]
    rows: list[Row]


def grid(
    cycles: Iterable[Cycle], parties: Sequence[tuple[Company, str]], as_of: dt.date, most: int = 12
) -> Grid:
    """`cycles` with employers selected; `parties` are the companies that may employ, in order,
    with their roles. The last `most` months are shown."""
    held: dict[tuple[int, Month], Cycle] = {(c.employer_id, c.month): c for c in cycles}
    employers: dict[int, tuple[Company, str]] = {c.pk: (c, role) for c, role in parties}
    for cycle in held.values():
        employers.setdefault(cycle.employer_id, (cycle.employer, ""))
    months = sorted({month for _, month in held})[-most:]
    span = _span(months)
    rows = [
        Row(company, role, [_cell(held.get((pk, month)), month, as_of) for month in span])
        for pk, (company, role) in employers.items()
    ]
    return Grid(span, rows)


def _span(months: list[Month]) -> list[Month]:
    """No month left out between the first and the last."""
    if not months:
        return []
    return [Month(n) for n in range(months[0].ordinal, months[-1].ordinal + 1)]


def _cell(cycle: Any, month: Month, as_of: dt.date) -> Cell:
    return Cell(month, cycle, states.state(cycle, as_of))
