"""A6: the contract names no labour-cost amount, or no disbursement cycle of at most a month."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules import registers, sites
from alerts.rules.base import START_UP, YELLOW, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from wagewatch.bilingual import Text


class ContractTerms(Rule):
    code = "A6"
    title = Text("合同未约定合规的人工费用拨付", "Contract lacks lawful labour-cost terms")
    stage = START_UP
    why = Text(
        "合同没有约定人工费用和不超过1个月的拨付周期,建设单位何时拨付、拨付多少就无据可查。",
        "Without an agreed sum and a cycle of at most a month, nobody can say when the owner owes "
        "what.",
    )
    law = ("Reg. 24",)
    levels = Text("黄色。", "Yellow.")
    clears = Text(
        "登记了人工费用数额(按比例约定的折算为月额)和不超过1个月的拨付周期。",
        "A labour-cost amount (a share counts as its monthly sum) and a cycle of at most one month "
        "are on record.",
    )
    needs = ("projects",)
    responsible = ("owner", "general")
    params = (Param("days", 31, "days", 28, 31, Text("拨付周期最长天数", "Longest cycle in days")),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        faulty = [
            one
            for one in sites.active(as_of, scope)
            if not 0 < (one.disbursement_cycle_days or 0) <= values["days"]
            or (one.labour_cost_monthly or 0) <= 0
        ]
        cycles = registers.facts_told(as_of, disbursement_cycle_days__gt=0) if faulty else {}
        sums = registers.facts_told(as_of, labour_cost_monthly__gt=0) if faulty else {}
        found = []
        for one in faulty:
            cycle, cost = one.disbursement_cycle_days, one.labour_cost_monthly
            too_long = bool(cycle) and cycle > values["days"]  # type: ignore[operator]
            proved = (
                too_long
                or (not cycle and not registers.silent(cycles, one.region_id, as_of))
                or (not cost and not registers.silent(sums, one.region_id, as_of))
            )
            signed = (one.contract_date, one.start_date)
            found.append(
                Finding(
                    one.project_id,
                    one.owner_id or one.contractor_id,
                    None,
                    YELLOW,
                    max((day for day in signed if day), default=one.known_from),
                    data_missing=one.owner_id is None or not proved,
                    data={
                        "cycle": cycle,
                        "cost": cost,
                        "signed": one.contract_date,
                        "too_long": too_long,
                        "allowed": values["days"],
                        "feed": one.feed_id,
                    },
                )
            )
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        return [self._one(finding) for finding in findings]

    def _one(self, finding: Finding) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("合同签订日期", "Contract of", data["signed"], "date")
        if data["too_long"]:
            over = data["cycle"] - data["allowed"]
            made.step("", "约定的拨付周期", "Agreed cycle", data["cycle"], "days")
            made.step("-", "最长周期", "Longest cycle", data["allowed"], "days")
            made.step("=", "超出天数", "Days over", over, "days")
        else:
            made.fact("约定的拨付周期", "Agreed cycle", data["cycle"] or "未约定 / none")
        made.fact("月人工费用", "Monthly labour cost", data["cost"] or None, "money")
        if not data["cost"]:
            made.step("=", "约定的月人工费用", "Agreed labour cost", "未约定 / none", "text")
        elif not data["too_long"]:
            made.step("=", "约定的拨付周期", "Agreed cycle", "未约定 / none", "text")
        if data["feed"]:
            made.feeds.add(data["feed"])
        return made
