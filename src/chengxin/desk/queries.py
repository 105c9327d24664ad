"""What lies on a person's desk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import F

from chengxin.desk.models import Notice

PAGE = 30


@dataclass(frozen=True)
class Notices:
    """Some of a person's notices, the unread first; whether more follow."""

    listed: Sequence[Notice]
    more: bool


def notices(user: int, page: int = 1) -> Notices:
    """A page of a person's notices: the unread first, then the newest."""
    start = (page - 1) * PAGE
    found = list(
        Notice.objects.filter(user_id=user).order_by(F("read_at").desc(nulls_first=True), "-pk")[
            start : start + PAGE + 1
        ]
    )
    return Notices(found[:PAGE], len(found) > PAGE)


def waiting(user: int, most: int = 5) -> Sequence[Notice]:
    """The unread notices that press most: by their day, those without one last."""
    return list(
        Notice.objects.filter(user_id=user, read_at=None).order_by(F("due").asc(nulls_last=True), "-pk")[
            :most
        ]
    )
