"""WorkerEntryExit.Add/Query: when workers came to the site for good, and left it."""

from typing import Any

from django.db.models import Q

from payroll.gateway.envelope import Call
from payroll.gateway.methods.base import (
    Push,
    Query,
    by_id_number,
    day,
    reach,
    register,
    sealed,
    text,
)
from projects.models import Engagement


class EntryExitQuery(Query):
    """One row per worker; `type` is 1 while on site, 0 after the exit."""

    def rows(self, call: Call) -> Any:
        known = Q(entry_date__isnull=False) | Q(exit_date__isnull=False)
        found = by_id_number(call, reach(call, Engagement.objects.filter(known)), "worker__id_hash")
        if code := text(call.data.get("corpcode")):
            found = found.filter(employer__code=code)
        return found.select_related("worker", "employer", "project").order_by("pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "projectCode": one.project.code,
                "corpCode": one.employer.code,
                "corpName": one.employer.name,
                "teamName": one.team,
                "idCardType": one.worker.id_type,
                "idCardNumber": sealed(call, one.worker.id_number),
                "entryTime": day(one.entry_date),
                "exitTime": day(one.exit_date),
                "type": 0 if one.exit_date else 1,
            }
            for one in page
        ]


register(
    Push(
        "WorkerEntryExit.Add",
        "entries",
        top={"corpCode": "corpCode"},
        items="workerList",
        each={name: name for name in ("idCardType", "idCardNumber", "date", "type")},
        secret=("idCardNumber",),
        required=("corpCode",),
    ),
    EntryExitQuery("WorkerEntryExit.Query"),
)
