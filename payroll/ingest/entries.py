"""Kind `entries`: registered workers come to the site for good, leave it, come back.

An engagement has one span: coming back opens it again from its first day.
"""

from payroll.ingest.engaged import EngagedLoader
from projects.models import Engagement


class EntriesLoader(EngagedLoader):
    kind = "entries"
    facts = ("entry_date", "exit_date")

    def finish(self) -> None:
        """An exit before the entry is an error, in the order of the days."""
        if self.issues.errors:
            return
        held = self.engagements()
        for record in self._in_order():
            one = held.get(record["engagement"])
            if one is not None and not _apply(one, record):
                self.issues.error("dates-reversed", row=record["row"], column="date")

    def commit(self) -> None:
        held = self.engagements()
        for record in self._in_order():
            if one := held.get(record["engagement"]):
                _apply(one, record)
        self.write(held)

    def _in_order(self) -> list[dict]:
        return sorted(self.records, key=lambda r: (r["date"], not r["is_in"], r["row"]))


def _apply(one: Engagement, record: dict) -> bool:
    """Whether the row fits what is known."""
    day = record["date"]
    if record["is_in"]:
        if one.entry_date is None or day < one.entry_date:
            one.entry_date = day
        if one.exit_date and day >= one.exit_date:
            one.exit_date = None
        return True
    if one.entry_date and day < one.entry_date:
        return False
    one.exit_date = day
    return True


LOADER = EntriesLoader
