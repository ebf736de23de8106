"""Many small attendance pushes of one key in one commit, as if each had come alone.

They are read and checked as one chunk whose rows count through. A push with any error, and one
that was accepted before, leaves the company and goes the ordinary way by itself, where it gets its
own report; the others are committed in one transaction, each with its own hints and its own days.
"""

import logging
from typing import Any

import numpy as np
import pandas as pd
from django.db import transaction
from django.utils import timezone

from payroll.checks.attendance import DAY
from payroll.checks.issues import STORED, Issues
from payroll.feeds import gateway
from payroll.feeds.base import Chunk
from payroll.ingest import pipeline, staging
from payroll.ingest.attendance import AttendanceLoader
from payroll.ingest.attendance_days import Crew
from payroll.ingest.lookups import Lookups
from payroll.models import Feed, FeedIssue
from payroll.sql import insert
from wagewatch import audit, bulk

log = logging.getLogger(__name__)
Rows = list[dict[str, str]]


def process_together(feeds: list[Feed]) -> None:
    """Process open feeds of pushes of one key, one secret and one day, in the order given."""
    together, alone = _known_before(feeds)
    secret: bytes = feeds[0].call.key.secret_of(feeds[0].call.generation)  # type: ignore[union-attr]
    parts = _read(together, secret)
    alone += [feed for feed in together if feed.pk not in {f.pk for f, _ in parts}]
    while len(parts) > 1:
        try:
            bad = _commit_all(parts)
        except Exception:
            log.exception("%s pushes could not be processed together", len(parts))
            break
        if not bad:
            parts = []
        parts, alone = (
            [part for part in parts if part[0].pk not in bad],
            [*alone, *(feed for feed, _ in parts if feed.pk in bad)],
        )
    alone += [feed for feed, _ in parts]
    for feed in sorted(alone, key=lambda feed: feed.pk):
        pipeline.process(feed, evaluate=False)


def _known_before(feeds: list[Feed]) -> tuple[list[Feed], list[Feed]]:
    """Those whose bytes are new, and those that repeat an accepted feed or one of their own."""
    known = Feed.objects.accepted().filter(sha256__in=[feed.sha256 for feed in feeds])
    seen = set(known.values_list("sha256", flat=True))
    new: list[Feed] = []
    again: list[Feed] = []
    for feed in feeds:
        (again if feed.sha256 in seen else new).append(feed)
        seen.add(feed.sha256)
    return new, again


def _read(feeds: list[Feed], secret: bytes) -> list[tuple[Feed, Rows]]:
    """The rows of each push that can be read without a fault."""
    seen: dict[str, str] = {}
    parts = []
    for feed in feeds:
        try:
            rows, faults = gateway.rows_of(b"".join(pipeline.open_bytes(feed)), secret, seen)
        except Exception:
            log.exception("feed %s cannot be read with others", feed.pk)
            continue
        if rows and not faults:
            parts.append((feed, rows))
    return parts


def _commit_all(parts: list[tuple[Feed, Rows]]) -> set[int]:
    """Check and commit; when rows are wrong nothing is written, and their feeds are given."""
    feeds = [feed for feed, _ in parts]
    counts = np.array([len(rows) for _, rows in parts])
    lead, issues = feeds[0], Issues()
    loader = _Together(lead, issues, Lookups(lead))
    loader.of_row = of_row = np.repeat(np.array([feed.pk for feed in feeds]), counts)
    loader.take(gateway.chunk_of([row for _, rows in parts for row in rows]))
    if issues.errors:
        places = {issue.row for issue in issues.items if issue.severity == "error"}
        if None in places:
            return {feed.pk for feed in feeds}  # no row's error: each must say it for itself
        return {int(of_row[row - 1]) for row in places if row}
    loader.finish()
    said = _by_feed(issues, of_row)
    projects = _projects(loader, parts)
    staging.clear(lead.pk)
    try:
        with transaction.atomic():
            pipeline.lock_projects(loader.lock())
            loader.commit()
            through: Any = Feed.projects.through
            insert(
                [
                    through(feed_id=feed.pk, project_id=project)
                    for feed in feeds
                    for project in sorted(projects[feed.pk])
                ]
            )
            insert(said)
            _accept(feeds, counts)
    finally:
        staging.clear(lead.pk)
    return set()


class _Together(AttendanceLoader):
    """Knows which feed each row, and so each day and each stranger, comes from."""

    of_row: np.ndarray
    person: np.ndarray
    day: np.ndarray

    def _number(self, chunk: Chunk, checked: dict[str, Any]) -> np.ndarray:
        self.person = super()._number(chunk, checked)
        self.day = np.asarray(checked["seconds"]) // DAY
        return self.person

    def finish(self) -> None:
        super().finish()
        if self.days is None:
            return
        told: dict[tuple[int, int], int] = {}
        rows = zip(self.person.tolist(), self.day.tolist(), self.of_row.tolist(), strict=True)
        for person, day, feed in rows:
            told.setdefault((person, day), feed)
        self.sources = np.array(
            [  # the end of a night shift stands on the day after
                told.get((person, day)) or told[person, day + 1]
                for person, day in zip(
                    self.days.person.tolist(), self.days.day.tolist(), strict=True
                )
            ]
        )

    def _unregistered(self) -> None:
        """A hint for each push that names a stranger, not only for the first."""
        registered = Crew.read(self._keys()).registered(len(self.people))
        rows = pd.DataFrame({"feed": self.of_row, "person": self.person})
        strange = rows[~registered[self.person]].drop_duplicates()
        ids = list(self.people)
        for row, person in strange["person"].head(STORED).items():
            self.issues.hint(
                "worker-unregistered",
                row=int(row) + 1,
                column=self.column,
                value=ids[person][1],
                secret="id",
            )


def _by_feed(issues: Issues, of_row: np.ndarray) -> list[FeedIssue]:
    """The hints of each push, with rows that count from its own first."""
    rows = []
    for issue in issues.items:
        row = issue.row or 1
        feed = int(of_row[row - 1])
        first = int(np.argmax(of_row == feed))
        rows.append(pipeline.issue_row(issue, feed, row - first))
    return rows


def _projects(loader: AttendanceLoader, parts: list[tuple[Feed, Rows]]) -> dict[int, set[int]]:
    codes = {feed.pk: {row["projectCode"] for row in rows} for feed, rows in parts}
    refs = loader.lookups.projects({code for of in codes.values() for code in of})
    return {pk: {ref.pk for code in of if (ref := refs[code])} for pk, of in codes.items()}


def _accept(feeds: list[Feed], counts: np.ndarray) -> None:
    now = timezone.now()
    for feed, count in zip(feeds, counts.tolist(), strict=True):
        feed.status, feed.finished_at = Feed.Status.ACCEPTED, now
        feed.rows = feed.accepted = feed.progress = count
    bulk.update_each(feeds, ["status", "finished_at", "rows", "accepted", "progress"])
    pks = [feed.pk for feed in feeds]
    audit.record(None, "accept_feeds", feeds[0], kind="attendance", feeds=pks)
