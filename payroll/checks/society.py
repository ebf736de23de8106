"""Checks of complaints and of company indicators: short tables, as in registry.py."""

import datetime as dt
import re
from typing import Any

import pandas as pd

from payroll.checks import columns, registry
from payroll.checks.issues import Issues
from payroll.checks.references import company_ids, project_ids
from payroll.feeds.base import Chunk
from payroll.models import Complaint, Indicator
from wagewatch import identity
from wagewatch.months import Month

CHANNELS = {code: code for code in Complaint.Channel.values} | {
    "12345热线": "12345", "热线": "12345", "电话": "12345", "来电": "12345",
    "网站": "portal", "网络": "portal", "网上": "portal", "门户": "portal", "平台": "portal",
    "二维码": "qr", "扫码": "qr",
    "来访": "visit", "上门": "visit", "现场": "visit", "窗口": "visit",
}  # fmt: skip
INDICATORS = {code: code for code in Indicator.Kind.values} | {
    "电": "electricity", "用电": "electricity", "用电量": "electricity", "电费": "electricity",
    "水": "water", "用水": "water", "用水量": "water", "水费": "water",
    "气": "gas", "用气": "gas", "用气量": "gas", "燃气": "gas",
    "税": "tax", "税收": "tax", "纳税": "tax", "纳税额": "tax",
    "social insurance": "insurance", "社保": "insurance", "社会保险": "insurance",
    "社保缴费": "insurance", "信用": "credit", "信用分": "credit", "信用评分": "credit",
}  # fmt: skip
MOST_PEOPLE = 10_000
NUMBERED = ("channel", "reference")
SAID = (
    *("channel", "received_on", "project_id", "site_name", "company_name"),
    *("name", "id_number", "phone", "text"),
)
"""What makes two rows one complaint: its number where it has one, else all that it says."""
_PHONE = re.compile(r"\+?[0-9][0-9\-]{5,18}[0-9]\Z")


def complaints(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    """One row for each complaint; what it is about is a project's code, or words."""
    received = columns.dates(chunk, "receivedAt", issues, required=True, latest=today)
    columns.missing(chunk, "channel", issues)
    code = chunk.text("projectCode")
    projects = _projects(chunk, lookups, issues, code)
    text = columns.short(chunk, "text", issues, 4000)
    site = columns.short(chunk, "projectName", issues, 200)
    nothing = (code + text + site).eq("").astype(bool)
    issues.where(chunk, "text", nothing, "complaint-nothing")
    reference = columns.short(chunk, "complaintNo", issues, 60)
    types, numbers = _people(chunk, issues)
    accepted, refused, answered = _done(chunk, issues, received, today)
    people = registry.numbers(chunk, "people", issues, 0, "1", str(MOST_PEOPLE))
    made = pd.DataFrame(
        {
            "received_on": received,
            "channel": columns.choices(chunk, "channel", issues, CHANNELS),
            "reference": reference,
            "project_id": projects,
            "site_name": site,
            "company_name": columns.short(chunk, "corpName", issues, 200),
            "region_id": _areas(chunk, issues, lookups),
            "name": columns.short(chunk, "workerName", issues, 100).map(columns.clean_name),
            "id_type": types,
            "id_number": numbers,
            "phone": _phones(chunk, issues),
            "people": [1 if number is None else int(number) for number in people],
            "amount": registry.numbers(chunk, "amount", issues, 2, "0", "1e9"),
            "text": text,
            "accepted_on": accepted,
            "refused_on": refused,
            "answered_on": answered,
            "result": columns.short(chunk, "result", issues, 1000),
        }
    )
    _twice(chunk, issues, made)
    return made


def _projects(chunk: Chunk, lookups: Any, issues: Issues, code: pd.Series) -> pd.Series:
    """Primary keys of the projects named, 0 where none is."""
    named = chunk.frame[code.ne("").astype(bool)]
    part = Chunk(named, chunk.sheet, chunk.written, chunk.fields)
    if named.empty:
        return pd.Series(0, index=code.index, dtype="int64")
    found, _ = project_ids(part, lookups, issues)
    return found.reindex(code.index, fill_value=0)


def _areas(chunk: Chunk, issues: Issues, lookups: Any) -> pd.Series:
    code = identity.normalise_column(chunk.text("areaCode")).str.slice(0, 9)
    known = lookups.regions(code.unique())
    issues.where(chunk, "areaCode", code.ne("").astype(bool) & ~code.isin(known), "area-unknown")
    return code


def _twice(chunk: Chunk, issues: Issues, made: pd.DataFrame) -> None:
    """One complaint in two rows: by its number, or without one by all that it says."""
    numbered = made["reference"].ne("").astype(bool)
    for rows, name, keys in ((numbered, "complaintNo", NUMBERED), (~numbered, "text", SAID)):
        repeated = made.loc[rows, list(keys)].astype("str").duplicated()
        issues.where(chunk, name, repeated, "row-twice")


def _people(chunk: Chunk, issues: Issues) -> tuple[pd.Series, pd.Series]:
    """Types and normalised numbers of the complainants' documents; a complaint without is right."""
    types = columns.id_types(chunk, issues)
    given = chunk.text("idCardNumber").ne("").astype(bool)
    numbers = pd.Series("", index=given.index, dtype="str")
    if given.any():
        part = Chunk(chunk.frame[given], chunk.sheet, chunk.written, chunk.fields)
        numbers[given] = columns.ids(part, issues, types[given])
    return types.where(given, ""), numbers


def _phones(chunk: Chunk, issues: Issues) -> pd.Series:
    number = identity.normalise_column(chunk.text("cellPhone"))
    wrong = ~number.map(lambda text: bool(not text or _PHONE.match(text))).astype(bool)
    issues.where(chunk, "cellPhone", wrong, "phone-number")
    return number


def _done(
    chunk: Chunk, issues: Issues, received: pd.Series, today: dt.date
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """The days on which it was taken up or not, and answered: in an order that can be."""
    accepted, refused, answered = (
        columns.dates(chunk, name, issues, latest=today)
        for name in ("acceptedAt", "refusedAt", "answeredAt")
    )
    for name, days, before in (
        ("acceptedAt", accepted, received),
        ("refusedAt", refused, received),
        ("answeredAt", answered, accepted.where(accepted.notna(), received)),
    ):
        early = [bool(a and z and z < a) for a, z in zip(before, days, strict=True)]
        issues.where(chunk, name, pd.Series(early, index=days.index), "complaint-order")
    both = refused.notna() & (accepted.notna() | answered.notna())
    issues.where(chunk, "refusedAt", both, "complaint-both")
    return accepted, refused, answered


def indicators(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    """One value of one company and whole month in each row."""
    companies = company_ids(chunk, "corpCode", lookups, issues)
    columns.missing(chunk, "kind", issues)
    kind = columns.choices(chunk, "kind", issues, INDICATORS)
    running = Month.of(today)
    month = columns.months(chunk, "month", issues, required=True, latest=running)
    issues.where(chunk, "month", month == running.ordinal, "indicator-running")
    columns.missing(chunk, "value", issues)
    value = registry.numbers(chunk, "value", issues, 2, "-1e12", "1e12")
    below = pd.Series([number is not None and number < 0 for number in value], index=value.index)
    negative = below & (kind != Indicator.Kind.TAX)  # taxes are paid back, too
    issues.where(chunk, "value", negative, "number-range", low="0", high="1e12")
    registry.twice(chunk, issues, "corpCode", companies, kind, month)
    return pd.DataFrame(
        {
            "company_id": companies,
            "kind": kind,
            "month": month,
            "value": value,
        }
    )
