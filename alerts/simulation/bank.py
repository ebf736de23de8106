"""camt.053.001.06: one statement for each account of a bank, also where nothing moved."""

import datetime as dt
from decimal import Decimal
from typing import Any

from lxml import etree

from alerts.simulation.plan import DAY, Site

_NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.06"


def statement_xml(
    accounts: list[tuple[Site, list[dict[str, Any]], Decimal]], first: dt.date, last: dt.date
) -> bytes:
    """`accounts`: (site, movements, balance before `first`)."""
    root = etree.Element("Document", nsmap={None: _NAMESPACE})
    message = etree.SubElement(root, "BkToCstmrStmt")
    _texts(message, ("GrpHdr/MsgId", f"STMT{last:%Y%m%d}"), ("GrpHdr/CreDtTm", f"{last}T20:00:00"))
    for site, movements, opening in accounts:
        closing = opening + sum((change(m) for m in movements), Decimal(0))
        statement = etree.SubElement(message, "Stmt")
        _texts(
            statement,
            ("Id", f"{site.account[-8:]}-{last:%Y%m%d}"),
            ("FrToDt/FrDtTm", f"{first}T00:00:00"),
            ("FrToDt/ToDtTm", f"{last}T23:59:59"),
            ("Acct/Id/Othr/Id", site.account),
            ("Acct/Ccy", "CNY"),
        )
        _balance(statement, "OPBD", opening, first - DAY)
        _balance(statement, "CLBD", closing, last)
        for movement in movements:
            _entry(statement, movement)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def change(movement: dict[str, Any]) -> Decimal:
    """What a movement does to the balance; a return puts back what the payment took."""
    amount: Decimal = movement["amount"]
    credit = (movement["direction"] == "C") != (movement["status"] == "returned")
    return amount if credit else -amount


def _balance(statement: Any, code: str, amount: Decimal, day: dt.date) -> None:
    balance = etree.SubElement(statement, "Bal")
    _texts(balance, ("Tp/CdOrPrtry/Cd", code))
    _amount(balance, abs(amount))
    _texts(balance, ("CdtDbtInd", "DBIT" if amount < 0 else "CRDT"), ("Dt/Dt", str(day)))


def _amount(parent: Any, amount: Decimal) -> None:
    etree.SubElement(parent, "Amt", Ccy="CNY").text = f"{amount:.2f}"


def _entry(statement: Any, movement: dict[str, Any]) -> None:
    returned = movement["status"] == "returned"
    credit = change(movement) > 0
    own = movement["reference"] + ("R" if returned else "")
    entry = etree.SubElement(statement, "Ntry")
    _amount(entry, movement["amount"])
    _texts(
        entry,
        ("CdtDbtInd", "CRDT" if credit else "DBIT"),
        ("Sts", "BOOK"),
        ("BookgDt/Dt", str(movement["bookedAt"])),
        ("AcctSvcrRef", own),
    )
    details = etree.SubElement(etree.SubElement(entry, "NtryDtls"), "TxDtls")
    _texts(details, ("Refs/EndToEndId", movement["reference"]))
    # The parties of a return keep the roles of the payment that came back.
    side = "Dbtr" if credit and not returned else "Cdtr"
    _texts(details, (f"RltdPties/{side}/Nm", movement["counterpartyName"]))
    if movement["counterpartyAccount"]:
        _texts(details, (f"RltdPties/{side}Acct/Id/Othr/Id", movement["counterpartyAccount"]))
    _texts(details, ("RmtInf/Ustrd", movement["purpose"]))
    if returned:
        _texts(details, ("RtrInf/Rsn/Cd", "AC04"), ("RtrInf/AddtlInf", movement["returnReason"]))


def _texts(parent: Any, *pairs: tuple[str, str]) -> None:
    """Elements down a path, made where they are missing, with a text at the end."""
    for path, text in pairs:
        element = parent
        *way, last = path.split("/")
        for name in way:
            found = element.find(name)
            element = etree.SubElement(element, name) if found is None else found
        etree.SubElement(element, last).text = text
