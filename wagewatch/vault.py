"""Personal numbers at rest: encrypted fields, their blind index, and sealed files.

AES-256-GCM with a fresh nonce each; the blind index is keyed BLAKE2b-128, so that equal numbers
can be found and joined without being readable. Keys are derived from WAGEWATCH_VAULT_KEY; losing
it loses the numbers.
"""

import os
import struct
import uuid
from collections.abc import Iterator
from functools import cache
from hashlib import blake2b
from typing import IO, TYPE_CHECKING, Any

import pandas as pd
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import models

_VERSION = b"\x01"
_FRAME = 1 << 20


@cache
def _key(purpose: bytes) -> bytes:
    root = bytes.fromhex(settings.VAULT_KEY)
    return HKDF(SHA256(), 32, salt=None, info=b"wagewatch " + purpose).derive(root)


@cache
def _cipher(purpose: bytes) -> AESGCM:
    return AESGCM(_key(purpose))


def encrypt(text: str) -> bytes:
    nonce = os.urandom(12)
    return _VERSION + nonce + _cipher(b"field").encrypt(nonce, text.encode(), None)


def decrypt(sealed: bytes) -> str:
    """Raises cryptography.exceptions.InvalidTag when the key is wrong or the bytes were changed."""
    sealed = bytes(sealed)
    if sealed[:1] != _VERSION:
        raise ValueError("not a sealed value")
    return _cipher(b"field").decrypt(sealed[1:13], sealed[13:], None).decode()


def blind(text: str) -> uuid.UUID:
    """The blind index of a normalised number."""
    return uuid.UUID(bytes=blake2b(text.encode(), digest_size=16, key=_key(b"index")).digest())


def blind_column(column: pd.Series) -> pd.Series:
    """Blind indexes (32 hex digits) of a column of normalised numbers; empty stays empty.

    Each distinct value is hashed once.
    """
    keyed = blake2b(digest_size=16, key=_key(b"index")).copy
    codes, values = pd.factorize(column)
    hashed = []
    for value in values.tolist():
        digest = keyed()  # a copy saves a third: the key is mixed in once
        digest.update(value.encode())
        hashed.append(digest.hexdigest() if value else "")
    return pd.Series(hashed, dtype="object").take(codes).set_axis(column.index)


class BlindIndexField(models.UUIDField):
    """Blind index of a number: 16 bytes on PostgreSQL."""


if TYPE_CHECKING:
    TextField = models.Field[str, str]
else:
    TextField = models.Field


class EncryptedField(TextField):
    """A text kept encrypted; Python sees the plain text, the database never does."""

    def get_internal_type(self) -> str:
        return "BinaryField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> str | None:
        return None if value is None else decrypt(value) if value else ""

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value is None:
            return None
        return connection.Database.Binary(encrypt(value) if value else b"")


def seal_file(source: IO[bytes], target: IO[bytes]) -> None:
    """Write `source` encrypted, in frames of 1 MiB that cannot be cut, swapped or reordered."""
    file_id = os.urandom(12)
    target.write(_VERSION + file_id)
    index = 0
    frame = source.read(_FRAME)
    while True:
        following = source.read(_FRAME)
        nonce = os.urandom(12)
        sealed = _cipher(b"file").encrypt(nonce, frame, _frame_tag(file_id, index, not following))
        target.write(struct.pack(">I", len(sealed)) + nonce + sealed)
        if not following:
            return
        frame, index = following, index + 1


def open_file(source: IO[bytes]) -> Iterator[bytes]:
    """The plain frames of a sealed file. Raises InvalidTag when it was changed or cut."""
    head = source.read(13)
    if head[:1] != _VERSION or len(head) != 13:
        raise ValueError("not a sealed file")
    index = 0
    size = source.read(4)
    while size:
        nonce = source.read(12)
        sealed = source.read(struct.unpack(">I", size)[0])
        size = source.read(4)
        yield _cipher(b"file").decrypt(nonce, sealed, _frame_tag(head[1:], index, not size))
        index += 1


def _frame_tag(file_id: bytes, index: int, last: bool) -> bytes:
    return file_id + struct.pack(">I?", index, last)
