"""A run gives back what was worked out once nobody is left to ask for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengxin.detection.declaring import Detector, Lead
from chengxin.detection.running import run
from chengxin.detection.tests.lakes import opened, written
from chengxin.lake.engines import DuckEngine
from chengxin.lake.reading import Lake

BOTH = frozenset({"first", "second"})


ORDERS = [{"order_id": "1", "platform": "p", "seller_id": "s", "amount": 1.0}]


def asking(name: str, *needs: str) -> Detector:
    """A detector that keeps the orders for both, and finds nothing."""

    def find(lake: Lake, _able: frozenset[str]) -> list[Lead]:
        lake.kept("orders_of_both", lambda: lake.table("orders"), asked_by=BOTH)
        return []

    return Detector(name, name, name, (), ("seller",), needs, (), find)


def tables(lake: Lake) -> list[str]:
    """What the engine holds of its own."""
    assert isinstance(lake.engine, DuckEngine)
    rows = lake.engine.backend.con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
    return [name for (name,) in rows]


@pytest.mark.parametrize("needs", ["orders", "visits"], ids=["asked", "left out"])
def test_what_two_ask_for_is_given_back_after_the_second_even_if_that_is_left_out(
    tmp_path: Path, needs: str
) -> None:
    written(tmp_path, orders=ORDERS)
    with opened(tmp_path) as lake:
        held: list[list[str]] = []
        detectors = [asking("first", "orders"), asking("second", needs)]
        run(lake, detectors, begun=lambda _one, _leads: held.append(tables(lake)))
        assert held == [[], held[1]]
        assert len(held[1]) == 1, "the first keeps it for the second"
        assert tables(lake) == []
