"""What the departments' registers say of projects, and of which counties they speak at all.

A register that has never told of a thing for any project of a county says nothing about one that
lacks it there: a rule then marks its finding "data missing" instead of accusing.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Max, QuerySet
from django.db.models.functions import Substr

from alerts.rules.base import ZERO, Param, Scope
from alerts.rules.evidence import Column, Evidence
from payroll.models import Feed
from projects.labels import FORM
from projects.models import ProjectVersion, Security
from wagewatch.bilingual import Text
from wagewatch.calendars import DAY
from wagewatch.known import known_on

COUNTY = 6
"""Digits of a county's code (GB/T 2260)."""
STALE = Param(
    "stale", 366, "days", 30, 3660, Text("登记数据最多多少日未更新", "Register at most this old")
)

COLUMNS = (
    Column("form", "形式", "Form"),
    Column("issuer", "出具机构", "Issuer"),
    Column("amount", "金额", "Amount", "money"),
    Column("valid_from", "生效日期", "Valid from", "date"),
    Column("valid_to", "到期日期", "Valid to", "date"),
    Column("state", "状态", "State"),
    Column("file", "文件", "File"),
)
_HELD = ("amount", "valid_from", "valid_to", "form", "issuer", "feed_id")


def last_told(rows: QuerySet[Any], region: str, as_of: dt.date) -> dict[str, dt.date]:
    """By county, the last day up to `as_of` on which rows of this kind were received; `region` is
    the path to the region's code. One query."""
    return dict(
        rows.filter(known_from__lte=as_of)
        .order_by()
        .annotate(county=Substr(region, 1, COUNTY))
        .values("county")
        .annotate(last=Max("known_from"))
        .values_list("county", "last")
    )


def silent(told: dict[str, dt.date], region: str, as_of: dt.date, stale: int | None = None) -> bool:
    """Whether the register of the region's county never came, or not for `stale` days."""
    last = told.get(region[:COUNTY])
    return last is None or (stale is not None and (as_of - last).days > stale)


def facts_told(as_of: dt.date, **conditions: Any) -> dict[str, dt.date]:
    """`last_told` of the projects register, where it gave a value for a field."""
    return last_told(ProjectVersion.objects.filter(**conditions), "region_id", as_of)


@dataclass(frozen=True)
class Held:
    """A deposit or a guarantee; valid on both its first and its last day. CNY."""

    amount: Decimal
    valid_from: dt.date
    valid_to: dt.date | None
    form: str
    issuer: str
    feed: int | None

    def valid_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class Securities:
    """What secures a project. `required`: the sum that the valid ones must come to; None where any
    valid one will do."""

    held: Sequence[Held]
    required: Decimal | None = None

    def total(self, day: dt.date) -> Decimal:
        return sum((one.amount for one in self.held if one.valid_on(day)), ZERO)

    def short(self, day: dt.date) -> bool:
        if self.required is None:
            return not any(one.valid_on(day) for one in self.held)
        return self.total(day) < self.required

    def _turns(self) -> list[dt.date]:
        """The days on which one begins, or has just ended."""
        ends = [one.valid_to + DAY for one in self.held if one.valid_to]
        return sorted({*(one.valid_from for one in self.held), *ends})

    def short_since(self, first: dt.date, as_of: dt.date) -> dt.date:
        """The first day of the gap in which `as_of` lies, counted from `first` at the earliest."""
        since = None
        for day in (first, *(turn for turn in self._turns() if first < turn <= as_of)):
            since = (since or day) if self.short(day) else None
        return since or as_of

    def ends(self, as_of: dt.date, within: int) -> dt.date | None:
        """The last day covered, when it comes within so many days after `as_of`."""
        turns = (turn for turn in self._turns() if as_of < turn <= as_of + (within + 1) * DAY)
        return next((turn - DAY for turn in turns if self.short(turn)), None)


def securities(as_of: dt.date, scope: Scope) -> dict[str, dict[int, list[Held]]]:
    """What is known of the projects' deposits and guarantees, by kind and project. One query."""
    found: dict[str, dict[int, list[Held]]] = {kind: {} for kind in Security.Kind}
    rows = Security.objects.filter(scope.q(), known_on(as_of)).order_by("valid_from", "pk")
    for kind, project, *values in rows.values_list("kind", "project", *_HELD):
        found[kind].setdefault(project, []).append(Held(*values))
    return found


def securities_told(as_of: dt.date, kind: Security.Kind) -> dict[str, dt.date]:
    return last_told(Security.objects.filter(kind=kind), "project__region_id", as_of)


def files(feeds: Iterable[int | None]) -> dict[int | None, str]:
    """The names of these feeds' files. One query."""
    wanted = {feed for feed in feeds if feed}
    return dict(Feed.objects.filter(pk__in=wanted).values_list("pk", "filename"))


def add_securities(
    made: Evidence, held: Sequence[Held], as_of: dt.date, names: dict[int | None, str]
) -> None:
    """A row for each, and the feeds they came with."""
    made.table(
        COLUMNS,
        (
            {
                "form": Text.of(FORM.get(one.form, one.form)),
                "issuer": one.issuer,
                "amount": one.amount,
                "valid_from": one.valid_from,
                "valid_to": one.valid_to,
                "state": _state(one, as_of),
                "file": names.get(one.feed, ""),
            }
            for one in held
        ),
    )
    made.feeds |= {one.feed for one in held if one.feed}


def _state(one: Held, day: dt.date) -> Text:
    if one.valid_on(day):
        return Text("有效", "Valid")
    if one.valid_from > day:
        return Text("未生效", "Not yet in force")
    return Text("已过期", "Expired")
