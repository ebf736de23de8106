"""The made-up city in memory: who builds what, who worked when, what was due, sent and paid.

Everything is clean as built here; `plants.py` then breaks some sites on purpose. Dates follow the
official calendar. Attendance comes on every third day of the month, bank statements on the 5th,
10th, 15th, 20th and 25th, both also on its last day; each file covers the day on which it comes.
"""

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from alerts.simulation.codes import Codes
from wagewatch.calendars import WorkingDays
from wagewatch.months import Month

DAY = dt.timedelta(days=1)
PAY_DAYS = (12, 15, 18, 20, 25)
BANK_DAYS = (5, 10, 15, 20, 25)
CONTRACT_AMOUNT, DEPOSIT, GUARANTEE = Decimal(48_000_000), Decimal(720_000), Decimal(4_800_000)


@dataclass(eq=False)
class Company:
    code: str
    name: str


@dataclass(eq=False)
class Person:
    name: str
    id_type: str
    id_number: str
    card: str
    phone: str
    rate: int
    entry: dt.date
    leave: dt.date | None = None
    contract: dt.date | None = None
    contract_told: dt.date | None = None
    """When the registry tells of the contract, if later than of the worker."""


@dataclass
class Line:
    person: Person
    days: int
    gross: Decimal
    deductions: Decimal
    card: str
    back_pay: Month | None = None
    written: str = ""
    """The name as the sheet spells it, when it does so wrongly."""
    signed: bool = True
    signed_on: dt.date | None = None
    """The day on which the worker signed; by default the one before the sheet came."""

    @property
    def net(self) -> Decimal:
        return self.gross - self.deductions


@dataclass
class Payment:
    """A movement of the site's account. `returned`: the bank gave it back on that day; `wage`: the
    crew, month and person whose wage it pays."""

    day: dt.date
    amount: Decimal
    name: str
    number: str
    purpose: str
    credit: bool = False
    returned: dt.date | None = None
    wage: "tuple[Crew, Month, Person] | None" = None


@dataclass(eq=False)
class Cycle:
    """One employer's month: the sheet's versions (day received, lines), and when it is paid.

    `lines` is what is paid, but for the places in `unpaid`, and less for those in `short`.
    """

    crew: "Crew"
    month: Month
    payday: dt.date
    due: dt.date
    lines: list[Line]
    pay_on: dt.date | None
    versions: list[tuple[dt.date, list[Line]]]
    unpaid: set[int] = field(default_factory=set)
    short: dict[int, Decimal] = field(default_factory=dict)


@dataclass(eq=False)
class Crew:
    company: Company
    people: list[Person]
    trade: str


@dataclass
class Secured:
    """A deposit or a guarantee, and the day on which the register tells of it."""

    kind: str
    amount: Decimal
    valid_from: dt.date
    valid_to: dt.date
    told: dt.date
    issuer: str = "岛城银行"


@dataclass(eq=False)
class Site:
    code: str
    name: str
    area: str
    industry: str
    owner: Company
    contractor: Company
    crews: list[Crew]
    pay_day: int
    start: dt.date
    contract: dt.date
    account: str
    bank: str
    account_open: dt.date | None
    complete: dt.date | None = None
    suspended: dt.date | None = None
    account_closed: dt.date | None = None
    attended: dict[Person, set[dt.date]] = field(default_factory=dict)
    attendance_known: dict[dt.date, dt.date | None] = field(default_factory=dict)
    cycles: list[Cycle] = field(default_factory=list)
    payments: list[Payment] = field(default_factory=list)
    credits: dict[Month, tuple[dt.date, Decimal]] = field(default_factory=dict)
    plant: str = ""
    labour_cost: Decimal = Decimal(100)
    facts: dict[str, str] = field(default_factory=dict)
    """Columns of the projects register that are not as usual, until `corrected` on a day."""
    corrected: dt.date | None = None
    securities: list[Secured] | None = None
    has_board: bool = True
    board: dt.date | None = None
    frozen: list[tuple[dt.date, dt.date | None]] = field(default_factory=list)
    """Days from which and until which the account is frozen, as the bank tells them."""

    def active_on(self, day: dt.date) -> bool:
        ended = [end for end in (self.complete, self.suspended) if end]
        return self.start <= day and not any(end <= day for end in ended)

    def secured(self) -> list[Secured]:
        """What the register says of deposit and guarantee: enough, for two years, from the start
        on, unless planned otherwise."""
        if self.securities is not None:
            return self.securities
        first, last = self.start - 2 * DAY, self.start + 720 * DAY
        return [
            Secured("deposit", DEPOSIT, first, last, first),
            Secured("guarantee", GUARANTEE, first, last, first),
        ]


