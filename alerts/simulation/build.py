"""A clean city of a given size, with the look-alikes that must not be taken for violations."""

import datetime as dt
from decimal import Decimal
from random import Random

from alerts.simulation.codes import Codes
from alerts.simulation.plan import (
    DAY,
    PAY_DAYS,
    City,
    Company,
    Crew,
    Cycle,
    Line,
    Person,
    Site,
    add_credits,
    add_cycles,
    money,
    pay,
    work,
)
from wagewatch.calendars import WorkingDays
from wagewatch.months import Month

_AREAS = [
    "330902", "330902006", "330902100", "330903", "330903003", "330903100", "330921",
    "330921100", "330922", "330922100",
]  # fmt: skip
_WORKS = [
    ("housing", "安置房"), ("housing", "人才公寓"), ("municipal", "道路改造"),
    ("transport", "跨海公路"), ("water", "海塘加固"), ("housing", "小学迁建"),
    ("municipal", "污水管网"), ("water", "水库除险"), ("other", "冷链物流园"),
]  # fmt: skip
_TRADES = ["砌筑工", "钢筋工", "木工", "架子工", "混凝土工", "电工", "油漆工"]
FULL_MONTH = 21
"""Days attended in a full month (rule D4)."""
REST_FROM, REST_TO = dt.date(2026, 2, 10), dt.date(2026, 2, 24)


