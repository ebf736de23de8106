"""Complaints of the city's workers, and what departments know of its companies, as feed files.

The hotline's list comes on every day on which a complaint was received, taken up or answered. The
departments' indicators come on the 8th of each month for the months before, from the first month
on which a company is on record, with six months of history.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from alerts.simulation.plan import DAY, City, Company, Person, Site
from wagewatch.months import Month

KINDS = {"electricity": 9000, "tax": 120000, "insurance": 64000}
REPORT_DAY = 8
HISTORY = 6


@dataclass
class Complaint:
    """As the hotline knows it; days that have not come by the city's end are not told."""

    day: dt.date
    site: Site | None
    person: Person | None
    people: int = 1
    accepted: dt.date | None = None
    refused: dt.date | None = None
    answered: dt.date | None = None


def complain(city: City, site: Site, day: dt.date, place: int = 0, **facts: Any) -> Complaint:
    """A worker of the site's last crew complains; it is taken up two working days later and
    answered in time, unless told otherwise."""
    person = site.crews[-1].people[place]
    facts = {"accepted": city.days.add(day, 2)} | facts
    if facts["accepted"]:
        facts = {"answered": city.days.add(facts["accepted"], 15)} | facts
    made = Complaint(day, site, person, **facts)
    city.complaints.append(made)
    return made


def few_complain(city: City, site: Site) -> None:
    """What is no G1 and no G2: decided on the fifth working day; two people in thirty days, one of
    them twice, and a third thirty days after that one; one that was refused at once."""
    first = city.months[1].first.replace(day=2)
    complain(city, site, first, accepted=city.days.add(first, 5))
    complain(city, site, first + 7 * DAY)
    complain(city, site, first + 10 * DAY, 1)
    complain(city, site, first + 37 * DAY, 2)
    refused = first + 12 * DAY
    complain(city, site, refused, 2, accepted=None, refused=refused)


# ---- files


def write(city: City, files: Any) -> None:
    for month in city.months:  # nobody knows which site these are about
        day = month.first.replace(day=11)
        taken = city.days.add(day, 5)
        city.complaints.append(Complaint(day, None, None, 2, taken, None, taken))
    _complaints(city, files)
    _indicators(city, files)


def _complaints(city: City, files: Any) -> None:
    by_day: dict[dt.date, list[dict[str, Any]]] = defaultdict(list)
    for number, one in enumerate(city.complaints, start=1):
        days = {one.day, one.accepted, one.refused, one.answered} - {None}
        for day in sorted(day for day in days if day):
            by_day[day].append(_row(one, number, day))
    for day, rows in sorted(by_day.items()):
        files.table(day, "complaints.csv", "complaints", rows, "gb18030")


def _row(one: Complaint, number: int, day: dt.date) -> dict[str, Any]:
    """The complaint as the list of `day` shows it."""

    def told(when: dt.date | None) -> Any:
        return when if when and when <= day else ""

    person = one.person
    return {
        "投诉时间": one.day,
        "渠道": "12345" if number % 4 else "来访",
        "工单编号": f"HJ{number:06d}",
        "项目编码": one.site.code if one.site else "",
        "投诉人": person.name if person else "",
        "证件类型": person.id_type if person else "",
        "身份证号": person.id_number if person else "",
        "联系电话": person.phone if person else "",
        "涉及人数": one.people,
        "涉及金额": f"{one.people * 8600}.00",
        "内容": "工资没有按时发放" if one.site else "港区一工地欠薪，名称不详",
        "受理日期": told(one.accepted),
        "不予受理日期": told(one.refused),
        "答复日期": told(one.answered),
        "结果": "已督促企业支付" if told(one.answered) else "",
    }


def _indicators(city: City, files: Any) -> None:
    sent: dict[str, Month] = {}
    for month in city.months:
        day = month.first.replace(day=REPORT_DAY)
        rows = []
        for place, company in enumerate(_known(city, day)):
            since = sent.get(company.code, city.months[0] - HISTORY)
            rows += list(_values(city, place, company, since, month))
            sent[company.code] = month
        files.table(day, "indicators.csv", "indicators", rows, "utf-8")


def _known(city: City, day: dt.date) -> list[Company]:
    """The companies on record by that day, each once, in the order of the sites."""
    found: dict[str, Company] = {}
    for site in city.sites:
        if site.start - 2 * DAY < day:
            crews = [crew.company for crew in site.crews]
            for company in (site.owner, site.contractor, *crews):
                found.setdefault(company.code, company)
    return list(found.values())


def _values(
    city: City, place: int, company: Company, since: Month, until: Month
) -> Iterable[dict[str, Any]]:
    for kind, usual in KINDS.items():
        month = since
        while month < until:
            value = _value(city, company, kind, usual, month)
            if value is not None:
                yield {
                    "统一社会信用代码": company.code,
                    "月份": str(month),
                    "指标": kind,
                    "数值": value,
                }
            month = month + 1


def _value(city: City, company: Company, kind: str, usual: int, month: Month) -> Decimal | None:
    """A tenth up or down as a rule; what was planted; and falls that are none: exactly to half,
    by 45 percent, to nothing after two months of history, a month of which nothing is known."""
    share = city.falls.get((company.code, kind, month))
    if share is not None:
        return Decimal(usual) * share / 100
    if any((company.code, kind) == (code, other) for code, other, _ in city.falls):
        return Decimal(usual)
    alike = int(company.code[-5:-1], 36) % 5
    first, odd = city.months[0], city.months[1]
    if alike == 1:
        return Decimal(usual) / 2 if month == odd else Decimal(usual)
    if alike == 2 and month == odd:
        return None
    if alike == 3:
        return Decimal(usual) * 55 / 100 if month == odd else Decimal(usual)
    if alike == 4 and kind == "tax":
        if month < first - 1:
            return None
        return Decimal(0) if month == odd else Decimal(usual)
    swing = Random(f"{company.code} {kind} {month}").randrange(-10, 11)
    return Decimal(usual) * (100 + swing) / 100
