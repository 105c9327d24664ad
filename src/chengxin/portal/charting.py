"""Charts of the public pages, where every number also stands in the page's own table."""

from __future__ import annotations

from collections.abc import Sequence

from chengxin.design.charts import Chart
from chengxin.design.showing import is_foreign


def charted(
    id: str,
    title: str,
    names: Sequence[str],
    series: str,
    numbers: Sequence[float | None],
    *,
    unit: str = "",
    line: bool = False,
) -> Chart | None:
    """One series; None where there is nothing to compare, and where an English page would be drawn with
    Chinese names, which no screen reader could tell from the rest: the table beside it says them all."""
    if len(numbers) < 2 or any(is_foreign(name) for name in names):
        return None
    return Chart(id, title, "line" if line else "bar", tuple(names), ((series, tuple(numbers)),), unit)
