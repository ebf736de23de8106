"""A4: no rights notice board is recorded though the work has been under way for days."""

import datetime as dt
from collections.abc import Sequence

from alerts.rules import registers, sites
from alerts.rules.base import START_UP, YELLOW, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from projects.models import NoticeBoard
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on


class NoNoticeBoard(Rule):
    code = "A4"
    title = Text("未设立维权信息告示牌", "No rights notice board on site")
    stage = START_UP
    why = Text(
        "告示牌写明发薪日、最低工资、劳资专管员和投诉电话;没有它,工人不知道找谁、什么时候该领到工资。",
        "The board names payday, minimum wage, wage officer and hotlines; without it workers know "
        "neither when to be paid nor whom to ask.",
    )
    law = ("Reg. 34", "Reg. 56(4)")
    levels = Text("黄色。", "Yellow.")
    clears = Text("登记了施工现场的维权信息告示牌。", "A notice board on site is on record.")
    needs = ("projects", "sites")
    responsible = ("general",)
    params = (
        Param("days", 15, "days", 0, 90, Text("开工后宽限天数", "Days allowed after the start")),
        registers.STALE,
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        boards = NoticeBoard.objects.filter(scope.q(), known_on(as_of), date__lte=as_of)
        has_one = set(boards.values_list("project", flat=True))
        late = [
            (one, began)
            for one in sites.active(as_of, scope)
            if (began := one.start_date or one.known_from) < as_of - values["days"] * DAY
            and one.project_id not in has_one
        ]
        told = (
            registers.last_told(NoticeBoard.objects.all(), "project__region_id", as_of)
            if late
            else {}
        )
        return [
            Finding(
                one.project_id,
                one.contractor_id,
                None,
                YELLOW,
                began + (values["days"] + 1) * DAY,
                data_missing=registers.silent(told, one.region_id, as_of, values["stale"]),
                data={
                    "began": began,
                    "days": (as_of - began).days,
                    "allowed": values["days"],
                    "told": told.get(one.region_id[: registers.COUNTY]),
                    "feed": one.feed_id,
                },
            )
            for one, began in late
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        return [self._one(finding) for finding in findings]

    def _one(self, finding: Finding) -> Evidence:
        data, made = finding.data, Evidence()
        made.fact("开工日期", "Work began on", data["began"], "date")
        made.fact("已登记的告示牌", "Notice boards on record", 0, "count")
        made.fact("本县(区)现场登记最近收到", "County register received", data["told"], "date")
        made.step("", "开工至今天数", "Days since the start", data["days"], "days")
        made.step("-", "宽限天数", "Days allowed", data["allowed"], "days")
        made.step("=", "逾期天数", "Days over", data["days"] - data["allowed"], "days")
        if data["feed"]:
            made.feeds.add(data["feed"])
        return made
