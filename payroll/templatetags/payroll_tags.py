"""Feeds on the pages: kinds, standings, messages."""

from typing import Any

from django import template

from payroll import labels
from payroll.checks.messages import render

register = template.Library()


@register.filter
def feed_kind(value: str) -> Any:
    return labels.KIND.get(value, value or "—")


@register.inclusion_tag("payroll/_feed_status.html")
def feed_status(value: str) -> dict[str, Any]:
    tag, icon = labels.STATUS_TAG[value]
    return {"label": labels.STATUS[value], "tag": tag, "icon": icon}


@register.filter
def severity(value: str) -> Any:
    return labels.SEVERITY.get(value, value)


@register.filter
def message(issue: Any) -> str:
    """What is wrong with a cell and what would be right."""
    return str(render(issue))


@register.filter
def sender_kind(value: str) -> Any:
    return labels.SENDER.get(value, value)
