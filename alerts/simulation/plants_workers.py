"""Violations about single workers (C2, C4, D3, D4, D5), planted as in plants.py."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal

from alerts.simulation.build import FULL_MONTH, attend_days, clean_life, full_month
from alerts.simulation.plan import DAY, City, Line, Person, Site
from alerts.simulation.plants import (
    can_repair,
    cycle_of,
    early_month,
    expect,
    plant,
    repair_day,
)
from wagewatch.months import Month

MENDED_SHOWN = 31
MINIMUM_WAGE = Decimal(2260)
"""CNY a month in Zhoushan since 2024-01-01 (Zhejiang's second tier)."""


@plant("C2")
def no_contract(city: City, site: Site, variant: int) -> None:
    """Two workers come before their contracts are signed, and a stranger comes for some days; in
    one variant the two never get a contract."""
    crew = site.crews[-1]
    two = crew.people[:2]
    signed = None if variant % 2 else city.months[0].first.replace(day=16)
    for person in two:
        person.contract = person.contract_told = signed
    clean_life(city, site)
    for month in city.months:
        days = sorted(
            day
            for person in two
            for day in site.attended[person]
            if Month.of(day) == month and (signed is None or day < signed)
        )
        if days:
            until = days[-1] + (MENDED_SHOWN + 1) * DAY if signed else None
            since = city.attendance_known(days[0])
            expect(city, site, "C2", crew.company, month, since, until)
    if signed:
        _stranger(city, site)


def _stranger(city: City, site: Site) -> None:
    """Somebody whom no registry knows attends a week of the second month."""
    first = city.days.add(city.months[1].first, 3)
    codes = city.codes
    person = Person(
        codes.person(), "01", codes.resident_id(), codes.card(), codes.phone(), 300, first
    )
    days = [first]
    while len(days) < 5:
        days.append(city.days.add(days[-1], 1))
    site.attended[person] = set(days)
    since = city.attendance_known(first)
    expect(city, site, "C2", site.contractor, city.months[1], since)


@plant("C4")
def wrong_days(city: City, site: Site, variant: int) -> None:
    """Two workers have four days fewer on the sheet than at the gate, or four more."""
    clean_life(city, site)
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    received, right = cycle.versions[0]
    by = 4 if variant % 2 else -4
    wrong = [replace(line, days=line.days + by) for line in right[:2]] + right[2:]
    cycle.versions, until = [(received, wrong)], None
    if can_repair(city, index, variant):
        until = repair_day(city, index)
        cycle.versions.append((until, right))
    since = max(received, cycle.month.last + DAY)
    expect(city, site, "C4", cycle.crew.company, cycle.month, since, until)


@plant("D3")
def not_signed(city: City, site: Site, variant: int) -> None:
    """Two workers have not signed, or nobody has; in one variant a signed sheet comes late."""
    clean_life(city, site)
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    received, signed = cycle.versions[0]
    open_lines = len(signed) if variant % 2 else 2
    unsigned = [replace(line, signed=place >= open_lines) for place, line in enumerate(signed)]
    cycle.versions, until = [(received, unsigned)], None
    if can_repair(city, index, variant):
        until = repair_day(city, index)
        cycle.versions.append((until, signed))
    expect(city, site, "D3", cycle.crew.company, cycle.month, cycle.payday + DAY, until)


@plant("D4")
def below_minimum(city: City, site: Site, variant: int) -> None:
    """Two workers of a full month get one yuan less than the minimum wage; in one variant the next
    sheet pays it back."""
    clean_life(city, site)
    month, crew = full_month(city), site.crews[-1]
    two = crew.people[:2]
    attend_days(city, site, two, month, FULL_MONTH)
    index = city.months.index(month)
    cycle = cycle_of(city, site, index)
    for line in cycle.lines[:2]:
        line.gross = MINIMUM_WAGE - 1
    since, until = max(cycle.versions[0][0], month.last + DAY), None
    if can_repair(city, index, variant):
        later = cycle_of(city, site, index + 1)
        until = later.versions[0][0]
        for person in two:
            later.lines.append(Line(person, 0, Decimal(1), Decimal(0), person.card, month))
    expect(city, site, "D4", crew.company, month, since, until)


@plant("D5")
def lowered(city: City, site: Site, variant: int) -> None:
    """The day after two workers signed, a sheet with 600 yuan less comes under the old date; in
    one variant they sign it weeks later."""
    clean_life(city, site)
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    received = cycle.versions[0][0]
    old: dt.date = received - DAY
    promised = [replace(line, signed_on=old) for line in cycle.lines]
    for line in promised[:2]:
        line.gross += 600
    less = [replace(line, signed_on=old) for line in cycle.lines]
    cycle.versions, until = [(received, promised), (received + DAY, less)], None
    if can_repair(city, index, variant):
        until = repair_day(city, index)
        cycle.versions.append((until, cycle.lines))
    expect(city, site, "D5", cycle.crew.company, cycle.month, received + DAY, until)
