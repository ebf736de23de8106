"""Folding: a warning is hidden under the one that explains it. Rules declare what they hide."""

from collections.abc import Mapping
from typing import Any

from alerts.models import Warning
from alerts.rules import catalogue
from alerts.rules.base import Finding
from wagewatch import bulk


def fold(held: Mapping[Any, Warning], found: Mapping[Any, Finding]) -> None:
    """Set `folded_under` of the open warnings: the top-most open one that explains each.

    `held` are the warnings of the projects judged, `found` what was found, by the same keys.
    Among several that explain one, the highest level wins, then the later rule of the catalogue
    (E7 speaks of more than E4).
    """
    projects: dict[int, list[Any]] = {}
    for key, warning in held.items():
        if warning.status == Warning.Status.OPEN and key in found:
            projects.setdefault(warning.project_id, []).append(key)
    parents: dict[Any, Any] = {}
    for keys in projects.values():
        parents.update(_parents(keys, held, found))
    moved = []
    for keys in projects.values():
        for key in keys:
            top = _top(key, parents)
            under = None if top == key else held[top].pk
            if held[key].folded_under_id != under:
                held[key].folded_under_id = under
                moved.append(held[key])
    bulk.update_each(moved, ["folded_under"])


def _parents(
    keys: list[Any], held: Mapping[Any, Warning], found: Mapping[Any, Finding]
) -> dict[Any, Any]:
    """For each folded warning of one project, the one that explains it best."""
    rules = catalogue()
    parents: dict[Any, Any] = {}
    for key in sorted(keys, key=lambda key: (held[key].level, held[key].rule, key[2], str(key))):
        for hidden in rules[held[key].rule].hides:
            for other in keys:
                if held[other].rule in hidden.rules and hidden.covers(found[key], found[other]):
                    parents[other] = key
    return parents


def _top(key: Any, parents: dict[Any, Any]) -> Any:
    while key in parents:
        key = parents[key]
    return key
