"""A flow as SVG: the shapes of `bands` with the words of its stages; colours are classes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from chengxin.measures.bands import Band, Bar, Drawing


@dataclass(frozen=True)
class Words:
    """What is written at a stage: its name, its number, a line below, where it leads, how it is coloured."""

    name: str
    number: str
    below: str
    url: str
    colour: str


def drawn(drawing: Drawing, words: Mapping[str, Words], title: str, about: str) -> str:
    """The SVG; `title` and `about` are what it is and where the same stands as a table."""
    id = "bands-standing" if drawing.standing else "bands-lying"
    stages = "".join(_stage(bar, words[bar.id], standing=drawing.standing) for bar in drawing.bars)
    return (
        f'<svg class="bands {"standing" if drawing.standing else "lying"}" role="group" '
        f'aria-labelledby="{id}-title {id}-desc" viewBox="0 0 {drawing.width:.0f} {drawing.height:.0f}" '
        f'xmlns="http://www.w3.org/2000/svg"><title id="{id}-title">{escape(title)}</title>'
        f'<desc id="{id}-desc">{escape(about)}</desc>'
        f"{''.join(_band(one, words[one.target].colour, drawing.standing) for one in drawing.bands)}"
        f"{stages}</svg>"
    )


def _band(one: Band, colour: str, standing: bool) -> str:
    """A band bends halfway: as wide as its number at either end."""
    half = (one.leaves + one.arrives) / 2

    def at(along: float, across: float) -> str:
        return f"{across:.1f} {along:.1f}" if standing else f"{along:.1f} {across:.1f}"

    def bent(start: tuple[float, float], end: tuple[float, float]) -> str:
        return f"C{at(half, start[1])} {at(half, end[1])} {at(*end)}"

    first, last = (one.leaves, one.begin[0]), (one.arrives, one.end[0])
    below, above = (one.arrives, one.end[1]), (one.leaves, one.begin[1])
    return (
        f'<path class="band {colour}{"" if one.told else " few"}" '
        f'd="M{at(*first)}{bent(first, last)}L{at(*below)}{bent(below, above)}Z"></path>'
    )


def _stage(bar: Bar, words: Words, *, standing: bool) -> str:
    x, y = bar.words
    lines = ((13, "name", words.name), (35, "number", words.number), (52, "below", words.below))
    if standing:
        lines = ((13, "name", words.name), (31, "number", words.number), (45, "below", words.below))
    texts = [
        f'<text class="{kind}" x="{x:.0f}" y="{y + down:.0f}">{escape(text)}</text>'
        for down, kind, text in lines
        if text
    ]
    box = (
        f'<rect class="bar {words.colour}" x="{bar.x:.1f}" y="{bar.y:.1f}" width="{bar.width:.1f}" '
        f'height="{bar.height:.1f}" rx="2"></rect>'
    )
    return f'{box if bar.width and bar.height else ""}<a href="{escape(words.url)}">{"".join(texts)}</a>'
