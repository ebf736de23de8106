"""Checks of attendance punches over whole columns, and punches to days.

A punch is an `in` or an `out` at an instant of local time (UTC+8, no summer time). It travels as
one integer (`pack`): 8 bytes each, so that millions wait in memory, and sorting them sorts by
person and time.
"""

import datetime as dt
import re
import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from payroll.checks import columns
from payroll.checks.issues import Issues
from payroll.checks.references import project_ids
from payroll.feeds.base import Chunk

DIRECTIONS = {
    "01": True, "1": True, "in": True, "进": True, "进场": True, "入": True, "签到": True,
    "02": False, "2": False, "0": False, "out": False, "出": False, "出场": False,
    "签退": False,
}  # fmt: skip
NIGHT_ENDS = 5 * 3600  # an out before 05:00 may end a shift of the day before
LONGEST_SHIFT = 16 * 3600  # so may any out this soon after an in of the day before
DAY = 86_400
LOCAL = 8 * 3600  # UTC+8
_EPOCH = dt.date(1970, 1, 1)
OLDEST = (dt.date(2000, 1, 1) - _EPOCH).days * DAY  # clocks that lost their battery say 2000
_YEAR = 366 * DAY
_UNREAD = -(1 << 40)  # in place of an instant that cannot be read
_LOOSE = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\.\d+)?\s*(Z|[+-]\d{2}:?\d{2})?.*)?\Z"
)
_SECONDS = 33  # bits of a packed punch for the instant
Ids = dict[tuple[str, str], tuple[str, str]]


def check(chunk: Chunk, issues: Issues, lookups: Any, feed: Any, known: Ids) -> dict[str, Any]:
    """Arrays of a chunk: project_id, id_type, id, seconds (local, since 1970), is_in.

    `known` are the ID numbers, as written, that were found right before: each is checked once.
    """
    projects, _ = project_ids(chunk, lookups, issues)
    types, ids = _ids(chunk, issues, known)
    instants = seconds(chunk, issues)
    late = instants >= end_of(feed.received_on)
    issues.where(chunk, "date", late, "date-future", latest=str(feed.received_on))
    _clock(chunk, issues, instants, began(projects, lookups), late)
    return {
        "project_id": projects.to_numpy(),
        "id_type": types,
        "id": ids,
        "seconds": instants.to_numpy(),
        "is_in": columns.choices(chunk, "direction", issues, DIRECTIONS).to_numpy(dtype=bool),
    }


def end_of(day: dt.date) -> int:
    """The first local second after a day."""
    return ((day - _EPOCH).days + 1) * DAY


def began(projects: pd.Series, lookups: Any) -> np.ndarray:
    """The local second at which each row's project began; 0 where that is not known."""
    codes, distinct = pd.factorize(projects)
    days = lookups.began(distinct.tolist())
    starts = [(day - _EPOCH).days * DAY if (day := days.get(pk)) else 0 for pk in distinct]
    return np.array(starts, dtype=np.int64)[codes]


def years_off(instants: Any, starts: np.ndarray) -> Any:
    """Where only a wrong clock explains an instant: over a year before the project began."""
    return (instants < OLDEST) | (instants < starts - _YEAR)


def _clock(
    chunk: Chunk, issues: Issues, instants: pd.Series, starts: np.ndarray, late: pd.Series
) -> None:
    early = (instants < starts) | (instants < OLDEST)
    if early.any():
        early &= instants != _UNREAD
        off = early & years_off(instants, starts)
        issues.where(chunk, "date", off, "clock-wrong")
        issues.where(chunk, "date", early & ~off, "clock-early", "hint")


def _ids(chunk: Chunk, issues: Issues, known: Ids) -> tuple[np.ndarray, np.ndarray]:
    """Types and normalised ID numbers, empty where wrong."""
    codes, written = _pairs(chunk.text("idCardType"), chunk.text("idCardNumber"))
    new = [pair for pair in written if pair not in known]
    if new:
        frame = pd.DataFrame(new, columns=["idCardType", "idCardNumber"], dtype="str")
        trial, some = Issues(), Chunk(frame, fields=chunk.fields)
        types = columns.id_types(some, trial)
        numbers = columns.ids(some, trial, types)
        if trial.items:  # something is to be said, row by row
            types = columns.id_types(chunk, issues)
            numbers = columns.ids(chunk, issues, types)
            return types.to_numpy(dtype=object), numbers.to_numpy(dtype=object)
        known.update(zip(new, zip(types, numbers, strict=True), strict=True))
    found = np.array([known[pair] for pair in written], dtype=object).reshape(-1, 2)
    return found[codes, 0], found[codes, 1]


