"""Attempts to sign in as the database knows them, held against the rule in `throttling`."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from chengxin.accounts import throttling
from chengxin.accounts.models import Attempt
from chengxin.accounts.throttling import Now, Tried

REMEMBERED = timedelta(days=90)
"""How long an address counts as known after a good sign-in; older attempts are forgotten altogether."""


class TooMany(PermissionError):
    """There were too many failures; `wait` says how long to wait."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("too many failed attempts")
        self.wait = wait

    @property
    def minutes(self) -> int:
        """The wait in full minutes, at least one."""
        return max(1, -(-int(self.wait.total_seconds()) // 60))


def named(name: str) -> bytes:
    """Under what a name stands among the attempts."""
    return settings.KEYRING.fingerprint("attempt", name)


def begin(kind: str, name: str, address: str, device: str = "") -> Attempt:
    """Note an attempt as failed before anything is checked; `good` makes it good. Raises TooMany."""
    now, hashed = timezone.now(), named(name)
    with transaction.atomic():
        with connection.cursor() as cursor:  # attempts under one name come one after another
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(hashed[:8], signed=True)])
        before = Attempt.objects.filter(
            Q(name=hashed) | Q(address=address), kind=kind, at__gt=now - throttling.LONGEST
        )
        homes = frozenset(
            Attempt.objects.filter(kind=kind, name=hashed, good=True, at__gt=now - REMEMBERED)
            .values_list("address", flat=True)
            .distinct()
        )
        tried = [Tried(bytes(one.name), one.address, one.device, one.good, one.at) for one in before]
        wait = throttling.wait(Now(hashed, address, device, address in homes, now), tried, homes)
        if wait:
            raise TooMany(wait)
        return Attempt.objects.create(kind=kind, name=hashed, address=address, device=device, at=now)


def good(attempt: Attempt) -> None:
    """It was the right one."""
    Attempt.objects.filter(pk=attempt.pk).update(good=True)
    Attempt.objects.filter(at__lt=attempt.at - REMEMBERED).delete()
