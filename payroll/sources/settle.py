"""From what sources told to what holds: versions for the rules, conflicts for a person to decide.

`tell` is what a registry feed calls, `settle` what a decision calls as well. Both run inside the
caller's transaction, with the projects locked; the number of queries does not grow with the rows.
"""

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from payroll.sources import fields
from payroll.sources.history import History, Subject, Told, companies
from payroll.sources.precedence import State, Version, fold
from payroll.sql import among, chain_known, insert
from projects.models import Conflict, Party, Project, ProjectVersion
from wagewatch import bulk

States = dict[Subject, dict[str, State]]


@dataclass(frozen=True)
class Difference:
    """A value of a feed that does not hold: what does, of whom, since when, and how it stands."""

    subject: Subject
    field: str
    value: str
    held: str
    source: str
    since: dt.date
    standing: str


def tell(
    told: Told, source: str, day: dt.date, feed: int, created: Collection[int] = ()
) -> list[Difference]:
    """Keep what a feed says and renew what follows from it; gives what of it does not hold."""
    history = History(list(told), created)
    history.add(told, source, day, feed)
    states = settle(history)
    return _differences(history, states, told, source, day)


def settle(history: History) -> States:
    """Renew versions, newest values and conflicts of the subjects of a history."""
    states: States = {}
    versions: dict[Subject, list[Version]] = {}
    for subject in history.subjects:
        found, states[subject] = fold(history.events(subject), fields.authority)
        versions[subject] = [v for v in found if _is_whole(subject, v)]
        _mark(history, subject, states[subject])
    history.write()
    _write_projects({s: v for s, v in versions.items() if not s.role})
    _write_parties({s: v for s, v in versions.items() if s.role})
    _write_conflicts(history, states)
    return states


def _is_whole(subject: Subject, version: Version) -> bool:
    """A project needs its name, region and contractor, a party that somebody says it is one."""
    required = ("role",) if subject.role else fields.REQUIRED
    return all(version.texts.get(name) for name in required)


def _mark(history: History, subject: Subject, states: dict[str, State]) -> None:
    latest = history.latest(subject)
    for one in history.values[subject]:
        state = states[one.field]
        newest = latest[one.field, one.source] is one
        one.holds = newest and bool(one.value) and (one.source, one.value) == (
            state.source, state.value,
        )  # fmt: skip


def _write_projects(versions: dict[Subject, list[Version]]) -> None:
    codes = {
        v.texts.get(n, "") for found in versions.values() for v in found for n in fields.COMPANIES
    }
    known = companies(codes) if versions else {}
    wanted = {
        (subject.project, v.day): ProjectVersion(
            project_id=subject.project,
            known_from=v.day,
            feed_id=v.feed or None,
            **fields.facts_of(v.texts, known),
        )
        for subject, found in versions.items()
        for v in found
    }
    names = [ProjectVersion._meta.get_field(name).attname for name in fields.PROJECT]  # type: ignore[union-attr]
    owners = {subject.project for subject, found in versions.items() if found}
    if _replace(ProjectVersion, ["project"], owners, wanted, names):
        newest = ProjectVersion.objects.filter(known_until__isnull=True, project__in=owners)
        bulk.insert_from(
            Project,
            ["id", "code", *fields.PROJECT],
            newest.order_by("project").values_list("project_id", "project__code", *fields.PROJECT),
            conflict=["id"],
            update=fields.PROJECT,
        )


def _write_parties(versions: dict[Subject, list[Version]]) -> None:
    known = (
        companies({v.texts.get("parent", "") for found in versions.values() for v in found})
        if versions
        else {}
    )
    wanted = {
        (subject.project, subject.company, subject.role, v.day): Party(
            project_id=subject.project,
            company_id=subject.company or 0,
            role=subject.role,
            parent_id=known.get(v.texts.get("parent", "")),
            entry_date=fields.value_of("entry_date", v.texts.get("entry_date", "")),
            exit_date=fields.value_of("exit_date", v.texts.get("exit_date", "")),
            known_from=v.day,
            feed_id=v.feed or None,
        )
        for subject, found in versions.items()
        for v in found
    }
    owners = {subject.project for subject in versions}
    concerned = {(s.project, s.company, s.role) for s in versions}
    keys = ["project", "company", "role"]
    _replace(Party, keys, owners, wanted, ["parent_id", "entry_date", "exit_date"], concerned)


def _replace(
    model: Any,
    keys: Sequence[str],
    projects: set[int],
    wanted: dict[tuple[Any, ...], Any],
    names: Sequence[str],
    concerned: set[tuple[Any, ...]] | None = None,
) -> bool:
    """Make the versions of these projects (of the keys `concerned`) those that are wanted; rows
    that are right already stay as they are. Whether anything changed."""
    if not projects:
        return False
    attributes = [bulk.column(model, key) for key in keys]
    wrong, right = [], set()
    rows = model.objects.filter(project__in=projects)
    for pk, *row in rows.values_list("pk", *attributes, "known_from", *names):
        key = tuple(row[: len(keys) + 1])
        if concerned is not None and key[:-1] not in concerned:
            continue
        one = wanted.get(key)
        if one is not None and [getattr(one, name) for name in names] == row[len(keys) + 1 :]:
            right.add(key)
        else:
            wrong.append(pk)
    if wrong:
        model.objects.filter(pk__in=wrong).delete()
    new = [one for key, one in wanted.items() if key not in right]
    insert(new)
    if wrong or new:
        test, parameter = among(projects)
        chain_known(model, keys, f"project_id {test}", parameter)
    return bool(wrong or new)


def _write_conflicts(history: History, states: States) -> None:
    wanted = {
        (subject, name): _conflict(subject, name, state)
        for subject, by_field in states.items()
        for name, state in by_field.items()
        if state.standing
    }
    rows = Conflict.objects.filter(project__in={s.project for s in states})
    gone, changed = [], []
    for row in rows:
        subject = Subject(row.project_id, row.role, row.company_id)
        if subject not in states:
            continue
        one = wanted.pop((subject, row.field), None)
        if one is None:
            gone.append(row.pk)
        elif any(getattr(one, name) != getattr(row, name) for name in _DERIVED):
            one.pk = row.pk
            changed.append(one)
    if gone:
        Conflict.objects.filter(pk__in=gone).delete()
    insert(list(wanted.values()))
    bulk.update_each(changed, _DERIVED)


_DERIVED = ["standing", "opened_on", "held_value", "held_source", "values"]


def _conflict(subject: Subject, name: str, state: State) -> Conflict:
    assert state.since is not None  # they differ since a day
    values = {
        source: {"value": one.value, "on": one.day.isoformat(), "feed": one.feed or None}
        for source, one in sorted(state.said.items())
    }
    return Conflict(
        project_id=subject.project,
        company_id=subject.company,
        role=subject.role,
        field=name,
        standing=state.standing,
        opened_on=state.since,
        held_value=state.value,
        held_source=state.source,
        values=values,
    )


def _differences(
    history: History, states: States, told: Told, source: str, day: dt.date
) -> list[Difference]:
    found = []
    for subject, texts in told.items():
        for name, text in texts.items():
            state = states[subject].get(name)
            if state is None or not state.standing or state.value == text:
                continue
            said = state.said.get(source)
            if said is None or said.value != text:
                continue  # a file of the past: its source has said otherwise since
            held = state.said.get(state.source)
            since = held.day if held else day
            found.append(
                Difference(subject, name, text, state.value, state.source, since, state.standing)
            )
    return found
