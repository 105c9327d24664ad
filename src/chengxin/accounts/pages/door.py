"""The subject's own door: an access code lets its holder see what is held on the subject."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from chengxin.accounts import attempts, doorcodes, invitations, signing_in
from chengxin.accounts.addresses import client_address
from chengxin.accounts.guard import actor_of, public, requires
from chengxin.accounts.pages.account import password_fields, unequal
from chengxin.accounts.pages.parts import answer, role_name, said
from chengxin.accounts.pages.sign_in import too_many
from chengxin.design.flash import say
from chengxin.design.forms import Field, filled
from chengxin.kernel.problems import Problem

_WRONG = Problem(
    "code", None, "door_code",
    "查询码不正确、已过期或已用完", "the access code is wrong, has expired or is used up",
    "请核对后重试，或请出具单位重新出具", "check it, or ask for another where you got it",
)  # fmt: skip


@public
@never_cache
def door(request: HttpRequest) -> HttpResponse:
    """Enter an access code."""
    if request.method != "POST":
        return _show(request)
    typed = request.POST.get("code", "")[:60]
    try:
        attempt = attempts.begin("door", client_address(request), client_address(request))
    except attempts.TooMany as failed:
        return _show(request, too_many(failed, "code"), 429)
    subject = doorcodes.used(typed)
    if subject is None:
        return _show(request, _WRONG, 422)
    attempts.good(attempt)
    signing_in.begin_door_session(request, subject)
    return HttpResponseRedirect("/own")


def _show(request: HttpRequest, problem: Problem | None = None, status: int = 200) -> HttpResponse:
    field = Field(
        "code",
        gettext("查询码"),
        hint=gettext("查询码告知书上的16位字母和数字，可以不写横线"),
        autocomplete="off",
        error=said(problem) if problem else "",
    )
    return answer(request, "accounts/door", {"field": field, "fields": [field]}, status)


@requires("own.read")
@never_cache
def own_account(request: HttpRequest) -> HttpResponse:
    """Turn an access code into an account, so that the subject can come back without a new code."""
    actor = actor_of(request)
    subjects = actor.reach("own.read").subjects
    if actor.user is not None or len(subjects) != 1:
        return HttpResponseRedirect("/own")
    fields = _account_fields()
    if request.method != "POST":
        return answer(request, "accounts/own_account", {"fields": fields})
    post = request.POST
    try:
        if problems := unequal(request):
            raise invitations.NotDone(*problems)
        user = invitations.join_by_code(
            subjects[0],
            name=" ".join(post.get("name", "").split()),
            sign_in_name=post.get("sign_in_name", "").strip().lower(),
            role=post.get("role", ""),
            password=post.get("password", ""),
        )
    except invitations.NotDone as unfit:
        again = filled(fields, post, list(unfit.problems))
        return answer(request, "accounts/own_account", {"fields": again}, 422)
    signing_in.begin_session(request, user)
    signing_in.complete(request, user)
    say(request, "账号已建立，以后可以直接登录。", "The account is made; from now on you can sign in.")
    return HttpResponseRedirect("/own")


def _account_fields() -> list[Field]:
    choices = tuple((role, role_name(role)) for role in invitations.own_roles())
    return [
        Field("role", gettext("身份"), kind="radio", choices=choices),
        Field("name", gettext("姓名"), autocomplete="name", hint=gettext("代表主体使用账号的人")),
        Field(
            "sign_in_name",
            gettext("登录名"),
            autocomplete="username",
            hint=gettext("2至64个小写字母、数字、点、横线或下划线"),
        ),
        *password_fields(old=False),
    ]
