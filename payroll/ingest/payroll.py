"""Pay sheets into the tables: one Sheet per project x employer x month, a correction a version.

The checked lines wait in memory as columns, about 150 bytes each, until the whole file is known to
be right; then they go into the table as they are, in one COPY for each chunk. A long file's lines
are written ahead where that is possible (ahead.py).
"""

from dataclasses import dataclass
from decimal import Decimal
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Max

from payroll.checks import payroll as checks
from payroll.checks.issues import STORED
from payroll.feeds.base import Chunk
from payroll.ingest import parts, staging
from payroll.ingest.base import Loader
from payroll.ingest.roster import Found, Roster, report_strangers
from payroll.models import Feed, Sheet, SheetLine
from payroll.sql import among, chain_known, hex_of, insert, rows, run, table
from projects.models import Engagement, WorkerCard
from wagewatch import bulk
from wagewatch.months import Month

_CARD = table(WorkerCard)
_GROUP = ["project", "employer", "month"]
_SUMS = ["gross", "deductions", "net"]
_MANY = 10_000  # lines from which fresh statistics are worth their time


@dataclass
class Part:
    """The lines of one chunk: `keys` what tells them apart and their sums (integers), `columns` of
    SheetLine until they are written ahead."""

    sheet: str
    keys: pd.DataFrame
    columns: dict[str, Any] | None


class PayrollLoader(Loader):
    kind = "payroll"
    matches = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.roster = Roster()
        self.totals = checks.Totals()
        self.parts: list[Part] = []
        self.sheet_ids: dict[tuple[int, int, int], int] = {}
        self.written_ahead = False
        self.new_cards: dict[tuple[int, str], str] = {}
        self.groups = pd.DataFrame()
        self.heading = ""
        self.part_of = ""  # the team whose part of the month this is; empty for a whole sheet

    def take(self, chunk: Chunk) -> None:
        checked = checks.check(chunk, self.issues, self.lookups, self.feed, self.totals)
        count = len(chunk.frame)
        self.rows += count
        self.heading = chunk.heading("idCardNumber")
        self.part_of = next(iter(chunk.text("partOf")), "")
        if not count:
            return
        hashes = staging.hex_hashes(checked["id"])
        found = self.roster.find(
            checked["project_id"].to_numpy(), checked["employer_id"].to_numpy(), hashes
        )
        report_strangers(chunk, self.issues, checked, hashes, found)
        if self.issues.errors:
            self.parts.clear()  # a rejected file is read on for its report only
            return
        self._names(chunk, checked, found)
        cards = staging.hex_hashes(checked["card"])
        self._cards(found, cards, checked["card"])
        self.parts.append(_part(chunk, checked, found, cards))
        if self.writer and len(self.parts) > 1:
            ahead = self.parts if len(self.parts) == 2 else self.parts[-1:]
            for part in ahead:
                self.writer.submit(partial(self._write_ahead, part))

    def _names(self, chunk: Chunk, checked: dict[str, Any], found: Found) -> None:
        names = checked["name"].to_numpy(dtype=object)
        differing = np.flatnonzero((found.name != names) & (found.name != ""))
        for place in differing[:STORED]:
            self.issues.hint(
                "worker-name",
                sheet=chunk.sheet,
                row=int(chunk.frame.index[place]),
                column=chunk.heading("workerName"),
                value=names[place],
                known=found.name[place],
            )
        self.issues.hints += max(0, len(differing) - STORED)

    def _cards(self, found: Found, cards: np.ndarray, numbers: pd.Series) -> None:
        """Remember the cards that are not the one of the roster."""
        other = np.flatnonzero((cards != "") & (cards != found.card))
        for worker, card, number in zip(
            found.worker[other].tolist(), cards[other], numbers.iloc[other], strict=True
        ):
            self.new_cards[worker, card] = number

    def finish(self) -> None:
        if not self.parts:
            return
        keys = pd.concat([part.keys for part in self.parts], ignore_index=True)
        keys["group"] = keys.groupby(_GROUP, sort=True).ngroup()
        who = ["group", "worked_month", "engagement"]
        doubled = keys.duplicated(who)
        if doubled.any():
            self._twice(keys, who, doubled)
            return
        groups = keys.groupby("group", sort=True)
        self.groups = groups[[*_GROUP]].first().join(groups[_SUMS].sum())
        people = (
            keys
            if (keys["worked_month"] == keys["month"]).all()
            else keys.drop_duplicates(["group", "engagement"])
        )
        self.groups["people"] = people.groupby("group", sort=True).size()

    def _twice(self, keys: pd.DataFrame, who: list[str], doubled: pd.Series) -> None:
        """One worker on two rows of one sheet for the same month."""
        sheets = np.repeat([part.sheet for part in self.parts], [len(p.keys) for p in self.parts])
        again = keys[doubled].head(STORED)
        first = keys[~doubled].set_index(who)["row"]
        people = Engagement.objects.select_related("worker").in_bulk(
            set(again["engagement"].tolist())
        )
        found = [
            (
                str(sheets[place]),
                int(row["row"]),
                people[row["engagement"]].worker.masked_id,
                {"other": int(first[tuple(row[name] for name in who)])},
            )
            for place, row in again.iterrows()
        ]
        self.report(found, "worker-twice", self.heading, "error")
        self.issues.errors += int(doubled.sum()) - len(found)

    def lock(self) -> set[int]:
        return set(self.groups["project"].tolist()) if len(self.groups) else set()

    def commit(self) -> None:
        if not self.written_ahead:  # perhaps for the second time: other feeds may have got in
            keys = self.groups[_GROUP].itertuples(index=False, name=None)
            self.sheet_ids = dict(zip(keys, bulk.reserve(Sheet, len(self.groups)), strict=True))
        for part in self.parts:
            self._write(part)
        self._sheets()
        self._write_cards()
        if self.rows > _MANY:
            bulk.analyze(SheetLine, WorkerCard)

    def _write_ahead(self, part: Part) -> None:
        self.written_ahead = True
        self._write(part)
        part.columns = None

    def _write(self, part: Part) -> None:
        """The lines of a part. Their sheets get keys now and are written at the end."""
        if part.columns is None:
            return
        codes, keys = pd.factorize(pd.MultiIndex.from_frame(part.keys[_GROUP]))
        new = [key for key in keys if key not in self.sheet_ids]
        self.sheet_ids.update(zip(new, bulk.reserve(Sheet, len(new)), strict=True))
        ids = np.array([self.sheet_ids[key] for key in keys], dtype=np.int64)
        staging.write(SheetLine, {"sheet": ids[codes], **part.columns})

    def _sheets(self) -> None:
        """One new version for each project x employer x month of the file."""
        projects = sorted(self.lock())
        latest = {
            (project, employer, month.ordinal): version
            for project, employer, month, version in Sheet.objects.filter(project__in=projects)
            .order_by()
            .values_list("project", "employer", "month")
            .annotate(Max("version"))
        }
        keys = list(self.groups[_GROUP].itertuples(index=False, name=None))
        insert(
            [
                Sheet(
                    id=self.sheet_ids[key],
                    project_id=key[0],
                    employer_id=key[1],
                    month=Month(key[2]),
                    version=latest.get(key, 0) + 1,
                    feed=self.feed,
                    people=int(one.people),
                    gross=_yuan(one.gross),
                    deductions=_yuan(one.deductions),
                    net=_yuan(one.net),
                    known_from=self.feed.received_on,
                )
                for key, one in zip(keys, self.groups.itertuples(), strict=True)
            ],
            with_keys=True,
        )
        if any(key in latest for key in keys):
            test, parameter = among(projects)
            chain_known(Sheet, _GROUP, f"project_id {test}", parameter, then="version")
        if self.part_of:
            for sheet_id in self.sheet_ids.values():
                parts.carry(sheet_id, self.part_of)

    def _write_cards(self) -> None:
        """Cards that only a pay sheet has shown: kept for the worker, not as registered."""
        self._known_before()
        if not self.new_cards:
            return
        workers, parameter = among({worker for worker, _ in self.new_cards})
        held = {
            (worker, hex_of(card))
            for worker, card in rows(
                f"SELECT worker_id, number_hash FROM {_CARD} WHERE worker_id {workers}", [parameter]
            )
        }
        insert(
            [
                WorkerCard(
                    worker_id=worker,
                    number=number,
                    number_hash=card,
                    registered=False,
                    known_from=self.feed.received_on,
                )
                for (worker, card), number in self.new_cards.items()
                if (worker, card) not in held
            ]
        )

    def _known_before(self) -> None:
        """A feed loaded late makes cards known earlier than a later feed did."""
        later = Feed.objects.accepted().filter(received_on__gt=self.feed.received_on)
        if not later.exists():
            return
        run(
            f"""
            UPDATE {_CARD} SET known_from = %s
            FROM {table(Sheet)} s JOIN {table(SheetLine)} l ON l.sheet_id = s.id
            JOIN {table(Engagement)} e ON e.id = l.engagement_id
            WHERE s.feed_id = %s AND {_CARD}.worker_id = e.worker_id
              AND {_CARD}.number_hash = l.card_hash AND {_CARD}.known_from > %s""",
            [self.feed.received_on, self.feed.pk, self.feed.received_on],
        )


