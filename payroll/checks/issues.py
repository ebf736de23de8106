"""What is said of a file: errors (it is sent back) and hints (it is taken all the same)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from wagewatch import identity

STORED = 1000  # issues kept of one feed; the others are only counted
_LONG_NUMBER = re.compile(r"(?<![0-9０-９])[0-9０-９]{11,}[0-9Xx０-９Ｘｘ]?")


@dataclass(frozen=True)
class Issue:
    """One thing said of one cell. `value` is masked already; `values` fill the message."""

    code: str
    severity: str = "error"
    sheet: str = ""
    row: int | None = None
    column: str = ""
    value: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class Unreadable(Exception):
    """The file cannot be read on; `issue` says why and what would help."""

    def __init__(self, code: str, **details: Any) -> None:
        super().__init__(code)
        keys = ("sheet", "row", "column", "value")
        place = {key: details.pop(key) for key in keys if key in details}
        self.issue = Issue(code, **place, values=details)


def shown(value: Any, secret: str = "") -> str:
    """A cell's text as it may be shown: personal numbers masked, wherever they stand."""
    text = str(value).strip()
    if secret == "id":
        return identity.mask_id(text)
    if secret == "card":
        return identity.mask_card(text)
    return _LONG_NUMBER.sub(lambda found: identity.mask_id(found.group()), text)[:200]


class Issues:
    """Collects issues up to STORED of each severity, and counts them all."""

    def __init__(self) -> None:
        self.items: list[Issue] = []
        self.errors = 0
        self.hints = 0

    def error(self, code: str, **details: Any) -> None:
        self.errors += 1
        if self.errors <= STORED:
            self._keep(code, "error", details)

    def hint(self, code: str, **details: Any) -> None:
        self.hints += 1
        if self.hints <= STORED:
            self._keep(code, "hint", details)

    def add(self, issue: Issue) -> None:
        if issue.severity == "error":
            self.errors += 1
        else:
            self.hints += 1
        self.items.append(issue)

    def drop(self, *codes: str) -> None:
        """Forget hints of these codes: they are about to be found anew."""
        left = [issue for issue in self.items if issue.code not in codes]
        self.hints -= len(self.items) - len(left)
        self.items = left

    def _keep(self, code: str, severity: str, details: dict[str, Any]) -> None:
        secret = details.pop("secret", "")
        place = {k: details.pop(k) for k in ("sheet", "row", "column") if k in details}
        value = shown(details.pop("value", ""), secret)
        said = {name: shown(v) if isinstance(v, str) else v for name, v in details.items()}
        self.items.append(Issue(code, severity, value=value, **place, values=said))

    def cells(
        self, chunk: Any, name: str, codes: pd.Series, severity: str = "error", **values: Any
    ) -> None:
        """Report a whole column: `codes` is empty where the cell is right."""
        bad = codes[codes != ""]
        if bad.empty:
            return
        say = self.error if severity == "error" else self.hint
        raw = chunk.frame.get(name)
        for row, code in bad.head(STORED).items():
            say(
                str(code),
                sheet=chunk.sheet,
                row=int(row),
                column=chunk.heading(name),
                value="" if raw is None else raw.at[row],
                secret=chunk.secret(name),
                **values,
            )
        left = len(bad) - STORED
        if left > 0 and severity == "error":
            self.errors += left
        elif left > 0:
            self.hints += left

    def where(
        self,
        chunk: Any,
        name: str,
        wrong: pd.Series,
        code: str,
        severity: str = "error",
        **values: Any,
    ) -> None:
        """Report `code` for the rows of a column where `wrong` is true."""
        if wrong.any():
            rows = wrong.index[wrong]
            self.cells(chunk, name, pd.Series(code, index=rows, dtype="str"), severity, **values)

    def once(
        self, chunk: Any, name: str, where: pd.Series, code: str, **columns: pd.Series
    ) -> None:
        """One hint for all rows of a column where `where` is true: the first of them, their
        `count`, and what `columns` have in that row."""
        rows = where.index[where]
        if len(rows):
            self.hint(
                code,
                sheet=chunk.sheet,
                row=int(rows[0]),
                column=chunk.heading(name),
                value=chunk.frame.at[rows[0], name],
                secret=chunk.secret(name),
                count=len(rows),
                **{key: str(values.at[rows[0]]) for key, values in columns.items()},
            )
