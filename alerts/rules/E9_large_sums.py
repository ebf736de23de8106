"""E9: one worker gets more than wages can be: the account may serve to move other money."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, Max, OuterRef, Q

from alerts.rules.base import (
    ORANGE,
    PAYMENT,
    ZERO,
    CycleKey,
    Finding,
    Param,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll.changes import CARDS, ENGAGEMENTS, ENTRIES, PAYMENTS
from payroll.models import BankEntry, PaymentMatch
from projects.models import Engagement, Worker, WorkerCard
from wagewatch import identity
from wagewatch.bilingual import Text
from wagewatch.months import Month, MonthOf

COLUMNS = (
    *WORKER_COLUMNS,
    Column("got", "本月份所得", "Got for the month", "money"),
    Column("month_all", "本项目当月合计", "For the month, whole project", "money"),
    Column("year_all", "本项目当年累计", "For the year so far", "money"),
    Column("payments", "银行流水", "Bank entries"),
)
Who = tuple[int, int]
"""Project and worker."""
MONTHS = 12


@dataclass(frozen=True)
class Part:
    """What one bank entry gave a worker for one month worked (negative: taken back)."""

    project: int
    worker: int
    employer: int
    month: Month
    booked_on: dt.date
    amount: Decimal
    reference: str
    feed: int


@dataclass
class Excess:
    """A worker's sums of one month worked that are too large, and since when."""

    worker: int
    since: dt.date
    month_all: Decimal
    year_all: Decimal
    parts: list[Part] = field(default_factory=list)


