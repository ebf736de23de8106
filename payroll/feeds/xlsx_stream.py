"""Large XLSX sheets row by row: the shared texts lie in a file, one row is in memory at a time.

Slower than calamine, which holds the whole sheet, and gives the same cells.
"""

import mmap
import re
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Iterator
from itertools import islice
from typing import Any

from lxml import etree
from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils import column_index_from_string
from openpyxl.utils.datetime import CALENDAR_MAC_1904, CALENDAR_WINDOWS_1900, from_excel

from payroll.checks.issues import Unreadable
from payroll.feeds.xlsx_archive import Contents

MOST_ROWS = 1_048_576
_SPACES = (  # transitional and strict
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
_LOOKED_AT = 40  # rows that say how wide the sheet is
_SAFE: dict[str, Any] = {"resolve_entities": False, "no_network": True, "load_dtd": False}
_BROKEN = (
    etree.XMLSyntaxError, zipfile.BadZipFile, zlib.error, OSError, EOFError,
    ValueError, IndexError, OverflowError,
)  # fmt: skip
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_COLUMN = re.compile(r"[A-Z]{1,3}")


class Texts:
    """The shared texts of a workbook by their number, in a temporary file. Raises Unreadable."""

    def __init__(self, book: Contents) -> None:
        self._ends = array("Q", [0])
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (it lives as long as this)
        if book.strings:
            try:
                self._keep(book)
            except _BROKEN as error:
                raise Unreadable("file-truncated") from error
        self._file.flush()
        self._map = mmap.mmap(self._file.fileno(), 0) if self._ends[-1] else b""

    def _keep(self, book: Contents) -> None:
        with book.archive.open(book.strings) as stream:
            for item in _elements(stream, "si"):
                self._ends.append(self._ends[-1] + self._file.write(_bytes(_written(item))))

    def __getitem__(self, number: int) -> str:
        if number < 0:
            raise IndexError(number)
        return self._map[self._ends[number] : self._ends[number + 1]].decode()


class StreamedSheet:
    """A sheet as calamine's: `name`, `start` (row and column of the first cell, None without
    any) and `iter_rows`. Rows begin at that column and are as wide as the first forty."""

    def __init__(self, book: Contents, name: str, path: str, texts: Texts) -> None:
        self.name = name
        self._archive, self._path, self._texts = book.archive, path, texts
        self._epoch = CALENDAR_MAC_1904 if book.serial1904 else CALENDAR_WINDOWS_1900
        self._dates = _date_styles(book)
        self._letters: dict[str, int] = {}
        self._values = {f"{{{space}}}v" for space in _SPACES}
        first = [(row, cells) for row, cells in islice(self._cells(), _LOOKED_AT) if cells]
        self._left = min((min(cells) for _, cells in first), default=0)
        self._width = max((max(cells) for _, cells in first), default=-1) - self._left + 1
        self.start = (first[0][0] - 1, self._left) if first else None

    def iter_rows(self) -> Iterator[list[Any]]:
        """Every row from the first, "" where there is nothing. Raises Unreadable."""
        last = 0
        places = range(self._left, self._left + self._width)
        for row, cells in self._cells():
            if not cells:
                continue  # as calamine's, the rows end with the last that holds something
            for _ in range(row - last - 1):
                yield [""] * self._width
            last = row
            yield [cells.get(place, "") for place in places]

    def _cells(self) -> Iterator[tuple[int, dict[int, Any]]]:
        """Each row's number and its cells by column, from 0."""
        last = 0
        try:
            with self._archive.open(self._path) as stream:
                for element in _elements(stream, "row"):
                    number = int(element.get("r") or last + 1)
                    if not last < number <= MOST_ROWS:
                        raise ValueError(number)
                    last = number
                    yield number, self._row(element)
        except _BROKEN as error:
            raise Unreadable("file-truncated", sheet=self.name) from error

    def _row(self, element: Any) -> dict[int, Any]:
        cells: dict[int, Any] = {}
        place = -1
        for cell in element:
            reference = cell.get("r")
            place = self._column(reference) if reference else place + 1
            if len(cell) and (value := self._value(cell)) is not None:
                cells[place] = value
        return cells

    def _column(self, reference: str) -> int:
        letters = reference.rstrip("0123456789")
        found = self._letters.get(letters)
        if found is None:
            if not _COLUMN.fullmatch(letters):
                raise ValueError(reference)
            found = column_index_from_string(letters) - 1
            self._letters[letters] = found
        return found

    def _value(self, cell: Any) -> Any:
        kind = cell.get("t")
        if kind == "inlineStr":
            return _written(cell)
        value = cell[-1]  # before it may stand the formula
        if value.tag not in self._values:
            value = next((child for child in cell if child.tag in self._values), None)
        written = None if value is None else value.text
        if kind == "e":
            return ""
        if not written:
            return None
        if kind == "s":
            return self._texts[int(written)]
        if kind is None or kind == "n":
            return self._number(float(written), cell.get("s"))
        return written != "0" if kind == "b" else written

    def _number(self, value: float, style: str | None) -> Any:
        duration = self._dates.get(style or "0")
        if duration is None:
            return value
        try:
            return from_excel(value, self._epoch, timedelta=duration)
        except (OverflowError, ValueError):
            return value


def _elements(stream: Any, name: str) -> Iterator[Any]:
    """Each element of this name when it is complete; it is emptied afterwards."""
    for _, element in etree.iterparse(stream, tag=f"{{*}}{name}", huge_tree=False, **_SAFE):
        if element.getroottree().docinfo.doctype:
            raise ValueError("doctype")
        yield element
        element.clear()
        while (before := element.getprevious()) is not None:
            element.getparent().remove(before)


def _written(element: Any) -> str:
    """The text of a string item: its runs, without the reading aids (rPh); _x000D_ is a character
    (ST_Xstring)."""
    whole = "".join(
        text.text or ""
        for text in element.iter("{*}t")
        if not text.getparent().tag.endswith("}rPh")
    )
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), whole) if "_x" in whole else whole


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")  # half a surrogate pair may have been escaped


def _date_styles(book: Contents) -> dict[str, bool]:
    """The cell styles that show a number as a date or time; True for those of a duration."""
    if not book.styles:
        return {}
    try:
        styles = etree.fromstring(book.archive.read(book.styles), etree.XMLParser(**_SAFE))
    except _BROKEN:
        return {}
    own = {e.get("numFmtId"): e.get("formatCode", "") for e in styles.iter("{*}numFmt")}
    builtin = {str(number): code for number, code in BUILTIN_FORMATS.items()}
    found: dict[str, bool] = {}
    for formats in styles.iterchildren("{*}cellXfs"):
        for place, style in enumerate(formats.iterchildren("{*}xf")):
            number = style.get("numFmtId", "0")
            code = own.get(number) or builtin.get(number, "")
            if code and is_date_format(code):
                found[str(place)] = is_timedelta_format(code)
    return found
