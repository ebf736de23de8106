"""劳动保障监察限期改正指令书: the order to correct by a day.

Sources: labour inspection 18, 26, 30; Reg. 54-57 (an order first, a fine only after its day).
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from alerts.models import Warning
from alerts.notices import figures, wording
from alerts.notices import owed as sums
from alerts.notices.base import Document, Draft
from alerts.notices.duties import DUTIES, binds
from alerts.notices.errors import NoticeError
from projects.models import Authority
from wagewatch.bilingual import Text

NO_DUTY = Text(
    "预警 {warning}({rule})没有可以责令该单位改正的事项,不能据以制作限期改正指令书。",
    "Warning {warning} ({rule}) carries no duty that this company can be ordered to meet.",
)


class Rectification(Document):
    code: ClassVar[str] = "rectification"
    title: ClassVar[Text] = Text(
        "劳动保障监察限期改正指令书", "Labour inspection order to correct by a day"
    )

    def prepare(
        self,
        warnings: Sequence[Warning],
        *,
        authority: Authority,
        issued_on: dt.date,
        due_on: dt.date,
    ) -> Draft:
        for warning in warnings:
            if not binds(warning):
                raise NoticeError(NO_DUTY, warning=warning.pk, rule=warning.rule)
        company = warnings[0].company
        owed = sums.find([w for w in warnings if DUTIES[w.rule].sums], issued_on)
        duties = [w for w in warnings if not DUTIES[w.rule].sums]
        annex = sums.annex(owed, company.name)
        tables = wording.people_tables(duties, first=2 if annex else 1)
        facts: dict[str, Any] = {
            "authority": wording.letterhead(authority),
            "company": {"name": company.name, "code": company.code},
            "projects": _findings(warnings, duties, owed, issued_on),
            "total": wording.total(owed),
            "breached": wording.breached(warnings),
            "basis": wording.basis(warnings),
            "orders": wording.orders(duties, owed, due_on),
            "report": wording.report(owed, due_on),
            "sanctions": wording.sanctions(warnings),
            "remedies": wording.remedies(authority),
            "issued_on": wording.date(issued_on),
            "due_on": wording.date(due_on),
            "copies": wording.copies(owed, company),
            "annex": annex,
            "tables": tables,
            "enclosures": ([wording.ANNEX] if annex else []) + [t["title"] for t in tables],
            "warnings": [w.pk for w in warnings],
        }
        return Draft(
            company=company,
            project=owed.project if owed else warnings[0].project,
            issued_on=issued_on,
            due_on=due_on,
            workers=owed.workers if owed else _workers(duties),
            amount=owed.amount,
            facts=facts,
            lines=sums.lines(owed),
        )


def _findings(
    warnings: Sequence[Warning], duties: list[Warning], owed: sums.Owed, day: dt.date
) -> list[dict[str, Any]]:
    """What was found, project by project: the wages of each month, then the other breaches."""
    found: list[dict[str, Any]] = []
    for project in _distinct(w.project for w in warnings):
        items = [wording.sum_item(cycle, day) for cycle in owed.cycles if cycle.project == project]
        items += [wording.duty_item(w) for w in duties if w.project_id == project.pk]
        ordinal = f"（{figures.ordinal(len(found) + 1)}）"
        heading = wording.heading(project)
        found.append({"name": project.name, "ordinal": ordinal, "heading": heading, "items": items})
    return found


def _distinct(values: Iterable[Any]) -> list[Any]:
    return list(dict.fromkeys(values))


def _workers(duties: list[Warning]) -> int:
    """People concerned where no sums are: those of the largest warning, as the same person may
    stand in several."""
    return max((w.workers for w in duties), default=0)


document = Rectification()
