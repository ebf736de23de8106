"""The unpaid lines of an approved sheet as a payment list for the bank: CSV, or pain.001.001.09.

The general contractor pays on behalf (Reg. 31, 总包代发) from the project's dedicated account. Card
numbers leave in clear here and nowhere else, so that each list taken is on the audit trail. Each
payment carries a reference (references.py) by which matching finds its claim when the statement
comes back.
"""

import csv
import datetime as dt
import io
import unicodedata
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import transaction
from lxml import etree

from payroll import claims
from payroll.models import Review, Sheet, SheetLine
from payroll.references import reference
from payroll.sql import hex_of
from projects.models import Account, WorkerCard
from wagewatch import audit
from wagewatch.months import Month

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
_REFUSED = ("Cc", "Cf", "Zl", "Zp", "Cs")
FORMATS = {"csv": "text/csv", "xml": "application/xml"}


class NotPossible(ValueError):
    """No list can be made; `reason` is not-approved, replaced, no-account or nothing-unpaid."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Payment:
    """One transfer (CNY)."""

    name: str
    card: str = field(repr=False)
    bank: str
    amount: Decimal
    month: Month
    reference: str


@dataclass
class PaymentList:
    sheet: Sheet
    account: Account | None
    payments: list[Payment]
    without_card: list[str]
    """Names of the workers who cannot be paid: no card is known."""

    @property
    def total(self) -> Decimal:
        return sum((payment.amount for payment in self.payments), Decimal("0.00"))


def of(sheet: Sheet, as_of: dt.date) -> PaymentList:
    """What is left to pay of a sheet, as known on `as_of`; a handful of queries."""
    lines = list(
        SheetLine.objects.filter(sheet=sheet, is_cash=False, net__gt=0)
        .select_related("engagement__worker")
        .order_by("row")
    )
    keys = {(sheet.project_id, sheet.employer_id, line.worked_month) for line in lines}
    open_ = {
        (claim.engagement_id, month): claim.unpaid
        for (_, _, month), owed in claims.of(as_of, keys, unpaid_only=True).items()
        for claim in owed
    }
    cards = _cards({line.engagement.worker_id for line in lines})
    made = PaymentList(sheet, _account(sheet), [], [])
    for line in lines:
        amount = min(line.net, open_.get((line.engagement_id, line.worked_month), Decimal(0)))
        if amount <= 0:
            continue
        worker = line.engagement.worker
        held = cards.get(worker.pk, {})
        card = held.get(hex_of(line.card_hash)) if line.card_hash else held.get("")
        if card is None:
            made.without_card.append(worker.name)
            continue
        name = reference(line.engagement_id, line.worked_month, as_of)
        made.payments.append(
            Payment(worker.name, card.number, card.bank_name, amount, line.worked_month, name)
        )
    return made


def _account(sheet: Sheet) -> Account | None:
    accounts = Account.objects.filter(project=sheet.project_id, status="open")
    return accounts.order_by("-open_date", "-pk").first()


def _cards(workers: set[int]) -> dict[int, dict[str, WorkerCard]]:
    """Cards of each worker by blind index; under "" the one to use when a line names none."""
    found: dict[int, dict[str, WorkerCard]] = {}
    cards = WorkerCard.objects.filter(worker__in=workers)
    for card in cards.order_by("registered", "known_from", "pk"):
        mine = found.setdefault(card.worker_id, {})
        mine[hex_of(card.number_hash)] = mine[""] = card
    return found


def take(sheet: Sheet, form: str, user: Any, *, now: dt.datetime, today: dt.date) -> bytes:
    """The list as a file, on the audit trail. Raises NotPossible."""
    with transaction.atomic():
        held = Sheet.objects.select_related("project__contractor", "employer").get(pk=sheet.pk)
        if held.known_until is not None:
            raise NotPossible("replaced")
        if not Review.objects.filter(sheet=held, status=Review.Status.APPROVED).exists():
            raise NotPossible("not-approved")
        made = of(held, today)
        if made.account is None:
            raise NotPossible("no-account")
        if not made.payments:
            raise NotPossible("nothing-unpaid")
        data = as_csv(made) if form == "csv" else as_xml(made, now=now, today=today)
        audit.record(
            user, "payment-list-taken", held, form=form, payments=len(made.payments),
            total=str(made.total), message=message_id(held, today),
        )  # fmt: skip
    return data


def message_id(sheet: Sheet, today: dt.date) -> str:
    return f"WWS{sheet.pk}D{today:%y%m%d}"


def as_csv(made: PaymentList) -> bytes:
    """UTF-8 with BOM, as the banks' web pages and spreadsheets take it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["序号", "收款人姓名", "收款账号", "开户行", "金额", "用途", "客户流水号"])
    for number, one in enumerate(made.payments, start=1):
        purpose = f"{one.month.year}年{one.month.number}月工资"
        writer.writerow(
            [
                number,
                plain(one.name),
                one.card,
                plain(one.bank),
                f"{one.amount:.2f}",
                purpose,
                one.reference,
            ]
        )
    return text.getvalue().encode("utf-8-sig")


