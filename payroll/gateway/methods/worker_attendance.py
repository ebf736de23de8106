"""WorkerAttendance.Add/Query: punches, and the attendance days that they became."""

import datetime as dt
from typing import Any

from django.utils import timezone

from payroll.gateway.envelope import Call, Refused
from payroll.gateway.methods.base import Push, Query, by_id_number, reach, register, sealed, text
from payroll.models import AttendanceDay

_ZONE = timezone.get_default_timezone()


class AttendanceQuery(Query):
    """Days, of one `date` (YYYY-MM-DD) when it is given."""

    def rows(self, call: Call) -> Any:
        found = by_id_number(
            call, reach(call, AttendanceDay.objects.all()), "engagement__worker__id_hash"
        )
        if given := text(call.data.get("date")):
            try:
                found = found.filter(day=dt.date.fromisoformat(given[:10]))
            except ValueError as error:
                raise Refused(-1, "date 应为 YYYY-MM-DD。", "date must be YYYY-MM-DD.") from error
        return found.select_related(
            "engagement__worker", "engagement__project", "engagement__employer"
        ).order_by("day", "pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        return [
            {
                "projectCode": one.engagement.project.code,
                "corpCode": one.engagement.employer.code,
                "idCardType": one.engagement.worker.id_type,
                "idCardNumber": sealed(call, one.engagement.worker.id_number),
                "date": f"{one.day:%Y-%m-%d}",
                "firstIn": _local(one.first_in),
                "lastOut": _local(one.last_out),
                "workHours": "" if one.hours is None else str(one.hours),
                "times": one.punches,
            }
            for one in page
        ]


def _local(instant: dt.datetime | None) -> str:
    return f"{instant.astimezone(_ZONE):%Y-%m-%d %H:%M:%S}" if instant else ""


register(
    Push(
        "WorkerAttendance.Add",
        "attendance",
        top={},
        items="dataList",
        each={
            name: name for name in ("idCardType", "idCardNumber", "date", "direction", "channel")
        },
        secret=("idCardNumber",),
    ),
    AttendanceQuery("WorkerAttendance.Query"),
)
