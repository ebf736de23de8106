"""B2: the owner's credits of the last month are below the agreed monthly labour cost."""

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from alerts.rules import registers, sites
from alerts.rules.base import (
    ENTRY_KINDS,
    FUNDING,
    YELLOW,
    ZERO,
    Finding,
    Param,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import Column, Evidence
from payroll import coverage
from payroll.models import BankEntry
from projects.models import ProjectStatus
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.months import Month

COLUMNS = (
    Column("booked_on", "入账日期", "Booked", "date"),
    Column("reference", "银行流水号", "Bank reference"),
    Column("payer", "付款人", "Payer"),
    Column("amount", "金额", "Amount", "money"),
    Column("file", "文件", "File"),
)


class CreditsShort(Rule):
    code = "B2"
    title = Text("人工费用拨付不足额", "Labour cost paid in below the agreed amount")
    stage = FUNDING
    why = Text(
        "人工费用应当足额拨付;拨付低于约定数额,专用账户迟早不够发放工资。",
        "Labour cost is due in full; less than agreed, and sooner or later the account cannot pay "
        "the wages.",
    )
    law = ("Reg. 29", "Reg. 24", "Reg. 57(2)")
    levels = Text("黄色。", "Yellow.")
    clears = Text(
        "建设单位补足差额(超出当月约定的拨付先抵上月差额),或下一个月结束、改按下月判断。",
        "The owner makes it good (what it pays beyond this month's amount counts for the last), or "
        "the next month has ended and is judged instead.",
    )
    needs = ("projects", "accounts", "bank")
    kept_as_now = ENTRY_KINDS
    responsible = ("owner",)
    params = (
        Param("days", 31, "days", 28, 62, Text("两次拨付最长间隔", "Longest time between credits")),
        Param("tolerance", 0, "count", 0, 50, Text("允许差额(%)", "Shortfall tolerated (%)")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        month = Month.of(as_of) - 1
        under_way = self._judged(as_of, scope, month)
        credits = scope.once(sites.credits, as_of, scope, month) if under_way else {}
        found = []
        for facts in under_way:
            paid = credits.get(facts["project"], _NOTHING)
            finding = _short(as_of, month, facts, paid, values)
            if finding:
                found.append(finding)
        reach = coverage.of(as_of, {finding.project_id for finding in found}) if found else {}
        for finding in found:
            covered = reach.get(finding.project_id, coverage.NO_ACCOUNT)
            finding.data["covered"] = covered.until
            finding.data_missing |= covered.misses(month.last, since=month.first)
        return found

    def _judged(self, as_of: dt.date, scope: Scope, month: Month) -> list[dict[str, Any]]:
        """Projects under way since before the month, without a break, whose account was open when
        it began: a part of a month is not measured by a month's amount. One query."""
        accounts = scope.once(sites.accounts, as_of, scope)
        able = [
            (one, base)
            for one in sites.active(as_of, scope)
            if (base := one.start_date or one.contract_date)
            and base < month.first
            and (one.labour_cost_monthly or 0) > 0
            and any(
                sites.is_used(account, as_of)
                and (account["open_date"] is None or account["open_date"] <= month.first)
                for account in accounts.get(one.project_id, ())
            )
        ]
        if not able:
            return []
        then = sites.histories(month.last, {one.project_id for one, _ in able})
        found = []
        for one, base in able:
            versions = then.get(one.project_id, [])
            if any(
                status == ProjectStatus.SUSPENDED and (until is None or until > (month - 1).first)
                for _, until, status, _ in versions
            ):
                continue
            costs = [cost for _, until, _, cost in versions if until is None or until > month.last]
            found.append(
                {
                    "project": one.project_id,
                    "owner": one.owner_id,
                    "contractor": one.contractor_id,
                    "base": base,
                    "labour_cost_monthly": one.labour_cost_monthly,
                    "cost_then": costs[0] if costs else None,
                    "disbursement_cycle_days": one.disbursement_cycle_days,
                    "feed_id": one.feed_id,
                }
            )
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        month = Month.of(as_of) - 1
        credits: dict[int, list[dict[str, Any]]] = {}
        entries = BankEntry.objects.owner_credits(as_of).filter(
            account__project__in={finding.project_id for finding in findings},
            booked_on__gte=month.first,
        )
        keys = ("booked_on", "reference", "payer", "amount", "feed")
        for project, *entry in entries.order_by("booked_on", "pk").values_list(
            *("account__project", "booked_on", "reference", "counterparty_name", "amount"),
            "feed_id",
        ):
            credits.setdefault(project, []).append(dict(zip(keys, entry, strict=True)))
        names = registers.files(row["feed"] for rows in credits.values() for row in rows)
        for row in (row for rows in credits.values() for row in rows):
            row["file"] = names.get(row["feed"], "")
        return [self._one(finding, credits.get(finding.project_id, [])) for finding in findings]

    def _one(self, finding: Finding, credits: list[dict[str, Any]]) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("拨付不足的月份", "Month that fell short", finding.month, "month")
        made.fact("约定的月人工费用", "Agreed monthly labour cost", data["cost"], "money")
        made.fact("约定的拨付周期", "Agreed cycle", data["cycle"], "days")
        if data["agreed"] != data["cost"]:
            made.fact("首月按开工天数折算", "First month by days worked", data["agreed"], "money")
        made.fact("上一次拨付日期", "Credit before", data["previous"], "date")
        made.fact("银行数据截至", "Bank data reach to", data["covered"], "date")
        made.step("", "当月应拨付", "Due in the month", data["agreed"], "money")
        made.step("-", "当月拨付", "Credited in the month", data["in_month"], "money")
        if data["set_off"]:
            made.step("-", "提前或补足的拨付", "Paid ahead or made good", data["set_off"], "money")
        made.step("=", "不足", "Short by", finding.amount, "money")
        made.table(COLUMNS, credits)
        made.feeds = {credit["feed"] for credit in credits}
        if data["feed"]:
            made.feeds.add(data["feed"])
        return made


_NOTHING: dict[str, Any] = {"in_month": None, "before": None, "after": None}


def _short(
    as_of: dt.date, month: Month, facts: dict[str, Any], paid: dict[str, Any], values: Values
) -> Finding | None:
    """What is open of the month: its own credits first, then what was paid ahead since the work
    began, then what this month's credits have beyond its own amount."""
    cost = min(sum_ for sum_ in (facts["labour_cost_monthly"], facts["cost_then"]) if sum_)
    began = Month.of(facts["base"])
    first = _share(cost, facts["base"])
    agreed = first if month == began + 1 else cost
    total = first + cost * (month - began - 1)
    in_month, before, after = (_sum(paid[name]) for name in ("in_month", "before", "after"))
    open_ = total - before - max(ZERO, after - cost)
    short = min(agreed - in_month, open_)
    if short <= 0 or short * 100 <= agreed * values["tolerance"]:
        return None
    previous = paid.get("previous")
    since = month.last + DAY
    if not in_month and previous:  # the month between two credits may run past the month's end
        if ((paid["next"] or as_of) - previous).days <= values["days"]:
            return None
        since = max(since, previous + (values["days"] + 1) * DAY)
    return Finding(
        facts["project"],
        facts["owner"] or facts["contractor"],
        month,
        YELLOW,
        since,
        amount=short,
        data_missing=facts["owner"] is None,
        data={
            "cost": cost,
            "cycle": facts["disbursement_cycle_days"],
            "feed": facts["feed_id"],
            "agreed": agreed,
            "in_month": in_month,
            "set_off": agreed - in_month - short,
            "previous": previous,
        },
    )


def _share(cost: Decimal, start: dt.date) -> Decimal:
    """The labour cost of the month in which the work began, by its days from then on: it is due
    in the month after."""
    last = Month.of(start).last
    share = cost * ((last - start).days + 1) / last.day
    return share.quantize(ZERO, ROUND_HALF_UP)


def _sum(value: Any) -> Decimal:
    return Decimal(value or 0).quantize(ZERO)
