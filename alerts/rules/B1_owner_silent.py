"""B1: no owner credit into the dedicated account for longer than the month the law allows."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules import sites
from alerts.rules.base import (
    ENTRY_KINDS,
    FUNDING,
    ORANGE,
    RED,
    YELLOW,
    Finding,
    Fold,
    Param,
    Rule,
    Scope,
    Values,
    same_project,
)
from alerts.rules.evidence import Column, Evidence
from payroll import coverage
from payroll.models import BankEntry
from projects.models import ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.months import Month

COLUMNS = (
    Column("booked_on", "入账日期", "Booked", "date"),
    Column("reference", "银行流水号", "Bank reference"),
    Column("payer", "付款人", "Payer"),
    Column("amount", "金额", "Amount", "money"),
)
LATEST = 6
"""Owner credits shown in the evidence."""


class OwnerSilent(Rule):
    code = "B1"
    title = Text("建设单位未按期拨付人工费用", "Owner has not disbursed labour cost")
    stage = FUNDING
    why = Text(
        "人工费用拨付周期不得超过1个月;没有拨付,下一个发薪日的工资就没有来源。",
        "Labour cost is due at least monthly; without it the next payday has no funds.",
    )
    law = ("Reg. 24", "Reg. 29", "Reg. 57(2)")
    levels = Text(
        "超过31日未拨付为黄色,超过45日为橙色,超过62日为红色。",
        "Yellow over 31 days without a credit, orange over 45, red over 62.",
    )
    clears = Text(
        "专用账户收到建设单位拨付的人工费用。", "The owner credits the dedicated account."
    )
    needs = ("projects", "accounts", "bank")
    kept_as_now = ENTRY_KINDS
    responsible = ("owner",)
    params = (
        Param("days", 31, "days", 7, 180, Text("允许间隔", "Days allowed")),
        Param("orange", 45, "days", 7, 365, Text("橙色", "Orange over")),
        Param("red", 62, "days", 7, 365, Text("红色", "Red over")),
    )
    hides = (Fold(("B2",), same_project),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        credits = scope.once(sites.credits, as_of, scope, Month.of(as_of) - 1)
        silent = []
        for one in sites.active(as_of, scope):
            credited = credits.get(one.project_id, {}).get("last")
            base = credited or one.start_date or one.contract_date
            if base and base < as_of - values["days"] * DAY:
                silent.append((one, base, credited))
        reach = coverage.of(as_of, {one.project_id for one, *_ in silent}) if silent else {}
        return [self._finding(as_of, values, reach, *row) for row in silent]

    def _finding(
        self,
        as_of: dt.date,
        values: Values,
        reach: dict[int, coverage.Coverage],
        version: ProjectVersion,
        base: dt.date,
        credited: dt.date | None,
    ) -> Finding:
        days = (as_of - base).days
        covered = reach.get(version.project_id, coverage.NO_ACCOUNT)
        since = base + (values["days"] + 1) * DAY
        level = RED if days > values["red"] else ORANGE if days > values["orange"] else YELLOW
        return Finding(
            version.project_id,
            version.owner_id or version.contractor_id,
            None,
            level,
            since,
            data_missing=version.owner_id is None or covered.misses(since, since=base),
            data={
                "base": base,
                "credited": credited,
                "days": days,
                "allowed": values["days"],
                "covered": covered.until,
            },
        )

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        credits: dict[int, list[dict]] = {}
        entries = (
            BankEntry.objects.owner_credits(as_of)
            .filter(account__project__in={finding.project_id for finding in findings})
            .order_by("-booked_on", "-pk")
        )
        for project, *entry in entries.values_list(
            *("account__project", "booked_on", "reference", "counterparty_name", "amount"),
            "feed_id",
        ):
            keys = ("booked_on", "reference", "payer", "amount", "feed")
            credits.setdefault(project, []).append(dict(zip(keys, entry, strict=True)))
        return [self._one(finding, credits.get(finding.project_id, [])) for finding in findings]

    def _one(self, finding: Finding, credits: list[dict]) -> Evidence:
        data, made = finding.data, Evidence()
        if data["credited"]:
            made.fact("最近一次拨付日期", "Last owner credit", data["credited"], "date")
        else:
            made.fact("开工日期(从未拨付)", "Start (never a credit)", data["base"], "date")
        made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
        made.step("", "距上次拨付天数", "Days without a credit", data["days"], "days")
        made.step("-", "允许间隔", "Days allowed", data["allowed"], "days")
        made.step("=", "逾期天数", "Days over", data["days"] - data["allowed"], "days")
        made.table(COLUMNS, credits[:LATEST])
        made.feeds = {credit["feed"] for credit in credits[:LATEST]}
        return made
