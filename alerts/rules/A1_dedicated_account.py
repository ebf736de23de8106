"""A1: no dedicated wage account though the contract was signed long enough ago."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import F

from alerts.rules import registers, sites
from alerts.rules.base import (
    ORANGE,
    START_UP,
    YELLOW,
    Finding,
    Fold,
    Param,
    Rule,
    Scope,
    Values,
    same_project,
)
from alerts.rules.evidence import Evidence
from projects.models import AccountVersion, ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on


class DedicatedAccount(Rule):
    code = "A1"
    title = Text("未开设农民工工资专用账户", "No dedicated wage account")
    stage = START_UP
    why = Text(
        "工资只能从本项目的专用账户发放;没有账户,资金无法拨付,工资无从监管。",
        "Wages are paid from the project's own account; without one no funds can arrive and "
        "nothing can be watched.",
    )
    law = ("Reg. 26", "Reg. 55(1)", "Account rule")
    levels = Text(
        "合同签订满30日仍未开户为黄色,再过15日为橙色。",
        "Yellow more than 30 days after the contract, orange after 15 more.",
    )
    clears = Text("收到专用账户的开户信息。", "An open dedicated account is on record.")
    needs = ("projects", "accounts")
    responsible = ("general",)
    params = (
        Param("days", 30, "days", 1, 180, Text("签约后开户期限", "Days to open it")),
        Param("orange", 15, "days", 1, 180, Text("再过多少日升为橙色", "Days more to orange")),
    )
    hides = (Fold(("B1", "B2", "B3"), same_project),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        accounts = scope.once(sites.accounts, as_of, scope)
        late = [
            (one, held)
            for one in sites.active(as_of, scope)
            for held in [accounts.get(one.project_id, [])]
            if one.contract_date
            and one.contract_date < as_of - values["days"] * DAY
            and not any(
                sites.is_used(account, as_of)
                and (account["open_date"] is None or account["open_date"] <= as_of)
                for account in held
            )
        ]
        told = (
            registers.last_told(AccountVersion.objects.all(), "account__project__region_id", as_of)
            if late
            else {}
        )
        return [self._finding(as_of, values, told, *pair) for pair in late]

    def _finding(
        self,
        as_of: dt.date,
        values: Values,
        told: dict[str, dt.date],
        version: ProjectVersion,
        accounts: list[sites.Account],
    ) -> Finding:
        contract_date = version.contract_date
        assert contract_date
        closed_on = max((one["close_date"] for one in accounts if one["close_date"]), default=None)
        since = contract_date + (values["days"] + 1) * DAY
        if closed_on and closed_on > since:
            since = closed_on
        return Finding(
            version.project_id,
            version.contractor_id,
            None,
            ORANGE if (as_of - since).days >= values["orange"] else YELLOW,
            since,
            data_missing=registers.silent(told, version.region_id, as_of),
            data={
                "signed": contract_date,
                "closed": closed_on,
                "days": (as_of - contract_date).days,
                "allowed": values["days"],
            },
        )

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        feeds = dict(
            ProjectVersion.objects.filter(
                known_on(as_of), project__in={finding.project_id for finding in findings}
            ).values_list("project", F("feed_id"))
        )
        return [self._one(finding, feeds.get(finding.project_id)) for finding in findings]

    def _one(self, finding: Finding, feed: int | None) -> Evidence:
        data, made = finding.data, Evidence(feeds={feed} if feed else set())
        made.fact("总承包合同签订日期", "General contract signed", data["signed"], "date")
        made.fact("原专用账户销户日期", "Former account closed", data["closed"], "date")
        made.fact("已登记的有效专用账户", "Open dedicated accounts on record", 0, "count")
        made.step("", "签约至今天数", "Days since the contract", data["days"], "days")
        made.step("-", "法定开户期限", "Days allowed", data["allowed"], "days")
        made.step("=", "逾期天数", "Days over", data["days"] - data["allowed"], "days")
        return made
