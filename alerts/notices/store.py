"""The notices' bytes: one sealed file each under MEDIA_ROOT/notices, written once."""

import hashlib
import io
import os
import struct
import uuid
from pathlib import Path

from cryptography.exceptions import InvalidTag
from django.conf import settings

from alerts.models import Notice
from alerts.notices.errors import NoticeError
from wagewatch import vault
from wagewatch.bilingual import Text

_CHANGED = Text(
    "文书 {number} 的文件缺失或者已被改动,不能使用。",
    "The file of notice {number} is missing or was changed; it cannot be used.",
)


def write(pdf: bytes, year: int) -> str:
    """Seal the bytes into a new file; gives its name under MEDIA_ROOT."""
    name = f"notices/{year}/{uuid.uuid4().hex}.pdf.sealed"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as target:
            vault.seal_file(io.BytesIO(pdf), target)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return name


def remove(name: str) -> None:
    """Take back a file whose notice was not written after all."""
    (Path(settings.MEDIA_ROOT) / name).unlink(missing_ok=True)


def read(notice: Notice) -> bytes:
    """The PDF as issued. NoticeError when the file is missing or differs from its SHA-256."""
    path = Path(settings.MEDIA_ROOT) / notice.file
    try:
        with path.open("rb") as source:
            pdf = b"".join(vault.open_file(source))
    except (OSError, ValueError, InvalidTag, struct.error) as error:
        raise NoticeError(_CHANGED, number=notice.document_number) from error
    if hashlib.sha256(pdf).hexdigest() != notice.sha256:
        raise NoticeError(_CHANGED, number=notice.document_number)
    return pdf
