"""Readers: one file per format, each registering one Reader; this module finds them.

A reader turns a file into chunks of text columns with row numbers; it checks only what belongs to
the container (encoding, damage, headings). Values are the business of payroll/checks.
"""

import importlib
import pkgutil
from functools import cache

from payroll.checks.issues import Unreadable
from payroll.feeds.base import READERS, Chunk, Reader, Source

__all__ = ["Chunk", "Reader", "Source", "detect", "kinds", "readers"]


@cache
def readers() -> tuple[Reader, ...]:
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    return tuple(READERS)


def kinds() -> list[str]:
    return sorted({reader.kind for reader in readers()})


def detect(source: Source, kind: str = "") -> Reader:
    """The reader for a file, by its content; only among those of `kind` when it is given.

    Raises Unreadable: kind-unknown, kind-other (of another kind than given), heading-missing.
    """
    if kind and kind not in {reader.kind for reader in readers()}:
        raise Unreadable("kind-name", value=kind, kinds=", ".join(kinds()))
    scored = [(reader.detect(source), reader) for reader in readers()]
    fitting = [(score, reader) for score, reader in scored if score > 0]
    chosen = [pair for pair in fitting if not kind or pair[1].kind == kind]
    if not chosen:
        raise _unfit(source, kind, [reader for _, reader in fitting])
    return max(chosen, key=lambda pair: pair[0])[1]


def _unfit(source: Source, kind: str, others: list[Reader]) -> Unreadable:
    from payroll.feeds.table import TableReader, missing_fields

    if source.container == "xml":
        return Unreadable("xml-unknown")
    if kind and source.container in ("mt940", "json"):
        return Unreadable("kind-other", kind=kind)
    if kind:
        named = [r for r in readers() if r.kind == kind and isinstance(r, TableReader)]
        if named:
            missing = missing_fields(source, named[0])
            return Unreadable("heading-missing", missing=missing, kind=kind)
        return Unreadable("kind-other", kind=kind)
    return Unreadable("kind-unknown", kinds=", ".join(kinds()))
