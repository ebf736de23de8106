"""E5: one card receives the wages of three workers, or a card on record as another person's."""

import datetime as dt
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from operator import itemgetter
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from alerts.rules.base import (
    ORANGE,
    PAYMENT,
    ZERO,
    CycleKey,
    Finding,
    Months,
    Param,
    Rule,
    Scope,
    Values,
    in_months,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll.changes import CARDS, SHEETS
from payroll.models import Sheet, SheetLine
from projects.models import WorkerCard
from wagewatch import bulk, identity
from wagewatch.bilingual import Text
from wagewatch.known import known_on

COLUMNS = (
    *WORKER_COLUMNS,
    Column("row", "表中行号", "Row", "count"),
    Column("file", "文件", "File"),
    Column("card", "工资卡号", "Card"),
    Column("net", "实发", "Net", "money"),
    Column("sharers", "当月共用该卡人数", "Workers on this card", "count"),
    Column("holder", "登记持卡人", "Card registered for"),
)
_FIELDS = (
    *("pk", "sheet__project", "sheet__employer", "sheet__month", "sheet", "sheet__feed"),
    *("sheet__known_from", "engagement__worker", "card_hash", "worked_month", "net"),
)
_MONTH = _FIELDS.index("worked_month")


class SharedCard(Rule):
    code = "E5"
    title = Text("工资卡共用或登记为他人", "Shared card or another person's card")
    stage = PAYMENT
    why = Text(
        "工资应付到本人账户;多人共用一卡或使用他人的卡,往往是扣押银行卡或冒领。",
        "Wages go to the worker's own account; a shared or foreign card often means that cards "
        "are withheld or wages taken by another.",
    )
    law = ("Reg. 31", "Reg. 54(3)")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "更正工资支付表,使用工人本人的银行卡。", "A corrected sheet names the workers' own cards."
    )
    needs = ("payroll", "workers")
    responsible = ("general", "employer")
    params = (Param("workers", 3, "people", 2, 20, Text("共用人数", "Workers on one card")),)

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        rows = scope.of_months(
            [SHEETS, CARDS], as_of, self._odd, itemgetter(_MONTH), values["workers"]
        )
        return self._findings(rows)

    def _odd(
        self, as_of: dt.date, scope: Scope, months: Months, least: int
    ) -> Iterable[tuple[Any, ...]]:
        """The lines in question (_FIELDS), with the number of workers who share the card."""
        lines = SheetLine.objects.filter(known_on(as_of, "sheet__"), card_hash__isnull=False)
        sheets = Sheet.objects.filter(scope.q(), known_on(as_of)).order_by().values("pk")
        some = in_months("worked_month", months)
        mine = SheetLine.objects.filter(some, sheet__in=sheets, card_hash__isnull=False)
        shared = self._shared(mine, scope, some, least)
        found: dict[int, tuple[Any, ...]] = {}
        sharers: dict[tuple[Any, Any], int] = {}
        if shared:
            everybody = lines.filter(some, card_hash__in={card for card, _ in shared})
            people: dict[tuple[Any, Any], set[int]] = {}
            for card, month, worker in everybody.values_list(
                "card_hash", "worked_month", "engagement__worker"
            ):
                people.setdefault((card, month), set()).add(worker)
            sharers = {key: len(workers) for key, workers in people.items()}
            for row in mine.filter(card_hash__in={card for card, _ in shared}).values_list(
                *_FIELDS
            ):
                if sharers[(row[8], row[_MONTH])] >= least:
                    found[row[0]] = row
        for row in self._foreign(as_of, mine).values_list(*_FIELDS):
            found[row[0]] = row
        return [(*row, sharers.get((row[8], row[_MONTH]), 1)) for row in found.values()]

    def _shared(
        self, mine: "QuerySet[SheetLine]", scope: Scope, some: Q, least: int
    ) -> set[tuple[Any, Any]]:
        """Cards and months with at least `least` lines anywhere, a little too many: lines that are
        not known on the day count, so that the index of the cards alone tells. Asked of the
        projects' own cards only, when few are judged."""
        lines = SheetLine.objects.filter(some, card_hash__isnull=False)
        few = scope.project_ids is not None or scope.region_ids is not None
        if few:
            lines = lines.filter(card_hash__in=mine.order_by().values("card_hash"))
        with nullcontext() if few else bulk.grouping_by_sort():
            return set(
                lines.order_by()
                .values("card_hash", "worked_month")
                .annotate(lines=Count("*"))
                .filter(lines__gte=least)
                .values_list("card_hash", "worked_month")
            )

    def _foreign(self, as_of: dt.date, mine: "QuerySet[SheetLine]") -> "QuerySet[SheetLine]":
        """Lines whose card is registered, but not for the worker."""
        cards = WorkerCard.objects.filter(
            registered=True, known_from__lte=as_of, number_hash=OuterRef("card_hash")
        )
        own = cards.filter(worker=OuterRef("engagement__worker"))
        # Asked first, as nearly all lines end here.
        foreign = cards.exclude(worker=OuterRef("engagement__worker"))
        return mine.filter(Exists(foreign), ~Exists(own))

    def _findings(self, rows: Iterable[tuple[Any, ...]]) -> list[Finding]:
        cycles: dict[CycleKey, list[tuple[Any, ...]]] = {}
        for row in rows:
            cycles.setdefault((row[1], row[2], row[3]), []).append(row)
        return [
            Finding(
                *key,
                ORANGE,
                min(row[6] for row in lines),
                workers=len({row[7] for row in lines}),
                amount=sum((row[10] for row in lines), ZERO),
                data={
                    "lines": sorted(row[0] for row in lines),
                    "cards": len({row[8] for row in lines}),
                    "sharers": {str(row[0]): row[-1] for row in sorted(lines)},
                    "received": min(row[6] for row in lines),
                },
            )
            for key, lines in cycles.items()
        ]

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        wanted = {pk for finding in findings for pk in finding.data["lines"]}
        lines = {
            row[0]: row[1:]
            for row in SheetLine.objects.filter(pk__in=wanted).values_list(
                *("pk", "engagement__worker", "engagement__worker__name"),
                *("engagement__worker__id_number", "row", "sheet__feed", "sheet__feed__filename"),
                *("card_hash", "net"),
            )
        }
        cards = (
            WorkerCard.objects.filter(
                Q(known_from__lte=as_of), number_hash__in={line[6] for line in lines.values()}
            )
            .order_by("worker")
            .values_list("number_hash", "worker", "worker__name", "number", "registered")
        )
        masked: dict[Any, str] = {}
        holders: dict[Any, dict[int, str]] = {}
        for card, worker, name, number, registered in cards:
            masked[card] = identity.mask_card(number)
            if registered:
                holders.setdefault(card, {})[worker] = name
        return [self._one(finding, lines, masked, holders) for finding in findings]

    def _one(
        self,
        finding: Finding,
        lines: dict[int, tuple[Any, ...]],
        masked: dict[Any, str],
        holders: dict[Any, dict[int, str]],
    ) -> Evidence:
        data, made = finding.data, Evidence()
        rows = []
        for pk in data["lines"]:
            _, name, number, row, feed, file, card, net = lines[pk]
            made.feeds.add(feed)
            rows.append(
                {
                    "worker": name,
                    "id": identity.mask_id(number),
                    "row": row,
                    "file": file,
                    "card": masked.get(card, "****"),
                    "net": net,
                    "sharers": data["sharers"][str(pk)],
                    "holder": "、".join(holders.get(card, {}).values()),
                }
            )
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("工资支付表收到日期", "Pay sheet received", data["received"], "date")
        made.fact("涉及工人", "Workers concerned", finding.workers, "count")
        made.fact("涉及银行卡", "Cards concerned", data["cards"], "count")
        made.step("=", "涉及工资合计", "Wages concerned", finding.amount, "money")
        made.table(COLUMNS, sorted(rows, key=lambda row: (row["card"], row["row"])))
        return made
