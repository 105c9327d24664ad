"""The own account: who one is, password, second factor, sessions."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext

from chengxin.accounts import attempts, passkeys, passwords, second_factor, signing_in
from chengxin.accounts.addresses import client_address
from chengxin.accounts.guard import shown_again, signed_in
from chengxin.accounts.managing import held
from chengxin.accounts.models import Session, User
from chengxin.accounts.pages.parts import answer, in_words
from chengxin.accounts.pages.sign_in import too_many
from chengxin.accounts.sessions import row_key
from chengxin.design import flash
from chengxin.design.forms import Field, filled
from chengxin.design.render import not_found
from chengxin.kernel.problems import Problem

_BROWSERS = (
    ("MicroMessenger", "微信"), ("Edg", "Edge"), ("OPR", "Opera"), ("Firefox", "Firefox"),
    ("Chrome", "Chrome"), ("Safari", "Safari"), ("curl", "curl"),
)  # fmt: skip
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"), ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"),
    ("Windows", "Windows"), ("Mac OS", "macOS"), ("Linux", "Linux"),
)  # fmt: skip

_WRONG = Problem(
    "old", None, "password",
    "现用密码不正确", "the present password is wrong",
    "请重新输入", "type it again",
)  # fmt: skip
_UNEQUAL = Problem(
    "again", None, "password_again",
    "两次输入的新密码不一致", "the two new passwords differ",
    "请再输入一次相同的密码", "type the same one twice",
)  # fmt: skip


@dataclass(frozen=True)
class Place:
    """A session as its owner sees it."""

    key: str
    started_at: datetime
    seen_at: datetime
    address: str
    browser: str
    this: bool


def browser_in_words(agent: str) -> str:
    """Browser and system of a User-Agent, as people call them."""
    browser = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}", agent)), "")
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    return " · ".join(one for one in (browser, system) if one) or gettext("未知浏览器")


def _user(request: HttpRequest) -> User | None:
    """The user of the session; None for a holder of an access code, who has no account."""
    return signing_in.session_user(request)


def _sessions(request: HttpRequest, user: User) -> list[Place]:
    this = row_key(request.session.session_key or "")
    rows = Session.objects.filter(user=user).order_by("-seen_at")[:50]
    return [
        Place(
            one.session_key[:12], one.started_at, one.seen_at, one.address,
            browser_in_words(one.agent), one.session_key == this,
        )
        for one in rows
    ]  # fmt: skip


@signed_in
def account(request: HttpRequest) -> HttpResponse:
    """Who one is here, and what keeps the account safe."""
    user = _user(request)
    if user is None:
        return not_found(request)
    values = {
        "user": user,
        "roles": [in_words(one) for one in held(user)],
        "enrolled": second_factor.enrolled(user),
        "needed": second_factor.needed(user),
        "codes_left": second_factor.recovery_codes_left(user),
        "passkeys": user.passkeys.order_by("pk"),
        "sessions": _sessions(request, user),
    }
    return answer(request, "accounts/account", values)


def password_fields(*, old: bool) -> list[Field]:
    """The controls for choosing a password."""
    found = [
        Field("password", gettext("新密码"), kind="password", autocomplete="new-password",
              hint=gettext("至少12个字符，例如几个不相干的词；不要求大小写、数字或符号")),
        Field("again", gettext("再输入一次新密码"), kind="password", autocomplete="new-password"),
    ]  # fmt: skip
    if not old:
        return found
    return [Field("old", gettext("现用密码"), kind="password", autocomplete="current-password"), *found]


def unequal(request: HttpRequest) -> list[Problem]:
    """Whether the new password was typed alike twice."""
    return [] if request.POST.get("password") == request.POST.get("again") else [_UNEQUAL]


@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """Change one's password; all other sessions end."""
    user = _user(request)
    if user is None:
        return not_found(request)
    fields = password_fields(old=True)
    if request.method != "POST":
        return answer(request, "accounts/password", {"fields": fields})
    try:
        problems = _unfit(request, user)
    except attempts.TooMany as failed:
        problems = [too_many(failed, "old")]
    if problems:
        return answer(request, "accounts/password", {"fields": filled(fields, request.POST, problems)}, 422)
    User.objects.filter(pk=user.pk).update(password=passwords.hashed(request.POST["password"]))
    signing_in.end_sessions(user, besides=request.session.session_key)
    request.session.cycle_key()
    flash.say(
        request,
        "密码已更改，其他登录均已退出。",
        "The password was changed; all other sessions were ended.",
        "good",
    )
    return HttpResponseRedirect("/account")


def _unfit(request: HttpRequest, user: User) -> list[Problem]:
    new = passwords.problem_of(request.POST.get("password", ""), (user.name, user.sign_in_name))
    problems = [*([new] if new else []), *unequal(request)]
    attempt = attempts.begin(
        "password", user.sign_in_name, client_address(request), f"session {request.session.session_key}"[:40]
    )
    if passwords.fits(request.POST.get("old", ""), user.password):
        attempts.good(attempt)
        return problems
    return [_WRONG, *problems]


@signed_in
def end_session(request: HttpRequest) -> HttpResponse:
    """End one session of one's own, or all others."""
    user = _user(request)
    if user is None or request.method != "POST":
        return HttpResponseRedirect("/account")
    which = request.POST.get("session", "")
    if which == "others":
        ended = signing_in.end_sessions(user, besides=request.session.session_key)
    else:
        this = row_key(request.session.session_key or "")
        ended = (
            Session.objects.filter(user=user, session_key__startswith=which)
            .exclude(session_key=this)
            .delete()[0]
            if re.fullmatch("[0-9a-f]{12}", which)
            else 0
        )
    flash.say(request, f"已退出{ended}个登录。", f"Sessions ended: {ended}.", "good")
    return HttpResponseRedirect("/account")


@signed_in
@shown_again
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Get ten new recovery codes, shown once; the old ones count no more."""
    user = _user(request)
    if user is None or not second_factor.enrolled(user):
        return HttpResponseRedirect("/account")
    if request.method != "POST":
        return answer(request, "accounts/recovery_codes_new", {})
    codes = second_factor.new_recovery_codes(user)
    return answer(request, "accounts/recovery_codes", {"codes": codes, "next": "/account"})


@signed_in
@shown_again
def passkey(request: HttpRequest) -> HttpResponse:
    """Register a passkey, or take one away."""
    user = _user(request)
    if user is None or not second_factor.enrolled(user):
        return HttpResponseRedirect("/account")
    if request.method != "POST":
        field = Field("name", gettext("名称"), hint=gettext("例如“办公电脑”"), value="")
        values = {"fields": [field], "field": field, "options": passkeys.registration(request, user)}
        return answer(request, "accounts/passkey", values)
    if removed := request.POST.get("remove", ""):
        if removed.isascii() and removed.isdigit():
            user.passkeys.filter(pk=int(removed[:18])).delete()
        flash.say(request, "通行密钥已删除。", "The passkey was removed.", "good")
    elif passkeys.register(request, user, request.POST.get("credential", ""), request.POST.get("name", "")):
        flash.say(request, "通行密钥已登记。", "The passkey was registered.", "good")
    else:
        flash.say(
            request,
            "通行密钥没有登记：浏览器的应答与本站的要求不符，请重试。",
            "The passkey was not registered: the browser's answer does not fit; try again.",
            "bad",
        )
    return HttpResponseRedirect("/account")
