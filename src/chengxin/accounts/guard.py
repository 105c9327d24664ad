"""What stands before every page: who asks, and whether the table of permissions lets them.

Each view says by one of three decorators who may open it; a test walks all routes and fails on a view that
says nothing. The use cases behind the views check again, with what they act on (`Actor.must`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.models import GivenRole, Session, User
from chengxin.accounts.permissions import NOBODY, Actor, Forbidden, Grant, action, roles
from chengxin.accounts.second_factor import enrolled, needed
from chengxin.accounts.sessions import IDLE, SECOND_FACTOR, SUBJECT, USER
from chengxin.design.language import current
from chengxin.design.render import failure

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]

PUBLIC = "public"
"""Permission of a view that anybody may open."""

SIGNED_IN = "signed in"
"""Permission of a view for everybody who is signed in, whatever their role."""


RECENT = timedelta(minutes=15)
"""How long a second factor counts as shown lately."""

_NOTED_EVERY = timedelta(minutes=1)


def actor_of(request: HttpRequest) -> Actor:
    """Who makes this request; looked up once."""
    known: Actor | None = getattr(request, "_actor", None)
    if known is None:
        known = _actor(request)
        request._actor = known  # type: ignore[attr-defined]
    return known


def _actor(request: HttpRequest) -> Actor:
    session = getattr(request, "session", None)
    if session is None or not session.session_key:
        return NOBODY
    if (id := session.get(USER)) is not None:
        user = User.objects.filter(pk=id, ended_at=None).first()
        if user is None or _idle(session):
            session.flush()
            return NOBODY
        shown = bool(session.get(SECOND_FACTOR))
        request._unfinished = not shown and needed(user)  # type: ignore[attr-defined]
        return acting(user, second_factor=shown)
    if (subject := session.get(SUBJECT)) is not None:
        return Actor(None, roles()["code_holder"].zh, (Grant("code_holder", subject=subject),))
    return NOBODY


def _idle(session: SessionBase) -> bool:
    """Whether the session was left alone for too long; else it is noted that it is in use."""
    row: Session | None = getattr(session, "row", None)
    if row is None:
        return False
    now = timezone.now()
    if now - row.seen_at > IDLE:
        return True
    if now - row.seen_at > _NOTED_EVERY:
        Session.objects.filter(pk=row.pk).update(seen_at=now)
    return False


def unfinished(request: HttpRequest) -> bool:
    """Whether whoever asks is signed in by password alone and has a second factor still to show or enrol."""
    actor_of(request)
    return bool(getattr(request, "_unfinished", False))


def recently(request: HttpRequest) -> bool:
    """Whether the second factor was shown within the last 15 minutes: asked before what is sensitive."""
    shown = float(request.session.get(SECOND_FACTOR) or 0)
    return timezone.now().timestamp() - shown <= RECENT.total_seconds()


def shown_again(view: View) -> View:
    """A view for what is sensitive: who didn't show the second factor lately is sent to show it again.

    Stands inside `@requires`. What was typed before is lost with it, so put it before the form, too.
    """

    @wraps(view)
    def asked(request: HttpRequest, *parts: Any, **named: Any) -> HttpResponse:
        if actor_of(request).user is not None and not recently(request):
            return to_second_factor(request)
        return view(request, *parts, **named)

    return asked


def to_second_factor(request: HttpRequest) -> HttpResponse:
    """To the page where the second factor is shown or enrolled, and back."""
    back = request.get_full_path() if request.method in ("GET", "HEAD") else request.path
    return HttpResponseRedirect(f"/sign-in/second-factor?{urlencode({'next': back})}")


def acting(user: User, *, second_factor: bool) -> Actor:
    """The user with the roles held now; those that need a second factor only when it was shown.

    Who enrolled a second factor without needing it has no role before it is shown, either.
    """
    held = (
        GivenRole.objects.filter(user=user).exclude(until__lte=timezone.now()).select_related("organisation")
    )
    known = roles()
    grants = tuple(
        Grant(
            one.role,
            one.organisation_id,
            one.organisation.code if one.organisation else None,
            one.region,
            one.subject,
        )
        for one in held.order_by("pk")
        if second_factor or not (known[one.role].second_factor or enrolled(user))
    )
    return Actor(user.pk, user.name, grants)


def public(view: View) -> View:
    """A view for everybody."""
    view.permission = PUBLIC  # type: ignore[attr-defined]
    return view


def signed_in(view: View) -> View:
    """A view for everybody who is signed in; others are sent to sign in and back."""
    return _guarded(view, SIGNED_IN)


def requires(action_id: str) -> Callable[[View], View]:
    """A view for those whose role may do an action of the table (on anything; the use case asks on what)."""
    action(action_id)  # an action that isn't in the table ends the start
    return lambda view: _guarded(view, action_id)


def _guarded(view: View, permission: str) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *parts: Any, **named: Any) -> HttpResponse:
        actor = actor_of(request)
        if not actor.signed_in:
            return HttpResponseRedirect(f"/sign-in?{urlencode({'next': request.get_full_path()})}")
        if unfinished(request):
            return to_second_factor(request)
        try:
            if permission != SIGNED_IN:
                actor.must(permission)
            response = view(request, *parts, **named)
        except Forbidden as refused:
            return refusal(request, refused)
        if not response.has_header("Cache-Control") or response["Cache-Control"] == "no-cache":
            response["Cache-Control"] = "no-store"  # nothing that isn't public stays in a browser's cache
        return response

    guarded.permission = permission  # type: ignore[attr-defined]
    return guarded


def refusal(request: HttpRequest, refused: Forbidden) -> HttpResponse:
    """403 as a page: what the role may not do, and who may. Noted, without the address."""
    problem = refused.problem
    logger.warning("user %s was refused: %s", actor_of(request).user, problem.rule)
    said = (problem.en, problem.mend_en) if current() == "en" else (problem.zh, problem.mend_zh)
    return failure(
        request,
        403,
        f"{gettext('无权进行此操作')}",
        "。".join(said) if current() == "zh" else "; ".join(said),
    )
