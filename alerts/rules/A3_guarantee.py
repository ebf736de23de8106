"""A3: no payment guarantee of the owner is valid."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules import registers, sites
from alerts.rules.base import ORANGE, START_UP, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from alerts.rules.registers import Securities
from projects.models import Security
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY


class PaymentGuarantee(Rule):
    code = "A3"
    title = Text("建设单位未提供有效工程款支付担保", "No valid payment guarantee from the owner")
    stage = START_UP
    why = Text(
        "支付担保保证建设单位按期付款;没有担保,建设单位一旦断付,工资就失去来源。",
        "The guarantee stands behind the owner's payments; without it wages lose their source as "
        "soon as the owner stops paying.",
    )
    law = ("Reg. 24", "Reg. 57(1)")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "登记了当日有效的工程款支付担保。", "A payment guarantee valid that day is on record."
    )
    needs = ("projects", "securities")
    responsible = ("owner",)
    params = (
        Param("days", 0, "days", 0, 90, Text("开工后宽限天数", "Days allowed after the start")),
        registers.STALE,
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        held = scope.once(registers.securities, as_of, scope)[Security.Kind.GUARANTEE]
        short = [
            (one, secured, first)
            for one in sites.active(as_of, scope)
            if as_of >= (first := (one.start_date or one.known_from) + values["days"] * DAY)
            and (secured := Securities(held.get(one.project_id, []))).short(as_of)
        ]
        told = registers.securities_told(as_of, Security.Kind.GUARANTEE) if short else {}
        return [
            Finding(
                one.project_id,
                one.owner_id or one.contractor_id,
                None,
                ORANGE,
                secured.short_since(first, as_of),
                data_missing=one.owner_id is None
                or registers.silent(told, one.region_id, as_of, values["stale"]),
                data={
                    "start": one.start_date,
                    "held": secured.held,
                    "told": told.get(one.region_id[: registers.COUNTY]),
                    "feed": one.feed_id,
                },
            )
            for one, secured, first in short
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        names = registers.files(one.feed for finding in findings for one in finding.data["held"])
        return [self._one(as_of, finding, names) for finding in findings]

    def _one(self, as_of: dt.date, finding: Finding, names: dict[int | None, str]) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("开工日期", "Work began on", data["start"], "date")
        made.fact("本县(区)担保登记最近收到", "County register received", data["told"], "date")
        made.step("", "登记的支付担保", "Guarantees on record", len(data["held"]), "count")
        made.step("-", "已过期或未生效", "Expired or not yet valid", len(data["held"]), "count")
        made.step("=", "当日有效", "Valid on the day", 0, "count")
        made.fact("缺少担保天数", "Days without one", (as_of - finding.since).days + 1, "days")
        registers.add_securities(made, data["held"], as_of, names)
        if data["feed"]:
            made.feeds.add(data["feed"])
        return made
