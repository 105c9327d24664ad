"""A checker of HTML: well nested, ids unique, controls named, headings in order, nothing inline."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr",
}  # fmt: skip
CHINESE = re.compile(r"[\u3400-\u9fff]")
_NEVER_INLINE = ("style",)
_DATA = ("application/ld+json", "application/json")
"""Scripts that are read by machines and run by nobody."""


@dataclass
class Element:
    """An open element: its name, its attributes, the language it speaks."""

    tag: str
    attributes: dict[str, str]
    language: str


@dataclass
class Checked(HTMLParser):
    """What was found in a page; `faults` is empty for a good one."""

    faults: list[str] = field(default_factory=list)
    ids: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    headings: list[int] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    stray: list[str] = field(default_factory=list)
    """Chinese that stands in a page or part which says that it is English."""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[Element] = []
        self._named: list[tuple[str, str]] = []
        self._labelled: set[str] = set()
        self._controls: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = {name: value or "" for name, value in attrs}
        if len(given) != len(attrs):
            self.faults.append(f"{tag} has an attribute twice")
        language = given.get("lang") or (self._open[-1].language if self._open else "")
        self.tags.append(tag)
        self._attributes(tag, given)
        for name in ("title", "alt", "aria-label", "placeholder", "content", "data-label"):
            self._language(given.get(name, ""), language)
        if tag not in VOID:
            self._open.append(Element(tag, given, language))

    def _attributes(self, tag: str, given: dict[str, str]) -> None:
        if "id" in given:
            self.ids.append(given["id"])
        for name in given:
            if name in _NEVER_INLINE or name.startswith("on"):
                self.faults.append(f"{tag} has {name} inline")
        data = given.get("type") in _DATA
        if tag == "style" or (tag == "script" and "src" not in given and not data):
            self.faults.append(f"{tag} inline")
        if tag == "img" and "alt" not in given:
            self.faults.append("img without alt")
        if tag == "html" and given.get("lang") not in ("zh-Hans", "en"):
            self.faults.append("html without its language")
        if tag in ("a", "link", "img", "script", "use", "form"):
            self.links += [given[name] for name in ("href", "src", "action") if name in given]
        if tag == "label":
            self._labelled.add(given.get("for", ""))
        if tag in ("input", "select", "textarea") and given.get("type") != "hidden":
            self._controls.append(given.get("id", ""))
        for name in ("aria-labelledby", "aria-describedby", "for"):
            self._named += [(name, id) for id in given.get(name, "").split()]
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element that is closed where it begins: HTML knows that for void elements only."""
        if tag not in VOID:
            self.faults.append(f"<{tag}/> is not closed by its slash")
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        if not self._open or self._open[-1].tag != tag:
            inside = self._open[-1].tag if self._open else "nothing"
            self.faults.append(f"</{tag}> inside {inside}")
        if self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Text. A title holds no markup, so that a Chinese name in it can't say its language."""
        if self._open and self._open[-1].tag not in ("title", "script"):
            self._language(data, self._open[-1].language)

    def _language(self, text: str, language: str) -> None:
        if language.startswith("en") and CHINESE.search(text):
            self.stray.append(text.strip())

    def finish(self) -> Iterator[str]:
        """All faults of the page that was fed."""
        self.close()
        yield from self.faults
        yield from (f"<{one.tag}> stays open" for one in self._open)
        yield from (f"id {one} twice" for one in sorted({id for id in self.ids if self.ids.count(id) > 1}))
        yield from (f"{name} names no element: {id}" for name, id in self._named if id not in self.ids)
        yield from (f"control without label: {id}" for id in self._controls if id not in self._labelled)
        if self.headings.count(1) != 1 or self.headings[0] != 1:
            yield f"headings: {self.headings}"
        deeper = zip(self.headings, self.headings[1:], strict=False)
        yield from (f"h{one} is followed by h{two}" for one, two in deeper if two > one + 1)
        for tag in ("title", "header", "main", "footer", "nav"):
            if tag not in self.tags:
                yield f"no <{tag}>"


def checked(page: str) -> Checked:
    """The page, read."""
    reader = Checked()
    reader.feed(page)
    return reader