def build(
    projects: int, workers: int, months: list[Month], seed: int, until: dt.date | None = None
) -> City:
    """`until`: the city's last day, within the last month (default: its end)."""
    random = Random(seed)
    end = min(until or months[-1].last, months[-1].last)
    city = City(months, end, WorkingDays(), random, Codes(random))
    owners = [Company(*city.codes.company("建设投资")) for _ in range(max(2, projects // 3))]
    generals = [Company(*city.codes.company("建设集团")) for _ in range(max(2, projects // 2))]
    subs = [Company(*city.codes.company("建筑劳务")) for _ in range(max(3, projects))]
    for number in range(projects):
        share = workers * (number + 1) // projects - workers * number // projects
        city.sites.append(_site(city, number, max(share, 6), owners, generals, subs))
    return city


def _site(
    city: City,
    number: int,
    people: int,
    owners: list[Company],
    generals: list[Company],
    subs: list[Company],
) -> Site:
    random = city.random
    first = city.months[0].first
    industry, what = _WORKS[number % len(_WORKS)]
    area = _AREAS[number % len(_AREAS)]
    contractor = generals[number % len(generals)]
    site = Site(
        code=f"{area[:6]}{first:%Y%m}{number + 1:04d}",
        name=f"{random.choice('东南西北')}{random.choice('港岙浦屿塘')}{what}工程{number + 1}号",
        area=area,
        industry=industry,
        owner=owners[number % len(owners)],
        contractor=contractor,
        crews=[],
        pay_day=PAY_DAYS[number % len(PAY_DAYS)],
        start=first,
        contract=first - 20 * DAY,
        account=city.codes.account(),
        bank="102" if number % 2 else "103",
        account_open=first - 3 * DAY,
    )
    count = 1 + min(3, people // 20)
    employers = [contractor, *random.sample(subs, count)]
    for place, company in enumerate(employers):
        size = people * (place + 1) // len(employers) - people * place // len(employers)
        crew = Crew(company, [], _TRADES[place % len(_TRADES)])
        crew.people = [_person(city, site.start) for _ in range(max(3, size))]
        site.crews.append(crew)
    return site


def _person(city: City, start: dt.date) -> Person:
    random, codes = city.random, city.codes
    foreign = random.random() < 0.005
    return Person(
        name=codes.person(),
        id_type="08" if foreign else "01",
        id_number=codes.passport() if foreign else codes.resident_id(),
        card=codes.card(),
        phone=codes.phone(),
        rate=random.randrange(260, 450),
        entry=start,
        contract=start - 2 * DAY,
    )


def move_start(site: Site, start: dt.date, account_open: dt.date | None) -> None:
    """Let a site begin later than the city's first month."""
    site.start, site.contract = start, start - 20 * DAY
    site.account_open = account_open
    for crew in site.crews:
        for person in crew.people:
            person.entry, person.contract = start, start - 2 * DAY


def clean_life(city: City, site: Site) -> None:
    """Attendance, cycles and credits without any fault."""
    end = site.complete or city.end
    for crew in site.crews:
        for person in crew.people:
            work(city, site, person, site.start, min(end, person.leave or end))
    add_cycles(city, site)
    add_credits(city, site)


LOOK_ALIKES = (
    "early", "corrected", "bounced-in-time", "two-on-a-card", "completed", "rest", "moved",
    "back-pay", "plain", "left", "suspended", "closed-in-time", "well-paid",
    "on-the-edge", "raised",
)  # fmt: skip


def look_alike(city: City, site: Site, kind: str) -> None:
    """A clean site that resembles a faulty one."""
    if kind == "completed" and len(city.months) > 2:
        site.complete = city.months[-2].first.replace(day=20)
    if kind == "moved":
        _move_worker(city, site)
    if kind == "left":  # in the first month's middle, and paid with all others
        for person in site.crews[-1].people[:2]:
            person.leave = city.months[0].first.replace(day=20)
    if kind == "closed-in-time":
        site.pay_day = 12
        site.complete = city.months[-3].first.replace(day=20)
        site.account_closed = site.complete + 30 * DAY
    if kind == "on-the-edge":
        sign_on_the_day(site)
    if kind == "suspended":
        suspend(city, site, city.months[-2].first.replace(day=20))
    else:
        clean_life(city, site)
    if kind == "rest":
        for days in site.attended.values():
            days -= {d for d in days if REST_FROM <= d <= REST_TO}
        site.cycles.clear()
        add_cycles(city, site)
    if kind == "on-the-edge":
        _low_short_month(city, site)
    for cycle in site.cycles:
        if kind == "early":
            cycle.pay_on = cycle.versions[0][0] + DAY
    if kind == "two-on-a-card":
        _share_cards(city, site)
    middle = [c for c in site.cycles if c.month == city.months[len(city.months) // 2 - 1]]
    if kind == "corrected":
        for cycle in middle:
            _correct(cycle)
    if kind == "on-the-edge":
        for cycle in middle:  # three days more on the sheet than at the gate, and three fewer
            cycle.lines[1].days += 3
            cycle.lines[2].days -= 3
    if kind == "raised":
        for cycle in middle:
            _raise(cycle)
    if kind == "bounced-in-time" and middle:
        _bounce(site, middle[0])
    if kind == "back-pay" and middle:
        line = middle[0].lines[0]
        extra = Line(line.person, 0, money(500), money(0), line.card, middle[0].month - 1)
        middle[0].lines.append(extra)
    if kind == "well-paid" and middle:
        pay_more(site, middle[0], money(49000))


def suspend(city: City, site: Site, day: dt.date) -> None:
    """A clean life until the day on which work is suspended for good."""
    site.complete = day
    clean_life(city, site)
    site.complete, site.suspended = None, day


def pay_more(site: Site, cycle: Cycle, gross: Decimal) -> None:
    """The first worker of a cycle earns so much, and the owner pays it in with the next labour
    cost."""
    line = cycle.lines[0]
    more = gross - line.gross
    line.gross = gross
    day, amount = site.credits[cycle.month + 1]
    site.credits[cycle.month + 1] = (day, amount + more)


def _share_cards(city: City, site: Site) -> None:
    """In each crew two workers, a couple perhaps, have one card that the registry does not know."""
    for crew in site.crews:
        card = city.codes.card()
        for cycle in site.cycles:
            if cycle.crew is crew and len(cycle.lines) > 1:
                cycle.lines[0].card = cycle.lines[1].card = card


def _correct(cycle: Cycle) -> None:
    """A first version with a wrong sum, replaced two days later, before anybody is paid."""
    received = cycle.versions[0][0]
    wrong = [Line(x.person, x.days, x.gross + 100, x.deductions, x.card) for x in cycle.lines]
    cycle.versions = [(received, wrong), (received + DAY, cycle.lines)]


def _raise(cycle: Cycle) -> None:
    """A first version signed with less, and another that nobody signed anew."""
    received = cycle.versions[0][0]
    signed = received - DAY
    less = [
        Line(x.person, x.days, x.gross - 100, x.deductions, x.card, signed_on=signed)
        for x in cycle.lines
    ]
    for line in cycle.lines:
        line.signed_on = signed
    cycle.versions = [(received, less), (received + DAY, cycle.lines)]


def sign_on_the_day(site: Site) -> None:
    """Contracts of the very day on which the workers come."""
    for person in site.crews[-1].people[:2]:
        person.contract = person.entry


def full_month(city: City) -> Month:
    """The city's first month with working days enough for a full month of work."""
    return next(
        month
        for month in city.months
        if city.days.between(month.first - DAY, month.last) >= FULL_MONTH
    )


def attend_days(city: City, site: Site, people: list[Person], month: Month, count: int) -> None:
    """Let people attend the first `count` working days of a month, and draw the sheets anew."""
    for person in people:
        days = {day for day in site.attended[person] if Month.of(day) != month}
        day = month.first - DAY
        for _ in range(count):
            day = city.days.add(day, 1)
            days.add(day)
        site.attended[person] = days
    site.cycles.clear()
    add_cycles(city, site)
    add_credits(city, site)


def _low_short_month(city: City, site: Site) -> None:
    """A worker of twenty days gets less than the minimum wage of a month."""
    month, crew = full_month(city), site.crews[-1]
    attend_days(city, site, crew.people[:1], month, FULL_MONTH - 1)
    for cycle in site.cycles:
        if cycle.crew is crew and cycle.month == month:
            cycle.lines[0].gross = money(1900)


def _bounce(site: Site, cycle: Cycle) -> None:
    """One payment comes back and goes out again, all on the day of the payment run."""
    line = cycle.lines[0]
    cycle.unpaid = {0}
    assert cycle.pay_on
    first = pay(cycle, line, cycle.pay_on)
    first.returned = cycle.pay_on
    again = pay(cycle, line, cycle.pay_on)
    site.payments += [first, again]


def _move_worker(city: City, site: Site) -> None:
    """A worker leaves one employer and goes on with another on the same project."""
    person = site.crews[0].people[0]
    person.leave = city.months[0].first.replace(day=14)
    again = Person(**{**person.__dict__, "entry": city.months[0].first.replace(day=15)})
    again.leave = None
    again.contract = again.entry - 2 * DAY
    site.crews[1].people.append(again)
