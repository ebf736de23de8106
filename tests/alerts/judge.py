"""Asking the engine in tests."""

import datetime as dt
from typing import Any

from alerts import engine
from alerts.models import Warning


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


def judge(as_of: str, projects: Any = None) -> engine.Summary:
    return engine.evaluate(day(as_of), projects)


def opened(rule: str, **conditions: Any) -> list[Warning]:
    return list(Warning.objects.open().filter(rule=rule, **conditions))


def the(rule: str, **conditions: Any) -> Warning:
    """The one open warning of a rule."""
    return Warning.objects.open().get(rule=rule, **conditions)


def codes() -> list[str]:
    """The rules of all open warnings, sorted."""
    return sorted(Warning.objects.open().values_list("rule", flat=True))


def value(warning: Warning, label: str, part: str = "facts") -> str:
    """The value of a fact (or a step of the arithmetic) by its English label."""
    [found] = [f["value"] for f in warning.evidence[part] if f["label"]["en"] == label]
    return str(found["en"] if isinstance(found, dict) else found)
