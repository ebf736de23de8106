"""ID, company, card and project numbers: normalise, check, mask; one value or a whole column.

Checks of a column give a Series of codes, empty where the value is right. Codes are short and
stable (`id-checksum`); their wording is in payroll/checks/messages.py.

Sources: GB 11643 (resident ID), GB 32100-2015 (credit code), regulation.md section 8. The district
of a resident ID is the one at issue, so that one founded after the holder's birth is right (330902
dates from 1987), and a district that was never heard of is a hint, no error.
"""

import re
import unicodedata
from functools import cache

import numpy as np
import pandas as pd
from stdnum import luhn, numdb
from stdnum.cn import uscc
from stdnum.exceptions import ValidationError

RESIDENT_ID = "01"
_WEIGHTS = np.array([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
_CHECK = np.frombuffer(b"10X98765432", dtype=np.uint8)
_OTHER_ID = re.compile(r"[0-9A-Z()/\-]{4,30}\Z")
_CARD = re.compile(r"\d{12,30}\Z")
_PERMIT = r"[HM][0-9]{8}(?:[0-9]{2})?|[A-Z][A-Z0-9]?[0-9]{7,8}|[0-9]{8}"
_RESIDENCE = ("81", "82", "83")  # permits of Hong Kong, Macau and Taiwan residents, 18 digits
_SCIENTIFIC = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]{2}\Z")
PROJECT_CODE = re.compile(r"[0-9A-Za-z_\-]{1,32}\Z")


def normalise(text: str) -> str:
    """Full-width to half-width, no spaces inside, upper case: for numbers, not for names."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()


def normalise_column(column: pd.Series) -> pd.Series:
    """`normalise` for a column; plain ASCII values take the fast way."""
    text = column.fillna("").astype("str")
    odd = ~text.str.fullmatch(r"[0-9A-Z]*")
    if odd.any():
        text = text.mask(odd, text[odd].map(normalise))
    return text


def resident_id_codes(column: pd.Series) -> pd.Series:
    """Codes for a column of normalised resident ID numbers.

    id-missing, id-scientific (Excel's 1.23E+17), id-15 (old 15-digit number), id-length,
    id-characters, id-rounded (Excel's trailing zeros), id-date, id-checksum.
    """
    codes = pd.Series("", index=column.index, dtype="str")
    length = column.str.len()
    codes[length != 18] = "id-length"
    codes[length == 0] = "id-missing"
    codes[column.str.fullmatch(r"[0-9]{15}")] = "id-15"
    codes[column.str.fullmatch(_SCIENTIFIC.pattern.rstrip(r"\Z"))] = "id-scientific"
    full = length == 18
    shape = column.str.fullmatch(r"[0-9]{17}[0-9X]")
    codes[full & ~shape] = "id-characters"
    sound = column[full & shape]
    if sound.empty:
        return codes
    digits = np.frombuffer(
        "".join(sound.to_numpy(dtype=object)).encode("ascii"), dtype=np.uint8
    ).reshape(-1, 18)
    body = (digits[:, :17] - 48).astype(np.int64)
    right_check = digits[:, 17] == _CHECK[(body * _WEIGHTS).sum(axis=1) % 11]
    years = body[:, 6] * 1000 + body[:, 7] * 100 + body[:, 8] * 10 + body[:, 9]
    months = body[:, 10] * 10 + body[:, 11]
    days = body[:, 12] * 10 + body[:, 13]
    found = np.where(right_check, "", "id-checksum").astype(object)
    found[~_real_dates(years, months, days)] = "id-date"
    found[(digits[:, 15:] == 48).all(axis=1) & ~right_check] = "id-rounded"
    codes[sound.index] = found
    return codes


def looks_like_permits(column: pd.Series) -> pd.Series:
    """Where a normalised number has the shape of a travel permit (H12345678, 12345678) or a
    passport (E12345678), and not of a resident ID."""
    return column.str.fullmatch(_PERMIT).astype(bool)


def strange_places(column: pd.Series) -> pd.Series:
    """Where the district of a sound resident ID number is in no list, of today or of the past."""
    codes, areas = pd.factorize(column.str[:6])
    known = np.array([_place_known(area) for area in areas.tolist()], dtype=bool)
    return pd.Series(~known[codes] if len(known) else False, index=column.index, dtype=bool)


@cache
def _place_known(area: str) -> bool:
    if area[:2] in _RESIDENCE:
        return True
    places = numdb.get("cn/loc")
    if area.startswith("9"):  # permanent residence of foreigners: 9, province, nationality
        return bool(places.info(area[1:3] + "0000")[0][1])
    return any("county" in found for _, found in places.info(area))


def _real_dates(years: np.ndarray, months: np.ndarray, days: np.ndarray) -> np.ndarray:
    leap = ((years % 4 == 0) & (years % 100 != 0)) | (years % 400 == 0)
    month = np.clip(months, 1, 12)
    longest = np.array([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])[month - 1]
    longest = longest + ((month == 2) & leap)
    return (
        (years >= 1900)
        & (years <= 2100)
        & (months >= 1)
        & (months <= 12)
        & (days >= 1)
        & (days <= longest)
    )


def id_code(id_type: str, number: str) -> str:
    """The code for one normalised number of an `idCardType` (dictionary of 建办市〔2018〕81号)."""
    if id_type == RESIDENT_ID:
        return str(resident_id_codes(pd.Series([number], dtype="str")).iloc[0])
    if not number:
        return "id-missing"
    return "" if _OTHER_ID.match(number) else "id-characters"


def credit_code_code(code: str) -> str:
    """The code for one normalised unified social credit code (GB 32100-2015)."""
    if not code:
        return "corp-missing"
    try:
        uscc.validate(code)
    except ValidationError:
        return "corp-code"
    return ""


def card_code(number: str) -> str:
    """The code for one normalised bank card number of a person (16-19 digits, Luhn).

    Older passbook accounts of 12-15 and of more than 19 digits exist and carry no check digit.
    """
    if _SCIENTIFIC.match(number):
        return "card-scientific"
    if not _CARD.match(number):
        return "card-characters"
    if 16 <= len(number) <= 19 and not luhn.is_valid(number):
        return "card-rounded" if number.endswith("000") else "card-checksum"
    return ""


def card_codes(column: pd.Series) -> pd.Series:
    """`card_code` for a column of normalised numbers; an empty cell is no error."""
    codes = pd.Series("", index=column.index, dtype="str")
    length = column.str.len()
    odd = ~column.str.fullmatch(r"[0-9]{12,30}") & (length > 0)
    codes[odd] = column[odd].map(card_code)
    for size in range(16, 20):
        some = column[(length == size) & ~odd]
        if some.empty:
            continue
        digits = np.frombuffer(
            "".join(some.to_numpy(dtype=object)).encode("ascii"), dtype=np.uint8
        ).reshape(-1, size)
        values = (digits - 48).astype(np.int64)
        doubled = values[:, -2::-2] * 2
        total = values[:, -1::-2].sum(axis=1) + (doubled - 9 * (doubled > 9)).sum(axis=1)
        rounded = (values[:, -3:] == 0).all(axis=1)
        wrong = total % 10 != 0
        codes[some.index] = np.where(wrong, np.where(rounded, "card-rounded", "card-checksum"), "")
    return codes


def mask_id(number: str) -> str:
    """`330902198001011234` -> `3309**********1234`: the district and the last four stay."""
    if len(number) < 9:
        return "*" * len(number)
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def mask_card(number: str) -> str:
    """`6222020200012345678` -> `**** 5678`."""
    return "**** " + number[-4:] if len(number) > 4 else "****"
