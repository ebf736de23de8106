"""ISO 20022 camt.053 bank statements, versions .001.02 to .001.13, streamed.

Elements are found by local name, so that every version's namespace reads alike. Each TxDtls of an
entry is one movement; an entry without details is one itself. A document type declaration is
refused: no bank writes one, and entities are how XML files attack.
"""

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd
from lxml import etree

from payroll.checks.issues import Issues, Unreadable
from payroll.feeds.bank_csv import FIELDS
from payroll.feeds.base import CHUNK_ROWS, Chunk, Field, Reader, Source, register

_NAMESPACE = re.compile(rb"urn:iso:std:iso:20022:tech:xsd:camt\.053\.001\.(0[2-9]|1[0-3])\b")
_CAMT = re.compile(rb"camt\.05[0-9]\.001\.\d\d")
_COLUMNS = [field.name for field in FIELDS] + ["endToEnd"]
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


class Camt053(Reader):
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
        """Chunks of entries; `statements` of the last chunk of each statement describes it."""
        rows: list[dict[str, str]] = []
        first = 1
        statements: list[dict[str, Any]] = []
        try:
            for element in _events(source):
                if _local(element) == "Ntry":
                    account = _account(element.getparent())
                    rows.extend(_entries(element, account))
                    _forget(element)
                else:
                    statements.append(_statement(element))
                    _forget(element)
                if len(rows) >= CHUNK_ROWS:
                    yield _chunk(rows, first, statements)
                    first, rows, statements = first + len(rows), [], []
        except etree.XMLSyntaxError as error:
            raise Unreadable("xml-broken", row=error.lineno) from error
        yield _chunk(rows, first, statements)


def _events(source: Source) -> Iterator[Any]:
    for event, element in etree.iterparse(
        source.rewind(),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    ):
        if event == "start":
            if element.getparent() is None and element.getroottree().docinfo.doctype:
                raise Unreadable("xml-doctype")
            continue
        if not isinstance(element.tag, str):
            continue
        if _local(element) == "Stmt" or (
            _local(element) == "Ntry" and _local(element.getparent()) == "Stmt"
        ):
            yield element


def _local(element: Any) -> str:
    return "" if element is None else etree.QName(element).localname


def _forget(element: Any) -> None:
    """Free what has been read; the element itself goes when the next one of its kind comes."""
    element.clear()
    before = element.getprevious()
    if before is not None and before.tag == element.tag:
        element.getparent().remove(before)


def _find(element: Any, *path: str) -> Any:
    """The first element down a path of local names."""
    for name in path:
        if element is None:
            return None
        element = next((child for child in element if _local(child) == name), None)
    return element


def _text(element: Any, *path: str) -> str:
    found = _find(element, *path)
    return "" if found is None else (found.text or "").strip()


def _all(element: Any, name: str) -> list[Any]:
    return [] if element is None else [child for child in element if _local(child) == name]


def _number(account: Any) -> str:
    return _text(account, "Id", "IBAN") or _text(account, "Id", "Othr", "Id")


def _account(statement: Any) -> str:
    return _number(_find(statement, "Acct"))


def _day(element: Any) -> str:
    return _text(element, "Dt") or _text(element, "DtTm")[:10]


def _status(entry: Any) -> str:
    """BOOK or PDNG: a text up to version .06, a code inside from .07 on."""
    return _text(entry, "Sts", "Cd") or _text(entry, "Sts") or "BOOK"


