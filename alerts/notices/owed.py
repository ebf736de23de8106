"""The sums of a notice: which rows of the ledger of arrears its warnings are about, checked against
the warnings. The ledger says who is owed what since when; the claims show the papers behind it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, cast

from alerts.models import Warning
from alerts.notices import figures, papers
from alerts.notices.base import Line
from alerts.notices.errors import NoticeError
from payroll import claims, ledger
from payroll.claims import ZERO, Claim, CycleKey
from payroll.models import Arrear
from projects.models import Project, ProjectVersion
from wagewatch.bilingual import Text
from wagewatch.calendars import WorkingDays
from wagewatch.months import Month

STALE = Text(
    "预警 {warning}({rule})记载的金额 {said} 元与 {day} 已知资料计算的金额 {now} 元不一致,"
    "请先重新评估(evaluate --as-of {day})再制作文书。",
    "Warning {warning} ({rule}) says CNY {said}, but by what was known on {day} it is CNY {now}: "
    "evaluate first (evaluate --as-of {day}).",
)
UNKNOWN = Text(
    "{day} 尚无项目“{project}”的登记资料,请先重新评估(evaluate --as-of {day})。",
    "Project “{project}” was not known on {day}: evaluate first (evaluate --as-of {day}).",
)
_REPAY_DAYS = 5
"""Rule E4's default: working days to pay a returned wage again."""


@dataclass
class CycleOwed:
    """One project and month: every claim of the sheet, and those that are chosen as owed."""

    project: Project
    month: Month
    payday: dt.date
    all: list[Claim]
    chosen: list[Claim]
    sheet: papers.SheetPaper | None
    banks: list[papers.BankPaper]

    @property
    def returned(self) -> list[Claim]:
        return [claim for claim in self.chosen if claim.returned > 0]


@dataclass
class Owed:
    """All that a notice orders to be paid, by project and month. Empty without sums."""

    cycles: list[CycleOwed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.cycles)

    @property
    def chosen(self) -> list[Claim]:
        return [claim for cycle in self.cycles for claim in cycle.chosen]

    @property
    def amount(self) -> Decimal:
        return total(self.chosen)

    @property
    def workers(self) -> int:
        return len({claim.worker_id for claim in self.chosen})

    @property
    def project(self) -> Project:
        """The project that most of the money is about."""
        sums: dict[Project, Decimal] = {}
        for cycle in self.cycles:
            sums[cycle.project] = sums.get(cycle.project, ZERO) + total(cycle.chosen)
        return max(sums, key=lambda project: (sums[project], -project.pk))


def total(found: Iterable[Claim]) -> Decimal:
    return sum((claim.unpaid for claim in found), ZERO)


def find(warnings: Sequence[Warning], day: dt.date) -> Owed:
    """The claims of these warnings of one company, each claim once, in the order of the sheets.

    NoticeError when what a warning says is not what was known on `day`. A number of queries that
    does not grow with the rows.
    """
    if not warnings:
        return Owed()
    projects = {w.project_id: w.project for w in warnings}
    _must_be_known(projects, day)
    held = _Ledger(day, projects)
    known = claims.of(day, {key for w in warnings for key in _keys(w) if key in held.rows})
    chosen: dict[CycleKey, set[int]] = {}
    for warning in warnings:
        amount = ZERO
        for key, mine in _of(warning, known, held, day).items():
            amount += sum((held.rows[key][claim.engagement_id].unpaid for claim in mine), ZERO)
            chosen.setdefault(key, set()).update(claim.engagement_id for claim in mine)
        _must_agree(warning, amount, day)
    return Owed(list(_cycles(chosen, known, held, day)))


def _keys(warning: Warning) -> list[CycleKey]:
    """The cycles that a warning is about: its own; for a run (E7) and for a project where work has
    ended (F1) those that its evidence lists, as of others the bank data prove nothing yet."""
    months = {cast(Month, warning.month)}
    if warning.rule in ("E7", "F1"):
        months |= {Month.parse(row["month"]) for row in warning.evidence["rows"]}
    return [(warning.project_id, warning.company_id, month) for month in sorted(months)]


def _of(
    warning: Warning, known: dict[CycleKey, list[Claim]], held: "_Ledger", day: dt.date
) -> dict[CycleKey, list[Claim]]:
    """The claims in arrears that one warning is about, by cycle."""
    found = {}
    for key in _keys(warning):
        rows = held.rows.get(key)
        if not rows:
            continue
        found[key] = [claim for claim in known[key] if claim.engagement_id in rows]
        if warning.rule == "E4":
            found[key] = [claim for claim in found[key] if _repay_late(claim, warning, held, day)]
    return found


