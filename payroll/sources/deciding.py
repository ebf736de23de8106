"""A person decides which of the sources' values holds, and may take that back.

    conflict -> decide -> decided     until a source tells yet another value
    decided  -> undo   -> conflict    from that day on as if it had never been decided

Each act is one transaction and leaves one audit entry; what held on earlier days stays.
"""

import datetime as dt
from typing import Any

from django.db import transaction
from django.utils import timezone

from payroll import ingest, matching
from payroll.ingest.pipeline import lock_projects
from payroll.models import Feed
from payroll.sources.history import History, Subject
from payroll.sources.settle import settle
from projects.models import Conflict, FieldDecision, Member
from wagewatch import audit


class NotPossible(Exception):
    """What is asked cannot be done now; the text says why."""


def may_decide(member: Member | None) -> bool:
    """An inspector for the territory, a sector regulator for the projects of its sectors: scope
    bounds which conflicts they see."""
    return member is not None and member.role in (Member.Role.INSPECTOR, Member.Role.REGULATOR)


def seen_of(conflict: Conflict) -> dict[str, str]:
    """What each source says, as a person sees it."""
    return {source: one["value"] for source, one in conflict.values.items()}


def decide(
    conflict: Conflict,
    user: Any,
    source: str,
    reason: str,
    *,
    seen: dict[str, str],
    on: dt.date | None = None,
) -> FieldDecision:
    """The value of `source` holds from `on` (today). `seen` is what the person was shown. Raises
    NotPossible without a reason, for a source that says nothing, and when a source has said
    something else meanwhile."""
    on = on or timezone.localdate()
    if not reason.strip():
        raise NotPossible("a decision needs a reason")
    with transaction.atomic():
        lock_projects([conflict.project_id])
        held = Conflict.objects.filter(pk=conflict.pk).first()
        if held is None or seen_of(held) != seen:
            raise NotPossible("the sources have said something else meanwhile")
        if source not in seen:
            raise NotPossible(f"{source} says nothing of this field")
        last = Feed.objects.order_by("-pk").values_list("pk", flat=True).first()
        made = FieldDecision.objects.create(
            project_id=held.project_id,
            company_id=held.company_id,
            role=held.role,
            field=held.field,
            source=source,
            value=seen[source],
            seen=seen,
            reason=reason.strip(),
            on=on,
            at=timezone.now(),
            after_feed=last or 0,
            by=user,
        )
        _settle(made)
        audit.record(
            user,
            "source-decided",
            made,
            project=made.project_id,
            field=made.field,
            source=source,
            value=made.value,
            before=held.held_value,
        )
    ingest.tell_followers([made.project_id], on)
    return made


def undo(made: FieldDecision, user: Any, *, on: dt.date | None = None) -> FieldDecision:
    """From `on` (today) the sources count as if it had not been decided. Raises NotPossible for
    one that is undone already."""
    on = on or timezone.localdate()
    with transaction.atomic():
        lock_projects([made.project_id])
        held = FieldDecision.objects.get(pk=made.pk)
        if held.undone_on is not None:
            raise NotPossible("it has been undone already")
        held.undone_on, held.undone_by = on, user
        held.save(update_fields=["undone_on", "undone_by"])
        _settle(held)
        audit.record(
            user, "source-decision-undone", held, project=held.project_id, field=held.field
        )
    ingest.tell_followers([held.project_id], on)
    return held


def _settle(decision: FieldDecision) -> None:
    settle(History([Subject(decision.project_id, decision.role, decision.company_id)]))
    matching.match({decision.project_id})
