"""F2: the dedicated account was closed without 30 days' notice, or while wages are unpaid."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from alerts.rules import arrears, sites
from alerts.rules.base import COMPLETION, ORANGE, ZERO, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Column, Evidence
from payroll import coverage
from payroll.models import Cycle
from projects.models import ProjectStatus, ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY

COLUMNS = (
    Column("number", "专户账号", "Account"),
    Column("bank", "开户行", "Bank"),
    Column("opened", "开户日期", "Opened", "date"),
    Column("closed", "销户日期", "Closed", "date"),
    Column("known", "收到日期", "Received", "date"),
)
_ACCOUNT = (
    *("account__project", "account__number", "bank_name", "open_date", "close_date"),
    *("known_from", "feed_id"),
)


class AccountClosedEarly(Rule):
    code = "F2"
    title = Text("专用账户违规销户", "Dedicated account closed too early")
    stage = COMPLETION
    why = Text(
        "专用账户在工程完工、工资付清并公示30日后方可注销;提前销户,余下的工资无处可发。",
        "The account stays until the work is complete, nothing is owed and 30 days' public notice "
        "has run; closed before, it leaves the last wages without a source.",
    )
    law = ("Reg. 26", "Reg. 27", "Reg. 55(1)")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "重新开立专用账户;或者工程已完工、工资已付清且满保留天数。",
        "A dedicated account is open again; or the work is complete, the wages are paid, and the "
        "days that the warning is shown have passed.",
    )
    needs = ("projects", "accounts", "payroll", "bank")
    responsible = ("general",)
    params = (
        Param("notice", 30, "days", 1, 180, Text("公示天数", "Days of notice")),
        Param("shown", 90, "days", 1, 365, Text("销户后保留天数", "Days shown after closing")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        closed = self._closed(as_of, scope)
        unpaid: dict[int, list[Cycle]] = {}
        owed = scope.once(arrears.overdue, as_of, scope)
        for cycle in sorted(owed, key=lambda cycle: cycle.month):
            unpaid.setdefault(cycle.project_id, []).append(cycle)
        owing = unpaid.keys() & closed.keys()
        reach = coverage.of(as_of, owing) if owing else {}
        found = (
            _judged(
                as_of,
                version,
                closed[version.project_id],
                unpaid.get(version.project_id, []),
                values,
                reach.get(version.project_id, coverage.NO_ACCOUNT),
            )
            for version in scope.once(sites.known, as_of, scope)
            if version.project_id in closed
        )
        return [finding for finding in found if finding]

    def _closed(self, as_of: dt.date, scope: Scope) -> dict[int, list[dict[str, Any]]]:
        """The accounts of projects that had one and have none that is open (or frozen) now."""
        found: dict[int, list[dict[str, Any]]] = {}
        for project, accounts in scope.once(sites.accounts, as_of, scope).items():
            if any(sites.is_used(row, as_of) for row in accounts):
                continue
            for account in accounts:
                row = {key: account[key] for key in _ACCOUNT}
                row["closed"] = min(row["close_date"] or row["known_from"], as_of)
                found.setdefault(project, []).append(row)
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        sheets = arrears.sheets(c for finding in findings for c in finding.data["cycles"])
        return [self._one(finding, sheets) for finding in findings]

    def _one(self, finding: Finding, sheets: dict[int, tuple[int, str]]) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("销户日期", "Closed on", data["closed"], "date")
        made.fact("完工日期", "Completed on", data["completed"], "date")
        if data["completed"] is None and data["early"]:
            made.fact("说明", "Note", "项目尚未完工 / the project is not completed")
        if data["cycles"]:
            arrears.add_cycles(made, data["cycles"], finding.amount, sheets)
        elif data["completed"]:
            given = (data["closed"] - data["completed"]).days
            made.step("", "应当公示天数", "Days of notice owed", data["notice"], "days")
            made.step("-", "完工至销户天数", "Days from completion to closing", given, "days")
            made.step("=", "不足天数", "Days short", data["notice"] - given, "days")
        made.table(
            COLUMNS,
            (
                {
                    "number": row["account__number"],
                    "bank": row["bank_name"],
                    "opened": row["open_date"],
                    "closed": row["close_date"],
                    "known": row["known_from"],
                }
                for row in data["accounts"]
            ),
        )
        made.feeds |= {row["feed_id"] for row in data["accounts"] if row["feed_id"]}
        return made


def _judged(
    as_of: dt.date,
    version: ProjectVersion,
    accounts: list[dict[str, Any]],
    unpaid: list[Cycle],
    values: Values,
    covered: coverage.Coverage,
) -> Finding | None:
    """The last account to be closed counts: until then there was one to pay from."""
    closed: dt.date = max(row["closed"] for row in accounts)
    early, completed = _early(as_of, version, closed, values)
    if not early and not unpaid:
        return None
    payday = min((cycle.payday for cycle in unpaid), default=closed)
    return Finding(
        version.project_id,
        version.contractor_id,
        None,
        ORANGE,
        closed if early else max(closed, payday + DAY),
        workers=max((cycle.unpaid_people for cycle in unpaid), default=0),
        amount=sum((cycle.unpaid for cycle in unpaid), ZERO),
        data_missing=not early
        and covered.misses(
            max(cycle.payday for cycle in unpaid),
            since=min(cycle.month for cycle in unpaid).first,
        ),
        data={
            "accounts": accounts,
            "cycles": unpaid,
            "sums": [(cycle.employer_id, cycle.month, cycle.unpaid) for cycle in unpaid],
            "closed": closed,
            "completed": completed,
            "early": early,
            "notice": values["notice"],
        },
    )


def _early(
    as_of: dt.date, version: ProjectVersion, closed: dt.date, values: Values
) -> tuple[bool, dt.date | None]:
    """Whether the account was closed before the notice could have run, and the day of completion.
    The notice begins at completion at the earliest; nothing tells when it was put up. A project
    completed on a day that nobody has told accuses nobody."""
    if version.status != ProjectStatus.COMPLETED:
        return True, None
    completed = version.complete_date
    if completed is None or closed >= completed + values["notice"] * DAY:
        return False, completed
    return (as_of - closed).days <= values["shown"], completed
