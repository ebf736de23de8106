"""Two lives of a rule side by side, as JSON: the shape is documented in docs/backtest.md."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from statistics import median
from typing import Any

from alerts.backtest import outcomes
from alerts.backtest.outcomes import Harm
from alerts.backtest.replay import Key, Life, Replay
from alerts.models import Level
from alerts.rules.base import Rule, Scope
from projects.models import Company, Project

NOW, TRIED = "now", "tried"
KEPT = 5000
"""Differing matters kept; `differences_total` counts all."""
KINDS = ("only_tried", "only_now", "earlier", "later", "level")


def compare(rule: Rule, made: Replay, scope: Scope, first: dt.date) -> dict[str, Any]:
    """The counts of both variants and the matters that differ, the earliest first. What was found
    on the `first` day had begun before: its lead is not known, and not counted."""
    now, tried, kept = made.lives[NOW], made.lives[TRIED], rule.kept_as_now
    people, live = outcomes.of_people(rule.code, scope), outcomes.was_live(rule.code, scope)
    harms = {name: outcomes.harms(made, made.lives[name].items()) for name in (NOW, TRIED)}
    differing = [
        (kind, key)
        for key in now.keys() | tried.keys()
        if (kind := _kind(now.get(key), tried.get(key)))
    ]
    differing.sort(key=lambda pair: _order(pair[1], now, tried))
    counts = Counter(kind for kind, _ in differing)
    names = _names(key for _, key in differing[:KEPT])
    return {
        NOW: _counts(now, harms[NOW], people, first),
        TRIED: _counts(tried, harms[TRIED], people, first),
        "kept_as_now": None if kept is None else {"zh": kept.zh, "en": kept.en},
        "same": len(now.keys() | tried.keys()) - len(differing),
        "kinds": {kind: counts[kind] for kind in KINDS},
        "differences_total": len(differing),
        "differences": [
            _row(kind, key, now.get(key), tried.get(key), names)
            | _harm(harms[TRIED].get(key) or harms[NOW][key])
            | {"outcome": people.get(key, outcomes.OPEN), "live": key in live}
            for kind, key in differing[:KEPT]
        ],
    }


def _kind(now: Life | None, tried: Life | None) -> str:
    """How a matter differs; "" when it does not."""
    if now is None or tried is None:
        return "only_tried" if now is None else "only_now"
    if now.first != tried.first:
        return "earlier" if tried.first < now.first else "later"
    return "level" if now.steps != tried.steps else ""


def _order(key: Key, now: dict[Key, Life], tried: dict[Key, Life]) -> tuple[Any, ...]:
    first = min(lives[key].first for lives in (now, tried) if key in lives)
    month = 0 if key[2] is None else key[2].ordinal
    return (first, key[0], key[1], month, key[3])


def _counts(
    lives: dict[Key, Life], harms: dict[Key, Harm], people: dict[Key, str], first: dt.date
) -> dict[str, Any]:
    """What one variant gave. `folded`: never shown by themselves; `before_payday`: opened on or
    before the payday of its cycle; `before_complaint`: before the day of the first complaint;
    `lead_payday`, `lead_arrears`, `lead_complaint`: days from the first day to the payday, to the
    arrears, to the complaint (negative: it came first)."""
    begun = {key: harm for key, harm in harms.items() if lives[key].first > first}
    to_payday = [(h.payday - lives[k].first).days for k, h in begun.items() if h.payday]
    to_arrears = [(h.arrears - lives[k].first).days for k, h in begun.items() if h.arrears]
    complained = [(h.complaint - lives[k].first).days for k, h in begun.items() if h.complaint]
    said = Counter(people.get(key, outcomes.OPEN) for key in lives)
    levels = Counter(life.highest for life in lives.values())
    acts = ("raised", "lowered", "cleared", "reopened")
    return {
        "opened": len(lives),
        "open_at_start": len(lives) - len(begun),
        **{act: sum(life.count(act) for life in lives.values()) for act in acts},
        "open_at_end": sum(life.level > 0 for life in lives.values()),
        "levels": {level.name.lower(): levels[level] for level in Level},
        "data_missing": sum(life.data_missing for life in lives.values()),
        "folded": sum(not life.shown for life in lives.values()),
        "projects": len({key[0] for key in lives}),
        "workers": sum(life.workers for life in lives.values()),
        "confirmed": said[outcomes.CONFIRMED],
        "dismissed": said[outcomes.DISMISSED],
        "untouched": said[outcomes.OPEN],
        "arrears": sum(harm.arrears is not None for harm in harms.values()),
        "before_payday": sum(days >= 0 for days in to_payday),
        "complaints": sum(harm.complaint is not None for harm in harms.values()),
        "before_complaint": sum(days > 0 for days in complained),
        "lead_payday": _spread(to_payday),
        "lead_arrears": _spread(to_arrears),
        "lead_complaint": _spread(complained),
    }


def _spread(days: list[int]) -> dict[str, Any] | None:
    if not days:
        return None
    return {"least": min(days), "median": median(days), "most": max(days), "count": len(days)}


def _names(keys: Iterable[Key]) -> dict[str, dict[int, tuple[str, str]]]:
    listed = list(keys)
    wanted: tuple[tuple[str, Any, set[int]], ...] = (
        ("project", Project, {key[0] for key in listed}),
        ("company", Company, {key[1] for key in listed}),
    )
    return {
        kind: {
            pk: (code, name)
            for pk, code, name in model.objects.filter(pk__in=pks).values_list("pk", "code", "name")
        }
        for kind, model, pks in wanted
    }


def _row(
    kind: str,
    key: Key,
    now: Life | None,
    tried: Life | None,
    names: dict[str, dict[int, tuple[str, str]]],
) -> dict[str, Any]:
    project, company, month, subject = key
    code, name = names["project"][project]
    credit_code, company_name = names["company"][company]
    return {
        "kind": kind,
        "project": code,
        "project_name": name,
        "company": credit_code,
        "company_name": company_name,
        "month": str(month or ""),
        "subject": subject,
        NOW: _life(now),
        TRIED: _life(tried),
    }


def _life(life: Life | None) -> dict[str, Any] | None:
    if life is None:
        return None
    return {
        "first": life.first,
        "highest": Level(life.highest).name.lower(),
        "cleared_on": life.cleared_on,
        "steps": [[day, Level(level).name.lower() if level else ""] for day, level in life.steps],
        "data_missing": life.data_missing,
        "folded": not life.shown,
    }


def _harm(harm: Harm) -> dict[str, dt.date | None]:
    return {
        "payday": harm.payday,
        "arrears_on": harm.arrears,
        "complaint_on": harm.complaint,
    }
