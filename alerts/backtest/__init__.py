"""A rule tried on the history: what other values, or a rule that is not live, would have given.

    ask(...) -> Backtest      keep the question and queue it
    run(pk)                   answer it; the background half
    trial_of(...)             the latest answer for a value, which a value set may rest on

The history is judged day by day by what was known then, beside the live tables (payroll/past.py):
nothing that the product shows is touched. "Now" are the values in force on the day of the question,
held through all the days, so that what differs comes from the values tried alone. Each matter
counts, also one that another explains; how many were folded throughout is told. Dismissals do not
come in.
"""

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from alerts import parameters
from alerts.backtest.compare import NOW, TRIED, compare
from alerts.backtest.replay import replay
from alerts.models import Backtest
from alerts.rules import everything
from alerts.rules.base import Scope
from alerts.runs import Progress, chosen, inside, teller
from projects.models import Region
from wagewatch import audit, work
from wagewatch.models import Work

LONGEST = 3 * 366
"""Days that a trial may span."""
FRESH = dt.timedelta(days=90)
"""A value may rest on a trial of this age at most."""


def make(
    rule: str, values: Mapping[str, int], first: dt.date, last: dt.date, **asked: Any
) -> Backtest:
    """The question, kept (the arguments of `question`). Raises ValueError."""
    return _keep(question(rule, values, first, last, **asked))


def ask(
    rule: str, values: Mapping[str, int], first: dt.date, last: dt.date, **asked: Any
) -> Backtest:
    """The question, kept and queued (the arguments of `question`). One that is still being answered
    is not asked twice. Raises ValueError."""
    made = question(rule, values, first, last, **asked)
    same = Backtest.objects.filter(
        finished_at__isnull=True,
        work__status__in=(Work.Status.WAITING, Work.Status.RUNNING),
        **{name: getattr(made, name) for name in _SAME},
    ).first()
    if same is not None:
        return same  # type: ignore[no-any-return]
    with transaction.atomic():
        _keep(made)
        made.work = work.submit("alerts.backtest.run", pk=made.pk)
        made.save(update_fields=["work"])
    return made


def question(
    rule: str,
    values: Mapping[str, int],
    first: dt.date,
    last: dt.date,
    *,
    territory: Region,
    region: Region | None = None,
    step: str = Backtest.Step.DAY,
    projects: Sequence[str] = (),
    user: Any = None,
) -> Backtest:
    """A question about the projects of `territory` (those of these codes), the values tried for
    `region` or everywhere. Raises ValueError for what cannot be asked."""
    known = everything().get(rule)
    if known is None:
        raise ValueError(f"no rule {rule!r}")
    if not known.of_facts:
        raise ValueError(f"{rule} follows from other warnings and what was done about them")
    for name, value in values.items():
        parameters.check(known, name, value)
    if not first <= last <= timezone.localdate():
        raise ValueError("the days must be in order, and none after today")
    if (last - first).days >= LONGEST:
        raise ValueError(f"at most {LONGEST} days")
    there = inside(territory, projects).values_list("code", flat=True) if projects else ()
    if missing := set(projects) - set(there):
        raise ValueError(f"no such project: {', '.join(sorted(missing))}")
    made = Backtest(
        rule=rule,
        values=dict(values),
        first=first,
        last=last,
        territory=territory,
        region=region,
        step=step,
        projects=list(projects),
        user=user,
    )
    made.days_total = len(made.days())
    return made


def _keep(made: Backtest) -> Backtest:
    with transaction.atomic():
        made.save()
        audit.record(
            made.user,
            "backtest-asked",
            made,
            rule=made.rule,
            values=made.values,
            first=made.first.isoformat(),
            last=made.last.isoformat(),
        )
    return made


_SAME = ("rule", "values", "first", "last", "territory", "region", "step", "projects")


def run(pk: int, progress: Progress = lambda done, total: None) -> Backtest:
    """Answer a question and keep the answer; safe to run twice. Reads the live tables only."""
    made = Backtest.objects.select_related("territory", "region").get(pk=pk)
    started = time.perf_counter()
    rule, projects = everything()[made.rule], chosen(made.territory, made.projects)
    held = parameters.overrides(timezone.localdate(made.asked_at))
    region = made.region.code if made.region else None
    tried = parameters.with_tried(held, rule, made.values, region)
    variants = {NOW: held if rule.live else None, TRIED: tried}
    seen = replay(rule, variants, made.days(), projects, teller(made, progress))
    made.result = compare(rule, seen, Scope(projects), made.first)
    made.seconds = round(time.perf_counter() - started, 2)
    made.days_done, made.finished_at = made.days_total, timezone.now()
    made.save(update_fields=["result", "seconds", "days_done", "finished_at"])
    return made


def trial_of(rule: str, name: str, value: int, region: Region, on: dt.date) -> Backtest | None:
    """The latest finished trial of a value whose days of history reach over the region: asked for
    it, for a region above it, or for everywhere."""
    above = parameters.ancestry().get(region.code, ())
    since = timezone.make_aware(dt.datetime.combine(on - FRESH, dt.time()))
    for made in Backtest.objects.done().filter(
        rule=rule, territory__in=above, projects=[], asked_at__gte=since
    ):
        if made.values.get(name) == value and (made.region_id is None or made.region_id in above):
            return made  # type: ignore[no-any-return]
    return None
