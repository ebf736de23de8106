"""Look-alikes of start-up and funding, and what follows from the owner's credits (B2).

Whatever was planted, B2 follows from what the owner paid in and when; here by a plain ledger, month
by month, written from the law and the readings of decision 0011.
"""

import datetime as dt
from decimal import Decimal

from alerts.simulation.plan import DAY, DEPOSIT, GUARANTEE, City, Payment, Secured, Site
from alerts.simulation.plants import expect
from wagewatch.months import Month

CYCLE = 31
ZERO = Decimal(0)


def vary(city: City, site: Site, number: int) -> None:
    """Beside its other trait, each clean site has one that resembles a fault of funding."""
    first, last = site.start - 2 * DAY, site.start + 720 * DAY
    match number % 6:
        case 0:  # two deposits come to the amount due
            site.securities = [
                Secured("deposit", DEPOSIT - 320_000, first, last, first),
                Secured("deposit", Decimal(320_000), first, last, first, "海港银行"),
                Secured("guarantee", GUARANTEE, first, last, first),
            ]
        case 1:  # renewed in time
            end = city.months[-2].first.replace(day=10)
            site.securities = []
            for kind, amount, ahead in (("deposit", DEPOSIT, 31), ("guarantee", GUARANTEE, 1)):
                told = max(first, end - ahead * DAY)
                site.securities += [
                    Secured(kind, amount, first, end, first),
                    Secured(kind, amount, end + DAY, last, told),
                ]
        case 2:  # the permit comes the day before anybody works
            site.facts = {"builderLicenseNum": "", "licenseDate": ""}
            site.corrected = site.start - DAY
        case 3:  # the bank's charges and interest
            for month in city.months:
                day = month.first.replace(day=20)
                if site.account_open and not (site.account_closed and site.account_closed <= day):
                    site.payments += [
                        Payment(day, Decimal("12.34"), "岛城银行", "", "结息", credit=True),
                        Payment(day, Decimal("5.00"), "岛城银行", "", "手续费"),
                    ]
        case 4:  # in two parts
            _split(site, list(site.credits), 1)
        case 5:  # the greater part of one month's comes before the month begins
            if len(city.months) > 3:
                _split(site, [city.months[2]], 6)


def _split(site: Site, months: list[Month], days: int) -> None:
    """Three fifths of these months' credits come so many days earlier."""
    for month in months:
        if month in site.credits:
            day, amount = site.credits[month]
            early = (amount * 3 / 5).quantize(Decimal("0.01"))
            site.credits[month] = (day, amount - early)
            name = site.owner.name
            site.payments.append(
                Payment(day - days * DAY, early, name, "", "人工费拨付", credit=True)
            )


def follow_credits(city: City, site: Site) -> None:
    """B2 of each month that has ended, on the days of the month after it."""
    if "laborCostMonthly" in site.facts or site.account_open is None:
        return
    for month in city.months:
        if month <= Month.of(site.start) or site.account_open > month.first:
            continue
        since = None
        day, end = month.last + DAY, min((month + 1).last, city.end)
        while day <= end:
            short = site.active_on(day) and _short(city, site, month, day)
            if short and since is None:
                since = day
            if since and not short:
                expect(city, site, "B2", site.owner, month, since, day)
                since = None
            day += DAY
        if since:
            until = (month + 1).last + DAY
            expect(city, site, "B2", site.owner, month, since, until)


def _short(city: City, site: Site, month: Month, day: dt.date) -> bool:
    """Whether the owner owes some of the month's labour cost, by what is known on `day`."""
    credits = [
        (payment.day, payment.amount)
        for payment in site.payments
        if payment.credit
        and payment.name == site.owner.name
        and city.bank_known(payment.day) <= day
    ]
    booked = sorted(when for when, _ in credits)
    before = [when for when in booked if when <= month.last]
    after = [when for when in booked if when > month.last]
    in_month = sum((sum_ for when, sum_ in credits if Month.of(when) == month), ZERO)
    if not in_month and before and ((after or [day])[0] - before[-1]).days <= CYCLE:
        return False
    cost, start = site.labour_cost, Month.of(site.start)
    first = cost * ((start.last - site.start).days + 1) / start.last.day
    due = first + cost * (month - start - 1)
    paid = sum((sum_ for when, sum_ in credits if when <= month.last), ZERO)
    beyond = max(ZERO, sum((sum_ for when, sum_ in credits if when > month.last), ZERO) - cost)
    this = first if month == start + 1 else cost
    return in_month < this and paid + beyond < due
