"""What was known when: the pattern by which any past day can be evaluated again.

A row is known from the day its feed was received (`known_from`) until the day another said
otherwise (`known_until`, empty while nothing has). `known_on(D)` is what the city knew at the end
of day D.
"""

import datetime as dt
from typing import Any, TypeVar

from django.db import models
from django.db.models import Q

M = TypeVar("M", bound=models.Model)


def known_on(day: dt.date, prefix: str = "") -> Q:
    """The condition that a row (reached through `prefix`, e.g. "sheet__") was known on `day`."""
    until = f"{prefix}known_until"
    return Q(**{f"{prefix}known_from__lte": day}) & (
        Q(**{f"{until}__isnull": True}) | Q(**{f"{until}__gt": day})
    )


class KnownQuerySet(models.QuerySet[M]):
    def known_on(self, day: dt.date) -> Any:
        return self.filter(known_on(day))

    def current(self) -> Any:
        return self.filter(known_until__isnull=True)


class Known(models.Model):
    """Base of rows that a later feed may replace."""

    known_from = models.DateField()
    known_until = models.DateField(null=True, blank=True)

    objects = KnownQuerySet.as_manager()

    class Meta:
        abstract = True
