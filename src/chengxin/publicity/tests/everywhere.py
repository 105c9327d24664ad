"""Every place at which the public may meet an entry, and what each says of one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client

FRESH = 60
"""Seconds after which nothing that was taken down may be in anybody's cache."""


@dataclass(frozen=True)
class Where:
    """An entry by whom and what it is about; `list`: its list."""

    case: int
    code: str
    list: str


def _says(*marks: str) -> Callable[[str, Where], bool]:
    """Whether a body holds one of these, filled with what the entry is."""
    return lambda body, one: any(mark.format(one=one) in body for mark in marks)


def _follows(body: str, one: Where) -> bool:
    return any(each.get("case") == one.case for each in orjson.loads(body))


def _in_atom(body: str, one: Where) -> bool:
    """Among the entries, not among the tombstones; and a tombstone names nobody."""
    entries = re.findall("<entry>.*?</entry>", body, re.DOTALL)
    return any(f"urn:chengxin:decision:{one.case}<" in each for each in entries) or one.code in body


def _in_feed(body: str, one: Where) -> bool:
    items = orjson.loads(body)["items"]
    return any(each["id"] == f"urn:chengxin:decision:{one.case}" for each in items) or one.code in body


PLACES: Mapping[str, Callable[[str, Where], bool]] = {
    "/": _says("/decisions/{one.case}"),
    "/lists/{one.list}": _says("{one.code}", "/decisions/{one.case}"),
    "/lists/{one.list}?q={one.code}": _says("/subjects/{one.code}"),
    "/lists/{one.list}?format=csv": _says("{one.code}"),
    "/decisions/{one.case}": _says("{one.code}"),
    "/lists/{one.list}/feed.atom": _in_atom,
    "/lists/{one.list}/feed.json": _in_feed,
    "/lists/feed.atom": _in_atom,
    "/lists/feed.json": _in_feed,
    "/data/entries.json": _says("{one.code}"),
    "/data/lists/{one.list}.csv": _says("{one.code}"),
    "/search?q={one.code}": _says("/decisions/{one.case}"),
    "/subjects/{one.code}": _says("/decisions/{one.case}"),
    "/subjects/{one.code}/why": _says("〕{one.case}号"),
    "/subjects/{one.code}/report": _says("〕{one.case}号"),
    "/subjects/{one.code}/report.json": _says("〕{one.case}号"),
    "/widget/query?q={one.code}": _says("/decisions/{one.case}"),
    "/api/v1/lists/{one.list}": _says("{one.code}"),
    "/api/v1/subjects/{one.code}/consequences": _follows,
}


def read(answer: HttpResponseBase) -> str:
    """What an answer says, streamed or not."""
    if isinstance(answer, StreamingHttpResponse):
        return b"".join(answer).decode()
    assert isinstance(answer, HttpResponse)
    return answer.content.decode()


def seen(browser: Client, one: Where) -> set[str]:
    """The places at which the entry is told of; each answers so that no cache outlives a taking down."""
    found = set()
    for place, tells in PLACES.items():
        answer = browser.get(place.format(one=one), headers={"accept-language": "zh"})
        assert answer.status_code in (200, 404, 410), f"{place}: {answer.status_code}"
        assert lasts(answer.headers["Cache-Control"]) < FRESH, place
        if tells(read(answer), one):
            found.add(place)
    return found


def lasts(cache_control: str) -> int:
    """Seconds for which a cache may show an answer without asking again; very many where it says nothing."""
    said = {part.partition("=")[0].strip(): part.partition("=")[2] for part in cache_control.split(",")}
    if "no-store" in said or "no-cache" in said:
        return 0
    return int(said.get("s-maxage") or said.get("max-age") or 10**9)
