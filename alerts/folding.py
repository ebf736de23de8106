"""Folding: a warning is hidden under the one that explains it. Rules declare what they hide."""

from collections.abc import Mapping
from typing import Any

from alerts.models import Warning
from alerts.rules import catalogue
from alerts.rules.base import Finding
from wagewatch import bulk

Parents = dict[Any, Any]
"""Of a folded warning's key, the key of the one that explains it best."""


def parents(found: Mapping[Any, Finding]) -> Parents:
    """Which of the matters found explains which; dismissed ones are not among them.

    Among several that explain one, the highest level wins, then the later rule of the catalogue
    (E7 speaks of more than E4).
    """
    projects: dict[int, list[Any]] = {}
    for key in found:
        projects.setdefault(found[key].project_id, []).append(key)
    made: Parents = {}
    for keys in projects.values():
        made.update(_of_project(keys, found))
    return made


def fold(held: Mapping[Any, Warning], explained: Parents) -> None:
    """Set `folded_under` of the open warnings `held`: the top-most one that explains each."""
    moved = []
    for key, warning in held.items():
        if warning.status != Warning.Status.OPEN:
            continue
        top = _top(key, explained)
        under = None if top == key else held[top].pk
        if warning.folded_under_id != under:
            warning.folded_under_id = under
            moved.append(warning)
    bulk.update_each(moved, ["folded_under"])


def _of_project(keys: list[Any], found: Mapping[Any, Finding]) -> Parents:
    rules = catalogue()
    made: Parents = {}
    for key in sorted(keys, key=lambda key: (found[key].level, key[0], key[2], str(key))):
        for hidden in rules[key[0]].hides:
            for other in keys:
                if other[0] in hidden.rules and hidden.covers(found[key], found[other]):
                    made[other] = key
    return made


def _top(key: Any, parents: dict[Any, Any]) -> Any:
    while key in parents:
        key = parents[key]
    return key
