"""G2: several workers have complained about one project within thirty days."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q

from alerts.rules.base import (
    COMPLAINTS,
    ORANGE,
    RED,
    ZERO,
    Finding,
    Param,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import Column, Evidence
from alerts.rules.G1_complaint_overdue import complained
from payroll import complaints
from payroll.models import Complaint, ComplaintStep
from projects.models import ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on

Act = ComplaintStep.Act
# Neither the day nor the sum of a complaint: a company could tell by them who it was.
COLUMNS = (
    Column("number", "投诉编号", "Complaint"),
    Column("people", "涉及人数", "People", "count"),
    Column("counted", "计入人数", "Counted", "count"),
)
_COMPLAINT = (
    *("project", "complaint", "complaint__received_on", "complaint__id_hash"),
    *("complaint__phone_hash", "complaint__people", "complaint__amount", "complaint__feed_id"),
)


@dataclass
class Complainants:
    """One person, or a group that complained together, and all their complaints."""

    keys: set[Any]
    numbers: list[int]
    people: int
    amount: Decimal


class ManyComplainants(Rule):
    code = "G2"
    title = Text("同一项目多人投诉", "Many complainants on one project")
    stage = COMPLAINTS
    why = Text(
        "一个项目短期内多人投诉,往往是欠薪已成规模、可能引发群体性事件的先兆。",
        "When several workers of one project complain within weeks, wages are owed to many, and "
        "unrest may follow.",
    )
    law = ("Reg. 29", "Reg. 30", "Reg. 38")
    levels = Text(
        "30日内3人以上为橙色,10人以上为红色。",
        "Orange from 3 complainants within 30 days, red from 10.",
    )
    clears = Text(
        "最近30日内的投诉人数降到界限以下(不予受理的投诉不计)。",
        "The complainants of the last 30 days are fewer again; complaints that were refused do not "
        "count.",
    )
    needs = ("complaints", "projects")
    responsible = ("general",)
    params = (
        Param("people", 3, "people", 2, 50, Text("人数", "Complainants")),
        Param("red", 10, "people", 3, 200, Text("红色人数", "Red from")),
        Param("days", 30, "days", 7, 180, Text("期间天数", "Within days")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        if not scope.once(complained, as_of, scope):
            return []
        heard = ~Q(complaint__from_public=True) | complaints.decided(
            as_of, (Act.ACCEPTED, Act.FORWARDED, Act.ANSWERED)
        )
        rows = (
            complaints.placed(as_of)
            .filter(
                scope.q(),
                heard,
                ~complaints.decided(as_of, (Act.REFUSED,)),
                complaint__received_on__gt=as_of - values["days"] * DAY,
                complaint__received_on__lte=as_of,
            )
            .order_by("complaint__received_on", "complaint")
        )
        groups: dict[int, list[dict[str, Any]]] = defaultdict(list)
        for row in rows.values(*_COMPLAINT):
            groups[row["project"]].append(row)
        contractors = dict(
            ProjectVersion.objects.filter(known_on(as_of), project__in=groups).values_list(
                "project", "contractor"
            )
        )
        found = (
            _judged(project, contractors[project], rows, values)
            for project, rows in groups.items()
            if project in contractors
        )
        return [finding for finding in found if finding]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        return [_evidence(finding) for finding in findings]


def _judged(
    project: int, contractor: int, rows: list[dict[str, Any]], values: Values
) -> Finding | None:
    """The day on which the number was reached is that of the complaint that reached it."""
    reached: dt.date | None = None
    held: list[Complainants] = []
    for row in rows:
        join(held, row)
        if reached is None and sum(one.people for one in held) >= values["people"]:
            reached = row["complaint__received_on"]
    if reached is None:
        return None
    people = sum(one.people for one in held)
    return Finding(
        project,
        contractor,
        None,
        RED if people >= values["red"] else ORANGE,
        reached,
        workers=people,
        amount=sum((one.amount for one in held), ZERO),
        data={
            "complaints": [(row["complaint"], row["complaint__people"]) for row in rows],
            "groups": [(sorted(one.numbers), one.people) for one in held],
            "days": values["days"],
            "people": values["people"],
            "feeds": sorted({row["complaint__feed_id"] for row in rows} - {None}),
        },
    )


def join(held: list[Complainants], row: dict[str, Any]) -> None:
    """Add a complaint to those who complained already: the same person by ID number or telephone
    counts once, with the most people and the highest sum that was ever told."""
    keys = {row["complaint__id_hash"], row["complaint__phone_hash"]} - {None}
    mine = Complainants(
        keys, [row["complaint"]], row["complaint__people"], row["complaint__amount"] or ZERO
    )
    for other in [one for one in held if one.keys & keys]:
        held.remove(other)
        mine.keys |= other.keys
        mine.numbers += other.numbers
        mine.people = max(mine.people, other.people)
        mine.amount = max(mine.amount, other.amount)
    held.append(mine)


def _evidence(finding: Finding) -> Evidence:
    data, made = finding.data, Evidence()
    made.fact("期间天数", "Within days", data["days"], "days")
    made.fact("投诉件数", "Complaints", len(data["complaints"]), "count")
    made.step("", "投诉人数", "Complainants", finding.workers, "count")
    made.step("-", "预警人数", "Warned from", data["people"], "count")
    over = finding.workers - data["people"]
    made.step("=", "超过界限", "Above the limit", over, "count")
    made.table(COLUMNS, _rows(data["complaints"], data["groups"]))
    made.feeds = set(data["feeds"])
    return made


def _rows(
    told: Iterable[tuple[int, int]], groups: Iterable[tuple[list[int], int]]
) -> Iterable[dict[str, Any]]:
    """The complaints by number; those of one person are counted with the first of them."""
    counted = {numbers[0]: people for numbers, people in groups}
    for pk, people in sorted(told):
        number = Complaint(pk=pk).number
        yield {"number": number, "people": people, "counted": counted.get(pk, 0)}
