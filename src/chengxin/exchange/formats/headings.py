"""Which column is which field: by code or Chinese heading, in any order and of any width.

Plain Python without Polars: the process that converts workbooks and trees uses it too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from chengxin.exchange.formats.limits import BLANKS, HEADING_ROWS, NAME_LENGTH, NAMES
from chengxin.exchange.formats.unreadable import Unreadable, unreadable
from chengxin.rulebook.catalogue import Item

_DROPPED = re.compile(r"[\s\u200b\ufeff*]+")  # templates mark required columns with a star
_NUMBER = re.compile(r"[0-9Xx]{5,}")


def normalised(heading: str) -> str:
    """The heading as it is compared: half-width, without blanks and stars, case folded."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", heading[: 4 * NAME_LENGTH])).casefold()


@dataclass(frozen=True)
class Fields:
    """The fields of an item as far as reading goes; `rows` are (code, Chinese heading, required)."""

    rows: tuple[tuple[str, str, bool], ...]
    names: Mapping[str, str]

    @classmethod
    def of(cls, rows: Iterable[tuple[str, str, bool]]) -> Fields:
        """The fields, with the normalised names under which each is known."""
        kept = tuple((code, name, bool(required)) for code, name, required in rows)
        names = {normalised(name): code for code, name, _ in kept}
        return cls(kept, names | {normalised(code): code for code, _, _ in kept})

    @property
    def codes(self) -> tuple[str, ...]:
        """The field codes in catalogue order."""
        return tuple(code for code, _, _ in self.rows)

    def code(self, heading: str) -> str | None:
        """The field that the heading names."""
        return self.names.get(normalised(heading))


def fields_of(item: Item) -> Fields:
    """The fields of a catalogue item; only unconditionally required ones must have a column."""
    return Fields.of((one.code, one.name_zh, one.required) for one in item.fields)


@dataclass(frozen=True)
class Heading:
    """A heading row understood: the field of each position (None: not read), and the unknown headings."""

    codes: tuple[str | None, ...]
    ignored: tuple[str, ...]


def heading_row(fields: Fields, rows: Sequence[Sequence[str]]) -> tuple[int, int]:
    """Where among the first rows the headings stand and how many fields they name (0: nowhere).

    Titles and notes above the headings name no field or fewer.
    """
    scores = [len({fields.code(cell) for cell in row} - {None}) for row in rows[:HEADING_ROWS]]
    best = max(scores, default=0)
    return (scores.index(best) if best else 0), best


def understood(fields: Fields, cells: Sequence[str]) -> Heading:
    """The heading row by position; Unreadable where a field stands twice or a required one is missing."""
    codes = tuple(fields.code(cell) for cell in cells)
    known = [code for code in codes if code is not None]
    if not known:
        raise unknown(fields, cells)
    twice = sorted({code for code in known if known.count(code) > 1})
    if twice:
        raise unreadable("headings_twice", names=named(fields, twice))
    require(fields, set(known))
    strange = (cell for cell, code in zip(cells, codes, strict=True) if code is None)
    return Heading(codes, shown(strange))


def require(fields: Fields, present: set[str]) -> None:
    """Unreadable where an unconditionally required column is missing."""
    missing = [code for code, _, required in fields.rows if required and code not in present]
    if missing:
        raise unreadable("headings_missing", names=named(fields, missing))


def unknown(fields: Fields, found: Iterable[str]) -> Unreadable:
    """The error where no heading is known. A row with long numbers is somebody's data and is not shown."""
    cells = shown(found)
    if any(_NUMBER.search(cell) for cell in cells):
        cells = ()
    expected = [code for code, _, required in fields.rows if required] or list(fields.codes)
    return unreadable(
        "headings_unknown",
        rows=HEADING_ROWS,
        found="、".join(cell[:20] for cell in cells[:10]) or "—",
        expected=named(fields, expected),
    )


def named(fields: Fields, codes: Iterable[str]) -> str:
    """Fields as people know them: Chinese heading and code."""
    wanted = set(codes)
    return "、".join(f"{name}({code})" for code, name, _ in fields.rows if code in wanted)


def shown(headings: Iterable[str]) -> tuple[str, ...]:
    """Headings to be listed: each once, trimmed, cut and not too many."""
    found: dict[str, None] = {}
    for heading in headings:
        text = heading.strip(BLANKS)[:NAME_LENGTH]
        if text and len(found) < NAMES:
            found[text] = None
    return tuple(found)