def _entries(entry: Any, account: str) -> Iterator[dict[str, str]]:
    if _status(entry) not in ("BOOK", "BOOKED"):
        return
    details = [tx for ntry in _all(entry, "NtryDtls") for tx in _all(ntry, "TxDtls")]
    own = _text(entry, "AcctSvcrRef") or _text(entry, "NtryRef")
    base = {
        "accountNo": account,
        "bookedAt": _day(_find(entry, "BookgDt")) or _day(_find(entry, "ValDt")),
        "amount": _text(entry, "Amt"),
        "direction": _text(entry, "CdtDbtInd"),
    }
    reversal = _text(entry, "RvslInd") in ("true", "1")
    if not details:
        yield {
            **base,
            "reference": own,
            "purpose": _text(entry, "AddtlNtryInf"),
            "status": "returned" if reversal else "",
        }
        return
    for index, tx in enumerate(details, start=1):
        row = {**base, **_details(tx, base["direction"])}
        row["reference"] = _text(tx, "Refs", "AcctSvcrRef") if len(details) > 1 else own
        if not row["reference"]:
            row["reference"] = own if len(details) == 1 else f"{own}-{index}" if own else ""
        row["reference"] = row["reference"] or _text(tx, "Refs", "TxId") or row["endToEnd"]
        if len(details) > 1:
            row["amount"] = (
                _text(tx, "Amt") or _text(tx, "AmtDtls", "TxAmt", "Amt") or row["amount"]
            )
        if reversal:
            row["status"] = "returned"
        yield row


def _details(tx: Any, direction: str) -> dict[str, str]:
    """The counterparty, purpose, references and return of one transaction."""
    direction = _text(tx, "CdtDbtInd") or direction
    parties = _find(tx, "RltdPties")
    returned = _find(tx, "RtrInf")
    # Of a return the parties keep the roles of the payment that came back.
    other = "Cdtr" if (direction == "DBIT") != (returned is not None) else "Dbtr"
    name = _text(parties, other, "Nm") or _text(parties, other, "Pty", "Nm")
    number = _number(_find(parties, f"{other}Acct"))
    if returned is not None and not number:
        fallback = "Dbtr" if other == "Cdtr" else "Cdtr"
        number = _number(_find(parties, f"{fallback}Acct"))
        name = name or _text(parties, fallback, "Nm") or _text(parties, fallback, "Pty", "Nm")
    purposes = [(u.text or "").strip() for u in _all(_find(tx, "RmtInf"), "Ustrd")]
    reference = _text(tx, "Refs", "EndToEndId")
    row = {
        "direction": direction,
        "counterpartyName": name,
        "counterpartyAccount": number,
        "purpose": " ".join(purposes) or _text(tx, "AddtlTxInf"),
        "endToEnd": "" if reference == "NOTPROVIDED" else reference,
        "status": "",
    }
    if returned is not None:
        reason = _text(returned, "Rsn", "Cd") or _text(returned, "Rsn", "Prtry")
        row["status"] = "returned"
        row["returnReason"] = " ".join(filter(None, [reason, _text(returned, "AddtlInf")]))
    return row


def _statement(element: Any) -> dict[str, Any]:
    balances = {}
    days = {}
    for balance in _all(element, "Bal"):
        code = _text(balance, "Tp", "CdOrPrtry", "Cd")
        try:
            amount = Decimal(_text(balance, "Amt"))
        except InvalidOperation:
            continue
        balances[code] = -amount if _text(balance, "CdtDbtInd") == "DBIT" else amount
        days[code] = _day(_find(balance, "Dt"))
    period = _find(element, "FrToDt")
    return {
        "account": _account(element),
        "reference": _text(element, "Id")[:60],
        "from": _text(period, "FrDtTm")[:10] or _text(period, "FrDt"),
        "to": _text(period, "ToDtTm")[:10] or _text(period, "ToDt") or days.get("CLBD", ""),
        "opening": balances.get("OPBD", balances.get("PRCD")),
        "closing": balances.get("CLBD"),
    }


def _chunk(rows: list[dict[str, str]], first: int, statements: list[dict[str, Any]]) -> Chunk:
    """The row of a movement is its number in the file: XML is often one long line."""
    index = pd.RangeIndex(first, first + len(rows))
    frame = pd.DataFrame(rows, columns=_COLUMNS, index=index, dtype="str").fillna("")
    fields = {name: Field(name, path, secret=_SECRETS[name]) for name, path in _PATHS.items()}
    return Chunk(frame, written=_PATHS, fields=fields, statements=statements)


register(Camt053())
