"""Inviting a person: the form, the answers checked, the link shown once."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext

from chengxin.accounts import granting, invitations
from chengxin.accounts.guard import actor_of, requires, shown_again
from chengxin.accounts.invitations import Invited, NotDone
from chengxin.accounts.models import Organisation
from chengxin.accounts.pages.parts import answer, organisation_name, region_name, regions, role_name
from chengxin.accounts.pages.users import organisation_field, organisation_of, region_of
from chengxin.accounts.permissions import Actor
from chengxin.design.forms import Field, filled


def _fields(actor: Actor) -> list[Field]:
    return [
        Field("name", gettext("姓名"), autocomplete="off"),
        Field("sign_in_name", gettext("登录名"), autocomplete="off",
              hint=gettext("小写字母、数字、点、横线、下划线，例如 chen.xm")),
        Field("role", gettext("角色"), kind="select",
              choices=tuple((one, role_name(one)) for one in granting.offered(actor))),
        organisation_field(actor, "user.manage"),
        Field("region", gettext("地区"), kind="select", required=False,
              hint=gettext("部门经办人和审核人的角色在哪个地区有效"),
              choices=(("", gettext("不选")), *regions())),
    ]  # fmt: skip


@requires("user.manage")
@shown_again
def invite(request: HttpRequest) -> HttpResponse:
    """Form, check, link."""
    actor = actor_of(request)
    fields = _fields(actor)
    if request.method != "POST":
        return answer(request, "accounts/invite", {"fields": fields})
    if request.POST.get("step") == "change":
        return answer(request, "accounts/invite", {"fields": filled(fields, request.POST, [])})
    try:
        invited = _invited(request, actor)
        if problems := invitations.problems_of(actor, invited):
            raise NotDone(*problems)
        if request.POST.get("step") != "send":
            return answer(request, "accounts/invite_check", _checked(request, fields, invited))
        token = invitations.invite(actor, invited)
    except NotDone as unfit:
        values = {"fields": filled(fields, request.POST, list(unfit.problems))}
        return answer(request, "accounts/invite", values, 422)
    link = request.build_absolute_uri(f"/join/{token}")
    return answer(request, "accounts/invited", _words(invited) | {"link": link})


def _invited(request: HttpRequest, actor: Actor) -> Invited:
    given = request.POST
    of: Organisation = organisation_of(actor, "user.manage", given.get("organisation", ""))
    return Invited(
        name=given.get("name", "").strip(),
        sign_in_name=given.get("sign_in_name", "").strip().lower(),
        role=given.get("role", ""),
        organisation=of,
        region=region_of(given.get("region", "")),
    )


def _words(invited: Invited) -> dict[str, object]:
    return {
        "invited": invited,
        "role": role_name(invited.role),
        "organisation": organisation_name(invited.organisation),
        "region": region_name(invited.region),
    }


def _checked(request: HttpRequest, fields: list[Field], invited: Invited) -> dict[str, object]:
    hidden = [(one.name, request.POST.get(one.name, "")) for one in fields]
    return _words(invited) | {"hidden": hidden}
