"""The people of a demonstration: their passwords lie in the home, and the page shows their second factor.

Both for those people alone, and on a demonstration alone. Three things must agree: the home was filled as a
demonstration, the archive's sources bear the mark of demonstration codes, and the file that names the people
was written under this home's own keys.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from chengxin.accounts import totp
from chengxin.accounts.models import User
from chengxin.accounts.second_factor import opened_seed
from chengxin.design.demonstration import demonstration

MARK = "demonstration.json"
"""Lies in a home that was filled as a demonstration."""

FILE = "demonstration_users.json"


@dataclass(frozen=True)
class Person:
    """Somebody made for the demonstration."""

    sign_in_name: str
    name: str
    role: str
    password: str


def _path() -> Path:
    home: Path = settings.HOME.path
    return home / FILE


def _mark(people: Sequence[Person]) -> str:
    text = json.dumps([asdict(one) for one in people], ensure_ascii=False, sort_keys=True)
    return settings.KEYRING.fingerprint("demonstration users", text).hex()


def note(people: Sequence[Person]) -> None:
    """Keep who was made, readable by the home's owner alone."""
    draft = _path().with_name(f"{FILE}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(
        json.dumps(
            {"people": [asdict(one) for one in people], "mark": _mark(people)}, ensure_ascii=False, indent=1
        ),
        encoding="utf-8",
    )
    draft.replace(_path())


def people() -> list[Person]:
    """The people of this demonstration; none on any other home."""
    if not (settings.HOME.path / MARK).exists() or not demonstration():
        return []
    try:
        kept = json.loads(_path().read_text(encoding="utf-8"))
        found = [Person(**one) for one in kept["people"]]
        genuine = hmac.compare_digest(str(kept["mark"]), _mark(found))
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return found if genuine else []


def code_shown(user: User) -> str | None:
    """The one-time password that the page may show; None for everybody who isn't of a demonstration."""
    if user.second_factor is None or user.sign_in_name not in {one.sign_in_name for one in people()}:
        return None
    seed = opened_seed(user, user.second_factor)
    if seed is None:
        return None
    now = timezone.now()
    step = max(totp.period(now), user.second_factor_step + 1)
    if step > totp.period(now) + totp.WINDOW:
        return None
    return totp.code_of(seed, step)
