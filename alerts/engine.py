"""Findings to warnings: open, raise, lower, clear, reopen, fold (rules.md, "What the engine
promises").

`evaluate(as_of)` makes the table of warnings say what was known on that day. Rules are asked
afresh each time; what the engine keeps is only identity and history. Judging a day before the
last one first undoes the engine's steps of the days after (history.rewind).
"""

import datetime as dt
import hashlib
import json
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Q

from alerts import folding, history, parameters
from alerts.models import Evaluation, Warning, WarningEvent
from alerts.rules import catalogue, sites
from alerts.rules.base import Finding, Kept, Raise, Rule, Scope, Values
from alerts.rules.evidence import complete
from payroll import changes, cycles
from wagewatch import bulk
from wagewatch.months import Month

Act = WarningEvent.Act
Status = Warning.Status
Key = tuple[str, int, int, int | None, str]
"""Rule, project, company, month's ordinal, subject: one matter."""

_BATCH = 500
AFTER = tuple(rule.code for rule in catalogue().values() if rule.after)
"""The rules that are judged from other rules' warnings."""
_OF_FACTS = [rule for rule in catalogue().values() if rule.of_facts]


@dataclass
class Summary:
    """What an evaluation did; `open` counts what is open afterwards in the projects judged."""

    as_of: dt.date
    opened: int = 0
    raised: int = 0
    cleared: int = 0
    reopened: int = 0
    open: int = 0
    seconds: float = 0.0

    def json(self) -> dict[str, Any]:
        return asdict(self) | {"as_of": self.as_of.isoformat(), "seconds": round(self.seconds, 3)}


def evaluate(
    as_of: dt.date,
    project_ids: Collection[int] | None = None,
    shown_on: dt.date | None = None,
) -> Summary:
    """Judge these projects (all when None) as of a day, by what was received by then.

    `shown_on`: the day on which companies see what is opened, where the day judged has passed;
    their time to answer (H1) runs from it. The same call again changes nothing. The number of
    queries does not grow with the data.
    """
    chosen = None if project_ids is None else frozenset(project_ids)
    with bulk.uncollected(), transaction.atomic():
        history.lock(chosen)
        return _evaluate(as_of, Scope(chosen), shown_on)


def evaluate_days(
    days: Iterable[dt.date],
    project_ids: Collection[int] | None = None,
    tell: Callable[[Summary], object] = lambda summary: None,
    shown_on: dt.date | None = None,
) -> list[Summary]:
    """The same as `evaluate` of each of these days, in their order (ascending), in a fraction of
    the time: what a day brings nothing new to is not asked again.

    Feeds wait for some seconds at a time (changes.HELD); what was judged until then stays if it is
    broken off. `tell` hears of each day when it has been judged, and sees the warnings as they are
    on it (of pay cycles Cycle.as_of may lag); it writes no facts.
    """
    coming = deque(days)
    made: list[Summary] = []
    run = _Run(None if project_ids is None else frozenset(project_ids), shown_on)
    while coming:
        with bulk.uncollected(), transaction.atomic():
            history.lock(run.chosen)
            with changes.held():
                made += run.judge(coming, tell)
    return made


class _Run:
    """Days judged one after another, each resting on the one before as long as nobody has written
    facts meanwhile."""

    def __init__(self, chosen: frozenset[int] | None, shown_on: dt.date | None) -> None:
        self.chosen, self.shown_on = chosen, shown_on
        self._kept = Kept()
        self._mark: object = None

    def judge(self, coming: deque[dt.date], tell: Callable[[Summary], object]) -> list[Summary]:
        """Days off the front of `coming` for about HELD seconds, at least one."""
        if self._mark is None or self._mark != changes.mark():
            self._kept.forget()
        until = time.monotonic() + changes.HELD
        done: list[Summary] = []
        while coming and (not done or time.monotonic() < until):
            day = coming.popleft()
            months = self._kept.step(day)
            scope = Scope(self.chosen, kept=self._kept)
            done.append(_evaluate(day, scope, self.shown_on, months))
            tell(done[-1])
        cycles.stamp(done[-1].as_of, self.chosen)
        self._mark = changes.mark()
        return done


def _evaluate(
    as_of: dt.date,
    scope: Scope,
    shown_on: dt.date | None,
    months: Collection[Month] | None = None,
) -> Summary:
    """Inside a transaction that has locked the projects. `months`: see cycles.compute."""
    started = time.perf_counter()
    summary, chosen = Summary(as_of), scope.project_ids
    bulk.for_analysis()
    history.rewind(as_of, scope)
    cycles.compute(as_of, chosen, months)
    found = _findings(as_of, scope, _OF_FACTS)
    held = _held(scope.q() & ~Q(rule__in=AFTER))
    lapsed = history.apply_dismissals(as_of, held.values())
    explained = _explained(found, held)
    _follow(as_of, scope, found, held, explained)
    held = _reconcile(found, held, lapsed, summary, shown_on)
    folding.fold(held, explained)
    marks = _after(summary, shown_on)
    summary.open = sum(
        warning.status == Status.OPEN
        for warning in (*held.values(), *marks.values())
        if chosen is None or warning.project_id in chosen
    )
    summary.seconds = time.perf_counter() - started
    Evaluation.objects.create(
        as_of=as_of,
        projects=len(scope.once(sites.known, as_of, scope)),
        whole_city=chosen is None,
        opened=summary.opened,
        raised=summary.raised,
        cleared=summary.cleared,
        reopened=summary.reopened,
        seconds=summary.seconds,
    )
    return summary


