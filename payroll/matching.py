"""Which wage a bank entry pays: entries to claims (engagement x month worked).

`match` is a pure function of the facts: per project it replays them in the order of the days on
which they became known, so that the result does not depend on the order of loading, and so that a
match knows from which day on it could be known. Within a day entries go by the day booked. Wages
booked on one day pass together through, in this order:

1. reference: the pay roll code of a line stands in the entry, and the card is the line's
2. amount: the card is the worker's and the amount is exactly what is open for a month (the month
   that the purpose names first, then the oldest)
3. account: the card is the worker's; oldest month first, the rest to the next
4. name: no card fits, but the holder's name and the open amount fit exactly one claim

A return undoes the matches of its payment with negative ones, and what it paid is open again.
"""

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction

from payroll.checks.columns import clean_name
from payroll.sql import among, hex_of, insert, run, table
from payroll.models import BankEntry, PaymentMatch, SheetLine
from projects.models import Engagement, Project, ProjectVersion, WorkerCard
from wagewatch.months import Month

_GROUP = 100  # projects read at once
_MONTH = re.compile(r"(20\d\d)\s*[-/.年]?\s*(0[1-9]|1[0-2]|[1-9](?!\d))\s*月?")
_BARE_MONTH = re.compile(r"(?<!\d)(1[0-2]|0?[1-9])\s*月")
_CODE = re.compile(r"[0-9A-Za-z_\-]{4,50}")
_Kind = BankEntry.Kind
_Method = PaymentMatch.Method
Key = tuple[int, int]  # engagement, month ordinal


@dataclass
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


@dataclass
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


def match(project_ids: Collection[int] | None = None) -> int:
    """Classify the entries of these projects (None: all) and rebuild their matches.

    Gives the number of matches. Writes only what has changed.
    """
    if project_ids is None:
        project_ids = Project.objects.values_list("pk", flat=True)
    wanted = sorted(int(pk) for pk in project_ids)
    total = 0
    for start in range(0, len(wanted), _GROUP):
        with transaction.atomic():
            total += _match_group(wanted[start : start + _GROUP])
    return total


def _match_group(projects: list[int]) -> int:
    facts = _read(projects)
    made: dict[Key, tuple[Any, ...]] = {}
    kinds: dict[str, list[int]] = defaultdict(list)
    links: list[tuple[int, int | None]] = []
    for project in projects:
        found = facts[project]
        if not found.entries:
            continue
        _link(found.entries)
        _classify(found, kinds)
        links += [
            (entry.pk, entry.original.pk if entry.original else None)
            for entry in found.entries
            if entry.is_return and entry.returns != (entry.original.pk if entry.original else None)
        ]
        for row in _Replay(found).run():
            made[row[:3]] = row  # type: ignore[index]
    _write_entries(kinds, links)
    _write_matches(projects, made)
    return len(made)


# reading


def _read(projects: list[int]) -> dict[int, Facts]:
    facts: dict[int, Facts] = {project: Facts() for project in projects}
    _read_owners(projects, facts)
    entries = BankEntry.objects.filter(account__project__in=projects).order_by(
        "booked_on", "account__number", "reference", "is_return"
    )
    for project, *values in entries.values_list(
        "account__project", "pk", "account", "reference", "end_to_end", "is_return", "booked_on",
        "amount", "is_credit", "counterparty_name", "counterparty_hash", "purpose", "known_from",
        "kind", "returns",
    ):  # fmt: skip
        values[6] = _fen(values[6])
        values[9] = hex_of(values[9]) if values[9] else ""
        facts[project].entries.append(Entry(*values))
    with_entries = [project for project in projects if facts[project].entries]
    if with_entries:
        _read_claims(with_entries, facts)
    return facts


def _read_owners(projects: list[int], facts: dict[int, Facts]) -> None:
    for model, key in ((Project, "pk"), (ProjectVersion, "project")):
        named = model._default_manager.filter(**{f"{key}__in": projects}, owner__isnull=False)
        for project, name in named.order_by().values_list(key, "owner__name").distinct():
            facts[project].owners.add(clean_name(name))


def _read_claims(projects: list[int], facts: dict[int, Facts]) -> None:
    lines = SheetLine.objects.filter(sheet__project__in=projects)
    for project, *line in lines.order_by("sheet__known_from", "sheet__version").values_list(
        "sheet__project", "sheet__known_from", "sheet", "sheet__known_until", "engagement",
        "worked_month", "net", "card_hash", "is_back_pay", "third_code",
    ):  # fmt: skip
        facts[project].lines.append(tuple(line))
    people: dict[int, list[Facts]] = defaultdict(list)
    for project, pk, worker, name in Engagement.objects.filter(project__in=projects).values_list(
        "project", "pk", "worker", "worker__name"
    ):
        facts[project].workers[pk] = (worker, name)
        people[worker].append(facts[project])
    cards = WorkerCard.objects.filter(worker__engagements__project__in=projects).distinct()
    for worker, card, known in cards.values_list("worker", "number_hash", "known_from"):
        for found in people[worker]:
            found.cards.setdefault(worker, {})[hex_of(card)] = known


def _fen(amount: Any) -> int:
    return int((Decimal(amount) * 100).to_integral_value())


# returns and kinds


