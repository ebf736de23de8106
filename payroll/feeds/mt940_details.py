"""What the :86: of an MT940 movement says: counterparty, purpose, references, reason of return."""

import re
from collections.abc import Mapping
from typing import Any

_NUMBERED = re.compile(r":86:(\d{3})?([?<^~>])\d{2}")
_CODES = (
    "EREF", "KREF", "MARF", "PREF", "IREF", "BENM", "ORDP", "NAME", "ACCT", "IBAN", "BIC", "CNTP",
    "REMI", "USTD", "RTRN", "ISDT", "ADDR", "CSID", "PURP", "TRTP", "TRCD", "BUSP", "ID", "STRD",
    "ULTC", "ULTD", "SVCL", "BVO", "BUSI", "CNAM", "CACC",
)  # fmt: skip
_SLASHED = re.compile(rf"/({'|'.join(_CODES)})(?=/)")
_NUMBER = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{8,30}|\d{8,30}")


def standard(lines: list[str]) -> list[str]:
    """A movement's lines with the numbered fields of its :86: as the library knows them: behind a
    code of three digits, each after a question mark."""
    for index, line in enumerate(lines):
        if found := _NUMBERED.match(line):
            mark = re.compile(re.escape(found[2]) + r"(?=\d{2})")
            rest = [mark.sub("?", text) for text in lines[index:]]
            rest[0] = f":86:{found[1] or '000'}{rest[0][found.start(2) :]}"
            return lines[:index] + rest
    return lines


def parties(facts: Mapping[str, Any]) -> dict[str, str]:
    """Texts by field name out of a transaction as the library read it."""
    raw = str(facts.get("transaction_details") or "")
    if not raw:
        return _numbered(facts)
    joined = "".join(line.strip("\r\n") for line in raw.splitlines())
    if _SLASHED.search(joined):
        return _slashed(joined)
    return {"purpose": " ".join(raw.split("\n")).strip()}


def _numbered(fields: Mapping[str, Any]) -> dict[str, str]:
    """?20 to ?29 and ?60 to ?63 purpose, ?31 account, ?32 and ?33 name, ?34 reason of return."""

    def said(name: str) -> str:
        return str(fields.get(name) or "").strip()

    purpose = "".join(filter(None, (said("purpose"), said("additional_purpose"))))
    return {
        "counterpartyName": said("applicant_name"),
        "counterpartyAccount": said("applicant_iban") or said("gvc_applicant_iban"),
        "purpose": purpose or said("posting_text"),
        "endToEnd": said("end_to_end_reference"),
        "returnReason": said("return_debit_notes"),
    }


def _slashed(text: str) -> dict[str, str]:
    """/BENM//NAME/.../ACCT/..., /CNTP/account/BIC/name/, /REMI/USTD//..., /RTRN/reason/."""
    pieces = _SLASHED.split(text)
    said: dict[str, str] = {}
    for code, value in zip(pieces[1::2], pieces[2::2], strict=True):
        said.setdefault(code, value.strip(" /"))
    name = said.get("NAME") or said.get("CNAM", "")
    number = said.get("ACCT") or said.get("IBAN") or said.get("CACC", "")
    for code in ("CNTP", "BENM", "ORDP"):
        parts = [part.strip() for part in said.get(code, "").split("/") if part.strip()]
        for part in parts:
            if not number and _NUMBER.fullmatch(part):
                number = part
            elif not name and not _NUMBER.fullmatch(part) and not _is_bic(part):
                name = part
    remittance = said.get("USTD") or said.get("REMI") or said.get("STRD", "")
    return {
        "counterpartyName": name,
        "counterpartyAccount": number,
        "purpose": remittance,
        "endToEnd": said.get("EREF", "").replace("NOTPROVIDED", ""),
        "returnReason": said.get("RTRN", ""),
    }


def _is_bic(text: str) -> bool:
    return re.fullmatch(r"[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?", text) is not None
