"""What the pages show of sources: each field with who said what, and the conflicts."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from payroll.models import Feed
from payroll.sources import deciding, fields
from payroll.sources.forms import DecisionForm
from payroll.sources.shown import Names
from projects import labels, scope
from projects.models import Conflict, FieldDecision, FieldValue, Member, Project, Source
from wagewatch import xlsx

MOST = 50_000


@dataclass
class Line:
    """What one source says of one field; `mark` is holds, agrees, differs."""

    source: Any
    text: str
    since: Any
    feed: Feed | None
    mark: str


@dataclass
class FieldLines:
    label: Any
    lines: list[Line] = field(default_factory=list)
    conflict: Conflict | None = None


@dataclass
class Group:
    """The project itself (title ""), or a party."""

    title: str
    code: str
    fields: list[FieldLines]


@dataclass
class Shown:
    """A conflict with its values as people read them, and the form for those who may decide."""

    conflict: Conflict
    label: Any
    about: str
    lines: list[Line]
    form: DecisionForm | None


def groups(project: Project, member: Member) -> tuple[list[Group], list[Shown]]:
    """The sources of a project that `member` sees, and its conflicts, the open ones first. The
    number of queries does not depend on the number of fields."""
    values = list(
        scope.visible(FieldValue.objects.current(), member)
        .filter(project=project)
        .exclude(value="")
        .select_related("company")
    )
    conflicts = list(
        scope.visible(Conflict.objects.all(), member)
        .filter(project=project)
        .select_related("company")
    )
    names = Names(_texts(values, conflicts))
    wanted = {one.feed_id for one in values}
    feeds = Feed.objects.visible_to(member).filter(pk__in=wanted).distinct().in_bulk()
    differing = {(c.role, c.company_id, c.field): c for c in conflicts}
    held = {(v.role, v.company_id, v.field): v.value for v in values if v.holds}
    made: dict[tuple[str, int | None], dict[str, FieldLines]] = {}
    titles: dict[tuple[str, int | None], tuple[str, str]] = {}
    for one in sorted(values, key=_order):
        about, place = (one.role, one.company_id), (one.role, one.company_id, one.field)
        conflict = differing.get(place)
        holding = conflict.held_value if conflict else held.get(place, one.value)
        mark = "holds" if one.holds else "agrees" if one.value == holding else "differs"
        of = made.setdefault(about, {})
        rows = of.setdefault(one.field, FieldLines(labels.FIELD[one.field], [], conflict))
        rows.lines.append(
            Line(
                labels.SOURCE[one.source],
                names.show(one.field, one.value),
                one.known_from,
                feeds.get(one.feed_id or 0),
                mark,
            )
        )
        titles[about] = _title(one.role, one.company)
    listed = [Group(*titles[about], list(of.values())) for about, of in made.items()]
    shown = [_shown(c, made[c.role, c.company_id][c.field], names, member) for c in conflicts]
    return listed, sorted(shown, key=_rank)


def _texts(
    values: Iterable[FieldValue], conflicts: Iterable[Conflict]
) -> Iterable[tuple[str, str]]:
    yield from ((one.field, one.value) for one in values)
    yield from texts_of(conflicts)


def texts_of(conflicts: Iterable[Conflict]) -> Iterable[tuple[str, str]]:
    """(field, text) of all that is said in conflicts, for Names."""
    for one in conflicts:
        yield one.field, one.held_value
        yield from ((one.field, said["value"]) for said in one.values.values())


def _order(one: FieldValue) -> tuple[Any, ...]:
    order = fields.PARTY if one.role else fields.PROJECT
    code = one.company.code if one.company else ""
    return one.role, code, order.index(one.field), not one.holds, one.known_from, one.source


def _rank(one: Shown) -> tuple[int, int]:
    return Conflict.Standing.values.index(one.conflict.standing), -one.conflict.pk


def _title(role: str, company: Any) -> tuple[str, str]:
    return (f"{labels.ROLE[role]} {company.name}", company.code) if company else ("", "")


def _shown(conflict: Conflict, rows: FieldLines, names: Names, member: Member) -> Shown:
    form = None
    if deciding.may_decide(member):
        choices = [
            (source, f"{labels.SOURCE[source]}: {names.show(conflict.field, said['value'])}")
            for source, said in conflict.values.items()
        ]
        form = DecisionForm(conflict=conflict, choices=choices)
    about = _title(conflict.role, conflict.company)[0]
    return Shown(conflict, labels.FIELD[conflict.field], about, rows.lines, form)


def decisions(project: Project, member: Member) -> list[dict[str, Any]]:
    """What was decided on a project, the newest first."""
    rows = list(
        scope.visible(FieldDecision.objects.all(), member)
        .filter(project=project)
        .select_related("company", "by", "undone_by")
        .order_by("-pk")
    )
    names = Names((one.field, text) for one in rows for text in one.seen.values())
    return [
        {
            "decision": one,
            "label": labels.FIELD[one.field],
            "about": _title(one.role, one.company)[0],
            "source": labels.SOURCE[one.source],
            "value": names.show(one.field, one.value),
            "others": [
                f"{labels.SOURCE[source]}: {names.show(one.field, text)}"
                for source, text in one.seen.items()
                if text != one.value
            ],
        }
        for one in rows
    ]


def listed(conflicts: list[Conflict]) -> list[dict[str, Any]]:
    """Rows of the list of conflicts (project, its region and company selected)."""
    names = Names(texts_of(conflicts))
    return [
        {
            "conflict": one,
            "label": labels.FIELD[one.field],
            "about": _title(one.role, one.company)[0],
            "standing": labels.STANDING[one.standing],
            "values": [
                {
                    "source": labels.SOURCE[source],
                    "text": names.show(one.field, said["value"]),
                    "on": said["on"],
                    "holds": said["value"] == one.held_value,
                }
                for source, said in sorted(
                    one.values.items(), key=lambda pair: pair[1]["value"] != one.held_value
                )
            ],
        }
        for one in conflicts
    ]


def conflicts_xlsx(conflicts: Any) -> bytes:
    """The list as XLSX: for each source its value and the day it said so."""
    rows = list(conflicts[:MOST])
    names = Names(texts_of(rows))
    headings = [
        (_("Project code"), 20), (_("Project"), 34), (_("Region"), 14), (_("Party"), 30),
        (_("Field"), 18), (_("Status"), 12), (_("Differs since"), 12), (_("Holds"), 26),
        (_("Source of what holds"), 24),
    ]  # fmt: skip
    for source in Source.values:
        headings += [(str(labels.SOURCE[source]), 26), (_("Said on"), 12)]
    return xlsx.table(_("Conflicts"), headings, (_row(one, names) for one in rows))


def _row(one: Conflict, names: Names) -> list[Any]:
    row: list[Any] = [
        one.project.code, one.project.name, one.project.region.name,
        _title(one.role, one.company)[0], str(labels.FIELD[one.field]),
        str(labels.STANDING[one.standing]), one.opened_on,
        names.show(one.field, one.held_value), str(labels.SOURCE[one.held_source]),
    ]  # fmt: skip
    for source in Source.values:
        said = one.values.get(source)
        row += [names.show(one.field, said["value"]), said["on"]] if said else ["", ""]
    return row
