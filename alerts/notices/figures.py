"""How sums, dates, months and counts stand in a Chinese official document."""

import datetime as dt
import re
from decimal import Decimal

from wagewatch.months import Month

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿", "万亿")
_PLAIN = "零一二三四五六七八九"

_MONTH = re.compile(r"(?:(\d{4})年)?(\d{1,2})月\Z")

CENT = Decimal("0.01")


def money(amount: Decimal) -> str:
    """`1234.5` -> `1,234.50` (CNY, without the unit)."""
    return f"{amount.quantize(CENT):,.2f}"


def capital(amount: Decimal) -> str:
    """A sum of CNY in capital numerals 大写, as on a cheque: `1005.02` -> 壹仟零伍元零贰分.

    整 closes a sum that ends at the yuan. ValueError for a sum below 0, with fractions of a cent,
    or of 10^16 and more.
    """
    if amount != amount.quantize(CENT) or not 0 <= amount < 10**16:
        raise ValueError(f"no sum of money: {amount}")
    cents = int(amount * 100)
    yuan, rest = divmod(cents, 100)
    jiao, fen = divmod(rest, 10)
    text = f"{_integer(yuan)}元" if yuan or not rest else ""
    if not rest:
        return text + "整"
    if jiao:
        text += f"{_DIGITS[jiao]}角"
    elif yuan:
        text += "零"
    return text + (f"{_DIGITS[fen]}分" if fen else "")


def _integer(number: int) -> str:
    """A whole number below 10^16 in capital numerals, read in groups of four digits."""
    if number == 0:
        return _DIGITS[0]
    text = ""
    for group in range(3, -1, -1):
        four = number // 10 ** (4 * group) % 10_000
        if four == 0:
            continue
        # A gap before this group's first digit is read as one zero.
        if text and (four < 1000 or number // 10 ** (4 * (group + 1)) % 10 == 0):
            text += _DIGITS[0]
        text += _four(four) + _GROUPS[group]
    if number >= 10**12 and number // 10**8 % 10_000:
        text = text.replace("万亿", "万", 1)
    return text


def _four(number: int) -> str:
    text, gap = "", False
    for place in range(3, -1, -1):
        digit = number // 10**place % 10
        if digit == 0:
            gap = bool(text)
            continue
        text += (_DIGITS[0] if gap else "") + _DIGITS[digit] + _PLACES[place]
        gap = False
    return text


def date(day: dt.date) -> str:
    """`2026年4月7日`, without leading zeros (GB/T 9704)."""
    return f"{day.year}年{day.month}月{day.day}日"


def month(value: Month) -> str:
    return f"{value.year}年{value.number}月"


def months(values: list[Month]) -> str:
    """Months in short: `2026年2月、3月`; the year is said again when it changes."""
    text, year = [], 0
    for value in sorted(values):
        text.append(f"{value.number}月" if value.year == year else month(value))
        year = value.year
    return "、".join(text)


def months_of(text: str) -> list[Month]:
    """The months that `months` has written. Raises ValueError for anything else."""
    found: list[Month] = []
    for part in text.split("、"):
        match = _MONTH.match(part)
        if not match or not (match[1] or found):
            raise ValueError(f"not months: {text!r}")
        year = int(match[1]) if match[1] else found[-1].year
        found.append(Month.parse(f"{year:04d}-{int(match[2]):02d}"))
    return found


def ordinal(number: int) -> str:
    """1 to 999 in plain Chinese numerals: 一, 十二, 二十, 二百七十六."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_PLAIN[hundreds]}百" if hundreds else ""
    if tens:
        text += "十" if tens == 1 and not hundreds else f"{_PLAIN[tens]}十"
    elif hundreds and ones:
        text += _PLAIN[0]
    return text + (_PLAIN[ones] if ones else "")
