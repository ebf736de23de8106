"""One entry (Ntry) of a camt.053 or camt.054 as movements: each TxDtls of a batch is one."""

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any

from payroll.checks.issues import Issues
from payroll.feeds import iso20022
from payroll.feeds.iso20022 import find, text

_NO_REFERENCE = ("", "NOTPROVIDED", "NONREF", "NONE")
_SHORT = 6  # digits of an NtryRef that only counts the entries of its statement


def decimal(value: str) -> Decimal | None:
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < 10**15 else None


def booked(entry: Any) -> bool:
    """Whether the entry is booked: Sts is a text up to version .06, a code inside from .07 on."""
    status = text(entry, "Sts", "Cd") or text(entry, "Sts", "Prtry") or text(entry, "Sts")
    return status.upper() in ("", "BOOK", "BOOKED")


def signed(entry: Any) -> Decimal:
    """What the entry does to the balance; CdtDbtInd is the real direction, of reversals too."""
    amount = decimal(text(entry, "Amt")) or Decimal(0)
    return -amount if text(entry, "CdtDbtInd") == "DBIT" else amount


def rows(entry: Any, account: str, statement: str) -> list[dict[str, str]]:
    """The movements of an entry, as columns of text by field name."""
    details = [
        tx for group in iso20022.every(entry, "NtryDtls") for tx in iso20022.every(group, "TxDtls")
    ]
    reversal = text(entry, "RvslInd") in ("true", "1")
    base = {
        "accountNo": account,
        "bookedAt": iso20022.day(find(entry, "BookgDt")) or iso20022.day(find(entry, "ValDt")),
        "amount": text(entry, "Amt"),
        "direction": text(entry, "CdtDbtInd"),
        "purpose": text(entry, "AddtlNtryInf"),
        "reference": _given(text(entry, "AcctSvcrRef")),
        "status": "returned" if reversal else "",
    }
    if not details:
        base["reference"] = base["reference"] or _last_resort(entry, statement)
        return [base]
    if len(details) == 1:
        row = base | _details(details[0], base, reversal, account)
        row["reference"] = (
            base["reference"]
            or _given(text(details[0], "Refs", "AcctSvcrRef"))
            or _given(text(details[0], "Refs", "TxId"))
            or row["endToEnd"]
            or _last_resort(entry, statement)
        )
        return [row]
    return _batch(entry, details, base, reversal, statement)


def _batch(
    entry: Any, details: list[Any], base: dict[str, str], reversal: bool, statement: str
) -> list[dict[str, str]]:
    """Several details: each with an amount and a reference of its own, or one made of the entry's
    and its place. `batch` is the entry's reference, by which a file with the total alone finds
    them again."""
    own = base["reference"] or _last_resort(entry, statement)
    given = [_given(text(tx, "Refs", "AcctSvcrRef")) for tx in details]
    often = Counter(given)
    made = []
    for index, (tx, reference) in enumerate(zip(details, given, strict=True), start=1):
        row = base | _details(tx, base, reversal, base["accountNo"])
        row["amount"] = (
            text(tx, "Amt")
            or text(tx, "AmtDtls", "TxAmt", "Amt")
            or text(tx, "AmtDtls", "InstdAmt", "Amt")
        )
        if not reference or reference == own or often[reference] > 1:
            reference = f"{own}-{index}" if own else _given(text(tx, "Refs", "TxId"))
        made.append(row | {"reference": reference or row["endToEnd"], "batch": own})
    return made


def _given(reference: str) -> str:
    return "" if reference.upper() in _NO_REFERENCE else reference


def _last_resort(entry: Any, statement: str) -> str:
    """NtryRef; a mere number is unique within its statement only."""
    reference = _given(text(entry, "NtryRef"))
    if reference.isdigit() and len(reference) <= _SHORT and statement:
        return f"{statement[:60]}/{reference}"
    return reference


def _details(tx: Any, base: dict[str, str], reversal: bool, account: str) -> dict[str, str]:
    """The counterparty, purpose, references and return of one transaction."""
    direction = text(tx, "CdtDbtInd") or base["direction"]
    returned = find(tx, "RtrInf")
    name, number = _counterparty(tx, direction, reversal or returned is not None, account)
    remittance = find(tx, "RmtInf")
    purposes = [(u.text or "").strip() for u in iso20022.every(remittance, "Ustrd")]
    references = (text(tx, "Refs", name) for name in ("EndToEndId", "InstrId", "TxId"))
    row = {
        "direction": direction,
        "counterpartyName": name,
        "counterpartyAccount": number,
        "purpose": " ".join(filter(None, purposes)) or text(tx, "AddtlTxInf") or base["purpose"],
        "endToEnd": next((r for r in references if _given(r)), ""),
    }
    if returned is not None:
        reason = text(returned, "Rsn", "Cd") or text(returned, "Rsn", "Prtry")
        more = [(a.text or "").strip() for a in iso20022.every(returned, "AddtlInf")]
        row["status"] = "returned"
        row["returnReason"] = " ".join(filter(None, [reason, *more]))
    return row


def _counterparty(tx: Any, direction: str, returned: bool, account: str) -> tuple[str, str]:
    """Of a return or reversal the parties keep the roles of the payment that came back; a bank
    that turns them round names our own account there."""
    parties = find(tx, "RltdPties")
    roles = ("Cdtr", "Dbtr") if (direction == "DBIT") != returned else ("Dbtr", "Cdtr")
    found = [
        (iso20022.party(find(parties, role)), iso20022.account(find(parties, f"{role}Acct")))
        for role in roles
    ]
    first, second = found
    if returned and (first[1] == account or not first[1]):
        return (second[0] if second[1] != account and second[1] else first[0] or second[0]), (
            second[1] if second[1] != account else ""
        )
    return first


def check(entry: Any, made: list[dict[str, str]], row: int, issues: Issues) -> None:
    """The currency of the entry, and that the details of a batch add up to it."""
    amount = find(entry, "Amt")
    currency = "" if amount is None else amount.get("Ccy", "")
    if currency and currency != "CNY":
        issues.error("currency", row=row, column="Amt", value=currency)
    for group in iso20022.every(entry, "NtryDtls"):
        total = decimal(text(group, "Btch", "TtlAmt"))
        side = text(group, "Btch", "CdtDbtInd") or text(entry, "CdtDbtInd")
        if len(iso20022.every(entry, "NtryDtls")) == 1 and total is not None:
            stated = -total if side == "DBIT" else total
            _compare(signed(entry), stated, made, row, issues)
    if len(made) < 2:
        return
    amounts = [decimal(one["amount"]) for one in made]
    if None in amounts:
        return  # said of the cell: missing, or not a number
    parts = [
        -part if one["direction"] == "DBIT" else part
        for one, part in zip(made, amounts, strict=True)
        if part is not None
    ]
    _compare(signed(entry), sum(parts, Decimal(0)), made, row, issues)


def _compare(
    entry: Decimal, parts: Decimal, made: list[dict[str, str]], row: int, issues: Issues
) -> None:
    if entry == parts:
        return
    issues.error(
        "batch-sum",
        row=row,
        column="NtryDtls",
        value=made[0].get("batch") or made[0]["reference"],
        total=f"{entry:.2f}",
        sum=f"{parts:.2f}",
        difference=f"{entry - parts:.2f}",
    )