def judged_until(project_ids: Collection[int]) -> dt.date:
    """The latest day that the warnings of these projects, or the whole city, were judged as of;
    the first of all days when never."""
    city = Evaluation.objects.filter(whole_city=True).order_by("-pk").first()
    steps = WarningEvent.objects.filter(
        warning__project__in=set(project_ids), act__in=history.ENGINE_ACTS
    ).aggregate(last=Max("on"))["last"]
    return max((day for day in (city and city.as_of, steps) if day), default=dt.date.min)


@dataclass
class _Judged:
    """A finding, the rule that made it, and the values it was judged by."""

    rule: Rule
    finding: Finding
    values: Values
    fingerprint: str


def _after(summary: Summary, shown_on: dt.date | None) -> dict[Key, Warning]:
    """What rests on other warnings may touch any project of a company: it is judged for the whole
    city, by one evaluation at a time."""
    history.lock_after()
    as_of, scope = summary.as_of, Scope()
    history.rewind(as_of, scope, AFTER)
    found = _findings(as_of, scope, [rule for rule in catalogue().values() if rule.after])
    held = _held(Q(rule__in=AFTER))
    lapsed = history.apply_dismissals(as_of, held.values())
    held = _reconcile(found, held, lapsed, summary, shown_on)
    folding.fold(held, _explained(found, held))
    return held


def _findings(as_of: dt.date, scope: Scope, rules: Collection[Rule]) -> dict[Key, _Judged]:
    """What these rules find, by matter."""
    set_values, regions = scope.once(parameters.set_on, as_of)
    found: dict[Key, _Judged] = {}
    for rule in rules:
        for part, values in parameters.partitions(rule, set_values, regions, scope):
            for finding in rule.find(as_of, part, values):
                mark = _fingerprint(as_of, finding, values)
                found[_key(rule.code, finding)] = _Judged(rule, finding, values, mark)
    return found


def _held(mine: Q) -> dict[Key, Warning]:
    """Every warning of these, of whatever standing, by matter."""
    rows = Warning.objects.filter(mine).defer("evidence")
    return {_key(warning.rule, warning): warning for warning in rows}


def _explained(found: dict[Key, _Judged], held: dict[Key, Warning]) -> folding.Parents:
    """Which matter is folded under which; what is dismissed hides nothing and is not hidden."""
    return folding.parents(
        {
            key: judged.finding
            for key, judged in found.items()
            if key not in held or held[key].status != Status.DISMISSED
        }
    )


def _follow(
    as_of: dt.date,
    scope: Scope,
    found: dict[Key, _Judged],
    held: dict[Key, Warning],
    explained: folding.Parents,
) -> None:
    """Add what follows from the matters that stand open, and raise the levels that it raises. It
    is folded under the worst of them. Dismissed, it raises nothing."""
    shown = {
        warning.pk: key
        for key, warning in held.items()
        if key in found and warning.status == Status.OPEN and key not in explained
    }
    findings = {pk: found[key].finding for pk, key in shown.items()}
    set_values, regions = scope.once(parameters.set_on, as_of)
    for rule in catalogue().values():
        if not rule.follows:
            continue
        for part, values in parameters.partitions(rule, set_values, regions, scope):
            for finding in rule.follow(as_of, part, values, findings):
                key = _key(rule.code, finding)
                mark = _fingerprint(as_of, finding, values)
                found[key] = _Judged(rule, finding, values, mark)
                if key in held and held[key].status == Status.DISMISSED:
                    continue
                explained[key] = shown[next(iter(finding.raises))]
                for pk, why in finding.raises.items():
                    _raise(as_of, found[shown[pk]], why)


def _raise(as_of: dt.date, judged: _Judged, why: Raise) -> None:
    judged.finding.level, judged.finding.raised = why.after, why
    judged.fingerprint = _fingerprint(as_of, judged.finding, judged.values)


def _key(rule: str, matter: Finding | Warning) -> Key:
    month = None if matter.month is None else matter.month.ordinal
    return (rule, matter.project_id, matter.company_id, month, matter.subject)