def _link(entries: list[Entry]) -> None:
    """Tie each return to the payment that came back: by reference, by the payer's own reference,
    by a reference in its purpose, else by card and amount (the latest payment before it)."""
    payments = [entry for entry in entries if not entry.is_return]
    by_reference = {(entry.account, entry.reference): entry for entry in payments}
    by_own: dict[tuple[int, str], list[Entry]] = defaultdict(list)
    by_card: dict[tuple[int, str, int], list[Entry]] = defaultdict(list)
    for entry in payments:
        if entry.end_to_end:
            by_own[entry.account, entry.end_to_end].append(entry)
        if entry.card:
            by_card[entry.account, entry.card, entry.amount].append(entry)
    taken: set[int] = set()
    for entry in entries:
        if not entry.is_return:
            continue
        named = [by_reference.get((entry.account, code)) for code in _CODE.findall(entry.purpose)]
        candidates = [
            by_reference.get((entry.account, entry.reference)),
            *(by_own[entry.account, entry.end_to_end] if entry.end_to_end else []),
            by_reference.get((entry.account, entry.end_to_end)),
            *named,
            *reversed(by_card[entry.account, entry.card, entry.amount]),
        ]
        entry.original = next((c for c in candidates if c and _may_return(entry, c, taken)), None)
        if entry.original is not None:
            taken.add(entry.original.pk)


def _may_return(entry: Entry, payment: Entry, taken: set[int]) -> bool:
    return (
        payment.pk not in taken
        and payment.is_credit != entry.is_credit
        and payment.booked_on <= entry.booked_on
        and entry.amount <= payment.amount
    )


def _classify(facts: Facts, kinds: dict[str, list[int]]) -> None:
    """Kinds by sign and counterparty; only what changes goes to `kinds`."""
    cards = {card for known in facts.cards.values() for card in known}
    cards |= {hex_of(line[6]) for line in facts.lines if line[6]}
    names = {clean_name(name) for _, name in facts.workers.values() if name}
    for entry in facts.entries:
        name = clean_name(entry.name)
        if entry.is_return:
            kind = _Kind.RETURN
        elif entry.is_credit:
            kind = _Kind.OWNER_CREDIT if name and name in facts.owners else _Kind.OTHER_CREDIT
        else:
            worker = entry.card in cards if entry.card in cards else name in names
            kind = _Kind.WAGE if worker else _Kind.OTHER_DEBIT
        if kind != entry.kind:
            kinds[kind].append(entry.pk)
        entry.kind = kind
        entry.name = name


# the replay


class _Replay:
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
        for day in sorted(sheets.keys() | arrived.keys() | cards):
            if day in sheets:
                self._take_sheets(sheets[day], day)
            pending = self._settle(sorted(pending + arrived[day], key=lambda e: e.order), day)
        return self.rows

    def _take_sheets(self, lines: list[tuple[Any, ...]], day: dt.date) -> None:
        """The lines that became known on `day` take the place of the versions they supersede."""
        touched: set[Key] = set()
        for _, sheet, until, engagement, month, *_ in lines:
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
        claim.due = sum(_fen(line[5]) for line in (ordinary or lines))
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
            for settle in (self._by_reference, self._by_amount, self._by_account, self._by_name):
                for entry in wages:
                    if entry.left > 0:
                        settle(entry, day)
            for entry in returns:  # of payments booked on the same day
                self._give_back(entry, day)
            start = end
        return [entry for entry in entries if entry.left > 0]

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
        codes = {entry.reference, entry.end_to_end, *_CODE.findall(entry.purpose)}
        keys = {key for code in codes for key in self.by_code.get(code, ())}
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


# writing


def _write_entries(kinds: dict[str, list[int]], links: list[tuple[int, int | None]]) -> None:
    entry = table(BankEntry)
    for kind, pks in kinds.items():
        test, parameter = among(pks)
        run(f"UPDATE {entry} SET kind = %s WHERE id {test}", [str(kind), parameter])
    by_original: dict[int | None, list[int]] = defaultdict(list)
    for pk, original in links:
        by_original[original].append(pk)
    for original, pks in by_original.items():
        test, parameter = among(pks)
        run(f"UPDATE {entry} SET returns_id = %s WHERE id {test}", [original, parameter])


def _write_matches(projects: list[int], made: dict[Any, tuple[Any, ...]]) -> None:
    """Delete what no longer holds, insert what is new; equal rows stay."""
    existing = PaymentMatch.objects.filter(entry__account__project__in=projects)
    keep: set[Any] = set()
    doomed: list[int] = []
    for pk, *values in _stored(existing):
        row = tuple(values)
        if made.get(row[:3]) == row:
            keep.add(row[:3])
        else:
            doomed.append(pk)
    if doomed:
        test, parameter = among(doomed)
        run(f"DELETE FROM {table(PaymentMatch)} WHERE id {test}", [parameter])
    insert(
        [
            PaymentMatch(
                entry_id=entry,
                engagement_id=engagement,
                month=Month(month),
                amount=Decimal(amount).scaleb(-2),
                booked_on=booked_on,
                is_return=is_return,
                method=method,
                known_from=known_from,
            )
            for key, row in made.items()
            if key not in keep
            for entry, engagement, month, amount, booked_on, is_return, method, known_from in [row]
        ]
    )


def _stored(existing: Any) -> Iterator[tuple[Any, ...]]:
    for pk, entry, engagement, month, amount, *rest in existing.order_by().values_list(
        "pk", "entry", "engagement", "month", "amount", "booked_on", "is_return", "method",
        "known_from",
    ):  # fmt: skip
        yield (pk, entry, engagement, month.ordinal, _fen(amount), *rest)
