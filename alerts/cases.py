"""What authorities do with a case. One function an act: one transaction, one audit entry, one step.

TRANSITIONS is the whole of what is allowed; docs/cases.md draws it.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from alerts import complaints, escalation, notices, parameters
from alerts.acts import NotPossible
from alerts.models import Case, CaseStep, Warning, WarningEvent
from alerts.notices import numbering
from alerts.rules import catalogue
from payroll.models import Complaint
from projects import scope
from projects.models import Authority, Industry, Member
from wagewatch import audit
from wagewatch.calendars import WorkingDays

Act, Standing = CaseStep.Act, Case.Standing
OPEN, HANDED, SUSPENDED, CLOSED = (
    Standing.OPEN,
    Standing.HANDED,
    Standing.SUSPENDED,
    Standing.CLOSED,
)

TRANSITIONS: dict[str, dict[str, str]] = {
    Act.LINK: {OPEN: OPEN, HANDED: HANDED, SUSPENDED: SUSPENDED},
    Act.TAKE_IN: {OPEN: OPEN, HANDED: HANDED, SUSPENDED: SUSPENDED},
    Act.ASSIGN: {OPEN: OPEN, SUSPENDED: SUSPENDED},
    Act.NOTE: {OPEN: OPEN, SUSPENDED: SUSPENDED},
    Act.EXTEND: {OPEN: OPEN},
    Act.SUSPEND: {OPEN: SUSPENDED},
    Act.RESUME: {SUSPENDED: OPEN},
    Act.HAND_OVER: {OPEN: HANDED},
    Act.TAKE_UP: {HANDED: OPEN},
    Act.SEND_BACK: {HANDED: OPEN},
    Act.REPORT: {OPEN: OPEN, SUSPENDED: SUSPENDED},
    Act.CLOSE: {OPEN: CLOSED, SUSPENDED: CLOSED},
}
"""Act -> {standing before: standing after}. A case begins as open and never leaves closed."""

SECTORS: dict[str, tuple[str, ...]] = {
    Authority.Kind.HOUSING: (Industry.HOUSING, Industry.MUNICIPAL),
    Authority.Kind.TRANSPORT: (Industry.TRANSPORT,),
    Authority.Kind.WATER: (Industry.WATER,),
}
"""The projects that a sector regulator can be handed; the other kinds take any."""
LONGEST_NOTE = 1000


def may_act(case: Case, member: Member | None) -> bool:
    """Whether the member acts for the authority that has the case (an inspector without an
    authority of its own acts for any in its territory, as with notices)."""
    if member is None or member.role not in (Member.Role.INSPECTOR, Member.Role.REGULATOR):
        return False
    if member.authority_id is None:
        return member.role == Member.Role.INSPECTOR
    return member.authority_id == case.authority_id


def possible(case: Case) -> list[str]:
    """The acts that the case's standing allows, in the order of the table."""
    acts = [act for act, steps in TRANSITIONS.items() if case.standing in steps]
    if case.extended_on is not None:
        acts = [act for act in acts if act != Act.EXTEND]
    return acts if case.report_on else [act for act in acts if act != Act.REPORT]


def open_case(
    warnings: Sequence[Warning],
    user: Any,
    *,
    officer: Any = None,
    source: str = Case.Source.WARNING,
    note: str = "",
    authority: Authority | None = None,
    on: dt.date | None = None,
) -> Case:
    """Open an investigation of the one company that the warnings are about. It gets the next
    number of the authority (the user's own, else that of the projects' district). NotPossible
    when a warning is cleared, about an authority, or already in a live case."""
    on = on or timezone.localdate()
    with transaction.atomic():
        held = _fresh(warnings)
        company = _one_company(held)
        authority = authority or _authority_for(held, user)
        _must_cover(authority, [warning.project for warning in held])
        number = numbering.take(authority, "case", on.year)
        lead = max(held, key=lambda warning: (warning.level, warning.amount, -warning.pk)).project
        case = Case.objects.create(
            registry=authority,
            authority=authority,
            year=on.year,
            number=number,
            reference=settings.CASE_NUMBER.format(
                name=authority.name, mark=authority.document_mark, year=on.year, number=number
            ),
            officer=officer,
            source=Case.Source(source),
            company=company,
            project=lead,
            opened_on=on,
            due_on=_limit(lead.region_id, on),
        )
        _attach(case, held, user, on)
        _step(case, user, Act.OPEN, on, note)
        audit.record(
            user, "case-opened", case, reference=case.reference, warnings=[w.pk for w in held]
        )
    return case


