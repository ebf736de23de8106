"""Attendance days to their engagements, and into the tables of days and month summaries.

A day that nobody knew before is written at once; one that is known already is merged in the
database: first in, last out, the earlier day of knowledge.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from django.db import connection, transaction
from django.db.models.functions import ExtractMonth, ExtractYear

from payroll.checks.attendance import LOCAL, Days
from payroll.ingest import staging
from payroll.models import AttendanceDay, AttendanceMonth, Feed, StagedDay
from payroll.sql import among, by_index, hex_of, rows, run, table
from projects.models import Engagement, Worker
from wagewatch import bulk
from wagewatch.months import Month

_STAGED, _DAY, _MONTH = table(StagedDay), table(AttendanceDay), table(AttendanceMonth)
_ENGAGEMENT, _WORKER = table(Engagement), table(Worker)
_NEVER, _EVER = -(1 << 30), 1 << 30  # days
_PART = 200_000  # rows sent to the database at once
_MANY = 50_000  # days from which fresh statistics are worth their time


@dataclass
class Crew:
    """The engagements of a feed's people, as columns; `person` is their number in the feed."""

    person: np.ndarray
    engagement: np.ndarray
    is_registered: np.ndarray
    entry: np.ndarray
    exit: np.ndarray
    employer: np.ndarray

    @classmethod
    def read(cls, keys: Mapping[tuple[int, str], int]) -> "Crew":
        """`keys`: number of a person by project and blind index of the ID number."""
        projects, parameter = among({project for project, _ in keys})
        with transaction.atomic(), by_index():
            found = bulk.fetch(
                f"""
                SELECT e.project_id, {hex_column("w.id_hash")}, e.id, e.employer_id,
                       CASE WHEN e.registered THEN 1 ELSE 0 END,
                       COALESCE({ordinal("e.entry_date")}, {_NEVER}),
                       COALESCE({ordinal("e.exit_date")}, {_EVER})
                FROM {_ENGAGEMENT} e JOIN {_WORKER} w ON w.id = e.worker_id
                WHERE e.project_id {projects}""",
                [parameter],
                {
                    "project": pa.int64(), "hash": pa.string(), "id": pa.int64(),
                    "employer": pa.int64(), "registered": pa.int64(), "entry": pa.int64(),
                    "exit": pa.int64(),
                },
            )  # fmt: skip
        pairs = zip(found["project"].to_pylist(), found["hash"].to_pylist(), strict=True)
        person = np.array([keys.get(pair, -1) for pair in pairs], dtype=np.int64)
        asked = person >= 0
        one = {name: found[name].to_numpy()[asked] for name in found.column_names[2:]}
        registered = one["registered"].astype(bool)
        return cls(person[asked], one["id"], registered, one["entry"], one["exit"], one["employer"])

    def engaged(self, count: int) -> np.ndarray:
        """Which of `count` persons have an engagement."""
        return np.bincount(self.person, minlength=count) > 0

    def registered(self, count: int) -> np.ndarray:
        return np.bincount(self.person[self.is_registered], minlength=count) > 0

    def place(self, days: Days, count: int) -> np.ndarray:
        """The engagement of each day: one that covers it, else the latest (best_engagement)."""
        number = np.bincount(self.person, minlength=count)
        only = np.zeros(count, dtype=np.int64)
        only[self.person] = self.engagement
        placed = only[days.person]
        choice = np.flatnonzero(number[days.person] > 1)
        if not len(choice):
            return placed
        order = np.lexsort((self.engagement, self.employer, -self.entry, ~self.is_registered))
        rank = np.empty(len(order), dtype=np.int64)
        rank[order] = np.arange(len(order))
        some = number[self.person] > 1
        offered = pd.DataFrame(
            {
                "person": self.person[some],
                "engagement": self.engagement[some],
                "entry": self.entry[some],
                "exit": self.exit[some],
                "rank": rank[some],
            }
        )
        asked = pd.DataFrame({"at": choice, "person": days.person[choice], "day": days.day[choice]})
        pairs = asked.merge(offered, on="person")
        pairs["outside"] = ~pairs["day"].between(pairs["entry"], pairs["exit"])
        best = pairs.sort_values(["at", "outside", "rank"]).drop_duplicates("at")
        placed[best["at"].to_numpy()] = best["engagement"].to_numpy()
        return placed


