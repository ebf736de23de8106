"""Who saw and did what. State changes and unmasking leave exactly one entry each."""

from typing import Any

from django.db import models

from wagewatch.models import AuditEntry


def record(user: Any, act: str, thing: models.Model, **detail: Any) -> AuditEntry:
    """Write one audit entry, inside the caller's transaction.

    `user` may be None for the system itself. `detail` must be JSON and hold no plain ID or card
    number.
    """
    return AuditEntry.objects.create(
        user=user if getattr(user, "pk", None) else None,
        act=act,
        thing=thing._meta.label_lower,
        thing_id=str(thing.pk),
        detail=detail,
    )
