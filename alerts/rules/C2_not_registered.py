"""C2: attended without registration, or without labour contract, on that day."""

import datetime as dt
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q

from alerts.rules.base import (
    REAL_NAME,
    YELLOW,
    CycleKey,
    Finding,
    Months,
    Param,
    Rule,
    Scope,
    Values,
    in_months,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll.changes import ATTENDANCE, REGISTRATIONS
from payroll.models import AttendanceMonth
from projects.models import Engagement, ProjectVersion
from wagewatch import identity
from wagewatch.bilingual import Text
from wagewatch.known import known_on
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("team", "班组", "Team"),
    Column("reason", "原因", "Reason"),
    Column("days", "不合规出勤天数", "Days attended without", "count"),
    Column("first", "首日", "First such day", "date"),
    Column("last", "末日", "Last such day", "date"),
    Column("entry", "登记进场日期", "Registered entry", "date"),
    Column("exit", "登记退场日期", "Registered exit", "date"),
    Column("contract", "合同(协议)日期", "Contract or agreement", "date"),
)
_DAY = "engagement__attendance_days__day"
_FIELDS = (
    *("engagement__project", "engagement__employer", "month", "engagement"),
    *("engagement__worker", "engagement__contract_date", "engagement__entry_date"),
    *("engagement__exit_date", "engagement__registered", "engagement__known_from"),
)


