"""A4: no rights notice board is recorded though the work has been under way for days."""

import datetime as dt
from collections.abc import Sequence

from django.db.models import Exists, OuterRef
from django.db.models.functions import Coalesce

from alerts.rules import registers
from alerts.rules.base import START_UP, YELLOW, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Evidence
from projects.models import NoticeBoard, ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY


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
        board = NoticeBoard.objects.known_on(as_of).filter(
            project=OuterRef("project"), date__lte=as_of
        )
        rows = list(
            ProjectVersion.objects.active_on(as_of)
            .annotate(began=Coalesce("start_date", "known_from"))
            .filter(scope.q(), ~Exists(board), began__lt=as_of - values["days"] * DAY)
            .values_list("project", "contractor", "began", "region_id", "feed_id")
        )
        told = registers.last_told(NoticeBoard.objects.all(), "project__region_id", as_of)
        return [
            Finding(
                project,
                contractor,
                None,
                YELLOW,
                began + (values["days"] + 1) * DAY,
                data_missing=registers.silent(told, region, as_of, values["stale"]),
                data={
                    "began": began,
                    "days": (as_of - began).days,
                    "allowed": values["days"],
                    "told": told.get(region[: registers.COUNTY]),
                    "feed": feed,
                },
            )
            for project, contractor, began, region, feed in rows
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
