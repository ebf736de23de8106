"""Working days and paydays by the official calendar (Reg. 14).

The State Council announces each year's holidays late in the year before; `chinese_calendar` knows
the announced years. An administrator's CalendarDay rows win over it. For a year that neither
knows, Monday to Friday count as working days and `is_announced` says that this is provisional.
"""

import datetime as dt
from functools import lru_cache

import chinese_calendar

from wagewatch.models import CalendarDay
from wagewatch.months import Month

DAY = dt.timedelta(days=1)
_KNOWN_YEARS = frozenset(day.year for day in chinese_calendar.holidays)


class WorkingDays:
    """The calendar as one value: read the table once, then ask as often as needed."""

    def __init__(self, overrides: dict[dt.date, bool] | None = None) -> None:
        self.overrides = overrides or {}
        self._years = {day.year for day in self.overrides}

    @classmethod
    def load(cls) -> "WorkingDays":
        return cls(dict(CalendarDay.objects.values_list("date", "is_workday")))

    def is_announced(self, year: int) -> bool:
        return year in _KNOWN_YEARS or year in self._years

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


@lru_cache(maxsize=8192)
def _library_workday(day: dt.date) -> bool:
    if day.year in _KNOWN_YEARS:
        return bool(chinese_calendar.is_workday(day))
    return day.weekday() < 5
