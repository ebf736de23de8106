"""Which minimum wage holds for a region and a month, and putting one on record."""

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db import transaction

from projects.models import MinimumWage, Region
from wagewatch import audit
from wagewatch.months import Month

LOWEST, HIGHEST = Decimal(500), Decimal(20_000)
"""CNY a month: what lies outside is a slip of the pen."""


class MinimumWages:
    """Every value known on a day, read once (two queries) and asked as often as needed."""

    def __init__(self, rows: Iterable[MinimumWage], parents: dict[str, str | None]) -> None:
        self._parents = parents
        self._rows: dict[str, list[MinimumWage]] = {}
        for row in sorted(rows, key=lambda row: (row.valid_from, row.known_from, row.pk)):
            self._rows.setdefault(row.region_id, []).append(row)

    @classmethod
    def known_on(cls, as_of: dt.date) -> "MinimumWages":
        rows = MinimumWage.objects.filter(known_from__lte=as_of)
        return cls(rows, dict(Region.objects.values_list("code", "parent")))

    def of(self, region: str, month: Month) -> MinimumWage | None:
        """What holds from the month's first day on: a raise within the month binds the next one.
        The value set nearest to the region wins (town, county, city, province); None where nothing
        is on record for the month."""
        code: str | None = region
        while code is not None:
            held = [row for row in self._rows.get(code, ()) if row.valid_from <= month.first]
            if held:
                return held[-1]
            code = self._parents.get(code)
        return None

    @property
    def highest(self) -> Decimal:
        """Of all values on record; no wage from it on can be too low."""
        return max(
            (row.monthly for rows in self._rows.values() for row in rows), default=Decimal(0)
        )


def put_on_record(
    region: Region,
    valid_from: dt.date,
    monthly: Decimal,
    hourly: Decimal | None,
    tier: int | None,
    document: str,
    user: Any,
    *,
    on: dt.date,
) -> MinimumWage:
    """A published minimum wage, or the correction of one, known from `on`. Values on record stay.
    A second one for the same region and day, entered on the same day, replaces the first. Raises
    ValueError."""
    if not LOWEST <= monthly <= HIGHEST:
        raise ValueError(f"a monthly minimum wage lies between {LOWEST} and {HIGHEST}")
    if hourly is not None and not 0 < hourly < monthly:
        raise ValueError("an hourly minimum wage is less than the monthly one")
    if not document.strip():
        raise ValueError("a minimum wage needs the document it rests on")
    with transaction.atomic():
        made, _ = MinimumWage.objects.update_or_create(
            region=region,
            valid_from=valid_from,
            known_from=on,
            defaults={
                "monthly": monthly,
                "hourly": hourly,
                "tier": tier,
                "document": document.strip(),
                "standing": MinimumWage.Standing.PUBLISHED,
                "set_by": user,
            },
        )
        audit.record(
            user,
            "minimum-wage-set",
            made,
            region=region.code,
            valid_from=valid_from.isoformat(),
            monthly=str(monthly),
            document=document.strip(),
        )
    return made
