"""Working days and paydays by the official calendar (Reg. 14).

The State Council announces each year's holidays late in the year before; `chinese_calendar` knows
the announced years. An administrator's CalendarDay rows win over it, and a CalendarNotice announces
its year. For a year that neither knows, Monday to Friday count as working days and `is_announced`
says that this is provisional: a single day entered does not make a year known.
"""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache

import chinese_calendar

from wagewatch.models import CalendarDay, CalendarNotice
from wagewatch.months import Month

DAY = dt.timedelta(days=1)
_KNOWN_YEARS = frozenset(day.year for day in chinese_calendar.holidays)
WARN_FROM = (12, 1)
"""Month and day from which next year's missing notice is warned of: it comes in November."""


class WorkingDays:
    """The calendar as one value: read the table once, then ask as often as needed."""

    def __init__(
        self,
        overrides: dict[dt.date, bool] | None = None,
        announced: Iterable[int] | None = (),
    ) -> None:
        self.overrides = overrides or {}
        self._years = None if announced is None else frozenset(announced)

    @classmethod
    def load(cls) -> "WorkingDays":
        days = dict(CalendarDay.objects.values_list("date", "is_workday"))
        return cls(days, announced=None)  # notices are read when a year is asked for

    def is_announced(self, year: int) -> bool:
        if year in _KNOWN_YEARS:
            return True
        if self._years is None:
            self._years = frozenset(CalendarNotice.objects.values_list("year", flat=True))
        return year in self._years

    def is_workday(self, day: dt.date) -> bool:
        if day in self.overrides:
            return self.overrides[day]
        return _library_workday(day)

    def on_or_before(self, day: dt.date) -> dt.date:
        while not self.is_workday(day):
            day -= DAY
        return day

    def add(self, day: dt.date, count: int) -> dt.date:
        """The `count`-th working day after `day`."""
        while count > 0:
            day += DAY
            count -= self.is_workday(day)
        return day

    def between(self, after: dt.date, until: dt.date) -> int:
        """Working days d with after < d <= until."""
        return sum(
            self.is_workday(after + DAY * step) for step in range(1, (until - after).days + 1)
        )

    def payday(self, month: Month, pay_day: int) -> dt.date:
        """The pay day (1-28) of the month after, or the last working day before it (Reg. 14)."""
        return self.on_or_before((month + 1).first.replace(day=pay_day))


def in_library(year: int) -> bool:
    """Whether the year came with the product."""
    return year in _KNOWN_YEARS


def missing_years(today: dt.date) -> list[int]:
    """The years whose calendar should be on record by `today` and is not: this one, and from
    1 December on the next. No query while the product knows them."""
    years = [today.year]
    if (today.month, today.day) >= WARN_FROM:
        years.append(today.year + 1)
    return provisional_years(years)


def provisional_years(years: Iterable[int]) -> list[int]:
    """Of these years, those whose dates are reckoned from weekdays alone. No query where the
    product knows them all."""
    unknown = sorted({year for year in years if not in_library(year)})
    if not unknown:
        return []
    calendar = WorkingDays.load()
    return [year for year in unknown if not calendar.is_announced(year)]


@lru_cache(maxsize=8192)
def _library_workday(day: dt.date) -> bool:
    if day.year in _KNOWN_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5
