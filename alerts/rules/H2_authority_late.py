"""H2: the authority that a case is assigned to is past its time limit."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from alerts import escalation
from alerts.models import Case
from alerts.rules.base import OVERSIGHT, YELLOW, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Column, Evidence
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays

COLUMNS = (
    Column("duty", "逾期事项", "What is late"),
    Column("since", "起算日期", "Counted from", "date"),
    Column("due", "期限", "Time limit", "date"),
    Column("over", "超过工作日", "Working days over", "count"),
)
TAKE_UP, REPORT = "take_up", "report"
SAID = {
    TAKE_UP: Text("接收移交案件", "To take up the case handed over"),
    REPORT: Text("报告办理情况", "To report on the case"),
}


class Late(NamedTuple):
    duty: str
    since: dt.date
    due: dt.date


class AuthorityLate(Rule):
    """Filed under the case's project and company, one for each case; companies never see it. The
    time limit of the investigation itself is H4's."""

    code = "H2"
    title = Text("办案机关超过办理时限", "Authority past its time limit")
    stage = OVERSIGHT
    why = Text(
        "案件移交后承办机关逾期未接收,或者逾期未报告办理情况,提请属地政府督办。",
        "A case handed over was not taken up, or not reported on, in time: its government is told.",
    )
    law = ("Reg. 38", "Reg. 39")
    levels = Text("黄色。", "Yellow.")
    clears = Text(
        "承办机关接收或者退回案件,并按要求报告;或者案件办结。",
        "The authority takes the case up or sends it back and reports as asked, or closes it.",
    )
    needs = ()
    responsible = ("authority",)
    about = "authority"
    answerable = False
    params = (Param("take_up", 5, "workdays", 1, 30, Text("接收移交案件", "To take up a case")),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        calendar = scope.once(WorkingDays.load)
        found = []
        for state in scope.once(escalation.known_on, as_of, scope):
            late = []
            if state.standing == Case.Standing.HANDED and state.handed_on:
                due = calendar.add(state.handed_on, values["take_up"])
                late.append(Late(TAKE_UP, state.handed_on, due))
            if state.report_on and state.handed_on:
                late.append(Late(REPORT, state.handed_on, state.report_on))
            late = [one for one in late if one.due < as_of]
            if late:
                found.append((state, late))
        names = escalation.named(state.authority for state, _ in found) if found else {}
        return [
            Finding(
                state.project,
                state.company,
                None,
                YELLOW,
                min(one.due for one in late) + DAY,
                subject=f"case {state.case}",
                data={
                    "reference": state.reference,
                    "authority": names[state.authority],
                    "opened": state.opened_on,
                    "late": [tuple(one) for one in late],
                },
            )
            for state, late in found
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        calendar = WorkingDays.load()
        return [_evidence(as_of, finding, calendar) for finding in findings]


def _evidence(as_of: dt.date, finding: Finding, calendar: WorkingDays) -> Evidence:
    data, made = finding.data, Evidence()
    late = [Late(*one) for one in data["late"]]
    made.fact("案号", "Case", data["reference"])
    made.authority = data["authority"]
    made.fact("承办机关", "Authority", data["authority"]["name"])
    made.fact("立案日期", "Opened on", data["opened"], "date")
    first = min(late, key=lambda one: one.due)
    passed = calendar.between(first.since, as_of)
    allowed = calendar.between(first.since, first.due)
    made.step("", "起算以来工作日", "Working days since", passed, "days")
    made.step("-", "允许工作日", "Working days allowed", allowed, "days")
    made.step("=", "超过工作日", "Working days over", passed - allowed, "days")
    made.table(
        COLUMNS,
        (
            one._asdict() | {"duty": SAID[one.duty], "over": calendar.between(one.due, as_of)}
            for one in late
        ),
    )
    return made
