"""The same questions on DuckDB and on Spark: every lead with its score, signals and evidence is equal.

`python -m chengxin.detection.evaluation.engines` compares all detectors; here are quick ones that use most of
what a detector says to an engine: windows, ranges of days, exact quantiles, patterns, unions, joins, frames
given to the engine and tables kept in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from chengxin.detection.evaluation.engines import both, compared, main, told
from chengxin.detection.tests.lakes import opened
from chengxin.lake.engines import java
from chengxin.lake.reading import Lake
from chengxin.market import Plan, build

pytestmark = pytest.mark.takes_long


@pytest.fixture(scope="module")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, Lake]]:
    """A small market with every kind of scheme, opened on both engines."""
    if not java():
        pytest.skip("no Java is installed: Spark can't run")
    folder = tmp_path_factory.mktemp("market")
    build(folder, Plan(seed=5, orders=20_000, months=2))
    with both(folder) as opened:
        yield opened


@pytest.mark.parametrize("name", ["price_fraud", "not_as_described", "look_alikes", "re_entry"])
def test_both_engines_ask_the_same(lakes: Mapping[str, Lake], name: str) -> None:
    one = compared(lakes, name)
    assert one.equal, told(one)
    assert min(one.leads.values()) > 0


def test_a_difference_is_told(lakes: Mapping[str, Lake], tmp_path: Path) -> None:
    build(tmp_path, Plan(seed=6, orders=20_000, months=2))
    with opened(tmp_path) as other:
        one = compared({"duckdb": lakes["duckdb"], "other": other}, "re_entry")
    assert not one.equal
    assert "listed" in told(one)


def test_engines_that_see_no_table_do_not_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "lake" / "orders").mkdir(parents=True)
    assert main(["--lake", str(tmp_path)]) == 2
    assert "holds no table of a lake" in capsys.readouterr().err
