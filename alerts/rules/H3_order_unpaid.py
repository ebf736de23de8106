"""H3: the time limit of an order has passed and wages of its annex are still unpaid."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef

from alerts import parameters
from alerts.models import Notice, NoticeLine
from alerts.notices import figures
from alerts.rules import arrears, lawful_steps
from alerts.rules.base import OVERSIGHT, RED, ZERO, CycleKey, Finding, Rule, Scope, Values
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll import claims, coverage
from payroll.claims import Claim
from payroll.models import Cycle
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("months", "工资月份", "Months"),
    Column("owed", "责令支付", "Ordered", "money"),
    Column("paid", "其后已付", "Paid since", "money"),
    Column("open", "仍未付", "Open now", "money"),
)


@dataclass
class Ordered:
    """One worker's sum of an order: ordered then, and what is open of it now (CNY)."""

    engagement: int
    months: str
    owed: Decimal
    open: Decimal = ZERO

    @property
    def paid(self) -> Decimal:
        return self.owed - self.open


class OrderUnpaid(Rule):
    """Filed under the order's project and company, one for each order."""

    code = "H3"
    title = Text("责令支付逾期未付", "Order to pay not obeyed in time")
    stage = OVERSIGHT
    why = Text(
        "指令书规定的期限已过,附表所列工资仍未付清;应当依法采取下一步措施。",
        "The day set by the order has passed and wages listed in it are open: the next lawful "
        "step is due.",
    )
    law = (
        "Inspection 26",
        "Inspection 30",
        "Reg. 41",
        "Reg. 42",
        "Reg. 47",
        "Reg. 48",
        "Reg. 57(2)",
    )
    levels = Text("红色。", "Red.")
    clears = Text(
        "附表所列工资全部付至工人本人账户。",
        "Every wage listed in the order is paid into the worker's own account.",
    )
    needs = ("payroll", "bank")
    responsible = ("employer", "general")
    answerable = False

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        if not Notice.objects.filter(scope.q(), due_on__lt=as_of).exists():
            return []
        notices = self._overdue(as_of, scope)
        if not notices:
            return []
        owed = self._open_claims(as_of, notices.values())
        projects = {key[0] for lines in notices.values() for _, key in lines}
        reach = coverage.of(as_of, projects)
        holds = {code: _holding(code, as_of, projects) for code in ("E8", "B1")}
        found = (
            self._finding(notice, lines, owed, reach, holds) for notice, lines in notices.items()
        )
        return [finding for finding in found if finding]

    def _overdue(
        self, as_of: dt.date, scope: Scope
    ) -> dict["_Notice", list[tuple[Ordered, tuple[int, int]]]]:
        """Orders past their day with their lines, each with its project and employer; only lines
        of whose project and employer something is unpaid at all. One query."""
        unpaid = Cycle.objects.filter(
            project=OuterRef("engagement__project"),
            employer=OuterRef("engagement__employer"),
            unpaid__gt=0,
        )
        rows = (
            NoticeLine.objects.filter(
                Exists(unpaid), scope.q("notice__project"), notice__due_on__lt=as_of, owed__gt=0
            )
            .order_by("notice", "pk")
            .values_list(
                *("notice", "notice__document_number", "notice__project", "notice__company"),
                *("notice__issued_on", "notice__due_on", "notice__amount"),
                *("engagement", "months", "owed"),
                *("engagement__project", "engagement__employer"),
            )
        )
        found: dict[_Notice, list[tuple[Ordered, tuple[int, int]]]] = {}
        for *notice, engagement, months, owed, project, employer in rows:
            line = Ordered(engagement, months, owed)
            found.setdefault(_Notice(*notice), []).append((line, (project, employer)))
        return found

    def _open_claims(
        self, as_of: dt.date, notices: Iterable[list[tuple[Ordered, tuple[int, int]]]]
    ) -> dict[tuple[int, Month], Claim]:
        """The open claims, by engagement and month, of the cycles that the orders are about."""
        keys: set[CycleKey] = {
            (*key, month)
            for lines in notices
            for line, key in lines
            for month in figures.months_of(line.months)
        }
        owed = claims.of(as_of, keys, unpaid_only=True, named=False)
        return {
            (claim.engagement_id, key[2]): claim for key, found in owed.items() for claim in found
        }

    def _finding(
        self,
        notice: "_Notice",
        lines: list[tuple[Ordered, tuple[int, int]]],
        owed: dict[tuple[int, Month], Claim],
        reach: dict[int, coverage.Coverage],
        holds: dict[str, set[tuple[int, int]]],
    ) -> Finding | None:
        rest_on: list[Claim] = []
        for line, _ in lines:
            mine = [
                owed[line.engagement, month]
                for month in figures.months_of(line.months)
                if (line.engagement, month) in owed
            ]
            line.open = min(line.owed, sum((claim.unpaid for claim in mine), ZERO))
            rest_on += mine
        left = [line for line, _ in lines if line.open > 0]
        if not left:
            return None
        keys = {key for line, key in lines if line.open > 0}
        reaches = [reach.get(project, coverage.NO_ACCOUNT) for project, _ in keys]
        first = min(figures.months_of(line.months)[0] for line in left).first
        days = [one.until for one in reaches if one.until]
        total = sum((line.open for line in left), ZERO)
        return Finding(
            notice.project,
            notice.company,
            None,
            RED,
            notice.due_on + DAY,
            workers=len(left),
            amount=total,
            data_missing=any(one.misses(notice.due_on, since=first) for one in reaches),
            subject=notice.document_number,
            data={
                "notice": notice.document_number,
                "issued": notice.issued_on,
                "due": notice.due_on,
                "ordered": notice.amount,
                "covered": min(days) if days else None,
                "feeds": sorted(arrears.feeds(rest_on)),
                "crime": bool(keys & holds["E8"]),
                "owner": any(project == one for one, _ in holds["B1"] for project, _ in keys),
                "lines": [(one.engagement, one.months, one.owed, one.open) for one in left],
            },
        )

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        people = {line[0]: Claim(line[0]) for one in findings for line in one.data["lines"]}
        claims.name(list(people.values()))
        return [_evidence(as_of, finding, people) for finding in findings]


