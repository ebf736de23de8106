"""I1: red warnings on several projects of one company: all its projects get a watch mark."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence

from django.db.models import F, Q

from alerts.rules.base import COMPANY, ORANGE, RED, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Column, Evidence
from projects.models import Party, ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.known import known_on

COLUMNS = (
    Column("project", "项目", "Project"),
    Column("rule", "规则", "Rule"),
    Column("warning", "预警编号", "Warning", "count"),
    Column("month", "工资月份", "Month worked", "month"),
    Column("since", "起始日期", "Since", "date"),
    Column("amount", "金额", "Amount", "money"),
)


class WatchMark(Rule):
    """Reads the warnings that the other rules of the same day have left, after folding.

    A red one counts for the company it is filed under, on its own or folded under another of the
    same company; not when data are missing, when a person has dismissed it, or when another
    company's matter explains it. Marked are the active projects on which that company is general
    contractor, owner or subcontractor.
    """

    code = "I1"
    title = Text("多个项目红色预警企业", "Company with red warnings on several projects")
    stage = COMPANY
    why = Text(
        "一个单位在多个项目出现红色预警,说明问题在单位而不在项目,其他在建项目也有风险。",
        "Red warnings on several projects of one company point to the company, and its other "
        "projects are at risk.",
    )
    law = ("Reg. 38", "Reg. 39")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "该单位有红色预警的项目减少到规定数目以下,或者本项目不再在建。",
        "Fewer projects of the company than the limit have a red warning, or the project is no "
        "longer under construction.",
    )
    needs = ("projects", "participants")
    responsible = ("company",)
    params = (
        Param("projects", 2, "projects", 2, 10, Text("红色预警项目数", "Projects with a red one")),
    )
    after = True

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        red = _red()
        wanted = {company for company, held in red.items() if len(held) >= values["projects"]}
        if not wanted:
            return []
        return [
            Finding(
                project,
                company,
                None,
                ORANGE,
                # the day on which the last project needed to reach the limit turned red
                sorted(min(row["since"] for row in rows) for rows in red[company].values())[
                    values["projects"] - 1
                ],
                data={"red": red[company], "limit": values["projects"]},
            )
            for project, company in sorted(_marked(as_of, scope, wanted))
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        return [self._one(finding) for finding in findings]

    def _one(self, finding: Finding) -> Evidence:
        red, made = finding.data["red"], Evidence()
        made.step("", "有红色预警的项目数", "Projects with a red warning", len(red), "count")
        made.step("-", "规定数目", "Limit", finding.data["limit"], "count")
        over = len(red) - finding.data["limit"]
        made.step("=", "达到或超出", "Reached or exceeded by", over, "count")
        made.table(COLUMNS, (row for rows in red.values() for row in rows))
        return made


def _red() -> dict[int, dict[int, list[dict]]]:
    """The red warnings that count, by company and project: red by their facts, and not because the
    company did not answer (H1). One query."""
    from alerts.models import Warning
    from alerts.rules import catalogue

    own = Q(folded_under=None) | Q(folded_under__company=F("company"))
    own &= Q(evidence__raised=None) | Q(evidence__raised__from=RED)
    counted = [
        rule.code
        for rule in catalogue().values()
        if not rule.after and not rule.follows and rule.about == "company"
    ]
    rows = Warning.objects.open().filter(own, level=RED, data_missing=False, rule__in=counted)
    found: dict[int, dict[int, list[dict]]] = defaultdict(lambda: defaultdict(list))
    for company, project, name, *row in rows.order_by("project__code", "rule", "pk").values_list(
        *("company", "project", "project__name", "rule", "pk", "month", "since", "amount")
    ):
        keys = ("project", "rule", "warning", "month", "since", "amount")
        found[company][project].append(dict(zip(keys, (name, *row), strict=True)))
    return found


def _marked(as_of: dt.date, scope: Scope, companies: set[int]) -> set[tuple[int, int]]:
    """(project, company) of the active projects of `scope` on which one of `companies` is a party.
    Two queries."""
    active = ProjectVersion.objects.active_on(as_of).filter(scope.q())
    found = set()
    for project, *parties in active.filter(
        Q(contractor__in=companies) | Q(owner__in=companies)
    ).values_list("project", "contractor", "owner"):
        found |= {(project, company) for company in parties if company in companies}
    subs = Party.objects.filter(
        known_on(as_of),
        Q(exit_date=None) | Q(exit_date__gt=as_of),
        role=Party.Role.SUB,
        company__in=companies,
        project__in=active.values("project"),
    )
    return found | set(subs.values_list("project", "company"))
