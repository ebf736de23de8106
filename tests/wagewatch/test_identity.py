import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from wagewatch import identity


def codes(*values: str) -> list[str]:
    return list(identity.resident_id_codes(pd.Series(values, dtype="str")))


def resident_id(area: int, day: str, serial: int) -> str:
    body = f"{area:06d}{day}{serial:03d}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def test_right_numbers_pass_and_each_fault_has_its_code() -> None:
    assert codes("11010519491231002X", "110101199003070011") == ["", ""]
    assert codes("110105194912310021") == ["id-checksum"]
    assert codes("110105491231002") == ["id-15"]
    assert codes("1.10105E+17") == ["id-scientific"]
    assert codes("") == ["id-missing"]
    assert codes("11010519491231") == ["id-length"]
    assert codes("1101051949123100AX") == ["id-characters"]
    assert codes("110105194912310000") == ["id-rounded"]


def test_a_date_that_does_not_exist_is_an_error() -> None:
    assert codes(resident_id(330902, "19900230", 11)) == ["id-date"]
    assert codes(resident_id(330902, "19000229", 11)) == ["id-date"]
    assert codes(resident_id(330902, "20000229", 11)) == [""]


def test_a_district_founded_after_the_holders_birth_is_right() -> None:
    """330902 dates from 1987; python-stdnum refuses such numbers of older people, we must not."""
    number = resident_id(330902, "19650214", 17)
    assert codes(number) == [""]


@given(
    st.lists(
        st.tuples(
            st.integers(110000, 659999),
            st.dates(
                min_value=pd.Timestamp("1920-01-01").date(),
                max_value=pd.Timestamp("2010-12-31").date(),
            ),
            st.integers(0, 999),
            st.integers(0, 9),
        ),
        min_size=1,
        max_size=20,
    )
)
def test_the_column_agrees_with_stdnum_on_the_check_digit(rows: list) -> None:
    numbers = [
        resident_id(area, day.strftime("%Y%m%d"), serial)[:17] + str(digit)
        for area, day, serial, digit in rows
    ]
    ours = identity.resident_id_codes(pd.Series(numbers, dtype="str"))
    for number, code in zip(numbers, ours, strict=True):
        right = ric.calc_check_digit(number) == number[-1]
        assert (code == "") == right


def test_full_width_and_spaces_are_normalised() -> None:
    assert identity.normalise("１１０１０５ 19491231002ｘ") == "11010519491231002X"
    column = pd.Series(["１１０１０５19491231002x", None, "ABC"], dtype="str")
    assert list(identity.normalise_column(column)) == ["11010519491231002X", "", "ABC"]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("6222020200000000007", "card-checksum"),
        ("6.22202E+18", "card-scientific"),
        ("62220202000", "card-characters"),
        ("6222020200001235000", "card-rounded"),
        ("330101040001234", ""),
    ],
)
def test_card_numbers(number: str, code: str) -> None:
    assert identity.card_code(number) == code


def test_a_card_with_its_check_digit_passes() -> None:
    from stdnum import luhn

    body = "622202020000123456"
    assert identity.card_code(body + luhn.calc_check_digit(body)) == ""


def test_credit_codes() -> None:
    assert identity.credit_code_code("91350100M000100Y43") == ""
    assert identity.credit_code_code("91350100M000100Y44") == "corp-code"
    assert identity.credit_code_code("") == "corp-missing"


def test_other_documents_are_not_held_to_the_residents_check_digit() -> None:
    assert identity.id_code("08", "E12345678") == ""
    assert identity.id_code("08", "") == "id-missing"
    assert identity.id_code("01", "E12345678") == "id-length"


def test_masks_keep_no_more_than_the_last_four() -> None:
    assert identity.mask_id("330902198001011234") == "3309**********1234"
    assert identity.mask_id("E1234567") == "********"
    assert identity.mask_card("6222020200012345678") == "**** 5678"


def test_a_million_numbers_are_one_pass_not_a_loop() -> None:
    """The check is vectorised: no Python call per value (counted, not timed)."""
    numbers = pd.Series(["11010519491231002X"] * 1000, dtype="str")
    calls = 0
    original = np.frombuffer

    def counted(*args: object, **kwargs: object) -> np.ndarray:
        nonlocal calls
        calls += 1
        return original(*args, **kwargs)  # type: ignore[call-overload]

    np.frombuffer = counted  # type: ignore[assignment]
    try:
        identity.resident_id_codes(numbers)
    finally:
        np.frombuffer = original
    assert calls == 1
