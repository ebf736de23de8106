"""B4: money left the dedicated account for a payee who is no worker of the project."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, Min, OuterRef

from alerts.rules import registers
from alerts.rules.base import (
    ENTRY_KINDS,
    FUNDING,
    ORANGE,
    ZERO,
    Finding,
    Param,
    Rule,
    Scope,
    Values,
)
from alerts.rules.evidence import Column, Evidence
from payroll.checks.columns import clean_name
from payroll.models import BankEntry, SheetLine
from projects.models import Account, ProjectStatus, ProjectVersion
from wagewatch import vault
from wagewatch.bilingual import Text
from wagewatch.known import known_on
from wagewatch.months import Month

COLUMNS = (
    Column("booked_on", "记账日期", "Booked", "date"),
    Column("reference", "银行流水号", "Bank reference"),
    Column("account", "付款账号", "Paying account"),
    Column("payee", "收款人", "Payee"),
    Column("card", "收款账号", "Payee's account"),
    Column("purpose", "用途", "Purpose"),
    Column("amount", "金额", "Amount", "money"),
    Column("file", "文件", "File"),
)
_ENTRY = (
    *("account__project", "account__number", "booked_on", "reference", "counterparty_name"),
    *("counterparty_hash", "counterparty_masked", "purpose", "amount", "feed_id"),
)
_BANK = re.compile("银行|信用合作|信用社")
_WITHHELD = re.compile("税务局|国家金库|社会保险|社保|住房公积金")
"""Public bodies that collect what is withheld from wages."""


class ForeignPayee(Rule):
    code = "B4"
    title = Text("专用账户资金支付给非本项目工人", "Dedicated account paid somebody else")
    stage = FUNDING
    why = Text(
        "专用账户只能用于支付本项目农民工工资;转给他人就是挪用工人的钱。",
        "The account is for this project's wages alone; money that goes to others is the workers'.",
    )
    law = ("Reg. 26", "Reg. 55(1)", "Account rule")
    levels = Text("橙色。", "Orange.")
    clears = Text(
        "付款被退回,或者收款人登记为本项目工人。",
        "The payment is returned, or the payee is registered as a worker of the project.",
    )
    needs = ("accounts", "bank", "workers")
    kept_as_now = ENTRY_KINDS
    responsible = ("general",)
    params = (
        Param(
            "fee", 200, "money", 0, 10_000, Text("单笔银行手续费上限", "Largest single bank charge")
        ),
    )

    def find(self, as_of: dt.date, scope: Scope, values: Values) -> list[Finding]:
        entries = self._debits(as_of, scope, values)
        if not entries:
            return []
        projects = {entry["account__project"] for entry in entries}
        own: dict[int, set[Any]] = {}
        for project, number in Account.objects.filter(project__in=projects).values_list(
            "project", "number"
        ):
            own.setdefault(project, set()).add(vault.blind(number))
        versions = {
            version.project_id: version
            for version in ProjectVersion.objects.filter(
                known_on(as_of), project__in=projects
            ).select_related("contractor")
        }
        held: dict[tuple[int, Month], list[dict[str, Any]]] = {}
        for entry in entries:
            project = entry["account__project"]
            version = versions.get(project)
            if version and not _lawful(entry, version, own[project], values):
                held.setdefault((project, Month.of(entry["booked_on"])), []).append(entry)
        return [_finding(versions[project], month, paid) for (project, month), paid in held.items()]

    def _debits(self, as_of: dt.date, scope: Scope, values: Values) -> list[dict[str, Any]]:
        """Debits to nobody of the project, not given back, without small charges; `elsewhere` is
        the first month of another project's sheets on which the payee's card stands (E6)."""
        back = BankEntry.objects.filter(returns=OuterRef("pk"), known_from__lte=as_of)
        entries = BankEntry.objects.filter(
            scope.q("account__project"),
            ~Exists(back),
            known_from__lte=as_of,
            kind=BankEntry.Kind.OTHER_DEBIT,
        ).exclude(counterparty_hash__isnull=True, amount__lte=values["fee"])
        found = list(entries.order_by("booked_on", "reference").values(*_ENTRY))
        cards = {entry["counterparty_hash"] for entry in found} - {None}
        first: dict[Any, list[tuple[Month, int]]] = {}
        lines = SheetLine.objects.filter(known_on(as_of, "sheet__"), card_hash__in=cards)
        for card, project, month in (
            lines.order_by()
            .values("card_hash", "sheet__project")
            .annotate(first=Min("worked_month"))
            .values_list("card_hash", "sheet__project", "first")
            if cards
            else ()
        ):
            first.setdefault(card, []).append((_month(month), project))
        for entry in found:
            entry["elsewhere"] = min(
                (
                    month
                    for month, project in first.get(entry["counterparty_hash"], ())
                    if project != entry["account__project"]
                ),
                default=None,
            )
        return found

    def evidence(self, as_of: dt.date, findings: Sequence[Finding]) -> list[Evidence]:
        entries = [entry for finding in findings for entry in finding.data["entries"]]
        names = registers.files(entry["feed_id"] for entry in entries)
        return [self._one(finding, names) for finding in findings]

    def _one(self, finding: Finding, names: dict[int | None, str]) -> Evidence:
        entries, made = finding.data["entries"], Evidence()
        unnamed = sum(entry["counterparty_hash"] is None for entry in entries)
        made.fact("支付月份", "Month of the payments", finding.month, "month")
        made.fact("付款笔数", "Payments", len(entries), "count")
        if unnamed:
            made.fact("银行数据未给收款账号的笔数", "Without a payee's account", unnamed, "count")
        out = sum((entry["amount"] for entry in entries), ZERO)
        made.step("", "支付给非本项目工人", "Paid to others than workers", out, "money")
        if out != finding.amount:
            made.step(
                *("-", "未给收款账号、不能证明", "Payee's account not told"),
                *(out - finding.amount, "money"),
            )
        made.step("=", "合计", "In all", finding.amount, "money")
        made.table(
            COLUMNS,
            (
                {
                    "booked_on": entry["booked_on"],
                    "reference": entry["reference"],
                    "account": entry["account__number"],
                    "payee": entry["counterparty_name"],
                    "card": entry["counterparty_masked"],
                    "purpose": entry["purpose"],
                    "amount": entry["amount"],
                    "file": names.get(entry["feed_id"], ""),
                }
                for entry in entries
            ),
        )
        made.feeds = {entry["feed_id"] for entry in entries}
        return made


def _finding(version: ProjectVersion, month: Month, entries: list[dict[str, Any]]) -> Finding:
    """Where the bank does not tell the payee's account nothing is proved: such entries count only
    where there are no others, and then as "data missing"."""
    proved = [entry for entry in entries if entry["counterparty_hash"] is not None]
    counted = proved or entries
    return Finding(
        version.project_id,
        version.contractor_id,
        month,
        ORANGE,
        min(entry["booked_on"] for entry in counted),
        amount=sum((entry["amount"] for entry in counted), ZERO),
        data_missing=not proved,
        data={"entries": entries},
    )


def _lawful(entry: dict[str, Any], version: ProjectVersion, own: set[Any], values: Values) -> bool:
    """A movement that is no wage and takes nothing from the workers, or that E6 tells of."""
    booked, name, payee = entry["booked_on"], entry["counterparty_name"], entry["counterparty_hash"]
    if payee in own:  # to a new dedicated account of the project
        return True
    if entry["elsewhere"] is not None and entry["elsewhere"] <= Month.of(booked):
        return True
    if _WITHHELD.search(name):
        return True
    if entry["amount"] <= values["fee"] and _BANK.search(name):
        return True
    return (  # the balance is the contractor's once the work is complete (Reg. 27)
        version.status == ProjectStatus.COMPLETED
        and version.complete_date is not None
        and booked >= version.complete_date
        and name == clean_name(version.contractor.name)
    )


def _month(value: Any) -> Month:
    return value if isinstance(value, Month) else Month(value)
