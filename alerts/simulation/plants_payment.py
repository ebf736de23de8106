"""Violations of payment and completion (E3, E6, E8, E9, F1, F2, F3), planted as in plants.py.

What follows from wages that are late or unpaid (E3, E8, F1, F3) is written by wages.py for every
site, whatever was planted; here stands what was done, and the rest of what the rules must say.
"""

from decimal import Decimal

from alerts.simulation.build import clean_life, pay_more, suspend
from alerts.simulation.plan import DAY, City, Payment, Site, pay
from alerts.simulation.plants import (
    can_repair,
    cycle_of,
    early_month,
    expect,
    plant,
    repair_day,
)


@plant("E3")
def paid_late(city: City, site: Site, variant: int) -> None:
    """All but two are paid in time, those two some days after the payday."""
    site.pay_day = 12
    clean_life(city, site)
    cycle = cycle_of(city, site, early_month(city, variant))
    cycle.unpaid = {0, 1}
    day = cycle.payday + (2 + variant % 3) * DAY
    for line in cycle.lines[:2]:
        site.payments.append(pay(cycle, line, day))
    until = city.bank_known(day)
    expect(city, site, "E2", cycle.crew.company, cycle.month, cycle.payday + DAY, until)


@plant("E6")
def other_account(city: City, site: Site, variant: int) -> None:
    """Two wages are paid from another project's account, which the contractor fills up again."""
    clean_life(city, site)
    host = next((s for s in reversed(city.sites) if s is not site and s.account_open), None)
    if host is None:
        return
    cycle = cycle_of(city, site, early_month(city, variant))
    there = {person.name for crew in host.crews for person in crew.people}
    chosen = [place for place, line in enumerate(cycle.lines) if line.person.name not in there][:2]
    assert cycle.pay_on
    day, company = cycle.pay_on, cycle.crew.company
    for place in chosen:
        line = cycle.lines[place]
        cycle.unpaid.add(place)
        purpose = f"{cycle.month}工资"
        host.payments += [
            Payment(day, line.net, host.contractor.name, "", "垫付", credit=True),
            Payment(day, line.net, line.person.name, line.card, purpose),
        ]
    known = city.bank_known(day)
    expect(city, site, "E6", company, cycle.month, known)
    expect(city, site, "E2", company, cycle.month, cycle.payday + DAY)


@plant("E8")
def criminal(city: City, site: Site, variant: int) -> None:
    """One worker's wage of the first month is never paid; or nobody of a crew of ten or more
    gets anything."""
    crew = site.crews[-1]
    if variant % 2 == 0:
        crew.people[0].rate = 440  # a month with holidays still comes to over 5,000
        clean_life(city, site)
        cycle = cycle_of(city, site, 0)
        cycle.unpaid, rule = {0}, "E2"
    else:
        for other in site.crews[:-1]:
            while len(other.people) > 3 and len(crew.people) < 12:
                crew.people.append(other.people.pop())
        clean_life(city, site)
        cycle = cycle_of(city, site, early_month(city, variant))
        cycle.pay_on, rule = None, "E1"
    expect(city, site, rule, crew.company, cycle.month, cycle.payday + DAY)


@plant("E9")
def large_sum(city: City, site: Site, variant: int) -> None:
    """One worker's line is more than ten times a wage, and is paid."""
    clean_life(city, site)
    cycle = cycle_of(city, site, early_month(city, variant))
    pay_more(site, cycle, Decimal(52000 + 1000 * variant))
    assert cycle.pay_on
    known = city.bank_known(cycle.pay_on)
    expect(city, site, "E9", cycle.crew.company, cycle.month, known)


@plant("F1")
def ended_unpaid(city: City, site: Site, variant: int) -> None:
    """The work is completed, or suspended, and one crew's last month is not paid."""
    place = len(city.months) - 3
    day = city.months[place].first.replace(day=20)
    if variant % 2 == 0:
        site.complete = day
        clean_life(city, site)
    else:
        suspend(city, site, day)
    cycle = cycle_of(city, site, place)
    cycle.pay_on = None
    expect(city, site, "E1", cycle.crew.company, cycle.month, cycle.payday + DAY)


@plant("F2")
def closed_early(city: City, site: Site, variant: int) -> None:
    """Completed and paid, but the account is closed before thirty days have passed."""
    site.pay_day = 12
    site.complete = city.months[-3].first.replace(day=20)
    site.account_closed = site.complete + (29 - variant % 3) * DAY
    clean_life(city, site)
    expect(city, site, "F2", site.contractor, None, site.account_closed)


@plant("F3")
def left_unpaid(city: City, site: Site, variant: int) -> None:
    """Two workers leave in the first month and do not get what they earned in it; in one variant
    they get it weeks later."""
    crew = site.crews[-1]
    leavers = crew.people[:2]
    for person in leavers:
        person.leave = city.months[0].first.replace(day=20)
    clean_life(city, site)
    cycle = cycle_of(city, site, 0)
    cycle.unpaid = {n for n, line in enumerate(cycle.lines) if line.person in leavers}
    until = None
    if can_repair(city, 0, variant):
        day = repair_day(city, 0)
        until = city.bank_known(day)
        site.payments += [pay(cycle, cycle.lines[place], day) for place in sorted(cycle.unpaid)]
    expect(city, site, "E2", crew.company, cycle.month, cycle.payday + DAY, until)
