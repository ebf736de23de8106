"""Attendance punches into days and the month summary.

The punches of a file wait packed in memory (8 bytes each) until it is read, are made into days,
placed on engagements, and written: new days at once, days known before by a merge in the database
(payroll/ingest/attendance_days.py).
"""

from typing import Any

import numpy as np
import pandas as pd
from django.db.models import Count, Max, Min, Sum

from payroll.checks import attendance as checks
from payroll.checks.issues import STORED
from payroll.feeds.base import Chunk
from payroll.ingest import attendance_days, staging
from payroll.ingest.attendance_days import Crew
from payroll.ingest.base import Loader
from payroll.ingest.terminal_log import TerminalLog
from payroll.models import AttendanceMonth
from payroll.sql import insert
from projects.models import Engagement, Project, Worker
from wagewatch import bulk, identity

Person = tuple[int, str]  # project, and the ID number as normalised; of a log its blind index


class AttendanceLoader(Loader):
    kind = "attendance"

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.known: checks.Ids = {}
        self.people: dict[Person, int] = {}
        self.types: dict[str, str] = {}
        self.seen: list[tuple[str, int]] = []  # sheet and row of each person's first punch
        self.projects: set[int] = set()
        self.punches: list[np.ndarray] = []
        self.days: checks.Days | None = None
        self.column = "idCardNumber"
        self.log: TerminalLog | None = None
        self.sources: np.ndarray | None = None  # the feed of each day, where there are many

    def take(self, chunk: Chunk) -> None:
        if "userNumber" in chunk.fields:
            self._take_log(chunk)
            return
        checked = checks.check(chunk, self.issues, self.lookups, self.feed, self.known)
        self.column = chunk.heading("idCardNumber")
        self.rows += len(chunk.frame)
        if self.issues.errors or not len(chunk.frame):
            self.punches.clear()  # a rejected file is read on for its report only
            return
        person = self._number(chunk, checked)
        self.punches.append(checks.pack(person, checked["seconds"], checked["is_in"]))

    def _take_log(self, chunk: Chunk) -> None:
        """Punches of a time clock: its people come by the blind index, not by the number."""
        self.log = self.log or TerminalLog.of(self.feed, self.lookups)
        self.projects.add(self.log.terminal.project_id)
        self.rows += len(chunk.frame)
        punches = self.log.take(chunk, self.issues, self.people)
        if self.issues.errors:
            self.punches.clear()
        elif len(punches):
            self.punches.append(punches)

    def _number(self, chunk: Chunk, checked: dict[str, Any]) -> np.ndarray:
        """The number of each row's person in `people`, made for those not met before."""
        project_codes, projects = pd.factorize(checked["project_id"])
        id_codes, ids = pd.factorize(checked["id"])
        codes, both = pd.factorize(project_codes.astype(np.int64) * len(ids) + id_codes)
        rows = np.empty(len(both), dtype=np.int64)
        rows[codes[::-1]] = np.arange(len(codes) - 1, -1, -1)  # the first of each
        numbers = np.empty(len(both), dtype=np.int64)
        keys, names = projects.tolist(), ids.tolist()
        for place, (pair, row) in enumerate(zip(both.tolist(), rows.tolist(), strict=True)):
            key = (keys[pair // len(ids)], names[pair % len(ids)])
            number = self.people.setdefault(key, len(self.people))
            if number == len(self.seen):
                self.seen.append((chunk.sheet[:100], int(chunk.frame.index[row])))
                self.types[key[1]] = checked["id_type"][row]
            numbers[place] = number
        self.projects.update(projects.tolist())
        return numbers[codes]

    def finish(self) -> None:
        if self.punches:
            punches = np.concatenate(self.punches)
            self.punches = []
            self.days = checks.to_days(punches)
            if not self.log:
                self._unregistered()
        if self.log:
            self.log.report(self.issues)

    def hashes(self) -> list[str]:
        """The blind index of each person's ID number, by number."""
        if self.log:
            return [one for _, one in self.people]
        ids = pd.Series([number for _, number in self.people], dtype="str")
        return staging.hex_hashes(ids).tolist()  # type: ignore[no-any-return]

    def _keys(self) -> dict[tuple[int, str], int]:
        projects = (project for project, _ in self.people)
        pairs = zip(projects, self.hashes(), strict=True)
        return {pair: number for number, pair in enumerate(pairs)}

    def _unregistered(self) -> None:
        registered = Crew.read(self._keys()).registered(len(self.people))
        ids = list(self.people)
        for number in np.flatnonzero(~registered)[:STORED].tolist():
            sheet, row = self.seen[number]
            self.issues.hint(
                "worker-unregistered",
                sheet=sheet,
                row=row,
                column=self.column,
                value=ids[number][1],
                secret="id",
            )

    def lock(self) -> set[int]:
        return self.projects

    def commit(self) -> None:
        if self.days is not None:
            self._place(self.days)
        if self.log:
            self.log.keep_waiting()

    def _place(self, days: checks.Days) -> None:
        keys = self._keys()
        crew = Crew.read(keys)
        strangers = np.flatnonzero(~crew.engaged(len(keys))).tolist()
        if strangers:
            self._new_people([list(keys)[number] for number in strangers], strangers)
            crew = Crew.read(keys)
        engagement = crew.place(days, len(keys))
        projects = sorted(self.projects)
        attendance_days.write(self.feed, projects, engagement, days, self.sources)

    def _new_people(self, pairs: list[tuple[int, str]], numbers: list[int]) -> None:
        """Workers and engagements that attendance alone has shown."""
        ids = list(self.people)
        by_hash = {one: ids[number][1] for (_, one), number in zip(pairs, numbers, strict=True)}
        held = attendance_days.workers(by_hash)
        insert(
            [
                Worker(
                    id_type=self.types.get(number, identity.RESIDENT_ID),
                    id_number=number,
                    id_hash=one,
                    name="",
                )
                for one, number in by_hash.items()
                if one not in held
            ]
        )
        workers = attendance_days.workers(by_hash)
        found = Project.objects.filter(pk__in={project for project, _ in pairs})
        contractors = dict(found.values_list("pk", "contractor_id"))
        insert(
            [
                Engagement(
                    worker_id=workers[one],
                    project_id=project,
                    employer_id=contractors[project],
                    registered=False,
                    known_from=self.feed.received_on,
                )
                for project, one in pairs
            ]
        )


def best_engagement(day: str) -> str:
    """ORDER BY that puts first the engagement `e` to which a day belongs (as Crew.place does)."""
    return (
        f"CASE WHEN (e.entry_date IS NULL OR e.entry_date <= {day}) "
        f"AND (e.exit_date IS NULL OR e.exit_date >= {day}) THEN 0 ELSE 1 END, "
        "CASE WHEN e.registered THEN 0 ELSE 1 END, "
        "COALESCE(e.entry_date, '0001-01-01') DESC, e.employer_id, e.id"
    )


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


LOADER = AttendanceLoader
