"""What a company answers to a warning, and what the authority makes of it.

    explain   -> waiting -> noted                       the warning stays as it is
    dispute   -> waiting -> upheld | refused            upheld: the warning is set aside
    withdraw  -> waiting -> withdrawn

Each act is one transaction and leaves one audit entry and one step in the warning's history.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from alerts import acts, papers
from alerts.acts import NotPossible
from alerts.models import Answer, AnswerFile, Warning, WarningEvent
from projects.models import Member
from wagewatch import audit

Kind, Standing, Act = Answer.Kind, Answer.Standing, WarningEvent.Act

DECISIONS: dict[str, tuple[str, str]] = {
    "note": (Kind.EXPLANATION, Standing.NOTED),
    "uphold": (Kind.DISPUTE, Standing.UPHELD),
    "refuse": (Kind.DISPUTE, Standing.REFUSED),
}
"""Decision -> (kind that it is about, standing after); before it the answer waits."""

_STEPS = {Standing.NOTED: Act.NOTED, Standing.UPHELD: Act.UPHELD, Standing.REFUSED: Act.REFUSED}


def may_answer(warning: Warning, member: Member | None) -> bool:
    """Whether the member speaks for a company that the warning is about or that must act."""
    if member is None or member.company is None or warning.status == Warning.Status.CLEARED:
        return False
    named = {one["code"] for one in (warning.evidence or {}).get("responsible", [])}
    return member.company_id == warning.company_id or member.company.code in named


def answer(
    warning: Warning,
    member: Member,
    kind: str,
    text: str,
    *,
    promised_on: dt.date | None = None,
    files: Sequence[Any] = (),
    on: dt.date | None = None,
) -> Answer:
    """Keep a company's answer with its papers. Raises NotPossible for a company that the warning
    does not concern, without words, and while an earlier answer of this kind waits."""
    company = member.company
    if company is None or not may_answer(warning, member):
        raise NotPossible("the warning does not concern this company, or is cleared")
    if not text.strip():
        raise NotPossible("an answer needs words")
    on = on or timezone.localdate()
    try:
        with transaction.atomic():
            made = Answer.objects.create(
                warning=warning,
                company=company,
                user=member.user,
                kind=Kind(kind),
                text=text.strip(),
                promised_on=promised_on,
                on=on,
            )
            for file in files:
                AnswerFile.objects.create(answer=made, **papers.keep(file, "answers")._asdict())
            disputed = made.kind == Kind.DISPUTE
            _step(made, member.user, Act.DISPUTED if disputed else Act.ANSWERED, on, made.text)
            audit.record(member.user, f"warning-{made.kind}", made, warning=warning.pk)
    except IntegrityError as error:
        raise NotPossible("an earlier answer of this kind waits") from error
    return made


def withdraw(made: Answer, user: Any, *, on: dt.date | None = None) -> Answer:
    """Take an answer back while nobody has decided on it: from that day (today) on it is none."""
    with transaction.atomic():
        held = _waiting(made)
        held.standing, held.withdrawn_on = Standing.WITHDRAWN, on or timezone.localdate()
        held.save(update_fields=["standing", "withdrawn_on"])
        audit.record(user, "answer-withdrawn", held)
    return held


def decide(
    made: Answer,
    user: Any,
    decision: str,
    remark: str,
    *,
    until: dt.date | None = None,
    on: dt.date | None = None,
) -> Answer:
    """Note an explanation, uphold or refuse a dispute. A dispute is refused and upheld with reasons
    only; upheld, an open warning is set aside until `until`, so that it returns if the facts are
    not corrected by then. Raises NotPossible."""
    kind, after = DECISIONS[decision]
    on = on or timezone.localdate()
    if made.kind != kind:
        raise NotPossible(f"{decision} is not for a {made.kind}")
    if kind == Kind.DISPUTE and not remark.strip():
        raise NotPossible("a decision on a dispute needs reasons")
    with transaction.atomic():
        held = _waiting(made)
        held.standing, held.decided_on, held.decided_by = Standing(after), on, user
        held.remark = remark.strip()
        held.save(update_fields=["standing", "decided_on", "decided_by", "remark"])
        _step(held, user, _STEPS[held.standing], on, held.remark)
        audit.record(user, f"answer-{held.standing}", held, warning=held.warning_id)
        warning = Warning.objects.get(pk=held.warning_id)
        if decision == "uphold" and warning.status == Warning.Status.OPEN:
            if until is None:
                raise NotPossible("until when is the warning set aside?")
            acts.dismiss(warning, user, held.remark, until, on=on)
    return held


def _waiting(made: Answer) -> Answer:
    held = Answer.objects.select_for_update().get(pk=made.pk)
    if held.standing != Standing.WAITING:
        raise NotPossible(f"the answer is {held.standing}")
    return held


def _step(made: Answer, user: Any, act: str, on: dt.date, note: str) -> None:
    WarningEvent.objects.create(
        warning_id=made.warning_id,
        on=on,
        act=act,
        level=Warning.objects.values_list("level", flat=True).get(pk=made.warning_id),
        user=user,
        note=note[:500],
    )
