"""Checks of attendance punches over whole columns, and punches to days.

A punch is an `in` or an `out` at an instant of local time (UTC+8, no summer time).
"""

import datetime as dt
import re
import unicodedata
from typing import Any

import numpy as np
import pandas as pd

from payroll.checks import columns
from payroll.checks.issues import Issues
from payroll.checks.references import project_ids
from payroll.feeds.base import Chunk

DIRECTIONS = {
    "01": True, "1": True, "in": True, "进": True, "进场": True, "入": True, "签到": True,
    "02": False, "2": False, "0": False, "out": False, "出": False, "出场": False,
    "签退": False,
}  # fmt: skip
NIGHT_ENDS = 5  # an out before 05:00 may end a shift of the day before
DAY = 86_400
_INSTANT = r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}"
_LOOSE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?.*)?\Z"
)


def check(chunk: Chunk, issues: Issues, lookups: Any, feed: Any) -> dict[str, pd.Series]:
    """Typed columns of a chunk: project_id, id, seconds (local, since 1970), is_in."""
    projects, _ = project_ids(chunk, lookups, issues)
    types = columns.id_types(chunk, issues)
    return {
        "project_id": projects,
        "id_type": types,
        "id": columns.ids(chunk, issues, types),
        "seconds": _instants(chunk, issues, feed.received_on),
        "is_in": columns.choices(chunk, "direction", issues, DIRECTIONS).astype(bool),
    }


def _instants(chunk: Chunk, issues: Issues, received_on: dt.date) -> pd.Series:
    text = chunk.text("date")
    empty = columns.missing(chunk, "date", issues, text)
    odd = ~text.str.fullmatch(_INSTANT).astype(bool) & ~empty
    if odd.any():
        text = text.mask(
            odd, pd.Series(columns._distinct(text[odd], _instant), index=text.index[odd])
        )
    instants = pd.to_datetime(text.where(~empty), format="%Y-%m-%d %H:%M:%S", errors="coerce")
    wrong = instants.isna() & ~empty
    issues.where(chunk, "date", wrong, "instant-format")
    seconds = instants.astype("datetime64[s]").astype("int64").where(~(wrong | empty), 0)
    latest = (received_on - dt.date(1970, 1, 1)).days + 1
    issues.where(chunk, "date", seconds >= latest * DAY, "date-future", latest=str(received_on))
    return seconds.astype("int64")


def _instant(text: str) -> str:
    """Other spellings of an instant as YYYY-MM-DD HH:MM:SS; `?` for none."""
    text = unicodedata.normalize("NFKC", text)
    found = _LOOSE.match(text)
    if found:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return f"{year:04d}-{month:02d}-{day:02d} {hour:02d}:{minute:02d}:{second:02d}"
    return "?"


def to_days(
    person: np.ndarray, seconds: np.ndarray, is_in: np.ndarray, row: np.ndarray
) -> pd.DataFrame:
    """Punches to attendance days: person, day (since 1970), first_in, last_out (seconds), hours
    (hundredths), punches, row (of the first punch). -1 where there is no in or no out.

    A night shift belongs to the day it began: an out before 05:00 with no in before it on that day
    counts to the day before.
    """
    frame = pd.DataFrame({"person": person, "seconds": seconds, "is_in": is_in, "row": row})
    frame["day"] = frame["seconds"] // DAY
    early = ~frame["is_in"] & (frame["seconds"] % DAY < NIGHT_ENDS * 3600)
    if early.any():
        ins = frame[frame["is_in"]].groupby(["person", "day"])["seconds"].min()
        keys = pd.MultiIndex.from_frame(frame.loc[early, ["person", "day"]])
        first = ins.reindex(keys).to_numpy()
        own = first <= frame.loc[early, "seconds"].to_numpy()  # NaN compares false
        frame.loc[frame.index[early][~own], "day"] -= 1
    frame["in"] = frame["seconds"].where(frame["is_in"])
    frame["out"] = frame["seconds"].where(~frame["is_in"])
    days = frame.groupby(["person", "day"], as_index=False).agg(
        first_in=("in", "min"), last_out=("out", "max"), punches=("seconds", "size"),
        row=("row", "min"),
    )  # fmt: skip
    worked = (days["last_out"] - days["first_in"]) / 36
    days["hours"] = worked.where((worked > 0) & (worked <= 2400)).round().fillna(-1).astype("int64")
    for name in ("first_in", "last_out"):
        days[name] = days[name].fillna(-1).astype("int64")
    return days
