"""Whole columns of text to numbers, dates, months, names: each says what it could not read.

Money and days are carried as hundredths in int64 (exact); months as Month.ordinal.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from payroll.checks.issues import Issues
from payroll.feeds.base import Chunk
from wagewatch import identity
from wagewatch.months import Month

NO_MONTH = -1
_PLAIN_NUMBER = r"-?[0-9]{1,13}(\.[0-9]{1,2})?"  # [0-9]: \d would take full-width digits
_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[T\s]*(\d{1,2}:\d{2}(:\d{2})?).*)?\Z"
)
_COMPACT_DATE = re.compile(r"(\d{4})(\d{2})(\d{2})\Z")
_SERIAL = re.compile(r"\d{5}(\.\d+)?\Z")
_MONTH = re.compile(r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})|(\d{2}))\s*月?份?\Z")
_DOTS = str.maketrans(dict.fromkeys("•・‧∙⋅●．.", "·"))
ID_TYPES = {
    "居民身份证": "01", "身份证": "01", "护照": "08", "港澳同胞回乡证": "09",
    "港澳居民来往内地通行证": "10", "港澳通行证": "10", "往来港澳通行证": "11",
    "台湾居民来往大陆通行证": "12", "台胞证": "12", "大陆居民往来台湾通行证": "13",
    "香港身份证": "17",
}  # fmt: skip
YES_NO = {
    "": False, "0": False, "否": False, "false": False, "n": False, "no": False,
    "1": True, "是": True, "true": True, "y": True, "yes": True,
}  # fmt: skip

IS_CASH = {
    "": False, "银行": False, "银行转账": False, "转账": False, "银行卡": False, "银行代发": False,
    "代发": False, "bank": False, "transfer": False, "现金": True, "cash": True,
}  # fmt: skip


def missing(chunk: Chunk, name: str, issues: Issues, text: pd.Series | None = None) -> pd.Series:
    """Report empty cells of a required column; gives where they are."""
    empty = (chunk.text(name) if text is None else text).eq("").astype(bool)
    formula = _without_value(chunk, name)
    issues.where(chunk, name, empty & formula, "formula-no-value")
    issues.where(chunk, name, empty & ~formula, "missing")
    return empty


def _without_value(chunk: Chunk, name: str) -> pd.Series:
    """Where the cell holds a formula whose value was never computed."""
    if not chunk.formulas:
        return pd.Series(False, index=chunk.frame.index)
    index = chunk.frame.index
    return pd.Series([(row, name) in chunk.formulas for row in index], index=index, dtype=bool)


def _distinct(column: pd.Series, convert: Any) -> list[Any]:
    """`convert` of each distinct text, spread back over the column."""
    codes, values = pd.factorize(column)
    converted = [convert(value) for value in values]
    return [converted[code] for code in codes]


def hundredths(
    chunk: Chunk,
    name: str,
    issues: Issues,
    *,
    required: bool = False,
    maximum: int | None = None,
    negative: bool = False,
    too_much: str = "amount-absurd",
) -> tuple[pd.Series, pd.Series]:
    """(values x 100 as int64, where there is one). `maximum` in units."""
    text = chunk.text(name)
    empty = text.eq("").astype(bool)
    formula = _without_value(chunk, name)
    issues.where(chunk, name, empty & formula, "formula-no-value")
    if required:
        issues.where(chunk, name, empty & ~formula, "missing")
    odd = ~text.str.fullmatch(_PLAIN_NUMBER).astype(bool) & ~empty
    if odd.any():
        text = text.mask(odd, text[odd].map(_plain_number))
    numbers = _floats(text.mask(empty, "0") if empty.any() else text)
    unread = (numbers.isna() | ~np.isfinite(numbers)) & ~empty
    issues.where(chunk, name, unread, "amount-text")
    scaled = numbers.where(~unread, 0).fillna(0) * 100
    values = np.round(scaled.clip(-9e15, 9e15)).astype("int64")
    issues.where(chunk, name, (scaled - values).abs() > 1e-3, "amount-decimals")
    present = ~empty & ~unread
    if not negative:
        issues.where(chunk, name, present & (values < 0), "amount-negative")
    if maximum is not None:
        issues.where(chunk, name, present & (values > maximum * 100), too_much, limit=maximum)
    return values, present


def _floats(text: pd.Series) -> pd.Series:
    """Numbers, NaN where there is none. Arrow reads a sound column at once."""
    try:
        values = pa.array(text).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return pd.Series(values, index=text.index)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        return pd.to_numeric(text, errors="coerce").astype("float64")


def _plain_number(text: str) -> str:
    """`￥1,234.50 元` and full-width digits as a plain number."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[\s,，¥￥元$]|RMB|CNY", "", text)
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    return text if re.fullmatch(r"[-+]?\d+(\.\d*)?([eE][-+]?\d{1,2})?", text) else "?"


