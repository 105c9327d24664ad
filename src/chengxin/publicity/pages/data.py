"""Open data: all public entries as files, written out while they are read."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, cast

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.utils import timezone

from chengxin.accounts.guard import public
from chengxin.design import words
from chengxin.design.exports import harmless
from chengxin.design.render import page, reading
from chengxin.publicity import entries
from chengxin.publicity.pages.lists import no_list
from chengxin.rulebook.lists import KINDS, listing, lists

LICENCE = "https://creativecommons.org/licenses/by/4.0/"
HEADS = (
    "list", "list_kind", "code", "name", "subject_kind", "region", "decision", "case", "law", "article",
    "since", "until", "earliest_end",
)  # fmt: skip


@public
@reading
def index(request: HttpRequest) -> HttpResponse:
    """What can be downloaded, and on which terms."""
    known = [
        {"id": one.id, "name": words.say((one.name_zh, one.name_en)), "kind": words.say(KINDS[one.kind])}
        for one in lists(timezone.localdate())
    ]
    return page(request, "publicity/data", {"lists": known, "licence": LICENCE, "heads": HEADS})


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
