"""Excel files (XLSX, old XLS) through calamine, large ones row by row, after a look whether the
archive is sane."""

import datetime as dt
import io
import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from payroll.checks.issues import Unreadable
from payroll.feeds import xlsx_archive
from payroll.feeds.base import CHUNK_ROWS, Source
from payroll.feeds.xlsx_stream import StreamedSheet, Texts

_PREVIEW_ROWS = 40
_WINDOW = 1 << 20
_HIDDEN = re.compile(rb"<(?:\w+:)?row\b[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
_ROW_NUMBER = re.compile(rb"\br=\"(\d+)\"")
_NO_VALUE = re.compile(
    rb"<(?:\w+:)?c\b[^>]*\br=\"([A-Z]+)(\d+)\"[^>]*><(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_BOF = b"\x09\x08\x10\x00\x00\x06\x05\x00"  # BIFF8, workbook globals
_FILEPASS = 0x2F
_PASSWORD = "EncryptedPackage".encode("utf-16-le")


class XlsxTable:
    """One sheet. `parts` are the archive and the sheet's place in it (None for old XLS)."""

    def __init__(self, sheet: Any, *, hidden: bool, serial1904: bool, part: Any) -> None:
        self.sheet = sheet
        self.name = sheet.name
        self.hidden = hidden
        self.serial1904 = serial1904
        self.part = part
        self.has_formulas = part
        self.left = sheet.start[1] if sheet.start else 0
        self.preview = [[text(cell) for cell in row] for row in self._rows(_PREVIEW_ROWS)]

    def _rows(self, limit: int | None = None) -> Iterator[list[Any]]:
        if self.sheet.start is None:
            return
        try:
            yield from islice(self.sheet.iter_rows(), limit)
        except OverflowError as error:  # a duration of a milliard days
            raise Unreadable("file-truncated", sheet=self.name) from error

    def texts(self, most: int) -> list[list[str]] | None:
        """All rows as text; None when there are none or more than `most`."""
        rows = list(self._rows(most + 1))
        return [[text(cell) for cell in row] for row in rows] if 0 < len(rows) <= most else None

    def chunks(self, columns: dict[str, int], heading: int) -> Iterator[pd.DataFrame]:
        """Text columns by field name; the index is the row number."""
        block: list[list[str]] = []
        first = heading + 2
        positions = list(columns.values())
        for number, row in enumerate(self._rows(), start=1):
            if number < first:
                continue
            block.append([text(row[position]) for position in positions])
            if len(block) == CHUNK_ROWS:
                yield _frame(block, columns, number - len(block) + 1)
                block = []
        if block:
            yield _frame(block, columns, number - len(block) + 1)

    def hidden_rows(self) -> list[int]:
        rows: list[int] = []
        for window in self._xml():
            for tag in _HIDDEN.findall(window):
                if found := _ROW_NUMBER.search(tag):
                    rows.append(int(found.group(1)))
        return rows

    def empty_formulas(
        self, columns: dict[str, int], first: int, last: int
    ) -> frozenset[tuple[int, str]]:
        """Cells of the rows `first` to `last` that hold a formula and no value: (row, field
        name)."""
        found: set[tuple[int, str]] = set()
        for name, position in columns.items():
            rows = self._unvalued.get(position + self.left, array("L"))
            part = rows[bisect_left(rows, first) : bisect_right(rows, last)]
            found.update((row, name) for row in part)
        return frozenset(found)

    @cached_property
    def _unvalued(self) -> "dict[int, array[int]]":
        """The rows of formulas without a value, by column from 0."""
        found: dict[int, array[int]] = {}
        for window in self._xml():
            for letters, row in _NO_VALUE.findall(window):
                if len(letters) <= 3 and len(row) <= 7:
                    found.setdefault(_column_number(letters), array("L")).append(int(row))
        return found

    def _xml(self) -> Iterator[bytes]:
        """The sheet's XML in windows that end with a row, where rows are not absurdly long."""
        if self.part is None:
            return
        archive, path = self.part
        with archive.open(path) as stream:
            rest = b""
            while block := stream.read(_WINDOW):
                window, end, rest = (rest + block).rpartition(b"row>")
                if len(rest) > 8 * _WINDOW:
                    window, rest = window + end + rest, b""
                if window:
                    yield window + end
            yield rest


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


def _frame(block: list[list[str]], columns: dict[str, int], first: int) -> pd.DataFrame:
    index = pd.RangeIndex(first, first + len(block))
    return pd.DataFrame(block, columns=list(columns), index=index, dtype="str")


def text(cell: Any) -> str:
    """A cell as text. Numbers over 15 digits, which Excel has rounded, stay recognisable."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        if abs(cell) >= 1e15:
            return f"{cell:.14E}"
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, dt.datetime):
        day = cell.time() == dt.time()
        return cell.date().isoformat() if day else cell.isoformat(" ", "seconds")
    return str(cell)


def tables(source: Source) -> list[XlsxTable]:
    """All sheets. Raises Unreadable: file-encrypted, file-truncated, zip-bomb, file-type."""
    book = None
    if source.container == "xlsx":
        book = xlsx_archive.contents(xlsx_archive.opened(source))
        if book.large:
            return _streamed(book)
    elif _contains(source, _PASSWORD):
        raise Unreadable("file-encrypted")
    return _whole(source, book)


def _streamed(book: xlsx_archive.Contents) -> list[XlsxTable]:
    texts = Texts(book)
    return [
        XlsxTable(
            StreamedSheet(book, part.name, part.path, texts),
            hidden=part.hidden,
            serial1904=book.serial1904,
            part=(book.archive, part.path),
        )
        for part in book.sheets
    ]


def _whole(source: Source, contents: xlsx_archive.Contents | None) -> list[XlsxTable]:
    try:
        source.rewind()
        book = CalamineWorkbook.from_filelike(_Whole(source.file))
    except (CalamineError, OSError, ValueError) as error:
        if "password" in str(error).lower() or _sealed_biff(source):
            raise Unreadable("file-encrypted") from error
        raise Unreadable("file-truncated") from error
    paths = contents.paths if contents else {}
    serial1904 = contents is not None and contents.serial1904
    found = []
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        hidden = meta.visible != SheetVisibleEnum.Visible
        part = (contents.archive, paths[meta.name]) if contents and meta.name in paths else None
        try:
            sheet = book.get_sheet_by_name(meta.name)
        except CalamineError as error:
            raise Unreadable("file-truncated", sheet=meta.name) from error
        found.append(XlsxTable(sheet, hidden=hidden, serial1904=serial1904, part=part))
    return found


class _Whole(io.RawIOBase):
    """calamine reads and seeks, and must not close the file."""

    def __init__(self, handle: Any) -> None:
        self.handle = handle

    def read(self, size: int = -1) -> bytes:
        return self.handle.read(size)  # type: ignore[no-any-return]

    def seek(self, offset: int, whence: int = 0) -> int:
        return self.handle.seek(offset, whence)  # type: ignore[no-any-return]

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def _contains(source: Source, needle: bytes) -> bool:
    handle = source.rewind()
    tail = b""
    while block := handle.read(1 << 20):
        if needle in tail + block:
            return True
        tail = block[-len(needle) :]
    return False


def _sealed_biff(source: Source) -> bool:
    """Whether an old XLS is encrypted: a FILEPASS record soon after the workbook's BOF ([MS-XLS]
    2.1.7.20.3). calamine says no more than that it cannot detect the format."""
    if source.container != "xls":
        return False
    data = source.rewind().read()
    at = data.find(_BOF)
    for _ in range(8):
        if at < 0 or at + 4 > len(data):
            return False
        record = int.from_bytes(data[at : at + 2], "little")
        if record == _FILEPASS:
            return True
        at += 4 + int.from_bytes(data[at + 2 : at + 4], "little")
    return False
