"""The parameter values in force for a rule, by region and day (RuleParameter's docstring).

The projects are parted by the values that hold for them, so that each rule still asks one
question per set of values and not one per project.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction

from alerts.models import Backtest, RuleParameter
from alerts.rules.base import Rule, Scope, Values
from projects.models import Region
from wagewatch import audit

Overrides = dict[str, dict[str, dict[str, int]]]
"""Rule code -> region code -> parameter -> value."""


def set_on(as_of: dt.date) -> tuple[Overrides, dict[str, tuple[str, ...]]]:
    """What `partitions` needs on a day: the values set, and the regions where there are any."""
    set_values = overrides(as_of)
    return set_values, ancestry() if set_values else {}


def overrides(as_of: dt.date) -> Overrides:
    """Every value that a region has set and that holds on `as_of`. One query."""
    found: Overrides = {}
    rows = RuleParameter.objects.filter(valid_from__lte=as_of).order_by("valid_from")
    for rule, region, name, value in rows.values_list("rule", "region", "name", "value"):
        found.setdefault(rule, {}).setdefault(region, {})[name] = int(value)
    return found


def ancestry() -> dict[str, tuple[str, ...]]:
    """Each region with those above it, the widest first. One query."""
    parents = dict(Region.objects.values_list("code", "parent"))

    def above(code: str | None) -> tuple[str, ...]:
        return () if code is None else (*above(parents.get(code)), code)

    return {code: above(code) for code in parents}


def partitions(
    rule: Rule, set_values: Overrides, regions: dict[str, tuple[str, ...]], scope: Scope
) -> list[tuple[Scope, Values]]:
    """The parts of `scope` with the values in force for each; one part where nothing is set."""
    local = set_values.get(rule.code, {})
    known = {param.name for param in rule.params}
    if not any(known & set(values) for values in local.values()):
        return [(scope, rule.defaults)]
    parts: dict[tuple[tuple[str, int], ...], set[str]] = {}
    for code, path in regions.items():
        values = rule.defaults
        for region in path:
            values |= {k: v for k, v in local.get(region, {}).items() if k in known}
        parts.setdefault(tuple(sorted(values.items())), set()).add(code)
    return [(scope.part(frozenset(codes)), dict(values)) for values, codes in sorted(parts.items())]


def with_tried(
    set_values: Overrides, rule: Rule, values: Mapping[str, int], region: str | None
) -> Overrides:
    """`set_values` as they would be with these values of a rule set for a region (nearer ones stay,
    as they would), or for everywhere when it is None (then no region keeps its own)."""
    local = {code: dict(held) for code, held in set_values.get(rule.code, {}).items()}
    if region is not None:
        local.setdefault(region, {}).update(values)
        return set_values | {rule.code: local}
    for held in local.values():
        for name in values:
            held.pop(name, None)
    for code in Region.objects.filter(parent=None).values_list("code", flat=True):
        local.setdefault(code, {}).update(values)
    return set_values | {rule.code: local}


def check(rule: Rule, name: str, value: int) -> None:
    """Raises ValueError for a parameter that the rule does not have or a value out of bounds."""
    param = next((param for param in rule.params if param.name == name), None)
    if param is None:
        names = ", ".join(param.name for param in rule.params) or "none"
        raise ValueError(f"{rule.code} has no parameter {name!r}; it has: {names}")
    if not param.minimum <= value <= param.maximum:
        raise ValueError(f"{rule.code}.{name} must lie between {param.minimum} and {param.maximum}")


def in_force(rule: Rule, region: str, as_of: dt.date) -> Values:
    """The values that hold for projects of one region: for pages that explain a rule."""
    return in_regions(rule, [region], as_of)[region]


def in_regions(rule: Rule, regions: Iterable[str], as_of: dt.date) -> dict[str, Values]:
    """The values that hold for projects of each of these regions. Two queries."""
    above, local = ancestry(), overrides(as_of).get(rule.code, {})
    found: dict[str, Values] = {}
    for region in regions:
        values = rule.defaults
        for code in above.get(region, ()):
            values |= {k: v for k, v in local.get(code, {}).items() if k in values}
        found[region] = values
    return found


def set_value(
    rule: Rule,
    name: str,
    region: Region,
    value: int,
    valid_from: dt.date,
    document: str,
    user: Any,
    *,
    on: dt.date,
    trial: Backtest | None = None,
    reason: str = "",
) -> RuleParameter:
    """Set a parameter of a rule for a region from a day on, with the document it rests on. Days
    that have passed keep the values they were judged by: `valid_from` is `on` or later. A value set
    for the same day replaces the former one.

    Nothing goes live untried: the value rests on its `trial` on the history (backtest.trial_of), or
    `reason` says why there is none, as when a law changes at once. Raises ValueError.
    """
    check(rule, name, value)
    if valid_from < on:
        raise ValueError("a value holds from today on at the earliest")
    if not document.strip():
        raise ValueError("a value needs the document it rests on")
    if trial is None and not reason.strip():
        raise ValueError("a value needs a trial on the history, or the reason why there is none")
    if trial is not None and not (
        trial.finished_at and trial.rule == rule.code and trial.values.get(name) == value
    ):
        raise ValueError("a value rests on a trial of that very value, which is done")
    with transaction.atomic():
        made, _ = RuleParameter.objects.update_or_create(
            rule=rule.code,
            name=name,
            region=region,
            valid_from=valid_from,
            defaults={
                "value": value,
                "document": document.strip(),
                "set_by": user,
                "backtest": trial,
                "untried_reason": "" if trial else reason.strip(),
            },
        )
        audit.record(
            user,
            "parameter-set",
            made,
            rule=rule.code,
            name=name,
            region=region.code,
            value=str(value),
            valid_from=valid_from.isoformat(),
            backtest=trial and trial.pk,
            untried_reason=made.untried_reason,
        )
    return made


def withdraw(made: RuleParameter, user: Any, *, on: dt.date) -> None:
    """Take back a value that does not hold yet. Raises ValueError for one that does."""
    if made.valid_from <= on:
        raise ValueError("a value that has held stays on record; set another")
    with transaction.atomic():
        audit.record(
            user, "parameter-withdrawn", made, rule=made.rule, name=made.name, value=str(made.value)
        )
        made.delete()
