"""Open data: all public entries as files, written out while they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, cast

import orjson
import psycopg
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import public
from chengxin.database import reading as database
from chengxin.design import words
from chengxin.design.exports import harmless
from chengxin.design.render import page, reading, unavailable
from chengxin.publicity import entries
from chengxin.publicity.pages.lists import count, no_list
from chengxin.rulebook.lists import KINDS, listing, lists

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
HEADS = {
    "list": gettext_noop("名单的编号"),
    "list_kind": gettext_noop("black 黑名单，red 红名单，attention 重点关注名单"),
    "code": gettext_noop("主体的统一社会信用代码或者其他公开代码"),
    "name": gettext_noop("主体名称"),
    "subject_kind": gettext_noop("主体类别；自然人从不在内"),
    "region": gettext_noop("行政区划代码（GB/T 2260）"),
    "decision": gettext_noop("决定文号、案号"),
    "case": gettext_noop("决定的编号，即页面 /decisions/ 后面的数字"),
    "law": gettext_noop("法律依据的编号"),
    "article": gettext_noop("条款"),
    "since": gettext_noop("公示的第一日"),
    "until": gettext_noop("公示的最后一日；为空表示没有固定期限"),
    "earliest_end": gettext_noop("最早可以申请移出的日期；为空表示不依申请移出"),
}
"""The fields of the files, in their order, with what they mean."""


@public
@reading
def index(request: HttpRequest) -> HttpResponse:
    """What can be downloaded, and on which terms."""
    today = timezone.localdate()
    known = lists(today)
    counts = entries.counts([one.id for one in known], today)
    shown = [
        {
            "id": one.id,
            "name": words.say((one.name_zh, one.name_en)),
            "kind": words.say(KINDS[one.kind]),
            **count(counts.get(one.id, 0)),
        }
        for one in known
    ]
    heads = [(name, gettext(said)) for name, said in HEADS.items()]
    return page(request, "publicity/data", {"lists": shown, "licence": LICENCE, "heads": heads})


@public
def one_list(request: HttpRequest, list_id: str) -> HttpResponse:
    """One list as CSV (UTF-8 with a byte order mark)."""
    try:
        listing(list_id)
    except LookupError:
        return no_list(request)
    return _streamed(
        request, _csv(list_id, timezone.localdate()), "text/csv; charset=utf-8", f"{list_id}.csv"
    )


@public
def everything(request: HttpRequest) -> HttpResponse:
    """All lists as JSON."""
    return _streamed(request, _json(timezone.localdate()), "application/json", "entries.json")


def _streamed(request: HttpRequest, parts: Iterable[bytes], kind: str, name: str) -> HttpResponse:
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex, noarchive",
    }
    if request.method not in ("GET", "HEAD"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
    if request.method == "HEAD":
        return HttpResponse(content_type=kind, headers=headers)
    try:
        database.row("SELECT 1")  # once the headers are out, nothing can be said any more
    except psycopg.OperationalError:
        return unavailable(request)
    return cast("HttpResponse", StreamingHttpResponse(parts, content_type=kind, headers=headers))


def row(one: entries.Shown) -> dict[str, Any]:
    """An entry as data."""
    values = (
        one.list, one.kind, one.code, one.name, one.subject_kind, one.region, one.decision, one.case, one.law,
        one.article, one.since.isoformat(), one.until and one.until.isoformat(),
        one.earliest_end and one.earliest_end.isoformat(),
    )  # fmt: skip
    return dict(zip(HEADS, values, strict=True))


def _csv(list_id: str, today: date) -> Iterator[bytes]:
    yield b"\xef\xbb\xbf" + _line(HEADS)
    for one in entries.everything(list_id, today):
        yield _line(row(one).values())


def _line(values: Iterable[Any]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerow(
        ["" if one is None else harmless(one) if isinstance(one, str) else one for one in values]
    )
    return written.getvalue().encode()


def _json(today: date) -> Iterator[bytes]:
    yield (
        b'{"day":'
        + orjson.dumps(today.isoformat())
        + b',"licence":'
        + orjson.dumps(LICENCE)
        + b',"entries":['
    )
    before = b""
    for each in lists():
        for one in entries.everything(each.id, today):
            yield before + orjson.dumps(row(one))
            before = b","
    yield b"]}"
