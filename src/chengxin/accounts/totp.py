"""One-time passwords by time (RFC 6238): 6 digits, 30 seconds, a period early or late, each once. Pure."""

from __future__ import annotations

import hmac
import re
from datetime import datetime

import pyotp

PERIOD = 30
"""Seconds that a code lasts."""

WINDOW = 1
"""Periods that a clock may be early or late."""

ISSUER = "诚信 Chengxin"

_CODE = re.compile("[0-9]{6}", re.ASCII)


def new_seed() -> str:
    """A fresh seed: 160 random bits in Base32, as authenticator apps take it."""
    return pyotp.random_base32(32)


def address(seed: str, name: str) -> str:
    """What the QR code says (otpauth://…)."""
    return pyotp.TOTP(seed).provisioning_uri(name=name, issuer_name=ISSUER)


def spelled(text: str) -> str:
    """A code as typed, without the blanks that people put into it."""
    return "".join(text.split())


def code_at(seed: str, moment: datetime) -> str:
    """The code of a moment."""
    return pyotp.TOTP(seed).at(moment)


def code_of(seed: str, step: int) -> str:
    """The code of a period."""
    return pyotp.TOTP(seed).at(step * PERIOD)


def period(moment: datetime) -> int:
    """The number of the period of a moment."""
    return int(moment.timestamp()) // PERIOD


def accepted(seed: str, typed: str, now: datetime, last: int) -> int | None:
    """The period for which the code counts, None when it doesn't.

    last  the period of the code that was taken last: that one and all before count no more
    """
    code = spelled(typed)
    if not _CODE.fullmatch(code):
        return None
    here = period(now)
    fitting = [
        step
        for step in range(here - WINDOW, here + WINDOW + 1)
        if hmac.compare_digest(code_of(seed, step), code)
    ]
    return next((step for step in fitting if step > last), None)
