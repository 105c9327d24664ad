"""Users: the list, one person, roles given and ended, access ended and work handed over."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts import granting, managing, second_factor
from chengxin.accounts.actions import find_organisation
from chengxin.accounts.guard import actor_of, requires, shown_again
from chengxin.accounts.invitations import NotDone
from chengxin.accounts.invitations import take_back as invitation_taken_back
from chengxin.accounts.models import GivenRole, Invitation, Organisation, User
from chengxin.accounts.pages.parts import answer, in_words, organisation_name, regions, role_name, starts_at
from chengxin.accounts.permissions import Actor, forbidden, roles
from chengxin.design import flash
from chengxin.design.forms import Field, filled
from chengxin.design.render import not_found
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, table_page
from chengxin.kernel.problems import Problem

TABLE = Table(
    id="users",
    title=gettext_noop("用户"),
    columns=(
        Column("name", gettext_noop("姓名"), sort=True),
        Column("sign_in_name", gettext_noop("登录名"), kind="code", sort=True),
        Column("roles", gettext_noop("角色")),
        Column("organisation", gettext_noop("单位")),
        Column("signed_in_at", gettext_noop("最近登录"), kind="time", sort=True),
        Column("second_factor", gettext_noop("双因素"), kind="badge"),
        Column("state", gettext_noop("状态"), kind="badge"),
    ),
    filters=(
        Filter("name", gettext_noop("姓名或登录名")),
        Filter("role", gettext_noop("角色"), "choice", tuple((one.id, one.zh) for one in roles().values())),
        Filter("state", gettext_noop("状态"), "choice",
               (("active", gettext_noop("在用")), ("ended", gettext_noop("已停用")))),
    ),
    order="name",
)  # fmt: skip


def held_by(user: str) -> QuerySet[GivenRole]:
    """The roles that users hold now, to be asked of each row of users."""
    return GivenRole.objects.filter(user=OuterRef(user)).exclude(until__lte=timezone.now())


def visible(actor: Actor) -> QuerySet[User]:
    """The users whom the person may see."""
    reach = actor.reach("user.read")
    if reach.everything:
        return User.objects.all()
    return User.objects.filter(
        Exists(GivenRole.objects.filter(user=OuterRef("pk"), organisation__in=reach.organisations))
    )


def _fetch(actor: Actor, asked: Asked, limit: int) -> Rows:
    found = visible(actor)
    if name := asked.filters.get("name"):
        found = found.filter(Q(name__icontains=name) | Q(sign_in_name__icontains=name))
    if role := asked.filters.get("role"):
        found = found.filter(Exists(held_by("pk").filter(role=role)))
    if state := asked.filters.get("state"):
        found = found.filter(ended_at__isnull=state == "active")
    order = asked.order if asked.order.lstrip("-") in ("name", "sign_in_name", "signed_in_at") else "name"
    start = starts_at(asked)
    page = list(found.order_by(order, "pk")[start : start + limit + 1])
    following = str(start + limit) if len(page) > limit else None
    return Rows([_row(one) for one in page[:limit]], next=following, total=found.count())


def _row(user: User) -> Row:
    held = managing.held(user)
    organisations = {organisation_name(one.organisation) for one in held if one.organisation}
    return {
        "name": Cell(user.name, url=f"/work/users/{user.pk}"),
        "sign_in_name": user.sign_in_name,
        "roles": "、".join(dict.fromkeys(role_name(one.role) for one in held)),
        "organisation": "、".join(sorted(organisations)),
        "signed_in_at": user.signed_in_at,
        "second_factor": Cell(gettext("已启用"), badge="good")
        if second_factor.enrolled(user)
        else Cell(gettext("未启用"), badge="quiet"),
        "state": Cell(gettext("已停用"), badge="quiet")
        if user.ended_at
        else Cell(gettext("在用"), badge="good"),
    }


@requires("user.read")
def users(request: HttpRequest) -> HttpResponse:
    """Everybody whom one may see, and the invitations that wait."""
    actor = actor_of(request)
    reach = actor.reach("user.read")
    waiting = Invitation.objects.select_related("organisation").filter(
        user=None, taken_back_at=None, expires_at__gt=timezone.now()
    )
    if not reach.everything:
        waiting = waiting.filter(organisation__in=reach.organisations)
    values = {
        "may_manage": actor.may("user.manage"),
        "waiting": [
            {
                "id": one.pk, "name": one.name, "role": role_name(one.role), "expires_at": one.expires_at,
                "organisation": organisation_name(one.organisation),
            }
            for one in waiting.order_by("expires_at")
        ],
    }  # fmt: skip
    return table_page(
        request, "accounts/users", TABLE, lambda asked, limit: _fetch(actor, asked, limit), values
    )


@requires("user.read")
def user(request: HttpRequest, id: int) -> HttpResponse:
    """One person: roles, state, and what may be done about them."""
    found = _found(request, id)
    return not_found(request) if found is None else _show(request, found)


def _found(request: HttpRequest, id: int) -> User | None:
    return visible(actor_of(request)).filter(pk=id).first()


def _show(
    request: HttpRequest, found: User, problems: tuple[Problem, ...] = (), status: int = 200
) -> HttpResponse:
    actor = actor_of(request)
    manages = actor.may("user.manage") and managing.may_manage(actor, found) and found.ended_at is None
    fields = _role_fields(actor)
    values = {
        "person": found,
        "manages": manages,
        "oneself": actor.user == found.pk,
        "enrolled": second_factor.enrolled(found),
        "roles": [in_words(one) | {"id": one.pk, "since": one.since} for one in managing.held(found)],
        "past": [
            in_words(one) | {"since": one.since, "until": one.until}
            for one in GivenRole.objects.filter(user=found, until__lte=timezone.now())
            .select_related("organisation")
            .order_by("-until")[:20]
        ],
        "fields": filled(fields, request.POST, problems) if problems else fields,
        "problems": problems,
    }
    return answer(request, "accounts/user", values, status)


def own_organisations(actor: Actor, action_id: str) -> list[Organisation] | None:
    """The organisations for which a person may do something; None for all."""
    reach = actor.reach(action_id)
    return None if reach.everything else list(Organisation.objects.filter(pk__in=reach.organisations))


def organisation_field(actor: Actor, action_id: str) -> Field:
    """Where the organisation is named: by name or code, or chosen among one's own."""
    own = own_organisations(actor, action_id)
    if own is None:
        return Field(
            "organisation", gettext("单位"), hint=gettext("全称或18位统一社会信用代码"), autocomplete="off"
        )
    return Field(
        "organisation",
        gettext("单位"),
        kind="select",
        choices=tuple((one.name, organisation_name(one)) for one in own),
    )