def workers(hashes: Collection[str]) -> dict[str, int]:
    """Primary keys by blind index."""
    wanted = [uuid.UUID(one) if connection.vendor == "postgresql" else one for one in hashes]
    test, parameter = among(wanted)  # type: ignore[arg-type]
    found = rows(f"SELECT id_hash, id FROM {_WORKER} WHERE id_hash {test}", [parameter])
    return {hex_of(one): pk for one, pk in found}


def write(
    feed: Feed,
    projects: Sequence[int],
    engagement: np.ndarray,
    days: Days,
    sources: np.ndarray | None = None,
) -> None:
    """Days and month summaries, inside the feed's transaction. The projects are locked. `sources`
    are the feeds that tell of each day, where many are committed together."""
    old = _known(projects, engagement, days)
    order = np.lexsort((days.day, engagement))
    fresh = order[~old[order]]
    for start in range(0, len(fresh), _PART):
        part = fresh[start : start + _PART]
        columns = _columns(feed, engagement, days, part)
        if sources is not None:
            columns["feed_id"] = sources[part]
        staging.write(AttendanceDay, columns)
    if len(days) >= _MANY:
        bulk.analyze(AttendanceDay)
    _summarise(feed, projects, engagement[fresh], days, fresh)
    known = order[old[order]]
    if len(known):
        columns = _columns(feed, engagement, days, known)
        staging.write(StagedDay, {"number": np.arange(len(known)), **columns})
        staging.staged(StagedDay, len(known))
        _merge(feed)
        _summarise_merged(feed, days.day[known])


def _key(engagement: np.ndarray, day: np.ndarray) -> np.ndarray:
    return (engagement.astype(np.int64) << 20) + day


def _known(projects: Sequence[int], engagement: np.ndarray, days: Days) -> np.ndarray:
    """Which of the days have a row already."""
    test, parameter = among(projects)
    with by_index():
        found = bulk.fetch(
            f"""
            SELECT d.engagement_id, {ordinal("d.day")}
            FROM {_ENGAGEMENT} e JOIN {_DAY} d ON d.engagement_id = e.id
            WHERE e.project_id {test} AND d.day BETWEEN %s AND %s""",
            [parameter, date_of(days.day.min()), date_of(days.day.max())],
            {"engagement": pa.int64(), "day": pa.int64()},
        )
    if not found.num_rows:
        return np.zeros(len(days), dtype=bool)
    held = _key(found["engagement"].to_numpy(), found["day"].to_numpy())
    return np.isin(_key(engagement, days.day), held)


def _columns(feed: Feed, engagement: np.ndarray, days: Days, which: np.ndarray) -> dict[str, Any]:
    hours = pd.Series(days.hours[which])
    count = len(which)
    return {
        "engagement_id": engagement[which],
        "day": pa.array(days.day[which].astype(np.int32), pa.date32()),
        "first_in": _instants(days.first_in[which]),
        "last_out": _instants(days.last_out[which]),
        "hours": staging.hundredths(hours, hours >= 0),
        "punches": np.minimum(days.punches[which], 32_767),
        "feed_id": np.full(count, feed.pk),
        "known_from": pa.array([feed.received_on] * count, pa.date32()),
    }


def _summarise(
    feed: Feed, projects: Sequence[int], engagement: np.ndarray, days: Days, which: np.ndarray
) -> None:
    """Add new days to the month summaries: those that are there are taken out, and all written."""
    if not len(which):
        return
    new = pd.DataFrame({"engagement": engagement, "day": days.day[which]})
    new["month"] = _months(new["day"])
    new["hours"] = days.hours[which]
    new["timed"] = new["hours"] >= 0
    new["hours"] = new["hours"].clip(lower=0)
    keys = ["engagement", "month"]
    months = new.groupby(keys, as_index=False).agg(
        days=("day", "size"), hours=("hours", "sum"), timed=("timed", "any"),
        first_day=("day", "min"), last_day=("day", "max"),
    )  # fmt: skip
    received = (feed.received_on - dt.date(1970, 1, 1)).days
    months["known_from"] = months["settled_on"] = received
    held = _take_months(projects, months)
    if len(held):
        months = pd.concat([months, held], ignore_index=True)
        months = months.groupby(keys, as_index=False).agg(
            days=("days", "sum"), hours=("hours", "sum"), timed=("timed", "any"),
            first_day=("first_day", "min"), last_day=("last_day", "max"),
            known_from=("known_from", "min"), settled_on=("settled_on", "max"),
        )  # fmt: skip
    dates = ("first_day", "last_day", "known_from", "settled_on")
    staging.write(
        AttendanceMonth,
        {
            "engagement_id": months["engagement"],
            "month": months["month"],
            "days": months["days"],
            "hours": staging.hundredths(months["hours"], months["timed"].astype(bool)),
            **{one: pa.array(months[one].to_numpy(np.int32), pa.date32()) for one in dates},
        },
    )
    if len(which) >= _MANY:
        bulk.analyze(AttendanceMonth)


