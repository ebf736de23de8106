"""The month worked (YYYY-MM) as a type of its own, and its database field."""

import datetime as dt
import re
from functools import cache, total_ordering
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func

_PATTERN = re.compile(r"(\d{4})-(\d{2})\Z")


@total_ordering
class Month:
    """A calendar month. `ordinal` = year * 12 + month - 1, so that months can be counted."""

    __slots__ = ("ordinal",)

    def __init__(self, ordinal: int) -> None:
        self.ordinal = int(ordinal)

    @classmethod
    def of(cls, day: dt.date) -> "Month":
        return cls(day.year * 12 + day.month - 1)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """`2026-03` -> Month. Raises ValueError for anything else."""
        match = _PATTERN.match(text.strip())
        if not match or not 1 <= int(match[2]) <= 12:
            raise ValueError(f"not a month (YYYY-MM): {text!r}")
        return cls(int(match[1]) * 12 + int(match[2]) - 1)

    @property
    def year(self) -> int:
        return self.ordinal // 12

    @property
    def number(self) -> int:
        """1 to 12."""
        return self.ordinal % 12 + 1

    @property
    def first(self) -> dt.date:
        return dt.date(self.year, self.number, 1)

    @property
    def last(self) -> dt.date:
        return (self + 1).first - dt.timedelta(days=1)

    def __add__(self, months: int) -> "Month":
        return Month(self.ordinal + months)

    def __sub__(self, other: "int | Month") -> Any:
        if isinstance(other, Month):
            return self.ordinal - other.ordinal
        return Month(self.ordinal - other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Month) and self.ordinal == other.ordinal

    def __lt__(self, other: "Month") -> bool:
        return self.ordinal < other.ordinal

    def __hash__(self) -> int:
        return hash(self.ordinal)

    def __str__(self) -> str:
        return f"{self.ordinal // 12:04d}-{self.ordinal % 12 + 1:02d}"

    def __repr__(self) -> str:
        return f"Month({self})"


@cache
def _shared(ordinal: int) -> Month:
    """One object for each month that the database names: a column has few of them in many rows."""
    return Month(ordinal)


class MonthField(models.SmallIntegerField):
    """Stores Month.ordinal: two bytes, ordered, and `F("month") + 1` is the next month."""

    description = "A month (YYYY-MM)"

    # What django-stubs is to believe of it.
    _pyi_private_set_type: Month | str | int | Any  # type: ignore[assignment]
    _pyi_private_get_type: Month  # type: ignore[assignment]
    _pyi_lookup_exact_type: Month | str | int  # type: ignore[assignment]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Month | None:
        return None if value is None else _shared(value)

    def to_python(self, value: Any) -> Month | None:
        if value is None or value == "" or isinstance(value, Month):
            return value or None
        if isinstance(value, int):
            return Month(value)
        try:
            return Month.parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def get_prep_value(self, value: Any) -> int | None:
        if isinstance(value, str):
            value = Month.parse(value)
        if isinstance(value, dt.date):
            value = Month.of(value)
        return value.ordinal if isinstance(value, Month) else value

    def value_to_string(self, obj: Any) -> str:
        return str(self.value_from_object(obj) or "")

    def formfield(self, **kwargs: Any) -> Any:
        from django.forms import CharField

        return CharField(required=not self.blank)

    def run_validators(self, value: Any) -> None:
        """The integer range checks of the parent do not apply to a Month."""


class MonthOf(Func):
    """The ordinal of a date column's month, reckoned inside the database. On SQLite many times
    faster than Django's TruncMonth, which calls Python for each row."""

    output_field = models.IntegerField()
    template = (
        "(CAST(EXTRACT(YEAR FROM %(expressions)s) * 12 + EXTRACT(MONTH FROM %(expressions)s) - 1 "
        "AS integer))"
    )

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        part = "CAST(substr(%(expressions)s, {}, {}) AS integer)"
        template = f"({part.format(1, 4)} * 12 + {part.format(6, 2)} - 1)"
        return self.as_sql(compiler, connection, template=template, **extra)
