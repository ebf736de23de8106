"""Registry feed `projects`: each source says what it knows; what holds becomes a version."""

from payroll.ingest.registry import upsert_companies
from payroll.ingest.sourced import SourcedLoader
from payroll.sources import fields
from payroll.sources.history import Subject
from payroll.sql import insert
from projects.models import Project


class ProjectsLoader(SourcedLoader):
    kind = "projects"
    matches = True

    def _codes(self) -> set[str]:
        return {record["code"] for record in self.records}

    def lock(self) -> set[int]:
        return set(Project.objects.filter(code__in=self._codes()).values_list("pk", flat=True))

    def finish(self) -> None:
        """A project in another's territory must not be taken over by a registry out of reach; a
        new one needs what every project has."""
        codes = self._codes()
        known = self.lookups.projects(codes)
        taken = set(Project.objects.filter(code__in=codes).values_list("code", flat=True))
        for code in sorted(taken):
            if known[code] is None:
                self.issues.error("project-unknown", column="projectCode", value=code)
        for record in self.records:
            if record["code"] in taken:
                continue
            for name in fields.REQUIRED:
                if not record[name]:
                    self.issues.error(
                        "project-new",
                        sheet=record["sheet"],
                        row=int(record["row"]),
                        column=self.headings[name],
                        value=record["code"],
                    )

    def commit(self) -> None:
        named = {r["owner"]: r["owner_name"] for r in self.records}
        named |= {r["contractor"]: r["contractor_name"] for r in self.records}
        companies = upsert_companies(named)
        known = set(Project.objects.filter(code__in=self._codes()).values_list("code", flat=True))
        new = [record for record in self.records if record["code"] not in known]
        insert(
            [
                Project(
                    code=record["code"],
                    **fields.facts_of(self.said(record, fields.PROJECT), companies),
                )
                for record in new
            ]
        )
        ids = dict(Project.objects.filter(code__in=self._codes()).values_list("code", "pk"))
        rows = {Subject(ids[record["code"]]): record for record in self.records}
        told = {subject: self.said(record, fields.PROJECT) for subject, record in rows.items()}
        self.tell(told, rows, {ids[record["code"]] for record in new})
        self.touched = set(ids.values())


LOADER = ProjectsLoader
