"""Which passwords may be chosen (NIST SP 800-63B §3.1.1, OWASP ASVS 2.1): long ones, not those tried first.

No rule asks for capitals, digits or signs, and none lets a password run out: both make people choose worse.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator

from chengxin.kernel.problems import Problem

SHORTEST = 12
LONGEST = 256
"""More is cut off by nobody, but hashing it would take long."""

_NEAR = 4
"""Characters of the own name that make a password guessable when they are most of it."""


def spelled(text: str) -> str:
    """One spelling for what keyboards write in several ways (NIST: normalise before hashing)."""
    return unicodedata.normalize("NFKC", text)


def _leaked() -> frozenset[str]:
    """The 20,000 that leaked most often, as Django brings them."""
    return frozenset(CommonPasswordValidator().passwords)


@cache
def _common() -> frozenset[str]:
    lines = (Path(__file__).parent / "common_passwords.csv").read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#")) | _leaked()


def problem_of(password: str, names: tuple[str, ...] = (), field: str = "password") -> Problem | None:
    """Why a password can't be chosen; None when it can. `names`: what the person is called."""
    text = spelled(password)
    if len(text) < SHORTEST:
        return Problem(
            field, None, "password_length",
            f"密码太短：只有{len(text)}个字符", f"the password is too short: {len(text)} characters",
            f"请至少用{SHORTEST}个字符，例如几个不相干的词",
            f"take at least {SHORTEST}, say some unrelated words",
        )  # fmt: skip
    if len(text) > LONGEST:
        return Problem(
            field, None, "password_length",
            f"密码超过{LONGEST}个字符", f"the password has more than {LONGEST} characters",
            "请缩短", "shorten it",
        )  # fmt: skip
    if _guessable(text, names):
        return Problem(
            field, None, "password_common",
            "这个密码太容易被猜到：它是常用密码、重复的字符，或与姓名、登录名相近",
            "this password is guessed first: a common one, characters repeated, or close to the name",
            "请另选一个，例如几个不相干的词", "take another one, say some unrelated words",
        )  # fmt: skip
    return None


def _guessable(text: str, names: tuple[str, ...]) -> bool:
    plain = "".join(text.lower().split())
    if plain in _common() or plain.rstrip("0123456789!.@#") in _common() or len(set(plain)) < 5:
        return True
    if any(plain == (plain[:length] * len(plain))[: len(plain)] for length in range(1, len(plain) // 2 + 1)):
        return True
    if _runs(plain):
        return True
    return any(
        len(name) >= _NEAR and name in plain and len(plain) - len(name) < SHORTEST // 2
        for given in names
        if (name := "".join(given.lower().split()))
    )


def _runs(plain: str) -> bool:
    """Whether the characters follow one another as in the alphabet or on the keyboard: 123456, qwerty."""
    rows = ("12345678901234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "abcdefghijklmnopqrstuvwxyz")
    pairs = {row[at : at + 2] for row in rows for at in range(len(row) - 1)}
    pairs |= {pair[::-1] for pair in pairs}
    follow = sum(plain[at : at + 2] in pairs for at in range(len(plain) - 1))
    return follow >= 0.8 * (len(plain) - 1)


def hashed(password: str) -> str:
    """As it is kept: Argon2."""
    return make_password(spelled(password))


@cache
def _nobodys() -> str:
    return make_password("the password of a person who does not exist")


def fits(password: str, kept: str | None) -> bool:
    """Whether the password is the kept one. Takes as long where none is kept."""
    given, nobodys = spelled(password[: LONGEST * 4]), _nobodys()
    found = check_password(given, kept or nobodys)
    return found and kept is not None
