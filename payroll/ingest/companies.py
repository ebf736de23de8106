"""Kind `companies`: companies that are to be named on a project."""

from payroll.checks import interface
from payroll.ingest.registry import RegistryLoader, upsert_companies
from projects.models import Company


class CompaniesLoader(RegistryLoader):
    """A key may rename its own company only: names come from the registry."""

    kind = "companies"
    checks = interface

    def finish(self) -> None:
        codes = {record["code"] for record in self.records}
        known = dict(Company.objects.filter(code__in=codes).values_list("code", "name"))
        for record in self.records:
            name = known.get(record["code"], record["name"])
            if name != record["name"] and not self._own(record["code"]):
                self.issues.hint("corp-name-other", row=1, value=record["code"], known=name)

    def _own(self, code: str) -> bool:
        return self.lookups.key is None or self.lookups.key.company.code == code

    def lock(self) -> set[int]:
        return set()

    def commit(self) -> None:
        names = {record["code"]: record["name"] for record in self.records}
        own = {code: name for code, name in names.items() if self._own(code)}
        upsert_companies(own)
        upsert_companies(names, rename=False)


LOADER = CompaniesLoader