def _pairs(types: pd.Series, numbers: pd.Series) -> tuple[np.ndarray, list[tuple[str, str]]]:
    """Distinct (type, number) as written, and which of them each row has."""
    type_codes, type_texts = pd.factorize(types)
    codes, texts = pd.factorize(numbers)
    kinds, values = type_texts.tolist(), texts.tolist()
    if len(kinds) == 1:
        return codes, [(kinds[0], value) for value in values]
    both, distinct = pd.factorize(codes.astype(np.int64) * len(kinds) + type_codes)
    return both, [(kinds[n % len(kinds)], values[n // len(kinds)]) for n in distinct.tolist()]


def seconds(chunk: Chunk, issues: Issues) -> pd.Series:
    """The column `date` as local seconds since 1970; what cannot be read is reported."""
    text = chunk.text("date")
    array = pa.array(text)
    lengths = pa.compute.utf8_length(array)
    if pa.compute.all(pa.compute.equal(lengths, 19)).as_py():
        try:  # the common spelling, and nothing else
            instants = array.cast(pa.timestamp("s")).cast(pa.int64()).to_numpy(zero_copy_only=False)
            return pd.Series(instants, index=text.index)
        except pa.ArrowInvalid:
            pass
    empty = columns.missing(chunk, "date", issues, text)
    read = pd.Series(columns._distinct(text, _instant), index=text.index)
    wrong = read.isna() & ~empty
    issues.where(chunk, "date", wrong, "instant-format")
    return read.fillna(_UNREAD).astype("int64")


def _instant(text: str) -> int | None:
    """An instant in any spelling as local seconds; a zone that it names is turned into UTC+8."""
    found = _LOOSE.match(unicodedata.normalize("NFKC", text).strip())
    if not found:
        return None
    zone = found[7]
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    try:
        instant = dt.datetime(year, month, day, hour, minute, second, tzinfo=dt.UTC)
    except ValueError:
        return None
    local = int(instant.timestamp())
    if not zone:
        return local
    sign, digits = (-1 if zone[0] == "-" else 1), zone[1:].replace(":", "")
    offset = 0 if zone == "Z" else sign * (int(digits[:2]) * 3600 + int(digits[2:]) * 60)
    return local - offset + LOCAL


def pack(person: np.ndarray, instants: np.ndarray, is_in: np.ndarray) -> np.ndarray:
    """Punches as integers that sort by person, then time, then in before out."""
    return (person.astype(np.int64) << (_SECONDS + 1)) | (instants << 1) | ~is_in


@dataclass
class Days:
    """Attendance days as arrays: day (since 1970), first_in and last_out (local seconds, -1 where
    there is none), hours (hundredths, -1 where unknown), punches."""

    person: np.ndarray
    day: np.ndarray
    first_in: np.ndarray
    last_out: np.ndarray
    hours: np.ndarray
    punches: np.ndarray

    def __len__(self) -> int:
        return len(self.day)


def to_days(punches: np.ndarray) -> Days:
    """Packed punches, which are sorted in place, to attendance days. The same punch twice (a
    person, an instant, a direction) counts once.

    A shift belongs to the day it began: an out with no in before it on its day counts to the day
    before when it is before 05:00, or when the person's last in is of that day and at most 16 hours
    earlier.
    """
    punches.sort()
    punches = punches[np.r_[True, punches[1:] != punches[:-1]]]
    is_in = (punches & 1) == 0
    instants = (punches >> 1) & ((1 << _SECONDS) - 1)
    person = punches >> (_SECONDS + 1)
    day = instants // DAY
    day -= _of_the_night(person, day, instants, is_in)
    starts = np.flatnonzero(np.r_[True, (person[1:] != person[:-1]) | (day[1:] != day[:-1])])
    most = np.iinfo(np.int64).max
    first_in = np.minimum.reduceat(np.where(is_in, instants, most), starts)
    first_in[first_in == most] = -1
    last_out = np.maximum.reduceat(np.where(is_in, -1, instants), starts)
    worked = np.where((first_in < 0) | (last_out < 0), 0, last_out - first_in)
    hours = np.where((worked > 0) & (worked <= DAY), np.round(worked / 36), -1).astype(np.int64)
    count = np.diff(np.r_[starts, len(punches)])
    return Days(person[starts], day[starts], first_in, last_out, hours, count)


def _of_the_night(
    person: np.ndarray, day: np.ndarray, instants: np.ndarray, is_in: np.ndarray
) -> np.ndarray:
    """Where a sorted punch is an out that ends a shift of the day before."""
    new = np.r_[True, (person[1:] != person[:-1]) | (day[1:] != day[:-1])]
    ins = np.cumsum(is_in)
    before = (ins - is_in)[new]  # ins before each person's day
    lonely = ~is_in & (ins == before[np.cumsum(new) - 1])
    last = np.maximum.accumulate(np.where(is_in, np.arange(len(day)), -1))  # the in before
    follows = (
        (last >= 0)
        & (person[last] == person)
        & (day - day[last] == 1)
        & (instants - instants[last] <= LONGEST_SHIFT)
    )
    return lonely & (follows | (instants % DAY < NIGHT_ENDS))
