"""Papers that people send with an answer or a complaint: sealed under MEDIA_ROOT, as they came."""

import hashlib
import io
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from django.conf import settings

from wagewatch import vault


class Paper(NamedTuple):
    """What is kept of a paper beside its bytes; `sha256` is over the plain bytes."""

    filename: str
    size: int
    sha256: str
    file: str


def keep(file: Any, directory: str) -> Paper:
    """Seal an uploaded file under MEDIA_ROOT/directory."""
    data = file.read()
    name = f"{directory}/{uuid.uuid4().hex}"
    path = Path(settings.MEDIA_ROOT) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        vault.seal_file(io.BytesIO(data), target)
    return Paper(Path(file.name).name[-255:], len(data), hashlib.sha256(data).hexdigest(), name)


def open_bytes(paper: Any) -> Iterator[bytes]:
    """The paper as it came, in pieces; of any row that has a Paper's `file`."""
    with (Path(settings.MEDIA_ROOT) / paper.file).open("rb") as sealed:
        yield from vault.open_file(sealed)
