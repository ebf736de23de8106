"""B5: the dedicated account is frozen or closed while wages of the project are unpaid."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from alerts.rules import arrears, sites
from alerts.rules.base import FUNDING, RED, ZERO, Finding, Fold, Rule, Scope, Values, same_project
from alerts.rules.evidence import Column, Evidence
from payroll import coverage
from payroll.models import Cycle
from projects.labels import ACCOUNT_STATUS
from projects.models import AccountStatus, AccountVersion
from wagewatch.bilingual import Text

ACCOUNT_FACTS = ("account__project", "account__number", "status", "close_date", "known_from")
EMPLOYER = Column("employer", "用工单位", "Employer")


class AccountStopped(Rule):
    code = "B5"
    title = Text("工资未付清,专用账户冻结或销户", "Account frozen or closed while wages are unpaid")
    stage = FUNDING
    why = Text(
        "账户冻结或注销后,未付的工资没有账户可以发放;专用账户资金不得因其他原因冻结。",
        "From a frozen or closed account the open wages cannot be paid; its money may not be "
        "frozen for any other cause.",
    )
    law = ("Reg. 27", "Reg. 33", "Reg. 26", "Reg. 55(1)")
    levels = Text("红色。", "Red.")
    clears = Text(
        "账户解除冻结或另开专用账户,或者未付工资全部付清。",
        "The account is released or another is open, or the open wages are paid.",
    )
    needs = ("accounts", "payroll", "bank")
    responsible = ("general",)
    hides = (Fold(("A1", "F2"), same_project),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        stopped = _stopped(as_of, scope)
        if not stopped:
            return []
        unpaid: dict[int, list[Cycle]] = {}
        cycles = Cycle.objects.unpaid().filter(scope.q(), project__in=stopped)
        for cycle in cycles.select_related("employer").order_by("month", "employer"):
            unpaid.setdefault(cycle.project_id, []).append(cycle)
        if not unpaid:
            return []
        reach = coverage.of(as_of, unpaid)
        contractors = sites.contractors(as_of, scope)
        return [
            _finding(
                *(project, contractors[project], stopped[project], cycles),
                reach.get(project, coverage.NO_ACCOUNT),
            )
            for project, cycles in unpaid.items()
            if project in contractors
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        sheets = arrears.sheets(c for finding in findings for c in finding.data["cycles"])
        return [self._one(finding, sheets) for finding in findings]

    def _one(self, finding: Finding, sheets: dict[int, tuple[int, str]]) -> Evidence:
        data, made = finding.data, Evidence()
        for row in data["accounts"]:
            number, state = row["account__number"], Text.of(ACCOUNT_STATUS[row["state"]])
            made.fact(f"专用账户 {number}", f"Account {number}", state)
            made.fact("自", "Since", row["stopped"], "date")
        made.fact("未付人数(最多的月份)", "Workers unpaid, highest month", finding.workers, "count")
        made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
        arrears.add_cycles(made, data["cycles"], finding.amount, sheets)
        made.columns.insert(0, EMPLOYER.json())
        made.rows = [
            {"employer": cycle.employer.name} | row
            for cycle, row in zip(data["cycles"], made.rows, strict=True)
        ]
        made.feeds |= {row["feed_id"] for row in data["accounts"] if row["feed_id"]}
        return made


def _stopped(as_of: dt.date, scope: Scope) -> dict[int, list[dict[str, Any]]]:
    """The accounts of projects that have one and none that can pay, each with its state and the day
    from which it holds; of a freeze only the day on which we heard of it is known."""
    rows = [
        {key: row[key] for key in ("account", "feed_id", *ACCOUNT_FACTS)}
        for accounts in scope.once(sites.accounts, as_of, scope).values()
        if not any(
            row["status"] == AccountStatus.OPEN and sites.is_used(row, as_of) for row in accounts
        )
        for row in accounts
    ]
    frozen = _frozen_since(as_of, {row["account"] for row in rows}) if rows else {}
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        closed = row["close_date"] is not None and row["close_date"] <= as_of
        if closed or row["status"] == AccountStatus.CLOSED:
            row["state"] = "closed"
            row["stopped"] = min(row["close_date"] or row["known_from"], as_of)
        else:
            row["state"], row["stopped"] = "frozen", frozen[row["account"]]
        found.setdefault(row["account__project"], []).append(row)
    return found


def _frozen_since(as_of: dt.date, accounts: set[int]) -> dict[int, dt.date]:
    """The day from which each account has been known as frozen without a break. One query."""
    since: dict[int, dt.date | None] = {}
    versions = AccountVersion.objects.filter(account__in=accounts, known_from__lte=as_of)
    for account, status, known in versions.order_by("known_from").values_list(
        "account", "status", "known_from"
    ):
        held = status == AccountStatus.FROZEN
        since[account] = (since.get(account) or known) if held else None
    return {account: day for account, day in since.items() if day}


def _finding(
    project: int,
    contractor: int,
    accounts: list[dict[str, Any]],
    unpaid: list[Cycle],
    covered: coverage.Coverage,
) -> Finding:
    """The last account to stop counts: until then there was one to pay from."""
    stopped: dt.date = max(row["stopped"] for row in accounts)
    told = min(cycle.sheet_received for cycle in unpaid if cycle.sheet_received)
    return Finding(
        project,
        contractor,
        None,
        RED,
        max(stopped, told),
        workers=max(cycle.unpaid_people for cycle in unpaid),
        amount=sum((cycle.unpaid for cycle in unpaid), ZERO),
        data_missing=covered.misses(stopped, since=unpaid[0].month.first),
        data={
            "accounts": accounts,
            "cycles": unpaid,
            "sums": [(cycle.employer_id, cycle.month, cycle.unpaid) for cycle in unpaid],
            "covered": covered.until,
        },
    )
