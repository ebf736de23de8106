"""ISO 20022 camt.053 (statements) and camt.054 (notifications), .001.02 to .001.13, streamed.

Both hold entries of one account; a statement also has its days and balances. A notification tells
of some movements and covers no day: what it does not name may have moved all the same.
"""

import re
from collections.abc import Collection, Iterator
from decimal import Decimal
from typing import Any

import pandas as pd

from payroll.checks.columns import parse_date
from payroll.checks.issues import Issues, Unreadable
from payroll.feeds import camt_entry, iso20022
from payroll.feeds.bank_csv import FIELDS
from payroll.feeds.base import Chunk, Field, Reader, Source, register
from payroll.feeds.iso20022 import text
from wagewatch.calendars import DAY

_CHUNK = 10_000  # movements held as texts before they become columns: memory is what counts here
_NAMESPACE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:camt\.05[34]\.001\.(0[2-9]|1[0-3])\b")
_CAMT = re.compile(rb"camt\.05[0-9]\.001\.\d\d")
_PATHS = {
    "accountNo": "Acct/Id",
    "bookedAt": "Ntry/BookgDt",
    "amount": "Amt",
    "direction": "CdtDbtInd",
    "counterpartyName": "RltdPties/Nm",
    "counterpartyAccount": "RltdPties/Id",
    "purpose": "RmtInf/Ustrd",
    "reference": "AcctSvcrRef",
    "status": "RtrInf",
    "returnReason": "RtrInf/Rsn",
}
_SECRETS = {field.name: field.secret for field in FIELDS}
_COLUMNS = [*_SECRETS, "endToEnd", "batch"]
_HOLDERS = ("Stmt", "Ntfctn")


class Camt(Reader):
    kind = "bank"

    def detect(self, source: Source) -> int:
        if source.container != "xml":
            return 0
        head = source.head.replace(b"\x00", b"")
        if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
            raise Unreadable("xml-doctype")
        if _NAMESPACE.search(head):
            return 100
        if found := _CAMT.search(head):
            raise Unreadable("xml-version", value=found.group().decode())
        return 0

    def read(self, source: Source, issues: Issues) -> Iterator[Chunk]:
        """Chunks of movements; `statements` of the chunk in which one ends describes it."""
        rows: list[dict[str, str]] = []
        statements: list[dict[str, Any]] = []
        first, moved, pending = 1, Decimal(0), 0
        for element in iso20022.events(source, ("Ntry", *_HOLDERS)):
            parent = element.getparent()
            if iso20022.local(element) == "Ntry" and iso20022.local(parent) in _HOLDERS:
                if camt_entry.booked(element):
                    made = camt_entry.rows(element, _account(parent), text(parent, "Id"))
                    camt_entry.check(element, made, first + len(rows), issues)
                    rows += made
                    moved += camt_entry.signed(element)
                else:
                    pending += 1
                iso20022.forget(element)
            elif iso20022.local(element) in _HOLDERS:
                statements.append(_statement(element, moved))
                moved = Decimal(0)
                iso20022.forget(element)
            if len(rows) >= _CHUNK:
                yield chunk(rows, first, statements, _PATHS)
                first, rows, statements = first + len(rows), [], []
        if pending:
            issues.hint("entries-pending", column="Sts", count=pending)
        yield chunk(rows, first, statements, _PATHS)


def _account(holder: Any) -> str:
    return iso20022.account(iso20022.find(holder, "Acct"))


def _statement(element: Any, moved: Decimal) -> dict[str, Any]:
    """Account, days, balances (signed, CNY) and what the booked entries moved."""
    balances: dict[str, Decimal] = {}
    days: dict[str, str] = {}
    for balance in iso20022.every(element, "Bal"):
        code = text(balance, "Tp", "CdOrPrtry", "Cd") or text(balance, "Tp", "Cd")
        amount = camt_entry.decimal(text(balance, "Amt"))
        if amount is None:
            continue
        # Of a statement in several parts the first opening counts, and the last closing.
        if code in ("OPBD", "PRCD") and code in balances:
            continue
        balances[code] = -amount if text(balance, "CdtDbtInd") == "DBIT" else amount
        days[code] = iso20022.day(iso20022.find(balance, "Dt"))
    period = iso20022.find(element, "FrToDt")
    began = days.get("OPBD") or days.get("PRCD", "")
    number = text(element, "ElctrncSeqNb") or text(element, "LglSeqNb")
    return {
        "account": _account(element),
        "reference": text(element, "Id")[:60],
        "from": text(period, "FrDtTm")[:10]
        or text(period, "FrDt")
        or first_day(began, days.get("CLBD", "")),
        "to": text(period, "ToDtTm")[:10] or text(period, "ToDt") or days.get("CLBD", ""),
        "opening": balances.get("OPBD", balances.get("PRCD")),
        "closing": balances.get("CLBD"),
        "moved": moved,
        "sequence": int(number) if re.fullmatch(r"[0-9]{1,9}", number) else None,
        "covers": iso20022.local(element) == "Stmt",
        "places": ("Acct/Id", "FrToDt", "Bal"),
    }


def first_day(began: str, ended: str, booked: Collection[str] = ()) -> str:
    """The first day covered, where only the balances are dated (YYYY-MM-DD).

    An opening balance bears the day of the closing balance that it continues; a bank that dates it
    with the statement's own day shows that by the same day in both, or by movements of that day.
    """
    start = parse_date(began)[0]
    if start is None or not ended:
        return ""
    return str(start if began >= ended or began in booked else start + DAY)


def chunk(
    rows: list[dict[str, str]],
    first: int,
    statements: list[dict[str, Any]],
    places: dict[str, str],
    numbers: list[int] | None = None,
) -> Chunk:
    """Movements as a bank books them. Without `numbers` the row of a movement is its number in
    the file: XML is often one long line. `places`: what the sender's format calls each field."""
    index = pd.RangeIndex(first, first + len(rows)) if numbers is None else pd.Index(numbers)
    frame = pd.DataFrame(rows, columns=_COLUMNS, index=index, dtype="str").fillna("")
    fields = {name: Field(name, path, secret=_SECRETS[name]) for name, path in places.items()}
    return Chunk(frame, written=places, fields=fields, statements=statements, booked=True)


register(Camt())
