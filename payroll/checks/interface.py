"""Checks of the kinds that only the real-name interface brings: short lists of one project."""

import datetime as dt
from typing import Any

import pandas as pd

from payroll.checks import columns
from payroll.checks.issues import Issues
from payroll.checks.references import company_ids, on_project, project_ids
from payroll.checks.registry import company_names, credit_codes
from payroll.feeds.base import Chunk

ENTRY = {"1": True, "01": True, "进": True, "in": True, "0": False, "00": False, "出": False,
         "out": False}  # fmt: skip
_AREA = r"[1-8][0-9]{5}([0-9]{3}|[0-9]{6})?"
MAX_PRICE = 1_000_000  # CNY


def companies(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    """`areaCode` is where the company is registered, anywhere in the country: its shape alone can
    be wrong (GB/T 2260, six digits; nine and twelve go on to towns and villages)."""
    area = chunk.text("areaCode")
    wrong = area.ne("").astype(bool) & ~area.str.fullmatch(_AREA).astype(bool)
    issues.where(chunk, "areaCode", wrong, "area-code")
    code = credit_codes(chunk, "corpCode", issues, required=True)
    name = company_names(chunk, "corpName", issues, code)
    return pd.DataFrame({"code": code, "name": name})


def teams(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> pd.DataFrame:
    projects, employers = _who(chunk, issues, lookups)
    number = chunk.text("teamSysNo").replace("0", "")
    wrong = number.ne("").astype(bool) & ~number.str.fullmatch(r"[0-9]{1,18}").astype(bool)
    issues.where(chunk, "teamSysNo", wrong, "team-unknown")
    return pd.DataFrame(
        {
            "project_id": projects,
            "company_id": employers,
            "name": columns.short(chunk, "teamName", issues, 100, required=True),
            "leader": columns.short(chunk, "responsiblePersonName", issues, 100),
            "number": number,
        }
    )


def contracts(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> dict[str, pd.Series]:
    start = columns.dates(chunk, "startDate", issues, required=True)
    end = columns.dates(chunk, "endDate", issues)
    wrong = [bool(a and z and z < a) for a, z in zip(start, end, strict=True)]
    issues.where(chunk, "endDate", pd.Series(wrong, index=start.index), "dates-reversed")
    price, has_price = columns.hundredths(chunk, "unitPrice", issues, maximum=MAX_PRICE)
    facts = {"contract_date": start, "unit_price": price, "has_price": has_price}
    return _engaged(chunk, issues, lookups) | facts


def entries(chunk: Chunk, issues: Issues, lookups: Any, today: dt.date) -> dict[str, pd.Series]:
    columns.missing(chunk, "type", issues)
    facts = {
        "date": columns.dates(chunk, "date", issues, required=True, latest=today),
        "is_in": columns.choices(chunk, "type", issues, ENTRY, default=True).astype(bool),
    }
    return _engaged(chunk, issues, lookups) | facts


def _who(chunk: Chunk, issues: Issues, lookups: Any) -> tuple[pd.Series, pd.Series]:
    projects, _ = project_ids(chunk, lookups, issues)
    employers = company_ids(chunk, "corpCode", lookups, issues)
    on_project(chunk, lookups, issues, projects, employers)
    return projects, employers


def _engaged(chunk: Chunk, issues: Issues, lookups: Any) -> dict[str, pd.Series]:
    projects, employers = _who(chunk, issues, lookups)
    types = columns.id_types(chunk, issues)
    return {
        "project_id": projects,
        "employer_id": employers,
        "id": columns.ids(chunk, issues, types),
    }