class NotRegistered(Rule):
    code = "C2"
    title = Text("未登记或未订立合同而出勤", "On site without registration or contract")
    stage = REAL_NAME
    why = Text(
        "没有实名登记和劳动合同(或者书面用工协议)的工人,欠薪时难以证明为谁干活、约定多少工资。",
        "A worker without registration and contract (or written agreement) can hardly prove later "
        "for whom the work was done and what was agreed.",
    )
    law = ("Reg. 28", "Real-name 8", "Reg. 55(3)")
    levels = Text("黄色。", "Yellow.")
    clears = Text(
        "工人已实名登记并有合同(书面用工协议)日期,且最后一个不合规出勤日已满公示天数;"
        "或者更正登记,使所列各日均在登记和合同之内。",
        "The worker is registered with a contract (or written agreement) and the last day without "
        "lies the days shown behind; or the registry is corrected so that it covers every day.",
    )
    needs = ("attendance", "workers")
    kept_as_now = Text(
        "登记、进退场和合同日期按现在的登记。",
        "Registration, entry, exit and contract dates are taken as they are on record now.",
    )
    responsible = ("employer", "general")
    params = (
        Param(
            "shown",
            31,
            "days",
            1,
            365,
            Text("补正后保留天数", "Days shown after the last such day"),
        ),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        cycles: dict[CycleKey, list[dict[str, Any]]] = {}
        rests_on = (ATTENDANCE, REGISTRATIONS)
        suspects = scope.of_months(rests_on, as_of, self._suspects, itemgetter(0))
        held = self._uncovered(as_of, {engagement for _, engagement in suspects})
        contractors, registries = _sites(as_of, {one["project"] for one in held})
        for one in held:
            if _mended(one, as_of) and (as_of - one["last"]).days > values["shown"]:
                continue
            if not one["registered"]:  # the general contractor answers for the site
                one["employer"] = contractors.get(one["project"], one["employer"])
            cycles.setdefault((one["project"], one["employer"], one["month"]), []).append(one)
        return [
            Finding(
                *key,
                YELLOW,
                min(one["first"] for one in mine),
                workers=len({one["worker"] for one in mine}),
                data_missing=key[0] not in registries,
                people=frozenset(one["worker"] for one in mine),
                data={"mine": sorted(mine, key=lambda one: int(one["engagement"]))},
            )
            for key, mine in cycles.items()
        ]

    def _suspects(
        self, as_of: dt.date, scope: Scope, months: Months
    ) -> Iterable[tuple[Month, int]]:
        """(month, engagement) of attendance that as a whole does not lie within entry, exit and
        contract. The month's summary decides without a look at its days; of a month that is not
        settled it is the widest span that its days can have."""
        return (
            AttendanceMonth.objects.filter(
                Q(engagement__registered=False)
                | Q(engagement__known_from__gt=as_of)
                | Q(engagement__contract_date__isnull=True)
                | Q(engagement__contract_date__gt=F("first_day"))
                | Q(engagement__entry_date__gt=F("first_day"))
                | Q(engagement__exit_date__lt=F("last_day")),
                scope.q("engagement__project"),
                in_months("month", months),
                known_from__lte=as_of,
                month__lte=Month.of(as_of),
            )
            .order_by()
            .values_list("month", "engagement")
        )

    def _uncovered(self, as_of: dt.date, suspects: set[int]) -> list[dict[str, Any]]:
        """For each suspect and month the known days attended outside registration and contract."""
        if not suspects:
            return []
        day = F(_DAY)
        rows = (
            AttendanceMonth.objects.filter(
                Q(engagement__registered=False)
                | Q(engagement__known_from__gt=as_of)
                | Q(engagement__contract_date__isnull=True)
                | Q(engagement__contract_date__gt=day)
                | Q(engagement__entry_date__gt=day)
                | Q(engagement__exit_date__lt=day),
                engagement__in=suspects,
                engagement__attendance_days__known_from__lte=as_of,
                engagement__attendance_days__day__gte=F("first_day"),
                engagement__attendance_days__day__lte=F("last_day"),
            )
            .order_by()
            .values_list(*_FIELDS)
            .annotate(
                n=Count(_DAY),
                first=Min(_DAY),
                last=Max(_DAY),
                feed=Max("engagement__attendance_days__feed_id"),
            )
        )
        names = (
            *("project", "employer", "month", "engagement", "worker", "contract", "entry"),
            *("exit", "registered", "known_from", "days", "first", "last", "feed"),
        )
        held = [dict(zip(names, row, strict=True)) for row in rows]
        for one in held:
            one["registered"] = one["registered"] and one["known_from"] <= as_of
        return held

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        people = {
            pk: rest
            for pk, *rest in Engagement.objects.filter(
                pk__in={one["engagement"] for f in findings for one in f.data["mine"]}
            ).values_list("pk", "worker__name", "worker__id_number", "team")
        }
        return [self._one(finding, people) for finding in findings]

    def _one(self, finding: Finding, people: dict[int, list[Any]]) -> Evidence:
        made, rows = Evidence(), []
        mine: list[dict[str, Any]] = finding.data["mine"]
        for one in mine:
            name, number, team = people[one["engagement"]]
            known = one["registered"]
            rows.append(
                {
                    "worker": name,
                    "id": identity.mask_id(number),
                    "team": team,
                    "reason": _joined(_reasons(one)),
                    "days": one["days"],
                    "first": one["first"],
                    "last": one["last"],
                    "entry": one["entry"] if known else None,
                    "exit": one["exit"] if known else None,
                    "contract": one["contract"] if known else None,
                }
            )
            made.feeds.add(one["feed"])
        strangers = len({one["worker"] for one in mine if not one["registered"]})
        made.fact("出勤月份", "Month worked", finding.month, "month")
        made.fact("最早一日", "First such day", finding.since, "date")
        made.fact("最近一日", "Last such day", max(one["last"] for one in mine), "date")
        made.fact(
            "应有",
            "What was due",
            Text(
                "进场前实名登记并订立劳动合同或者书面用工协议",
                "Registration and a labour contract or written agreement before entry",
            ),
        )
        made.step("", "未登记的工人", "Workers not registered", strangers, "count")
        made.step(
            "+",
            "已登记、出勤日不在合同或者登记期内的工人",
            "Registered, but attended outside contract or registration",
            finding.workers - strangers,
            "count",
        )
        made.step("=", "涉及工人", "Workers concerned", finding.workers, "count")
        days = sum(one["days"] for one in mine)
        made.step("", "不合规出勤工日", "Days attended without", days, "count")
        made.table(COLUMNS, sorted(rows, key=lambda row: (row["first"], row["worker"])))
        return made


def _joined(reasons: list[Text]) -> Text:
    return Text("、".join(one.zh for one in reasons), ", ".join(one.en for one in reasons))


def _reasons(one: dict[str, Any]) -> list[Text]:
    if not one["registered"]:
        return [Text("未登记", "not registered")]
    found = []
    if one["contract"] is None:
        found.append(Text("无合同", "no contract"))
    elif one["contract"] > one["first"]:
        found.append(Text("合同晚于出勤", "contract later than attendance"))
    if one["entry"] and one["entry"] > one["first"]:
        found.append(Text("早于登记进场", "before the registered entry"))
    if one["exit"] and one["exit"] < one["last"]:
        found.append(Text("退场后出勤", "after the registered exit"))
    return found


def _mended(one: dict[str, Any], as_of: dt.date) -> bool:
    """Registered with a contract by now: what lies behind cannot be mended, nor does it go on."""
    contract = one["contract"]
    return one["registered"] and contract is not None and contract <= as_of


def _sites(as_of: dt.date, projects: set[int]) -> tuple[dict[int, int], set[int]]:
    """The general contractor of each project as known, and the projects for which the registry of
    workers has said anything at all."""
    if not projects:
        return {}, set()
    known = Engagement.objects.filter(
        project=OuterRef("project"), registered=True, known_from__lte=as_of
    )
    rows = (
        ProjectVersion.objects.filter(known_on(as_of), project__in=projects)
        .annotate(told=Exists(known))
        .values_list("project", "contractor", "told")
    )
    contractors, registries = {}, set()
    for project, contractor, told in rows:
        contractors[project] = contractor
        if told:
            registries.add(project)
    return contractors, registries
