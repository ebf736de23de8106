"""Feed health by sender: what each bank, vendor and time clock should have sent, and when it last
did.

A bank should have told every open dedicated account's movements (Reg. 27) up to the last working
day; a vendor's key and a terminal should have been heard of on it.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from payroll.models import GatewayKey, Terminal
from projects import scope
from projects.models import Account, AccountStatus, ProjectVersion
from wagewatch.calendars import DAY, WorkingDays

KINDS = ("bank", "key", "terminal")


@dataclass(frozen=True)
class Sender:
    """One that feeds come from. `covers` counts its accounts (of a bank) or projects, `behind`
    those of them that are late; `heard` is the day it last sent (None: never), `reaches` the day to
    which the account that is furthest behind is covered; `late` are working days, 0 when on time.
    """

    kind: str
    name: str
    detail: str
    covers: int
    behind: int
    heard: dt.date | None
    reaches: dt.date | None
    late: int


def of(member: Any, as_of: dt.date) -> list[Sender]:
    """Every sender for projects under way that the member may see, the latest first. Five queries,
    whatever the number of rows."""
    calendar = WorkingDays.load()
    active = dict(ProjectVersion.objects.active_on(as_of).values_list("project", "start_date"))
    clock = _Clock(calendar, calendar.on_or_before(as_of - DAY), active)
    found = [*_banks(member, as_of, clock), *_keys(member, clock), *_terminals(member, clock)]
    return sorted(found, key=lambda one: (-one.late, one.kind, one.name))


@dataclass(frozen=True)
class _Clock:
    calendar: WorkingDays
    expected: dt.date
    starts: dict[int, dt.date | None]  # of the projects under way

    def late(self, last: dt.date | None, projects: Iterable[int]) -> int:
        """Working days since the last that came; since the first project's start when nothing
        has."""
        if last is None:
            starts = [self.starts[pk] or self.expected for pk in projects]
            last = min(starts, default=self.expected) - DAY
        return self.calendar.between(min(last, self.expected), self.expected)


def _banks(member: Any, as_of: dt.date, clock: _Clock) -> list[Sender]:
    """One row a bank, by the name that the accounts' registry gives it."""
    known = Q(statements__known_from__lte=as_of)
    accounts = (
        scope.visible(Account.objects.exclude(status=AccountStatus.CLOSED), member)
        .values_list("bank_name", "bank_code", "project")
        .annotate(
            until=Max("statements__to_date", filter=known),
            heard=Max("statements__known_from", filter=known),
        )
        .order_by("pk")
    )
    banks: dict[str, list[tuple[str, int, dt.date | None, dt.date | None]]] = defaultdict(list)
    for name, code, project, until, heard in accounts:
        if project in clock.starts:
            banks[name or code].append((code, project, until, heard))
    return [_bank(name, rows, clock) for name, rows in banks.items()]


def _bank(name: str, rows: list[Any], clock: _Clock) -> Sender:
    lates = [clock.late(until, [project]) for _, project, until, _ in rows]
    reaches = [until for _, _, until, _ in rows]
    return Sender(
        kind="bank",
        name=name,
        detail="、".join(sorted({code for code, *_ in rows if code})),
        covers=len(rows),
        behind=sum(late > 0 for late in lates),
        heard=max((heard for *_, heard in rows if heard), default=None),
        reaches=None if None in reaches else min(reaches),
        late=max(lates),
    )


def _keys(member: Any, clock: _Clock) -> list[Sender]:
    """One row a key of the real-name interface in force."""
    keys = scope.visible(GatewayKey.objects.filter(active=True), member).distinct()
    keys = keys.select_related("company").prefetch_related("projects").order_by("pk")
    found = []
    for key in keys:
        projects = [project.pk for project in key.projects.all() if project.pk in clock.starts]
        if not projects:
            continue
        heard = timezone.localdate(key.last_seen) if key.last_seen else None
        late = clock.late(heard, projects)
        detail = f"{key.company.name} · {key.appid}"
        behind = len(projects) if late else 0
        found.append(Sender("key", key.vendor, detail, len(projects), behind, heard, None, late))
    return found


def _terminals(member: Any, clock: _Clock) -> list[Sender]:
    """One row a time clock: when its last log came."""
    terminals = (
        scope.visible(Terminal.objects.filter(project__in=clock.starts), member)
        .select_related("project")
        .annotate(heard=Max("feeds__received_on", filter=Q(feeds__status="accepted")))
        .order_by("pk")
    )
    found = []
    for one in terminals:
        late = clock.late(one.heard, [one.project_id])
        name = f"{one.name} {one.serial}".strip()
        found.append(
            Sender("terminal", name, one.project.name, 1, int(late > 0), one.heard, None, late)
        )
    return found
