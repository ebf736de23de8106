"""Levels, rules and articles of law on the pages."""

from typing import Any

from django import template

from alerts import notices
from alerts.labels import LEVEL_ICON, LEVEL_KEY
from alerts.models import Level
from alerts.rules import catalogue, everything
from alerts.rules.base import Rule
from payroll.models import Difference

register = template.Library()


@register.inclusion_tag("alerts/_level.html")
def level(value: int) -> dict[str, Any]:
    """A level as colour, icon and word."""
    found = Level(value)
    return {"key": LEVEL_KEY[found], "icon": LEVEL_ICON[found], "word": found.label}


@register.filter
def level_key(value: int) -> str:
    return LEVEL_KEY[Level(value)]


@register.filter
def rule(code: str) -> Rule | None:
    """The rule of a code; None for one that the catalogue no longer has."""
    return catalogue().get(code)


@register.filter
def tried(trial: Any) -> str:
    """The values of a trial, by the names that the rule's page gives them."""
    found = everything().get(trial.rule)
    labels = {param.name: str(param.label) for param in found.params} if found else {}
    return ", ".join(f"{labels.get(name, name)} = {value}" for name, value in trial.values.items())


@register.filter
def may_carry_notice(warning: Any) -> bool:
    return notices.may_carry(warning)


@register.filter
def level_icon(value: int) -> str:
    return LEVEL_ICON[Level(value)]


@register.filter
def days_to(warning: Any, day: Any) -> int:
    """Days from the day on which the fact became true to `day`, or to when it cleared."""
    return max(0, ((warning.cleared_on or day) - warning.since).days)


@register.filter
def overdue(arrear: Any, day: Any) -> int:
    """Days after the payday of a row of the ledger."""
    return int(arrear.days(day))


@register.filter
def age_colour(key: str) -> str:
    """The level whose colour a class of ageing has: rule E1's."""
    return {"week": "yellow", "month": "orange"}.get(key, "red")


@register.simple_tag(takes_context=True)
def differences_standing(context: Any) -> int:
    """How many figures the last check of the ledger found to differ, for those who supervise."""
    member = getattr(context["request"], "member", None)
    if member is None or member.is_company:
        return 0
    return int(Difference.objects.visible_to(member).standing().count())
