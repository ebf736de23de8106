"""What makes real data rough without making anybody guilty: a worker who comes in the middle of a
month or moves to another project, a misspelt name on a bank entry or a sheet, a bank file that
comes late, a wage paid on the payday itself whose entry is seen only days after.

Nothing here changes what is owed, worked or paid, so that the truth stays as it was planted; where
something is known later, the city's own clock (`City.bank_known`) tells, and the truth with it.
"""

import datetime as dt
import itertools

from alerts.simulation.plan import BANK_DAYS, DAY, City, Crew, Person, Site

LATE_FILES = 0.3
MISSPELT = 0.03
NEWCOMERS = 0.1
PLAIN = ("plain", "early", "rest", "corrected", "back-pay", "well-paid")
"""Kinds of clean sites on which a worker's coming and going touches nothing else."""
_ALIKE = {"一": "乙", "海": "每", "平": "干", "国": "囯", "生": "主", "明": "朋", "伟": "玮"}


def delay_banks(city: City) -> None:
    """Some days' bank files come one or two days late."""
    for month in [city.months[0] - 1, *city.months]:
        for day in [*(month.first.replace(day=d) for d in BANK_DAYS), month.last]:
            if city.random.random() < LATE_FILES:
                city.late[day] = day + city.random.randint(1, 2) * DAY


def come_and_go(city: City, clean: dict[Site, str]) -> None:
    """On plain sites of the clean ones, before anybody works: one worker in ten comes in the
    middle of the first month, and of an unremarkable site one goes on to the next in the second."""
    sites = list(clean)
    for site in sites:
        if clean[site] not in PLAIN:
            continue
        for crew in site.crews:
            for person in crew.people[1:]:
                if city.random.random() < NEWCOMERS:
                    _enter(person, site.start + city.random.randint(3, 15) * DAY)
    for home, site in reversed(list(itertools.pairwise(sites))):  # so that nobody moves twice
        if clean[home] in PLAIN and clean[site] in PLAIN:
            _move(city, home.crews[0], site.crews[0])


def _enter(person: Person, day: dt.date) -> None:
    person.entry, person.contract = day, day - 2 * DAY


def _move(city: City, old: Crew, new: Crew) -> None:
    """The last of one crew goes on in another, on another project, from the next day on."""
    person = old.people[-1]
    middle = city.months[1].first.replace(day=12)
    person.leave = middle
    again = Person(**{**person.__dict__, "leave": None})
    _enter(again, middle + DAY)
    new.people.append(again)


def pay_on_the_day(site: Site) -> None:
    """Everybody is paid on the payday itself, though the bank may tell of it days later."""
    for cycle in site.cycles:
        if cycle.pay_on is not None:
            cycle.pay_on = cycle.payday


def misspell(city: City, site: Site) -> None:
    """After payments are planned: three names in a hundred are written wrong, with the right card
    or ID number beside them."""
    for payment in site.payments:
        if payment.wage is not None and city.random.random() < MISSPELT:
            payment.name = _wrong(payment.name)
    for cycle in site.cycles:
        for line in cycle.lines:
            if city.random.random() < MISSPELT:
                line.written = _wrong(line.person.name)


def _wrong(name: str) -> str:
    """One character for another that looks like it; else the last one is left out."""
    for right, wrong in _ALIKE.items():
        if right in name:
            return name.replace(right, wrong, 1)
    return name[:-1] if len(name) > 2 else name + name[-1]
