"""What stands from the last run is what a new run would find; only what may have changed is asked anew."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from chengxin.detection import standing
from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import NAMES, detector
from chengxin.detection.running import Found, run
from chengxin.detection.standing import Standing
from chengxin.detection.tests.lakes import found, opened
from chengxin.lake.reading import Lake
from chengxin.market import Plan, build

SOME = ("empty_parcels", "price_fraud", "re_entry", "data_scraping")
"""Detectors that look at different tables and take little time."""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small market, with schemes."""
    folder = tmp_path_factory.mktemp("market")
    build(folder, Plan(seed=3, orders=20_000, months=2))
    return folder


@pytest.fixture
def lake(market: Path, tmp_path: Path) -> Path:
    """The market, to be changed."""
    return Path(shutil.copytree(market, tmp_path / "lake"))


@pytest.fixture(scope="module")
def kept(market: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What all detectors found in it."""
    folder = tmp_path_factory.mktemp("kept")
    asked(market, folder, NAMES)
    yield folder


def asked(lake: Path, kept: Path, names: Sequence[str] = SOME) -> tuple[Found, list[str]]:
    """A run with what was kept: what it found, and which detectors looked at the lake for it."""
    looked = []

    def with_note(name: str) -> object:
        model = detector(name)

        def find(lake: Lake, able: frozenset[str]) -> object:
            looked.append(name)
            return model.find(lake, able)

        return type(model)(**(vars(model) | {"find": find}))

    with opened(lake) as given:
        return run(given, [with_note(name) for name in names], standing=Standing(kept)), looked  # type: ignore[misc]


def exact(of: Found) -> str:
    """A mark of the leads to their last digit, and in their order."""
    told = [
        (one.as_dict(), one.score, [(seen.value, seen.baseline) for seen in one.signals]) for one in of.leads
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()


def test_when_nothing_changed_nobody_is_asked_and_the_leads_are_the_same_to_the_last_digit(
    market: Path, kept: Path
) -> None:
    again, looked = asked(market, kept, NAMES)
    whole = found(market, *NAMES)
    assert looked == []
    assert exact(again) == exact(whole)
    assert again.notes == whole.notes
    assert len(again.leads) > 100


def test_of_a_new_partition_only_those_are_asked_who_look_at_its_table(lake: Path, tmp_path: Path) -> None:
    first, everybody = asked(lake, tmp_path / "kept")
    assert everybody == [*SOME]
    queries = pl.read_parquet(lake / "queries" / "**" / "*.parquet", hive_partitioning=False)
    day = lake / "queries" / f"platform={queries['platform'][0]}" / "month=2031-01"
    day.mkdir(parents=True)
    queries.head(300).with_columns(pl.col("query_id") + "-later").write_parquet(day / "rows.parquet")
    then, looked = asked(lake, tmp_path / "kept")
    assert looked == ["data_scraping"]
    assert exact(then) == exact(found(lake, *SOME))
    assert exact(then) != exact(first)


def test_a_table_that_comes_or_goes_is_seen_by_those_who_looked_for_it(lake: Path, tmp_path: Path) -> None:
    shutil.move(lake / "payments", tmp_path / "payments")
    asked(lake, tmp_path / "kept")
    shutil.move(tmp_path / "payments", lake / "payments")
    then, looked = asked(lake, tmp_path / "kept")
    assert looked == ["re_entry"]
    assert exact(then) == exact(found(lake, *SOME))


def test_a_partition_sent_again_is_looked_at_again(lake: Path, tmp_path: Path) -> None:
    asked(lake, tmp_path / "kept")
    first = min((lake / "prices").rglob("*.parquet"))
    os.utime(first, ns=(1, 1))
    _, looked = asked(lake, tmp_path / "kept")
    assert "price_fraud" in looked
    assert not {"empty_parcels", "data_scraping"} & {*looked}


def test_what_is_sent_while_a_detector_reads_is_looked_at_the_next_time(lake: Path, tmp_path: Path) -> None:
    first, gone = sorted((lake / "queries").rglob("*.parquet"))[:2]
    model = detector("data_scraping")

    def find(given: Lake, able: frozenset[str]) -> list[Lead]:
        found = model.find(given, able)
        os.utime(first, ns=(1, 1))
        gone.unlink()
        return found

    with opened(lake) as given:
        run(given, [replace(model, find=find)], standing=Standing(tmp_path / "kept"))
    with opened(lake) as given:
        assert Standing(tmp_path / "kept").beside(given).recalled(model) is None


def test_another_program_asks_anew(
    market: Path, kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(shutil.copytree(kept, tmp_path / "kept"))
    monkeypatch.setattr(standing, "_program", lambda: "another")
    with opened(market) as given:
        assert Standing(folder).beside(given).recalled(detector("data_scraping")) is None


@pytest.mark.parametrize(
    "left", [b"", b"{}", b"nonsense\n", None], ids=["empty", "bare", "nonsense", "cut off"]
)
def test_what_was_damaged_is_asked_again(
    market: Path, kept: Path, tmp_path: Path, left: bytes | None
) -> None:
    folder = Path(shutil.copytree(kept, tmp_path / "kept"))
    one = folder / "data_scraping.jsonl"
    one.write_bytes(b"".join(one.read_bytes().splitlines(keepends=True)[:-1]) if left is None else left)
    with opened(market) as given:
        assert Standing(folder).beside(given).recalled(detector("data_scraping")) is None
        assert Standing(folder).beside(given).recalled(detector("re_entry")) is not None
