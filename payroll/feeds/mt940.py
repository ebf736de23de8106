"""SWIFT MT940 statements, read by the library mt-940 line by line, so that one bad line is named.

Taken as banks write them: bare or wrapped in {1:...{4: blocks, several statements in a file, one
statement over several messages (:60M:, :62M:), :86: in numbered fields (?00 to ?63, also with
< or ~), in slashed codes (/BENM//NAME/...) or as free text, in UTF-8 or GB18030.
"""

import datetime as dt
import logging
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import mt940

from payroll.checks.issues import Issues, Unreadable
from payroll.feeds.base import CHUNK_ROWS, Chunk, Reader, Source, register
from payroll.feeds.camt import chunk, first_day
from payroll.feeds.csv_table import encoding_of
from payroll.feeds.mt940_details import parties, standard

# The library logs what it cannot read, account numbers and all.
logging.getLogger("mt940").setLevel(logging.CRITICAL + 1)

_PLACES = {
    "accountNo": ":25:",
    "bookedAt": ":61:",
    "amount": ":61:",
    "direction": ":61:",
    "counterpartyName": ":86:",
    "counterpartyAccount": ":86:",
    "purpose": ":86:",
    "reference": ":61:",
    "status": ":61:",
    "returnReason": ":86:",
}
_START = re.compile(r"^:20:")
_TAG = re.compile(r"^:(NS|[0-9]{2}[A-Z]?):")
_TAIL = re.compile(r"^:(62|64|65)[A-Z]?:")
_RETURN_TYPES = ("NRTI", "FRTI", "SRTI")
LONGEST_REFERENCE = 35
"""Of a payer's reference (Max35Text of ISO 20022)."""
_OPTIONS = mt940.Options.all()


@dataclass
class _Part:
    """One message: the lines before the first :61:, each :61: with its :86:, and what follows."""

    line: int
    head: list[str] = field(default_factory=list)
    entries: list[tuple[int, list[str]]] = field(default_factory=list)
    tail: list[str] = field(default_factory=list)


class Mt940(Reader):
    kind = "bank"

    def detect(self, source: Source) -> int:
        return 100 if source.container == "mt940" else 0

    def read(self, source: Source, issues: Issues) -> Iterator[Chunk]:
        rows: list[dict[str, str]] = []
        numbers: list[int] = []
        statements: list[dict[str, Any]] = []
        for part in _parts(_lines(source)):
            statement = _statement(part, statements, issues)
            made = [_entry(line, lines, issues) for line, lines in part.entries]
            _name(made, statement)
            for (line, _), row in zip(part.entries, made, strict=True):
                if row is not None:
                    rows.append(row)
                    numbers.append(line)
                    statement["moved"] += _moved(row)
                    statement["booked"].add(row["bookedAt"])
            statement["count"] += len(made)
            statement["from"] = first_day(statement["began"], statement["to"], statement["booked"])
            if len(rows) >= CHUNK_ROWS:
                # The last statement may go on in the next message.
                yield chunk(rows, 0, statements[:-1], _PLACES, numbers)
                rows, numbers, statements = [], [], statements[-1:]
        yield chunk(rows, 0, statements, _PLACES, numbers)


def _lines(source: Source) -> Iterator[tuple[int, str]]:
    """Numbered lines without SWIFT's envelope and empty ones. Raises Unreadable."""
    encoding, start = encoding_of(source)
    handle = source.rewind()
    handle.seek(start)
    text = handle.read().decode(encoding)
    for number, line in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if line.startswith("{"):
            line = line.partition("{4:")[2]
        if line.startswith(("-}", "}")) or line.strip() in ("", "-"):
            continue
        yield number, line.rstrip()


def _parts(lines: Iterator[tuple[int, str]]) -> Iterator[_Part]:
    part: _Part | None = None
    for number, line in lines:
        if _START.match(line):
            if part is not None:
                yield part
            part = _Part(number)
        if part is None:
            continue  # a bank's own header
        if line.startswith(":61:") and not part.tail:
            part.entries.append((number, [line]))
        elif part.tail or _TAIL.match(line):
            if line.startswith(":61:"):
                raise Unreadable("mt940-order", row=number)
            part.tail.append(line)
        elif part.entries:
            part.entries[-1][1].append(line)
        else:
            part.head.append(line)
    if part is not None:
        yield part


def _parsed(lines: list[str]) -> mt940.models.Transactions | None:
    """What the library makes of some lines; None when it cannot read them."""
    read = mt940.models.Transactions(options=_OPTIONS)
    try:
        read.parse("\n".join(lines))
    except Exception:  # the library raises whatever its patterns and dates come upon
        return None
    return read