def as_xml(made: PaymentList, *, now: dt.datetime, today: dt.date) -> bytes:
    """ISO 20022 customer credit transfer initiation; elements in the order of the schema."""
    account = made.account
    assert account is not None
    message = message_id(made.sheet, today)
    count, total = str(len(made.payments)), f"{made.total:.2f}"
    debtor = plain(made.sheet.project.contractor.name)
    root = etree.Element(f"{{{NAMESPACE}}}Document", nsmap={None: NAMESPACE})  # type: ignore[dict-item]
    top = _add(root, "CstmrCdtTrfInitn")
    head = _add(top, "GrpHdr")
    _add(head, "MsgId", message)
    _add(head, "CreDtTm", now.isoformat(timespec="seconds"))
    _add(head, "NbOfTxs", count)
    _add(head, "CtrlSum", total)
    _add(_add(head, "InitgPty"), "Nm", debtor)
    batch = _add(top, "PmtInf")
    _add(batch, "PmtInfId", message)
    _add(batch, "PmtMtd", "TRF")
    _add(batch, "BtchBookg", "false")  # the statement is to show each payment
    _add(batch, "NbOfTxs", count)
    _add(batch, "CtrlSum", total)
    _add(_add(_add(batch, "PmtTpInf"), "CtgyPurp"), "Cd", "SALA")
    _add(_add(batch, "ReqdExctnDt"), "Dt", today.isoformat())
    _add(_add(batch, "Dbtr"), "Nm", debtor)
    own = _add(batch, "DbtrAcct")
    _add(_add(_add(own, "Id"), "Othr"), "Id", account.number)
    _add(own, "Ccy", "CNY")
    bank = _add(_add(batch, "DbtrAgt"), "FinInstnId")
    _add(bank, "Nm", plain(account.bank_name) or "NOTPROVIDED")
    _add(batch, "ChrgBr", "DEBT")  # the worker bears no charge
    for payment in made.payments:
        _transfer(batch, payment)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


def _transfer(batch: Any, payment: Payment) -> None:
    one = _add(batch, "CdtTrfTxInf")
    _add(_add(one, "PmtId"), "EndToEndId", payment.reference)
    amount = _add(_add(one, "Amt"), "InstdAmt", f"{payment.amount:.2f}")
    amount.set("Ccy", "CNY")
    if bank := plain(payment.bank):
        _add(_add(_add(one, "CdtrAgt"), "FinInstnId"), "Nm", bank)
    _add(_add(one, "Cdtr"), "Nm", plain(payment.name))
    _add(_add(_add(_add(one, "CdtrAcct"), "Id"), "Othr"), "Id", payment.card)
    _add(_add(one, "Purp"), "Cd", "SALA")
    purpose = f"{payment.month.year}年{payment.month.number}月工资 {payment.reference}"
    _add(_add(one, "RmtInf"), "Ustrd", purpose)


def plain(text: str) -> str:
    """A name as Max140Text: what XML or a bank refuses (control characters, line ends, invisible
    marks) is a space."""
    kept = (
        " " if unicodedata.category(sign) in _REFUSED or ord(sign) & 0xFFFE == 0xFFFE else sign
        for sign in text
    )
    return " ".join("".join(kept).split())[:140].rstrip()


def _add(parent: Any, name: str, text: str = "") -> Any:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if text:
        element.text = text
    return element
