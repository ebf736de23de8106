"""Filters for values that every page shows: sums, months, texts in two languages."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import get_language

from wagewatch.calendars import missing_years

register = template.Library()


@register.simple_tag(takes_context=True)
def calendar_missing(context: Any) -> list[int]:
    """For inspectors and administrators: years whose official holidays should be on record by now
    and are not."""
    request = context.get("request")
    member = getattr(request, "member", None)
    user = getattr(request, "user", None)
    if not (getattr(user, "is_staff", False) or (member and member.role == "inspector")):
        return []
    return missing_years(timezone.localdate())


@register.filter
def said(text: Any) -> str:
    """A {zh, en} of stored evidence, or a bilingual.Text, in the reader's language."""
    if isinstance(text, dict):
        return str(text.get("en" if (get_language() or "").startswith("en") else "zh", ""))
    return "" if text is None else str(text)


@register.filter
def money(value: Any) -> str:
    """CNY with two places and thousands' commas; empty for nothing."""
    if value is None or value == "":
        return ""
    try:
        return f"{Decimal(value):,.2f}"
    except (InvalidOperation, TypeError, ValueError):
        return str(value)


@register.filter
def yuan(value: Any) -> str:
    """A sum where room is short: whole CNY with commas."""
    return "" if value in (None, "") else f"{Decimal(value):,.0f}"


@register.filter
def evidence(value: Any, kind: str) -> str:
    """A value of stored evidence by its KIND (alerts/rules/base.py)."""
    if value in (None, ""):
        return "—"
    return money(value) if kind == "money" else said(value)


@register.filter
def numeric(kind: str) -> bool:
    """Whether a KIND stands to the right in a table."""
    return kind in ("money", "days", "count")


@register.filter
def get(mapping: Any, key: Any) -> Any:
    return mapping.get(key, "") if mapping else ""


@register.filter
def filesize(size: int) -> str:
    """Bytes as KB or MB."""
    return f"{size / 1024:.0f} KB" if size < 1 << 20 else f"{size / (1 << 20):.1f} MB"
