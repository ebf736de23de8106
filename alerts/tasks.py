"""What runs without a person: judging what a feed touched, the nightly round, their schedule."""

import datetime as dt
import logging
from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django_q.models import Schedule

from alerts import engine, escalation, forecast, scoring
from alerts.forecast import accuracy
from payroll import reconciliation
from projects.models import Region
from wagewatch.calendars import missing_years

log = logging.getLogger(__name__)
NIGHTLY_AT = dt.time(1, 30)

SCHEDULES: dict[str, dict[str, Any]] = {
    "nightly evaluation": {
        "func": "alerts.tasks.nightly",
        "schedule_type": Schedule.DAILY,
    },
    "work sweeper": {
        "func": "wagewatch.work.sweep",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
    },
    "accuracy of the forecast": {
        "func": "alerts.tasks.measure_forecast",
        "schedule_type": Schedule.MONTHLY,
    },
    "gateway sweeper": {
        "func": "payroll.gateway.inbox.sweep",
        "schedule_type": Schedule.MINUTES,
        "minutes": 1,
    },
}


def feed_committed(project_ids: Sequence[int], received_on: dt.date | str) -> None:
    """Judge the projects that a feed touched, as of the day it was received.

    A late-loaded feed of a past day does not turn the clock back: what has been judged up to a
    later day is judged again as of that day.
    """
    if isinstance(received_on, str):
        received_on = dt.date.fromisoformat(received_on)
    as_of = max(received_on, engine.judged_until(project_ids))
    engine.evaluate(as_of, project_ids, shown_on=timezone.localdate())
    forecast.refresh(as_of, project_ids)


def nightly() -> dict[str, Any]:
    """Judge every project as of today, by time limits counted with today's calendar; check that
    the ledger of arrears agrees with sheets and payments; weigh the standing of every company; look
    ahead to the coming paydays; say of which years the holidays are not on record."""
    today = timezone.localdate()
    missing = missing_years(today)
    if missing:
        log.warning("No holiday notice on record for %s: dates are provisional", missing)
    escalation.refresh(today)
    summary = engine.evaluate(today).json() | {"calendar_missing": missing}
    return summary | {
        "differences": _agree(today),
        "standings": scoring.compute(today),
        "forecasts": forecast.refresh(today),
    }


def measure_forecast() -> None:
    """Once a month: how near the forecasts of the last half year came."""
    for city in Region.objects.filter(parent=None):
        accuracy.ask(*accuracy.span(timezone.localdate()), territory=city)


def _agree(today: dt.date) -> int:
    """The number of figures that differ. A feed may come in between judging and checking: the
    projects with a difference are judged once more, and what differs then is none of its doing."""
    found = reconciliation.check(today).differences
    if late := set(found.values_list("project", flat=True)):
        engine.evaluate(today, late)
        found = reconciliation.check(today).differences
    if number := found.count():
        log.error("%s figures of cycles and ledger differ from sheets and payments", number)
    return number


def schedule() -> int:
    """Register the standing tasks with django-q2; again is no change. Gives how many were new."""
    new = 0
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    first = timezone.make_aware(dt.datetime.combine(tomorrow, NIGHTLY_AT))
    for name, task in SCHEDULES.items():
        start = {"next_run": first} if task["schedule_type"] != Schedule.MINUTES else {}
        _, created = Schedule.objects.update_or_create(
            name=name, defaults=task, create_defaults=task | start | {"name": name}
        )
        new += created
    return new