@dataclass(frozen=True)
class _Notice:
    pk: int
    document_number: str
    project: int
    company: int
    issued_on: dt.date
    due_on: dt.date
    amount: Decimal


def _holding(code: str, as_of: dt.date, projects: Collection[int]) -> set[tuple[int, int]]:
    """The projects and companies for which another rule holds on the day, by its own values."""
    from alerts.rules import catalogue

    rule, set_values = catalogue()[code], parameters.overrides(as_of)
    regions = parameters.ancestry() if set_values else {}
    scope = Scope(frozenset(projects))
    return {
        (finding.project_id, finding.company_id)
        for part, values in parameters.partitions(rule, set_values, regions, scope)
        for finding in rule.find(as_of, part, values)
        if not finding.data_missing
    }


def _evidence(as_of: dt.date, finding: Finding, people: dict[int, Claim]) -> Evidence:
    data, made = finding.data, Evidence()
    lines = [Ordered(*line) for line in data["lines"]]
    made.fact("文书号", "Order", data["notice"])
    made.fact("文书日期", "Issued on", data["issued"], "date")
    made.fact("改正期限", "To be obeyed by", data["due"], "date")
    made.fact("逾期天数", "Days over", (as_of - data["due"]).days, "days")
    made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
    made.step("", "责令支付合计", "Ordered in all", data["ordered"], "money")
    made.step("-", "其后已付", "Paid since", data["ordered"] - finding.amount, "money")
    made.step("=", "仍未付", "Open now", finding.amount, "money")
    made.table(COLUMNS, (_row(line, people[line.engagement]) for line in lines))
    made.feeds = set(data["feeds"])
    for step in lawful_steps.after_order(finding.amount, crime=data["crime"], owner=data["owner"]):
        made.next(step)
    return made


def _row(line: Ordered, person: Claim) -> dict[str, Any]:
    return {
        "worker": person.name,
        "id": person.masked_id,
        "months": line.months,
        "owed": line.owed,
        "paid": line.paid,
        "open": line.open,
    }