def _part(chunk: Chunk, checked: dict[str, Any], found: Found, cards: np.ndarray) -> Part:
    places = np.asarray(chunk.frame.index, dtype=np.int64)
    keys = {
        "project": checked["project_id"].to_numpy(),
        "employer": checked["employer_id"].to_numpy(),
        "month": checked["month"].to_numpy(),
        "worked_month": checked["worked_month"].to_numpy(),
        "engagement": found.engagement,
        "row": places,
    }
    columns = {
        "engagement": found.engagement,
        "row": places,
        "worked_month": keys["worked_month"],
        "days": staging.hundredths(checked["days"], checked["days_given"]),
        "hours": staging.hundredths(checked["hours"], checked["hours_given"]),
        **{name: staging.hundredths(checked[name]) for name in _SUMS},
        "card_hash": staging.or_null(cards),
        "confirmed_on": staging.days(checked["confirmed_on"]),
        "is_back_pay": checked["is_back_pay"].to_numpy(dtype=bool),
        "third_code": staging.texts(checked["third_code"]),
        "is_cash": checked["is_cash"].to_numpy(dtype=bool),
        "cash_reason": staging.texts(checked["cash_reason"]),
    }
    sums = {name: checked[name].to_numpy() for name in _SUMS}
    return Part(chunk.sheet[:100], pd.DataFrame({**keys, **sums}), columns)


def _yuan(hundredths: int) -> Decimal:
    return Decimal(int(hundredths)) / 100


LOADER = PayrollLoader
