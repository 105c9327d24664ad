"""Numbers that strangers write."""

from __future__ import annotations

import pytest

from chengxin.kernel.numbers import row_number


def test_plain_digits_name_a_row() -> None:
    assert (row_number("0"), row_number("17"), row_number("9" * 18)) == (0, 17, 10**18 - 1)


@pytest.mark.parametrize(
    "text", ["", "-1", "1.5", " 1", "1\n", "1\x00", "²", "١٢", "１", "9" * 19, "9" * 5_000], ids=ascii
)
def test_anything_else_names_none(text: str) -> None:
    assert row_number(text) is None
