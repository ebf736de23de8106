"""Bank statements into the tables: each movement once, whatever file brings it.

A CSV row with status=returned stands for two movements: the payment and its return. When the
payment itself is not in this file it is written as `implied`, and gives way to the real one. One
with status=none is no movement: it says that the account did not move up to that day.
"""

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from payroll.checks import bank as checks
from payroll.checks.issues import STORED
from payroll.feeds.base import Chunk
from payroll.ingest import batches, staging, statements
from payroll.ingest.base import Loader
from payroll.models import BankEntry, StagedEntry
from payroll.sql import rows, run, table
from wagewatch import identity

_STAGED = table(StagedEntry)
_ENTRY = table(BankEntry)


class BankLoader(Loader):
    kind = "bank"
    matches = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.column = "reference"
        self.booked = self.batched = False
        self.statements: list[dict[str, Any]] = []
        self.periods: dict[int, tuple[dt.date, dt.date]] = {}
        self.paid: set[int] = set()
        self._number = 0

    @property
    def may_be_empty(self) -> bool:
        """A statement says what an account did not move, too."""
        return bool(self.statements)

    def take(self, chunk: Chunk) -> None:
        self.column = chunk.heading("reference")
        self.booked = chunk.booked
        self.statements += chunk.statements
        self.rows += len(chunk.frame)
        chunk = self._without_silent(chunk)
        if not len(chunk.frame):
            return
        checked = checks.check(chunk, self.issues, self.lookups, self.feed)
        if self.issues.errors:
            return
        self.paid |= set(checked["project_id"].unique())
        self._period(checked)
        self.batched |= bool(checked["batch"].ne("").any())
        frame = pd.DataFrame(checked)
        frame["row"] = chunk.frame.index
        frame["implied"] = False
        returned = frame["is_return"]
        if chunk.booked:
            self._stage(frame, chunk.sheet)
            return
        # In a table the direction of a returned row may be that of the payment.
        self._stage(frame.assign(is_credit=frame["is_credit"] | returned), chunk.sheet)
        if returned.any():
            implied = frame[returned].assign(is_return=False, is_credit=False, implied=True)
            self._stage(implied.assign(reason=""), chunk.sheet)

    def _without_silent(self, chunk: Chunk) -> Chunk:
        """The rows that are movements; of the others, the days up to which nothing moved."""
        silent = checks.silent(chunk)
        if not silent.any():
            return chunk
        quiet = replace(chunk, frame=chunk.frame[silent])
        checked = checks.check_silent(quiet, self.issues, self.lookups, self.feed)
        if not self.issues.errors:
            self.paid |= set(checked["project_id"].unique())
            self._period(checked)
        return replace(chunk, frame=chunk.frame[~silent])

    def _period(self, checked: dict[str, pd.Series]) -> None:
        grouped = checked["booked_on"].groupby(checked["account_id"])
        for account, days in grouped:
            low, high = self.periods.get(int(account), (dt.date.max, dt.date.min))
            self.periods[int(account)] = (min(low, days.min()), max(high, days.max()))

    def _stage(self, frame: pd.DataFrame, sheet: str) -> None:
        count = len(frame)
        first, self._number = self._number, self._number + count
        staging.write(
            StagedEntry,
            {
                "feed_id": np.full(count, self.feed.pk),
                "number": np.arange(first, first + count),
                "row": frame["row"],
                "sheet": np.full(count, sheet[:100], dtype=object),
                "account_id": frame["account_id"],
                "reference": staging.texts(frame["reference"]),
                "end_to_end": staging.texts(frame["end_to_end"]),
                "batch": staging.texts(frame["batch"]),
                "is_return": frame["is_return"].to_numpy(dtype=bool),
                "implied": frame["implied"].to_numpy(dtype=bool),
                "booked_on": staging.days(frame["booked_on"]),
                "amount": staging.hundredths(frame["amount"]),
                "is_credit": frame["is_credit"].to_numpy(dtype=bool),
                "counterparty_name": staging.texts(frame["name"]),
                "counterparty_hash": staging.hashes(frame["number"]),
                "counterparty_masked": staging.texts(frame["masked"]),
                "purpose": staging.texts(frame["purpose"]),
                "return_reason": staging.texts(frame["reason"]),
            },
        )

    def finish(self) -> None:
        staging.staged(StagedEntry, self._number)
        # A payment that the same file shows itself needs no implied one.
        run(
            f"""
            DELETE FROM {_STAGED} WHERE feed_id = %s AND implied AND EXISTS (
                SELECT 1 FROM {_STAGED} r WHERE r.feed_id = {_STAGED}.feed_id
                AND r.account_id = {_STAGED}.account_id AND r.reference = {_STAGED}.reference
                AND NOT r.is_return AND NOT r.implied)""",
            [self.feed.pk],
        )
        self._twice()
        self._differs()
        batches.check(self)
        statements.check(self)

    def _twice(self) -> None:
        found = rows(
            f"""
            SELECT t.sheet, t."row", t.reference, f."row"
            FROM {_STAGED} t JOIN (
                SELECT account_id, reference, is_return, MIN(number) AS first FROM {_STAGED}
                WHERE feed_id = %s
                GROUP BY account_id, reference, is_return HAVING COUNT(*) > 1) d
              ON d.account_id = t.account_id AND d.reference = t.reference
             AND d.is_return = t.is_return
            JOIN {_STAGED} f ON f.feed_id = t.feed_id AND f.number = d.first
            WHERE t.feed_id = %s AND t.number > d.first ORDER BY t.number LIMIT %s""",
            [self.feed.pk, self.feed.pk, STORED],
        )
        rows_of = [(sheet, row, ref, {"other": other}) for sheet, row, ref, other in found]
        self.report(rows_of, "entry-twice", self.column, "error")

    def _differs(self) -> None:
        """The same movement was received before with another amount, direction or day."""
        found = rows(
            f"""
            SELECT t.sheet, t."row", t.reference, b.amount, b.booked_on
            FROM {_STAGED} t JOIN {_ENTRY} b ON b.account_id = t.account_id
                 AND b.reference = t.reference AND b.is_return = t.is_return
            WHERE t.feed_id = %s AND (t.batch = '' OR t.batch <> b.batch)
                  AND (b.amount <> t.amount OR b.is_credit <> t.is_credit
                       OR (b.booked_on <> t.booked_on AND NOT b.implied AND NOT t.implied))
            ORDER BY t.number LIMIT %s""",
            [self.feed.pk, STORED],
        )
        rows_of = [
            (sheet, row, ref, {"amount": f"{amount:.2f}", "date": str(day)})
            for sheet, row, ref, amount, day in found
        ]
        self.report(rows_of, "entry-differs", self.column, "error")

    def lock(self) -> set[int]:
        known = self.lookups.accounts(identity.normalise(s["account"]) for s in self.statements)
        stated = [known[identity.normalise(s["account"])] for s in self.statements]
        return {int(p) for p in self.paid} | {pair[1] for pair in stated if pair}

    def commit(self) -> None:
        taken = (
            "account_id, reference, end_to_end, batch, is_return, implied, booked_on, amount, "
            "is_credit, counterparty_name, counterparty_hash, counterparty_masked, purpose, "
            "return_reason"
        )
        batches.settle(self)
        # The real payment wins over an implied one; of two files the earlier known.
        better = f"({_ENTRY}.implied AND NOT excluded.implied)"
        earlier = f"(excluded.known_from < {_ENTRY}.known_from)"
        facts = ", ".join(
            f"{name} = CASE WHEN {better} THEN excluded.{name} ELSE {_ENTRY}.{name} END"
            for name in (*taken.split(", ")[2:4], *taken.split(", ")[5:])
        )
        known = ", ".join(
            f"{name} = CASE WHEN {earlier} THEN excluded.{name} ELSE {_ENTRY}.{name} END"
            for name in ("known_from", "feed_id", '"row"')
        )
        run(
            f"""
            INSERT INTO {_ENTRY} ({taken}, kind, feed_id, "row", known_from)
            SELECT {taken}, '', feed_id, "row", {_date_literal()}
            FROM {_STAGED} WHERE feed_id = %s
            ORDER BY account_id, reference, is_return
            ON CONFLICT (account_id, reference, is_return) DO UPDATE SET {facts}, {known}
            WHERE {better} OR {earlier}""",
            [self.feed.received_on, self.feed.pk],
        )
        statements.write(self)


def _date_literal() -> str:
    from django.db import connection

    return "%s::date" if connection.vendor == "postgresql" else "%s"


LOADER = BankLoader
