"""What inspectors do with a warning: set it aside for a time with a reason, take it up again.

Suppression is never deletion: the row, its history and the audit entry stay.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from alerts.models import Warning, WarningEvent
from wagewatch import audit


class NotPossible(ValueError):
    """The act does not fit the warning's standing, or something that it needs is missing."""


TRANSITIONS: dict[str, tuple[str, str]] = {
    "dismiss": (Warning.Status.OPEN, Warning.Status.DISMISSED),
    "restore": (Warning.Status.DISMISSED, Warning.Status.OPEN),
}
"""Act -> (standing before, standing after). The engine's own steps are in engine.py."""


def dismiss(
    warning: Warning, user: Any, reason: str, until: dt.date, *, on: dt.date | None = None
) -> Warning:
    """Set an open warning aside up to and including `until`; the engine reopens it afterwards if
    the fact still holds. Raises NotPossible without a reason, for a day that has passed, and for
    a warning about an authority: no office sets its own delay aside."""
    on = on or timezone.localdate()
    reason = reason.strip()
    if not reason:
        raise NotPossible("a dismissal needs a reason")
    if until < on:
        raise NotPossible("a dismissal ends on a day to come")
    if warning.internal:
        raise NotPossible("a warning about an authority is not set aside")
    with transaction.atomic():
        warning = _moved(warning, "dismiss")
        warning.dismissed_until, warning.folded_under = until, None
        warning.save(update_fields=["status", "dismissed_until", "folded_under"])
        warning.folded.update(folded_under=None)
        _record(warning, user, WarningEvent.Act.DISMISSED, on, reason)
        audit.record(user, "warning-dismissed", warning, reason=reason, until=until.isoformat())
    return warning


def restore(
    warning: Warning, user: Any, *, on: dt.date | None = None, shown_on: dt.date | None = None
) -> Warning:
    """Take a dismissed warning up again before its day. `shown_on`: see engine.evaluate."""
    on = on or timezone.localdate()
    with transaction.atomic():
        warning = _moved(warning, "restore")
        warning.dismissed_until = None
        warning.save(update_fields=["status", "dismissed_until"])
        _record(warning, user, WarningEvent.Act.RESTORED, on, "", shown_on)
        audit.record(user, "warning-restored", warning)
    return warning


def _moved(warning: Warning, act: str) -> Warning:
    """The row, locked, with its new standing (not yet saved)."""
    held = Warning.objects.select_for_update().get(pk=warning.pk)
    before, after = TRANSITIONS[act]
    if held.status != before:
        raise NotPossible(f"{act}: the warning is {held.status}")
    held.status = Warning.Status(after)
    return held


def _record(
    warning: Warning,
    user: Any,
    act: str,
    on: dt.date,
    note: str,
    shown_on: dt.date | None = None,
) -> None:
    step = WarningEvent(
        warning=warning, on=on, act=act, level=warning.level, user=user, note=note[:500]
    )
    step.seen_from(shown_on).save()