def parse_date(text: str, serial1904: bool = False) -> tuple[dt.date | None, str]:
    """(date, code): date-format, date-range, or date-serial for a spreadsheet's day number."""
    text = unicodedata.normalize("NFKC", text).strip()
    found = _DATE.match(text) or _COMPACT_DATE.match(text)
    if found:
        try:
            day = dt.date(int(found[1]), int(found[2]), int(found[3]))
        except ValueError:
            return None, "date-format"
        return (day, "") if 1950 <= day.year <= 2100 else (None, "date-range")
    if _SERIAL.match(text):
        epoch = dt.date(1904, 1, 1) if serial1904 else dt.date(1899, 12, 30)
        return epoch + dt.timedelta(days=int(float(text))), "date-serial"
    return None, "date-format"


def dates(
    chunk: Chunk,
    name: str,
    issues: Issues,
    *,
    required: bool = False,
    latest: dt.date | None = None,
) -> pd.Series:
    """A column of datetime.date or None (dtype object). `latest`: later ones are errors."""
    text = chunk.text(name)
    if required:
        missing(chunk, name, issues, text)
    parsed = _distinct(
        text, lambda value: parse_date(value, chunk.serial1904) if value else (None, "")
    )
    codes = pd.Series([code for _, code in parsed], index=text.index, dtype="str")
    issues.cells(chunk, name, codes.where(codes != "date-serial", ""))
    values = pd.Series([day for day, _ in parsed], index=text.index, dtype="object")
    serial = codes.eq("date-serial").astype(bool)
    issues.once(chunk, name, serial, "date-serial", date=values)
    if latest is not None:
        late = pd.Series([day is not None and day > latest for day in values], index=text.index)
        issues.where(chunk, name, late, "date-future", latest=str(latest))
    return values


def parse_month(text: str, serial1904: bool = False) -> int:
    """Month.ordinal, or NO_MONTH. Spreadsheets turn 2026-03 into a date: taken too."""
    text = unicodedata.normalize("NFKC", text).strip()
    if found := _MONTH.match(text):
        number = int(found[2] or found[3])
        year = int(found[1])
        return year * 12 + number - 1 if 1 <= number <= 12 and 1990 <= year <= 2100 else NO_MONTH
    day, _ = parse_date(text, serial1904)
    return Month.of(day).ordinal if day else NO_MONTH


def months(
    chunk: Chunk, name: str, issues: Issues, *, required: bool = False, latest: Month | None = None
) -> pd.Series:
    """A column of Month.ordinal, NO_MONTH where there is none."""
    text = chunk.text(name)
    empty = missing(chunk, name, issues, text) if required else text.eq("").astype(bool)
    values = pd.Series(
        _distinct(text, lambda value: parse_month(value, chunk.serial1904)),
        index=text.index,
        dtype="int64",
    )
    issues.where(chunk, name, ~empty & (values == NO_MONTH), "month-format")
    if latest is not None:
        late = values > latest.ordinal
        issues.where(chunk, name, late, "month-future", latest=str(latest))
    return values


def clean_name(text: str) -> str:
    """A person's or company's name in one spelling: width, dots, spaces between Chinese signs, no
    invisible characters."""
    text = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip()
    if not text.isprintable():
        text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf"))
    if re.search(r"[\u3400-\u9fff\U00020000-\U0003ffff]", text):
        text = text.replace(" ", "").translate(_DOTS)
    return text.strip()


def names(chunk: Chunk, name: str, issues: Issues) -> pd.Series:
    """A required column of persons' names, in one spelling."""
    text = chunk.text(name)
    missing(chunk, name, issues, text)
    odd = ~text.str.fullmatch(r"[\u3400-\u9fff]+").astype(bool) & text.ne("").astype(bool)
    if odd.any():
        text = text.mask(odd, text[odd].map(clean_name))
        bad = text[odd].str.contains(r"\d").astype(bool) | ~text[odd].map(
            lambda value: any(sign.isalpha() for sign in value)
        ).astype(bool)
        issues.where(chunk, name, bad, "name-text")
        issues.where(chunk, name, text[odd].str.len() > 100, "text-long", limit=100)
    return text


