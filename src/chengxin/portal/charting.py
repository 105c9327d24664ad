"""Charts of the public pages, where every number also stands in the page's own table."""

from __future__ import annotations

from collections.abc import Sequence

from chengxin.design.charts import Chart


def charted(
    id: str,
    title: str,
    names: Sequence[str],
    series: str,
    numbers: Sequence[float],
    *,
    unit: str = "",
    line: bool = False,
) -> Chart | None:
    """One series; None where there is nothing to compare."""
    if len(numbers) < 2:
        return None
    return Chart(id, title, "line" if line else "bar", tuple(names), ((series, tuple(numbers)),), unit)
