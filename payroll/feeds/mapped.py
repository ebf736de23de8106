"""Bank tables with a bank's own headings, read by a column map that an administrator saved.

A map (payroll.models.ColumnMap of kind `bank`) names the heading of each field and says how the
bank writes dates, amounts and directions; it is tried where the standard headings are not found.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from payroll.checks.issues import Issues, Unreadable
from payroll.feeds.bank_csv import FIELDS
from payroll.feeds.base import Chunk, Field, Reader, Source, register
from payroll.feeds.table import TableReader

SIGNS = ("direction", "columns", "signed")
"""How the direction is given: a column of words, a debit and a credit column, or the sign of the
amount (negative is a debit; with the option `negative` = "credit" the other way round)."""

SIDES = ("debit", "credit")
OPTIONS = (
    "sign", "negative", "date_format", "decimal", "debit_words", "credit_words", "booked_words",
    "returned_words",
)  # fmt: skip
NAMES = (*(field.name for field in FIELDS), *SIDES)
_SECRETS = {field.name: field.secret for field in FIELDS}


def problems(headings: Mapping[str, Any], options: Mapping[str, Any]) -> list[str]:
    """What keeps a map from being used: unknown fields and options, and required ones missing."""
    sign = options.get("sign", "direction")
    if sign not in SIGNS:
        return [f"sign: {', '.join(SIGNS)}"]
    found = [f"{name}?" for name in headings if name not in NAMES]
    found += [f"{name}?" for name in options if name not in OPTIONS]
    found += [name for name in ("accountNo", *_required(sign)) if name not in headings]
    if options.get("decimal", ".") not in (".", ","):
        found.append("decimal: . ,")
    if options.get("negative", "debit") not in SIDES:
        found.append(f"negative: {', '.join(SIDES)}")
    for name in OPTIONS[-4:]:
        words = options.get(name, [])
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            found.append(f"{name}: [...]")
    try:
        dt.date(2026, 1, 2).strftime(str(options.get("date_format", "")))
    except ValueError:
        found.append("date_format")
    return found


def _required(sign: str) -> tuple[str, ...]:
    how = {"direction": ("amount", "direction"), "columns": SIDES, "signed": ("amount",)}
    return ("bookedAt", "reference", *how[sign])


class MappedBank(Reader):
    kind = "bank"

    def detect(self, source: Source) -> int:
        """Less than any standard heading row scores."""
        _, table, _ = _best(source)
        return 0 if table is None else 5

    def read(self, source: Source, issues: Issues) -> Iterator[Chunk]:
        _, table, options = _best(source)
        if table is None:
            raise Unreadable("heading-missing", missing="", kind=self.kind)
        for chunk in table.read(source, issues):
            yield _plain(chunk, options, issues)


def _best(source: Source) -> tuple[int, TableReader | None, Mapping[str, Any]]:
    """The map that finds most of its columns in the file."""
    best: tuple[int, TableReader | None, Mapping[str, Any]] = (0, None, {})
    for one in source.maps:
        if one.kind != "bank" or problems(one.headings, one.options):
            continue
        table = _table(one)
        if (score := table.detect(source)) > best[0]:
            best = (score, table, one.options)
    return best


def _table(one: Any) -> TableReader:
    fields = []
    for name, headings in one.headings.items():
        written = [headings] if isinstance(headings, str) else headings
        made = Field(written[0], *written, secret=_SECRETS.get(name, ""))
        made.name = name
        fields.append(made)
    account = [field for field in fields if field.name == "accountNo"]
    required = (*_required(one.options.get("sign", "direction")), "accountNo")
    return TableReader("bank", fields, required=required, block=account, totals=True)


def _plain(chunk: Chunk, options: Mapping[str, Any], issues: Issues) -> Chunk:
    """The chunk as the standard table would have written it."""
    frame = chunk.frame.copy()
    sign = options.get("sign", "direction")
    if sign == "columns":
        _from_sides(frame, chunk, options, issues)
    else:
        frame["amount"] = _amounts(frame["amount"], options)
        if sign == "signed":
            negative = frame["amount"].str.startswith("-")
            debit = negative == (options.get("negative", "debit") == "debit")
            frame["direction"] = debit.map({True: "D", False: "C"}).astype("str")
            frame["amount"] = frame["amount"].str.lstrip("-+")
    if "direction" in frame and sign == "direction":
        _translate(frame, "direction", options, debit_words="D", credit_words="C")
    if "status" in frame:
        _translate(frame, "status", options, booked_words="booked", returned_words="returned")
    if pattern := options.get("date_format"):
        frame["bookedAt"] = frame["bookedAt"].map(lambda text: _iso(text, pattern))
    chunk.frame = frame.astype(dict.fromkeys(frame.columns, "str"))
    chunk.totals = []
    return chunk


def _amounts(column: pd.Series, options: Mapping[str, Any]) -> pd.Series:
    """Numbers with a point, without thousands separators; a trailing sign goes to the front."""
    comma = options.get("decimal", ".") == ","

    def plain(text: str) -> str:
        text = re.sub(r"[\s'¥￥元]|CNY|RMB", "", unicodedata.normalize("NFKC", text))
        text = text.replace(".", "").replace(",", ".") if comma else text.replace(",", "")
        if text.endswith("-") or (text.startswith("(") and text.endswith(")")):
            text = "-" + text.strip("-()")
        return text

    return column.map(plain).astype("str")


def _from_sides(
    frame: pd.DataFrame, chunk: Chunk, options: Mapping[str, Any], issues: Issues
) -> None:
    """One amount out of the debit and the credit column; an empty cell and a zero are the same."""
    sides = {side: _amounts(frame[side], options) for side in SIDES}
    filled = {side: ~text.str.fullmatch(r"[-+]?0*(\.0*)?") for side, text in sides.items()}
    for row in frame.index[filled["debit"] & filled["credit"]]:
        issues.error(
            "amount-both-sides",
            sheet=chunk.sheet,
            row=int(row),
            column=chunk.heading("debit"),
            value=f"{sides['debit'].at[row]} / {sides['credit'].at[row]}",
        )
    frame["amount"] = sides["debit"].where(filled["debit"], sides["credit"])
    frame["direction"] = filled["debit"].map({True: "D", False: "C"})
    # A negative amount in a column is the cancelling of one: it moves the other way.
    turned = frame["amount"].str.startswith("-")
    frame.loc[turned, "direction"] = frame.loc[turned, "direction"].map({"D": "C", "C": "D"})
    frame["amount"] = frame["amount"].str.lstrip("-+")
    heading = "/".join(chunk.heading(side) for side in SIDES)
    chunk.written = chunk.written | {"amount": heading, "direction": heading}


def _translate(frame: pd.DataFrame, name: str, options: Mapping[str, Any], **words: str) -> None:
    meant = {_word(word): value for key, value in words.items() for word in options.get(key, [])}
    frame[name] = frame[name].map(lambda text: meant.get(_word(text), text))


def _word(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


def _iso(text: str, pattern: str) -> str:
    """The day as YYYY-MM-DD; as it stands where the pattern does not fit: the check says so."""
    try:
        return dt.datetime.strptime(text.strip(), pattern).date().isoformat()  # noqa: DTZ007
    except ValueError:
        return text


register(MappedBank())
