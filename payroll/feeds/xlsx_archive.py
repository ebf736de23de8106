"""The archive of an Excel file: whether it is sane, and which part holds what (ECMA-376 part 1)."""

import zipfile
import zlib
from dataclasses import dataclass, field

from lxml import etree

from payroll.checks.issues import Unreadable
from payroll.feeds.base import Source

MAX_UNPACKED = 1 << 30  # bytes of the whole archive
MAX_RATIO = 250  # of one part over 16 MB; sheets of repeated numbers reach about 60
MAX_PARTS = 5000
MOST_IN_MEMORY = 160 << 20  # unpacked bytes of sheets that are read whole: 200,000 rows and more
_SAFE = {"resolve_entities": False, "no_network": True, "load_dtd": False}


@dataclass(frozen=True)
class Part:
    """A sheet: its name, its place in the archive, whether it is out of sight."""

    name: str
    path: str
    hidden: bool


@dataclass
class Contents:
    """What xl/workbook.xml says; `serial1904`: dates count from 1904. `strings` and `styles` are
    the places of the shared texts and of the number formats, empty when there are none."""

    archive: zipfile.ZipFile
    serial1904: bool = False
    sheets: list[Part] = field(default_factory=list)
    strings: str = ""
    styles: str = ""

    @property
    def paths(self) -> dict[str, str]:
        return {part.name: part.path for part in self.sheets}

    @property
    def large(self) -> bool:
        """Whether the sheets are to be read row by row."""
        places = [*self.paths.values(), self.strings]
        return sum(self.archive.getinfo(p).file_size for p in places if p) > MOST_IN_MEMORY


def opened(source: Source) -> zipfile.ZipFile:
    """The archive, looked through. Raises Unreadable: file-encrypted, file-truncated, file-type,
    zip-bomb."""
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
    names = set(archive.namelist())
    streams = "xl/workbook.xml" in names  # other forms can only be read whole
    limit = MAX_UNPACKED if streams else MOST_IN_MEMORY
    if not streams and not any(n.endswith(("workbook.bin", "content.xml")) for n in names):
        raise Unreadable("file-type")
    if len(parts) > MAX_PARTS or unpacked > limit or dense:
        raise Unreadable("zip-bomb", unpacked=unpacked >> 20, limit=limit >> 20)
    try:
        damaged = archive.testzip()  # also catches a part that unpacks to more than it says
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError) as error:
        raise Unreadable("file-truncated") from error
    if damaged:
        raise Unreadable("file-truncated")
    return archive


def contents(archive: zipfile.ZipFile) -> Contents:
    """What the workbook holds; nothing when its description cannot be read."""
    found = Contents(archive)
    try:
        book = etree.fromstring(archive.read("xl/workbook.xml"), etree.XMLParser(**_SAFE))
        relations = etree.fromstring(
            archive.read("xl/_rels/workbook.xml.rels"), etree.XMLParser(**_SAFE)
        )
    except (KeyError, etree.XMLSyntaxError, zipfile.BadZipFile):
        return found
    names = set(archive.namelist())
    sheets: dict[str, str] = {}
    for link in relations.iterchildren("{*}Relationship"):
        target = link.get("Target", "").removeprefix("/")
        path = target if target.startswith("xl/") else f"xl/{target}"
        kind = link.get("Type", "").rpartition("/")[2]
        if path not in names:
            continue
        if kind == "sharedStrings":
            found.strings = path
        elif kind == "styles":
            found.styles = path
        elif kind == "worksheet":
            sheets[link.get("Id", "")] = path
    for element in book.iter("{*}workbookPr", "{*}sheet"):
        if element.tag.endswith("}workbookPr"):
            found.serial1904 = element.get("date1904", "0") in ("1", "true")
            continue
        path = sheets.get(next((v for k, v in element.attrib.items() if k.endswith("}id")), ""), "")
        if path:
            hidden = element.get("state", "visible") != "visible"
            found.sheets.append(Part(element.get("name", ""), path, hidden))
    return found
