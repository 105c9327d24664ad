"""Keys and what is done with them: sealing personal data, fingerprints for matching, signing tree heads.

Personal identifiers are stored encrypted (AES-256-GCM) together with a keyed hash (HMAC-SHA-256), so that
they can be matched without being readable (PIPL art. 51: encryption and de-identification).
"""

from __future__ import annotations

import base64
import hmac
import json
import os
from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b, sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    derive_private_key,
)
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of the curve NIST P-256 (SEC 2, 2.4.2)."""

NONCE_BYTES = 12  # NIST SP 800-38D: 96-bit nonces for GCM


class SealBroken(ValueError):
    """A sealed value was altered, or sealed under another key or for another purpose."""


@dataclass(frozen=True, repr=False)  # a traceback must not show keys
class Keyring:
    """The installation's secrets, 32 bytes each: in one file of mode 0600, never in the database or a log."""

    data: bytes
    matching: bytes
    signing: bytes

    @cached_property
    def _cipher(self) -> AESGCM:
        return AESGCM(self.data)

    def encrypt(self, plain: bytes, purpose: bytes) -> bytes:
        """Seal `plain`; it opens only with the same `purpose` (b"record"), so that a value can't be moved."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, purpose)

    def decrypt(self, sealed: bytes, purpose: bytes) -> bytes:
        """Open what `encrypt` sealed; raises SealBroken when a bit differs or is missing."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], purpose)
        except (InvalidTag, ValueError) as broken:  # ValueError: too short to be sealed at all
            raise SealBroken("sealed value can't be opened: altered, or another key") from broken

    def fingerprint(self, scheme: str, value: str) -> bytes:
        """A keyed hash (32 bytes) by which a personal identifier is found again without being readable."""
        return hmac.digest(self.matching, f"{scheme}\0{value}".encode(), "sha256")

    def digest(self, text: bytes) -> bytes:
        """A keyed 16-byte hash for recognising the same row again (rows may hold personal data)."""
        return blake2b(text, digest_size=16, key=self.matching).digest()

    @cached_property
    def _signer(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.signing)

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature (64 bytes; RFC 8032)."""
        return self._signer.sign(message)

    @property
    def public_key(self) -> bytes:
        """The 32-byte public key with which anybody checks `sign`."""
        return self._signer.public_key().public_bytes_raw()

    @cached_property
    def document_key(self) -> EllipticCurvePrivateKey:
        """The key (NIST P-256) that signs documents, which readers of PDF don't check under Ed25519.

        It follows from the key that signs tree heads (HKDF, RFC 5869), so that it is kept where that one is
        and homes made before it have one, too. 48 bytes are reduced, so that no key is likelier than another
        (FIPS 186-5, A.2.1).
        """
        bytes_ = HKDF(SHA512(), 48, None, b"chengxin documents P-256").derive(self.signing)
        return derive_private_key(int.from_bytes(bytes_) % (P256_ORDER - 1) + 1, SECP256R1())


def signature_holds(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether `signature` is the Ed25519 signature of `message` under `public_key`."""
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def open_keyring(path: Path) -> Keyring:
    """Read the keyring at `path`, or make a new one there (mode 0600) when there is none.

    Made by writing a whole file and linking it into place, so that two processes that start at once end up
    with the same keys.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = {name: base64.b64encode(os.urandom(32)).decode() for name in ("data", "matching", "signing")}
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(json.dumps(fresh, indent=1))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept = json.loads(path.read_text())
    return Keyring(**{name: base64.b64decode(kept[name]) for name in ("data", "matching", "signing")})


def key_id(public_key: bytes) -> str:
    """Short name of a public key: the first eight hex digits of its SHA-256."""
    return sha256(public_key).hexdigest()[:8]
