"""Charts of the public pages, where every number also stands in the page's own table."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any


def charted(
    id: str,
    title: str,
    names: Sequence[str],
    series: str,
    numbers: Sequence[float],
    *,
    unit: str = "",
    line: bool = False,
) -> Any:
    """One series; None where there is nothing to compare."""
    if len(numbers) < 2 or find_spec("chengxin.design.charts") is None:
        return None
    chart = import_module("chengxin.design.charts").Chart
    return chart(id, title, "line" if line else "bar", tuple(names), ((series, tuple(numbers)),), unit)
