"""Word to the people who act for a subject: that something was decided on it, or waits for them."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from chengxin.accounts.models import GivenRole
from chengxin.accounts.permissions import action
from chengxin.decisions.conditions import canonical
from chengxin.decisions.matters import members
from chengxin.desk.models import Notice
from chengxin.ledger.actions import raw_cursor


def tell_subject(subject: int | None, *, case: int, zh: str, en: str, due: date | None = None) -> int:
    """A notice that leads to the case on the subject's own pages; returns how many people were told."""
    return tell_of(subject, f"/own/cases/{case}", zh, en, due)


def tell_of(subject: int | None, url: str, zh: str, en: str, due: date | None = None) -> int:
    """A notice that leads to one of the subject's own pages; returns how many people were told."""
    if subject is None:
        return 0
    told = (
        GivenRole.objects.filter(
            subject__in=members(canonical(raw_cursor(), subject)),
            role__in=list(action("own.read").roles),
            user__ended_at=None,
        )
        .exclude(until__lte=timezone.now())
        .values_list("user_id", flat=True)
        .distinct()
    )
    Notice.objects.bulk_create(
        Notice(user_id=user, action="own.read", zh=zh, en=en, url=url, due=due) for user in sorted(set(told))
    )
    return len(set(told))
