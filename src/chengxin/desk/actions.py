"""Telling people what waits for them, and keeping the filters of their lists."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils import timezone

from chengxin.accounts.models import GivenRole
from chengxin.accounts.permissions import Actor, Grant, Target, action, allows
from chengxin.desk.models import Notice, SavedFilter
from chengxin.kernel.problems import Problem

LONGEST_NAME = 60
LONGEST_QUERY = 2_000
MOST_FILTERS = 30
"""Filters that one person keeps for one list."""

_AT_ONCE = 5_000  # notices written by one statement

NOT_KEPT = frozenset({"after", "format", "csrfmiddlewaretoken"})
"""Parameters of a list's address that belong to the moment and not to the question."""


class NotSaved(ValueError):
    """A filter that can't be kept; `problem` says why in both languages."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh} / {problem.en}")
        self.problem = problem


# --- notices ------------------------------------------------------------------------------------------------


def notify(
    action_id: str,
    *,
    organisation: int | None,
    zh: str,
    en: str,
    url: str,
    due: date | None = None,
    region: str | None = None,
) -> int:
    """A notice to everyone who may do an action for an organisation or in a region; how many were told.

    Without either it goes to those who may do the action everywhere. `url` is a path of this site.
    """
    return notify_each(action_id, [Telling(zh, en, url, due, organisation, region)])


@dataclass(frozen=True)
class Telling:
    """What people are told; see `notify`."""

    zh: str
    en: str
    url: str
    due: date | None = None
    organisation: int | None = None
    region: str | None = None


def notify_each(action_id: str, news: Iterable[Telling]) -> int:
    """Many notices at once: who may do the action is asked once for each organisation and region."""
    by_target: dict[Target, list[Telling]] = defaultdict(list)
    for one in news:
        if not one.url.startswith("/") or one.url.startswith("//"):
            raise ValueError(f"a notice leads to a page of this site, not to {one.url!r}")
        by_target[Target(region=one.region, organisation=one.organisation)].append(one)
    notices = [
        Notice(user_id=user, action=action_id, zh=one.zh, en=one.en, url=one.url, due=one.due)
        for target, some in by_target.items()
        for user in _who_may(action_id, target)
        for one in some
    ]
    Notice.objects.bulk_create(notices, batch_size=_AT_ONCE)
    return len(notices)


def _who_may(action_id: str, target: Target) -> list[int]:
    """The users whose grants of today allow the action on the target."""
    scopes = action(action_id).roles
    known = {
        "all": True,
        "organisation": target.organisation is not None,
        "region": target.region is not None,
    }
    roles = [role for role, scope in scopes.items() if known.get(scope, target.organisation is not None)]
    own = [role for role in roles if scopes[role] == "organisation"]
    held = (
        GivenRole.objects.filter(role__in=roles, user__ended_at=None)
        .exclude(until__lte=timezone.now())
        .exclude(~Q(organisation=target.organisation), role__in=own)
        .values_list("user_id", "role", "organisation_id", "organisation__code", "region", "subject")
    )
    grants: dict[int, list[Grant]] = defaultdict(list)
    for user, role, organisation, code, within, subject in held:
        grants[user].append(Grant(role, organisation, code, within, subject))
    return sorted(user for user, given in grants.items() if allows(given, action_id, target))


def mark_read(actor: Actor, notice: int | None = None) -> int:
    """Note that this person has read one notice of theirs, or all; returns how many were unread."""
    if actor.user is None:
        return 0
    waiting = Notice.objects.filter(user_id=actor.user, read_at=None)
    if notice is not None:
        waiting = waiting.filter(pk=notice)
    return waiting.update(read_at=timezone.now())


# --- filters ------------------------------------------------------------------------------------------------


def save_filter(actor: Actor, *, path: str, name: str, query: str) -> SavedFilter:
    """Keep what a person asked of a list under a name; one of the same name is replaced."""
    user, name = _owner(actor), _name(name)
    _known_path(path)
    asked = _asked(query)
    with transaction.atomic():
        own = SavedFilter.objects.filter(user_id=user, path=path)
        if not own.filter(name=name).exists() and own.count() >= MOST_FILTERS:
            raise NotSaved(
                Problem(
                    "name", None, "saved_filter_most",
                    f"这个列表已有{MOST_FILTERS}个保存的筛选",
                    f"{MOST_FILTERS} filters are kept for this list already",
                    "请先删除不用的筛选", "delete one that is no longer used",
                )
            )  # fmt: skip
        kept, _ = SavedFilter.objects.update_or_create(
            user_id=user, path=path, name=name, defaults={"query": asked}
        )
    return kept


def rename_filter(actor: Actor, id: int, name: str) -> SavedFilter:
    """Give a filter of one's own another name."""
    kept, name = _own(actor, id), _name(name)
    if SavedFilter.objects.filter(user_id=kept.user_id, path=kept.path, name=name).exclude(pk=id).exists():
        raise NotSaved(
            Problem(
                "name", name, "saved_filter_once",
                f"已有名为“{name}”的筛选", f"a filter named “{name}” exists already",
                "请另取一个名称", "choose another name",
            )
        )  # fmt: skip
    kept.name = name
    kept.save(update_fields=["name", "saved_at"])
    return kept


def delete_filter(actor: Actor, id: int) -> str:
    """Remove a filter of one's own; returns the path of its list."""
    kept = _own(actor, id)
    path = kept.path
    kept.delete()
    return path


def _owner(actor: Actor) -> int:
    if actor.user is None:
        raise NotSaved(
            Problem(
                "", None, "signed_in",
                "没有登录，不能保存筛选", "only people who are signed in can keep filters",
                "请先登录", "sign in first",
            )
        )  # fmt: skip
    return actor.user


def _own(actor: Actor, id: int) -> SavedFilter:
    found = SavedFilter.objects.filter(pk=id, user_id=_owner(actor)).first()
    if found is None:
        raise NotSaved(
            Problem(
                "id", None, "saved_filter_own",
                "没有这个保存的筛选", "there is no such filter of yours",
                "请从自己的筛选中选择", "choose one of your own",
            )
        )  # fmt: skip
    return found


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotSaved(
            Problem(
                "name", name[:LONGEST_NAME] or None, "saved_filter_name",
                f"筛选名称须为1至{LONGEST_NAME}个字", f"a filter's name has 1 to {LONGEST_NAME} characters",
                "请填写名称，例如“福州逾期批次”", "give a name such as “late batches of Fuzhou”",
            )
        )  # fmt: skip
    return name


def _known_path(path: str) -> None:
    try:
        if path.startswith("//"):
            raise Resolver404
        resolve(path)
    except Resolver404:
        raise NotSaved(
            Problem(
                "path", path[:60], "saved_filter_path",
                "这个地址不是本系统的列表", "this address is no list of this site",
                "请在列表页面上保存筛选", "keep filters from the page of the list",
            )
        ) from None  # fmt: skip


def _asked(query: str) -> str:
    """The query without what belongs to the moment, in a fixed order."""
    if len(query) > LONGEST_QUERY:
        raise NotSaved(
            Problem(
                "query", None, "saved_filter_length",
                f"筛选条件超过{LONGEST_QUERY}个字符", f"the filter is longer than {LONGEST_QUERY} characters",
                "请减少条件", "ask for less at once",
            )
        )  # fmt: skip
    return plain(query)


def plain(query: str) -> str:
    """A query string as filters are kept and compared: no empty values, nothing of the moment, sorted."""
    return urlencode(sorted((key, value) for key, value in parse_qsl(query) if key not in NOT_KEPT))
