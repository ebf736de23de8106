"""Registry feed `workers`: persons, their cards, and their engagements, set-based.

Of several feeds about one engagement the one received last gives the facts, in whatever order they
are loaded. Attendance that came before the registration moves to the engagement it belongs to.
"""

from typing import Any

import numpy as np
import pyarrow as pa
from django.db.models.functions import ExtractMonth, ExtractYear

from payroll.checks import registry as checks
from payroll.feeds.base import Chunk
from payroll.ingest import staging
from payroll.ingest.attendance import best_engagement, summarise
from payroll.ingest.base import Loader
from payroll.models import AttendanceDay, AttendanceMonth, StagedWorker
from payroll.sql import among, rows, run, table
from projects.models import Engagement, Worker, WorkerCard
from wagewatch import bulk, vault

_STAGED = table(StagedWorker)
_WORKER = table(Worker)
_CARD = table(WorkerCard)
_ENGAGEMENT = table(Engagement)
_DAY = table(AttendanceDay)
_MONTH = table(AttendanceMonth)
_TEXTS = ("team", "work_type")


class WorkersLoader(Loader):
    kind = "workers"
    matches = True
    partial = False

    def take(self, chunk: Chunk) -> None:
        self.partial = chunk.partial
        checked = checks.workers(chunk, self.issues, self.lookups, self.feed.received_on)
        count = len(chunk.frame)
        first, self.rows = self.rows, self.rows + count
        if self.issues.errors or not count:
            return
        texts = ("team", "name", "id_type", "work_type", "bank_name")
        staging.write(
            StagedWorker,
            {
                "feed_id": np.full(count, self.feed.pk),
                "number": np.arange(first, first + count),
                "row": np.asarray(chunk.frame.index),
                "sheet": np.full(count, chunk.sheet[:100], dtype=object),
                "project_id": checked["project_id"],
                "employer_id": checked["employer_id"],
                **{name: staging.texts(checked[name]) for name in texts},
                "id_hash": staging.hashes(checked["id"]),
                "id_number": _sealed(checked["id"]),
                "phone": _sealed(checked["phone"]),
                "contract_date": staging.days(checked["contract_date"]),
                "entry_date": staging.days(checked["entry_date"]),
                "exit_date": staging.days(checked["exit_date"]),
                "unit_price": staging.hundredths(checked["unit_price"], checked["has_price"]),
                "card_hash": staging.hashes(checked["card"]),
                "card_number": _sealed(checked["card"]),
            },
        )

    def finish(self) -> None:
        staging.staged(StagedWorker, self.rows)

    def lock(self) -> set[int]:
        found = rows(
            f"SELECT DISTINCT project_id FROM {_STAGED} WHERE feed_id = %s", [self.feed.pk]
        )
        return {row[0] for row in found}

    def commit(self) -> None:
        self._people()
        self._engagements()
        self._cards()
        self._move_attendance()
        if self.rows > 10_000:
            bulk.analyze(Worker, WorkerCard, Engagement)

    def _people(self) -> None:
        newer = (
            f"EXISTS (SELECT 1 FROM {_ENGAGEMENT} e WHERE e.worker_id = {_WORKER}.id "
            "AND e.facts_from > %s)"
        )
        run(
            f"""
            INSERT INTO {_WORKER} (id_type, id_number, id_hash, name, phone)
            SELECT id_type, id_number, id_hash, name, COALESCE(phone, %s) FROM (
                SELECT t.*, ROW_NUMBER() OVER (PARTITION BY id_hash ORDER BY number DESC) AS place
                FROM {_STAGED} t WHERE feed_id = %s) latest
            WHERE place = 1 ORDER BY id_hash
            ON CONFLICT (id_hash) DO UPDATE SET
                name = CASE WHEN {newer} THEN {_WORKER}.name ELSE excluded.name END,
                phone = CASE WHEN LENGTH(excluded.phone) > 0
                             AND (LENGTH({_WORKER}.phone) = 0 OR NOT {newer})
                        THEN excluded.phone ELSE {_WORKER}.phone END""",
            [b"", self.feed.pk, self.feed.received_on, self.feed.received_on],
        )

    def _engagements(self) -> None:
        facts = ("team", "work_type", "contract_date", "entry_date", "exit_date", "unit_price")
        names = ", ".join(facts)
        newer = (
            f"({_ENGAGEMENT}.facts_from IS NULL OR {_ENGAGEMENT}.facts_from <= excluded.facts_from)"
        )
        sets = ", ".join(
            f"{name} = CASE WHEN {newer} {self._says(name)} THEN excluded.{name} "
            f"ELSE {_ENGAGEMENT}.{name} END"
            for name in (*facts, "facts_from")
        )
        run(
            f"""
            INSERT INTO {_ENGAGEMENT} (worker_id, project_id, employer_id, {names}, registered,
                                       known_from, facts_from)
            SELECT w.id, t.project_id, t.employer_id, {", ".join("t." + name for name in facts)},
                   {_true()}, {_date()}, {_date()}
            FROM {_STAGED} t JOIN {_WORKER} w ON w.id_hash = t.id_hash
            WHERE t.feed_id = %s ORDER BY t.project_id, w.id, t.employer_id
            ON CONFLICT (project_id, worker_id, employer_id) DO UPDATE SET {sets},
                known_from = CASE WHEN NOT {_ENGAGEMENT}.registered
                                  OR excluded.known_from < {_ENGAGEMENT}.known_from
                             THEN excluded.known_from ELSE {_ENGAGEMENT}.known_from END,
                registered = {_true()}""",
            [self.feed.received_on, self.feed.received_on, self.feed.pk],
        )

    def _says(self, name: str) -> str:
        """The condition under which a row says anything of a fact."""
        if not self.partial:
            return ""
        return f"AND excluded.{name}" + (" <> ''" if name in _TEXTS else " IS NOT NULL")

    def _cards(self) -> None:
        run(
            f"""
            INSERT INTO {_CARD} (worker_id, number, number_hash, bank_name, registered, known_from)
            SELECT worker_id, card_number, card_hash, bank_name, {_true()}, {_date()} FROM (
                SELECT t.*, w.id AS worker_id, ROW_NUMBER() OVER (
                    PARTITION BY w.id, t.card_hash ORDER BY t.number DESC) AS place
                FROM {_STAGED} t JOIN {_WORKER} w ON w.id_hash = t.id_hash
                WHERE t.feed_id = %s AND t.card_hash IS NOT NULL) latest
            WHERE place = 1 ORDER BY worker_id, card_hash
            ON CONFLICT (worker_id, number_hash) DO UPDATE SET registered = {_true()},
                bank_name = CASE WHEN excluded.bank_name = '' THEN {_CARD}.bank_name
                            ELSE excluded.bank_name END,
                known_from = CASE WHEN excluded.known_from < {_CARD}.known_from
                             THEN excluded.known_from ELSE {_CARD}.known_from END""",
            [self.feed.received_on, self.feed.pk],
        )

    def _move_attendance(self) -> None:
        """Days of the feed's workers to the engagements they belong to now."""
        pairs = f"""
            SELECT DISTINCT t.project_id, w.id AS worker_id FROM {_STAGED} t
            JOIN {_WORKER} w ON w.id_hash = t.id_hash WHERE t.feed_id = %s"""
        placed = rows(
            f"""
            SELECT id, old, new FROM (
                SELECT d.id, d.engagement_id AS old, e.id AS new, ROW_NUMBER() OVER (
                    PARTITION BY d.id ORDER BY {best_engagement("d.day")}) AS place
                FROM ({pairs}) p
                JOIN {_ENGAGEMENT} o ON o.project_id = p.project_id AND o.worker_id = p.worker_id
                JOIN {_DAY} d ON d.engagement_id = o.id
                JOIN {_ENGAGEMENT} e ON e.project_id = p.project_id AND e.worker_id = p.worker_id
            ) ranked WHERE place = 1 AND old <> new""",
            [self.feed.pk],
        )
        if placed:
            _move(placed)
        run(
            f"""
            DELETE FROM {_ENGAGEMENT} WHERE NOT registered
              AND EXISTS (SELECT 1 FROM ({pairs}) p WHERE p.project_id = {_ENGAGEMENT}.project_id
                          AND p.worker_id = {_ENGAGEMENT}.worker_id)
              AND NOT EXISTS (SELECT 1 FROM {_DAY} d WHERE d.engagement_id = {_ENGAGEMENT}.id)""",
            [self.feed.pk],
        )


