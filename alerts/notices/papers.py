"""The papers that prove what a notice says: pay sheets received and account movements known."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from payroll.models import BankStatement, Sheet
from wagewatch.months import Month


@dataclass(frozen=True)
class SheetPaper:
    """A pay sheet: which file, which version, received when."""

    version: int
    filename: str
    received_on: dt.date


@dataclass(frozen=True)
class BankPaper:
    """A dedicated account's movements: which account, known up to which day."""

    bank: str
    account: str
    until: dt.date


def sheets(
    day: dt.date, company: int, projects: Iterable[int]
) -> dict[tuple[int, Month], SheetPaper]:
    """The company's sheets known on `day`, by project and month. One query."""
    rows = Sheet.objects.known_on(day).filter(employer=company, project__in=projects)
    return {
        (row.project_id, row.month): SheetPaper(row.version, row.feed.filename, row.known_from)
        for row in rows.select_related("feed")
    }


def banks(day: dt.date, projects: Iterable[int]) -> dict[int, list[BankPaper]]:
    """What was known on `day` of the projects' dedicated accounts, by project. One query."""
    rows = (
        BankStatement.objects.filter(known_from__lte=day, account__project__in=projects)
        .order_by("account__number", "-to_date")
        .values_list("account__project", "account__number", "account__bank_name", "to_date")
    )
    found: dict[int, dict[str, BankPaper]] = {}
    for project, number, bank, until in rows:
        found.setdefault(project, {}).setdefault(number, BankPaper(bank, number, until))
    return {project: list(papers.values()) for project, papers in found.items()}
