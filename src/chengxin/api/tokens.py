"""Who asks the API, and whether they may: keys of organisations, their scopes and their limit a minute.

Each operation says what it needs: `@needs("batch.send")`, an action of the table, or `@public`. An
operation behind `Key` that says nothing is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja.decorators import decorate_view
from ninja.security import HttpBearer

from chengxin.accounts import keys
from chengxin.accounts.permissions import action

View = TypeVar("View", bound=Callable[..., Any])

HEADERS = {
    "RateLimit-Limit": "每分钟的请求次数上限 / requests that the key may make a minute",
    "RateLimit-Remaining": "本分钟剩余次数 / requests left in this minute",
    "RateLimit-Reset": "距下一分钟的秒数 / seconds until the next minute",
}
"""On every answer to a request that shows a key."""


class UsedUp(Exception):
    """The key has made all the requests that it may make in this minute."""

    def __init__(self, key: keys.Shown) -> None:
        super().__init__("too many requests in this minute")
        self.key = key


class Key(HttpBearer):
    """The key that the request shows, when it may do what the operation needs."""

    def authenticate(self, request: HttpRequest, token: str) -> keys.Shown | None:
        """None: no such key. Raises UsedUp, Forbidden."""
        key = keys.shown(token)
        if key is None:
            return None
        request._api_key = key  # type: ignore[attr-defined]
        if key.left < 0:
            raise UsedUp(key)
        key.must(getattr(request, "_needed", ""))
        return key


def needs(action_id: str) -> Callable[[View], View]:
    """An operation for keys whose scopes have this action; stands right above the function."""
    action(action_id)  # an action that isn't in the table ends the start

    def around(run: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(run)
        def asked(request: HttpRequest, **named: Any) -> HttpResponseBase:
            request._needed = action_id  # type: ignore[attr-defined]
            response = run(request, **named)
            key: keys.Shown | None = getattr(request, "_api_key", None)
            if key is not None:
                for name, value in limits(key).items():
                    response[name] = value
            return response

        return asked

    def mark(view: View) -> View:
        view.permission = action_id  # type: ignore[attr-defined]
        return decorate_view(around)(view)

    return mark


def limits(key: keys.Shown) -> dict[str, str]:
    """The headers that say how much of its limit a key has left."""
    values = (key.per_minute, max(0, key.left), key.seconds)
    return {name: str(value) for name, value in zip(HEADERS, values, strict=True)}
