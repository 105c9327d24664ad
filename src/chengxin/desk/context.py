"""What every page may show of a person's desk, looked up only by templates that use it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from chengxin.accounts.guard import actor_of
from chengxin.desk.actions import plain
from chengxin.desk.models import Notice, SavedFilter


@dataclass(frozen=True)
class Kept:
    """A saved filter as a list shows it."""

    id: int
    name: str
    url: str
    current: bool


def saved(request: HttpRequest) -> dict[str, object]:
    """Context processor: `saved_filters` of this page's path, and `unread`, the number of unread notices."""
    return {
        "saved_filters": SimpleLazyObject(lambda: _filters(request)),
        "unread": SimpleLazyObject(lambda: _unread(request)),
    }


def _user(request: HttpRequest) -> int | None:
    session = getattr(request, "session", None)
    if session is None or not session.session_key:
        return None
    return actor_of(request).user


def _filters(request: HttpRequest) -> tuple[Kept, ...]:
    user = _user(request)
    if user is None:
        return ()
    asked = plain(request.META.get("QUERY_STRING", ""))
    found = SavedFilter.objects.filter(user_id=user, path=request.path).order_by("name")
    return tuple(
        Kept(one.pk, one.name, f"{one.path}?{one.query}" if one.query else one.path, one.query == asked)
        for one in found
    )


def _unread(request: HttpRequest) -> int:
    user = _user(request)
    return 0 if user is None else Notice.objects.filter(user_id=user, read_at=None).count()
