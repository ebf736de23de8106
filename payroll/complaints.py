"""Complaints as known on a day, and the latest standing that their rows repeat."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from payroll.models import Complaint, ComplaintStep
from wagewatch import bulk

Act = ComplaintStep.Act

_STANDINGS: dict[str, str] = {
    Act.ACCEPTED: Complaint.Standing.ACCEPTED,
    Act.REFUSED: Complaint.Standing.REFUSED,
    Act.FORWARDED: Complaint.Standing.FORWARDED,
    Act.ANSWERED: Complaint.Standing.ANSWERED,
}


def placed(as_of: dt.date) -> "QuerySet[ComplaintStep]":
    """For each complaint known on `as_of` whose project was known by then, the step that named the
    project: of several the one known last."""
    matches = ComplaintStep.objects.filter(act=Act.MATCHED, known_from__lte=as_of)
    later = matches.filter(
        Q(known_from__gt=OuterRef("known_from"))
        | Q(known_from=OuterRef("known_from"), pk__gt=OuterRef("pk")),
        complaint=OuterRef("complaint"),
    )
    return matches.filter(~Exists(later), complaint__known_from__lte=as_of)


def decided(as_of: dt.date, acts: Collection[str], complaint: str = "complaint") -> Exists:
    """Whether one of these steps was known on `as_of`, of the complaint that an outer query reaches
    through `complaint`."""
    return Exists(
        ComplaintStep.objects.filter(
            complaint=OuterRef(complaint), act__in=acts, known_from__lte=as_of
        )
    )


def refresh(complaint_ids: Iterable[int]) -> None:
    """Let complaints repeat their latest steps: standing, project with its region, authority.
    The number of queries does not grow with them."""
    held = Complaint.objects.in_bulk(list(complaint_ids))
    steps: dict[int, list[ComplaintStep]] = {pk: [] for pk in held}
    for step in ComplaintStep.objects.filter(complaint__in=held).select_related(
        "project", "authority"
    ):
        steps[step.complaint_id].append(step)
    for pk, complaint in held.items():
        _repeat(complaint, steps[pk])
    bulk.update_each(list(held.values()), ["standing", "project", "region", "authority"])


def _repeat(complaint: Complaint, steps: Sequence[ComplaintStep]) -> None:
    acts = [step for step in steps if step.act in _STANDINGS]
    # Of one day, an end comes after what led to it, whichever was told first.
    last = max(acts, key=lambda s: (s.on, s.act in ComplaintStep.ENDS, s.pk), default=None)
    complaint.standing = Complaint.Standing(_STANDINGS[last.act] if last else "waiting")
    forwards = [step for step in acts if step.act == Act.FORWARDED and step.authority_id]
    if forwards:
        complaint.authority = max(forwards, key=lambda s: (s.on, s.pk)).authority
        assert complaint.authority is not None
        complaint.region_id = complaint.authority.region_id
    matches = [step for step in steps if step.act == Act.MATCHED]
    if matches:
        match = max(matches, key=lambda s: (s.known_from, s.pk))
        assert match.project is not None
        complaint.project = match.project
        complaint.region_id = match.project.region_id


def history(complaint: Complaint) -> list[Any]:
    """The steps in their order, without those that name the project named before."""
    found: list[Any] = []
    project = None
    for step in complaint.steps.select_related("project", "authority", "user").order_by(
        "on", F("known_from"), "pk"
    ):
        if step.act == Act.MATCHED and step.project_id == project:
            continue
        project = step.project_id or project
        found.append(step)
    return found
