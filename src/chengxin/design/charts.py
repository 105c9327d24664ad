"""Charts as declarations: drawn where there is JavaScript, and always a table of the same numbers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext

from chengxin.design.words import joined

Kind = Literal["bar", "line", "stacked", "share"]
Number = int | float | None


@dataclass(frozen=True)
class Chart:
    """A chart; title, names and unit are in the page's language.

    kind    bar, line, stacked (bars upon one another), share (parts of a whole: the first series)
    series  (name, one number a category; None where there is none)
    """

    id: str
    title: str
    kind: Kind
    categories: Sequence[str]
    series: Sequence[tuple[str, Sequence[Number]]]
    unit: str = ""
    note: str = ""

    @property
    def data(self) -> dict[str, Any]:
        """What the script draws from."""
        return {
            "kind": self.kind,
            "title": self.title,
            "categories": list(self.categories),
            "series": [{"name": name, "values": list(values)} for name, values in self.series],
            "unit": self.unit,
            "description": self.description,
        }

    @property
    def data_id(self) -> str:
        """Where the script finds it."""
        return f"chart-{self.id}-data"

    @property
    def rows(self) -> Iterator[tuple[str, list[str]]]:
        """The same as a table: each category with its numbers."""
        for at, category in enumerate(self.categories):
            yield category, [_written(values[at]) if at < len(values) else "" for _, values in self.series]

    @property
    def description(self) -> str:
        """The chart in a sentence, for those who don't see it."""
        parts = []
        for name, values in self.series:
            known = [
                (value, category)
                for value, category in zip(values, self.categories, strict=False)
                if value is not None
            ]
            if known:
                (low, at_low), (high, at_high) = min(known), max(known)
                parts.append(
                    gettext("%(name)s最高%(high)s（%(at_high)s），最低%(low)s（%(at_low)s）")
                    % {
                        "name": name,
                        "high": f"{_written(high)}{self.unit}",
                        "at_high": at_high,
                        "low": f"{_written(low)}{self.unit}",
                        "at_low": at_low,
                    }
                )
        return joined(parts)


def _written(number: Number) -> str:
    if number is None:
        return "–"
    return f"{number:,}" if isinstance(number, int) else f"{number:,.1f}"
