"""Table files: the heading row wherever it stands, the block above it, total rows, hints.

A reader of a kind names its fields; this finds them in any order, in Chinese or by national name.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from payroll.checks.issues import Issues, Unreadable, shown
from payroll.feeds.base import Chunk, Field, Reader, Source, clean_heading

PREVIEW = 30
_TOTAL = r"\s*(?:合\s*计|总\s*计|本页小计|小\s*计|(?i:grand total|sub-?total|total))\s*[:：]?.*"
_SILENT = frozenset({"序号", "编号", "no.", "no", "备注"})  # ignored without a word
_TITLE_MONTH = re.compile(r"(20\d\d)\s*年\s*(\d{1,2})\s*月")
_SUBTOTAL = r"\s*(?:本页小计|小\s*计|(?i:sub-?total)).*"


@dataclass
class Layout:
    """Where things stand in one sheet: `heading` is the index of the heading row (from 0)."""

    heading: int
    columns: dict[str, int]
    written: dict[str, str]
    extra: dict[int, str]
    block: dict[str, str] = field(default_factory=dict)
    twice: list[str] = field(default_factory=list)
    title_month: str = ""
    top: int = 0
    """Index of the first heading row: the one before `heading` where two were merged."""


class TableReader(Reader):
    """A kind that comes as a table. `block`: fields that may stand above the table instead."""

    def __init__(
        self,
        kind: str,
        fields: Sequence[Field],
        *,
        required: Sequence[str],
        block: Sequence[Field] = (),
        totals: bool = False,
    ) -> None:
        self.kind = kind
        self.fields = {f.name: f for f in (*fields, *block)}
        self.in_table = list(fields)
        self.required = tuple(required)
        self.block = list(block)
        self.totals = totals

    def detect(self, source: Source) -> int:
        if source.container in ("xml", "mt940", "json"):
            return 0
        return max((self._score(table) for table in source.tables), default=0)

    def layout(self, rows: Sequence[Sequence[str]]) -> Layout | None:
        """Where things stand in a sheet that is of this kind; None in one that is not."""
        return find(rows, self)

    def _score(self, table: Any) -> int:
        layout = self.layout(table.preview)
        return 0 if layout is None else 10 * len(self.required) + len(layout.columns)

    def read(self, source: Source, issues: Issues) -> Iterator[Chunk]:
        from payroll.feeds import stacked

        found = False
        for table in source.tables:
            layout = self.layout(table.preview)
            if layout is None or table.hidden:
                if table.preview:
                    issues.hint("sheet-ignored", sheet=table.name)
                continue
            found = True
            for piece, own in stacked.pieces(table, layout, self):
                yield from self._read_table(piece, own, issues)
        if not found:
            raise Unreadable("heading-missing", missing="", kind=self.kind)

    def _read_table(self, table: Any, layout: Layout, issues: Issues) -> Iterator[Chunk]:
        self._hints(table, layout, issues)
        columns = dict(layout.columns)
        last = max(columns.values())
        for position in range(min(3, last + 1)):  # a total row's word may stand in any of them
            if position not in columns.values():
                columns[f"_lead{position}"] = position
        ended = False
        for frame in table.chunks(columns, layout.heading):
            chunk, ended = self._shape(frame, table, layout, columns, ended)
            if len(chunk.frame) or chunk.totals:
                yield chunk

    def _shape(
        self,
        frame: pd.DataFrame,
        table: Any,
        layout: Layout,
        columns: dict[str, int],
        ended: bool,
    ) -> tuple[Chunk, bool]:
        own = [name for name in columns if not name.startswith("_")]
        totals: list[tuple[int, dict[str, str]]] = []
        if self.totals:
            leading = [name for name, position in columns.items() if position < 3]
            frame, totals, ended = _without_totals(frame, own, leading, ended)
        filled = frame[own].ne("").any(axis=1)
        if not filled.all():
            frame = frame[filled]
        frame = frame[own]
        given = {name: value for name, value in layout.block.items() if name not in layout.columns}
        if given and len(frame):
            frame = frame.assign(**given)
            frame = frame.astype(dict.fromkeys(given, "str"))
        chunk = Chunk(
            frame,
            table.name,
            layout.written,
            self.fields,
            totals,
            table.serial1904,
            above={k: v for k, v in layout.block.items() if k in layout.columns},
            title_month=layout.title_month,
            part=getattr(table, "part_number", 0),
        )
        if table.has_formulas is not None and len(frame) and frame[own].eq("").any(axis=None):
            first, last = int(frame.index[0]), int(frame.index[-1])
            chunk.formulas = table.empty_formulas(columns, first, last)
        return chunk, ended

    def _hints(self, table: Any, layout: Layout, issues: Issues) -> None:
        row = layout.heading + 1
        if layout.extra:
            names = "、".join(layout.extra.values())
            issues.hint("columns-ignored", sheet=table.name, row=row, columns=names)
        for name in layout.twice:
            issues.error("heading-twice", sheet=table.name, row=row, column=name)
        last = getattr(table, "last", None)
        hidden = [n for n in table.hidden_rows() if n > row and (last is None or n <= last)]
        if hidden:
            shown = ", ".join(str(n) for n in hidden[:20]) + (" …" if len(hidden) > 20 else "")
            issues.hint("rows-hidden", sheet=table.name, row=hidden[0], rows=shown)


def find(rows: Sequence[Sequence[str]], reader: TableReader) -> Layout | None:
    """The layout of a sheet for a reader, or None when its required fields are not all there."""
    best: Layout | None = None
    for index, row in enumerate(rows[:PREVIEW]):
        layout = _layout(index, row, reader)
        if index + 1 < len(rows) and (merged := _merged(row, rows[index + 1])):
            both = _layout(index + 1, merged, reader)
            if len(both.columns) >= len(layout.columns):
                both.top = index
                layout = both
        if best is None or len(layout.columns) > len(best.columns):
            best = layout
    if best is None or len(best.columns) < 2:
        return None
    best.block = _block(rows[: best.top], reader.block)
    if reader.block:
        best.title_month = _title_month(rows[: best.top])
    if any(name not in best.columns and name not in best.block for name in reader.required):
        return None
    return best


def missing_fields(source: Source, reader: TableReader) -> str:
    """The required headings that the nearest sheet lacks, for the message."""
    lacking: list[str] = [reader.fields[name].title for name in reader.required]
    for table in source.tables:
        for index, row in enumerate(table.preview[:PREVIEW]):
            layout = _layout(index, row, reader)
            block = _block(table.preview[:index], reader.block)
            rest = [
                reader.fields[name].title
                for name in reader.required
                if name not in layout.columns and name not in block
            ]
            if len(rest) < len(lacking):
                lacking = rest
    return "、".join(lacking)


def _layout(index: int, row: Sequence[str], reader: TableReader) -> Layout:
    columns: dict[str, int] = {}
    written: dict[str, str] = {}
    extra: dict[int, str] = {}
    twice: list[str] = []
    for position, text in enumerate(row):
        heading = clean_heading(text)
        if not heading:
            continue
        name = next((f.name for f in reader.in_table if heading in f.headings), "")
        if not name and heading in _SILENT:
            continue
        if not name:
            extra[position] = shown(text)[:40]  # a damaged file may have people here
        elif name in columns:
            twice.append(str(text).strip())
        else:
            columns[name] = position
            written[name] = str(text).strip()
    return Layout(index, columns, written, extra, {}, twice, top=index)


def _merged(upper: Sequence[str], lower: Sequence[str]) -> list[str] | None:
    """Two heading rows as one: cells merged downwards have their text in the upper row, the parts
    of one merged sideways (应发工资 over 基本工资 and 加班工资) theirs in the lower. None when the
    lower row is no heading: it has figures, or nothing stands beneath a cell merged sideways."""
    beneath = [position for position, text in enumerate(lower) if text.strip()]
    if len(beneath) < 2 or any(sign.isdigit() for text in lower for sign in text):
        return None
    wide = [*upper, *[""] * (len(lower) - len(upper))]
    sideways = any(not wide[position].strip() for position in beneath)
    downwards = any(
        text.strip() and not (position < len(lower) and lower[position].strip())
        for position, text in enumerate(upper)
    )
    if not (sideways and downwards):
        return None
    return [
        lower[position] if position < len(lower) and lower[position].strip() else text
        for position, text in enumerate(wide)
    ]


def _block(rows: Sequence[Sequence[str]], fields: Sequence[Field]) -> dict[str, str]:
    """Label and value pairs above the table: in one cell after a colon, or in the next cell."""
    found: dict[str, str] = {}
    for row in rows:
        for position, cell in enumerate(row):
            label, _, inside = str(cell).replace("：", ":").partition(":")
            name = next((f.name for f in fields if clean_heading(label) in f.headings), "")
            if not name or name in found:
                continue
            value = inside.strip() or next(
                (str(c).strip() for c in row[position + 1 :] if str(c).strip()), ""
            )
            if value:
                found[name] = value
    return found


def _title_month(rows: Sequence[Sequence[str]]) -> str:
    """The month that a title names (2026年3月工资支付表), as YYYY-MM."""
    for row in rows:
        for cell in row:
            found = _TITLE_MONTH.search(str(cell))
            if found and "工资" in str(cell):
                return f"{found[1]}-{int(found[2]):02d}"
    return ""


def _without_totals(
    frame: pd.DataFrame, own: list[str], leading: list[str], ended: bool
) -> tuple[pd.DataFrame, list[tuple[int, dict[str, str]]], bool]:
    """Take the total rows out; after 合计 only rows with an ID number are still data."""
    also = [n for n in ("workerName", "teamName", "idCardNumber") if n in frame]
    texts = list(dict.fromkeys([*leading, *also]))
    total = pd.Series(False, index=frame.index)
    if "idCardNumber" in frame and (frame["idCardNumber"].str.len() > 5).all():
        return frame, [], ended  # a row with an ID number is a person: nothing to look for
    for name in texts:
        total |= frame[name].str.fullmatch(_TOTAL).astype(bool)
    if "idCardNumber" in frame:
        unnumbered = ~frame["idCardNumber"].str.contains(r"[0-9０-９]").astype(bool)
        footer = unnumbered & frame[  # signatures (审核：) may stand in the column of ID numbers
            [n for n in ("workerName", "totalPayAmount", "actualAmount") if n in frame]
        ].eq("").all(axis=1)
    else:
        footer = pd.Series(False, index=frame.index)
    rows: list[tuple[int, dict[str, str]]] = []
    for row in frame.index[total]:
        subtotal = any(re.fullmatch(_SUBTOTAL, str(frame.at[row, name])) for name in texts)
        if not subtotal:
            rows.append((int(row), {name: str(frame.at[row, name]) for name in own}))
            ended = True
    keep = ~total & ~footer
    return (frame if keep.all() else frame[keep]), rows, ended
