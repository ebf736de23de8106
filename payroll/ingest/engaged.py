"""What kinds about registered workers share: their engagements are found, facts are written."""

from typing import Any, ClassVar

from payroll.checks import interface
from payroll.feeds.base import Chunk
from payroll.ingest import staging
from payroll.ingest.base import Loader
from payroll.ingest.roster import Roster, report_strangers
from projects.models import Engagement
from wagewatch import bulk


class EngagedLoader(Loader):
    """Rows of `checks.interface.<kind>`, each with the engagement that it is about."""

    facts: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.roster = Roster()
        self.projects: set[int] = set()
        self.records: list[dict[str, Any]] = []

    def take(self, chunk: Chunk) -> None:
        self.rows += len(chunk.frame)
        check = getattr(interface, self.kind)
        checked = check(chunk, self.issues, self.lookups, self.feed.received_on)
        hashes = staging.hex_hashes(checked["id"])
        found = self.roster.find(
            checked["project_id"].to_numpy(), checked["employer_id"].to_numpy(), hashes
        )
        report_strangers(chunk, self.issues, checked, hashes, found)
        if self.issues.errors:
            return
        self.projects |= set(checked["project_id"].tolist())
        names = [name for name in checked if name not in ("project_id", "employer_id", "id")]
        columns = [checked[name].tolist() for name in names]
        rows = zip(found.engagement.tolist(), chunk.frame.index.tolist(), *columns, strict=True)
        self.records += [dict(zip(("engagement", "row", *names), row, strict=True)) for row in rows]

    def lock(self) -> set[int]:
        return self.projects

    def engagements(self) -> dict[int, Engagement]:
        """Those of the records, as they are now, that no later feed has told of."""
        held = Engagement.objects.in_bulk({record["engagement"] for record in self.records})
        day = self.feed.received_on
        return {pk: one for pk, one in held.items() if not one.facts_from or one.facts_from <= day}

    def write(self, changed: dict[int, Engagement]) -> None:
        for one in changed.values():
            one.facts_from = self.feed.received_on
        bulk.update_each(list(changed.values()), [*self.facts, "facts_from"])
