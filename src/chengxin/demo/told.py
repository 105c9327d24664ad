"""The notices of the demonstration province (data/notices.toml), each with its days."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import Any

from chengxin.demo.history import MONTHS, working
from chengxin.demo.words import DATA_FOLDER


@dataclass(frozen=True)
class Notice:
    """A notice: drafted on one day, signed on another; `until`: the last day on which it is to be shown.

    ends: signed, drafted, returned or withdrawn; cites: it rests on a public penalty
    of a firm whose conduct mentions this; "": on none.
    """

    id: str
    kind: str
    drafted: date
    signed: date
    until: date
    title: str
    body: str
    cites: str
    ends: str

    @property
    def key(self) -> str:
        """The key of its case."""
        return f"notice:demonstration:{self.id}"

    @property
    def withdrawn(self) -> date:
        """The day on which it is withdrawn, where it is."""
        return working(self.signed, 12)


def notices(today: date) -> list[Notice]:
    """Every notice of the months up to today, by the day of its draft."""
    return sorted((one for table in _tables() for one in _of(table, today)), key=lambda one: one.drafted)


@cache
def _tables() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tomllib.loads((DATA_FOLDER / "notices.toml").read_text(encoding="utf-8"))[
        "notice"
    ]
    return found


def _of(table: dict[str, Any], today: date) -> Iterator[Notice]:
    if "ago" in table:
        days = [(working(today - timedelta(days=round(30.44 * table["ago"])), 0), "")]
    else:
        month, day = map(int, table["on"].split("-"))
        begin = today - timedelta(days=round(30.44 * MONTHS))
        named = [date(year, month, day) for year in range(begin.year, today.year + 1)]
        days = [(working(one, 0), f":{one.year}") for one in named if begin <= one <= today]
    for signed, mark in days:
        yield Notice(
            table["id"] + mark, table["kind"], working(signed, -2), signed,
            signed + timedelta(days=table["shown"]), table["title"], table["body"].strip(),
            table.get("cites", ""), table.get("ends", "signed"),
        )  # fmt: skip
