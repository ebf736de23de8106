"""ProjectSubContractor.Add/Update/Query: the companies on a project."""

from typing import Any

from payroll.gateway.envelope import Call
from payroll.gateway.methods.base import Push, Query, day, reach, register, text
from projects.models import Party

_FIELDS = ("corpCode", "corpName", "corpType", "entryTime", "exitTime")
_ROLES = {"owner": "008", "general": "009", "sub": "006"}  # dictionary of corpType


class SubContractorQuery(Query):
    def rows(self, call: Call) -> Any:
        known = Party.objects.filter(known_until__isnull=True)
        found = reach(call, known.select_related("project", "company"))
        if code := text(call.data.get("corpcode")):
            found = found.filter(company__code=code)
        return found.order_by("pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "projectCode": one.project.code,
                "corpCode": one.company.code,
                "corpName": one.company.name,
                "corpType": _ROLES[one.role],
                "entryTime": day(one.entry_date),
                "exitTime": day(one.exit_date),
            }
            for one in page
        ]


_PUSH: dict[str, Any] = {
    "top": {name: name for name in _FIELDS},
    "required": ("corpCode", "corpName", "corpType"),
}

register(
    Push("ProjectSubContractor.Add", "participants", **_PUSH),
    Push("ProjectSubContractor.Update", "participants", again=True, **_PUSH),
    SubContractorQuery("ProjectSubContractor.Query"),
)
