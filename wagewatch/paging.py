"""Keyset pages: the next page starts after the last row seen, at any depth for the same price.

No count and no OFFSET. A cursor is the values of the sort key of one row, as base64 of JSON; a
cursor that cannot be read is the first page.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q, QuerySet

CAP = 1000
"""Counts stop here: "1000+" says enough."""


@dataclass
class Page:
    rows: list[Any]
    following: str = ""
    """The cursor of the next page; empty when this is the last."""
    preceding: str = ""
    first: bool = True


def paged(
    queryset: "QuerySet[Any]", order: Sequence[str], asked: Mapping[str, str], size: int = 50
) -> Page:
    """The page that `asked` (after= or before= a cursor) names. The fields of `order` must not be
    null and must end with a unique one."""
    if (backward := _values(asked.get("before", ""), order)) is not None:
        rows = list(_beyond(queryset, _reverse(order), backward)[: size + 1])
        more = len(rows) > size
        rows = rows[:size][::-1]
        return Page(
            rows,
            following=_cursor(rows[-1], order) if rows else "",
            preceding=_cursor(rows[0], order) if rows and more else "",
            first=not more,
        )
    forward = _values(asked.get("after", ""), order)
    rows = list(_beyond(queryset, order, forward)[: size + 1])
    more = len(rows) > size
    rows = rows[:size]
    return Page(
        rows,
        following=_cursor(rows[-1], order) if more else "",
        preceding=_cursor(rows[0], order) if rows and forward is not None else "",
        first=forward is None,
    )


def capped_count(queryset: "QuerySet[Any]") -> str:
    """The number of rows, counted no further than CAP."""
    found = queryset.order_by()[: CAP + 1].count()
    return f"{CAP}+" if found > CAP else str(found)


def _reverse(order: Sequence[str]) -> list[str]:
    return [name[1:] if name.startswith("-") else f"-{name}" for name in order]


def _beyond(
    queryset: "QuerySet[Any]", order: Sequence[str], values: list[Any] | None
) -> "QuerySet[Any]":
    """Rows after `values` in this order (all for None)."""
    if values is not None:
        condition, equal = Q(), Q()
        for name, value in zip(order, values, strict=True):
            field = name.lstrip("-")
            step = "lt" if name.startswith("-") else "gt"
            condition |= equal & Q(**{f"{field}__{step}": value})
            equal &= Q(**{field: value})
        with suppress(ValidationError, ValueError, TypeError):  # a cursor made by hand
            queryset = queryset.filter(condition)
    return queryset.order_by(*order)


def _cursor(row: Any, order: Sequence[str]) -> str:
    values = []
    for name in order:
        value = row
        for part in name.lstrip("-").split("__"):
            value = value[part] if isinstance(value, dict) else getattr(value, part)
        values.append(value)
    text = json.dumps(values, cls=DjangoJSONEncoder)
    return base64.urlsafe_b64encode(text.encode()).decode()


def _values(cursor: str, order: Sequence[str]) -> list[Any] | None:
    try:
        values = json.loads(base64.urlsafe_b64decode(cursor.encode()))
    except (ValueError, binascii.Error):
        return None
    plain = isinstance(values, list) and all(isinstance(v, str | int | float) for v in values)
    return values if plain and len(values) == len(order) else None
