"""The state of a pay cycle as one word, for the grid: one function, read top to bottom."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payroll.models import Cycle

ZERO = Decimal(0)


@dataclass(frozen=True)
class State:
    """`key` names the colour; icon and label say the same without it."""

    key: str
    icon: str
    label: str | Promise


PAID = State("paid", "check", _("Paid"))
WAITING = State("waiting", "clock", _("Before payday"))
SHORT = State("short", "minus", _("Paid in part"))
MISSED = State("missed", "x", _("Not paid"))
LATE = State("late", "file-alert", _("No sheet"))
OPEN = State("open", "dots", _("Sheet not due"))
NONE = State("none", "line-dashed", _("No data"))
STATES = (PAID, WAITING, SHORT, MISSED, LATE, OPEN, NONE)


def state(cycle: Cycle | None, as_of: dt.date) -> State:
    """What to say of a cycle on `as_of`, by the facts of rules.md (E1, E2, D1)."""
    if cycle is None:
        return NONE
    if cycle.sheet_id is None and cycle.due <= ZERO:
        if not cycle.attended_people:
            return NONE
        return LATE if as_of > cycle.sheet_due else OPEN
    if cycle.unpaid <= ZERO:
        return PAID
    if as_of <= cycle.payday:
        return WAITING
    return SHORT if cycle.paid > ZERO else MISSED
