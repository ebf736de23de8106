"""Pay sheets with a company's own headings, read by the column map that it saved.

A map (payroll.models.ColumnMap of kind `payroll`) names the heading of each field. Its option
`constants` gives what the file does not say (projectCode, corpCode); the month may come from the
title (2026年3月工资表), the name of the sheet or of the file.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from payroll.checks.issues import Issues, Unreadable
from payroll.feeds.base import Chunk, Field, Reader, Source, clean_heading, register
from payroll.feeds.payroll import BLOCK, FIELDS, REQUIRED
from payroll.feeds.table import TableReader

GIVEN = ("projectCode", "corpCode", "payMonth")
"""Fields that need no column."""
_MONTH = re.compile(r"(20\d\d)\s*[年.\-_]?\s*(0?[1-9]|1[0-2])\s*月?(?!\d)")


class MappedPayroll(Reader):
    kind = "payroll"

    def detect(self, source: Source) -> int:
        """As sure as the standard headings, which win when they find as much."""
        return _best(source)[0]

    def read(self, source: Source, issues: Issues) -> Iterator[Chunk]:
        _, table, constants = _best(source)
        if table is None:
            raise Unreadable("heading-missing", missing="", kind=self.kind)
        for chunk in table.read(source, issues):
            yield _completed(chunk, constants, source.filename)


def _best(source: Source) -> tuple[int, TableReader | None, Mapping[str, str]]:
    """The map that finds most of its columns in the file."""
    best: tuple[int, TableReader | None, Mapping[str, str]] = (0, None, {})
    for one in source.maps:
        if one.kind == "payroll":
            table = reader(one.headings)
            if (score := table.detect(source)) > best[0]:
                best = (score, table, one.options.get("constants", {}))
    return best


def reader(headings: Mapping[str, Any]) -> TableReader:
    """The table of a map: its own headings first, the standard ones for all other fields."""
    own = {
        name: [written] if isinstance(written, str) else list(written)
        for name, written in headings.items()
    }
    taken = {clean_heading(text) for written in own.values() for text in written}
    fields = []
    for field in FIELDS:
        made = Field(field.name, *own.get(field.name, [field.title]), secret=field.secret)
        kept = made.headings if field.name in own else field.headings - taken
        made.headings = frozenset(kept)
        fields.append(made)
    required = [name for name in REQUIRED if name not in GIVEN]
    return TableReader("payroll", fields, required=required, block=BLOCK, totals=True)


def _completed(chunk: Chunk, constants: Mapping[str, str], filename: str) -> Chunk:
    """What the rows do not say: the map's constants, and the month from title or name."""
    given = {name: constants.get(name, "") for name in ("projectCode", "corpCode")}
    given["payMonth"] = chunk.title_month or month_in(chunk.sheet) or month_in(filename)
    absent = {name: value for name, value in given.items() if name not in chunk.frame and value}
    if absent and len(chunk.frame):
        chunk.frame = chunk.frame.assign(**absent).astype(dict.fromkeys(absent, "str"))
    return chunk


def month_in(text: str) -> str:
    """The month that a name gives (2026年3月工资表.xlsx, 2026-03), as YYYY-MM; "" for none."""
    found = _MONTH.search(text)
    return f"{found[1]}-{int(found[2]):02d}" if found else ""


register(MappedPayroll())
