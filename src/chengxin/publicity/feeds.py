"""Feeds as Atom 1.0 (RFC 4287) and JSON Feed 1.1, with tombstones: pure, from items to text.

What was taken down stands in a feed as a deleted entry (RFC 6721) that bears the entry's id and no name, so
that readers delete their copies; in JSON, which knows none, under `_chengxin.deleted`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

import orjson

ATOM = "http://www.w3.org/2005/Atom"
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"
register_namespace("", ATOM)
register_namespace("at", TOMBSTONES)

_FORBIDDEN = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

TYPES = {"atom": "application/atom+xml; charset=utf-8", "json": "application/feed+json"}


@dataclass(frozen=True)
class Item:
    """Something that is public: `id` never changes; `url` whole, `text` without markup."""

    id: str
    url: str
    title: str
    text: str
    published: datetime
    updated: datetime
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gone:
    """Something that was public and is no longer: its id, and since when."""

    id: str
    at: datetime


@dataclass(frozen=True)
class Feed:
    """A feed. `url`: its own address, `home`: of the page it goes with; `updated`: the newest change."""

    id: str
    url: str
    home: str
    title: str
    author: str
    language: str
    updated: datetime
    items: Sequence[Item]
    gone: Sequence[Gone]


def atom(feed: Feed) -> bytes:
    """The feed as Atom, entries and tombstones."""
    root = Element(f"{{{ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": feed.language})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", feed.updated.isoformat())
    _link(root, "self", feed.url, TYPES["atom"].partition(";")[0])
    _link(root, "alternate", feed.home, "text/html")
    _text(SubElement(root, f"{{{ATOM}}}author"), "name", feed.author)
    for one in feed.items:
        entry = SubElement(root, f"{{{ATOM}}}entry")
        _text(entry, "id", one.id)
        _text(entry, "title", one.title)
        _text(entry, "published", one.published.isoformat())
        _text(entry, "updated", one.updated.isoformat())
        _link(entry, "alternate", one.url, "text/html")
        for tag in one.tags:
            SubElement(entry, f"{{{ATOM}}}category", {"term": tag})
        _text(entry, "summary", one.text)
    for gone in feed.gone:
        SubElement(root, f"{{{TOMBSTONES}}}deleted-entry", {"ref": gone.id, "when": gone.at.isoformat()})
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return body


def json(feed: Feed) -> bytes:
    """The feed as JSON Feed."""
    return orjson.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": feed.title,
            "home_page_url": feed.home,
            "feed_url": feed.url,
            "language": feed.language,
            "authors": [{"name": feed.author}],
            "items": [
                {
                    "id": one.id,
                    "url": one.url,
                    "title": one.title,
                    "content_text": one.text,
                    "date_published": one.published.isoformat(),
                    "date_modified": one.updated.isoformat(),
                    "tags": list(one.tags),
                }
                for one in feed.items
            ],
            "_chengxin": {
                "about": TOMBSTONES,
                "deleted": [{"ref": one.id, "when": one.at.isoformat()} for one in feed.gone],
            },
        }
    )


def _text(parent: Element, name: str, text: str) -> None:
    SubElement(parent, f"{{{ATOM}}}{name}").text = _allowed(text)


def _link(parent: Element, rel: str, url: str, kind: str) -> None:
    SubElement(parent, f"{{{ATOM}}}link", {"rel": rel, "href": url, "type": kind})


def _allowed(text: str) -> str:
    """Only characters that XML 1.0 may hold."""
    return _FORBIDDEN.sub("", text)
