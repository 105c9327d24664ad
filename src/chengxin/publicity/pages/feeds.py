"""Feeds of lists and notices: what came, and what readers must delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.http import http_date
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import public
from chengxin.design import language, words
from chengxin.design.render import reading
from chengxin.publicity import changes, entries, feeds, notices
from chengxin.publicity.changes import Change
from chengxin.publicity.kinds import kinds
from chengxin.publicity.models import NOTICES
from chengxin.publicity.pages.lists import no_list
from chengxin.rulebook.lists import listing, lists

MOST = 100
"""Changes that a feed tells of."""

FRESH = 30
"""Seconds for which a reader may keep a feed: what was taken down goes within a minute."""

_CHINA = ZoneInfo("Asia/Shanghai")
_START = datetime(2017, 12, 1, tzinfo=_CHINA)  # of feeds that never told anything


@public
@reading
def all_lists(request: HttpRequest, format: str) -> HttpResponse:
    """The newest entries of all lists."""
    places = [one.id for one in lists()]
    return _feed(request, format, _About("lists", places, gettext("红黑名单公示"), "/lists", _entries))


@public
@reading
def one_list(request: HttpRequest, list_id: str, format: str) -> HttpResponse:
    """The newest entries of one list."""
    try:
        rule = listing(list_id)
    except LookupError:
        return no_list(request)
    title = words.say((rule.name_zh, rule.name_en))
    return _feed(request, format, _About(list_id, [list_id], title, f"/lists/{list_id}", _entries))


@public
@reading
def of_notices(request: HttpRequest, format: str) -> HttpResponse:
    """The newest risk notices, typical cases and major events."""
    title = gettext("风险提示、典型案例和重大事件")
    return _feed(request, format, _About(NOTICES, [NOTICES], title, "/notices", _notices))


Shown = tuple[str, str, str, date, tuple[str, ...]]
"""Path of the page, title, text, first day, tags."""

Ask = Callable[[Sequence[int], date], Mapping[int, Shown]]


@dataclass(frozen=True)
class _About:
    """What a feed is of: its id, the places whose changes it tells, its title and the page it goes with."""

    id: str
    places: Sequence[str]
    title: str
    home: str
    ask: Ask


def _feed(request: HttpRequest, format: str, about: _About) -> HttpResponse:
    today = timezone.localdate()
    told = changes.latest(about.places, MOST)
    shown = about.ask([one.case for one in told if one.what == "shown"], today)
    items = [_item(request, one, shown[one.case]) for one in told if one.case in shown]
    gone = [_gone(one, today) for one in told if one.case not in shown]
    moments = [*(one.updated for one in items), *(one.at for one in gone)]
    feed = feeds.Feed(
        id=f"urn:chengxin:feed:{about.id}",
        url=request.build_absolute_uri(request.path),
        home=request.build_absolute_uri(about.home),
        title=f"{about.title} · {gettext('诚信')}",
        author=gettext("诚信"),
        language=language.TAGS[language.current()],
        updated=max(moments, default=_START),
        items=items,
        gone=gone,
    )
    response = HttpResponse(
        (feeds.atom if format == "atom" else feeds.json)(feed), content_type=feeds.TYPES[format]
    )
    response["Cache-Control"] = f"public, max-age={FRESH}, must-revalidate"
    response["Last-Modified"] = http_date(feed.updated.timestamp())
    response["Vary"] = "Cookie, Accept-Language, Accept-Encoding"
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response


def _id(one: Change) -> str:
    return f"urn:chengxin:{'notice' if one.place == NOTICES else 'decision'}:{one.case}"


def _item(request: HttpRequest, one: Change, said: Shown) -> feeds.Item:
    path, title, text, since, tags = said
    at = one.at.astimezone(_CHINA)
    first = min(at, datetime.combine(since, time(), _CHINA))
    return feeds.Item(_id(one), request.build_absolute_uri(path), title, text, first, at, tags)


def _gone(one: Change, today: date) -> feeds.Gone:
    """Since when it is gone: by the ledger, or today where only the day or its records brought it about."""
    at = one.at.astimezone(_CHINA)
    if one.what == "shown":
        at = max(datetime.combine(today, time(), _CHINA), at + timedelta(seconds=1))
    return feeds.Gone(_id(one), at)


_ENTRY = gettext_noop(
    "%(name)s（%(code)s）列入%(list)s。决定：%(decision)s；依据：%(law)s；公示期：%(since)s 至 %(until)s。"
)


def _entries(cases: Sequence[int], today: date) -> Mapping[int, Shown]:
    found = {}
    for case, one in entries.several(cases, today).items():
        rule = one.rule
        name = words.say((rule.name_zh, rule.name_en))
        text = gettext(_ENTRY) % {
            "name": one.name, "code": one.code, "list": name, "decision": one.decision,
            "law": words.cited(one.law, one.article), "since": one.since,
            "until": one.until or gettext("没有固定期限"),
        }  # fmt: skip
        found[case] = (one.url, f"{one.name} · {name}", text, one.since, (one.kind, one.list))
    return found


def _notices(cases: Sequence[int], today: date) -> Mapping[int, Shown]:
    known = kinds()
    return {
        case: (one.url, f"{words.say((known[one.kind].zh, known[one.kind].en))} · {one.title}", one.body,
               one.since, (one.kind,))
        for case, one in notices.several(cases, today).items()
    }  # fmt: skip
