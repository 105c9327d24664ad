"""Checking the signature of a PDF by its bytes alone.

No PDF is parsed before its signature is known to be ours: who signs with the home's key vouches for every
byte but those of the signature itself, so that a file that is built to harm its reader is refused unread.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from chengxin.kernel.problems import Problem
from chengxin.reports import faults
from chengxin.reports.limits import LARGEST

_MOST_SIGNATURE = 64 * 1024
_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]")
_MOST_RANGES = 8
_PAGE = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Range:
    """The two stretches that a signature covers: from `start`, and from `again` to `end`."""

    start: int
    gap: int
    again: int
    end: int


def signature_problem(file: bytes, key: EllipticCurvePublicKey) -> Problem | None:
    """What speaks against this file being, byte for byte, what was signed with `key`; None when it is."""
    if (unlike := _unlike(file)) is not None:
        return unlike
    ranges = [
        _Range(start, start + length, again, again + more)
        for start, length, again, more in (
            (int(one) for one in found.groups()) for found in islice(_RANGE.finditer(file), _MOST_RANGES)
        )
    ]
    if not ranges:
        return faults.encrypted() if b"/Encrypt" in file[-4096:] else faults.unsigned()
    covering = max(ranges, key=lambda one: one.end)
    if covering.end > len(file):
        return faults.truncated()
    if covering.start != 0 or not 0 < covering.gap < covering.again <= covering.end:
        return faults.altered()
    return _judged(file, covering, key)


def _unlike(file: bytes) -> Problem | None:
    """What tells at first sight that this is no report."""
    if len(file) > LARGEST:
        return faults.too_large(len(file), LARGEST)
    if not file:
        return faults.empty()
    if not file.startswith(b"%PDF-"):
        return faults.web_page() if _PAGE.match(file[:1024]) else faults.no_pdf()
    return None if file.rstrip(b"\r\n \0").endswith(b"%%EOF") else faults.truncated()


def _judged(file: bytes, covering: _Range, key: EllipticCurvePublicKey) -> Problem | None:
    contents = _contents(file[covering.gap : covering.again])
    if contents is None:
        return faults.altered()
    read = _read(contents)
    if read is None:
        return faults.altered()
    attributes, stated, signature, signer = read
    try:
        key.verify(signature, attributes, ECDSA(SHA256()))
    except InvalidSignature:
        return faults.foreign() if signer != _plain(key) else faults.altered()
    digest = sha256(file[: covering.gap])
    digest.update(file[covering.again : covering.end])
    if digest.digest() != stated:
        return faults.altered()
    return faults.appended(len(file) - covering.end) if covering.end < len(file) else None


def _contents(gap: bytes) -> bytes | None:
    """The signature between < and >, and nothing else."""
    if len(gap) > _MOST_SIGNATURE or re.fullmatch(rb"<[0-9A-Fa-f]*>", gap) is None or len(gap) % 2:
        return None
    return bytes.fromhex(gap[1:-1].decode())


def _plain(key: EllipticCurvePublicKey) -> tuple[int, int]:
    numbers = key.public_numbers()
    return numbers.x, numbers.y


def _read(contents: bytes) -> tuple[bytes, bytes, bytes, tuple[int, int] | None] | None:
    """Of a CMS signature (RFC 5652): signed attributes, the digest among them, the signature, who signed."""
    from asn1crypto import cms, parser  # noqa: PLC0415 - an extra

    try:
        whole = parser.peek(contents)
        info = cms.ContentInfo.load(contents[:whole])
        if info["content_type"].native != "signed_data":
            return None
        data = info["content"]
        (signer,) = data["signer_infos"]
        if signer["digest_algorithm"]["algorithm"].native != "sha256":
            return None
        attributes = signer["signed_attrs"]
        stated = next(one["values"][0].native for one in attributes if one["type"].native == "message_digest")
        certificates = [one.chosen for one in data["certificates"] if one.name == "certificate"]
        return attributes.untag().dump(), stated, signer["signature"].native, _signer(certificates)
    except (ValueError, TypeError, KeyError, StopIteration, AttributeError, OverflowError, RecursionError):
        return None


def _signer(certificates: list[Any]) -> tuple[int, int] | None:
    """The public point of the first certificate, if it has one."""
    for one in certificates:
        info = one.public_key
        if info.algorithm == "ec":
            x, y = info["public_key"].to_coords()
            return int(x), int(y)
    return None
