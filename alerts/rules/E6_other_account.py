"""E6: a wage was paid from a dedicated account that belongs to another project."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Exists, OuterRef

from alerts.rules.base import (
    ENTRY_KINDS,
    PAYMENT,
    YELLOW,
    ZERO,
    CycleKey,
    Finding,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import WORKER_COLUMNS, Column, Evidence
from payroll.models import BankEntry, Feed, SheetLine
from payroll.replay import named_month
from projects.models import Engagement, Project, Worker
from wagewatch import identity
from wagewatch.bilingual import Text
from wagewatch.known import known_on
from wagewatch.months import Month

COLUMNS = (
    *WORKER_COLUMNS,
    Column("booked_on", "支付日期", "Booked", "date"),
    Column("reference", "银行流水号", "Bank reference"),
    Column("account", "付款账号", "Paying account"),
    Column("project", "付款账户所属项目", "Project of that account"),
    Column("purpose", "用途", "Purpose"),
    Column("card", "收款卡号", "Card"),
    Column("amount", "金额", "Amount", "money"),
    Column("file", "文件", "File"),
)
_ENTRY = (
    *("pk", "account__project", "account__project__name", "account__number"),
    *("counterparty_hash", "counterparty_masked", "booked_on", "amount", "purpose", "reference"),
    "feed_id",
)


class OtherAccount(Rule):
    code = "E6"
    title = Text("未通过本项目专用账户发放工资", "Wage paid from another account")
    stage = PAYMENT
    why = Text(
        "专用账户专项用于本项目;用其他项目的专用账户发放,挪用了该项目工人的工资,本项目的发放也无从核对。",
        "A dedicated account is for its own project; a wage paid from another project's takes the "
        "money of that project's workers, and this project's payment cannot be followed.",
    )
    law = ("Reg. 26", "Reg. 31", "Reg. 55(1)")
    levels = Text("黄色。", "Yellow.")
    clears = Text(
        "付款被退回,或者证明收款人也是付款账户所属项目的工人。",
        "The payment is returned, or the payee proves to be a worker of the paying account's "
        "project too.",
    )
    needs = ("payroll", "bank", "accounts")
    kept_as_now = ENTRY_KINDS
    responsible = ("general", "employer")

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        entries = self._strange(as_of, scope)
        if not entries:
            return []
        lines = self._lines(as_of, {entry["counterparty_hash"] for entry in entries})
        at_home = self._engaged(as_of, entries, lines)
        paid: dict[CycleKey, list[dict[str, Any]]] = {}
        for entry in entries:
            line = _claimed(entry, lines[entry["counterparty_hash"]], at_home)
            if line:
                key = (line["sheet__project"], line["sheet__employer"], line["worked_month"])
                paid.setdefault(key, []).append(entry | {"worker": line["engagement__worker"]})
        mine = set(
            Project.objects.filter(
                scope.q("pk"), pk__in={project for project, _, _ in paid}
            ).values_list("pk", flat=True)
        )
        return [_finding(key, made) for key, made in paid.items() if key[0] in mine]

    def _strange(self, as_of: dt.date, scope: Scope) -> list[dict[str, Any]]:
        """Debits to nobody of the account's project, not given back, whose payee's card stands
        on a pay sheet of the projects judged."""
        on_sheet = SheetLine.objects.filter(
            scope.q("sheet__project"),
            known_on(as_of, "sheet__"),
            card_hash=OuterRef("counterparty_hash"),
        ).exclude(sheet__project=OuterRef("account__project"))
        back = BankEntry.objects.filter(returns=OuterRef("pk"), known_from__lte=as_of)
        entries = BankEntry.objects.filter(
            Exists(on_sheet),
            ~Exists(back),
            known_from__lte=as_of,
            kind=BankEntry.Kind.OTHER_DEBIT,
            counterparty_hash__isnull=False,
        )
        return list(entries.order_by("booked_on", "reference").values(*_ENTRY))

    def _lines(self, as_of: dt.date, cards: set[Any]) -> dict[Any, list[dict[str, Any]]]:
        """The sheet lines known, by card; of all projects."""
        found: dict[Any, list[dict[str, Any]]] = {card: [] for card in cards}
        for line in SheetLine.objects.filter(
            known_on(as_of, "sheet__"), card_hash__in=cards
        ).values(
            *("card_hash", "sheet__project", "sheet__employer", "worked_month", "net"),
            *("engagement", "engagement__worker"),
        ):
            found[line["card_hash"]].append(line)
        return found

    def _engaged(
        self,
        as_of: dt.date,
        entries: Iterable[dict[str, Any]],
        lines: dict[Any, list[dict[str, Any]]],
    ) -> set[tuple[int, int]]:
        """(project, worker) of those who are known to work on the paying account's project."""
        return set(
            Engagement.objects.filter(
                known_from__lte=as_of,
                project__in={entry["account__project"] for entry in entries},
                worker__in={line["engagement__worker"] for held in lines.values() for line in held},
            ).values_list("project", "worker")
        )

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        entries = [entry for finding in findings for entry in finding.data["entries"]]
        who = {
            pk: (name, number)
            for pk, name, number in Worker.objects.filter(
                pk__in={entry["worker"] for entry in entries}
            ).values_list("pk", "name", "id_number")
        }
        files = dict(
            Feed.objects.filter(pk__in={entry["feed_id"] for entry in entries}).values_list(
                "pk", "filename"
            )
        )
        return [self._one(finding, who, files) for finding in findings]

    def _one(
        self, finding: Finding, who: dict[int, tuple[str, str]], files: dict[int, str]
    ) -> Evidence:
        entries, made = finding.data["entries"], Evidence()
        made.fact("工资月份", "Month worked", finding.month, "month")
        made.fact("涉及工人", "Workers concerned", finding.workers, "count")
        made.fact("付款笔数", "Payments", len(entries), "count")
        made.step("=", "由其他账户支付合计", "Paid from other accounts", finding.amount, "money")
        made.table(
            COLUMNS,
            (
                {
                    "worker": who[entry["worker"]][0],
                    "id": identity.mask_id(who[entry["worker"]][1]),
                    "booked_on": entry["booked_on"],
                    "reference": entry["reference"],
                    "account": entry["account__number"],
                    "project": entry["account__project__name"],
                    "purpose": entry["purpose"],
                    "card": entry["counterparty_masked"] or "****",
                    "amount": entry["amount"],
                    "file": files.get(entry["feed_id"], ""),
                }
                for entry in entries
            ),
        )
        made.feeds = {entry["feed_id"] for entry in entries}
        return made


def _finding(key: CycleKey, entries: list[dict[str, Any]]) -> Finding:
    return Finding(
        *key,
        YELLOW,
        min(entry["booked_on"] for entry in entries),
        workers=len({entry["worker"] for entry in entries}),
        amount=sum((entry["amount"] for entry in entries), ZERO),
        data={"entries": entries},
    )


def _claimed(
    entry: dict[str, Any], lines: list[dict[str, Any]], at_home: set[tuple[int, int]]
) -> dict[str, Any] | None:
    """The sheet line that a debit pays: of the month that its purpose names, else of the very
    sum, else of the latest month begun when it was booked. None when the payee may be a worker
    of the account's own project."""
    home = entry["account__project"]
    if any(
        line["sheet__project"] == home or (home, line["engagement__worker"]) in at_home
        for line in lines
    ):
        return None
    named = named_month(entry["purpose"], entry["booked_on"])
    begun = [line for line in lines if line["worked_month"] <= Month.of(entry["booked_on"])]
    return max(
        begun,
        key=lambda line: (
            line["worked_month"].ordinal == named,
            line["net"] == entry["amount"],
            line["worked_month"].ordinal,
            -line["engagement"],
        ),
        default=None,
    )