def id_types(chunk: Chunk, issues: Issues) -> pd.Series:
    text = chunk.text("idCardType")

    def code(value: str) -> str:
        value = unicodedata.normalize("NFKC", value)
        if not value:
            return identity.RESIDENT_ID
        number = ID_TYPES.get(value, value.zfill(2))
        return number if re.fullmatch(r"0[1-9]|1[0-7]", number) else ""

    types = pd.Series(_distinct(text, code), index=text.index, dtype="str")
    issues.where(chunk, "idCardType", types.eq("").astype(bool), "id-type")
    return types


def ids(chunk: Chunk, issues: Issues, types: pd.Series) -> pd.Series:
    """Normalised ID numbers, empty where wrong. Full-width digits and a small x are put right."""
    raw = chunk.text("idCardNumber").str.lstrip("'’`")
    numbers = identity.normalise_column(raw)
    codes = identity.resident_id_codes(numbers)
    other = types.ne(identity.RESIDENT_ID).astype(bool)
    if other.any():
        kinds, values = types[other], numbers[other]
        codes[other] = [identity.id_code(k, v) for k, v in zip(kinds, values, strict=True)]
    odd = ~other & codes.isin(["id-length", "id-characters"]).astype(bool)
    if odd.any():
        codes[odd & identity.looks_like_permits(numbers)] = "id-permit"
    empty = codes.eq("id-missing").astype(bool)
    codes[empty & _without_value(chunk, "idCardNumber")] = "formula-no-value"
    issues.cells(chunk, "idCardNumber", codes)
    _full_width(chunk, "idCardNumber", raw, issues)
    wrong = codes.ne("").astype(bool)
    sound = numbers[~wrong & ~other]
    strange = identity.strange_places(sound)
    issues.where(chunk, "idCardNumber", strange, "id-place", "hint")
    issues.once(chunk, "idCardNumber", raw.str.endswith(("x", "ｘ")).astype(bool), "id-small-x")
    return numbers.mask(wrong, "") if wrong.any() else numbers


def cards(chunk: Chunk, name: str, issues: Issues, *, check: bool = True) -> pd.Series:
    """Normalised card or account numbers; empty where there is none."""
    raw = chunk.text(name).str.lstrip("'’`")
    odd = ~raw.str.fullmatch(r"[0-9]*").astype(bool)
    numbers = raw
    if odd.any():
        numbers = raw.mask(
            odd, raw[odd].map(lambda value: identity.normalise(value).replace("-", ""))
        )
        _full_width(chunk, name, raw, issues)
    if check:
        issues.cells(chunk, name, identity.card_codes(numbers))
    return numbers


def _full_width(chunk: Chunk, name: str, raw: pd.Series, issues: Issues) -> None:
    wide = raw.str.contains(r"[０-９Ａ-Ｚａ-ｚ]").astype(bool)
    issues.where(chunk, name, wide, "number-fullwidth", "hint")


def choices(
    chunk: Chunk, name: str, issues: Issues, allowed: Mapping[str, Any], *, default: Any = None
) -> pd.Series:
    """A column of coded values; `allowed` maps lower-case texts. Empty gives `default`."""
    text = chunk.text(name)
    unknown = object()

    def pick(value: str) -> Any:
        if not value and default is not None:
            return default
        return allowed.get(unicodedata.normalize("NFKC", value).lower(), unknown)

    codes, texts = pd.factorize(text)
    picked = [pick(value) for value in texts]
    bad = np.array([value is unknown for value in picked], dtype=bool)[codes]
    hint = "、".join(dict.fromkeys(key for key in allowed if key))
    issues.where(chunk, name, pd.Series(bad, index=text.index), "choice", allowed=hint)
    fallback = default if default is not None else next(iter(allowed.values()))
    values = np.array([fallback if one is unknown else one for one in picked], dtype=object)
    return pd.Series(values[codes], index=text.index, dtype="object")


def short(chunk: Chunk, name: str, issues: Issues, limit: int, *, required: bool = False) -> Any:
    """A text column no longer than the table takes."""
    text = chunk.text(name)
    if required:
        missing(chunk, name, issues, text)
    issues.where(chunk, name, text.str.len() > limit, "text-long", limit=limit)
    return text