def _take_months(projects: Sequence[int], months: pd.DataFrame) -> pd.DataFrame:
    """The summaries that there are of these engagements and months, taken out of the table."""
    test, parameter = among(projects)
    names = ["first_day", "last_day", "known_from", "settled_on"]
    columns = ("id", "engagement", "month", "days", "hours", "timed", *names)
    with by_index():
        found = bulk.fetch(
            f"""
            SELECT m.id, m.engagement_id, m.month, m.days,
                   CAST(ROUND(COALESCE(m.hours, 0) * 100) AS BIGINT),
                   CASE WHEN m.hours IS NULL THEN 0 ELSE 1 END,
                   {", ".join(ordinal(f"m.{name}") for name in names)}
            FROM {_ENGAGEMENT} e JOIN {_MONTH} m ON m.engagement_id = e.id
            WHERE e.project_id {test} AND m.month BETWEEN %s AND %s""",
            [parameter, int(months["month"].min()), int(months["month"].max())],
            dict.fromkeys(columns, pa.int64()),
        ).to_pandas()
    if not len(found):
        return found
    touched = pd.MultiIndex.from_frame(months[["engagement", "month"]])
    found = found[pd.MultiIndex.from_frame(found[["engagement", "month"]]).isin(touched)]
    taken = found.pop("id").tolist()
    if taken:
        test, parameter = among(taken)
        run(f"DELETE FROM {_MONTH} WHERE id {test}", [parameter])
    return found.astype({"timed": bool})


def _merge(feed: Feed) -> None:
    """The staged days into the rows that are there."""
    merged = {
        "first_in": _least("first_in"),
        "last_out": _greatest("last_out"),
        "punches": _greatest("punches"),
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
        FROM {_STAGED} WHERE feed_id = %s ORDER BY engagement_id, day
        ON CONFLICT (engagement_id, day) DO UPDATE SET {sets}""",
        [feed.pk],
    )


def _summarise_merged(feed: Feed, merged: np.ndarray) -> None:
    """Count again the months of the days that were merged."""
    from payroll.ingest.attendance import summarise

    staged = StagedDay.objects.filter(feed_id=feed.pk)
    months = np.unique(_months(merged)).tolist()
    first = Month(months[0]).first
    days = AttendanceDay.objects.filter(
        engagement__in=staged.values("engagement_id"), day__gte=first
    )
    month = ExtractYear("day") * 12 + ExtractMonth("day") - 1
    summarise(days.annotate(month=month).filter(month__in=months))


def _months(days: Any) -> np.ndarray:
    """Month.ordinal of days since 1970."""
    months = np.asarray(days).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return months + 1970 * 12  # type: ignore[no-any-return]


def _instants(seconds: np.ndarray) -> pa.Array:
    """Local seconds to UTC timestamps, null for -1."""
    return pa.array(seconds - LOCAL, pa.timestamp("s"), mask=seconds < 0)


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


def date_of(day: Any) -> dt.date:
    return dt.date(1970, 1, 1) + dt.timedelta(days=int(day))


def ordinal(column: str) -> str:
    """A date column as days since 1970."""
    if connection.vendor == "postgresql":
        return f"({column} - DATE '1970-01-01')"
    return f"CAST(julianday({column}) - 2440587.5 AS INTEGER)"


def hex_column(column: str) -> str:
    """A blind index as 32 hex digits, as Python has it."""
    if connection.vendor == "postgresql":
        return f"encode(uuid_send({column}), 'hex')"
    return column
