"""The replay by which payments find their wages; see matching.py for the passes and their order."""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from payroll import references
from payroll.checks.columns import clean_name
from payroll.models import BankEntry, PaymentMatch
from payroll.sql import hex_of
from wagewatch.months import Month

_MONTH = re.compile(r"(20\d\d)\s*[-/.年]?\s*(0[1-9]|1[0-2]|[1-9](?!\d))\s*月?")
_BARE_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s*月")
CODE = re.compile(r"[0-9A-Za-z_\-]{4,50}")
_Kind = BankEntry.Kind
_Method = PaymentMatch.Method
Key = tuple[int, int]  # engagement, month ordinal


@dataclass(slots=True)
class Entry:
    """A bank entry; amounts in fen. `left` is what no claim has taken yet."""

    pk: int
    account: int
    reference: str
    end_to_end: str
    is_return: bool
    booked_on: dt.date
    amount: int
    is_credit: bool
    name: str
    card: str
    purpose: str
    known_from: dt.date
    kind: str
    returns: int | None
    left: int = 0
    original: "Entry | None" = None
    given_back: int = 0
    matches: dict[Key, int] = field(default_factory=dict)
    known: dict[Key, dt.date] = field(default_factory=dict)

    @property
    def order(self) -> tuple[Any, ...]:
        return (self.booked_on, self.account, self.reference, self.is_return)


@dataclass(slots=True)
class Claim:
    """What is due to one engagement for one month, as far as known; in fen."""

    key: Key
    due: int = 0
    paid: int = 0
    cards: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)

    @property
    def open(self) -> int:
        return self.due - self.paid


class Facts:
    """Everything about one project that matching looks at."""

    def __init__(self) -> None:
        self.owners: set[str] = set()
        self.entries: list[Entry] = []
        self.lines: list[tuple[Any, ...]] = []
        self.workers: dict[int, tuple[int, str]] = {}  # engagement -> worker, name
        self.cards: dict[int, dict[str, dt.date]] = {}  # worker -> card -> known from
        self.cash: dict[dt.date, list[tuple[Key, int]]] = defaultdict(list)  # received from then on


def fen(amount: Any) -> int:
    return int((Decimal(amount) * 100).to_integral_value())


