"""Violations of start-up and funding (A2 to A6, B2, B4, B5), planted as in plants.py.

B2 follows from the owner's credits and is written by funding.py for every site.
"""

from decimal import Decimal

from alerts.simulation.build import clean_life
from alerts.simulation.plan import DAY, DEPOSIT, GUARANTEE, City, Payment, Secured, Site
from alerts.simulation.plants import expect, plant, repair_day
from wagewatch.months import Month


@plant("A2")
def deposit_gone(city: City, site: Site, variant: int) -> None:
    """Expired and renewed weeks later; too small; or never made."""
    clean_life(city, site)
    first, last = site.start - 2 * DAY, site.start + 720 * DAY
    site.securities = [Secured("guarantee", GUARANTEE, first, last, first)]
    if variant % 3 == 0:
        end = city.months[1].first.replace(day=20)
        renewed = city.months[2].first.replace(day=8)
        site.securities += [
            Secured("deposit", DEPOSIT, first, end, first),
            Secured("deposit", DEPOSIT, renewed, last, renewed),
        ]
        expect(city, site, "A2", site.contractor, None, max(site.start, end - 30 * DAY), renewed)
        return
    if variant % 3 == 1:
        site.securities.append(Secured("deposit", DEPOSIT - 1, first, last, first))
    due = city.days.add(site.contract, 20)
    expect(city, site, "A2", site.contractor, None, max(site.start, due + DAY))


@plant("A3")
def guarantee_gone(city: City, site: Site, variant: int) -> None:
    """Expired, and renewed weeks later; or never given."""
    clean_life(city, site)
    first, last = site.start - 2 * DAY, site.start + 720 * DAY
    site.securities = [Secured("deposit", DEPOSIT, first, last, first)]
    if variant % 2 == 1:
        expect(city, site, "A3", site.owner, None, site.start)
        return
    end = city.months[1].first.replace(day=10)
    renewed = city.months[2].first.replace(day=22)
    site.securities += [
        Secured("guarantee", GUARANTEE, first, end, first),
        Secured("guarantee", GUARANTEE, renewed, last, renewed),
    ]
    expect(city, site, "A3", site.owner, None, end + DAY, renewed)


@plant("A4")
def no_board(city: City, site: Site, variant: int) -> None:
    clean_life(city, site)
    if variant % 2 == 0:
        site.board = site.start + 40 * DAY
    else:
        site.has_board = False
    expect(city, site, "A4", site.contractor, None, site.start + 16 * DAY, site.board)


@plant("A5")
def no_permit(city: City, site: Site, variant: int) -> None:
    """The permit comes weeks after the first day of work, or never; on a building site, or in one
    variant on what the site is otherwise (for some works a start report stands for it)."""
    if variant % 3 != 2:
        site.industry = "housing"
    clean_life(city, site)
    site.facts = {"builderLicenseNum": "", "licenseDate": ""}
    if variant % 2 == 0:
        site.corrected = city.months[1].first.replace(day=20)
    seen = min(city.attendance_known(day) for days in site.attended.values() for day in days)
    expect(city, site, "A5", site.owner, None, seen, site.corrected)


@plant("A6")
def loose_contract(city: City, site: Site, variant: int) -> None:
    """A cycle of two months, put right later; or no sum agreed at all."""
    clean_life(city, site)
    if variant % 2 == 0:
        site.facts = {"disbursementCycleDays": "60"}
        site.corrected = city.months[2].first.replace(day=10)
    else:
        site.facts = {"laborCostMonthly": ""}
    expect(city, site, "A6", site.owner, None, site.start, site.corrected)


@plant("B2")
def paid_short(city: City, site: Site, variant: int) -> None:
    """The owner pays just what was agreed, and half of it in one month or two; the contractor puts
    in what the wages need beyond that."""
    clean_life(city, site)
    for place, month in enumerate(city.months):
        if month not in site.credits or place == 0:
            continue
        day, amount = site.credits[month]
        paid = site.labour_cost / 2 if place in (1, 1 + variant % 2) else site.labour_cost
        site.credits[month] = (day, paid)
        rest = amount - paid
        site.payments.append(Payment(day, rest, site.contractor.name, "", "垫付", credit=True))


@plant("B4")
def foreign_payee(city: City, site: Site, variant: int) -> None:
    """Materials are paid for from the account; or the contractor takes a sum out, which the bank
    gives back weeks later."""
    clean_life(city, site)
    day = city.months[1].first.replace(day=20)
    name = city.codes.company("建材贸易")[1] if variant % 2 == 0 else site.contractor.name
    out = Payment(day, Decimal(8000), name, city.codes.account(), "货款")
    lent = Payment(day, Decimal(8000), site.contractor.name, "", "垫付", credit=True)
    until = None
    if variant % 2 == 1:
        out.returned = city.months[2].first.replace(day=18)
        until = city.bank_known(out.returned)
    site.payments += [lent, out]
    expect(city, site, "B4", site.contractor, Month.of(day), city.bank_known(day), until)


@plant("B5")
def account_frozen(city: City, site: Site, variant: int) -> None:
    """A court freezes the account before the wages of a month are paid; it is released weeks later,
    or not at all."""
    clean_life(city, site)
    released = variant % 2 == 0 and len(city.months) > 3
    index = 1 if released else len(city.months) - 2
    day = (city.months[index] + 1).first
    until = repair_day(city, index) if released else None
    site.frozen = [(day, until)]
    cycles = [cycle for cycle in site.cycles if cycle.month == city.months[index]]
    for cycle in cycles:
        cycle.pay_on = until
        paid = city.bank_known(until) if until else None
        expect(city, site, "E1", cycle.crew.company, cycle.month, cycle.payday + DAY, paid)
    told = min(cycle.versions[0][0] for cycle in cycles)
    expect(city, site, "B5", site.contractor, None, max(day, told), until)
