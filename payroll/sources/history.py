"""What sources told of projects and parties, read whole and set-based, and new tellings added.

`History` is the memory of one commit: it reads the rows of the subjects that a feed or a decision
touches, takes new values, and writes back only what changed.
"""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from payroll.sources import fields
from payroll.sources.precedence import Decided, Event, Said
from projects.models import Company, FieldDecision, FieldValue, Party, ProjectVersion, Source
from projects.models import Telling as TellingRow
from wagewatch import bulk


class Subject(NamedTuple):
    """A project, or a company (primary key) in a role on it."""

    project: int
    role: str = ""
    company: int | None = None

    @property
    def order(self) -> tuple[str, ...]:
        return fields.PARTY if self.role else fields.PROJECT


@dataclass(slots=True)
class Value:
    """A FieldValue in memory; `pk` is None while it is not written."""

    pk: int | None
    field: str
    source: str
    value: str
    day: dt.date
    feed: int
    until: dt.date | None = None
    holds: bool = False

    @property
    def place(self) -> tuple[dt.date, int]:
        return self.day, self.feed


Told = dict[Subject, dict[str, str]]
"""What one feed says: texts by field; "" withdraws. A field that is not named is not spoken of."""


class History:
    def __init__(self, subjects: Collection[Subject], created: Collection[int] = ()) -> None:
        """Read the rows of these subjects; `created` are projects that no feed told of before."""
        self.subjects = list(dict.fromkeys(subjects))
        self.values: dict[Subject, list[Value]] = {subject: [] for subject in self.subjects}
        self.decisions: dict[Subject, list[Decided]] = {}
        self._written: dict[int, tuple[dt.date | None, bool]] = {}
        self._gone: list[int] = []
        about = self._about()
        self._read(about)
        self._read_decisions(about)
        self._adopt(created)

    def _about(self) -> Q:
        projects = {subject.project for subject in self.subjects}
        of_project = any(not subject.role for subject in self.subjects)
        of_party = any(subject.role for subject in self.subjects)
        about = Q(project__in=projects)
        if of_project != of_party:
            about &= Q(role="") if of_project else ~Q(role="")
        return about

    def _read(self, about: Q) -> None:
        rows = FieldValue.objects.filter(about).order_by("known_from", "feed_id", "pk")
        for (
            project, role, company, pk, field, source, value, day, feed, until, holds,
        ) in rows.values_list(
            "project", "role", "company", "pk", "field", "source", "value", "known_from",
            "feed_id", "known_until", "holds",
        ):  # fmt: skip
            of = self.values.get(Subject(project, role, company))
            if of is not None:
                of.append(Value(pk, field, source, value, day, feed or 0, until, holds))
                self._written[pk] = (until, holds)

    def _read_decisions(self, about: Q) -> None:
        rows = FieldDecision.objects.filter(about).order_by("pk")
        for project, role, company, *decided in rows.values_list(
            "project", "role", "company", "on", "after_feed", "field", "source", "value", "seen",
            "undone_on",
        ):  # fmt: skip
            subject = Subject(project, role, company)
            self.decisions.setdefault(subject, []).append(Decided(*decided))

    def _adopt(self, created: Collection[int]) -> None:
        """What was known before sources were kept: an unknown one told it, version by version."""
        bare = {s for s, values in self.values.items() if not values and s.project not in created}
        projects = {s.project for s in bare if not s.role}
        if projects:
            self._adopt_rows(_project_versions(projects))
        if any(s.role for s in bare):
            self._adopt_rows(_party_versions({s.project for s in bare if s.role}, bare))

    def _adopt_rows(
        self, rows: Iterable[tuple[Subject, dt.date, int | None, dict[str, str]]]
    ) -> None:
        said: dict[Subject, dict[str, str]] = {}
        for subject, day, feed, texts in rows:
            before = said.get(subject, {})
            for field, text in texts.items():
                if text != before.get(field, ""):
                    value = Value(None, field, Source.UNKNOWN, text, day, feed or 0)
                    self.values[subject].append(value)
            said[subject] = texts

    def add(self, told: Told, source: str, day: dt.date, feed: int) -> None:
        """Take what a feed says: new rows where the source says other than it did; and that the
        feed spoke of these fields."""
        again = self._later(source, day, feed)
        for subject, texts in told.items():
            for field, text in texts.items():
                self._add(subject, Value(None, field, source, text, day, feed), again)
        on = connection.ops.adapt_datefield_value(day)
        bulk.copy(
            TellingRow,
            ["project", "company_id", "role", "source", "feed_id", "on", "fields"],
            (
                (s.project, s.company, s.role, source, feed, on, fields.bits(texts, s.order))
                for s, texts in told.items()
            ),
        )

    def _add(
        self, subject: Subject, new: Value, again: dict[Subject, list[tuple[dt.date, int, int]]]
    ) -> None:
        of = [
            one
            for one in self.values[subject]
            if one.field == new.field and one.source == new.source
        ]
        before = max((one for one in of if one.place < new.place), key=_place, default=None)
        was = before.value if before else ""
        if was == new.value:
            return
        self.values[subject].append(new)
        following = min((one for one in of if one.place > new.place), key=_place, default=None)
        bit = fields.bits([new.field], subject.order)
        for day, feed, spoken in again.get(subject, ()):
            if following is not None and (day, feed) >= following.place:
                break
            if spoken & bit:
                # the file of that later day repeated the old value, which left no row
                back = Value(None, new.field, new.source, was, day, feed)
                self.values[subject].append(back)
                return
        if following is not None and following.value == new.value:  # told earlier than was known
            self.values[subject].remove(following)
            if following.pk is not None:
                self._gone.append(following.pk)

    def _later(
        self, source: str, day: dt.date, feed: int
    ) -> dict[Subject, list[tuple[dt.date, int, int]]]:
        """What this source told after that place, when a feed is loaded out of its order."""
        later = Q(on__gt=day) | Q(on=day, feed_id__gt=feed)
        rows = TellingRow.objects.filter(later, self._about(), source=source)
        found: dict[Subject, list[tuple[dt.date, int, int]]] = {}
        for project, role, company, on, told, spoken in rows.order_by("on", "feed_id").values_list(
            "project", "role", "company_id", "on", "feed_id", "fields"
        ):
            found.setdefault(Subject(project, role, company), []).append((on, told, spoken))
        return found

    def events(self, subject: Subject) -> list[Event]:
        said: list[Event] = [
            Said(one.day, one.feed, one.field, one.source, one.value)
            for one in self.values[subject]
        ]
        return said + list(self.decisions.get(subject, ()))

    def latest(self, subject: Subject) -> dict[tuple[str, str], Value]:
        """What each source says now: by (field, source)."""
        found: dict[tuple[str, str], Value] = {}
        for one in sorted(self.values[subject], key=_place):
            found[one.field, one.source] = one
        return found

    def write(self) -> None:
        """Insert what is new, and renew `known_until` and `holds` where they changed."""
        new, changed = [], []
        for subject, values in self.values.items():
            last: dict[tuple[str, str], Value] = {}
            for one in sorted(values, key=_place):
                if before := last.get((one.field, one.source)):
                    before.until = one.day
                one.until = None
                last[one.field, one.source] = one
            for one in values:
                if one.pk is None:
                    new.append(_row(subject, one))
                elif self._written[one.pk] != (one.until, one.holds):
                    row = FieldValue(pk=one.pk, known_until=one.until, holds=one.holds)
                    changed.append(row)
        if self._gone:
            FieldValue.objects.filter(pk__in=self._gone).delete()
        bulk.copy(FieldValue, _COLUMNS, new)
        bulk.update_each(changed, ["known_until", "holds"])