class LargeSums(Rule):
    code = "E9"
    title = Text("单人工资数额异常", "Sums too large for a wage")
    stage = PAYMENT
    why = Text(
        "一名工人所得远超正常工资,可能借工资名义套取资金、洗钱或者支付工程款。",
        "One worker gets far more than a wage: other money may be moved in the name of wages.",
    )
    law = ("Reg. 26", "Reg. 31")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "付款被退回;查明属于工资的,由检查人员注明理由后排除。",
        "The payment is returned; where it proves to be wages, an inspector dismisses it with the "
        "reason.",
    )
    needs = ("payroll", "bank")
    responsible = ("general", "employer")
    params = (
        Param("month", 50000, "CNY", 10000, 1000000, Text("单月上限", "Most in a month")),
        Param("year", 300000, "CNY", 50000, 10000000, Text("全年上限", "Most in a year")),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        # Who gets more than the year's sum gets more than a twelfth of it in some month.
        least = min(Decimal(values["month"]), Decimal(values["year"]) / MONTHS)
        rests_on = (ENTRIES, PAYMENTS, CARDS, ENGAGEMENTS)
        of_worker = scope.while_known(rests_on, as_of, self._of_workers, least)
        cycles: dict[CycleKey, list[Excess]] = {}
        for (project, _), parts in of_worker.items():
            for excess in _excesses(parts, values):
                for employer in {part.employer for part in excess.parts}:
                    month = excess.parts[0].month
                    cycles.setdefault((project, employer, month), []).append(excess)
        return [_finding(key, found) for key, found in cycles.items()]

    def _of_workers(self, as_of: dt.date, scope: Scope, least: Decimal) -> dict[Who, list[Part]]:
        """What those who may have got so much got."""
        cards = self._cards(as_of, scope, least)
        workers = self._workers(as_of, scope, least)
        of_worker: dict[Who, list[Part]] = {}
        for part in self._parts(as_of, cards, workers) if cards or workers else ():
            of_worker.setdefault((part.project, part.worker), []).append(part)
        return of_worker

    def _cards(self, as_of: dt.date, scope: Scope, least: Decimal) -> list[tuple[int, Any]]:
        """(project, card) of those that may have got so much within a calendar month: a sum is at
        most the highest amount times their number, which costs the database less to find."""
        return list(
            BankEntry.objects.filter(
                scope.q("account__project"),
                known_from__lte=as_of,
                is_credit=False,
                is_return=False,
                counterparty_hash__isnull=False,
            )
            .order_by()
            .annotate(booked_in=MonthOf("booked_on"))
            .values("account__project", "counterparty_hash", "booked_in")
            .annotate(most=Max("amount") * Count("pk"))
            .filter(most__gte=least)
            .values_list("account__project", "counterparty_hash")
        )

    def _workers(self, as_of: dt.date, scope: Scope, least: Decimal) -> list[Who]:
        """(project, worker) of those whose matched wages of a month may come to so much."""
        return list(
            PaymentMatch.objects.filter(scope.q("engagement__project"), known_from__lte=as_of)
            .order_by()
            .values("engagement__project", "engagement__worker", "month")
            .annotate(most=Max("amount") * Count("pk"))
            .filter(most__gte=least)
            .values_list("engagement__project", "engagement__worker")
        )

    def _parts(
        self, as_of: dt.date, cards: list[tuple[int, Any]], workers: list[Who]
    ) -> Iterable[Part]:
        """What the entries to these cards and of these workers gave to whom, for which month."""
        hashes = {card for _, card in cards}
        suspects = {worker for _, worker in workers}
        projects = {project for project, _ in (*cards, *workers)}
        paid = PaymentMatch.objects.filter(
            entry=OuterRef("pk"), engagement__worker__in=suspects, known_from__lte=as_of
        )
        entries = list(
            BankEntry.objects.filter(
                Q(counterparty_hash__in=hashes) | Exists(paid),
                account__project__in=projects,
                known_from__lte=as_of,
            )
            .filter(Q(is_credit=False) | Q(is_return=True))
            .values(
                *("pk", "account__project", "booked_on", "amount", "is_return", "reference"),
                *("counterparty_hash", "feed_id", "returns"),
            )
        )
        matched = self._matched(as_of, entries)
        holders = self._holders(as_of, entries)
        for entry in entries:
            yield from _given(entry, matched, holders)

    def _matched(
        self, as_of: dt.date, entries: list[dict[str, Any]]
    ) -> dict[int, list[tuple[int, int, Month, Decimal]]]:
        """By entry: (worker, employer, month, amount) of its matches known."""
        found: dict[int, list[tuple[int, int, Month, Decimal]]] = {}
        for entry, *match in (
            PaymentMatch.objects.filter(
                entry__in=[entry["pk"] for entry in entries], known_from__lte=as_of
            )
            .order_by("month", "pk")
            .values_list("entry", "engagement__worker", "engagement__employer", "month", "amount")
        ):
            found.setdefault(entry, []).append(tuple(match))  # type: ignore[arg-type]
        return found

    def _holders(
        self, as_of: dt.date, entries: list[dict[str, Any]]
    ) -> dict[tuple[int, Any], tuple[int, int]]:
        """By project and card: (worker, employer) of the one worker there whose card it is."""
        cards = {entry["counterparty_hash"] for entry in entries} - {None}
        owners: dict[int, list[Any]] = {}
        for worker, card in WorkerCard.objects.filter(
            number_hash__in=cards, known_from__lte=as_of
        ).values_list("worker", "number_hash"):
            owners.setdefault(worker, []).append(card)
        found: dict[tuple[int, Any], dict[int, int]] = {}
        for project, worker, employer in (
            Engagement.objects.filter(
                worker__in=owners,
                project__in={entry["account__project"] for entry in entries},
                known_from__lte=as_of,
            )
            .order_by("known_from", "pk")
            .values_list("project", "worker", "employer")
        ):
            for card in owners[worker]:
                found.setdefault((project, card), {})[worker] = employer
        return {
            key: next(iter(people.items())) for key, people in found.items() if len(people) == 1
        }

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        who = {
            pk: (name, number)
            for pk, name, number in Worker.objects.filter(
                pk__in={one.worker for finding in findings for one in finding.data["found"]}
            ).values_list("pk", "name", "id_number")
        }
        return [self._one(finding, who) for finding in findings]

    def _one(self, finding: Finding, who: dict[int, tuple[str, str]]) -> Evidence:
        found, made = finding.data["found"], Evidence()
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("涉及工人", "Workers concerned", finding.workers, "count")
        rows = []
        for one in found:
            mine = [part for part in one.parts if part.employer == finding.company_id]
            name, number = who[one.worker]
            rows.append(
                {
                    "worker": name,
                    "id": identity.mask_id(number),
                    "got": sum((part.amount for part in mine), ZERO),
                    "month_all": one.month_all,
                    "year_all": one.year_all,
                    "payments": "; ".join(
                        f"{part.booked_on} {part.reference} {part.amount:.2f}" for part in mine
                    ),
                }
            )
            made.feeds |= {part.feed for part in mine}
        paid = [p for one in found for p in one.parts if p.employer == finding.company_id]
        out = sum((part.amount for part in paid if part.amount > 0), ZERO)
        made.step("", "所列工人银行已发", "Paid to the workers listed", out, "money")
        made.step("-", "退汇", "Returned", out - finding.amount, "money")
        made.step("=", "所列工人实得合计", "Got by the workers listed", finding.amount, "money")
        made.table(COLUMNS, rows)
        return made


def _finding(key: CycleKey, found: list[Excess]) -> Finding:
    return Finding(
        *key,
        ORANGE,
        min(one.since for one in found),
        workers=len(found),
        amount=sum(
            (part.amount for one in found for part in one.parts if part.employer == key[1]), ZERO
        ),
        data={"found": sorted(found, key=lambda one: one.worker)},
    )


def _given(
    entry: dict[str, Any],
    matched: dict[int, list[tuple[int, int, Month, Decimal]]],
    holders: dict[tuple[int, Any], tuple[int, int]],
) -> Iterable[Part]:
    """Whom an entry gave what: by its matches; what they leave over goes with the first of them,
    or, without one, to the holder of the card for the month in which it was booked. A return
    takes back what its payment gave."""
    matches = matched.get(entry["pk"], [])
    sign = -1 if entry["is_return"] else 1
    rest = sign * entry["amount"] - sum((amount for *_, amount in matches), ZERO)
    base = matches or matched.get(entry["returns"], [])
    if not base:
        holder = holders.get((entry["account__project"], entry["counterparty_hash"]))
        if holder is None:
            return
        base = [(*holder, Month.of(entry["booked_on"]), ZERO)]
    parts = list(matches)
    if rest:
        worker, employer, month, _ = base[0]
        parts.append((worker, employer, month, rest))
    for worker, employer, month, amount in parts:
        yield Part(
            entry["account__project"],
            worker,
            employer,
            month,
            entry["booked_on"],
            amount,
            entry["reference"],
            entry["feed_id"],
        )


def _excesses(parts: list[Part], values: Values) -> Iterable[Excess]:
    """The months of one worker that are over the month's sum, and the month of each year in
    which the year's is passed."""
    months: dict[Month, list[Part]] = {}
    for part in sorted(parts, key=lambda part: (part.month, part.booked_on, part.reference)):
        months.setdefault(part.month, []).append(part)
    year, so_far = 0, ZERO
    for month, held in months.items():
        if month.year != year:
            year, so_far = month.year, ZERO
        before, total = so_far, sum((part.amount for part in held), ZERO)
        so_far += total
        passed = before <= values["year"] < so_far
        if total > values["month"] or passed:
            most = Decimal(values["month"])
            if passed:
                most = min(most, values["year"] - before)
            yield Excess(held[0].worker, _crossed(held, most), total, so_far, held)


def _crossed(parts: list[Part], most: Decimal) -> dt.date:
    """The day on which the sum of the parts went over `most` for good."""
    total, since = ZERO, None
    for part in parts:
        total += part.amount
        if total <= most:
            since = None
        elif since is None:
            since = part.booked_on
    return since or parts[-1].booked_on
