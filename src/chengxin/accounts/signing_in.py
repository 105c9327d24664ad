"""Signing in and out: a name and a password, then a second factor where one is needed.

A session begins under a new key at each step, so that a key known before is worth nothing after.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import rotate_token
from django.utils import timezone

from chengxin.accounts import attempts, passwords
from chengxin.accounts.addresses import client_address
from chengxin.accounts.models import Session, User
from chengxin.accounts.second_factor import needed
from chengxin.accounts.sessions import ADDRESS, AGENT, IDLE, SECOND_FACTOR, STARTED, SUBJECT, USER, row_key

DEVICE_COOKIE = "chengxin_browser"
"""Says under which names this browser signed in before: it is then not slowed by what strangers try."""

_DEVICE_AGE = 365 * 24 * 3600
_DEVICES = 4
_LONGEST_AGENT = 300


def own_path(given: str, otherwise: str = "/work") -> str:
    """Where to go after signing in: only to a path of ours, whatever a link said."""
    try:
        parts = urlsplit(given)
    except ValueError:
        return otherwise
    plain = given.startswith("/") and not given.startswith(("//", "/\\")) and "\\" not in given
    if not plain or parts.scheme or parts.netloc or not given.isprintable():
        return otherwise
    return given


def by_password(request: HttpRequest, sign_in_name: str, password: str) -> User | None:
    """The user whose name and password these are; None when they aren't. Raises attempts.TooMany.

    Takes as long for a name that nobody has.
    """
    name = sign_in_name.strip().lower()[:64]
    attempt = attempts.begin("password", name, client_address(request), device_of(request, name))
    user = None if "\0" in name else User.objects.filter(sign_in_name=name, ended_at=None).first()
    if not passwords.fits(password, user.password if user else None):
        return None
    attempts.good(attempt)
    return user


def begin_session(request: HttpRequest, user: User) -> None:
    """Sign the user in, second factor not shown yet."""
    session = request.session
    session.flush()
    session[USER] = user.pk
    _begun(request, session)
    User.objects.filter(pk=user.pk).update(signed_in_at=timezone.now())


def begin_door_session(request: HttpRequest, subject: int) -> None:
    """Let the holder of an access code in to see what is held on this subject."""
    session = request.session
    session.flush()
    session[SUBJECT] = subject
    _begun(request, session)


def _begun(request: HttpRequest, session: SessionBase) -> None:
    session[STARTED] = int(timezone.now().timestamp())
    session[ADDRESS] = client_address(request)
    session[AGENT] = request.headers.get("User-Agent", "")[:_LONGEST_AGENT]
    rotate_token(request)  # forms made for whoever sat here before count no more
    _forget_actor(request)
    Session.objects.filter(expire_date__lt=timezone.now()).delete()


def second_factor_shown(request: HttpRequest) -> None:
    """Note that the second factor was shown just now; the session goes on under a new key."""
    request.session.cycle_key()
    request.session[SECOND_FACTOR] = int(timezone.now().timestamp())
    _forget_actor(request)


def sign_out(request: HttpRequest) -> None:
    """End this session."""
    request.session.flush()
    _forget_actor(request)


def _forget_actor(request: HttpRequest) -> None:
    if hasattr(request, "_actor"):
        del request._actor


def session_user(request: HttpRequest) -> User | None:
    """The user of this session, unless it was left alone too long; second factor shown or not."""
    id = request.session.get(USER)
    row = getattr(request.session, "row", None)
    if id is None or (row is not None and timezone.now() - row.seen_at > IDLE):
        return None
    return User.objects.filter(pk=id, ended_at=None).first()


def complete(request: HttpRequest, user: User) -> bool:
    """Whether nothing is missing any more: the second factor was shown, or none is needed."""
    return bool(request.session.get(SECOND_FACTOR)) or not needed(user)


def end_sessions(user: User, besides: str | None = None) -> int:
    """End all sessions of a user, but for the one with this key; returns how many were ended."""
    ended = Session.objects.filter(user=user)
    if besides is not None:
        ended = ended.exclude(session_key=row_key(besides))
    return ended.delete()[0]


def device_of(request: HttpRequest, name: str) -> str:
    """The number of this browser when it signed in under the name before, else nothing."""
    return next((device for known, device in _devices(request) if known == attempts.named(name).hex()), "")


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Note in a signed cookie that this browser signed in under this user's name."""
    name = attempts.named(user.sign_in_name).hex()
    device = device_of(request, user.sign_in_name) or secrets.token_urlsafe(12)
    others = [list(one) for one in _devices(request) if one[0] != name]
    value = signing.dumps([[name, device], *others][:_DEVICES], salt=DEVICE_COOKIE)
    response.set_cookie(
        DEVICE_COOKIE,
        value,
        max_age=_DEVICE_AGE,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path="/sign-in",
    )


def _devices(request: HttpRequest) -> Sequence[tuple[str, str]]:
    try:
        held = signing.loads(request.COOKIES.get(DEVICE_COOKIE, ""), salt=DEVICE_COOKIE, max_age=_DEVICE_AGE)
    except signing.BadSignature:
        return ()
    return [(str(name), str(device)) for name, device in held]
