"""Who is registered with an employer on a project, and a card of each: read once for a feed.

A crew is all of an employer's registered workers on one project. Rows of a feed are found in it
by arrays, crew by crew: the number of queries grows with the chunks of a file, not with its rows.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from django.db import connection, transaction

from payroll.checks.issues import STORED, Issues
from payroll.feeds.base import Chunk
from payroll.sql import among, by_index, table
from projects.models import Engagement, Worker, WorkerCard
from wagewatch import bulk

_TYPES = {
    "project": pa.int64(), "employer": pa.int64(), "engagement": pa.int64(), "worker": pa.int64(),
    "hash": pa.string(), "name": pa.string(), "card": pa.string(),
}  # fmt: skip


@dataclass
class Crew:
    """Columns of equal length, and the place of each blind index of an ID number in them."""

    places: dict[str, int]
    engagement: np.ndarray
    worker: np.ndarray
    name: np.ndarray
    card: np.ndarray


@dataclass
class Found:
    """One value for each row that was looked up: engagement and worker are 0 for a stranger,
    `name` and `card` (blind index of one of the worker's cards) are empty."""

    engagement: np.ndarray
    worker: np.ndarray
    name: np.ndarray
    card: np.ndarray


class Roster:
    def __init__(self) -> None:
        self._crews: dict[tuple[int, int], Crew] = {}

    def find(self, project: np.ndarray, employer: np.ndarray, hashes: np.ndarray) -> Found:
        """The registered workers of rows of (project, employer, blind index of the ID number)."""
        count = len(hashes)
        found = Found(
            np.zeros(count, np.int64),
            np.zeros(count, np.int64),
            np.full(count, "", object),
            np.full(count, "", object),
        )
        codes, pairs = pd.factorize(pd.MultiIndex.from_arrays([project, employer]))
        self._load(pair for pair in pairs if pair not in self._crews)
        order = np.argsort(codes, kind="stable")
        bounds = np.searchsorted(codes[order], np.arange(len(pairs) + 1))
        for number, pair in enumerate(pairs):
            rows = order[bounds[number] : bounds[number + 1]]
            crew = self._crews.get(pair)
            if crew is None:
                continue
            at = np.array([crew.places.get(one, -1) for one in hashes[rows].tolist()])
            rows, at = rows[at >= 0], at[at >= 0]
            found.engagement[rows] = crew.engagement[at]
            found.worker[rows] = crew.worker[at]
            found.name[rows] = crew.name[at]
            found.card[rows] = crew.card[at]
        return found

    def _load(self, pairs: Iterable[tuple[int, int]]) -> None:
        wanted = list(pairs)
        if not wanted:
            return
        projects, project_ids = among({project for project, _ in wanted})
        employers, employer_ids = among({employer for _, employer in wanted})
        with transaction.atomic(), by_index():
            rows = bulk.fetch(
                f"""
                SELECT e.project_id, e.employer_id, e.id, e.worker_id, {_hex("w.id_hash")}, w.name,
                       COALESCE({_hex("c.number_hash")}, '')
                FROM {table(Engagement)} e JOIN {table(Worker)} w ON w.id = e.worker_id
                LEFT JOIN {table(WorkerCard)} c ON c.worker_id = e.worker_id
                WHERE e.project_id {projects} AND e.employer_id {employers} AND e.registered
                ORDER BY e.project_id, e.employer_id, e.id""",
                [project_ids, employer_ids],
                _TYPES,
            )
        one = {name: rows[name].to_numpy() for name in _TYPES}
        engagement = one["engagement"]
        if not len(engagement):
            return
        # A worker with two cards stands there twice; then the crews, one after the other.
        first = np.r_[True, engagement[1:] != engagement[:-1]]
        one = {name: values[first] for name, values in one.items()}
        new = np.r_[True, np.diff(one["project"]) != 0] | np.r_[True, np.diff(one["employer"]) != 0]
        for start, end in _spans(new):
            part = {name: values[start:end] for name, values in one.items()}
            self._crews[int(part["project"][0]), int(part["employer"][0])] = Crew(
                {one: place for place, one in enumerate(part["hash"].tolist())},
                part["engagement"],
                part["worker"],
                part["name"],
                part["card"],
            )


def _spans(begins: np.ndarray) -> list[tuple[int, int]]:
    starts = np.flatnonzero(begins)
    return list(zip(starts.tolist(), [*starts[1:].tolist(), len(begins)], strict=True))


def _hex(column: str) -> str:
    """A blind index as 32 hex digits, as Python has it."""
    if connection.vendor == "postgresql":
        return f"encode(uuid_send({column}), 'hex')"
    return column


def known_workers(hashes: Iterable[str]) -> set[str]:
    """Those of the blind indexes that are somebody's, on whatever project."""
    found: Any = Worker.objects.filter(id_hash__in=list(hashes)).values_list("id_hash", flat=True)
    return {pk.hex for pk in found}


def report_strangers(
    chunk: Chunk, issues: Issues, checked: dict[str, Any], hashes: np.ndarray, found: Found
) -> None:
    """Say who is not registered with this employer on this project."""
    sound = checked["project_id"].ne(0) & checked["employer_id"].ne(0) & (hashes != "")
    strange = sound.to_numpy(dtype=bool) & (found.engagement == 0)
    if not strange.any():
        return
    elsewhere = known_workers(set(hashes[strange][:STORED]))
    codes = np.full(len(hashes), "", object)
    codes[strange] = [
        "worker-elsewhere" if one in elsewhere else "worker-unknown" for one in hashes[strange]
    ]
    issues.cells(chunk, "idCardNumber", pd.Series(codes, index=chunk.frame.index))
