"""The sealed part of a record: the fields that lead to a natural person, encrypted together."""

from __future__ import annotations

import orjson

from chengxin.kernel.crypto import Keyring

PURPOSE = b"record"
"""What these seals are for; they open for nothing else."""


def sealed(fields: bytes, keyring: Keyring) -> str:
    """The seal, in hexadecimal, over the JSON of the fields."""
    return keyring.encrypt(fields, PURPOSE).hex()


def opened(personal: bytes | None, keyring: Keyring) -> dict[str, str]:
    """The fields in the clear, by code; none for a record without. Raises SealBroken."""
    if personal is None:
        return {}
    fields: dict[str, str] = orjson.loads(keyring.decrypt(bytes(personal), PURPOSE))
    return fields
