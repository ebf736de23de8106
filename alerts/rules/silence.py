"""When a project's attendance fell silent: what C1 finds and C3 must know."""

import datetime as dt

from django.db.models import Max

from alerts.rules.base import Scope
from payroll.models import AttendanceDay, AttendanceMonth, Cycle


def last_attended(as_of: dt.date, scope: Scope) -> dict[int, dt.date]:
    """The last day on which anybody is known to have attended, by project.

    Cycles hold it for registered workers; those that attendance alone has shown are few, and are
    asked for themselves.
    """
    found = dict(
        Cycle.objects.filter(scope.q(), last_attended__isnull=False)
        .order_by()
        .values("project")
        .annotate(last=Max("last_attended"))
        .values_list("project", "last")
    )
    months = AttendanceMonth.objects.filter(
        scope.q("engagement__project"), engagement__registered=False, settled_on__lte=as_of
    )
    days = AttendanceDay.objects.filter(
        scope.q("engagement__project"),
        engagement__registered=False,
        known_from__lte=as_of,
        engagement__attendance_months__settled_on__gt=as_of,
    )
    for rows, field in ((months, "last_day"), (days, "day")):
        newest = rows.order_by().values("engagement__project").annotate(last=Max(field))
        for project, last in newest.values_list("engagement__project", "last"):
            found[project] = max(last, found.get(project, last))
    return found