_COLUMNS = [
    "project", "company", "role", "field", "source", "value", "feed_id", "known_from",
    "known_until", "holds",
]  # fmt: skip


def _row(subject: Subject, one: Value) -> tuple[Any, ...]:
    """In the database's own form: many thousands of rows come with one file."""
    date = connection.ops.adapt_datefield_value
    return (
        subject.project, subject.company, subject.role, one.field, one.source, one.value,
        one.feed or None, date(one.day), date(one.until), one.holds,
    )  # fmt: skip


def _place(one: Value) -> tuple[dt.date, int]:
    return one.place


def _project_versions(
    projects: set[int],
) -> Iterable[tuple[Subject, dt.date, int | None, dict[str, str]]]:
    columns = [f"{n}__code" if n in fields.COMPANIES else n for n in fields.PROJECT]
    rows = ProjectVersion.objects.filter(project__in=projects).order_by("project", "known_from")
    for project, day, feed, *facts in rows.values_list(
        "project", "known_from", "feed_id", *columns
    ):
        yield Subject(project), day, feed, _texts(fields.PROJECT, facts)


def _party_versions(
    projects: set[int], wanted: set[Subject]
) -> Iterable[tuple[Subject, dt.date, int | None, dict[str, str]]]:
    rows = Party.objects.filter(project__in=projects).order_by("project", "known_from", "pk")
    for project, role, company, day, feed, *facts in rows.values_list(
        "project", "role", "company", "known_from", "feed_id", "role", "parent__code",
        "entry_date", "exit_date",
    ):  # fmt: skip
        subject = Subject(project, role, company)
        if subject in wanted:
            yield subject, day, feed, _texts(fields.PARTY, facts)


def _texts(names: tuple[str, ...], values: Iterable[Any]) -> dict[str, str]:
    return {n: fields.text_of(n, value) for n, value in zip(names, values, strict=True)}


def companies(codes: Iterable[str]) -> dict[str, int]:
    """Primary keys by credit code. One query."""
    wanted = {code for code in codes if code}
    return dict(Company.objects.filter(code__in=wanted).values_list("code", "pk"))
