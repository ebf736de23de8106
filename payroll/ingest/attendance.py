"""Attendance punches into days and the month summary.

The punches of a file are kept packed in memory (17 bytes each), made into days, and merged with
the days already known: first in, last out, the earlier day of knowledge.
"""

from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from django.db import connection
from django.db.models import Count, Max, Min, Sum
from django.db.models.functions import ExtractMonth, ExtractYear

from payroll.checks import attendance as checks
from payroll.checks.issues import STORED
from payroll.feeds.base import Chunk
from payroll.ingest import staging
from payroll.ingest.base import Loader
from payroll.models import AttendanceDay, AttendanceMonth, StagedDay
from payroll.sql import hex_of, insert, rows, run, table
from projects.models import Engagement, Project, Worker
from wagewatch import bulk, identity

_STAGED = table(StagedDay)
_DAY = table(AttendanceDay)
_WORKER = table(Worker)
_ENGAGEMENT = table(Engagement)
_LOCAL = 8 * 3600  # UTC+8


class AttendanceLoader(Loader):
    kind = "attendance"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.people: dict[tuple[int, str], int] = {}
        self.types: dict[str, str] = {}
        self.punches: list[tuple[np.ndarray, ...]] = []
        self.column = "idCardNumber"
        self.sheet = ""

    def take(self, chunk: Chunk) -> None:
        checked = checks.check(chunk, self.issues, self.lookups, self.feed)
        self.column, self.sheet = chunk.heading("idCardNumber"), chunk.sheet
        self.rows += len(chunk.frame)
        if self.issues.errors or not len(chunk.frame):
            return
        keys = pd.MultiIndex.from_arrays([checked["project_id"], checked["id"]])
        codes, distinct = pd.factorize(keys)
        numbers = np.array(
            [self.people.setdefault(key, len(self.people)) for key in distinct], dtype=np.int32
        )
        other = checked["id_type"] != identity.RESIDENT_ID
        self.types.update(zip(checked["id"][other], checked["id_type"][other], strict=True))
        self.punches.append(
            (
                numbers[codes],
                checked["seconds"].to_numpy(),
                checked["is_in"].to_numpy(dtype=bool),
                np.asarray(chunk.frame.index, dtype=np.int32),
            )
        )

    def finish(self) -> None:
        if self.issues.errors or not self.punches:
            return
        columns = [np.concatenate(part) for part in zip(*self.punches, strict=True)]
        self.punches = []
        days = checks.to_days(*columns)
        people = pd.DataFrame(list(self.people), columns=["project", "id"])
        people["id"] = people["id"].astype("str")
        hashed = staging.hashes(people["id"])
        shown = staging.masked_ids(people["id"])
        self.numbers = dict(zip(hashed.to_pylist(), people["id"], strict=True))
        count = len(days)
        person = days["person"].to_numpy()
        staging.write(
            StagedDay,
            {
                "feed_id": np.full(count, self.feed.pk),
                "number": np.arange(count),
                "row": days["row"],
                "sheet": np.full(count, self.sheet[:100], dtype=object),
                "project_id": people["project"].to_numpy()[person],
                "id_hash": hashed.take(pa.array(person)),
                "shown_id": staging.texts(shown).take(pa.array(person)),
                "day": pa.array(days["day"].to_numpy(dtype=np.int32), pa.date32()),
                "first_in": _instants(days["first_in"]),
                "last_out": _instants(days["last_out"]),
                "hours": staging.hundredths(days["hours"], days["hours"] >= 0),
                "punches": days["punches"],
            },
        )
        staging.staged(StagedDay, count)
        self._unregistered()

    def _unregistered(self) -> None:
        found = rows(
            f"""
            SELECT t.sheet, MIN(t."row"), t.shown_id
            FROM {_STAGED} t LEFT JOIN {_WORKER} w ON w.id_hash = t.id_hash
            LEFT JOIN {_ENGAGEMENT} e ON e.worker_id = w.id AND e.project_id = t.project_id
                 AND e.registered
            WHERE t.feed_id = %s AND e.id IS NULL
            GROUP BY t.sheet, t.project_id, t.id_hash, t.shown_id ORDER BY 2 LIMIT %s""",
            [self.feed.pk, STORED],
        )
        self.report(found, "worker-unregistered", self.column, "hint")

    def lock(self) -> set[int]:
        return {int(project) for project, _ in self.people}

    def commit(self) -> None:
        self._new_people()
        self._days()
        summarise_staged(self.feed.pk)

    def _new_people(self) -> None:
        """Workers and engagements that attendance alone has shown."""
        unknown = rows(
            f"""
            SELECT DISTINCT t.id_hash FROM {_STAGED} t
            LEFT JOIN {_WORKER} w ON w.id_hash = t.id_hash
            WHERE t.feed_id = %s AND w.id IS NULL""",
            [self.feed.pk],
        )
        hashes = [hex_of(value) for (value,) in unknown]
        insert(
            [
                Worker(
                    id_type=self.types.get(self.numbers[value], identity.RESIDENT_ID),
                    id_number=self.numbers[value],
                    id_hash=value,
                    name="",
                )
                for value in hashes
            ]
        )
        strangers = rows(
            f"""
            SELECT DISTINCT t.project_id, w.id, p.contractor_id FROM {_STAGED} t
            JOIN {_WORKER} w ON w.id_hash = t.id_hash
            JOIN {table(Project)} p ON p.id = t.project_id
            LEFT JOIN {_ENGAGEMENT} e ON e.worker_id = w.id AND e.project_id = t.project_id
            WHERE t.feed_id = %s AND e.id IS NULL""",
            [self.feed.pk],
        )
        insert(
            [
                Engagement(
                    worker_id=worker,
                    project_id=project,
                    employer_id=contractor,
                    registered=False,
                    known_from=self.feed.received_on,
                )
                for project, worker, contractor in strangers
            ]
        )

    def _days(self) -> None:
        """Merge the staged days: each to the engagement that covers it, else the latest."""
        feed, known = self.feed.pk, self.feed.received_on
        merged = {
            "first_in": _least("first_in"),
            "last_out": _greatest("last_out"),
            "punches": f"CASE WHEN excluded.punches > {_DAY}.punches THEN excluded.punches "
            f"ELSE {_DAY}.punches END",
            "feed_id": f"CASE WHEN excluded.known_from < {_DAY}.known_from "
            f"THEN excluded.feed_id ELSE {_DAY}.feed_id END",
            "known_from": _least("known_from"),
            "hours": _hours(_least("first_in"), _greatest("last_out")),
        }
        sets = ", ".join(f"{name} = {value}" for name, value in merged.items())
        run(
            f"""
            INSERT INTO {_DAY}
                (engagement_id, day, first_in, last_out, hours, punches, feed_id, known_from)
            SELECT engagement_id, day, first_in, last_out, hours, punches, feed_id, known_from
            FROM (
                SELECT e.id AS engagement_id, t.day, t.first_in, t.last_out, t.hours, t.punches,
                       t.feed_id, {_as_date()} AS known_from,
                       ROW_NUMBER() OVER (PARTITION BY t.number ORDER BY {best_engagement("t.day")})
                       AS place
                FROM {_STAGED} t
                JOIN {_WORKER} w ON w.id_hash = t.id_hash
                JOIN {_ENGAGEMENT} e ON e.worker_id = w.id AND e.project_id = t.project_id
                WHERE t.feed_id = %s) placed
            WHERE place = 1
            ORDER BY engagement_id, day
            ON CONFLICT (engagement_id, day) DO UPDATE SET {sets}""",
            [known, feed],
        )


