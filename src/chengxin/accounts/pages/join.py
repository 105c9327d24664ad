"""Joining by an invitation: one sets one's password, then the second factor where the role needs it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache

from chengxin.accounts import invitations, signing_in
from chengxin.accounts.guard import public
from chengxin.accounts.models import Invitation
from chengxin.accounts.pages.account import password_fields, unequal
from chengxin.accounts.pages.parts import answer, organisation_name, region_name, role_name
from chengxin.design.forms import Field, filled
from chengxin.design.render import not_found


@public
@never_cache
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Become a user."""
    made = invitations.open_invitation(token)
    if made is None:
        return _gone(request)
    fields = password_fields(old=False)
    if request.method != "POST":
        return _show(request, made, fields)
    try:
        if problems := unequal(request):
            raise invitations.NotDone(*problems)
        user = invitations.join(token, request.POST.get("password", ""))
    except invitations.NotDone as unfit:
        return _show(request, made, filled(fields, request.POST, list(unfit.problems)), 422)
    except LookupError:
        return _gone(request)
    signing_in.begin_session(request, user)
    complete = signing_in.complete(request, user)
    response = HttpResponseRedirect("/work" if complete else "/sign-in/second-factor/enrol")
    if complete:
        signing_in.remember_browser(request, response, user)
    return response


def _show(request: HttpRequest, made: Invitation, fields: list[Field], status: int = 200) -> HttpResponse:
    values = {
        "made": made,
        "role": role_name(made.role),
        "organisation": organisation_name(made.organisation),
        "region": region_name(made.region),
        "fields": fields,
    }
    return answer(request, "accounts/join", values, status)


def _gone(request: HttpRequest) -> HttpResponse:
    return not_found(
        request,
        gettext("这个邀请不能使用"),
        gettext("邀请7天内有效，且只能使用一次。请联系邀请您的人另发一个。"),
    )
