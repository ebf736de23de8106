"""Several tables below each other in one sheet: each with its own heading row, as companies print.

A block (project, employer, month) above a heading row begins a table of its own; a heading row that
is merely repeated on each printed page goes on with the one before.
"""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any

import pandas as pd

from payroll.feeds.base import clean_heading
from payroll.feeds.table import _TOTAL, Layout, TableReader, _block, _title_month

MOST_ROWS = 20_000  # of a sheet in which further tables are looked for
_NUMBER = re.compile(r"-?[0-9][0-9,]*(\.[0-9]+)?\Z")
_LONG = re.compile(r"[0-9A-Za-z]{15,}\Z")


class Piece:
    """The rows of one table of a sheet, down to row `last` (from 1)."""

    def __init__(self, table: Any, last: int | None, part: int) -> None:
        self.table = table
        self.last = last
        self.part_number = part

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)

    def chunks(self, columns: dict[str, int], heading: int) -> Iterator[pd.DataFrame]:
        for frame in self.table.chunks(columns, heading):
            if self.last is not None:
                frame = frame[frame.index <= self.last]
                if frame.empty:
                    return
            yield frame


def pieces(table: Any, layout: Layout, reader: TableReader) -> list[tuple[Any, Layout]]:
    """The tables of a sheet whose first one has `layout`, in their order."""
    if not reader.block or not hasattr(table, "texts"):
        return [(table, layout)]
    rows = table.texts(MOST_ROWS)
    if rows is None:
        return [(table, layout)]
    found = [(0, layout, 0)]  # first row of the block, layout, part
    for index in range(layout.heading + 1, len(rows)):
        if not _is_heading(rows[index], layout):
            continue
        start = index
        while start > found[-1][1].heading + 1 and not _is_data(rows[start - 1], layout):
            start -= 1
        found.append((start, *_next(rows[start:index], index, found[-1], reader)))
    ends = [start for start, _, _ in found[1:]] + [None]
    return [
        (Piece(table, end, part), each) for (_, each, part), end in zip(found, ends, strict=True)
    ]


def _next(
    above: list[list[str]], heading: int, before: tuple[int, Layout, int], reader: TableReader
) -> tuple[Layout, int]:
    """The layout of a further table; its block and month are those before it when it has none."""
    _, layout, part = before
    block, month = _block(above, reader.block), _title_month(above)
    if not block and not month:
        return dataclasses.replace(layout, heading=heading, extra={}, twice=[]), part
    kept = {} if "projectCode" in block else layout.block
    kept = {name: value for name, value in kept.items() if name != "payMonth"}
    return (
        dataclasses.replace(
            layout, heading=heading, extra={}, twice=[], block=kept | block, title_month=month
        ),
        part + 1,
    )


def _is_heading(row: list[str], layout: Layout) -> bool:
    return all(
        position < len(row) and clean_heading(row[position]) == clean_heading(layout.written[name])
        for name, position in layout.columns.items()
    )


def _is_data(row: list[str], layout: Layout) -> bool:
    """A person, with or without an ID number, or a total row."""

    def cell(name: str) -> str:
        position = layout.columns.get(name)
        return "" if position is None or position >= len(row) else row[position].strip()

    if _LONG.match(cell("idCardNumber")):
        return True
    if _NUMBER.match(cell("totalPayAmount")) and cell("workerName"):
        return True
    return any(re.fullmatch(_TOTAL, text) for text in row[:3])
