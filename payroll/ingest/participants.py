"""Registry feed `participants`."""

from payroll.ingest.registry import RegistryLoader, upsert_companies, write_versions
from payroll.models import GatewayKey
from projects.models import Company, Party


class ParticipantsLoader(RegistryLoader):
    kind = "participants"

    def finish(self) -> None:
        """A parent company must be known, or be named in this file."""
        named = {record["company_code"] for record in self.records}
        parents = {record["parent_code"] for record in self.records} - named - {"", None}
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
        codes = {r["company_code"] for r in self.records} | {r["parent_code"] for r in self.records}
        ids = dict(Company.objects.filter(code__in=codes).values_list("code", "pk"))
        parties = [
            Party(
                project_id=record["project_id"],
                company_id=ids[record["company_code"]],
                role=record["role"],
                parent_id=ids.get(record["parent_code"]),
                entry_date=record["entry_date"],
                exit_date=record["exit_date"],
                feed_id=self.feed.pk,
                known_from=self.feed.received_on,
            )
            for record in self.records
        ]
        write_versions(Party, ["project", "company", "role"], parties)


LOADER = ParticipantsLoader
