"""Registry feed `participants`: each source says which companies it knows on a project."""

from payroll.ingest.registry import upsert_companies
from payroll.ingest.sourced import SourcedLoader
from payroll.models import GatewayKey
from payroll.sources.history import Subject
from projects.models import Company, Party


class ParticipantsLoader(SourcedLoader):
    kind = "participants"

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
        self.tell(
            {
                Subject(record["project_id"], record["role"], ids[record["company_code"]]): record
                for record in self.records
            }
        )


LOADER = ParticipantsLoader