def _fingerprint(as_of: dt.date, finding: Finding, values: Values) -> str:
    """Changes whenever the evidence would: what it is made from, the values, and the day."""
    made_of = [
        *(as_of, finding.level, finding.since, finding.workers, finding.amount),
        *(finding.data_missing, dict(values), finding.data, finding.raised),
    ]
    text = json.dumps(made_of, default=str, sort_keys=True)
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def _reconcile(
    found: dict[Key, _Judged],
    held: dict[Key, Warning],
    lapsed: set[int],
    summary: Summary,
    shown_on: dt.date | None,
) -> dict[Key, Warning]:
    """Make the warnings of the projects say what was found; gives those open or dismissed."""
    as_of = summary.as_of
    opened: list[tuple[Warning, _Judged]] = []
    changed: list[tuple[Warning, _Judged]] = []
    events: list[WarningEvent] = []
    for key, judged in found.items():
        warning = held.get(key)
        if warning is None:
            held[key] = warning = _new(as_of, judged)
            opened.append((warning, judged))
            continue
        if warning.status == Status.DISMISSED:
            continue
        step = _step(as_of, warning, judged.finding, summary)
        if step:
            events.append(_event(as_of, warning, step, judged.finding))
        if step or warning.fingerprint != judged.fingerprint:
            changed.append((warning, judged))
    _write(as_of, opened, changed)
    events += [_event(as_of, warning, Act.OPENED, judged.finding) for warning, judged in opened]
    summary.opened += len(opened)
    gone = [
        warning
        for key, warning in held.items()
        if key not in found and (warning.status == Status.OPEN or warning.pk in lapsed)
    ]
    events += _clear(as_of, gone)
    summary.cleared += len(gone)
    WarningEvent.objects.bulk_create([event.seen_from(shown_on) for event in events], _BATCH)
    return {key: warning for key, warning in held.items() if warning.status != Status.CLEARED}


def _event(as_of: dt.date, warning: Warning, act: str, finding: Finding) -> WarningEvent:
    """A step of the engine; its note is the code of the rule that raised the level."""
    note = finding.raised.rule if finding.raised and act == Act.RAISED else ""
    return WarningEvent(warning=warning, on=as_of, act=act, level=warning.level, note=note)


def _new(as_of: dt.date, judged: _Judged) -> Warning:
    finding = judged.finding
    return Warning(
        rule=judged.rule.code,
        project_id=finding.project_id,
        company_id=finding.company_id,
        month=finding.month,
        subject=finding.subject,
        level=finding.level,
        opened_on=as_of,
        internal=judged.rule.about == "authority",
    )


def _step(as_of: dt.date, warning: Warning, finding: Finding, summary: Summary) -> str:
    """The act that takes an existing warning to what was found, done on the object; "" for none."""
    before = warning.level
    warning.level = finding.level
    if warning.status == Status.CLEARED:
        warning.status, warning.cleared_on = Status.OPEN, None
        if warning.opened_on > as_of:
            warning.opened_on = as_of
            summary.opened += 1
            return str(Act.OPENED)
        summary.reopened += 1
        return str(Act.REOPENED)
    if finding.level > before:
        summary.raised += 1
        return str(Act.RAISED)
    return str(Act.LOWERED) if finding.level < before else ""


_JUDGED_FIELDS = (
    *("level", "status", "cleared_on", "opened_on", "since", "workers", "amount"),
    *("data_missing", "evidence", "fingerprint"),
)


def _write(
    as_of: dt.date,
    opened: list[tuple[Warning, _Judged]],
    changed: list[tuple[Warning, _Judged]],
) -> None:
    """Store what was found, with its evidence, rule by rule and batch by batch: the evidence of a
    whole city is not held in memory."""
    parts: dict[tuple[str, tuple[Any, ...]], list[tuple[Warning, _Judged]]] = {}
    for pair in (*opened, *changed):
        judged = pair[1]
        part = (judged.rule.code, tuple(sorted(judged.values.items())))
        parts.setdefault(part, []).append(pair)
    for pairs in parts.values():
        for start in range(0, len(pairs), _BATCH):
            _write_batch(as_of, pairs[start : start + _BATCH])


def _write_batch(as_of: dt.date, pairs: list[tuple[Warning, _Judged]]) -> None:
    """Warnings of one rule, judged by the same values."""
    rule, values = pairs[0][1].rule, pairs[0][1].values
    findings = [judged.finding for _, judged in pairs]
    made = complete(rule, as_of, findings, rule.evidence(as_of, findings), values)
    for (warning, judged), evidence in zip(pairs, made, strict=True):
        finding = judged.finding
        warning.since, warning.workers = finding.since, finding.workers
        warning.amount, warning.data_missing = finding.amount, finding.data_missing
        warning.evidence, warning.fingerprint = evidence, judged.fingerprint
    held = [warning for warning, _ in pairs if warning.pk]
    Warning.objects.bulk_create([warning for warning, _ in pairs if not warning.pk])
    bulk.update_each(held, _JUDGED_FIELDS)
    for warning, _ in pairs:
        del warning.evidence  # read again where it is asked for


def _clear(as_of: dt.date, gone: list[Warning]) -> list[WarningEvent]:
    for warning in gone:
        warning.status, warning.cleared_on, warning.folded_under_id = Status.CLEARED, as_of, None
    bulk.update_each(gone, ["status", "cleared_on", "folded_under"])
    return [
        WarningEvent(warning=warning, on=as_of, act=Act.CLEARED, level=warning.level)
        for warning in gone
    ]
