"""Sums, dates and articles as an official document writes them."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from alerts.notices import citing, figures
from alerts.notices.duties import DUTIES
from wagewatch.months import Month

FEBRUARY, MARCH = Month.parse("2026-02"), Month.parse("2026-03")


# --- sums, dates and articles in words

_VALUES = {name: value for value, name in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNITS = {"拾": 10, "佰": 100, "仟": 1000}


def parse_capital(text: str) -> Decimal:
    """The reverse of `capital`, written apart from it: reads numerals from the right sizes."""

    def whole(part: str) -> int:
        for unit, size in (("亿", 10**8), ("万", 10**4)):
            if unit in part:
                high, low = part.rsplit(unit, 1)
                return whole(high) * size + whole(low)
        total = digit = 0
        for sign in part:
            if sign in _UNITS:
                total += digit * _UNITS[sign]
                digit = 0
            else:
                digit = _VALUES[sign]
        return total + digit

    body = text.removesuffix("整")
    yuan, _, rest = body.rpartition("元") if "元" in body else ("零", "", body)
    cents = 0
    if "角" in rest:
        jiao, rest = rest.split("角")
        cents += 10 * _VALUES[jiao[-1]]
    if "分" in rest:
        cents += _VALUES[rest[-2]]
    return Decimal(whole(yuan)) + Decimal(cents) / 100


@given(st.decimals(min_value=0, max_value=Decimal("9999999999999999.99"), places=2))
@example(Decimal("100000000.00"))
@example(Decimal("1000000000000.00"))
@example(Decimal("1234500000000.05"))
def test_capital_numerals_read_back(amount):
    text = figures.capital(amount)
    assert parse_capital(text) == amount
    assert "零零" not in text
    assert "零元" not in text or text == "零元整"
    assert text.endswith("整") == (amount == amount.to_integral_value())


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "零元整"),
        ("0.05", "伍分"),
        ("0.50", "伍角"),
        ("10.05", "壹拾元零伍分"),
        ("325.04", "叁佰贰拾伍元零肆分"),
        ("1005.02", "壹仟零伍元零贰分"),
        ("16409.02", "壹万陆仟肆佰零玖元零贰分"),
        ("100000", "壹拾万元整"),
        ("1000005.30", "壹佰万零伍元叁角"),
        ("7923007.67", "柒佰玖拾贰万叁仟零柒元陆角柒分"),
        ("100050000", "壹亿零伍万元整"),
        ("1000000000000", "壹万亿元整"),
    ],
)
def test_capital_numerals(amount, text):
    assert figures.capital(Decimal(amount)) == text


@pytest.mark.parametrize("amount", ["-0.01", "0.005", "10000000000000000"])
def test_capital_numerals_of_no_sum(amount):
    with pytest.raises(ValueError):
        figures.capital(Decimal(amount))


def test_months_and_articles():
    months = [Month.parse(text) for text in ("2026-01", "2025-12", "2026-02")]
    assert figures.months(months) == "2025年12月、2026年1月、2月"
    assert [figures.ordinal(n) for n in (7, 10, 12, 20, 31, 100, 105, 276)] == [
        *("七", "十", "十二", "二十", "三十一", "一百", "一百零五", "二百七十六")
    ]
    assert citing.cite(["Reg. 55(1)", "Inspection 18(1)(2)", "Reg. 9", "Reg. 12"]) == (
        "《保障农民工工资支付条例》第九条、第十二条、第五十五条第（一）项和"
        "《劳动保障监察条例》第十八条第一款第（二）项"
    )
    assert citing.cite(["Criminal Law 276-1"]) == "《中华人民共和国刑法》第二百七十六条之一"
    with pytest.raises(KeyError):
        citing.cite(["Order 45 5"])


def test_every_duty_rests_on_law_that_can_be_cited():
    from alerts import rules

    for code, duty in DUTIES.items():
        law = [*rules.catalogue()[code].law, *duty.breached]
        assert any(citing.is_duty(key) for key in law), code
        assert citing.cite(duty.basis) and duty.sanctions
