"""Payroll.Add/Query: pay sheets, of a whole employer or of one team of it."""

from typing import Any

from payroll.gateway.envelope import Call, Refused
from payroll.gateway.methods.base import Push, Query, by_id_number, reach, register, sealed, text
from payroll.gateway.methods.project_worker import named_team
from payroll.models import SheetLine
from projects.models import WorkerCard
from wagewatch.months import Month


class PayrollPush(Push):
    """With a teamSysNo the sheet is that team's part of the month: the others' lines stay."""

    def check(self, call: Call) -> None:
        super().check(call)
        if team := named_team(call):
            call.known["partOf"] = team["teamName"]


class PayrollQuery(Query):
    """Lines of the current sheets, of one payMonth when it is given."""

    def rows(self, call: Call) -> Any:
        current = SheetLine.objects.filter(sheet__known_until__isnull=True)
        found = by_id_number(call, reach(call, current), "engagement__worker__id_hash")
        if given := text(call.data.get("paymonth")):
            try:
                found = found.filter(sheet__month=Month.parse(given[:7]))
            except ValueError as error:
                raise Refused(-1, "payMonth 应为 YYYY-MM。", "payMonth must be YYYY-MM.") from error
        if code := text(call.data.get("corpcode")):
            found = found.filter(sheet__employer__code=code)
        return found.select_related(
            "sheet__project", "sheet__employer", "engagement__worker"
        ).order_by("pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        hashes = [one.card_hash for one in page if one.card_hash]
        workers = [one.engagement.worker_id for one in page]
        cards = {
            (card.worker_id, card.number_hash): card.number
            for card in WorkerCard.objects.filter(number_hash__in=hashes, worker__in=workers)
        }
        return [
            self._row(call, one, cards.get((one.engagement.worker_id, one.card_hash), ""))
            for one in page
        ]

    def _row(self, call: Call, one: SheetLine, card: str) -> dict[str, Any]:
        return {
            "projectCode": one.sheet.project.code,
            "corpCode": one.sheet.employer.code,
            "corpName": one.sheet.employer.name,
            "teamName": one.engagement.team,
            "payMonth": str(one.sheet.month),
            "workerName": one.engagement.worker.name,
            "idCardType": one.engagement.worker.id_type,
            "idCardNumber": sealed(call, one.engagement.worker.id_number),
            "days": "" if one.days is None else str(one.days),
            "workHours": "" if one.hours is None else str(one.hours),
            "payRollBankCardNumber": sealed(call, card),
            "totalPayAmount": str(one.gross),
            "actualAmount": str(one.net),
            "isBackPay": int(one.is_back_pay),
            "backPayMonth": str(one.worked_month) if one.is_back_pay else "",
            "thirdPayRollCode": one.third_code,
        }


register(
    PayrollPush(
        "Payroll.Add",
        "payroll",
        top={"corpCode": "corpCode", "payMonth": "payMonth"},
        items="detailList",
        each={
            name: name
            for name in (
                *("workerName", "idCardType", "idCardNumber", "days", "workHours"),
                *("totalPayAmount", "actualAmount", "payRollBankCardNumber", "payRollBankName"),
                *("isBackPay", "backPayMonth", "thirdPayRollCode", "balanceDate"),
            )
        },
        secret=("idCardNumber", "payRollBankCardNumber"),
        required=("corpCode", "payMonth"),
    ),
    PayrollQuery("Payroll.Query"),
)