def link(case: Case, user: Any, warnings: Sequence[Warning], *, on: dt.date | None = None) -> Case:
    """Add warnings of the same company to a live case."""
    with _acting(case, user, Act.LINK, on) as act:
        held = _fresh(warnings)
        if _one_company(held).pk != act.case.company_id:
            raise NotPossible("the warnings are about another company")
        _must_cover(act.case.authority, [warning.project for warning in held])
        _attach(act.case, held, user, act.on)
        act.note = "、".join(f"{warning.pk}" for warning in held)
        act.detail = {"warnings": [warning.pk for warning in held]}
    return act.case


def answerable(case: Case, member: Member | None) -> Any:
    """The complaints that the case may take in: open ones about its projects, in the member's sight
    (None: the command line) and in no live case."""
    rows = complaints.visible(member) if member else Complaint.objects.all()
    taken = Case.objects.live().filter(complaints=OuterRef("pk"))
    return rows.open().filter(~Exists(taken), project__in=case.projects.all())


def take_in(case: Case, user: Any, complaint: Complaint, *, on: dt.date | None = None) -> Case:
    """The case answers a complaint as well."""
    with _acting(case, user, Act.TAKE_IN, on) as act:
        if not answerable(act.case, scope.member_of(user)).filter(pk=complaint.pk).exists():
            raise NotPossible("the complaint is closed, about another project, or in a live case")
        act.case.complaints.add(complaint)
        act.note = complaint.number
        act.detail = {"complaint": complaint.pk}
    return act.case


def assign(case: Case, user: Any, officer: Any, *, on: dt.date | None = None) -> Case:
    """Name the officer who investigates: somebody of the authority that has the case."""
    with _acting(case, user, Act.ASSIGN, on) as act:
        member = scope.member_of(officer)
        if member is None or not may_act(act.case, member):
            raise NotPossible("the officer is not of the authority that has the case")
        act.case.officer = officer
        act.note = officer.get_full_name() or officer.username
        act.detail = {"officer": officer.pk}
    return act.case


def note(case: Case, user: Any, text: str, *, on: dt.date | None = None) -> Case:
    """Record a step of the investigation: a visit, an interview, papers asked for."""
    with _acting(case, user, Act.NOTE, on, text) as act:
        act.needs_words()
    return act.case


def extend(
    case: Case, user: Any, reason: str, approved_by: str, *, on: dt.date | None = None
) -> Case:
    """Extend the investigation by 30 working days: once, with approval, before its time limit has
    passed (Labour inspection 17)."""
    with _acting(case, user, Act.EXTEND, on, reason) as act:
        act.needs_words()
        if not approved_by.strip():
            raise NotPossible("an extension needs the name of who approved it")
        if act.case.extended_on is not None:
            raise NotPossible("the case was extended before")
        if act.on > act.case.due_on:
            raise NotPossible("the time limit has passed; an extension comes before")
        act.case.extended_on, act.case.approved_by = act.on, approved_by.strip()
        act.detail = {"approved_by": act.case.approved_by, "reason": act.note}
    return act.case


def suspend(case: Case, user: Any, reason: str, *, on: dt.date | None = None) -> Case:
    """Stop the clock while something outside must be awaited, with the reason."""
    with _acting(case, user, Act.SUSPEND, on, reason) as act:
        act.needs_words()
    return act.case


def resume(case: Case, user: Any, reason: str = "", *, on: dt.date | None = None) -> Case:
    """Let the clock of a suspended case run again."""
    with _acting(case, user, Act.RESUME, on, reason) as act:
        pass
    return act.case


