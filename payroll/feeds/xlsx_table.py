"""Excel files (XLSX, old XLS) through calamine, after a look whether the archive is sane."""

import datetime as dt
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from payroll.checks.issues import Unreadable
from payroll.feeds.base import CHUNK_ROWS, Source

MAX_UNPACKED = 1 << 30  # bytes of the whole archive
MAX_RATIO = 250  # of one part over 16 MB; sheets of repeated numbers reach about 60
MAX_PARTS = 5000
_PREVIEW_ROWS = 40
_HIDDEN = re.compile(rb"<row\b[^>]*\bhidden=\"(?:1|true)\"[^>]*>")
_ROW_NUMBER = re.compile(rb"\br=\"(\d+)\"")
_NO_VALUE = re.compile(
    rb"<c\b[^>]*\br=\"([A-Z]+)(\d+)\"[^>]*><f\b(?:[^>]*/>|[^>]*>[^<]*</f>)(?:<v\s*/>|<v></v>)?</c>"
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
        for count, row in enumerate(self.sheet.iter_rows()):
            if limit is not None and count == limit:
                return
            yield row

    def texts(self, most: int) -> list[list[str]] | None:
        """All rows as text; None when there are more than `most`."""
        if self.sheet.start is None or self.sheet.height > most:
            return None
        return [[text(cell) for cell in row] for row in self._rows()]

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

    def empty_formulas(self, columns: dict[str, int]) -> frozenset[tuple[int, str]]:
        """Cells that hold a formula and no value: (row, field name)."""
        names = {position + self.left: name for name, position in columns.items()}
        cells: set[tuple[int, str]] = set()
        for window in self._xml():
            for letters, row in _NO_VALUE.findall(window):
                if name := names.get(_column_number(letters)):
                    cells.add((int(row), name))
        return frozenset(cells)

    def _xml(self) -> Iterator[bytes]:
        """The sheet's XML in windows that end with a row."""
        if self.part is None:
            return
        archive, path = self.part
        with archive.open(path) as stream:
            rest = b""
            while block := stream.read(1 << 20):
                window, end, rest = (rest + block).rpartition(b"</row>")
                if end:
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
    archive = None
    if source.container == "xlsx":
        archive = _sane_archive(source)
    elif _contains(source, _PASSWORD):
        raise Unreadable("file-encrypted")
    try:
        source.rewind()
        book = CalamineWorkbook.from_filelike(_Whole(source.file))
    except (CalamineError, OSError, ValueError) as error:
        if "password" in str(error).lower() or _sealed_biff(source):
            raise Unreadable("file-encrypted") from error
        raise Unreadable("file-truncated") from error
    serial1904, paths = _workbook(archive) if archive else (False, {})
    found = []
    for meta in book.sheets_metadata:
        if meta.typ != SheetTypeEnum.WorkSheet:
            continue
        hidden = meta.visible != SheetVisibleEnum.Visible
        part = (archive, paths[meta.name]) if meta.name in paths else None
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


def _sane_archive(source: Source) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(source.rewind())
        parts = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise Unreadable("file-truncated") from error
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("file-encrypted")
    unpacked = sum(part.file_size for part in parts)
    dense = any(
        part.file_size > (16 << 20) and part.file_size > MAX_RATIO * max(part.compress_size, 1)
        for part in parts
    )
    if len(parts) > MAX_PARTS or unpacked > MAX_UNPACKED or dense:
        raise Unreadable("zip-bomb", unpacked=unpacked >> 20, limit=MAX_UNPACKED >> 20)
    if "xl/workbook.xml" not in archive.namelist() and not any(
        name.endswith(("workbook.bin", "content.xml")) for name in archive.namelist()
    ):
        raise Unreadable("file-type")
    try:
        damaged = archive.testzip()  # also catches a part that unpacks to more than it says
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError) as error:
        raise Unreadable("file-truncated") from error
    if damaged:
        raise Unreadable("file-truncated")
    return archive


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


def _workbook(archive: zipfile.ZipFile) -> tuple[bool, dict[str, str]]:
    """Whether dates count from 1904, and the part of each sheet by its name."""
    from lxml import etree

    safe = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        book = etree.fromstring(archive.read("xl/workbook.xml"), safe)
        relations = etree.fromstring(archive.read("xl/_rels/workbook.xml.rels"), safe)
    except (KeyError, etree.XMLSyntaxError, zipfile.BadZipFile):
        return False, {}
    targets = {rel.get("Id"): rel.get("Target", "") for rel in relations}
    paths: dict[str, str] = {}
    serial1904 = False
    for element in book.iter("{*}workbookPr", "{*}sheet"):
        if element.tag.endswith("}workbookPr"):
            serial1904 = element.get("date1904", "0") in ("1", "true")
            continue
        link = next((v for k, v in element.attrib.items() if k.endswith("}id")), "")
        target = targets.get(link, "").removeprefix("/")
        path = target if target.startswith("xl/") else f"xl/{target}"
        if path in archive.namelist():
            paths[element.get("name", "")] = path
    return serial1904, paths
