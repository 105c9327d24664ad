"""Keys: what is sealed opens only as it was meant, what is signed holds only as it was written."""

from __future__ import annotations

import hmac
import json
import multiprocessing
import stat
from hashlib import blake2b
from multiprocessing.queues import Queue
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.kernel.crypto import (
    P256_ORDER,
    Keyring,
    SealBroken,
    key_id,
    open_keyring,
    signature_holds,
)

KEYS = Keyring(data=bytes(range(32)), matching=bytes(range(32, 64)), signing=bytes(range(64, 96)))
OTHER = Keyring(data=bytes(32), matching=bytes(32), signing=bytes(32))


def _flipped(text: bytes, bit: int) -> bytes:
    bit %= 8 * len(text)
    return bytes(one ^ (1 << bit % 8) if at == bit // 8 else one for at, one in enumerate(text))


@given(plain=st.binary(max_size=200))
def test_what_is_sealed_can_be_opened(plain: bytes) -> None:
    sealed = KEYS.encrypt(plain, b"record")
    assert KEYS.decrypt(sealed, b"record") == plain
    assert len(sealed) == 12 + len(plain) + 16


def test_the_same_value_is_never_sealed_in_the_same_way() -> None:
    sealed = {KEYS.encrypt(b"350102199001010015", b"record") for _ in range(100)}
    assert len({one[:12] for one in sealed}) == 100
    assert not any(b"350102" in one for one in sealed)


@given(plain=st.binary(max_size=50), bit=st.integers(0, 10_000))
def test_a_sealed_value_with_one_bit_changed_stays_shut(plain: bytes, bit: int) -> None:
    with pytest.raises(SealBroken):
        KEYS.decrypt(_flipped(KEYS.encrypt(plain, b"record"), bit), b"record")


def test_a_sealed_value_cannot_be_moved_to_another_purpose_or_installation() -> None:
    sealed = KEYS.encrypt(b"plain", b"record")
    for keys, purpose in ((KEYS, b"identifier"), (OTHER, b"record")):
        with pytest.raises(SealBroken):
            keys.decrypt(sealed, purpose)


@pytest.mark.parametrize("length", [0, 1, 12, 27])
def test_what_is_too_short_to_be_sealed_stays_shut(length: int) -> None:
    with pytest.raises(SealBroken):
        KEYS.decrypt(KEYS.encrypt(b"", b"record")[:length], b"record")


def test_the_reason_never_shows_the_value() -> None:
    sealed = KEYS.encrypt(b"350102199001010015", b"record")
    with pytest.raises(SealBroken) as broken:
        KEYS.decrypt(_flipped(sealed, 100), b"record")
    assert "350102" not in str(broken.value)


def test_a_keyring_in_a_traceback_shows_no_key() -> None:
    keys = Keyring(b"d" * 32, b"m" * 32, b"s" * 32)
    assert "d" * 8 not in repr(keys) and "b'" not in repr(keys)


def test_a_fingerprint_is_the_keyed_hash_of_scheme_and_value() -> None:
    wanted = hmac.new(KEYS.matching, b"resident_id\x00350102199001010015", "sha256").digest()
    assert KEYS.fingerprint("resident_id", "350102199001010015") == wanted
    assert KEYS.fingerprint("passport", "350102199001010015") != wanted
    assert OTHER.fingerprint("resident_id", "350102199001010015") != wanted


def test_a_digest_is_keyed_and_short() -> None:
    assert KEYS.digest(b"row") == blake2b(b"row", digest_size=16, key=KEYS.matching).digest()
    assert KEYS.digest(b"row") != OTHER.digest(b"row")


def test_signatures_are_those_of_rfc_8032() -> None:
    # RFC 8032 §7.1, test 3.
    secret = bytes.fromhex("c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7")
    public = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025"
    signature = (
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
    )
    keys = Keyring(data=bytes(32), matching=bytes(32), signing=secret)
    assert keys.public_key.hex() == public
    assert keys.sign(b"\xaf\x82").hex() == signature
    assert signature_holds(keys.public_key, b"\xaf\x82", bytes.fromhex(signature))


@given(bit=st.integers(0, 10_000))
def test_a_signature_holds_for_its_text_and_key_alone(bit: int) -> None:
    text, signature = b"chengxin/ledger\n7\n", KEYS.sign(b"chengxin/ledger\n7\n")
    assert signature_holds(KEYS.public_key, text, signature)
    assert not signature_holds(KEYS.public_key, _flipped(text, bit), signature)
    assert not signature_holds(KEYS.public_key, text, _flipped(signature, bit))
    assert not signature_holds(OTHER.public_key, text, signature)


@pytest.mark.parametrize(("key", "signature"), [(b"", b""), (b"short", bytes(64)), (bytes(32), b"short")])
def test_what_is_no_key_or_signature_does_not_hold(key: bytes, signature: bytes) -> None:
    assert not signature_holds(key, b"text", signature)


def test_the_keyring_is_made_once_and_read_ever_after(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "keys.json"
    first = open_keyring(path)
    assert open_keyring(path) == first
    assert {len(one) for one in (first.data, first.matching, first.signing)} == {32}
    assert len({first.data, first.matching, first.signing}) == 3
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(json.loads(path.read_text())) == ["data", "matching", "signing"]
    assert [one.name for one in path.parent.iterdir()] == ["keys.json"], "no draft is left behind"


def _open(path: Path, gate: multiprocessing.synchronize.Event, found: Queue[bytes]) -> None:
    gate.wait()
    found.put(open_keyring(path).public_key)


def test_processes_that_start_at_once_get_the_same_keys(tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    gate, found = context.Event(), context.Queue()
    started = [context.Process(target=_open, args=(tmp_path / "keys.json", gate, found)) for _ in range(8)]
    for one in started:
        one.start()
    gate.set()
    keys = {found.get(timeout=30) for _ in started}
    for one in started:
        one.join()
    assert keys == {open_keyring(tmp_path / "keys.json").public_key}


def test_a_key_has_a_short_name() -> None:
    assert key_id(KEYS.public_key) != key_id(OTHER.public_key)
    assert len(key_id(KEYS.public_key)) == 8


def test_the_key_for_documents_follows_from_the_signing_key_and_is_another(tmp_path: Path) -> None:
    keys = open_keyring(tmp_path / "keys.json")
    again = open_keyring(tmp_path / "keys.json")
    number = keys.document_key.private_numbers().private_value
    assert number == again.document_key.private_numbers().private_value
    assert 0 < number < P256_ORDER and number.to_bytes(32) != keys.signing
    other = open_keyring(tmp_path / "other.json")
    assert other.document_key.private_numbers().private_value != number
