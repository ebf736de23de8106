"""Clocks of cases: how a case stood on a day, by when its authority must act, and what is late.

All is told from the steps dated up to the day, so that any past day can be judged again. The
investigation has 60 working days from opening, 30 more when extended with approval (Labour
inspection 17); the clock stands still while the case is suspended.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from alerts import parameters
from alerts.models import Case, CaseStep, Warning
from alerts.rules import catalogue
from alerts.rules.base import Scope
from projects.models import Authority
from wagewatch import bulk
from wagewatch.calendars import WorkingDays

Act, Standing = CaseStep.Act, Case.Standing


@dataclass
class State:
    """A case as its steps up to a day tell it. `pauses`: suspended after the first day, up to and
    including the second (None: still)."""

    case: int
    reference: str
    project: int
    company: int
    opened_on: dt.date
    authority: int = 0
    standing: str = Standing.OPEN
    extended_on: dt.date | None = None
    handed_on: dt.date | None = None
    report_on: dt.date | None = None
    pauses: list[tuple[dt.date, dt.date | None]] = field(default_factory=list)

    def take(
        self, act: str, on: dt.date, standing: str, authority: int, due: dt.date | None
    ) -> None:
        """The next step."""
        self.standing, self.authority = standing, authority
        if act == Act.EXTEND:
            self.extended_on = on
        elif act == Act.SUSPEND:
            self.pauses.append((on, None))
        elif self.pauses and self.pauses[-1][1] is None and act in (Act.RESUME, Act.CLOSE):
            self.pauses[-1] = (self.pauses[-1][0], on)
        elif act == Act.HAND_OVER:
            self.handed_on, self.report_on = on, due
        elif act == Act.SEND_BACK or act == Act.REPORT:
            self.report_on = None

    def day(self, count: int, as_of: dt.date, calendar: WorkingDays) -> dt.date:
        """The `count`-th working day of the investigation, as far as pauses are known."""
        day = calendar.add(self.opened_on, count)
        for start, end in self.pauses:
            if start >= day:
                break
            day = calendar.add(day, calendar.between(start, end or as_of))
        return day

    def limit(self, values: Mapping[str, int], as_of: dt.date, calendar: WorkingDays) -> dt.date:
        """The last day of the investigation; `values` are H4's parameters."""
        return self.day(allowed(self.extended_on is not None, values), as_of, calendar)


def allowed(extended: bool, values: Mapping[str, int]) -> int:
    """Working days of an investigation, by H4's parameters."""
    return values["days"] + (values["extension"] if extended else 0)


def known_on(as_of: dt.date, scope: Scope) -> list[State]:
    """Every case of these projects that was open on `as_of`, as known then. One query."""
    steps = CaseStep.objects.filter(
        Q(case__closed_on__isnull=True) | Q(case__closed_on__gt=as_of),
        scope.q("case__project"),
        on__lte=as_of,
    )
    return states(steps)


def states(steps: Iterable[CaseStep]) -> list[State]:
    """The states that these steps lead to, by case. One query."""
    found: dict[int, State] = {}
    rows = steps.order_by("case", "pk").values_list(  # type: ignore[attr-defined]
        *("case", "case__reference", "case__project", "case__company", "case__opened_on"),
        *("act", "on", "standing", "authority", "due_on"),
    )
    for case, reference, project, company, opened_on, *step in rows:
        state = found.setdefault(case, State(case, reference, project, company, opened_on))
        state.take(*step)
    return list(found.values())


def named(pks: Iterable[int]) -> dict[int, dict[str, str]]:
    """Code and name of authorities, as evidence names who is responsible. One query."""
    return {
        pk: {"code": f"{kind}-{region}", "name": name}
        for pk, kind, region, name in Authority.objects.filter(pk__in=set(pks)).values_list(
            "pk", "kind", "region", "name"
        )
    }


@dataclass
class Delay:
    """One authority's matters that are late or nearly so, the worst first."""

    name: str
    warnings: list[Warning] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many by rule."""
        return dict(sorted(Counter(warning.rule for warning in self.warnings).items()))


def late(member: Any) -> list[Delay]:
    """Open warnings about authorities that the member may see, by authority, the one with most of
    them first. One query."""
    found: dict[str, Delay] = {}
    rows = Warning.objects.visible_to(member).open().filter(internal=True)
    for warning in rows.select_related("project__region", "company"):
        for one in warning.evidence.get("responsible", []):
            if one["role"] == "authority":
                found.setdefault(one["code"], Delay(one["name"])).warnings.append(warning)
    return sorted(found.values(), key=lambda delay: (-len(delay.warnings), delay.name))


def refresh(as_of: dt.date, case_ids: Iterable[int] | None = None) -> int:
    """Count `due_on` of the live cases again: after an act, and nightly, since a calendar may have
    been announced or a pause gone on. Gives how many moved. A few queries for any number."""
    live = Case.objects.live().select_related("project")
    if case_ids is not None:
        live = live.filter(pk__in=list(case_ids))
    cases = {case.pk: case for case in live}
    if not cases:
        return 0
    told = {state.case: state for state in states(CaseStep.objects.filter(case__in=cases))}
    regions = {case.project.region_id for case in cases.values()}
    values = parameters.in_regions(catalogue()["H4"], regions, as_of)
    calendar = WorkingDays.load()
    moved = []
    for case in cases.values():
        due = told[case.pk].limit(values[case.project.region_id], as_of, calendar)
        if due != case.due_on:
            case.due_on = due
            moved.append(case)
    bulk.update_each(moved, ["due_on"])
    return len(moved)
