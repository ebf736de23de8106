"""CSV files: encoding (UTF-8, UTF-16, GB18030), delimiter, and rows in bounded memory."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pandas as pd

from payroll.checks.issues import Unreadable
from payroll.feeds.base import CHUNK_ROWS, Source

_BLOCK = 1 << 20
_PREVIEW_LINES = 40
_LINE_END = re.compile(r"\r\n|\r|\n")
csv.field_size_limit(1 << 20)


class CsvTable:
    """The one table of a CSV file. Rows are counted as a spreadsheet shows them."""

    name = ""
    hidden = False
    serial1904 = False
    has_formulas = None

    def __init__(self, source: Source) -> None:
        self.source = source
        self.encoding, self.start = encoding_of(source)
        self.delimiter = self._delimiter()
        self.preview = self._preview()

    def text(self) -> io.TextIOWrapper:
        handle = self.source.rewind()
        handle.seek(self.start)
        return io.TextIOWrapper(_Borrowed(handle), self.encoding, newline="")  # type: ignore[arg-type]

    def _delimiter(self) -> str:
        text = self.text()
        sample = "".join(line for _, line in zip(range(_PREVIEW_LINES), text, strict=False))
        return max(",;\t|，", key=sample.count)

    def _preview(self) -> list[list[str]]:
        rows: list[list[str]] = []
        try:
            for row in csv.reader(self.text(), delimiter=self.delimiter):
                rows.append(row)
                if len(rows) == _PREVIEW_LINES:
                    break
        except csv.Error as error:
            raise Unreadable("csv-broken", row=len(rows) + 1) from error
        return rows

    def hidden_rows(self) -> list[int]:
        return []

    def empty_formulas(
        self, columns: dict[str, int], first: int, last: int
    ) -> frozenset[tuple[int, str]]:
        return frozenset()

    def chunks(self, columns: dict[str, int], heading: int) -> Iterator[pd.DataFrame]:
        """Text columns by field name; the index is the row number."""
        width = len(self.preview[heading])
        most = self._widest(heading)
        if self.encoding == "utf-8":
            handle: Any = self.source.rewind()
            handle.seek(self.start)
        else:
            handle = self.text()
        names = {position: name for name, position in columns.items()}
        try:
            with pd.read_csv(
                handle,
                sep=self.delimiter,
                header=None,
                names=range(most),  # a wider row below is an error of the parser
                index_col=False,
                skiprows=heading + 1,
                dtype="str",
                na_filter=False,
                skip_blank_lines=False,
                chunksize=CHUNK_ROWS,
            ) as reader:
                for frame in reader:
                    frame.index = pd.RangeIndex(
                        frame.index.start + heading + 2, frame.index.stop + heading + 2
                    )
                    frame = frame.fillna("")
                    _refuse_beyond(frame[list(range(width, most))])
                    self._refuse_swallowed(frame, names, most)
                    yield frame[list(names)].rename(columns=names)
            if found := self._cut(width, heading):
                raise Unreadable("csv-cut", row=frame.index.stop - 1, found=found, expected=width)
        except pd.errors.EmptyDataError:
            return
        except pd.errors.ParserError as error:
            raise Unreadable("csv-broken", row=_line(str(error), heading)) from error

    def _widest(self, heading: int) -> int:
        """How many cells a row may have. Some programs end every row with a delimiter but not the
        heading; one row with more cells than the others has a comma that was not quoted, and its
        cells stand in wrong columns even where the last of them are empty. Raises Unreadable."""
        width = len(self.preview[heading])
        below = self.preview[heading + 1 :]
        lengths = Counter(len(row) for row in below if len(row) >= width and any(row))
        most = max(lengths, key=lambda length: (lengths[length], -length), default=width)
        for row, cells in enumerate(below, start=heading + 2):
            if len(cells) > most:
                raise Unreadable("csv-broken", row=row)
        return most

    def _refuse_swallowed(self, frame: pd.DataFrame, names: dict[int, str], most: int) -> None:
        """Two stray quotation marks, at the edges of two cells of a column, make one cell of the
        rows between them, which no parser sees. Raises Unreadable."""
        for position in range(most):
            if names.get(position) == "text":
                continue  # the words of a complaint may have any form
            column = frame[position]
            broken = column.str.contains(r"[\r\n]").astype(bool)
            for row, cell in column[broken].items():
                first, *middle, last = (
                    line.count(self.delimiter) for line in _LINE_END.split(cell)
                )
                if (first, *middle) == (most - 1 - position, *[most - 1] * len(middle)) and (
                    last >= position
                ):
                    raise Unreadable("csv-quotes", row=int(row), lines=len(middle) + 2)

    def _cut(self, width: int, heading: int) -> int:
        """How many cells the last row has, when it alone has too few and no line end; else 0."""
        handle = self.source.rewind()
        handle.seek(max(self.start, self.source.size - _BLOCK))
        text = handle.read().decode(self.encoding, errors="ignore").replace("\r", "\n")
        tail = text.rpartition("\n")[2]
        cells = next(csv.reader([tail], delimiter=self.delimiter), []) if tail.strip() else []
        whole = all(len(row) >= width for row in self.preview[heading + 1 : -1] if row)
        return len(cells) if whole and 1 < len(cells) < width else 0


def _refuse_beyond(cells: pd.DataFrame) -> None:
    """Beyond the headings there may be empty cells only. Raises Unreadable."""
    for _, column in cells.items():
        beyond = column.str.strip().ne("").astype(bool)
        if beyond.any():
            raise Unreadable("csv-broken", row=int(beyond.idxmax()))


def _line(message: str, heading: int) -> int | None:
    digits = message.partition("line ")[2].split(",")[0]
    if digits.isdigit():
        return int(digits)
    digits = message.partition("starting at row ")[2].strip()
    return int(digits) + heading + 2 if digits.isdigit() else None


class _Borrowed(io.RawIOBase):
    """A handle that a text wrapper may close without closing the file itself."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.handle.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read1(self, size: int = -1) -> bytes:
        return self.handle.read(size)  # type: ignore[no-any-return]

    def read(self, size: int = -1) -> bytes:
        return self.handle.read(size)  # type: ignore[no-any-return]


def encoding_of(source: Source) -> tuple[str, int]:
    """The encoding and where the text begins. Raises Unreadable when no encoding fits."""
    head = source.head
    if head.startswith(codecs.BOM_UTF8):
        return _sure(source, "utf-8", 3), 3
    if head.startswith(codecs.BOM_UTF16_LE):
        return _sure(source, "utf-16-le", 2), 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return _sure(source, "utf-16-be", 2), 2
    if b"\x00" in head:
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) * 8 < len(head):
            raise Unreadable("file-type")
        return _sure(source, "utf-16-le" if odd > even else "utf-16-be", 0), 0
    for encoding in ("utf-8", "gb18030"):
        if _decodes(source, encoding, 0):
            return encoding, 0
    raise Unreadable("encoding-unknown")


def _sure(source: Source, encoding: str, start: int) -> str:
    if not _decodes(source, encoding, start):
        raise Unreadable("encoding-broken", encoding=encoding.upper())
    return encoding


def _decodes(source: Source, encoding: str, start: int) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    handle = source.rewind()
    handle.seek(start)
    try:
        while block := handle.read(_BLOCK):
            if encoding in ("utf-8", "gb18030") and b"\x00" in block:
                return False
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def tables(source: Source) -> list[CsvTable]:
    return [CsvTable(source)]