def _move(placed: list[tuple[int, int, int]]) -> None:
    by_new: dict[int, list[int]] = {}
    for day, _, new in placed:
        by_new.setdefault(new, []).append(day)
    for new, days in by_new.items():
        test, parameter = among(days)
        run(f"UPDATE {_DAY} SET engagement_id = %s WHERE id {test}", [new, parameter])
    touched = sorted({pk for _, old, new in placed for pk in (old, new)})
    test, parameter = among(touched)
    run(f"DELETE FROM {_MONTH} WHERE engagement_id {test}", [parameter])
    moved = AttendanceDay.objects.filter(engagement__in=touched)
    summarise(moved.annotate(month=ExtractYear("day") * 12 + ExtractMonth("day") - 1))


def _sealed(column: Any) -> pa.Array:
    """Each value encrypted, as the database takes bytes in text form (PostgreSQL: \\x hex)."""
    from django.db import connection

    postgres = connection.vendor == "postgresql"
    sealed = [vault.encrypt(text) if text else None for text in column]
    if postgres:
        return pa.array([None if s is None else "\\x" + s.hex() for s in sealed], pa.string())
    return pa.array(sealed, pa.binary())


def _true() -> str:
    return "true"


def _date() -> str:
    from django.db import connection

    return "%s::date" if connection.vendor == "postgresql" else "%s"


LOADER = WorkersLoader
