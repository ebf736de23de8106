"""Feed health: what each project, account and employer should have sent, and when it last did.

The day after a working day, its attendance and its bank movements should be there; a pay sheet on
the day it is due. Attendance and sheets are the company's to send (Reg. 28, 31), the movements of
the dedicated account the bank's (Reg. 27).
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from payroll import coverage
from payroll.models import AttendanceMonth, Cycle
from projects.models import ProjectVersion
from wagewatch.calendars import DAY, WorkingDays

KINDS = ("attendance", "bank", "payroll")


@dataclass(frozen=True)
class Health:
    """One feed that is expected. `expected` is the day it should reach, `last` the day it reaches
    (None: nothing has ever come); `late` are the working days between, 0 when it is on time."""

    kind: str
    project_code: str
    project: str
    region: str
    sender: str
    expected: dt.date
    last: dt.date | None
    late: int
    month: str = ""


def of(projects: Any, as_of: dt.date) -> list[Health]:
    """Every expected feed of these projects (a queryset) that are under way, the latest first.
    The number of queries does not depend on that of the projects."""
    calendar = WorkingDays.load()
    expected = calendar.on_or_before(as_of - DAY)
    active = {
        pk: (start or as_of, code, name, region, contractor)
        for pk, start, code, name, region, contractor in ProjectVersion.objects.active_on(as_of)
        .filter(project__in=projects)
        .values_list(
            "project", "start_date", "project__code", "name", "region__name_zh", "contractor__name"
        )
    }
    attended = dict(
        AttendanceMonth.objects.filter(engagement__project__in=active)
        .order_by()
        .values_list("engagement__project")
        .annotate(Max("last_day"))
    )
    reach = coverage.of(as_of, set(active))

    def row(pk: int, kind: str, last: dt.date | None, sender: str = "") -> Health:
        start, code, name, region, contractor = active[pk]
        late = calendar.between(min(last or start - DAY, expected), expected)
        return Health(kind, code, name, region, sender or contractor, expected, last, late)

    found = [row(pk, "attendance", attended.get(pk)) for pk in active]
    found += [row(pk, "bank", reach[pk].until) for pk in active if pk in reach]
    found += _sheets(set(active), as_of, calendar)
    return sorted(found, key=lambda one: (-one.late, one.project_code, one.kind))


def _sheets(projects: set[int], as_of: dt.date, calendar: WorkingDays) -> list[Health]:
    missing = Cycle.objects.filter(
        project__in=projects, attended_people__gt=0, sheet__isnull=True, sheet_due__lt=as_of
    ).select_related("project__region", "employer")
    return [
        Health(
            "payroll",
            cycle.project.code,
            cycle.project.name,
            cycle.project.region.name_zh,
            cycle.employer.name,
            cycle.sheet_due,
            None,
            max(1, calendar.between(cycle.sheet_due, as_of - DAY)),
            str(cycle.month),
        )
        for cycle in missing
    ]
