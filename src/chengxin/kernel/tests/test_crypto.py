"""Sealed values open for their purpose only, and keys never show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.kernel.crypto import Keyring, SealBroken

KEYS = Keyring(b"d" * 32, b"m" * 32, b"s" * 32)


@given(st.binary(max_size=64), st.data())
def test_what_is_cut_or_altered_or_meant_for_something_else_stays_closed(
    plain: bytes, data: st.DataObject
) -> None:
    sealed = KEYS.encrypt(plain, b"record")
    assert KEYS.decrypt(sealed, b"record") == plain
    with pytest.raises(SealBroken):
        KEYS.decrypt(sealed, b"identifier")
    with pytest.raises(SealBroken):
        KEYS.decrypt(sealed[: data.draw(st.integers(0, len(sealed) - 1))], b"record")
    place = data.draw(st.integers(0, len(sealed) - 1))
    with pytest.raises(SealBroken):
        KEYS.decrypt(sealed[:place] + bytes([sealed[place] ^ 1]) + sealed[place + 1 :], b"record")


def test_a_keyring_in_a_traceback_shows_no_key() -> None:
    assert "d" * 8 not in repr(KEYS) and "b'" not in repr(KEYS)
