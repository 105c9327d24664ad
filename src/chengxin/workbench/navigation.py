"""The workbench's navigation: one table, from which each person sees what their roles may open."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import SIGNED_IN, actor_of
from chengxin.accounts.permissions import Actor


@dataclass(frozen=True)
class Entry:
    """A page of the workbench: its name among the routes, its title, the action that opens it."""

    route: str
    title: str
    permission: str


NAVIGATION: tuple[tuple[str, tuple[Entry, ...]], ...] = (
    (
        gettext_noop("我的工作"),
        (
            Entry("work", gettext_noop("工作台"), SIGNED_IN),
            Entry("notices", gettext_noop("通知"), SIGNED_IN),
            Entry("own", gettext_noop("本人信用信息"), "own.read"),
            Entry("own-cases", gettext_noop("我的事项"), "own.read"),
        ),
    ),
    (
        gettext_noop("信用信息"),
        (
            Entry("subject-search", gettext_noop("检索主体"), "search.all"),
            Entry("leads", gettext_noop("监管线索"), "lead.read"),
            Entry("cases", gettext_noop("办理事项"), "case.read"),
            Entry("measures", gettext_noop("联合奖惩"), "measure.read"),
            Entry("admission", gettext_noop("入驻核查"), "admission.check"),
            Entry("batches", gettext_noop("报送与回执"), "batch.read"),
            Entry("quality", gettext_noop("报送质量"), "quality.read"),
            Entry("changes", gettext_noop("更新副本"), "change.receive"),
            Entry("matching", gettext_noop("主体匹配复核"), "match.read"),
            Entry("identity", gettext_noop("身份核验"), "identity.read"),
        ),
    ),
    (
        gettext_noop("管理与审计"),
        (
            Entry("access-log", gettext_noop("查询日志"), "access.read"),
            Entry("users", gettext_noop("用户"), "user.read"),
            Entry("api-keys", gettext_noop("接口密钥"), "key.manage"),
        ),
    ),
)


@dataclass(frozen=True)
class Link:
    """An entry that this person may open."""

    title: str
    url: str
    current: bool


@dataclass(frozen=True)
class Section:
    """Some entries under a heading."""

    title: str
    links: tuple[Link, ...]


def _sections(request: HttpRequest) -> list[Section]:
    actor = actor_of(request)
    found = []
    for title, entries in NAVIGATION:
        links = [link for one in entries if (link := _link(request, actor, one)) is not None]
        if links:
            found.append(Section(gettext(title), tuple(links)))
    return found


def _link(request: HttpRequest, actor: Actor, entry: Entry) -> Link | None:
    if not actor.signed_in or (entry.permission != SIGNED_IN and not actor.may(entry.permission)):
        return None
    if entry.permission == SIGNED_IN and actor.user is None:
        return None  # a holder of an access code has no desk
    try:
        url = reverse(entry.route)
    except NoReverseMatch:
        return None
    below = url not in ("/work", "/own") and request.path.startswith(f"{url}/")
    return Link(gettext(entry.title), url, below or request.path == url)


def navigation(request: HttpRequest) -> dict[str, object]:
    """Context processor: `actor` and `navigation`, looked up only by templates that use them."""
    return {
        "actor": SimpleLazyObject(lambda: actor_of(request)),
        "navigation": SimpleLazyObject(lambda: _sections(request)),
    }