def best_engagement(day: str) -> str:
    """ORDER BY that puts first the engagement `e` to which a day belongs."""
    return (
        f"CASE WHEN (e.entry_date IS NULL OR e.entry_date <= {day}) "
        f"AND (e.exit_date IS NULL OR e.exit_date >= {day}) THEN 0 ELSE 1 END, "
        "CASE WHEN e.registered THEN 0 ELSE 1 END, "
        "COALESCE(e.entry_date, '0001-01-01') DESC, e.employer_id, e.id"
    )


def summarise_staged(feed_id: int) -> None:
    """Refill the month summaries of the engagements and months that the feed's days touch."""
    staged = StagedDay.objects.filter(feed_id=feed_id)
    span = staged.aggregate(first=Min("day"), last=Max("day"))
    if span["first"] is None:
        return
    engagements = Engagement.objects.filter(
        project__in=staged.values("project_id").distinct(),
        worker__id_hash__in=staged.values("id_hash"),
    )
    first = span["first"].replace(day=1)
    last = span["last"].replace(day=28)
    days = AttendanceDay.objects.filter(engagement__in=engagements.values("pk"), day__gte=first)
    month_of = ExtractYear("day") * 12 + ExtractMonth("day") - 1
    summarise(days.annotate(month=month_of).filter(month__lte=last.year * 12 + last.month - 1))


def summarise(days: Any) -> None:
    """Write the summaries of a queryset of days that is annotated with `month`."""
    names = ["engagement", "month", "days", "hours", "first_day", "last_day"]
    names += ["known_from", "settled_on"]
    summary = (
        days.values("engagement", "month")
        .annotate(
            n=Count("pk"), h=Sum("hours"), a=Min("day"), z=Max("day"),
            k=Min("known_from"), s=Max("known_from"),
        )
        .order_by()
        .values_list("engagement", "month", "n", "h", "a", "z", "k", "s")
    )  # fmt: skip
    bulk.insert_from(
        AttendanceMonth, names, summary, conflict=["engagement", "month"], update=names[2:]
    )


def _instants(seconds: pd.Series) -> pa.Array:
    """Local seconds to UTC timestamps, null for -1."""
    values = seconds.to_numpy(dtype=np.int64)
    return pa.array(values - _LOCAL, pa.timestamp("s"), mask=values < 0)


def _least(name: str) -> str:
    old, new = f"{_DAY}.{name}", f"excluded.{name}"
    return f"CASE WHEN {old} IS NULL OR {new} < {old} THEN {new} ELSE {old} END"


def _greatest(name: str) -> str:
    old, new = f"{_DAY}.{name}", f"excluded.{name}"
    return f"CASE WHEN {old} IS NULL OR {new} > {old} THEN {new} ELSE {old} END"


def _hours(first: str, last: str) -> str:
    if connection.vendor == "postgresql":
        hours = f"EXTRACT(EPOCH FROM (({last}) - ({first}))) / 3600"
    else:
        hours = f"(julianday({last}) - julianday({first})) * 24"
    return f"CASE WHEN {hours} > 0 AND {hours} <= 24 THEN ROUND({hours}, 2) END"


def _as_date() -> str:
    return "%s::date" if connection.vendor == "postgresql" else "%s"


LOADER = AttendanceLoader
