"""Saving a column map: checked against what the reader of its kind needs, with an audit entry."""

from typing import Any

from django.db import transaction

from payroll.feeds import mapped
from payroll.models import ColumnMap
from wagewatch import audit


def problems(kind: str, headings: dict[str, Any], options: dict[str, Any]) -> list[str]:
    """What keeps the map from being used, in field names; empty when it is right."""
    return mapped.problems(headings, options) if kind == "bank" else []


@transaction.atomic
def save_map(layout: ColumnMap, *, user: Any) -> ColumnMap:
    """Keep a new or changed map; it is tried from the next feed on."""
    layout.full_clean()
    layout.save()
    audit.record(user, "save_column_map", layout, kind=layout.kind, active=layout.active)
    return layout


@transaction.atomic
def delete_map(layout: ColumnMap, *, user: Any) -> None:
    audit.record(user, "delete_column_map", layout, kind=layout.kind)
    layout.delete()