@dataclass(eq=False)
class City:
    months: list[Month]
    end: dt.date
    days: WorkingDays
    random: Random
    codes: Codes
    sites: list[Site] = field(default_factory=list)
    truth: list[dict] = field(default_factory=list)
    late: dict[dt.date, dt.date] = field(default_factory=dict)
    """Bank files that come late: their last day, and the day on which they come."""

    def bank_known(self, day: dt.date) -> dt.date:
        """The day on which the bank's file shows a movement of `day`."""
        month = Month.of(day)
        last = next((month.first.replace(day=d) for d in BANK_DAYS if d >= day.day), month.last)
        return self.late.get(last, last)

    def attendance_known(self, day: dt.date) -> dt.date:
        """The gates send on every third of the month's days, and on the last."""
        last = Month.of(day).last
        while day.day % 3 and day != last:
            day += DAY
        return day

    def last_bank_day(self, day: dt.date) -> dt.date:
        """The last day <= `day` on which a bank file comes."""
        while self.bank_known(day) != day:
            day -= DAY
        return day


def money(value: float) -> Decimal:
    return Decimal(int(value)).quantize(Decimal("0.01"))


def work(city: City, site: Site, person: Person, start: dt.date, end: dt.date) -> None:
    """Attendance of a person from `start` to `end`: working days, now and then absent."""
    days = site.attended.setdefault(person, set())
    day = max(start, person.entry)
    while day <= end:
        first = day == max(start, person.entry)
        if city.days.is_workday(day) and (first or city.random.random() < 0.94):
            days.add(day)
        day += DAY


def lines_of(site: Site, crew: Crew, month: Month) -> list[Line]:
    """What the crew's people earned in the month by the days they attended."""
    lines = []
    for place, person in enumerate(crew.people):
        days = sum(Month.of(day) == month for day in site.attended.get(person, ()))
        if days:
            gross = money(person.rate * days)
            lines.append(Line(person, days, gross, money(place % 4 * 25), person.card))
    return lines


def add_cycles(city: City, site: Site) -> None:
    for month in city.months:
        for crew in site.crews:
            lines = lines_of(site, crew, month)
            if lines:
                site.cycles.append(make_cycle(city, site, crew, month, lines))


def make_cycle(city: City, site: Site, crew: Crew, month: Month, lines: list[Line]) -> Cycle:
    """Sheet in time, payment on a day whose bank file comes before the payday has passed."""
    payday = city.days.payday(month, site.pay_day)
    due = payday - 5 * DAY
    received = min(due, max(month.last + DAY, due - 2 * DAY))
    pay_on = city.last_bank_day(payday)
    if pay_on <= received:
        pay_on = payday
    return Cycle(crew, month, payday, due, lines, pay_on, [(received, lines)])


def add_credits(city: City, site: Site) -> None:
    """The owner's labour cost, on the 5th of each month: enough for the month before. What was
    agreed for a month is the least of what whole months come to."""
    whole = []
    if site.account_open is None:
        return
    for month in city.months:
        if month < Month.of(site.start):
            continue
        if site.complete and month > Month.of(site.complete) + 1:
            continue
        owed = sum(
            (line.net for c in site.cycles if c.month == month - 1 for line in c.lines),
            Decimal(0),
        )
        site.credits[month] = (month.first.replace(day=5), owed + 20000)
        if month > Month.of(site.start) and not (site.complete and site.complete <= month.last):
            whole.append(owed)
    if whole:
        site.labour_cost = Decimal(int(min(whole) / 100) * 100)


def settle(city: City, site: Site) -> None:
    """The movements that follow from cycles and credits."""
    for _, (day, amount) in sorted(site.credits.items()):
        site.payments.append(Payment(day, amount, site.owner.name, "", "人工费拨付", credit=True))
    for cycle in site.cycles:
        if cycle.pay_on is None:
            continue
        for place, line in enumerate(cycle.lines):
            if place in cycle.unpaid:
                continue
            amount = cycle.short.get(place, line.net)
            site.payments.append(pay(cycle, line, cycle.pay_on, amount))


def pay(cycle: Cycle, line: Line, day: dt.date, amount: Decimal | None = None) -> Payment:
    month = line.back_pay or cycle.month
    return Payment(
        day,
        line.net if amount is None else amount,
        line.person.name,
        line.card,
        f"{month}工资",
        wage=(cycle.crew, month, line.person),
    )