def organisation_of(actor: Actor, action_id: str, named: str) -> Organisation:
    """The organisation that was named; NotDone when there is none or it isn't the person's to manage."""
    found = find_organisation(named)
    own = own_organisations(actor, action_id)
    if found is None or (own is not None and found.pk not in {one.pk for one in own}):
        raise NotDone(_NO_ORGANISATION)
    return found


def _role_fields(actor: Actor) -> list[Field]:
    offered = granting.offered(actor)
    return [
        Field("role", gettext("角色"), kind="select",
              choices=tuple((one, role_name(one)) for one in offered)),
        organisation_field(actor, "user.manage"),
        Field("region", gettext("地区"), kind="select", required=False,
              choices=(("", gettext("不限地区的角色不选")), *regions())),
    ]  # fmt: skip


def region_of(given: str) -> str | None:
    """The region that was chosen; None for none."""
    return given if given in {code for code, _ in regions()} else None


@requires("user.manage")
@shown_again
def give_role(request: HttpRequest, id: int) -> HttpResponse:
    """Give a person a further role."""
    found = _found(request, id)
    if found is None:
        return not_found(request)
    if request.method != "POST":
        return HttpResponseRedirect(f"/work/users/{id}")
    actor, role = actor_of(request), request.POST.get("role", "")
    try:
        of = organisation_of(actor, "user.manage", request.POST.get("organisation", ""))
        managing.give_role(actor, found, role, of, region_of(request.POST.get("region", "")))
    except NotDone as unfit:
        return _show(request, found, unfit.problems, 422)
    flash.say(request, "角色已授予。", "The role was given.", "good")
    return HttpResponseRedirect(f"/work/users/{id}")


