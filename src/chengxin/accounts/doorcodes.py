"""Access codes: with one a subject sees what is held on it, without an account.

A code has 16 letters and digits (about 79 bits), so its keyed hash can't be turned back or guessed; attempts
are throttled all the same.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from chengxin.accounts.models import DoorCode
from chengxin.accounts.permissions import Actor, Target
from chengxin.accounts.second_factor import plain_code, typed_code
from chengxin.ledger.actions import appending

VALID = timedelta(days=30)
USES = 10
"""How often a code lets in."""

GROUPS = 4


def issue(actor: Actor, subject: int, *, target: Target) -> str:
    """Serve a subject a code; returned once and kept as a hash. The subject's earlier code ends with it."""
    actor.must("door.open", target)
    code = typed_code(GROUPS)
    now = timezone.now()
    with appending() as log:
        DoorCode.objects.filter(subject=subject, expires_at__gt=now).update(expires_at=now)
        made = DoorCode.objects.create(
            hash=_hash(code),
            subject=subject,
            served_by_id=actor.user,
            expires_at=now + VALID,
            uses_left=USES,
        )
        log.event(
            "door_code_served",
            {"code": made.pk, "subject": subject, "by": actor.user, "console": actor.console},
        )
    return code


def used(typed: str) -> int | None:
    """The subject whose code this is, None for no good code. One use is taken."""
    now = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_doorcode SET uses_left = uses_left - 1, used_at = %s::timestamptz "
            "WHERE hash = %s::bytea AND uses_left > 0 AND expires_at > %s::timestamptz RETURNING subject",
            [now, _hash(typed), now],
        )
        found = cursor.fetchone()
    return None if found is None else int(found[0])


def _hash(code: str) -> bytes:
    return settings.KEYRING.fingerprint("door code", plain_code(code))
