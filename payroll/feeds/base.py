"""What every reader has in common: the source, the fields, the chunks it gives, the registry."""

import io
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import IO, Any

import pandas as pd

from payroll.checks.issues import Issues, Unreadable

CHUNK_ROWS = 50_000
_MT940 = re.compile(rb"^(?:\{.*\{4:\s*)?:20:.*^:25[A-Z]?:", re.MULTILINE | re.DOTALL)
_PARENTHESES = re.compile(r"[(\[【].*?[)\]】]")


def clean_heading(text: str) -> str:
    """A heading without case, width, units in parentheses, spaces, stars and colons."""
    text = unicodedata.normalize("NFKC", str(text)).lower()
    return re.sub(r"[\s*:_]+", "", _PARENTHESES.sub("", text))


class Field:
    """A column: its national field name and the headings by which it is recognised.

    `secret` is "id" or "card" for personal numbers, which are masked wherever they are shown.
    """

    def __init__(self, name: str, *headings: str, secret: str = "") -> None:
        self.name = name
        self.title = headings[0] if headings else name
        self.secret = secret
        self.headings = frozenset(clean_heading(text) for text in (name, *headings))


@dataclass
class Chunk:
    """Some rows of one sheet: text columns by field name, the index is the row in the file.

    `written` has the headings as the sender wrote them; `totals` the total rows (合计), which are
    no data; `serial1904` says that numbers in date columns count from 1904.
    """

    frame: pd.DataFrame
    sheet: str = ""
    written: dict[str, str] = field(default_factory=dict)
    fields: dict[str, Field] = field(default_factory=dict)
    totals: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    serial1904: bool = False
    formulas: frozenset[tuple[int, str]] = frozenset()
    statements: list[dict[str, Any]] = field(default_factory=list)
    above: dict[str, str] = field(default_factory=dict)  # block values that a column repeats
    title_month: str = ""
    partial: bool = False  # an empty cell says nothing: what is known of it stays
    booked: bool = False  # each row is one movement as the bank booked it, a return by itself too
    part: int = 0  # which table of the sheet, for its own total row

    def heading(self, name: str) -> str:
        if name in self.written:
            return self.written[name]
        return self.fields[name].title if name in self.fields else name

    def secret(self, name: str) -> str:
        return self.fields[name].secret if name in self.fields else ""

    def text(self, name: str) -> pd.Series:
        """The column, stripped; empty texts when the file does not have it."""
        if name not in self.frame:
            return pd.Series("", index=self.frame.index, dtype="str")
        return self.frame[name].str.strip()


class Source:
    """The plain bytes of a feed, open for reading, and what kind of container they are."""

    def __init__(self, file: IO[bytes], filename: str = "") -> None:
        self.file = file
        self.filename = filename
        file.seek(0, io.SEEK_END)
        self.size = file.tell()
        file.seek(0)
        self.head = file.read(4096)
        self.secret: bytes | None = None  # of a push of the real-name interface
        self.maps: list[Any] = []  # column maps that may fit (payroll.models.ColumnMap)

    @cached_property
    def container(self) -> str:
        """xlsx, xls, xml, json, mt940 or csv. Raises Unreadable for what is none of them."""
        head = self.head
        if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
            raise Unreadable("file-empty")
        if head.startswith(b"PK"):
            return "xlsx"
        if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
            return "xls"
        if head.startswith((b"%PDF", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"\xff\xd8", b"\x89PNG")):
            raise Unreadable("file-type")
        start = head.removeprefix(b"\xef\xbb\xbf").replace(b"\x00", b"")
        start = start.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").lstrip()
        if _MT940.search(start):
            return "mt940"
        if start.startswith(b"{"):
            return "json"
        return "xml" if start.startswith(b"<") else "csv"

    @cached_property
    def tables(self) -> list[Any]:
        """The sheets of a table file, each able to show its first rows and to give chunks."""
        from payroll.feeds import csv_table, xlsx_table

        if self.container in ("mt940", "json"):
            return []
        if self.container == "csv":
            return csv_table.tables(self)
        return xlsx_table.tables(self)

    def rewind(self) -> IO[bytes]:
        self.file.seek(0)
        return self.file


class Reader:
    """One format of one kind. `detect` says how sure it is (0 = not this), `read` gives chunks."""

    kind: str = ""

    def detect(self, source: Source) -> int:
        raise NotImplementedError

    def read(self, source: Source, issues: Issues) -> Iterator[Chunk]:
        raise NotImplementedError


READERS: list[Reader] = []


def register(reader: Reader) -> Reader:
    READERS.append(reader)
    return reader
