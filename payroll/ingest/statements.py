"""Statements of a bank feed: their arithmetic, their rows, and the hint where one does not follow
the last."""

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from payroll import statements
from payroll.checks.columns import parse_date
from payroll.models import BankStatement
from payroll.sql import insert
from wagewatch import identity

if TYPE_CHECKING:
    from payroll.ingest.bank import BankLoader


def check(loader: "BankLoader") -> None:
    """The account is known, the last day is named, and opening + entries = closing."""
    _known(loader)
    for statement in loader.statements:
        account, period, balance = statement["places"]
        number = identity.normalise(statement["account"])
        opening, closing = statement["opening"], statement["closing"]
        if loader.lookups.accounts(())[number] is None:
            loader.issues.error("account-unknown", column=account, value=number)
            continue
        if statement["covers"] and not parse_date(statement["to"])[0]:
            loader.issues.error("statement-period", column=period, value=statement["to"])
        if opening is None or closing is None:
            continue
        expected = opening + statement["moved"]
        if expected != closing:
            loader.issues.error(
                "bank-balance-entries",
                column=balance,
                value=statement["reference"],
                opening=f"{opening:.2f}",
                moved=f"{statement['moved']:+.2f}",
                expected=f"{expected:.2f}",
                closing=f"{closing:.2f}",
                difference=f"{closing - expected:.2f}",
            )


def write(loader: "BankLoader") -> None:
    """The statements, and a hint for each gap that begins or ends with one of them."""
    made = list(_stated(loader) if loader.booked else _table(loader))
    insert(made)
    ours = {(row.account_id, row.from_date, row.to_date) for row in made if loader.booked}
    if not ours:
        return
    numbers = {pair[0]: number for number, pair in _known(loader).items() if pair}
    for gap in statements.gaps_of(loader.feed.received_on, {account for account, *_ in ours}):
        if not any(
            account == gap.account_id
            and (end == gap.before_to or (start, end) == (gap.after_from, gap.after_to))
            for account, start, end in ours
        ):
            continue
        loader.issues.hint(
            "statement-gap" if gap.days else "statement-balance",
            column=loader.statements[0]["places"][2],
            value=numbers[gap.account_id],
            first=str(gap.first),
            last=str(gap.last),
            closing=f"{gap.closing:.2f}",
            opening=f"{gap.opening:.2f}",
        )


def _known(loader: "BankLoader") -> dict[str, Any]:
    return loader.lookups.accounts(identity.normalise(s["account"]) for s in loader.statements)


def _table(loader: "BankLoader") -> Iterable[BankStatement]:
    """One export reaches as far for each account in it, moved that day or not."""
    latest = max(last for _, last in loader.periods.values())
    for account, (first, _) in sorted(loader.periods.items()):
        yield BankStatement(
            account_id=account,
            feed_id=loader.feed.pk,
            from_date=first,
            to_date=latest,
            known_from=loader.feed.received_on,
        )


def _stated(loader: "BankLoader") -> Iterable[BankStatement]:
    known = _known(loader)
    seen: set[tuple[Any, str, dt.date]] = set()
    for statement in loader.statements:
        pair = known[identity.normalise(statement["account"])]
        start, end = parse_date(statement["from"])[0], parse_date(statement["to"])[0]
        if not statement["covers"] or pair is None or end is None:
            continue
        key = (pair[0], statement["reference"], end)
        if key in seen:
            continue
        seen.add(key)
        yield BankStatement(
            account_id=pair[0],
            feed_id=loader.feed.pk,
            reference=statement["reference"],
            sequence=statement["sequence"],
            from_date=start,
            to_date=end,
            opening=statement["opening"],
            closing=statement["closing"],
            known_from=loader.feed.received_on,
        )
