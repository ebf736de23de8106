"""What follows from the wages of a site as planned: late pay, the criminal threshold, arrears at
completion, arrears of those who left (E3, E8, F1, F3).

Whatever was planted, these follow from who was owed what on which day. A plain ledger, day by day
and person by person, written from the catalogue and the law; it shares no code with the product's
facts and rules.
"""

import datetime as dt
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal

from alerts.simulation.plan import DAY, City, Company, Crew, Cycle, Person, Site
from alerts.simulation.plants import expect
from wagewatch.months import Month

LATE_SHOWN = 31
ONE_MONTHS, ONE_SUM = 3, 5000
SEVERAL, SEVERAL_SUM = 10, 30000
EXIT_DAYS = 30
ZERO = Decimal(0)
Matter = tuple[str, Company, Month]


@dataclass
class State:
    """Of one crew's month from a day on: who is owed what, and when the last late wage was
    settled."""

    since: dt.date
    owed: dict[Person, Decimal]
    settled_late: dt.date | None


@dataclass
class Wages:
    """One crew's wages of one month, as they become known."""

    crew: Crew
    month: Month
    payday: dt.date
    sheets: list[Cycle] = field(default_factory=list)
    paid: dict[Person, list[tuple[dt.date, dt.date, Decimal]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By person: (known, booked, amount) of payments and, negative, of returns."""
    states: list[State] = field(default_factory=list)

    def due(self, day: dt.date) -> dict[Person, Decimal]:
        """What the sheets known on `day` promise: the month's lines, back pay where there is
        none."""
        ordinary: dict[Person, Decimal] = defaultdict(Decimal)
        back: dict[Person, Decimal] = defaultdict(Decimal)
        for cycle in self.sheets:
            known = [lines for received, lines in cycle.versions if received <= day]
            for line in known[-1] if known else []:
                if (line.back_pay or cycle.month) == self.month:
                    (back if line.back_pay else ordinary)[line.person] += line.net
        return {**back, **ordinary}

    def judge(self, end: dt.date) -> None:
        """The states from the day after the payday on, each at a day on which something came."""
        came = {received for cycle in self.sheets for received, _ in cycle.versions}
        came |= {known for moves in self.paid.values() for known, _, _ in moves}
        first = self.payday + DAY
        for day in sorted({first} | {day for day in came if first < day <= end}):
            self.states.append(self._state(day))

    def _state(self, day: dt.date) -> State:
        owed: dict[Person, Decimal] = {}
        late: list[dt.date] = []
        for person, due in self.due(day).items():
            moves = [(booked, sum_) for known, booked, sum_ in self.paid[person] if known <= day]
            open_now = due - sum((sum_ for _, sum_ in moves), ZERO)
            if open_now > 0:
                owed[person] = open_now
                continue
            looked = sorted({self.payday} | {booked for booked, _ in moves if booked > self.payday})
            held = [sum((s for booked, s in moves if booked <= at), ZERO) for at in looked]
            short = [place for place, sum_ in enumerate(held) if sum_ < due]
            if short:
                late.append(looked[short[-1] + 1])
        return State(day, owed, max(late) if late and not owed else None)

    def at(self, day: dt.date) -> State | None:
        place = bisect_right(self.states, day, key=lambda state: state.since)
        return self.states[place - 1] if place else None

    @property
    def troubled(self) -> bool:
        return any(state.owed or state.settled_late for state in self.states)


def follow(city: City, site: Site) -> None:
    """Write to the truth what follows from the site's wages."""
    for crew, held in _ledger(city, site).items():
        open_since: dict[Matter, dt.date] = {}
        proved: dict[Matter, dt.date] = {}
        day = min(wages.payday for wages in held) + DAY
        while day <= city.end:
            now = set(_matters(site, crew, held, day))
            for matter in now - set(open_since):
                open_since[matter] = day
            seen = [wages for wages in held if _seen(city, site, wages, day)]
            for matter in now & set(_matters(site, crew, seen, day)) - set(proved):
                proved[matter] = day
            for matter in set(open_since) - now:
                since = open_since.pop(matter)
                expect(city, site, *matter, since, day, proved=proved.pop(matter, None))
            day += DAY
        for matter, since in open_since.items():
            expect(city, site, *matter, since, None, proved=proved.get(matter))


def _seen(city: City, site: Site, wages: Wages, day: dt.date) -> bool:
    """Whether the bank's file of the payday has come by `day`, or there was no account by then."""
    opened = site.account_open
    return opened is None or opened > day or city.bank_known(wages.payday) <= day


def _ledger(city: City, site: Site) -> dict[Crew, list[Wages]]:
    """The months of each crew in which anything was unpaid or late."""
    ledger: dict[tuple[Crew, Month], Wages] = {}

    def wages_of(crew: Crew, month: Month) -> Wages:
        if (crew, month) not in ledger:
            payday = city.days.payday(month, site.pay_day)
            ledger[crew, month] = Wages(crew, month, payday)
        return ledger[crew, month]

    for cycle in site.cycles:
        months = {line.back_pay for _, lines in cycle.versions for line in lines if line.back_pay}
        for month in {cycle.month, *months}:
            wages_of(cycle.crew, month).sheets.append(cycle)
    for payment in site.payments:
        if payment.wage is None:
            continue
        crew, month, person = payment.wage
        moves = wages_of(crew, month).paid[person]
        moves.append((city.bank_known(payment.day), payment.day, payment.amount))
        if payment.returned:
            known = city.bank_known(payment.returned)
            moves.append((known, payment.returned, -payment.amount))
    found: dict[Crew, list[Wages]] = defaultdict(list)
    for (crew, _), wages in sorted(ledger.items(), key=lambda pair: pair[0][1]):
        wages.judge(city.end)
        if wages.troubled:
            found[crew].append(wages)
    return found


def _matters(site: Site, crew: Crew, held: list[Wages], day: dt.date) -> list[Matter]:
    """What holds on a day of one crew."""
    matters: list[Matter] = []
    overdue: list[tuple[Wages, dict[Person, Decimal]]] = []
    for wages in held:
        state = wages.at(day)
        if state is None:
            continue
        if state.owed:
            overdue.append((wages, state.owed))
            if any(_left_unpaid(person, wages.month, day) for person in state.owed):
                matters.append(("F3", crew.company, wages.month))
        elif state.settled_late and (day - state.settled_late).days <= LATE_SHOWN:
            matters.append(("E3", crew.company, wages.month))
    if not overdue:
        return matters
    ended = [end for end in (site.complete, site.suspended) if end]
    if ended and min(ended) <= day:
        matters.append(("F1", crew.company, overdue[0][0].month))
    if month := _criminal(overdue, day):
        matters.append(("E8", crew.company, month))
    return matters


def _left_unpaid(person: Person, month: Month, day: dt.date) -> bool:
    leave = person.leave
    return leave is not None and leave + EXIT_DAYS * DAY <= day and month <= Month.of(leave)


def _criminal(overdue: list[tuple[Wages, dict[Person, Decimal]]], day: dt.date) -> Month | None:
    """The first month unpaid of those whose arrears reach the threshold."""
    people = {person for _, owed in overdue for person in owed}
    total = sum((sum(owed.values(), ZERO) for _, owed in overdue), ZERO)
    if len(people) >= SEVERAL and total >= SEVERAL_SUM:
        return overdue[0][0].month
    old: dict[Person, Decimal] = defaultdict(Decimal)
    for wages, owed in overdue:
        again = Month.of(wages.payday) + ONE_MONTHS
        same_day = min(again.last, again.first + (wages.payday.day - 1) * DAY)
        if same_day < day:
            for person, sum_ in owed.items():
                old[person] += sum_
    reached = {person for person, sum_ in old.items() if sum_ >= ONE_SUM}
    return next((wages.month for wages, owed in overdue if reached & set(owed)), None)