@requires("user.manage")
@shown_again
def end_role(request: HttpRequest, id: int, given: int) -> HttpResponse:
    """End one role of a person."""
    found = _found(request, id)
    if found is None:
        return not_found(request)
    if request.method != "POST":
        return HttpResponseRedirect(f"/work/users/{id}")
    try:
        managing.end_role(actor_of(request), found, given)
    except NotDone as unfit:
        return _show(request, found, unfit.problems, 422)
    except LookupError:
        return not_found(request)
    flash.say(request, "角色已结束。", "The role was ended.", "good")
    return HttpResponseRedirect(f"/work/users/{id}")


@requires("user.manage")
@shown_again
def end(request: HttpRequest, id: int) -> HttpResponse:
    """End a person's access at once and hand what is open to a colleague."""
    found = _found(request, id)
    if found is None:
        return not_found(request)
    actor = actor_of(request)
    if not managing.may_manage(actor, found):
        raise forbidden("user.manage")
    colleagues = visible(actor).filter(ended_at=None).exclude(pk=id).order_by("name")[:500]
    choices = [(str(one.pk), f"{one.name}（{one.sign_in_name}）") for one in colleagues]
    field = Field(
        "colleague", gettext("未办事项移交给"), kind="select", required=False,
        hint=gettext("通知、保存的筛选、其名下的接口密钥；不移交的密钥即时作废"),
        choices=(("", gettext("不移交")), *choices),
    )  # fmt: skip
    values = {"person": found, "field": field, "fields": [field]}
    if request.method != "POST":
        return answer(request, "accounts/end", values)
    chosen = request.POST.get("colleague", "")
    colleague = next((one for one in colleagues if str(one.pk) == chosen), None)
    try:
        managing.end_user(actor, found, colleague)
    except NotDone as unfit:
        return _show(request, found, unfit.problems, 422)
    flash.say(
        request,
        "已停用：登录和密钥即时失效，移交已记入账本。",
        "Access ended: sessions and keys are void, the hand-over is in the ledger.",
        "good",
    )
    return HttpResponseRedirect(f"/work/users/{id}")


@requires("user.manage")
@shown_again
def reset_second_factor(request: HttpRequest, id: int) -> HttpResponse:
    """Take a lost second factor from a person."""
    found = _found(request, id)
    if found is None:
        return not_found(request)
    actor = actor_of(request)
    if not managing.may_manage(actor, found) or actor.user == found.pk:
        raise forbidden("user.manage")
    if request.method == "POST":
        second_factor.take_back(actor, found, targets=managing.targets_of(found))
        flash.say(
            request,
            "双因素验证已重置，该用户下次登录时重新登记。",
            "The second factor was taken back; the person enrols again at the next sign-in.",
            "good",
        )
    return HttpResponseRedirect(f"/work/users/{id}")


@requires("user.manage")
@shown_again
def take_back(request: HttpRequest, id: int) -> HttpResponse:
    """Take an invitation back."""
    if request.method == "POST":
        try:
            invitation_taken_back(actor_of(request), id)
        except LookupError:
            return not_found(request)
        flash.say(request, "邀请已撤回。", "The invitation was taken back.", "good")
    return HttpResponseRedirect("/work/users")


_NO_ORGANISATION = Problem(
    "organisation", None, "organisation",
    "没有这个单位，或不归您管理", "there is no such organisation, or it is not yours to manage",
    "请填写已登记单位的全称或统一社会信用代码", "give the full name or code of one that is known",
)  # fmt: skip
