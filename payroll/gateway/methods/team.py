"""Team.Add/Update/Query: teams of an employer; teamSysNo is ours and is given back."""

from typing import Any

from payroll.gateway.envelope import Call
from payroll.gateway.methods.base import Push, Query, reach, register, text
from projects.models import Team

_TOP = {
    "corpCode": "corpCode",
    "teamName": "teamName",
    "teamSysNo": "teamSysNo",
    "responsiblePersonName": "responsiblePersonName",
}


class TeamQuery(Query):
    def rows(self, call: Call) -> Any:
        found = reach(call, Team.objects.select_related("project", "company"))
        if number := text(call.data.get("teamsysno")):
            found = found.filter(pk=int(number)) if number.isdecimal() else found.none()
        for name, path in (("corpcode", "company__code"), ("teamname", "name")):
            if given := text(call.data.get(name)):
                found = found.filter(**{path: given})
        return found.order_by("pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "teamSysNo": one.pk,
                "projectCode": one.project.code,
                "corpCode": one.company.code,
                "corpName": one.company.name,
                "teamName": one.name,
                "responsiblePersonName": one.leader,
            }
            for one in page
        ]


register(
    Push("Team.Add", "teams", top=_TOP, required=("corpCode", "teamName")),
    Push(
        "Team.Update", "teams", top=_TOP, required=("corpCode", "teamName", "teamSysNo"), again=True
    ),
    TeamQuery("Team.Query"),
)
