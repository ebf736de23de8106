"""WorkerContract.Add/Query: when a contract was made, and the price of the work."""

from typing import Any

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


class ContractQuery(Query):
    def rows(self, call: Call) -> Any:
        found = reach(call, Engagement.objects.filter(contract_date__isnull=False))
        found = by_id_number(call, found, "worker__id_hash")
        if code := text(call.data.get("corpcode")):
            found = found.filter(employer__code=code)
        return found.select_related("worker", "employer", "project").order_by("pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "projectCode": one.project.code,
                "corpCode": one.employer.code,
                "corpName": one.employer.name,
                "idCardType": one.worker.id_type,
                "idCardNumber": sealed(call, one.worker.id_number),
                "startDate": day(one.contract_date),
                "unitPrice": "" if one.unit_price is None else str(one.unit_price),
            }
            for one in page
        ]


register(
    Push(
        "WorkerContract.Add",
        "contracts",
        top={},
        items="contractList",
        each={
            name: name
            for name in (
                *("corpCode", "idCardType", "idCardNumber", "startDate", "endDate"),
                "unitPrice",
            )
        },
        secret=("idCardNumber",),
    ),
    ContractQuery("WorkerContract.Query"),
)
