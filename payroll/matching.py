"""Which wage a bank entry pays: entries to claims (engagement x month worked).

`match` is a pure function of the facts: per project it replays them in the order of the days on
which they became known, so that the result does not depend on the order of loading, and so that a
match knows from which day on it could be known. Within a day entries go by the day booked. Wages
booked on one day pass together through, in this order:

1. reference: the pay roll code of a line, or the reference that our payment list gave the claim
   (references.py), stands in the entry, and the card is the line's
2. amount: the card is the worker's and the amount is exactly what is open for a month (the month
   that the purpose names first, then the oldest)
3. account: the card is the worker's; oldest month first, the rest to the next
4. name: no card fits, but the holder's name and the open amount fit exactly one claim

A return undoes the matches of its payment with negative ones, and what it paid is open again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any, cast

from django.db import transaction

from payroll.checks.columns import clean_name
from payroll.models import BankEntry, Confirmation, PaymentMatch, SheetLine
from payroll.replay import CODE, Entry, Facts, Key, Replay, fen
from payroll.sql import among, hex_of, insert, run, table
from projects.models import Engagement, Project, ProjectVersion, WorkerCard
from wagewatch.months import Month

_GROUP = 100  # projects read at once
_ROWS = 5_000  # rows fetched at once: a project's entries are not held twice
_Kind = BankEntry.Kind


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
        for row in Replay(found).run():
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
    ).iterator(_ROWS):  # fmt: skip
        values[6] = fen(values[6])
        values[9] = hex_of(values[9]) if values[9] else ""
        facts[project].entries.append(Entry(*cast(list[Any], values)))
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
    ).iterator(_ROWS):  # fmt: skip
        facts[project].lines.append(tuple(line))
    _read_cash(projects, facts)
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


def _read_cash(projects: list[int], facts: dict[int, Facts]) -> None:
    """Cash that workers confirmed: what it pays is no longer open to a bank entry."""
    received = Confirmation.objects.filter(
        engagement__project__in=projects, is_cash=True, verdict=Confirmation.Verdict.CONFIRMED
    )
    for project, engagement, month, amount, since, until in received.order_by("pk").values_list(
        *("engagement__project", "engagement", "worked_month", "amount"),
        *("known_from", "known_until"),
    ):
        key = (engagement, month.ordinal)
        facts[project].cash[since].append((key, fen(amount)))
        if until is not None:
            facts[project].cash[until].append((key, -fen(amount)))


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
        named = [by_reference.get((entry.account, code)) for code in CODE.findall(entry.purpose)]
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
        yield (pk, entry, engagement, month.ordinal, fen(amount), *rest)
