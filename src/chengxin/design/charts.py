"""Charts as values: drawn where there is JavaScript, and always a table of the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chengxin.design.tables import written


@dataclass(frozen=True)
class Chart:
    """Some series over the same categories.

    kind    bar, line, stacked (bars on top of each other) or share (parts of 100 %, values from 0 to 1)
    series  (name, values); a value is None where there is none
    unit    of the values, in words
    """

    id: str
    title: str
    kind: Literal["bar", "line", "stacked", "share"]
    categories: Sequence[str]
    series: Sequence[tuple[str, Sequence[int | float | None]]]
    unit: str = ""
    note: str = ""

    @property
    def data_id(self) -> str:
        """Id of the element that holds the data."""
        return f"{self.id}-data"

    @property
    def data(self) -> dict[str, Any]:
        """What the script draws."""
        return {
            "kind": self.kind,
            "title": self.title,
            "unit": self.unit,
            "categories": list(self.categories),
            "series": [{"name": name, "values": list(values)} for name, values in self.series],
        }

    @property
    def lines(self) -> list[tuple[str, list[str]]]:
        """The same as rows of a table: a category and its values in words."""
        kind = "share" if self.kind == "share" else "number"
        return [
            (category, [written(kind, values[at]) for _, values in self.series])
            for at, category in enumerate(self.categories)
        ]
