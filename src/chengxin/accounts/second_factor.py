"""The second factor of a user: one-time passwords, recovery codes; enrolled, shown, taken back.

Passkeys, which stand beside them, are in `passkeys`.
"""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from chengxin.accounts import totp
from chengxin.accounts.models import GivenRole, Passkey, RecoveryCode, User
from chengxin.accounts.permissions import Actor, Target, roles
from chengxin.kernel.crypto import SealBroken
from chengxin.ledger.actions import appending

RECOVERY_CODES = 10
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""For codes that people type: none that looks like another (0 O, 1 I L)."""


def enrolled(user: User) -> bool:
    """Whether the user has a second factor; then no sign-in is complete without it."""
    return user.second_factor is not None


def needed(user: User) -> bool:
    """Whether a role that the user holds can't be used without a second factor, or the user has one."""
    return enrolled(user) or any(roles()[role].second_factor for role in held_roles(user))


def held_roles(user: User) -> list[str]:
    """The roles that the user holds now."""
    held = GivenRole.objects.filter(user=user).exclude(until__lte=timezone.now())
    return list(held.values_list("role", flat=True))


def _purpose(user: int) -> bytes:
    return f"second factor {user}".encode()


def sealed_seed(user: User, seed: str) -> bytes:
    """A seed as it is kept: it opens for this user only."""
    return settings.KEYRING.encrypt(seed.encode(), _purpose(user.pk))


def opened_seed(user: User, sealed: bytes | memoryview) -> str | None:
    """The seed, or None when it was altered or sealed for another."""
    try:
        return settings.KEYRING.decrypt(bytes(sealed), _purpose(user.pk)).decode()
    except SealBroken:
        return None


def enrol(user: User, seed: str, typed: str) -> list[str] | None:
    """Keep a seed when the code from it fits; returns recovery codes, None for a wrong code."""
    step = totp.accepted(seed, typed, timezone.now(), 0)
    if step is None:
        return None
    with transaction.atomic():
        User.objects.filter(pk=user.pk).update(second_factor=sealed_seed(user, seed), second_factor_step=step)
        return new_recovery_codes(user)


def shown_code(user: User, typed: str) -> bool:
    """Whether this is the user's one-time password now. It is taken: the same one fits never again."""
    current = User.objects.filter(pk=user.pk, ended_at=None).first()
    if current is None or current.second_factor is None:
        return False
    seed = opened_seed(current, current.second_factor)
    step = seed and totp.accepted(seed, typed, timezone.now(), current.second_factor_step)
    if not step:
        return False
    taken = User.objects.filter(pk=user.pk, second_factor_step__lt=step).update(second_factor_step=step)
    return taken == 1


def shown_recovery_code(user: User, typed: str) -> bool:
    """Whether this is one of the user's unused recovery codes. It is used up."""
    found = RecoveryCode.objects.filter(user=user, hash=_hashed(user, typed), used_at=None)
    return found.update(used_at=timezone.now()) == 1


def new_recovery_codes(user: User) -> list[str]:
    """Ten fresh recovery codes in place of all before; they are kept as hashes only."""
    codes = [typed_code(2) for _ in range(RECOVERY_CODES)]
    with transaction.atomic():
        RecoveryCode.objects.filter(user=user).delete()
        RecoveryCode.objects.bulk_create(RecoveryCode(user=user, hash=_hashed(user, one)) for one in codes)
    return codes


def recovery_codes_left(user: User) -> int:
    """How many recovery codes are unused."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()


def typed_code(groups: int) -> str:
    """A random code of groups of four letters or digits that can't be mistaken: K7PQ-XM2R."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(groups))


def plain_code(typed: str) -> str:
    """A code as typed by a person, without hyphens and blanks, in capitals."""
    return "".join(letter for letter in typed.upper() if letter.isalnum())


def _hashed(user: User, code: str) -> bytes:
    return settings.KEYRING.fingerprint("recovery code", f"{user.pk} {plain_code(code)}")


def take_back(actor: Actor, user: User, *, targets: list[Target]) -> None:
    """Take a lost second factor from a user, who enrols a new one at the next sign-in. Ends all sessions."""
    for target in targets:
        actor.must("user.manage", target)
    with appending() as log:
        User.objects.filter(pk=user.pk).update(second_factor=None)
        RecoveryCode.objects.filter(user=user).delete()
        Passkey.objects.filter(user=user).delete()
        user.sessions.all().delete()
        log.event("second_factor_reset", {"user": user.pk, "by": actor.user, "console": actor.console})