def _repay_late(claim: Claim, warning: Warning, held: "_Ledger", day: dt.date) -> bool:
    """Whether a payment of the claim came back and the days to pay it again are over (E4)."""
    returned = [payment.booked_on for payment in claim.payments if payment.is_return]
    allowed = int(warning.evidence.get("parameters", {}).get("days", _REPAY_DAYS))
    return bool(returned) and held.calendar.add(max(returned), allowed) < day


def _must_agree(warning: Warning, now: Decimal, day: dt.date) -> None:
    if now != warning.amount or now <= 0:
        raise NoticeError(
            STALE,
            warning=warning.pk,
            rule=warning.rule,
            said=figures.money(warning.amount),
            now=figures.money(now),
            day=day.isoformat(),
        )


def _must_be_known(projects: dict[int, Project], day: dt.date) -> None:
    known = set(
        ProjectVersion.objects.known_on(day)
        .filter(project__in=projects)
        .values_list("project_id", flat=True)
    )
    for pk, project in projects.items():
        if pk not in known:
            raise NoticeError(UNKNOWN, project=project.name, day=day.isoformat())


class _Ledger:
    """The ledger of arrears of some projects as known on a day: by cycle and engagement."""

    def __init__(self, day: dt.date, projects: dict[int, Project]) -> None:
        self.projects = projects
        self.calendar = WorkingDays.load()
        self.rows: dict[CycleKey, dict[int, Arrear]] = {}
        for row in ledger.on(day, projects):
            key = (row.project_id, row.employer_id, row.month)
            self.rows.setdefault(key, {})[row.engagement_id] = row

    def payday(self, key: CycleKey) -> dt.date:
        return next(iter(self.rows[key].values())).payday


def _cycles(
    chosen: dict[CycleKey, set[int]],
    known: dict[CycleKey, list[Claim]],
    held: _Ledger,
    day: dt.date,
) -> Iterator[CycleOwed]:
    company = next(iter(chosen))[1]
    sheets = papers.sheets(day, company, held.projects)
    banks = papers.banks(day, held.projects)
    for key in sorted(chosen):
        yield CycleOwed(
            project=held.projects[key[0]],
            month=key[2],
            payday=held.payday(key),
            all=known[key],
            chosen=[claim for claim in known[key] if claim.engagement_id in chosen[key]],
            sheet=sheets.get((key[0], key[2])),
            banks=banks.get(key[0], []),
        )


@dataclass
class _Person:
    """One engagement in the annex: its claims over the months."""

    claim: Claim
    project: Project
    months: list[Month] = field(default_factory=list)
    due: Decimal = ZERO
    paid: Decimal = ZERO
    owed: Decimal = ZERO


def _people(owed: Owed) -> list[_Person]:
    found: dict[int, _Person] = {}
    for cycle in owed.cycles:
        for claim in cycle.chosen:
            person = found.setdefault(claim.engagement_id, _Person(claim, cycle.project))
            person.months.append(cycle.month)
            person.due += claim.due
            person.paid += claim.paid
            person.owed += claim.unpaid
    return list(found.values())


def lines(owed: Owed) -> list[Line]:
    """The annex by engagement, in the order of the projects and the sheets."""
    return [
        Line(person.claim.engagement_id, figures.months(person.months), *_sums(person))
        for person in _people(owed)
    ]


def _sums(person: _Person) -> tuple[Decimal, Decimal, Decimal]:
    return person.due, person.paid, person.owed


def annex(owed: Owed, employer: str) -> dict[str, Any]:
    """The table of workers and sums as printed; ID numbers masked. Empty without sums."""
    if not owed:
        return {}
    people = _people(owed)
    sums = [figures.money(sum(column, ZERO)) for column in zip(*map(_sums, people), strict=True)]
    return {
        "rows": [
            {
                "name": person.claim.name,
                "id": person.claim.masked_id,
                "project": person.project.name,
                "employer": employer,
                "months": figures.months(person.months),
                "sums": [figures.money(amount) for amount in _sums(person)],
            }
            for person in people
        ],
        "sums": sums,
        "capital": figures.capital(owed.amount),
        "by_project": len({cycle.project.pk for cycle in owed.cycles}) > 1,
    }
