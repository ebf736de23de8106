"""H4: an investigation takes longer than the law allows."""

import datetime as dt
from collections.abc import Sequence

from alerts import escalation
from alerts.escalation import State
from alerts.models import Case
from alerts.rules.base import BLUE, ORANGE, OVERSIGHT, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays

PROVISIONAL = Text(
    "当年放假安排尚未公布,期限为暂定",
    "That year's holidays are not announced yet: the day is provisional",
)


class InvestigationOverdue(Rule):
    """Filed under the case's project and company, one for each case; companies never see it."""

    code = "H4"
    title = Text("调查期限将满或者已超", "Investigation at the end of its time limit")
    stage = OVERSIGHT
    why = Text(
        "调查应当自立案之日起60个工作日内完成,经批准延长的不超过90个工作日。",
        "An investigation ends within 60 working days of opening the case, 90 when extended with "
        "approval.",
    )
    law = ("Inspection 17",)
    levels = Text(
        "期限届满前10个工作日起为蓝色,届满后为橙色。",
        "Blue from ten working days before the limit, orange after it.",
    )
    clears = Text(
        "案件办结;期限内经批准延长或者依法中止的,期限顺延。",
        "The case is closed; extended with approval or suspended in time, the limit moves.",
    )
    needs = ()
    responsible = ("authority",)
    about = "authority"
    answerable = False
    params = (
        Param("days", 60, "workdays", 10, 60, Text("调查期限", "Working days allowed")),
        Param("extension", 30, "workdays", 1, 30, Text("经批准延长", "More when extended")),
        Param("blue", 10, "workdays", 1, 30, Text("提前提醒", "Blue before the limit")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        cases = scope.once(escalation.known_on, as_of, scope)
        calendar = scope.once(WorkingDays.load)
        found = [
            (state, level, since)
            for state in cases
            for level, since in [_judged(state, values, as_of, calendar)]
            if level
        ]
        names = escalation.named(state.authority for state, _, _ in found) if found else {}
        return [
            Finding(
                state.project,
                state.company,
                None,
                level,
                since,
                subject=f"case {state.case}",
                data={
                    "reference": state.reference,
                    "authority": names[state.authority],
                    "opened": state.opened_on,
                    "extended": state.extended_on,
                    "pauses": [(start, end) for start, end in state.pauses],
                    "limit": state.limit(values, as_of, calendar),
                    "allowed": escalation.allowed(state.extended_on is not None, values),
                },
            )
            for state, level, since in found
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        calendar = WorkingDays.load()
        return [_evidence(as_of, finding, calendar) for finding in findings]


def _judged(
    state: State, values: Values, as_of: dt.date, calendar: WorkingDays
) -> tuple[int, dt.date]:
    """The level and the day since; 0 while there is time."""
    limit = state.limit(values, as_of, calendar)
    if as_of > limit:
        return ORANGE, limit + DAY
    reminder = escalation.allowed(state.extended_on is not None, values) - values["blue"]
    soon = state.day(max(0, reminder), as_of, calendar)
    if as_of >= soon and state.standing != Case.Standing.SUSPENDED:
        return BLUE, soon
    return 0, as_of


def _evidence(as_of: dt.date, finding: Finding, calendar: WorkingDays) -> Evidence:
    data, made = finding.data, Evidence()
    made.fact("案号", "Case", data["reference"])
    made.authority = data["authority"]
    made.fact("承办机关", "Authority", data["authority"]["name"])
    made.fact("立案日期", "Opened on", data["opened"], "date")
    made.fact("批准延长日期", "Extended on", data["extended"], "date")
    made.fact("调查期限", "Time limit", data["limit"], "date")
    if not calendar.is_announced(data["limit"].year):
        made.fact("说明", "Note", PROVISIONAL)
    passed = calendar.between(data["opened"], as_of)
    still = sum(calendar.between(start, min(end or as_of, as_of)) for start, end in data["pauses"])
    if finding.level == BLUE:
        made.step("", "允许工作日", "Working days allowed", data["allowed"], "days")
        made.step("-", "立案以来工作日", "Working days since opening", passed, "days")
        if still:
            made.step("+", "其中中止的工作日", "Of them suspended", still, "days")
        left = data["allowed"] - passed + still
        made.step("=", "剩余工作日", "Working days left", left, "days")
        return made
    made.step("", "立案以来工作日", "Working days since opening", passed, "days")
    if still:
        made.step("-", "其中中止的工作日", "Of them suspended", still, "days")
    made.step("-", "允许工作日", "Working days allowed", data["allowed"], "days")
    over = passed - still - data["allowed"]
    made.step("=", "超过工作日", "Working days over", over, "days")
    return made
