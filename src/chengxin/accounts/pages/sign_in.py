"""Signing in: name and password, the second factor, enrolling it; signing out."""

from __future__ import annotations

import base64
from urllib.parse import urlencode

import segno
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from chengxin.accounts import attempts, demonstrated, passkeys, second_factor, signing_in, totp
from chengxin.accounts.addresses import client_address
from chengxin.accounts.guard import public, recently
from chengxin.accounts.models import User
from chengxin.accounts.pages.parts import answer, said
from chengxin.design import flash
from chengxin.design.forms import Field, filled
from chengxin.design.render import page
from chengxin.kernel.problems import Problem

SEED = "seed"
"""Key of a session: the sealed seed that is being enrolled."""

_WRONG = Problem(
    "password", None, "sign_in",
    "登录名或密码不正确", "the name or the password is wrong",
    "请核对后重试；忘记密码请联系本单位管理员",
    "check both; whoever forgot a password asks the organisation's administrator",
)  # fmt: skip
_WRONG_CODE = Problem(
    "code", None, "second_factor",
    "验证码不正确，或已使用过", "the code is wrong or was used already",
    "请等待验证器显示下一个验证码后重试", "wait for the next code in your authenticator and try again",
)  # fmt: skip


def _fields() -> list[Field]:
    return [
        Field("name", gettext("登录名"), autocomplete="username"),
        Field("password", gettext("密码"), kind="password", autocomplete="current-password"),
    ]


def too_many(failed: attempts.TooMany, field: str) -> Problem:
    """Why somebody has to wait."""
    return Problem(
        field, None, "too_many",
        "尝试次数过多", "too many attempts",
        f"请在{failed.minutes}分钟后重试", f"try again in {failed.minutes} minutes",
    )  # fmt: skip


@public
@never_cache
def sign_in(request: HttpRequest) -> HttpResponse:
    """Name and password."""
    following = signing_in.own_path(request.POST.get("next") or request.GET.get("next", ""))
    fields = _fields()
    if request.method != "POST":
        values = {"fields": fields, "next": following, "people": demonstrated.people()}
        return answer(request, "accounts/sign_in", values)
    try:
        user = signing_in.by_password(request, request.POST.get("name", ""), request.POST.get("password", ""))
    except attempts.TooMany as failed:
        return _again(request, fields, too_many(failed, "password"), following, 429)
    if user is None:
        return _again(request, fields, _WRONG, following, 422)
    signing_in.begin_session(request, user)
    if not signing_in.complete(request, user):
        return HttpResponseRedirect(f"/sign-in/second-factor?{urlencode({'next': following})}")
    response = HttpResponseRedirect(following)
    signing_in.remember_browser(request, response, user)
    return response


def _again(
    request: HttpRequest, fields: list[Field], problem: Problem, following: str, status: int
) -> HttpResponse:
    values = {"fields": filled(fields, request.POST, [problem]), "next": following}
    response = answer(request, "accounts/sign_in", values | {"people": demonstrated.people()}, status)
    if status == 429:
        response["Retry-After"] = "60"
    return response


@public
@never_cache
def show_second_factor(request: HttpRequest) -> HttpResponse:
    """One-time password, recovery code or passkey; asked at sign-in, and again before what is sensitive."""
    user = signing_in.session_user(request)
    following = signing_in.own_path(request.POST.get("next") or request.GET.get("next", ""))
    if user is None:
        return HttpResponseRedirect(f"/sign-in?{urlencode({'next': following})}")
    if not second_factor.enrolled(user):
        return HttpResponseRedirect(f"/sign-in/second-factor/enrol?{urlencode({'next': following})}")
    if request.method != "POST":
        return _ask(request, user, following)
    try:
        attempt = attempts.begin(
            "second_factor",
            user.sign_in_name,
            client_address(request),
            signing_in.device_of(request, user.sign_in_name),
        )
    except attempts.TooMany as failed:
        return _ask(request, user, following, too_many(failed, "code"), 429)
    if not _shown(request, user):
        return _ask(request, user, following, _WRONG_CODE, 422)
    attempts.good(attempt)
    signing_in.second_factor_shown(request)
    left = second_factor.recovery_codes_left(user)
    if left < 3:
        flash.say(
            request,
            f"恢复码只剩{left}个，请在“我的账户”中换一组新的。",
            f"Only {left} recovery codes are left; get new ones in your account.",
            "warn",
        )
    response = HttpResponseRedirect(following)
    signing_in.remember_browser(request, response, user)
    return response


