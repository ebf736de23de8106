"""What `projects` and `participants` share: rows whose fields have a source and a place in the
file, told to payroll/sources, and a hint for each value that does not hold."""

from typing import Any

import pandas as pd

from payroll.checks.issues import STORED
from payroll.feeds.base import Chunk
from payroll.ingest.registry import RegistryLoader
from payroll.sources import fields
from payroll.sources.history import Subject, Told
from payroll.sources.settle import Difference, tell
from payroll.sources.shown import Names, source
from projects.models import Conflict

_HINTS = {
    Conflict.Standing.OPEN: "value-differs",
    Conflict.Standing.RULE: "value-outranked",
    Conflict.Standing.DECIDED: "value-decided",
}

Places = dict[Subject, dict[str, Any]]
"""The row (record) that tells of each subject."""


class SourcedLoader(RegistryLoader):
    """`records` have besides "sheet", "row" and "withdrawn"; `headings` the sender's own words."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.headings: dict[str, str] = {}

    def keep(self, chunk: Chunk, frame: pd.DataFrame) -> None:
        names = (*fields.PROJECT, *fields.PARTY)
        self.headings |= {name: chunk.heading(fields.COLUMNS[name]) for name in names}
        self.records += frame.assign(row=frame.index, sheet=chunk.sheet).to_dict("records")

    def said(self, record: dict[str, Any], names: tuple[str, ...]) -> dict[str, str]:
        """The fields that a row speaks of, as text."""
        texts = {name: fields.text_of(name, record[name]) for name in names}
        back = record["withdrawn"]
        return {name: text for name, text in texts.items() if text or name in back}

    def tell(self, told: Told, places: Places, created: set[int] | None = None) -> None:
        """Say what the rows say; hint, at the place of each, at what does not hold."""
        self.issues.drop(*_HINTS.values())  # those of a first try that another feed undid
        feed = self.feed
        found = tell(told, feed.source, feed.received_on, feed.pk, created or set())
        names = Names((one.field, text) for one in found for text in (one.held, one.value))
        for one in found[:STORED]:
            self._hint(one, places[one.subject], names)

    def _hint(self, one: Difference, record: dict[str, Any], names: Names) -> None:
        held, of = names.both(one.field, one.held), source(one.source)
        said = names.both(one.field, one.value)
        self.issues.hint(
            _HINTS[Conflict.Standing(one.standing)],
            sheet=record["sheet"],
            row=int(record["row"]),
            column=self.headings[one.field],
            value=one.value,
            said_zh=said.zh,
            said_en=said.en,
            held_zh=held.zh,
            held_en=held.en,
            source_zh=of.zh,
            source_en=of.en,
            on=one.since.isoformat(),
        )
