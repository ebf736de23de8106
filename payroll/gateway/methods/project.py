"""Project.Query: the projects that the key may push for."""

from typing import Any

from payroll.gateway.envelope import Call
from payroll.gateway.methods.base import Query, day, reach, register, text
from projects.models import Project


class ProjectQuery(Query):
    def rows(self, call: Call) -> Any:
        found = reach(call, Project.objects.select_related("contractor", "owner"))
        for name, path in (
            ("projectCode", "code"),
            ("contractorCorpCode", "contractor__code"),
            ("contractorCorpName", "contractor__name"),
        ):
            if given := text(call.data.get(name.lower())):
                found = found.filter(**{path: given})
        return found.order_by("pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "projectCode": one.code,
                "name": one.name,
                "areaCode": one.region_id,
                "contractorCorpCode": one.contractor.code,
                "contractorCorpName": one.contractor.name,
                "buildCorpCode": one.owner.code if one.owner else "",
                "buildCorpName": one.owner.name if one.owner else "",
                "startDate": day(one.start_date),
                "completeDate": day(one.complete_date),
                "prjStatus": one.status,
            }
            for one in page
        ]


register(ProjectQuery("Project.Query", project=False))
