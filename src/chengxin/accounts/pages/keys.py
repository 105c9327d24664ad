"""API keys of one's organisation: the list, a new one, revoking."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, time, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts import keys
from chengxin.accounts.guard import actor_of, requires, shown_again
from chengxin.accounts.invitations import NotDone
from chengxin.accounts.models import ApiKey
from chengxin.accounts.pages.parts import answer, organisation_name, starts_at
from chengxin.accounts.pages.users import organisation_field, organisation_of
from chengxin.accounts.permissions import Actor, action
from chengxin.design import flash
from chengxin.design.forms import Field, filled
from chengxin.design.language import current
from chengxin.design.render import not_found
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, table_page
from chengxin.kernel.numbers import row_number

TABLE = Table(
    id="keys",
    title=gettext_noop("接口密钥"),
    columns=(
        Column("name", gettext_noop("名称"), sort=True),
        Column("begins", gettext_noop("开头"), kind="code"),
        Column("organisation", gettext_noop("单位")),
        Column("scopes", gettext_noop("权限")),
        Column("per_minute", gettext_noop("每分钟次数"), kind="number"),
        Column("expires_at", gettext_noop("有效至"), kind="time", sort=True),
        Column("used_at", gettext_noop("最近使用"), kind="time", sort=True),
        Column("state", gettext_noop("状态"), kind="badge"),
    ),
    filters=(Filter("name", gettext_noop("名称")),),
    order="-expires_at",
)


def scope_name(id: str) -> str:
    """A scope in the page's language."""
    return action(id).en if current() == "en" else action(id).zh


def _fetch(actor: Actor, asked: Asked, limit: int) -> Rows:
    found = ApiKey.objects.select_related("organisation")
    reach = actor.reach("key.manage")
    if not reach.everything:
        found = found.filter(organisation__in=reach.organisations)
    if name := asked.filters.get("name"):
        found = found.filter(name__icontains=name)
    order = asked.order if asked.order.lstrip("-") in ("name", "expires_at", "used_at") else "-expires_at"
    start = starts_at(asked)
    page = list(found.order_by(order, "pk")[start : start + limit + 1])
    following = str(start + limit) if len(page) > limit else None
    return Rows([_row(one) for one in page[:limit]], next=following, total=found.count())


def _row(key: ApiKey) -> Row:
    now = timezone.now()
    if key.revoked_at:
        state = Cell(gettext("已作废"), badge="quiet")
    elif key.expires_at <= now:
        state = Cell(gettext("已过期"), badge="quiet")
    elif key.expires_at - now < timedelta(days=30):
        state = Cell(gettext("即将到期"), badge="warn")
    else:
        state = Cell(gettext("有效"), badge="good")
    return {
        "name": Cell(key.name, url=f"/work/keys/{key.pk}"),
        "begins": f"{key.begins}…" if key.begins else "",
        "organisation": organisation_name(key.organisation),
        "scopes": "、".join(scope_name(one) for one in key.scopes),
        "per_minute": key.per_minute,
        "expires_at": key.expires_at,
        "used_at": key.used_at,
        "state": state,
    }


@requires("key.manage")
def api_keys(request: HttpRequest) -> HttpResponse:
    """The keys of the organisations for which one manages them."""
    actor = actor_of(request)
    return table_page(request, "accounts/keys", TABLE, lambda asked, limit: _fetch(actor, asked, limit))


def _fields(actor: Actor) -> list[Field]:
    year = (timezone.localdate() + timedelta(days=365)).isoformat()
    return [
        Field("name", gettext("名称"), hint=gettext("使用密钥的系统，例如“报送系统”"), autocomplete="off"),
        organisation_field(actor, "key.manage"),
        *(
            Field(f"scope-{one}", scope_name(one), kind="checkbox", required=False,
                  value="1" if one.startswith("batch.") else "")
            for one in keys.SCOPES
        ),
        Field("expires", gettext("有效至"), kind="date", value=year, hint=gettext("最长一年")),
        Field("per_minute", gettext("每分钟次数"), kind="number", value=str(keys.PER_MINUTE)),
    ]  # fmt: skip


@requires("key.manage")
@shown_again
def new_key(request: HttpRequest) -> HttpResponse:
    """Make a key; it is shown once, on this answer."""
    actor = actor_of(request)
    fields = _fields(actor)
    if request.method != "POST":
        return answer(request, "accounts/key_new", {"fields": fields})
    given = request.POST
    per_minute = given.get("per_minute", "")
    try:
        of = organisation_of(actor, "key.manage", given.get("organisation", ""))
        key = keys.make(
            actor,
            of,
            given.get("name", ""),
            [one for one in keys.SCOPES if given.get(f"scope-{one}")],
            expires_at=_end_of(given.get("expires", "")),
            per_minute=row_number(per_minute) or 0,
        )
    except NotDone as unfit:
        at_first = f"scope-{keys.SCOPES[0]}"
        problems = [replace(one, field=at_first) if one.field == "scopes" else one for one in unfit.problems]
        values = {"fields": filled(fields, given, problems)}
        return answer(request, "accounts/key_new", values, 422)
    return answer(request, "accounts/key_made", {"key": key, "organisation": organisation_name(of)})


def _end_of(day: str) -> datetime:
    """The last moment of a day; long ago for what is no date, which is then refused."""
    try:
        found = parse_date(day)
    except ValueError:
        found = None
    if found is None:
        return datetime(1970, 1, 1, tzinfo=timezone.get_current_timezone())
    return datetime.combine(found, time(23, 59, 59), tzinfo=timezone.get_current_timezone())


@requires("key.manage")
@shown_again
def key(request: HttpRequest, id: int) -> HttpResponse:
    """One key, and revoking it."""
    actor = actor_of(request)
    reach = actor.reach("key.manage")
    found = ApiKey.objects.select_related("organisation", "made_by").filter(pk=id).first()
    if found is None or not (reach.everything or found.organisation_id in reach.organisations):
        return not_found(request)
    if request.method != "POST":
        values = {
            "key": found,
            "organisation": organisation_name(found.organisation),
            "scopes": [scope_name(one) for one in found.scopes],
            "usable": found.revoked_at is None and found.expires_at > timezone.now(),
        }
        return answer(request, "accounts/key", values)
    try:
        keys.revoke(actor, id)
    except LookupError:
        return not_found(request)
    flash.say(request, "密钥已作废。", "The key was revoked.", "good")
    return HttpResponseRedirect("/work/keys")
