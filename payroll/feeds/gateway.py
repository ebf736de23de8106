"""Pushes of the national real-name interface: the JSON that payroll/gateway/inbox.py keeps.

The personal numbers inside are encrypted with the key's secret, which the pipeline puts on the
source: a file that somebody uploads has none, and is never taken for a push.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pandas as pd

from payroll.checks.issues import Issues, Unreadable
from payroll.feeds.base import Chunk, Field, Reader, Source, register
from payroll.feeds.participants import FIELDS as PARTICIPANTS
from payroll.feeds.payroll import FIELDS as PAYROLL
from payroll.feeds.workers import FIELDS as WORKERS

KINDS = (
    *("attendance", "payroll", "workers", "participants"),
    *("companies", "teams", "contracts", "entries"),
)
_SURE = 10_000
_FIELDS = {field.name: field for field in (*WORKERS, *PAYROLL, *PARTICIPANTS)}


def opened(content: bytes) -> dict[str, Any]:
    """The parts of a push: method, appid, known, data (names in lower case, numbers as text)."""
    from payroll.gateway.envelope import parsed

    return parsed(content.decode())


def rows_of(
    content: bytes, secret: bytes, seen: dict[str, str]
) -> tuple[list[dict[str, str]], list[tuple[int, str]]]:
    """The rows of a push, and where a field could not be decrypted."""
    return _rows(opened(content), secret, seen)


def _rows(
    push: dict[str, Any], secret: bytes, seen: dict[str, str]
) -> tuple[list[dict[str, str]], list[tuple[int, str]]]:
    from payroll.gateway import methods

    method = methods.find(push["method"])
    assert isinstance(method, methods.Push)
    known = {_KNOWN[name]: value for name, value in push.get("known", {}).items()}
    return method.rows(push["data"], secret, known, seen)


_KNOWN = {"teamname": "teamName", "partof": "partOf"}


def chunk_of(rows: list[dict[str, str]]) -> Chunk:
    """A chunk whose columns are named as the protocol names them; rows count from 1."""
    names = list(rows[0]) if rows else []
    frame = pd.DataFrame(
        {name: [row[name] for row in rows] for name in names},
        index=pd.RangeIndex(1, len(rows) + 1),
        dtype="str",
    )
    fields: dict[str, Field] = {name: _FIELDS[name] for name in names if name in _FIELDS}
    return Chunk(frame, written={name: name for name in names}, fields=fields, partial=True)


class GatewayReader(Reader):
    def __init__(self, kind: str) -> None:
        self.kind = kind

    def detect(self, source: Source) -> int:
        if source.secret is None or source.container != "json":
            return 0
        from payroll.gateway import methods

        method = methods.find(_Push.of(source).content["method"])
        return _SURE if isinstance(method, methods.Push) and method.kind == self.kind else 0

    def read(self, source: Source, issues: Issues) -> Iterator[Chunk]:
        if not source.secret:
            raise Unreadable("gateway-secret")
        rows, faults = _rows(_Push.of(source).content, source.secret, {})
        for row, column in faults:
            issues.error("gateway-cipher", row=row, column=column)
        yield chunk_of(rows)


class _Push:
    """The content of a source, read once for all readers that look at it."""

    def __init__(self, source: Source) -> None:
        self.source = source

    @staticmethod
    def of(source: Source) -> "_Push":
        return source.__dict__.setdefault("_push", _Push(source))

    @cached_property
    def content(self) -> dict[str, Any]:
        return opened(self.source.rewind().read())


for _kind in KINDS:
    register(GatewayReader(_kind))
