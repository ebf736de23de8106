"""The traps that are workbooks or archives, made as small as they can be."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from tests.payroll.files import person
from tests.traps.make import HEADINGS, row

_XLS = Path(__file__).parent.parent / "payroll" / "files" / "two_months.xls"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_DAY = dt.date(2026, 4, 5)


def book(change: Callable[[Any], None] | None = None, epoch: Any = None) -> bytes:
    """Two sound rows below their headings, then `change`."""
    made = openpyxl.Workbook()
    if epoch:
        made.epoch = epoch
    sheet: Any = made.active
    sheet.append(list(HEADINGS.values()))
    for n in (0, 1):
        sheet.append(list(row(n).values()))
    if change:
        change(sheet)
    output = io.BytesIO()
    made.save(output)
    return output.getvalue()


def _set(name: str, value: Any) -> Callable[[Any], None]:
    """The field of the second row."""

    def change(sheet: Any) -> None:
        sheet.cell(3, list(HEADINGS).index(name) + 1).value = value

    return change


def id_as_number() -> bytes:
    """A number cell: Excel keeps 15 digits of 18."""
    return book(_set("idCardNumber", int(person(1)[:17] + "0")))


def date_serial() -> bytes:
    return book(_set("confirmedDate", (_DAY - dt.date(1899, 12, 30)).days))


def date_serial_1904() -> bytes:
    return book(_set("confirmedDate", (_DAY - dt.date(1904, 1, 1)).days), CALENDAR_MAC_1904)


def formula_without_value() -> bytes:
    """As a program writes it that does not calculate."""
    return book(_set("actualAmount", "=3000+3000"))


def hidden_row() -> bytes:
    def change(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True

    return book(change)


def half_uploaded() -> bytes:
    whole = book()
    return whole[: len(whole) // 2]


def with_password() -> bytes:
    """What Excel makes of a workbook with a password: an OLE file with the stream
    EncryptedPackage ([MS-OFFCRYPTO] 2.3.4)."""
    return _OLE + bytes(504) + "EncryptionInfo\0EncryptedPackage\0".encode("utf-16-le") + bytes(900)


def zip_with_password() -> bytes:
    """Parts whose flag says that they are encrypted (APPNOTE 4.4.4, bit 0)."""
    data = bytearray(book())
    for mark, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data[at + flags] |= 1
            at = data.find(mark, at + 4)
    return bytes(data)


def old_with_password() -> bytes:
    """A FILEPASS record after the first BOF is how BIFF8 says that what follows is encrypted."""
    data = _XLS.read_bytes()
    at = data.index(b"\x09\x08\x10\x00\x00\x06") + 20
    rest = data[at + 58 : at + 116]  # within the 112 bytes of WRITEACCESS
    return data[:at] + b"\x2f\x00\x36\x00\x01\x00" + b"\x5a" * 52 + rest + data[at + 116 :]


def zip_bomb() -> bytes:
    """64 MB of zeros in 64 kB."""
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as archive:
        with zipfile.ZipFile(io.BytesIO(book())) as sound:
            for name in sound.namelist():
                archive.writestr(name, sound.read(name))
        archive.writestr("xl/media/zeros.bin", bytes(64 << 20))
    return output.getvalue()


def lying_archive() -> bytes:
    """A part that unpacks to more than the directory says."""
    output = io.BytesIO(zip_bomb())
    with zipfile.ZipFile(output) as archive:
        size = archive.getinfo("xl/media/zeros.bin").file_size
    return output.getvalue().replace(size.to_bytes(4, "little"), (4096).to_bytes(4, "little"))