def hand_over(
    case: Case,
    user: Any,
    to: Authority,
    reason: str,
    *,
    report_on: dt.date | None = None,
    on: dt.date | None = None,
) -> Case:
    """Hand the case to another authority whose territory and sector hold every project of it. It
    is to be taken up in H2's working days, and reported on by `report_on` where that is asked."""
    with _acting(case, user, Act.HAND_OVER, on, reason) as act:
        act.needs_words()
        if to.pk == act.case.authority_id:
            raise NotPossible("the authority has the case already")
        if report_on is not None and report_on <= act.on:
            raise NotPossible("a report is asked for by a day to come")
        _must_cover(to, list(act.case.projects.all()))
        act.detail = {"from": act.case.authority_id, "to": to.pk}
        act.case.authority, act.case.officer, act.due_on = to, None, report_on
        act.case.report_on = report_on
        act.case.taken_by = _take_up(act.case.project.region_id, act.on)
    return act.case


def take_up(case: Case, user: Any, officer: Any = None, *, on: dt.date | None = None) -> Case:
    """Take up a case that was handed over; by default with the user as its officer."""
    with _acting(case, user, Act.TAKE_UP, on) as act:
        officer = officer or user
        act.case.officer, act.case.taken_by = officer if officer and officer.pk else None, None
    return act.case


def send_back(case: Case, user: Any, reason: str, *, on: dt.date | None = None) -> Case:
    """Send a case that was handed over back to the authority it came from, with the reason."""
    with _acting(case, user, Act.SEND_BACK, on, reason) as act:
        act.needs_words()
        before = act.case.steps.exclude(authority=act.case.authority_id).order_by("pk").last()
        assert before is not None  # it was handed over by somebody
        act.case.authority, act.case.taken_by, act.case.report_on = before.authority, None, None
    return act.case


def report(case: Case, user: Any, text: str, *, on: dt.date | None = None) -> Case:
    """Tell whoever handed the case over what was done; the day asked for is met."""
    with _acting(case, user, Act.REPORT, on, text) as act:
        act.needs_words()
        if act.case.report_on is None:
            raise NotPossible("no report is asked for")
        act.case.report_on = None
    return act.case


def close(case: Case, user: Any, result: str, reason: str, *, on: dt.date | None = None) -> Case:
    """Close the case with its result and the facts that it rests on."""
    with _acting(case, user, Act.CLOSE, on, reason) as act:
        act.needs_words()
        act.case.result, act.case.closed_on = Case.Result(result), act.on
        act.case.report_on = None
        act.detail = {"result": str(act.case.result)}
    return act.case


@dataclass
class _Act:
    """An act on a locked case: what the function that does it may add to the step and the audit
    entry."""

    case: Case
    name: str
    on: dt.date
    note: str
    due_on: dt.date | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    def needs_words(self) -> None:
        if not self.note:
            raise NotPossible(f"{self.name} needs words")


@contextmanager
def _acting(case: Case, user: Any, name: str, on: dt.date | None, note: str = "") -> Iterator[_Act]:
    """One act: the case locked and checked at the start; saved, with its step, its time limit and
    its audit entry, at the end; all of it or nothing."""
    with transaction.atomic():
        locked = Case.objects.select_for_update(of=("self",))
        held = locked.select_related("project", "authority").get(pk=case.pk)
        act = _Act(held, name, on or timezone.localdate(), note.strip()[:LONGEST_NOTE])
        _check(act, user)
        yield act
        held.save()
        _step(held, user, name, act.on, act.note, act.due_on)
        escalation.refresh(act.on, [held.pk])
        held.refresh_from_db(fields=["due_on"])
        audit.record(user, f"case-{name.replace('_', '-')}", held, **act.detail)


def _check(act: _Act, user: Any) -> None:
    """Give the case its standing after the act, or raise NotPossible. A user who is no member
    (None: the command line) acts for every authority."""
    after = TRANSITIONS[act.name].get(act.case.standing)
    if after is None:
        raise NotPossible(f"{act.name}: the case is {act.case.standing}")
    member = scope.member_of(user)
    if member is not None and not may_act(act.case, member):
        raise NotPossible("another authority has the case")
    last = act.case.steps.order_by("pk").values_list("on", flat=True).last()
    if last is not None and act.on < last:
        raise NotPossible(f"the last step is of {last}")
    act.case.standing = Standing(after)


