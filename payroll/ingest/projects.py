"""Registry feed `projects`: a version for each project and day; Project has the newest values."""

from typing import Any

from payroll.ingest.registry import RegistryLoader, upsert_companies, write_versions
from payroll.sql import insert
from projects.models import Project, ProjectVersion
from wagewatch import bulk

_FACTS = [
    field.name
    for field in ProjectVersion._meta.concrete_fields
    if field.name not in ("id", "known_from", "known_until", "project", "feed_id")
]
_PLAIN = [name for name in _FACTS if name not in ("region", "owner", "contractor")]


class ProjectsLoader(RegistryLoader):
    kind = "projects"
    matches = True

    def lock(self) -> set[int]:
        codes = {record["code"] for record in self.records}
        return set(Project.objects.filter(code__in=codes).values_list("pk", flat=True))

    def finish(self) -> None:
        """A project in another's territory must not be taken over by a registry out of reach."""
        codes = {record["code"] for record in self.records}
        known = self.lookups.projects(codes)
        taken = set(Project.objects.filter(code__in=codes).values_list("code", flat=True))
        for code in sorted(taken):
            if known[code] is None:
                self.issues.error("project-unknown", column="projectCode", value=code)

    def commit(self) -> None:
        named = {r["owner_code"]: r["owner_name"] for r in self.records}
        named |= {r["contractor_code"]: r["contractor_name"] for r in self.records}
        companies = upsert_companies(named)
        facts = {record["code"]: _facts(record, companies) for record in self.records}
        known = set(Project.objects.filter(code__in=facts).values_list("code", flat=True))
        insert([Project(code=code, **facts[code]) for code in facts if code not in known])
        ids = dict(Project.objects.filter(code__in=facts).values_list("code", "pk"))
        versions = [
            ProjectVersion(
                project_id=ids[code],
                known_from=self.feed.received_on,
                feed_id=self.feed.pk,
                **values,
            )
            for code, values in facts.items()
        ]
        write_versions(ProjectVersion, ["project"], versions)
        newest = ProjectVersion.objects.filter(
            known_until__isnull=True, project__in=list(ids.values())
        )
        bulk.insert_from(
            Project,
            ["id", "code", *_FACTS],
            newest.order_by("project").values_list("project_id", "project__code", *_FACTS),
            conflict=["id"],
            update=_FACTS,
        )
        self.touched = set(ids.values())


def _facts(record: dict[str, Any], companies: dict[str, int]) -> dict[str, Any]:
    facts = {name: record[name] for name in _PLAIN}
    return facts | {
        "region_id": record["region_id"],
        "owner_id": companies.get(record["owner_code"]),
        "contractor_id": companies[record["contractor_code"]],
    }


LOADER = ProjectsLoader
