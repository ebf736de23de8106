"""H1: the company has not answered a warning in five working days: its level rises by one."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from typing import Any

from django.db.models import F, Max, Q
from django.db.models.functions import Coalesce

from alerts.models import Answer, Level, Warning, WarningEvent
from alerts.rules.base import (
    OVERSIGHT,
    RED,
    YELLOW,
    Finding,
    Param,
    Raise,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import Column, Evidence
from projects.models import Member
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY, WorkingDays

COLUMNS = (
    Column("warning", "预警编号", "Warning", "count"),
    Column("rule", "规则", "Rule"),
    Column("month", "工资月份", "Month worked", "month"),
    Column("shown", "公开日期", "Shown on", "date"),
    Column("due", "答复期限", "Answer due", "date"),
    Column("before", "原级别", "Level before"),
    Column("after", "现级别", "Level now"),
)


class NoAnswer(Rule):
    """Filed once under the project and the company that keeps silent, with every warning that it
    has left unanswered; folded under the worst of them. docs/decisions/0014 says from when the
    days are counted."""

    code = "H1"
    title = Text("企业逾期未答复预警", "The company has not answered")
    stage = OVERSIGHT
    why = Text(
        "预警公开后企业在规定的工作日内既未说明也未提出异议,该预警的级别提高一级。",
        "A company that neither explains nor disputes a warning in the working days allowed has "
        "the warning's level raised by one.",
    )
    law = ("Reg. 39",)
    levels = Text(
        "所涉预警提高一级,最高为红色;本项取其中最高级别。",
        "The warnings concerned rise by one level, red at most; this one has the highest of them.",
    )
    clears = Text(
        "企业对所列预警逐一说明或者提出异议,或者这些预警解除。",
        "The company explains or disputes each warning listed, or they clear.",
    )
    needs = ()
    responsible = ("company",)
    answerable = False
    follows = True
    params = (Param("days", 5, "workdays", 1, 30, Text("答复工作日", "Working days to answer")),)

    def follow(
        self, as_of: dt.date, scope: Scope, values: Values, shown: Mapping[int, Finding]
    ) -> list[Finding]:
        calendar = scope.once(WorkingDays.load)
        silent: list[tuple[Finding, int, Raise]] = []
        for pk, day in self._unanswered(as_of, scope, shown):
            finding = shown[pk]
            if finding.data_missing or finding.level < YELLOW:
                continue
            due = calendar.add(day, values["days"])
            if due < as_of:
                after = min(RED, finding.level + 1)
                silent.append((finding, pk, Raise(self.code, finding.level, after, day, due)))
        silent.sort(key=lambda part: (_filed(part[0]), -part[2].after, part[2].due_on, part[1]))
        heard = self._members({finding.company_id for finding, _, _ in silent})
        return [
            self._finding(as_of, list(group), heard)
            for _, group in groupby(silent, key=lambda part: _filed(part[0]))
        ]

    def _unanswered(
        self, as_of: dt.date, scope: Scope, shown: Collection[int]
    ) -> list[tuple[int, dt.date]]:
        """Of these open warnings those without an answer of the company that they are about since
        they were last opened, and the day on which it could first see that. An answer taken back is
        none from that day."""
        from alerts.rules import catalogue

        mute = [code for code, rule in catalogue().items() if not rule.answerable]
        answered = dict(
            Answer.objects.filter(
                Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gt=as_of),
                scope.q("warning__project"),
                warning__in=shown,
                on__lte=as_of,
                company=F("warning__company"),
            )
            .order_by()
            .values("warning")
            .annotate(last=Max("on"))
            .values_list("warning", "last")
        )
        steps = (
            WarningEvent.objects.filter(
                scope.q("warning__project"),
                warning__in=shown,
                on__lte=as_of,
                act__in=WarningEvent.SHOWING,
                warning__internal=False,
            )
            .exclude(warning__rule__in=mute)
            .order_by()
            .values("warning")
            .annotate(last=Max("on"), seen=Max(Coalesce("shown_on", "on")))
            .values_list("warning", "last", "seen")
        )
        return [(pk, seen) for pk, on, seen in steps if answered.get(pk, dt.date.min) < on]

    def _members(self, companies: set[int]) -> set[int]:
        """Of these companies, those that have somebody who can sign in."""
        if not companies:
            return set()
        found = Member.objects.filter(company__in=companies, user__is_active=True)
        return {pk for pk in found.values_list("company", flat=True) if pk is not None}

    def _finding(
        self, as_of: dt.date, silent: list[tuple[Finding, int, Raise]], heard: set[int]
    ) -> Finding:
        project, company = _filed(silent[0][0])
        first = min(why.due_on for _, _, why in silent)
        return Finding(
            project,
            company,
            None,
            max(why.after for _, _, why in silent),
            first + DAY,
            data={
                "first": first,
                "shown": min(why.shown_on for _, _, why in silent),
                "account": company in heard,
                "months": {pk: str(finding.month or "") for finding, pk, _ in silent},
                "raises": [(pk, why.json()) for _, pk, why in silent],
            },
            raises={pk: why for _, pk, why in silent},
        )

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        wanted = {pk for finding in findings for pk in finding.raises}
        rules = dict(Warning.objects.filter(pk__in=wanted).values_list("pk", "rule"))
        calendar = WorkingDays.load()
        return [self._one(as_of, finding, rules, calendar) for finding in findings]

    def _one(
        self, as_of: dt.date, finding: Finding, rules: dict[int, str], calendar: WorkingDays
    ) -> Evidence:
        data, made = finding.data, Evidence()
        allowed = calendar.between(data["shown"], data["first"])
        passed = calendar.between(data["shown"], as_of)
        made.fact("未答复的预警", "Warnings unanswered", len(finding.raises), "count")
        made.fact("最早公开日期", "First shown on", data["shown"], "date")
        made.fact("最早答复期限", "First answer due", data["first"], "date")
        account = Text("有", "Yes") if data["account"] else Text("无", "No")
        made.fact("企业在本系统的账号", "The company has a sign-in here", account)
        made.step("", "公开以来工作日", "Working days since shown", passed, "days")
        made.step("-", "答复工作日", "Working days to answer", allowed, "days")
        made.step("=", "超过工作日", "Working days over", passed - allowed, "days")
        made.table(COLUMNS, (_row(pk, why, rules, data) for pk, why in finding.raises.items()))
        return made


def _filed(finding: Finding) -> tuple[int, int]:
    return finding.project_id, finding.company_id


def _row(pk: int, why: Raise, rules: dict[int, str], data: dict[str, Any]) -> dict[str, Any]:
    from alerts.rules import catalogue

    title = catalogue()[rules[pk]].title
    return {
        "warning": pk,
        "rule": Text(f"{rules[pk]} {title.zh}", f"{rules[pk]} {title.en}"),
        "month": data["months"][pk],
        "shown": why.shown_on,
        "due": why.due_on,
        "before": Text.of(Level(why.before).label),
        "after": Text.of(Level(why.after).label),
    }
