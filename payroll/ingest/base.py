"""A Loader takes the chunks of one kind: checks and stages them, then commits them all."""

from typing import Any

from payroll.checks.issues import STORED, Issues
from payroll.feeds.base import Chunk
from payroll.ingest.ahead import Writer
from payroll.ingest.lookups import Lookups
from payroll.models import Feed


class Loader:
    """`take` each chunk, `finish` what needs all rows, `commit` inside one transaction.

    `commit` gives the ids of the touched projects. `rows` counts data rows.
    """

    kind = ""
    matches = False  # whether its facts change what payments are for

    def __init__(self, feed: Feed, issues: Issues, lookups: Lookups) -> None:
        self.feed = feed
        self.issues = issues
        self.lookups = lookups
        self.rows = 0
        self.touched: set[int] = set()  # when other than what was locked
        self.writer: Writer | None = None  # where rows may be written before the commit

    @property
    def may_be_empty(self) -> bool:
        return False

    def take(self, chunk: Chunk) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        """Checks across rows; nothing is written to facts."""

    def lock(self) -> set[int]:
        """The projects whose facts the commit will change: locked in a stable order."""
        raise NotImplementedError

    def commit(self) -> None:
        raise NotImplementedError

    def report(self, rows: list[tuple[Any, ...]], code: str, column: str, severity: str) -> None:
        """Report rows of (sheet, row, value, {values}) found by SQL, up to STORED."""
        say = self.issues.error if severity == "error" else self.issues.hint
        for sheet, row, value, *rest in rows[:STORED]:
            values = rest[0] if rest else {}
            say(code, sheet=sheet, row=row, column=column, value=value, **values)
