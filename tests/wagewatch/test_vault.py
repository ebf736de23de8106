import io

import pandas as pd
import pytest
from cryptography.exceptions import InvalidTag

from wagewatch import vault


def test_a_value_comes_back_and_never_looks_the_same_twice() -> None:
    first, second = vault.encrypt("110101199003070011"), vault.encrypt("110101199003070011")
    assert first != second
    assert b"1101" not in first
    assert vault.decrypt(first) == vault.decrypt(second) == "110101199003070011"


def test_a_changed_value_is_refused() -> None:
    sealed = bytearray(vault.encrypt("6222020200012345678"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        vault.decrypt(bytes(sealed))


def test_the_blind_index_of_a_column_is_that_of_its_values() -> None:
    column = pd.Series(["a", "b", "a", ""], index=[3, 5, 7, 9])
    hashed = vault.blind_column(column)
    assert list(hashed.index) == [3, 5, 7, 9]
    assert hashed[3] == hashed[7] == vault.blind("a").hex
    assert hashed[9] == ""


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 1, 3 << 20])
def test_a_file_comes_back_whole(size: int) -> None:
    plain = (b"0123456789abcdef" * (size // 16 + 1))[:size]
    sealed = io.BytesIO()
    vault.seal_file(io.BytesIO(plain), sealed)
    assert b"".join(vault.open_file(io.BytesIO(sealed.getvalue()))) == plain


def test_a_cut_or_reordered_file_is_refused() -> None:
    sealed = io.BytesIO()
    vault.seal_file(io.BytesIO(b"x" * (3 << 20)), sealed)
    data = sealed.getvalue()
    frame = 4 + 12 + (1 << 20) + 16
    with pytest.raises(InvalidTag):
        list(vault.open_file(io.BytesIO(data[: 13 + 2 * frame])))
    swapped = data[:13] + data[13 + frame : 13 + 2 * frame] + data[13 : 13 + frame]
    with pytest.raises(InvalidTag):
        list(vault.open_file(io.BytesIO(swapped + data[13 + 2 * frame :])))
