"""I2: a company's utilities, tax, social insurance or credit fell by more than half."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, Sum

from alerts.rules import sites
from alerts.rules.base import BLUE, COMPANY, ZERO, Finding, Param, Rule, Scope, Values
from alerts.rules.evidence import Column, Evidence
from payroll.changes import INDICATORS
from payroll.models import Feed, Indicator
from projects.models import Party, ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on
from wagewatch.months import Month

MONTHS = 6
"""The mean is that of this many months before; a fall is shown for as many months after."""

COLUMNS = (
    Column("month", "月份", "Month", "month"),
    Column("value", "数值", "Value", "money"),
    Column("file", "文件", "File"),
)


@dataclass(frozen=True)
class Value:
    """One month's value as known on the day judged."""

    value: Decimal
    feed: int | None


@dataclass(frozen=True)
class Fall:
    company: int
    kind: str
    month: Month
    before: tuple[tuple[Month, Value], ...]
    value: Value

    @property
    def total(self) -> Decimal:
        return sum((one.value for _, one in self.before), ZERO)


class IndicatorFall(Rule):
    code = "I2"
    title = Text("企业经营指标骤降", "A company's indicator fell sharply")
    stage = COMPANY
    why = Text(
        "用水用电、纳税、社保缴费或信用骤降,往往先于欠薪;早发现才能早提醒。",
        "Consumption, tax, social insurance or credit often fall before wages stop; seen early, "
        "the harm can still be kept away.",
    )
    law = ("Reg. 38",)
    levels = Text("蓝色:仅作提示,不认定违法。", "Blue: a sign to look, no breach.")
    clears = Text(
        "以后月份的数值恢复到前6个月平均值的界限以上;超过6个月不再提示。",
        "A later month is back above the limit of the six months' mean; after six months it is "
        "shown no longer.",
    )
    needs = ("indicators", "participants", "projects")
    responsible = ("employer",)
    params = (
        Param("percent", 50, "percent", 10, 95, Text("降幅(%)", "Fall in percent")),
        Param("history", 3, "months", 1, MONTHS, Text("至少月数", "Months of history needed")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        if scope.project_ids is None:
            asked = (Month.of(as_of), values["percent"], values["history"])
            fallen = scope.while_known([INDICATORS], as_of, self._fallen, *asked)
            companies = {company for company, _ in fallen}
        else:
            fallen, companies = None, _concerned(as_of, scope)
        falls = [
            fall
            for (company, kind), series in self._series(as_of, companies).items()
            if (fallen is None or (company, kind) in fallen)
            and (fall := first_fall(company, kind, series, Month.of(as_of), values))
        ]
        if not falls:
            return []
        places = parties(as_of, scope, {fall.company for fall in falls})
        return [
            _finding(project, fall, values)
            for fall in falls
            for project in sorted(places.get(fall.company, ()))
        ]

    def _fallen(
        self, as_of: dt.date, scope: Scope, before: Month, percent: int, history: int
    ) -> set[tuple[int, str]]:
        """Companies and kinds that may have fallen in the six months before `before`: chosen in
        the database, a little too many, as its sums may not be exact."""
        now = before.ordinal
        sums: dict[str, Any] = {}
        fell = Q()
        for back in range(1, MONTHS + 1):  # each whole month that may have fallen, in one scan
            fall = now - back
            earlier = Q(month__gte=fall - MONTHS, month__lt=fall)
            total, count, value = f"total{back}", f"count{back}", f"value{back}"
            sums[total] = Sum("value", filter=earlier)
            sums[count] = Count("pk", filter=earlier)
            sums[value] = Sum("value", filter=Q(month=fall))
            least = F(value) * F(count) * 100 / (100 - percent) - 1
            fell |= Q(**{f"{count}__gte": history, f"{total}__gte": least})
        known = Indicator.objects.filter(
            known_on(as_of), month__gte=now - 2 * MONTHS, month__lt=now
        )
        found = known.order_by().values("company", "kind").annotate(**sums).filter(fell)
        return set(found.values_list("company", "kind"))

    def _series(
        self, as_of: dt.date, companies: set[int]
    ) -> dict[tuple[int, str], dict[Month, Value]]:
        """The values of these companies in the whole months that a judgement may need."""
        now = Month.of(as_of).ordinal
        found: dict[tuple[int, str], dict[Month, Value]] = defaultdict(dict)
        rows = Indicator.objects.filter(
            known_on(as_of),
            company__in=companies,
            month__gte=now - 2 * MONTHS,
            month__lt=now,
        )
        for company, kind, month, value, feed in rows.values_list(
            "company", "kind", "month", "value", "feed_id"
        ):
            found[company, kind][month] = Value(value, feed)
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        feeds = {feed for finding in findings for feed in finding.data["feeds"]}
        files = dict(Feed.objects.filter(pk__in=feeds).values_list("pk", "filename"))
        return [_evidence(finding, files) for finding in findings]


def _concerned(as_of: dt.date, scope: Scope) -> set[int]:
    """The companies on the projects judged, where these are few."""
    named = [(one.owner_id, one.contractor_id) for one in scope.once(sites.known, as_of, scope)]
    on_site = Party.objects.filter(scope.q(), known_on(as_of)).values_list("company", flat=True)
    return {company for pair in named for company in pair if company} | set(on_site)


def first_fall(
    company: int, kind: str, series: dict[Month, Value], now: Month, values: Values
) -> Fall | None:
    """The earliest fall of the last six whole months that no later month has made good. A month
    without a value counts for nothing: neither for the mean nor as zero."""
    for month in sorted(month for month in series if month >= now - MONTHS):
        before = tuple((m, series[m]) for m in sorted(series) if month - MONTHS <= m < month)
        fall = Fall(company, kind, month, before, series[month])
        later = [series[m] for m in series if m > month]
        if len(before) >= values["history"] and all(
            _low(one.value, fall, values) for one in (fall.value, *later)
        ):
            return fall
    return None


def _low(value: Decimal, fall: Fall, values: Values) -> bool:
    """Below the mean by more than the percentage; exact, as nothing is divided."""
    return fall.total > 0 and value * len(fall.before) * 100 < fall.total * (
        100 - values["percent"]
    )


def parties(as_of: dt.date, scope: Scope, companies: set[int]) -> dict[int, set[int]]:
    """The active projects on which each company is owner, contractor or subcontractor."""
    active = ProjectVersion.objects.active_on(as_of).filter(scope.q())
    found: dict[int, set[int]] = defaultdict(set)
    for project, owner, contractor in active.filter(
        Q(owner__in=companies) | Q(contractor__in=companies)
    ).values_list("project", "owner", "contractor"):
        for company in {owner, contractor} & companies:
            found[company].add(project)
    on_site = Party.objects.filter(
        known_on(as_of),
        Q(exit_date__isnull=True) | Q(exit_date__gt=as_of),
        company__in=companies,
        project__in=active.values("project"),
    )
    for company, project in on_site.values_list("company", "project"):
        found[company].add(project)
    return found


def _finding(project: int, fall: Fall, values: Values) -> Finding:
    return Finding(
        project,
        fall.company,
        fall.month,
        BLUE,
        fall.month.last + DAY,
        subject=fall.kind,
        data={
            "values": [(str(month), one.value, one.feed) for month, one in fall.before],
            "value": fall.value.value,
            "feed": fall.value.feed,
            "total": fall.total,
            "percent": values["percent"],
            "feeds": sorted(
                {one.feed for one in (fall.value, *dict(fall.before).values()) if one.feed}
            ),
        },
    )


def _evidence(finding: Finding, files: dict[Any, str]) -> Evidence:
    data, made = finding.data, Evidence()
    month = finding.month
    assert month is not None
    mean = (data["total"] / len(data["values"])).quantize(Decimal("0.01"))
    made.fact("指标", "Indicator", Text.of(Indicator.Kind(finding.subject).label))
    made.fact("下降月份", "Month of the fall", month, "month")
    made.fact(
        "前6个月中有数据的月数", "Months with data of the six before", len(data["values"]), "count"
    )
    made.fact("界限(%)", "Limit in percent", data["percent"], "count")
    made.step("", "前6个月平均值", "Mean of the six months", mean, "money")
    made.step("-", "当月数值", "Value of the month", data["value"], "money")
    made.step("=", "下降", "Fall", mean - data["value"], "money")
    known = {text: (value, feed) for text, value, feed in data["values"]}
    known[str(month)] = (data["value"], data["feed"])
    rows = []
    for place in range(MONTHS, -1, -1):
        value, feed = known.get(str(month - place), (None, None))
        rows.append({"month": month - place, "value": value, "file": files.get(feed, "")})
    made.table(COLUMNS, rows)
    made.feeds = set(data["feeds"])
    return made
