"""Whether the statements of an account follow each other: what is missing between two of them.

Two statements join when the days of one begin where the other's end and its opening balance is the
other's closing balance. Days between them without a statement are a gap even when the balances are
the same: a payment and its return leave no trace there. Not a gap are days on which no bank works,
and days between statements whose numbers follow each other. A file that covers the days and whose
movements explain the difference closes the gap, whatever its format.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, cast

from django.db.models import Case, F, Sum, When

from payroll.models import BankEntry, BankStatement
from payroll.sql import among, rows, table
from wagewatch.calendars import DAY, WorkingDays

_STATEMENT = table(BankStatement)


@dataclass(frozen=True)
class StatementGap:
    """A statement of an account is missing: the days `first` to `last` (`days` of them), or only
    the balances do not meet (`days` is 0, on the day `last`). `closing` is the balance of the
    statement before in CNY, `opening` that of the one after."""

    account_id: int
    project_id: int
    first: dt.date
    last: dt.date
    closing: Decimal
    opening: Decimal
    before_to: dt.date
    after_from: dt.date
    after_to: dt.date

    @property
    def days(self) -> int:
        return max(0, (self.last - self.first).days + 1)

    def within(self, first: dt.date, last: dt.date) -> bool:
        """Whether something may be missing between these days, both included."""
        return self.last >= first and min(self.first, self.last) <= last


@dataclass(frozen=True)
class _Statement:
    account: int
    project: int
    start: dt.date
    end: dt.date
    opening: Decimal | None
    closing: Decimal | None
    sequence: int | None


def gaps_of(as_of: dt.date, account_ids: Collection[int]) -> list[StatementGap]:
    """The gaps between the statements of these accounts known on `as_of`, by account and day.
    At most three queries."""
    suspects = _suspects(as_of, account_ids)
    if not suspects:
        return []
    known = BankStatement.objects.filter(
        account__in=suspects, known_from__lte=as_of, from_date__isnull=False
    ).order_by("account", "from_date", "to_date", "sequence", "pk")
    statements = [
        _Statement(*cast("tuple[Any, ...]", values))
        for values in known.values_list(
            "account", "account__project", "from_date", "to_date", "opening", "closing", "sequence"
        )
    ]
    calendar = WorkingDays.load()
    found: list[StatementGap] = []
    for _, own in groupby(statements, key=lambda one: one.account):
        found += _chain(list(own), calendar)
    return _unexplained(as_of, found, statements)


def _suspects(as_of: dt.date, account_ids: Collection[int]) -> list[int]:
    """Accounts with a statement that does not begin the day after the one before it, or not with
    its balance: a scan in the database, so that sound accounts cost nothing more."""
    if not account_ids:
        return []
    test, parameter = among(account_ids)
    after = "date(ended, '+1 day')" if isinstance(parameter, str) else "ended + 1"
    found = rows(
        f"""
        SELECT DISTINCT account_id FROM (
            SELECT account_id, from_date, opening, LAG(closing) OVER w AS closed,
                   LAG(to_date) OVER w AS ended
            FROM {_STATEMENT} WHERE account_id {test} AND known_from <= %s
                 AND from_date IS NOT NULL AND opening IS NOT NULL AND closing IS NOT NULL
            WINDOW w AS (PARTITION BY account_id ORDER BY from_date, to_date, sequence, id)) s
        WHERE ended IS NOT NULL AND (opening <> closed OR from_date <> {after})""",
        [parameter, as_of],
    )
    return sorted(account for (account,) in found)


def _chain(statements: list[_Statement], calendar: WorkingDays) -> Iterable[StatementGap]:
    """Along the statements with balances; `last` is the one that reaches furthest so far."""
    last: _Statement | None = None
    for one in _ordered(statements):
        follows = last is not None and (
            one.start > last.end
            or (one.start == last.end and one.end > last.end)  # a late booking of the day before
            or one.start == one.end == last.end  # a part of the same day
        )
        if last is not None and follows and not _joined(last, one, calendar):
            yield StatementGap(
                account_id=one.account,
                project_id=one.project,
                first=last.end + DAY,
                last=max(one.start - DAY, last.end),
                closing=last.closing or Decimal(0),
                opening=one.opening or Decimal(0),
                before_to=last.end,
                after_from=one.start,
                after_to=one.end,
            )
        if last is None or one.end >= last.end:
            last = one


def _ordered(statements: list[_Statement]) -> Iterable[_Statement]:
    """Those with balances, each once; of one day's several the one first that goes on from the
    last balance."""
    balance: Decimal | None = None
    whole = [
        s for s in dict.fromkeys(statements) if s.opening is not None and s.closing is not None
    ]
    for _, group in groupby(whole, key=lambda one: (one.start, one.end)):
        waiting = list(group)
        while waiting:
            closings = {one.closing for one in waiting}
            nexts = (
                [one for one in waiting if one.opening == balance]
                or [one for one in waiting if one.opening not in closings]
                or waiting
            )
            one = nexts[0]
            waiting.remove(one)
            balance = one.closing
            yield one


def _joined(last: _Statement, one: _Statement, calendar: WorkingDays) -> bool:
    if one.opening != last.closing:
        return False
    if one.start <= last.end + DAY:
        return True
    if one.sequence is not None and last.sequence is not None:
        return one.sequence == last.sequence + 1
    return calendar.between(last.end, one.start - DAY) == 0


def _unexplained(
    as_of: dt.date, found: list[StatementGap], statements: list[_Statement]
) -> list[StatementGap]:
    """Without the gaps whose days other files cover and whose entries lead from one balance to
    the other."""
    covers: dict[int, list[_Statement]] = defaultdict(list)
    for one in statements:
        if one.opening is None or one.closing is None:
            covers[one.account].append(one)
    doubtful = [gap for gap in found if gap.days and covers[gap.account_id]]
    if not doubtful:
        return found
    first, last = min(gap.first for gap in doubtful), max(gap.last for gap in doubtful)
    signed = Case(When(is_credit=True, then=F("amount")), default=-F("amount"))
    moved = (
        BankEntry.objects.filter(
            account__in={gap.account_id for gap in doubtful},
            booked_on__range=(first, last),
            known_from__lte=as_of,
        )
        .order_by()
        .values_list("account", "booked_on")
        .annotate(moved=Sum(signed))
    )
    by_day: dict[int, list[tuple[dt.date, Decimal]]] = defaultdict(list)
    for account, day, amount in moved:
        by_day[account].append((day, amount))
    return [gap for gap in found if not _explained(gap, covers[gap.account_id], by_day)]


def _explained(
    gap: StatementGap,
    covers: list[_Statement],
    by_day: dict[int, list[tuple[dt.date, Decimal]]],
) -> bool:
    if not gap.days:
        return False
    moved = [amount for day, amount in by_day[gap.account_id] if gap.first <= day <= gap.last]
    covering = [c for c in covers if c.start <= gap.last <= c.end]
    if not moved:  # a table begins with its first movement: it says nothing of days before
        covering = [c for c in covering if c.start <= gap.first]
    return bool(covering) and gap.closing + sum(moved, Decimal(0)) == gap.opening
