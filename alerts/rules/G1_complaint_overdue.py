"""G1: a complaint was not decided on in five working days, or not answered in its limit."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery

from alerts.rules import offices
from alerts.rules.base import COMPLAINTS, YELLOW, ZERO, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from payroll import complaints
from payroll.models import Complaint, ComplaintStep
from projects.models import ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays
from wagewatch.known import known_on

Act = ComplaintStep.Act
BEGUN = (Act.ACCEPTED, Act.FORWARDED)
_COMPLAINT = (
    *("complaint", "complaint__received_on", "complaint__channel", "complaint__people"),
    *("complaint__amount", "complaint__feed_id", "project", "project__region"),
    *("begun_on", "office"),
)


class ComplaintOverdue(Rule):
    code = "G1"
    title = Text("投诉处理超期", "Complaint past its time limit")
    stage = COMPLAINTS
    why = Text(
        "工人投诉后迟迟没有回音,欠薪证据会灭失,矛盾会激化;受理和答复有法定期限。",
        "A complaint that nobody answers loses its evidence and turns into anger; the law sets a "
        "time for taking it up and for ending it.",
    )
    law = ("Zhejiang 23", "Inspection 17", "Reg. 39")
    levels = Text("黄色。", "Yellow.")
    clears = Text(
        "对投诉作出受理、不予受理或者转办的决定;已受理的,作出答复。",
        "The complaint is taken up, refused or passed on; one taken up is answered.",
    )
    needs = ("complaints", "projects")
    responsible = ("authority",)
    about = "authority"
    params = (
        Param("accept", 5, "working days", 1, 30, Text("受理期限", "Working days to take it up")),
        Param("answer", 60, "working days", 5, 90, Text("答复期限", "Working days to answer")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        if not scope.once(complained, as_of, scope):
            return []
        rows = list(waiting(as_of).filter(scope.q()).order_by("complaint").values(*_COMPLAINT))
        if not rows:
            return []
        days = scope.once(WorkingDays.load)
        contractors = dict(
            ProjectVersion.objects.filter(
                known_on(as_of), project__in={row["project"] for row in rows}
            ).values_list("project", "contractor")
        )
        found = (
            _judged(as_of, row, contractors[row["project"]], days, values)
            for row in rows
            if row["project"] in contractors
        )
        return [finding for finding in found if finding]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        named = offices.in_charge(finding.data["region"] for finding in findings)
        return [_evidence(finding, named) for finding in findings]


def complained(as_of: dt.date, scope: Scope) -> bool:
    """Whether any complaint is known to be about these projects. One query."""
    placed = ComplaintStep.objects.filter(scope.q(), act=Act.MATCHED, known_from__lte=as_of)
    return placed.exists()


def waiting(as_of: dt.date) -> "QuerySet[ComplaintStep]":
    """The step that names the project of each complaint that is not ended on `as_of`, with the day
    on which it was taken up or passed on (`begun_on`), and to whom."""
    steps = ComplaintStep.objects.filter(complaint=OuterRef("complaint"), known_from__lte=as_of)
    begun = steps.filter(act__in=BEGUN).order_by("on", "pk")
    passed = steps.filter(act=Act.FORWARDED, authority__isnull=False).order_by("-on", "-pk")
    return (
        complaints.placed(as_of)
        .filter(~complaints.decided(as_of, ComplaintStep.ENDS))
        .annotate(
            begun_on=Subquery(begun.values("on")[:1]),
            office=Subquery(passed.values("authority__name")[:1]),
        )
    )


def limit(
    received_on: dt.date, begun_on: dt.date | None, days: WorkingDays, values: Values
) -> dt.date:
    """The last day on which the next act is in time; the day of receipt does not count."""
    if begun_on is None:
        return days.add(received_on, values["accept"])
    return days.add(begun_on, values["answer"])


def _judged(
    as_of: dt.date, row: dict[str, Any], contractor: int, days: WorkingDays, values: Values
) -> Finding | None:
    received, begun = row["complaint__received_on"], row["begun_on"]
    last = limit(received, begun, days, values)
    if as_of <= last:
        return None
    return Finding(
        row["project"],
        contractor,
        None,
        YELLOW,
        last + DAY,
        workers=row["complaint__people"],
        amount=row["complaint__amount"] or ZERO,
        subject=Complaint(pk=row["complaint"]).number,
        data={
            "received": received,
            "begun": begun,
            "channel": row["complaint__channel"],
            "allowed": values["answer" if begun else "accept"],
            "passed": days.between(begun or received, as_of),
            "last": last,
            "provisional": not all(days.is_announced(day.year) for day in (last, as_of)),
            "region": row["project__region"],
            "office": row["office"],
            "feed": row["complaint__feed_id"],
        },
    )


def _evidence(finding: Finding, named: dict[str, str]) -> Evidence:
    data, made = finding.data, Evidence()
    made.authority = {"code": "", "name": data["office"] or named[data["region"]]}
    made.fact("投诉编号", "Complaint", finding.subject)
    made.fact("收到日期", "Received", data["received"], "date")
    made.fact("受理(转办)日期", "Taken up or passed on", data["begun"], "date")
    made.fact("渠道", "Channel", Text.of(Complaint.Channel(data["channel"]).label))
    made.fact("期限届满", "Last day in time", data["last"], "date")
    if data["provisional"]:
        note = Text(
            "工作日按未公布的日历推算", "Working days are by a calendar that is not announced yet"
        )
        made.fact("说明", "Note", note)
    made.step("", "已过工作日", "Working days passed", data["passed"], "days")
    made.step("-", "法定工作日", "Working days allowed", data["allowed"], "days")
    made.step("=", "超期工作日", "Working days over", data["passed"] - data["allowed"], "days")
    made.feeds = {data["feed"]} if data["feed"] else set()
    return made
