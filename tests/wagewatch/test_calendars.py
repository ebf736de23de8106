import datetime as dt

from wagewatch.calendars import WorkingDays
from wagewatch.months import Month

D = dt.date


def test_a_payday_on_a_rest_day_moves_before_it() -> None:
    days = WorkingDays()
    assert days.payday(Month.parse("2026-02"), 15) == D(2026, 3, 13)  # a Sunday
    assert days.payday(Month.parse("2026-03"), 15) == D(2026, 4, 15)


def test_a_payday_in_the_spring_festival_moves_before_the_holiday() -> None:
    days = WorkingDays()
    assert days.payday(Month.parse("2026-01"), 18) == D(2026, 2, 14)  # a make-up Saturday


def test_working_days_skip_holidays_and_count_make_up_days() -> None:
    days = WorkingDays()
    assert days.between(D(2026, 2, 13), D(2026, 2, 24)) == 2  # the 14th and the 24th
    assert days.add(D(2026, 2, 14), 1) == D(2026, 2, 24)


def test_an_administrators_day_wins_and_a_notice_announces_its_year() -> None:
    assert not WorkingDays({D(2031, 5, 1): False}).is_announced(2031)  # one day is no year
    days = WorkingDays({D(2031, 5, 1): False}, announced=[2031])
    assert days.is_announced(2031) and not days.is_announced(2032)
    assert not days.is_workday(D(2031, 5, 1))
    assert days.is_workday(D(2031, 5, 2))  # a Friday, from the weekday alone


def test_months_count_across_years() -> None:
    december = Month.parse("2025-12")
    assert str(december + 1) == "2026-01"
    assert december.last == D(2025, 12, 31)
    assert Month.parse("2026-03") - december == 3
    assert Month.of(D(2026, 3, 31)).first == D(2026, 3, 1)
