"""ProjectWorker.Add/Update/Query: who is employed by whom on a project."""

from collections.abc import Mapping
from typing import Any

from payroll.gateway.envelope import Call, Refused
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
from projects.models import Engagement, Team, WorkerCard


class WorkerPush(Push):
    """The team stands as its name in the registry: teamSysNo is looked up while the call waits."""

    def check(self, call: Call) -> None:
        super().check(call)
        call.known |= named_team(call)


def named_team(call: Call) -> Mapping[str, str]:
    """The name of the team that teamSysNo names. Raises Refused (-1) for a stranger's."""
    number = text(call.data.get("teamsysno"))
    if number in ("", "0"):
        return {}
    found = Team.objects.filter(
        project=call.project_id, company__code=text(call.data.get("corpcode"))
    )
    name = (
        found.filter(pk=int(number)).values_list("name", flat=True).first()
        if (number.isdecimal() and len(number) < 19)
        else None
    )
    if name is None:
        raise Refused(
            -1,
            f"本项目该企业没有 teamSysNo {number} 的班组。",
            f"This company has no team {number} (teamSysNo) on this project.",
        )
    return {"teamName": name}


class WorkerQuery(Query):
    def rows(self, call: Call) -> Any:
        found = reach(call, Engagement.objects.filter(registered=True))
        found = by_id_number(call, found, "worker__id_hash")
        for name, path in (("corpcode", "employer__code"), ("teamname", "team")):
            if given := text(call.data.get(name)):
                found = found.filter(**{path: given})
        return found.select_related("worker", "employer", "project").order_by("pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        cards: dict[int, WorkerCard] = {}
        for card in WorkerCard.objects.filter(
            worker__in=[one.worker_id for one in page], registered=True
        ).order_by("known_from", "pk"):
            cards[card.worker_id] = card
        return [self._row(call, one, cards.get(one.worker_id)) for one in page]

    def _row(self, call: Call, one: Engagement, card: WorkerCard | None) -> dict[str, Any]:
        return {
            "projectCode": one.project.code,
            "corpCode": one.employer.code,
            "corpName": one.employer.name,
            "teamName": one.team,
            "workerName": one.worker.name,
            "idCardType": one.worker.id_type,
            "idCardNumber": sealed(call, one.worker.id_number),
            "workType": one.work_type,
            "payRollBankCardNumber": sealed(call, card.number if card else ""),
            "payRollBankName": card.bank_name if card else "",
            "entryTime": day(one.entry_date),
            "exitTime": day(one.exit_date),
        }


_PUSH: dict[str, Any] = {
    "top": {"corpCode": "corpCode", "teamName": "teamName"},
    "items": "workerList",
    "each": {
        name: name
        for name in (
            *("workerName", "idCardType", "idCardNumber", "workType", "cellPhone"),
            *("payRollBankCardNumber", "payRollBankName"),
        )
    },
    "secret": ("idCardNumber", "payRollBankCardNumber"),
    "required": ("corpCode",),
}

register(
    WorkerPush("ProjectWorker.Add", "workers", **_PUSH),
    WorkerPush("ProjectWorker.Update", "workers", again=True, **_PUSH),
    WorkerQuery("ProjectWorker.Query"),
)
