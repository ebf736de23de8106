"""Corp.Upload/Query: a company, before it is named on a project; those of the key's projects."""

from typing import Any

from django.db.models import Exists, OuterRef

from payroll.gateway.envelope import Call
from payroll.gateway.methods.base import Push, Query, reach, register, text
from projects.models import Company, Party


class CorpQuery(Query):
    """The key's own company, and the parties of its projects that it may see."""

    def rows(self, call: Call) -> Any:
        parties = reach(call, Party.objects.filter(known_until__isnull=True))
        party = Exists(parties.filter(company=OuterRef("pk")))
        own = Company.objects.filter(pk=call.caller.key.company_id)
        found = Company.objects.filter(party) | own
        for name, field in (("corpcode", "code"), ("corpname", "name")):
            if given := text(call.data.get(name)):
                found = found.filter(**{field: given})
        return found.order_by("pk")

    def show(self, call: Call, page: list[Any]) -> list[dict[str, Any]]:
        return [{"corpCode": one.code, "corpName": one.name} for one in page]


register(
    Push(
        "Corp.Upload",
        "companies",
        top={"corpCode": "corpCode", "corpName": "corpName", "areaCode": "areaCode"},
        required=("corpCode", "corpName"),
        again=True,
        project=False,
    ),
    CorpQuery("Corp.Query", project=False),
)
