"""Pay sheets into the tables: one Sheet per project x employer x month, a correction a version."""

from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Max

from payroll.checks import payroll as checks
from payroll.checks.issues import STORED
from payroll.feeds.base import Chunk
from payroll.ingest import staging
from payroll.ingest.base import Loader
from payroll.models import Sheet, SheetLine, StagedLine
from payroll.sql import among, chain_known, hex_of, insert, roomy, rows, run, table
from projects.models import Engagement, Worker, WorkerCard
from wagewatch import bulk
from wagewatch.months import Month

_STAGED = table(StagedLine)
_WORKER = table(Worker)
_ENGAGEMENT = table(Engagement)
_CARD = table(WorkerCard)
_SHEET = table(Sheet)
_LINE = table(SheetLine)


class PayrollLoader(Loader):
    kind = "payroll"
    matches = True

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.cards = staging.Numbers()
        self.columns: dict[str, str] = {}
        self.totals = checks.Totals()
        self.groups: list[tuple[Any, ...]] = []

    def take(self, chunk: Chunk) -> None:
        self.columns = {name: chunk.heading(name) for name in ("idCardNumber", "workerName")}
        checked = checks.check(chunk, self.issues, self.lookups, self.feed, self.totals)
        count = len(chunk.frame)
        first, self.rows = self.rows, self.rows + count
        if self.issues.errors or not count:
            return  # a rejected file is read on for its report, but not staged
        cards = staging.hashes(checked["card"])
        self.cards.add(cards.to_numpy(zero_copy_only=False), checked["card"])
        staging.write(
            StagedLine,
            {
                "feed_id": np.full(count, self.feed.pk),
                "number": np.arange(first, first + count),
                "row": np.asarray(chunk.frame.index),
                "sheet": np.full(count, chunk.sheet[:100], dtype=object),
                "project_id": checked["project_id"],
                "employer_id": checked["employer_id"],
                "month": checked["month"],
                "worked_month": checked["worked_month"],
                "id_hash": staging.hashes(checked["id"]),
                "shown_id": staging.texts(staging.masked_ids(checked["id"])),
                "name": staging.texts(checked["name"]),
                "days": staging.hundredths(checked["days"], checked["days_given"]),
                "hours": staging.hundredths(checked["hours"], checked["hours_given"]),
                "gross": staging.hundredths(checked["gross"]),
                "deductions": staging.hundredths(checked["deductions"]),
                "net": staging.hundredths(checked["net"]),
                "card_hash": cards,
                "confirmed_on": staging.days(checked["confirmed_on"]),
                "is_back_pay": checked["is_back_pay"].to_numpy(dtype=bool),
                "third_code": staging.texts(checked["third_code"]),
            },
        )

    def finish(self) -> None:
        staging.staged(StagedLine, self.rows)
        with transaction.atomic(), roomy():
            strangers, renamed = self._people()
            if strangers:
                self._unregistered(strangers)
            self.groups = self._groups()
            if any(lines != people for *_, lines, people, _, _, _ in self.groups):
                self._twice()  # or back pay beside the month's wage
            if renamed:
                self._renamed()

    _REGISTERED = f"""
            FROM {_STAGED} t
            LEFT JOIN {_WORKER} w ON w.id_hash = t.id_hash
            LEFT JOIN {_ENGAGEMENT} e ON e.worker_id = w.id AND e.project_id = t.project_id
                 AND e.employer_id = t.employer_id AND e.registered
            WHERE t.feed_id = %s"""

    def _people(self) -> tuple[int, int]:
        """How many lines name somebody who is not registered, or under another name."""
        found = rows(
            f"""
            SELECT COALESCE(SUM(CASE WHEN e.id IS NULL THEN 1 ELSE 0 END), 0),
                   COALESCE(SUM(CASE WHEN w.name <> t.name THEN 1 ELSE 0 END), 0)
            {self._REGISTERED}""",
            [self.feed.pk],
        )
        return found[0]  # type: ignore[return-value]

    def _unregistered(self, total: int) -> None:
        """Workers who are not registered with this employer on this project."""
        found = rows(
            f"""
            SELECT t.sheet, t."row", t.shown_id, w.id {self._REGISTERED} AND e.id IS NULL
            ORDER BY t.number LIMIT %s""",
            [self.feed.pk, STORED],
        )
        for sheet, row, shown, worker in found:
            code = "worker-unknown" if worker is None else "worker-elsewhere"
            self.report([(sheet, row, shown)], code, self.columns["idCardNumber"], "error")
        self.issues.errors += total - len(found)

    def _groups(self) -> list[tuple[Any, ...]]:
        """The sheets of the file: keys, lines, people, sums."""
        return rows(
            f"""
            SELECT project_id, employer_id, month, COUNT(*), COUNT(DISTINCT id_hash),
                   SUM(gross), SUM(deductions), SUM(net)
            FROM {_STAGED} WHERE feed_id = %s
            GROUP BY project_id, employer_id, month ORDER BY 1, 2, 3""",
            [self.feed.pk],
        )

    def _twice(self) -> None:
        """One worker on two rows of one sheet for the same month."""
        key = "project_id, employer_id, month, worked_month, id_hash"
        doubled = f"""
            SELECT {key}, MIN(number) AS first FROM {_STAGED}
            WHERE feed_id = %s GROUP BY {key} HAVING COUNT(*) > 1"""
        found = rows(
            f"""
            SELECT t.sheet, t."row", t.shown_id, f."row"
            FROM {_STAGED} t JOIN ({doubled}) d
              ON d.project_id = t.project_id AND d.employer_id = t.employer_id
             AND d.month = t.month AND d.worked_month = t.worked_month AND d.id_hash = t.id_hash
            JOIN {_STAGED} f ON f.feed_id = t.feed_id AND f.number = d.first
            WHERE t.feed_id = %s AND t.number > d.first ORDER BY t.number LIMIT %s""",
            [self.feed.pk, self.feed.pk, STORED],
        )
        rows_of = [(sheet, row, shown, {"other": other}) for sheet, row, shown, other in found]
        self.report(rows_of, "worker-twice", self.columns["idCardNumber"], "error")

    def _renamed(self) -> None:
        found = rows(
            f"""
            SELECT t.sheet, t."row", t.name, w.name
            FROM {_STAGED} t JOIN {_WORKER} w ON w.id_hash = t.id_hash
            WHERE t.feed_id = %s AND w.name <> t.name AND w.name <> ''
            ORDER BY t.number LIMIT %s""",
            [self.feed.pk, STORED],
        )
        rows_of = [(sheet, row, name, {"known": known}) for sheet, row, name, known in found]
        self.report(rows_of, "worker-name", self.columns["workerName"], "hint")

    def lock(self) -> set[int]:
        return {group[0] for group in self.groups}

    def commit(self) -> None:
        with roomy():
            self._write()
        if self.rows > 10_000:
            bulk.analyze(SheetLine, WorkerCard)

    def _write(self) -> None:
        self._sheets()
        run(
            f"""
            INSERT INTO {_LINE} (sheet_id, engagement_id, "row", worked_month, days, hours, gross,
                deductions, net, card_hash, confirmed_on, is_back_pay, third_code)
            SELECT s.id, e.id, t."row", t.worked_month, t.days, t.hours, t.gross,
                t.deductions, t.net, t.card_hash, t.confirmed_on, t.is_back_pay, t.third_code
            FROM {_STAGED} t
            JOIN {_SHEET} s ON s.feed_id = t.feed_id AND s.project_id = t.project_id
                 AND s.employer_id = t.employer_id AND s.month = t.month
            JOIN {_WORKER} w ON w.id_hash = t.id_hash
            JOIN {_ENGAGEMENT} e ON e.worker_id = w.id AND e.project_id = t.project_id
                 AND e.employer_id = t.employer_id
            WHERE t.feed_id = %s
            ORDER BY s.id, e.id, t.worked_month""",
            [self.feed.pk],
        )
        self._new_cards()

    def _sheets(self) -> None:
        """One new version for each project x employer x month of the file."""
        groups = self.groups
        projects = sorted({group[0] for group in groups})
        latest = {
            (project, employer, month.ordinal): version
            for project, employer, month, version in Sheet.objects.filter(project__in=projects)
            .order_by()
            .values_list("project", "employer", "month")
            .annotate(Max("version"))
        }
        insert(
            [
                Sheet(
                    project_id=project,
                    employer_id=employer,
                    month=Month(month),
                    version=latest.get((project, employer, month), 0) + 1,
                    feed=self.feed,
                    people=people,
                    gross=_yuan(gross),
                    deductions=_yuan(deductions),
                    net=_yuan(net),
                    known_from=self.feed.received_on,
                )
                for project, employer, month, _, people, gross, deductions, net in groups
            ]
        )
        if any((p, e, m) in latest for p, e, m, *_ in groups):
            test, parameter = among(projects)
            keys = ("project", "employer", "month")
            chain_known(Sheet, keys, f"project_id {test}", parameter, then="version")

    def _new_cards(self) -> None:
        """Cards that only a pay sheet has shown: kept for the worker, not as registered."""
        run(
            f"""
            UPDATE {_CARD} SET known_from = %s WHERE known_from > %s AND EXISTS (
                SELECT 1 FROM {_STAGED} t JOIN {_WORKER} w ON w.id_hash = t.id_hash
                WHERE t.feed_id = %s AND t.card_hash = {_CARD}.number_hash
                  AND w.id = {_CARD}.worker_id)""",
            [self.feed.received_on, self.feed.received_on, self.feed.pk],
        )
        found = rows(
            f"""
            SELECT DISTINCT w.id, t.card_hash
            FROM {_STAGED} t JOIN {_WORKER} w ON w.id_hash = t.id_hash
            LEFT JOIN {_CARD} c ON c.worker_id = w.id AND c.number_hash = t.card_hash
            WHERE t.feed_id = %s AND t.card_hash IS NOT NULL AND c.id IS NULL
            ORDER BY w.id""",
            [self.feed.pk],
        )
        hashed = [hex_of(card) for _, card in found]
        numbers = self.cards.find(hashed)
        insert(
            [
                WorkerCard(
                    worker_id=worker,
                    number=number,
                    number_hash=card,
                    registered=False,
                    known_from=self.feed.received_on,
                )
                for (worker, _), card, number in zip(found, hashed, numbers, strict=True)
            ]
        )


def _yuan(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float) else value


LOADER = PayrollLoader
