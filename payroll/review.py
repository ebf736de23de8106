"""The general contractor's review of a pay sheet (Reg. 31: it pays on behalf, 总包代发).

A sheet waits until it is approved, which makes it due for payment, or returned with remarks. A
replaced version is reviewed no more: its successor waits anew.
"""

from typing import Any

from django.db import transaction
from django.utils import timezone

from payroll.models import Review, Sheet
from wagewatch import audit


class NotPossible(ValueError):
    """The act does not fit the sheet's standing, or something that it needs is missing."""


WAITING = ""
TRANSITIONS: dict[str, tuple[frozenset[str], str]] = {
    "approve": (frozenset({WAITING, Review.Status.RETURNED}), Review.Status.APPROVED),
    "return": (frozenset({WAITING, Review.Status.APPROVED}), Review.Status.RETURNED),
}
"""Act -> (standings before, standing after)."""


def approve(sheet: Sheet, user: Any, remarks: str = "") -> Review:
    """The sheet is right and may be paid. Raises NotPossible."""
    return _act("approve", sheet, user, remarks)


def send_back(sheet: Sheet, user: Any, remarks: str) -> Review:
    """The sheet goes back to the subcontractor. Raises NotPossible, also without remarks."""
    if not remarks.strip():
        raise NotPossible("a sheet goes back with remarks")
    return _act("return", sheet, user, remarks)


def standing(sheet: Sheet) -> str:
    review = getattr(sheet, "review", None)
    return review.status if review else WAITING


def acts(sheet: Sheet) -> list[str]:
    """What the general contractor may do with the sheet now."""
    if sheet.known_until is not None:
        return []
    now = standing(sheet)
    return [act for act, (before, _) in TRANSITIONS.items() if now in before]


def _act(act: str, sheet: Sheet, user: Any, remarks: str) -> Review:
    before, after = TRANSITIONS[act]
    with transaction.atomic():
        held = Sheet.objects.select_for_update().get(pk=sheet.pk)
        if held.known_until is not None:
            raise NotPossible(f"{act}: a later version has taken the sheet's place")
        review = Review.objects.filter(sheet=held).first()
        now = review.status if review else WAITING
        if now not in before:
            raise NotPossible(f"{act}: the sheet is {now or 'waiting'}")
        review = review or Review(sheet=held)
        review.status, review.remarks = Review.Status(after), remarks.strip()[:500]
        review.user, review.at = user, timezone.now()
        review.save()
        audit.record(user, f"sheet-{act}", held, version=held.version, remarks=review.remarks)
    return review