class Replay:
    """One project's facts, day known by day known."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.claims: dict[Key, Claim] = {}
        self.lines: dict[int, list[tuple[Any, ...]]] = defaultdict(list)  # by sheet
        self.by_card: dict[str, set[Key]] = defaultdict(set)
        self.by_code: dict[str, set[Key]] = defaultdict(set)
        self.by_name: dict[str, set[Key]] = defaultdict(set)
        self.of_worker: dict[int, set[int]] = defaultdict(set)  # engagements
        for engagement, (worker, _) in facts.workers.items():
            self.of_worker[worker].add(engagement)
        self.holders: dict[str, list[tuple[dt.date, int]]] = defaultdict(list)
        for worker, cards in facts.cards.items():
            for card, known in cards.items():
                self.holders[card].append((known, worker))
        self.by_engagement: dict[int, set[Key]] = defaultdict(set)
        self.rows: list[tuple[Any, ...]] = []

    def run(self) -> list[tuple[Any, ...]]:
        sheets: dict[dt.date, list[tuple[Any, ...]]] = defaultdict(list)
        for line in self.facts.lines:
            sheets[line[0]].append(line)
        arrived: dict[dt.date, list[Entry]] = defaultdict(list)
        for entry in self.facts.entries:
            if entry.is_return or entry.kind == _Kind.WAGE:
                arrived[entry.known_from].append(entry)
                entry.left = entry.amount
        pending: list[Entry] = []
        cards = {known for holders in self.holders.values() for known, _ in holders}
        for day in sorted(sheets.keys() | arrived.keys() | cards | self.facts.cash.keys()):
            if day in sheets:
                self._take_sheets(sheets[day], day)
            for key, amount in self.facts.cash.get(day, ()):
                if key in self.claims:
                    self.claims[key].paid += amount
            pending = self._settle(sorted(pending + arrived[day], key=lambda e: e.order), day)
        return self.rows

    def _take_sheets(self, lines: list[tuple[Any, ...]], day: dt.date) -> None:
        """The lines that became known on `day` take the place of the versions they supersede."""
        touched: set[Key] = set()
        for _, _, until, engagement, month, *_ in lines:
            if until is not None and until <= day:
                continue
            touched.add((engagement, month.ordinal))
        ended = {
            sheet
            for sheet, known in self.lines.items()
            if known and known[0][2] is not None and known[0][2] <= day
        }
        for sheet in ended:
            touched |= {(line[3], line[4].ordinal) for line in self.lines.pop(sheet)}
        for line in lines:
            if line[2] is None or line[2] > day:
                self.lines[line[1]].append(line)
        current: dict[Key, list[tuple[Any, ...]]] = defaultdict(list)
        for known in self.lines.values():
            for line in known:
                key = (line[3], line[4].ordinal)
                if key in touched:
                    current[key].append(line)
        for key in touched:
            self._renew(key, current[key])

    def _renew(self, key: Key, lines: list[tuple[Any, ...]]) -> None:
        claim = self.claims.get(key)
        if claim is None:
            claim = self.claims[key] = Claim(key)
            self.by_engagement[key[0]].add(key)
            name = clean_name(self.facts.workers.get(key[0], (0, ""))[1])
            if name:
                self.by_name[name].add(key)
        ordinary = [line for line in lines if not line[7]]
        claim.due = sum(fen(line[5]) for line in (ordinary or lines))
        claim.cards = {hex_of(line[6]) for line in lines if line[6]}
        claim.codes = {line[8] for line in lines if line[8]}
        for card in claim.cards:
            self.by_card[card].add(key)
        for code in claim.codes:
            self.by_code[code].add(key)

    def _settle(self, entries: list[Entry], day: dt.date) -> list[Entry]:
        """Work through what waits, by the day booked; gives what still waits."""
        start = 0
        while start < len(entries):
            end = start
            while end < len(entries) and entries[end].booked_on == entries[start].booked_on:
                end += 1
            batch = entries[start:end]
            wages = [entry for entry in batch if not entry.is_return]
            returns = [entry for entry in batch if entry.is_return]
            for entry in returns:
                self._give_back(entry, day)
            self._spend(wages, day)
            for entry in returns:  # of payments booked on the same day
                self._give_back(entry, day)
            if returns:  # what was paid, came back and was paid again within the day
                self._spend(wages, day)
            start = end
        return [entry for entry in entries if entry.left > 0]

    def _spend(self, wages: list[Entry], day: dt.date) -> None:
        for settle in (self._by_reference, self._by_amount, self._by_account, self._by_name):
            for entry in wages:
                if entry.left > 0:
                    settle(entry, day)

    def _pay(self, entry: Entry, claim: Claim, amount: int, method: str, day: dt.date) -> None:
        """At most what the entry has left and the claim has open."""
        amount = min(amount, entry.left, claim.open)
        if amount <= 0 or claim.key in entry.matches:
            return
        entry.left -= amount
        claim.paid += amount
        entry.matches[claim.key] = amount
        entry.known[claim.key] = day
        self.rows.append(_row(entry, claim.key, amount, method, day))

    def _give_back(self, entry: Entry, day: dt.date) -> None:
        """Undo what the returned payment had paid."""
        original = entry.original
        if original is None or entry.left <= 0:
            return
        for key, amount in original.matches.items():
            back = min(amount, entry.left)
            if back <= 0 or key in entry.matches:
                continue
            entry.left -= back
            entry.matches[key] = -back
            self.claims[key].paid -= back
            method = next(row[6] for row in self.rows if row[0] == original.pk and row[1:3] == key)
            self.rows.append(_row(entry, key, -back, method, day))

    # candidates

    def _holders(self, entry: Entry, day: dt.date) -> list[Claim]:
        """Claims whose line or whose worker has the card, open, of months begun when booked."""
        if not entry.card:
            return []
        keys = set(self.by_card.get(entry.card, ()))
        for known, worker in self.holders.get(entry.card, ()):
            if known <= day:
                for engagement in self.of_worker[worker]:
                    keys |= self.by_engagement.get(engagement, set())
        claims = [c for c in map(self.claims.__getitem__, keys) if self._fits(entry, c)]
        named = [c for c in claims if self._name(c) == entry.name]
        return named or claims

    def _fits(self, entry: Entry, claim: Claim) -> bool:
        return claim.open > 0 and claim.key[1] <= Month.of(entry.booked_on).ordinal

    def _name(self, claim: Claim) -> str:
        return clean_name(self.facts.workers.get(claim.key[0], (0, ""))[1])

    def _ordered(self, entry: Entry, claims: Iterable[Claim]) -> list[Claim]:
        """The month that the purpose names first, then the oldest."""
        named = named_month(entry.purpose, entry.booked_on)
        return sorted(claims, key=lambda c: (c.key[1] != named, c.key[1], c.key[0]))

    # passes

    def _by_reference(self, entry: Entry, day: dt.date) -> None:
        codes = {entry.reference, entry.end_to_end, *CODE.findall(entry.purpose)}
        keys = {key for code in codes for key in self.by_code.get(code, ())}
        keys |= {key for code in codes if (key := references.claim_of(code)) in self.claims}
        if not keys:
            return
        claims = {c.key for c in self._holders(entry, day)} & keys
        for claim in self._ordered(entry, (self.claims[key] for key in claims)):
            self._pay(entry, claim, entry.left, _Method.REFERENCE, day)

    def _by_amount(self, entry: Entry, day: dt.date) -> None:
        exact = [c for c in self._holders(entry, day) if c.open == entry.left]
        for claim in self._ordered(entry, exact)[:1]:
            self._pay(entry, claim, entry.left, _Method.AMOUNT, day)

    def _by_account(self, entry: Entry, day: dt.date) -> None:
        for claim in self._ordered(entry, self._holders(entry, day)):
            self._pay(entry, claim, entry.left, _Method.ACCOUNT, day)

    def _by_name(self, entry: Entry, day: dt.date) -> None:
        if self._holders(entry, day) or not entry.name:
            return
        claims = [self.claims[key] for key in self.by_name_of(entry.name)]
        exact = [c for c in claims if self._fits(entry, c) and c.open == entry.left]
        if len(exact) == 1:
            self._pay(entry, exact[0], entry.left, _Method.NAME, day)

    def by_name_of(self, name: str) -> set[Key]:
        return self.by_name.get(name, set())


def named_month(purpose: str, booked_on: dt.date) -> int:
    """The month worked that a purpose names (2026年3月工资, 202603, 3月), -1 for none."""
    if found := _MONTH.search(purpose):
        return int(found[1]) * 12 + int(found[2]) - 1
    if found := _BARE_MONTH.search(purpose):
        month = booked_on.year * 12 + int(found[1]) - 1
        return month if month <= Month.of(booked_on).ordinal else month - 12
    return -1


def _row(entry: Entry, key: Key, amount: int, method: str, day: dt.date) -> tuple[Any, ...]:
    return (entry.pk, *key, amount, entry.booked_on, entry.is_return, method, day)