def _statement(part: _Part, statements: list[dict[str, Any]], issues: Issues) -> dict[str, Any]:
    """The statement of a message: a new one, or the last one when this message continues it."""
    read = _parsed([*part.head, *(line for line in part.tail if not line.startswith(":86:"))])
    if read is None:
        raise Unreadable("mt940-message", row=part.line)
    facts = read.data
    account = _account(str(facts.get("account_identification") or ""))
    opening = facts.get("final_opening_balance") or facts.get("opening_balance")
    between = facts.get("intermediate_opening_balance")
    closing = (
        facts.get("final_closing_balance")
        or facts.get("closing_balance")
        or facts.get("intermediate_closing_balance")
    )
    last = statements[-1] if statements else None
    number = str(facts.get("statement_number") or "")
    if between and last and last["account"] == account and last["open"]:
        statement = last
    else:
        statement = {
            "account": account,
            "reference": "/".join(
                filter(None, (str(facts.get("transaction_reference") or "").strip(), number))
            )[:60],
            "opening": _amount(opening or between, part.line, issues),
            "began": str(_day(opening or between) or ""),
            "booked": set(),
            "from": "",
            "moved": Decimal(0),
            "count": 0,
            "sequence": int(number) if number else None,
            "covers": True,
            "places": (":25:", ":62F:", ":60F:/:62F:"),
        }
        statements.append(statement)
    if closing is None:
        issues.error("mt940-closing", row=part.line, column=":62F:", value=statement["reference"])
    statement["open"] = "final_closing_balance" not in facts
    statement["closing"] = _amount(closing, part.line, issues)
    statement["to"] = str(_day(closing) or "")
    return statement


def _amount(balance: Any, line: int, issues: Issues) -> Decimal | None:
    """Signed, CNY."""
    if balance is None or balance.amount is None:
        return None
    if balance.amount.currency != "CNY":
        issues.error("currency", row=line, column=":60F:", value=str(balance.amount.currency))
    value: Decimal = balance.amount.amount
    return value


def _day(balance: Any) -> dt.date | None:
    found = None if balance is None else balance.date
    return dt.date(found.year, found.month, found.day) if found else None


def _account(text: str) -> str:
    """`102/330900100000000001CNY`, `BANKCNBJ/3309...` or the bare number: the number."""
    number = text.strip().rpartition("/")[2]
    return re.sub(r"\s*[A-Z]{3}$", "", number) if re.match(r"\d{8}", number) else number


def _entry(line: int, lines: list[str], issues: Issues) -> dict[str, str] | None:
    read = _parsed(standard(lines))
    if read is None or len(read.transactions) != 1:
        issues.error("mt940-line", row=line, column=":61:")
        return None
    facts = read.transactions[0].data
    amount, mark = facts.get("amount"), str(facts.get("status") or "").upper()
    if amount is None or mark not in ("D", "C", "RD", "RC"):
        issues.error("mt940-line", row=line, column=":61:")
        return None
    returned = mark.startswith("R") or facts.get("id") in _RETURN_TYPES
    said = parties(facts)
    if len(said.get("endToEnd", "")) > LONGEST_REFERENCE:  # words that the bank wrote behind it
        said["purpose"] = " ".join(filter(None, [said["purpose"], said.pop("endToEnd")]))
    own = str(facts.get("customer_reference") or "").strip()
    return {
        "bookedAt": str(facts.get("entry_date") or facts["date"]),
        "amount": f"{abs(amount.amount):f}",
        # A reversed credit (RC) takes money away, a reversed debit (RD) gives it back.
        "direction": "C" if mark in ("C", "RD") else "D",
        "reference": str(facts.get("bank_reference") or "").strip(),
        "endToEnd": said.pop("endToEnd", "") or ("" if own == "NONREF" else own),
        "own": "" if own == "NONREF" else own,
        "status": "returned" if returned else "",
        **said,
        "returnReason": said.get("returnReason", "") if returned else "",
    }


def _name(made: list[dict[str, str] | None], statement: dict[str, Any]) -> None:
    """Account and reference of each movement. Without a reference of the bank (//): the
    customer's, where it looks like a number and is the only one; else the statement's number and
    the place in it, which the same statement sent again bears too."""
    often = Counter(row["own"] for row in made if row)
    for index, row in enumerate(made, start=statement["count"] + 1):
        if row is None:
            continue
        own = row.pop("own")
        row["accountNo"] = statement["account"]
        if not row["reference"] or row["reference"] == "NONREF":
            alone = often[own] == 1 and re.search(r"\d{6}", own)
            row["reference"] = (
                own if alone else f"{statement['to']}/{statement['reference']}/{index}"
            )


def _moved(row: dict[str, str]) -> Decimal:
    amount = Decimal(row["amount"])
    return amount if row["direction"] == "C" else -amount


register(Mt940())
