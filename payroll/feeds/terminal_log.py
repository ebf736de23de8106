"""Logs of time clocks (`attlog.dat` and its kin): one punch a line, tab- or space-separated.

Without a heading: user number, time, how it was verified, in/out state, work code; terminals that
push their log put the state before the verification. Which of the two columns is the state is seen
from the whole file; a heading row says it outright. The file names neither project nor person.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from payroll.checks.issues import Issues, Unreadable
from payroll.feeds.base import CHUNK_ROWS, Chunk, Field, Reader, Source, clean_heading, register

FIELDS = [
    Field(
        *("userNumber", "用户号", "用户编号", "人员编号", "考勤号码", "考勤号", "工号", "登记号码"),
        *("user id", "userid", "user", "pin", "pin2", "enno", "enroll number", "ac-no.", "badge"),
    ),
    Field(
        *("date", "打卡时间", "考勤时间", "刷卡时间", "日期时间", "日期/时间", "时间"),
        *("datetime", "date/time", "date time", "time", "timestamp", "checktime"),
    ),
    Field(
        *("direction", "进出状态", "考勤状态", "签到状态", "进出方向", "进出", "状态"),
        *("state", "status", "in/out", "inout", "in/out state", "inoutmode", "in/out mode", "iomd"),
    ),
    Field("verify", "验证方式", "验证", "verify mode", "verifymode", "verify code", "verifycode"),
]
STATES = frozenset({"0", "1", "2", "3", "4", "5", "255"})
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_INSTANT = re.compile(_DATE.pattern + r"[ T]+" + _CLOCK.pattern)
_USER = re.compile(r"[0-9A-Za-z]{1,24}")
_SAMPLE = 40


@dataclass
class Columns:
    """Positions in a line, whose date and time are one cell; `heading` is its row, 0 for none."""

    user: int = 0
    date: int = 1
    state: int = 3
    heading: int = 0
    written: tuple[str, ...] = ()

    def is_punch(self, cells: list[str]) -> bool:
        return (
            len(cells) > max(self.user, self.date)
            and bool(_INSTANT.fullmatch(cells[self.date]))
            and bool(_USER.fullmatch(cells[self.user]))
        )


class TerminalLog(Reader):
    kind = "attendance"

    def detect(self, source: Source) -> int:
        return 60 if self._columns(source) else 0

    def read(self, source: Source, issues: Issues) -> Iterator[Chunk]:
        columns = self._columns(source)
        if columns is None:
            raise Unreadable("kind-other", kind=self.kind)
        if not columns.heading:
            columns.state = _state_column(self._lines(source), columns, issues)
        names = ("userNumber", "date", "direction")
        places = (columns.user, columns.date, columns.state)
        written = {
            name: columns.written[place]
            for name, place in zip(names, places, strict=True)
            if place < len(columns.written)
        }
        rows: list[list[str]] = []
        index: list[int] = []
        for number, cells in self._lines(source):
            if number <= columns.heading:
                continue
            rows.append([cells[place] if place < len(cells) else "" for place in places])
            index.append(number)
            if len(rows) == CHUNK_ROWS:
                yield _chunk(rows, index, written)
                rows, index = [], []
        if rows:
            yield _chunk(rows, index, written)

    def _columns(self, source: Source) -> Columns | None:
        """Where things stand, when this is a log."""
        if source.container != "csv":
            return None
        sample = [line for line, _ in zip(self._lines(source), range(_SAMPLE), strict=False)]
        if not sample:
            return None
        first, cells = sample[0]
        plain = Columns()
        if plain.is_punch(cells):
            return plain if sum(plain.is_punch(c) for _, c in sample) * 2 > len(sample) else None
        columns = _headed(first, cells)
        if columns and sum(columns.is_punch(c) for _, c in sample[1:]) * 2 > len(sample) - 1:
            return columns
        return None

    def _lines(self, source: Source) -> Iterator[tuple[int, list[str]]]:
        """Row number and cells of each line that is not blank."""
        with source.tables[0].text() as text:
            for number, line in enumerate(text, 1):
                if cells := _cells(line):
                    yield number, cells


def _cells(line: str) -> list[str]:
    """The cells of a line; date and time become one."""
    line = line.strip("\r\n\x1a")
    cells = line.split("\t") if "\t" in line else line.split()
    cells = [cell.strip() for cell in cells]
    for place in range(len(cells) - 1):
        if _DATE.fullmatch(cells[place]) and _CLOCK.fullmatch(cells[place + 1]):
            cells[place : place + 2] = [f"{cells[place]} {cells[place + 1]}"]
            break
    return cells if any(cells) else []


def _headed(row: int, cells: list[str]) -> Columns | None:
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        heading = clean_heading(cell)
        name = next((field.name for field in FIELDS if heading in field.headings), "")
        found.setdefault(name, place)
    if "userNumber" not in found or "date" not in found:
        return None
    state = found.get("direction", len(cells))  # none: every punch is an entry
    return Columns(found["userNumber"], found["date"], state, row, tuple(cells))


def _state_column(lines: Iterator[tuple[int, list[str]]], columns: Columns, issues: Issues) -> int:
    """Which column is the in/out state: most of its cells are states, and they change. Says so
    where both could be."""
    seen: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    width = 0
    for _, cells in lines:
        width = max(width, len(cells))
        for values, cell in zip(seen, cells[2:4], strict=False):
            values[cell[:4]] += 1
    if width < 4:
        return 2
    shares = [sum(n for value, n in c.items() if value in STATES) / c.total() for c in seen]
    changes = [
        share > 0.5 and len(values.keys() & (STATES - {"255"})) > 1
        for share, values in zip(shares, seen, strict=True)
    ]
    if changes == [True, True]:
        if shares[0] == shares[1]:
            issues.hint("log-columns", row=1, column="4")
        return 2 if shares[0] > shares[1] else 3
    if any(changes):
        return 2 if changes[0] else 3
    return 2 if shares[0] > 0.5 >= shares[1] else 3


def _chunk(rows: list[list[str]], index: list[int], written: dict[str, str]) -> Chunk:
    frame = pd.DataFrame(
        rows, columns=["userNumber", "date", "direction"], index=pd.Index(index), dtype="str"
    )
    return Chunk(frame, written=written, fields={field.name: field for field in FIELDS})


register(TerminalLog())
