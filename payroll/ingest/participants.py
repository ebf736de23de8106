"""Registry feed `participants`: each source says which companies it knows on a project."""

from typing import Any

import pandas as pd

from payroll.feeds.base import Chunk
from payroll.ingest.registry import upsert_companies
from payroll.ingest.sourced import SourcedLoader
from payroll.models import Feed, GatewayKey
from payroll.sources import fields
from payroll.sources.history import Subject
from projects.models import Company, FieldValue, Party, Source

_LEADING = {Party.Role.OWNER.value: "owner", Party.Role.GENERAL.value: "contractor"}
_PLACE = ("project", "field", "feed_id")


class ParticipantsLoader(SourcedLoader):
    kind = "participants"
    matches = True  # the owner, whose payments are told from others, may become known

    def keep(self, chunk: Chunk, frame: pd.DataFrame) -> None:
        super().keep(chunk, frame)
        self.headings["company"] = chunk.heading("corpCode")

    def finish(self) -> None:
        """A parent company must be known, or be named in this file."""
        named = {record["company_code"] for record in self.records}
        parents = {record["parent"] for record in self.records} - named - {"", None}
        known = set(Company.objects.filter(code__in=parents).values_list("code", flat=True))
        for code in sorted(parents - known):
            self.issues.error("corp-unknown", column="parentCorpCode", value=code)
        if self.lookups.key:
            self._for_key(self.lookups.key)

    def _for_key(self, key: GatewayKey) -> None:
        """A key registers subcontractors: any on projects that its company leads, else itself."""
        codes = {record["company_code"]: 0 for record in self.records}
        codes |= dict(Company.objects.filter(code__in=codes).values_list("code", "pk"))
        for record in self.records:
            code = record["company_code"]
            if record["role"] != Party.Role.SUB:
                self.issues.error("role-not-allowed", row=1, column="corpType")
            elif not self.lookups.speaks_for(record["project_id"], codes[code]):
                self.issues.error("corp-not-on-project", row=1, column="corpCode", value=code)

    def commit(self) -> None:
        names = {r["company_code"]: r["company_name"] for r in self.records}
        upsert_companies(names, rename=not self.lookups.key)
        codes = {r["company_code"] for r in self.records} | {r["parent"] for r in self.records}
        ids = dict(Company.objects.filter(code__in=codes).values_list("code", "pk"))
        rows = {
            Subject(record["project_id"], record["role"], ids[record["company_code"]]): record
            for record in self.records
        }
        told = {subject: self.said(record, fields.PARTY) for subject, record in rows.items()}
        leading = self._leading()
        told |= {
            subject: {name: record["company_code"] for name, record in of.items()}
            for subject, of in leading.items()
        }
        self.headings |= dict.fromkeys(_LEADING.values(), self.headings["company"])
        places = {subject: next(iter(of.values())) for subject, of in leading.items()}
        self.tell(told, rows | places)

    def _leading(self) -> dict[Subject, dict[str, dict[str, Any]]]:
        """The rows that name the one owner or general contractor of a project: they are this
        source's word on that field of the project, unless its `projects` feed has had its own."""
        if self.feed.source == Source.UNKNOWN:
            return {}  # nobody's word
        named: dict[tuple[int, str], list[dict[str, Any]]] = {}
        for record in self.records:
            if record["role"] in _LEADING and not record["exit_date"]:
                name = _LEADING[record["role"]]
                named.setdefault((record["project_id"], name), []).append(record)
        spoken = FieldValue.objects.current().filter(
            project__in={project for project, _ in named},
            role="",
            field__in=_LEADING.values(),
            source=self.feed.source,
        )
        by_place = {(p, name): feed for p, name, feed in spoken.values_list(*_PLACE)}
        own = Feed.objects.filter(pk__in=set(by_place.values()) - {None}, kind="projects")
        registry = set(own.values_list("pk", flat=True)) | {None}
        found: dict[Subject, dict[str, dict[str, Any]]] = {}
        for place, records in named.items():
            if len(records) == 1 and by_place.get(place, 0) not in registry:
                project, name = place
                found.setdefault(Subject(project), {})[name] = records[0]
        return found


LOADER = ParticipantsLoader
