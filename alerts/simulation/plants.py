"""Violations planted on purpose, one kind on a site, each with what the rules must then say.

A plant changes the plan of a site and writes what follows from it to `city.truth`: rule, company,
month, and the days from which and until which it holds (`until` is the first day on which it no
longer does; null when it lasts). Written from the law and the catalogue, not from the product's
code; consequences are planted truth as well (three missed cycles are three E1 and one E7).
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from alerts.simulation.build import clean_life, move_start
from alerts.simulation.plan import DAY, City, Company, Cycle, Line, Payment, Person, Site, pay
from wagewatch.months import Month

Plant = Callable[[City, Site, int], None]
PLANTS: dict[str, Plant] = {}


def plant(rule: str) -> Callable[[Plant], Plant]:
    def keep(function: Plant) -> Plant:
        PLANTS[rule] = function
        return function

    return keep


def expect(
    city: City,
    site: Site,
    rule: str,
    company: Company,
    month: Month | None,
    since: dt.date,
    until: dt.date | None = None,
    **proved: dt.date | None,
) -> None:
    """`proved`: the day on which the data that prove it had come (None: they never do), where
    proof.py cannot tell."""
    if since > city.end or (until is not None and until <= since):
        return
    if until is not None and until > city.end:
        until = None
    city.truth.append(
        {
            "rule": rule,
            "project": site.code,
            "company": company.code,
            "month": str(month) if month else None,
            "from": since.isoformat(),
            "until": until.isoformat() if until else None,
        }
        | {name: day.isoformat() if day else None for name, day in proved.items()}
    )


def cycle_of(city: City, site: Site, index: int, crew: int = -1) -> Cycle:
    """The cycle of a month by place (0 is the city's first) and crew."""
    wanted = site.crews[crew]
    return next(c for c in site.cycles if c.crew is wanted and c.month == city.months[index])


def repair_day(city: City, index: int) -> dt.date:
    """The 3rd of the month after the payday's: late, and before the next payday."""
    return (city.months[index] + 2).first.replace(day=3)


def can_repair(city: City, index: int, variant: int) -> bool:
    return variant % 2 == 0 and index + 2 < len(city.months)


def early_month(city: City, variant: int) -> int:
    """The place of the month to break: its payday must lie within the city's time."""
    return variant % max(1, len(city.months) - 2)


@plant("A1")
def no_account(city: City, site: Site, variant: int) -> None:
    if variant % 2 == 0:  # opened 16 days late
        start = city.months[-2].first
        opened = start + 34 * DAY
        move_start(site, start, opened)
        clean_life(city, site)
        site.credits = {city.months[-1]: (opened, Decimal(site_wages(site)))}
        for cycle in site.cycles:
            cycle.pay_on = max(opened, cycle.pay_on or opened)
        expect(city, site, "A1", site.contractor, None, site.contract + 31 * DAY, opened)
        expect(city, site, "B1", site.owner, None, start + 32 * DAY, city.bank_known(opened))
        return
    start = city.months[-2].first  # never opened: nothing can be paid through it
    move_start(site, start, None)
    clean_life(city, site)
    for cycle in site.cycles:
        cycle.pay_on = None
        expect(city, site, "E1", cycle.crew.company, cycle.month, cycle.payday + DAY)
        expect_short_balance(city, site, cycle, None)
    expect(city, site, "A1", site.contractor, None, site.contract + 31 * DAY)
    expect(city, site, "B1", site.owner, None, start + 32 * DAY)


def site_wages(site: Site) -> Decimal:
    return sum((line.net for c in site.cycles for line in c.lines), Decimal(0)) + 20000


def expect_short_balance(city: City, site: Site, cycle: Cycle, covered: dt.date | None) -> None:
    """B3 from five days before the payday (once the sheet is known) until it has passed."""
    since = max(cycle.payday - 5 * DAY, cycle.versions[0][0])
    until = min(covered or dt.date.max, cycle.payday + DAY)
    already = any(
        t["rule"] == "B3" and t["project"] == site.code and t["month"] == str(cycle.month)
        for t in city.truth
    )
    if not already:
        expect(city, site, "B3", site.owner, cycle.month, since, until)


@plant("B1")
def owner_silent(city: City, site: Site, variant: int) -> None:
    """The owner stops paying; the contractor advances the wages from its own money."""
    clean_life(city, site)
    last = 0 if variant % 2 == 0 else 1
    again = last + 3 if variant % 2 == 0 and last + 3 < len(city.months) else None
    for place, month in enumerate(city.months):
        if place > last and (again is None or place < again):
            day, amount = site.credits.pop(month)
            site.payments.append(
                Payment(day, amount, site.contractor.name, "", "垫付", credit=True)
            )
    since = city.months[last].first.replace(day=5) + 32 * DAY
    until = city.bank_known(city.months[again].first.replace(day=5)) if again else None
    expect(city, site, "B1", site.owner, None, since, until)


@plant("B3")
def balance_short(city: City, site: Site, variant: int) -> None:
    """The labour cost comes the day before the payday each month: paid in time, but on the edge. In
    one variant it does not come in time for one payday."""
    if variant % 2 == 1:
        _not_enough(city, site, variant // 2)
        return
    site.pay_day = 5
    clean_life(city, site)
    covered: dict[Month, dt.date] = {}
    for month in city.months:
        cycles = [c for c in site.cycles if c.month == month]
        if not cycles:
            continue
        payday = cycles[0].payday
        comes = payday - DAY
        owed = sum((line.net for c in cycles for line in c.lines), Decimal(0))
        site.payments.append(Payment(comes, owed, site.owner.name, "", "人工费", credit=True))
        covered[month] = city.bank_known(comes)
        for cycle in cycles:
            cycle.pay_on = payday
    # A small sum each month keeps the owner from falling silent (B1).
    site.credits = {m: (m.first.replace(day=10), Decimal(1000)) for m in city.months}
    for cycle in site.cycles:
        known = city.bank_known(cycle.payday)
        expect_short_balance(city, site, cycle, covered[cycle.month])
        if known > cycle.payday + DAY:  # paid in time, but the bank's file comes days later
            expect(city, site, "E1", cycle.crew.company, cycle.month, cycle.payday + DAY, known)


def _not_enough(city: City, site: Site, variant: int) -> None:
    """In one month the owner pays in time a trifle, a quarter, or nothing of the labour cost, and
    the rest on the 28th: on the payday the account lacks the money, and nobody is paid until
    then."""
    site.pay_day = 20
    clean_life(city, site)
    place = min(3, len(city.months) - 1)
    for month in city.months[1:]:
        day, amount = site.credits[month]
        site.credits[month] = (day, amount - 20000)
    month = city.months[place]
    day, amount = site.credits.pop(month)
    in_time = (Decimal(1000), (amount / 4).quantize(Decimal(1)), Decimal(0))[variant % 3]
    late = month.first.replace(day=28)
    if in_time:
        site.credits[month] = (day, in_time)
    else:
        since = (month - 1).first.replace(day=5) + 32 * DAY
        expect(city, site, "B1", site.owner, None, since, city.bank_known(late))
    rest = amount - in_time
    site.payments.append(Payment(late, rest, site.owner.name, "", "人工费拨付", credit=True))
    for cycle in site.cycles:
        if cycle.month == month - 1:
            cycle.pay_on = late
            expect_short_balance(city, site, cycle, None)
            paid = city.bank_known(late)
            expect(city, site, "E1", cycle.crew.company, cycle.month, cycle.payday + DAY, paid)


@plant("C1")
def attendance_silent(city: City, site: Site, variant: int) -> None:
    """The gate stops sending after the 12th; in one variant the backlog comes a month later."""
    clean_life(city, site)
    index = 1 + variant % max(1, len(city.months) - 2)
    month = city.months[index]
    resumes = (month + 1).last if can_repair(city, index - 1, variant) else None
    last = max(
        d for days in site.attended.values() for d in days if d <= month.first.replace(day=12)
    )
    for days in site.attended.values():
        for day in days:
            if day > last:
                site.attendance_known[day] = (
                    None if resumes is None else max(resumes, city.attendance_known(day))
                )
    since = city.days.add(last, 3)
    expect(city, site, "C1", site.contractor, month, since, resumes)
    for cycle in site.cycles:  # the sheets' days cannot be held against it: C4 asks for the data
        unseen = [sum(d > last for d in _days(site, line.person, month)) for line in cycle.lines]
        if cycle.month == month and max(unseen) > DAYS_MAY_DIFFER:
            begins = max(cycle.versions[0][0], month.last + DAY)
            company = cycle.crew.company
            expect(city, site, "C4", company, month, begins, resumes, proved=None)


DAYS_MAY_DIFFER = 3


def _days(site: Site, person: Person, month: Month) -> list[dt.date]:
    return [day for day in site.attended.get(person, ()) if Month.of(day) == month]


@plant("C3")
def ghosts(city: City, site: Site, variant: int) -> None:
    """Two people stand on the sheet with full days and were never at the gate."""
    crew = site.crews[-1]
    spare = [crew.people.pop() for _ in range(2)]
    clean_life(city, site)
    crew.people += spare
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    extra = [Line(p, 22, Decimal(22 * p.rate), Decimal(0), p.card) for p in spare]
    honest = cycle.lines
    received = cycle.versions[0][0]
    cycle.lines = honest + extra
    cycle.versions = [(received, cycle.lines)]
    until = None
    if can_repair(city, index, variant):
        until = repair_day(city, index)
        cycle.versions.append((until, honest))
    since = max(received, cycle.month.last + DAY)
    expect(city, site, "C3", crew.company, cycle.month, since, until)
    expect(city, site, "C4", crew.company, cycle.month, since, until)  # 22 days against none


@plant("D1")
def no_sheet(city: City, site: Site, variant: int) -> None:
    clean_life(city, site)
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    cycle.versions, cycle.pay_on = [], None
    until = None
    if can_repair(city, index, variant):
        until = repair_day(city, index)
        cycle.versions, cycle.pay_on = [(until, cycle.lines)], until + DAY
        paid = city.bank_known(cycle.pay_on)
        expect(city, site, "E1", cycle.crew.company, cycle.month, until, paid)
    expect(city, site, "D1", cycle.crew.company, cycle.month, cycle.due + DAY, until)


@plant("D2")
def left_off(city: City, site: Site, variant: int) -> None:
    """Two workers who attended are on no sheet; in one variant a corrected one comes late."""
    clean_life(city, site)
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    received, lines = cycle.versions[0]
    cycle.versions = [(received, lines[2:])]
    cycle.unpaid = {0, 1}
    until = None
    if can_repair(city, index, variant):
        until = repair_day(city, index)
        cycle.versions.append((until, lines))
        for line in lines[:2]:
            site.payments.append(pay(cycle, line, until + DAY))
        paid = city.bank_known(until + DAY)
        expect(city, site, "E2", cycle.crew.company, cycle.month, until, paid)
    expect(city, site, "D2", cycle.crew.company, cycle.month, cycle.due + DAY, until)


@plant("E1")
def missed(city: City, site: Site, variant: int) -> None:
    clean_life(city, site)
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    cycle.pay_on, until = None, None
    if can_repair(city, index, variant):
        cycle.pay_on = repair_day(city, index)
        until = city.bank_known(cycle.pay_on)
    expect(city, site, "E1", cycle.crew.company, cycle.month, cycle.payday + DAY, until)


@plant("E2")
def short(city: City, site: Site, variant: int) -> None:
    """Two workers get nothing and one less than the net."""
    clean_life(city, site)
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    cycle.unpaid, cycle.short = {0, 1}, {2: Decimal(1500)}
    until = None
    if can_repair(city, index, variant):
        day = repair_day(city, index)
        until = city.bank_known(day)
        for line in cycle.lines[:2]:
            site.payments.append(pay(cycle, line, day))
        rest = cycle.lines[2]
        site.payments.append(pay(cycle, rest, day, rest.net - 1500))
    expect(city, site, "E2", cycle.crew.company, cycle.month, cycle.payday + DAY, until)


@plant("E4")
def returned(city: City, site: Site, variant: int) -> None:
    """Two payments come back the day after the payday."""
    site.pay_day = 12  # early, so that five working days end before the month does
    clean_life(city, site)
    index = early_month(city, variant)
    cycle = cycle_of(city, site, index)
    back = cycle.payday + DAY
    cycle.unpaid = {0, 1}
    until = None
    assert cycle.pay_on
    for line in cycle.lines[:2]:
        payment = pay(cycle, line, cycle.pay_on)
        payment.returned = back
        site.payments.append(payment)
    if can_repair(city, index, variant):
        day = repair_day(city, index)
        until = city.bank_known(day)
        for line in cycle.lines[:2]:
            site.payments.append(pay(cycle, line, day))
    known = city.bank_known(back)
    late = city.days.add(back, 5) + DAY
    company = cycle.crew.company
    expect(city, site, "E2", company, cycle.month, max(known, cycle.payday + DAY), until)
    expect(city, site, "E4", company, cycle.month, max(known, late), until)


@plant("E5")
def one_card(city: City, site: Site, variant: int) -> None:
    """Three wages on one card, or one wage on a card registered for somebody else."""
    clean_life(city, site)
    cycle = cycle_of(city, site, early_month(city, variant))
    lines = cycle.lines
    if variant % 2 == 0:
        strange = city.codes.card()
        for line in lines[:3]:
            line.card = strange
    else:
        lines[0].card = lines[1].person.card
    since = cycle.versions[0][0]
    expect(city, site, "E5", cycle.crew.company, cycle.month, since)


@plant("E7")
def repeated(city: City, site: Site, variant: int) -> None:
    """Missed or short cycles in two or three consecutive months."""
    clean_life(city, site)
    run = min(3 - variant % 2, len(city.months) - 1)
    first = 0
    cycles = [cycle_of(city, site, first + place) for place in range(run)]
    for place, cycle in enumerate(cycles):
        rule = "E1"
        if variant % 2 and place == 0:
            cycle.unpaid, rule = {0, 1}, "E2"
        else:
            cycle.pay_on = None
        expect(city, site, rule, cycle.crew.company, cycle.month, cycle.payday + DAY)
    if run > 1:
        company = cycles[0].crew.company
        expect(city, site, "E7", company, cycles[0].month, cycles[1].payday + DAY)