def _step(
    case: Case, user: Any, act: str, on: dt.date, note: str, due_on: dt.date | None = None
) -> None:
    CaseStep.objects.create(
        case=case,
        act=act,
        on=on,
        user=user if getattr(user, "pk", None) else None,
        standing=case.standing,
        authority_id=case.authority_id,
        due_on=due_on,
        note=note.strip()[:LONGEST_NOTE],
    )


def _fresh(warnings: Sequence[Warning]) -> list[Warning]:
    """The warnings as they stand, locked; NotPossible when one cannot be in a new case."""
    held = list(
        Warning.objects.select_for_update(of=("self",))
        .filter(pk__in={warning.pk for warning in warnings})
        .select_related("company", "project__region")
        .defer("evidence")
        .order_by("pk")
    )
    if not held:
        raise NotPossible("a case needs a warning")
    for warning in held:
        if warning.internal:
            raise NotPossible(f"warning {warning.pk} is about an authority")
        if warning.status == Warning.Status.CLEARED:
            raise NotPossible(f"warning {warning.pk} is cleared")
    taken = Case.objects.live().filter(warnings__in=held).first()
    if taken is not None:
        raise NotPossible(f"already in case {taken.reference}")
    return held


def _one_company(warnings: Sequence[Warning]) -> Any:
    companies = {warning.company_id: warning.company for warning in warnings}
    if len(companies) > 1:
        raise NotPossible("a case is about one company")
    return next(iter(companies.values()))


def _authority_for(warnings: Sequence[Warning], user: Any) -> Authority:
    try:
        return notices.authority_for(warnings, user)
    except notices.NoticeError as error:
        raise NotPossible(str(error)) from error


def _must_cover(authority: Authority, projects: Sequence[Any]) -> None:
    """NotPossible unless every project is in the authority's territory and sector."""
    sectors = SECTORS.get(authority.kind)
    for project in projects:
        inside = project.region_id.startswith(authority.region.prefix)
        if not inside or (sectors is not None and project.industry not in sectors):
            raise NotPossible(f"{project.name} is not for {authority.name}")


def able(case: Case) -> list[Authority]:
    """The authorities that the case can be handed to. Two queries."""
    projects = list(case.projects.all())
    found = []
    for authority in Authority.objects.select_related("region").order_by("region", "kind"):
        if authority.pk == case.authority_id:
            continue
        try:
            _must_cover(authority, projects)
        except NotPossible:
            continue
        found.append(authority)
    return found


def _attach(case: Case, warnings: Sequence[Warning], user: Any, on: dt.date) -> None:
    case.warnings.add(*warnings)
    case.projects.add(*{warning.project_id for warning in warnings})
    WarningEvent.objects.bulk_create(
        WarningEvent(
            warning=warning,
            on=on,
            act=WarningEvent.Act.CASED,
            level=warning.level,
            user=user if getattr(user, "pk", None) else None,
            note=case.reference,
        )
        for warning in warnings
    )


def _limit(region: str, on: dt.date) -> dt.date:
    values = parameters.in_force(catalogue()["H4"], region, on)
    return WorkingDays.load().add(on, escalation.allowed(False, values))


def _take_up(region: str, on: dt.date) -> dt.date:
    values = parameters.in_force(catalogue()["H2"], region, on)
    return WorkingDays.load().add(on, values["take_up"])


def drawn() -> str:
    """The table of transitions as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", f"    [*] --> {OPEN.value}: {Act.OPEN.value}"]
    for act, steps in TRANSITIONS.items():
        for before, after in steps.items():
            lines.append(
                f"    {Standing(before).value} --> {Standing(after).value}: {Act(act).value}"
            )
    lines.append(f"    {CLOSED.value} --> [*]")
    return "\n".join(lines)