def _shown(request: HttpRequest, user: User) -> bool:
    if credential := request.POST.get("credential"):
        return passkeys.shown(request, user, credential)
    code = request.POST.get("code", "")[:40]
    return second_factor.shown_code(user, code) or second_factor.shown_recovery_code(user, code)


def _ask(
    request: HttpRequest, user: User, following: str, problem: Problem | None = None, status: int = 200
) -> HttpResponse:
    field = Field(
        "code",
        gettext("验证码或恢复码"),
        hint=gettext("验证器应用中的6位数字；手机不在身边时，可输入一个恢复码"),
        autocomplete="one-time-code",
        error=said(problem) if problem else "",
    )
    values = {
        "field": field,
        "fields": [field],
        "next": following,
        "demonstration_code": demonstrated.code_shown(user),
        "options": passkeys.authentication(request, user) if user.passkeys.exists() else "",
    }
    return answer(request, "accounts/second_factor", values, status)


@public
@never_cache
def enrol(request: HttpRequest) -> HttpResponse:
    """Set a second factor up: the QR code and the seed, confirmed by a code; then recovery codes, once."""
    user = signing_in.session_user(request)
    following = signing_in.own_path(request.POST.get("next") or request.GET.get("next", ""))
    if user is None:
        return HttpResponseRedirect(f"/sign-in?{urlencode({'next': following})}")
    if second_factor.enrolled(user) and not recently(request):
        back = {"next": request.path}
        return HttpResponseRedirect(f"/sign-in/second-factor?{urlencode(back)}")
    seed = _seed(request, user)
    if request.method != "POST":
        return _show_seed(request, user, seed, following)
    try:
        attempt = attempts.begin("second_factor", user.sign_in_name, client_address(request), "enrolling")
    except attempts.TooMany as failed:
        return _show_seed(request, user, seed, following, problem=too_many(failed, "code"), status=429)
    codes = second_factor.enrol(user, seed, request.POST.get("code", ""))
    if codes is None:
        return _show_seed(request, user, seed, following, problem=_WRONG_CODE, status=422)
    attempts.good(attempt)
    request.session.pop(SEED, None)
    signing_in.second_factor_shown(request)
    response = answer(request, "accounts/recovery_codes", {"codes": codes, "next": following})
    signing_in.remember_browser(request, response, user)
    return response


def _seed(request: HttpRequest, user: User) -> str:
    """The seed that is being enrolled in this session: the same when a code was mistyped."""
    held = request.session.get(SEED)
    seed = second_factor.opened_seed(user, base64.b64decode(held)) if held else None
    if seed is None:
        seed = totp.new_seed()
        request.session[SEED] = base64.b64encode(second_factor.sealed_seed(user, seed)).decode()
    return seed


def _show_seed(
    request: HttpRequest,
    user: User,
    seed: str,
    following: str,
    *,
    problem: Problem | None = None,
    status: int = 200,
) -> HttpResponse:
    picture = segno.make(totp.address(seed, user.sign_in_name), error="m")
    field = Field(
        "code",
        gettext("验证器显示的6位验证码"),
        autocomplete="one-time-code",
        error=said(problem) if problem else "",
        attributes={"inputmode": "numeric"},
    )
    values = {
        "field": field,
        "fields": [field],
        "next": following,
        "seed": " ".join(seed[at : at + 4] for at in range(0, len(seed), 4)),
        "picture": picture.svg_data_uri(scale=5, light="#fff", border=3),
    }
    return answer(request, "accounts/enrol", values, status)


@public
@never_cache
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    if request.method != "POST":
        return page(request, "accounts/sign_out", {}, indexed=False)
    signing_in.sign_out(request)
    flash.say(request, "您已退出登录。", "You have signed out.", "good")
    return HttpResponseRedirect("/")
