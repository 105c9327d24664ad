"""All detectors together: on a market, on what is left of one, and on nonsense."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

import polars as pl
import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import NAMES, detector
from chengxin.detection.running import Found, run
from chengxin.detection.tests.lakes import found, opened, written
from chengxin.lake.contract import tables
from chengxin.market import Plan, build

IDS = {
    "order_id",
    "seller_id",
    "buyer_id",
    "product_id",
    "buyer_device",
    "address_hash",
    "waybill_no",
    "rating_id",
    "rater_id",
    "ratee_id",
    "replaces",
    "sender_id",
    "sender_address_hash",
    "receiver_address_hash",
    "payment_id",
    "payer_id",
    "payee_id",
    "visit_id",
    "visitor_id",
    "device",
    "query_id",
    "account_id",
    "courier_id",
    "facility",
    "promotion_id",
    "image_hash",
    "legal_person_hash",
    "phone_hash",
}
"""Columns whose spelling means nothing. Names, codes and networks are meant as they are spelt."""


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A small market with every kind of scheme."""
    folder = tmp_path_factory.mktemp("market")
    build(folder, Plan(seed=7, orders=20_000, months=2))
    yield folder


@pytest.fixture(scope="module")
def whole(market: Path) -> Found:
    """What all detectors find in it."""
    return found(market, *NAMES)


def reading(*names: str) -> list[str]:
    """The detectors that look at one of these tables."""

    def needed(name: str) -> set[str]:
        model = detector(name)
        return {
            need.partition(".")[0] for need in (*model.needs, *chain(*(one.needs for one in model.signals)))
        }

    return [name for name in NAMES if needed(name) & {*names}]


def frames(folder: Path) -> dict[str, pl.DataFrame]:
    """The tables of a lake as frames."""
    return {
        name: pl.read_parquet(folder / name / "**/*.parquet", hive_partitioning=False).select(table.names)
        for name, table in tables().items()
        if (folder / name).is_dir()
    }


def facts(leads: tuple[Lead, ...]) -> list[tuple[object, ...]]:
    """What must be equal of two runs, in an order that doesn't hang on ids."""
    found = [
        (
            one.detector,
            one.entity,
            one.platform,
            round(one.score, 6),
            one.window,
            one.ring is not None,
            tuple(
                sorted(
                    (seen.signal.name, round(seen.value, 6), round(seen.baseline, 6)) for seen in one.signals
                )
            ),
        )
        for one in leads
    ]
    return sorted(found, key=repr)


@pytest.mark.obligation("13f")
def test_every_detector_runs_over_a_market_and_finds_something(whole: Found) -> None:
    assert whole.failed == ()
    assert {one.detector for one in whole.leads} == {*NAMES}
    for lead in whole.leads:
        assert 0 < lead.score <= 1
        assert lead.signals
        assert lead.window[0] <= lead.window[1]
        for ids in (lead.orders, lead.waybills, lead.accounts):
            assert all(isinstance(one, str) for one in ids)
        if lead.entity not in ("product", "domain"):  # of these prices and names may be all that there is
            assert lead.orders or lead.waybills or lead.accounts, "something to look at"
    by_detector = [one.detector for one in whole.leads]
    assert by_detector == sorted(by_detector, key=NAMES.index)
    keys = [(one.detector, one.entity, one.platform, one.entity_id) for one in whole.leads]
    assert len({*keys}) == len(keys)


def test_neither_the_order_of_rows_nor_partitions_nor_the_names_of_ids_change_a_lead(
    market: Path, whole: Found, tmp_path: Path
) -> None:
    shuffled = random.Random(3)
    names: dict[str, str] = {}

    def renamed(value: str) -> str:
        return names.setdefault(value, f"x{shuffled.getrandbits(60):015x}")

    other = {
        name: frame.sample(fraction=1, shuffle=True, seed=5).with_columns(
            pl.col(column).map_elements(renamed, return_dtype=pl.String)
            for column in frame.columns
            if column in IDS
        )
        for name, frame in frames(market).items()
    }
    after = found(written(tmp_path, **other), *NAMES)
    assert facts(whole.leads) == facts(after.leads)


@pytest.mark.parametrize("table", sorted(tables()))
def test_a_missing_table_switches_off_only_what_needs_it(market: Path, tmp_path: Path, table: str) -> None:
    for path in market.iterdir():
        if path.name != table and path.name in tables():
            (tmp_path / path.name).symlink_to(path)
    asked = reading(table)
    result = found(tmp_path, *asked)
    assert result.failed == ()
    for name in asked:
        off = any(note.about == name for note in result.notes)
        assert off == any(need.partition(".")[0] == table for need in detector(name).needs)


def test_empty_columns_tables_rows_and_files_are_told_and_survived(market: Path, tmp_path: Path) -> None:
    given = frames(market)
    nullable = {
        name: frame.with_columns(
            pl.lit(None, pl.String).alias(one.name) for one in tables()[name].columns if one.nullable
        )
        for name, frame in given.items()
    }
    cases = {
        "all null": nullable,
        "one row": {name: frame.head(1) for name, frame in given.items()},
        "no rows": {name: frame.head(0) for name, frame in given.items()},
        "twice": {name: pl.concat([frame.head(200), frame.head(200)]) for name, frame in given.items()},
        "nothing at all": {
            name: pl.DataFrame({column: [None, None] for column in frame.columns})
            for name, frame in given.items()
        },
    }
    for name, some in cases.items():
        result = found(written(tmp_path / name, **some), *NAMES)
        assert result.failed == (), name
    assert any("重复" in note.zh for note in found(tmp_path / "twice", "brushing").notes)
    (tmp_path / "one row" / "orders" / "zero.parquet").write_bytes(b"")
    (tmp_path / "one row" / "orders" / "noise.parquet").write_bytes(bytes(range(256)) * 9)
    (tmp_path / "one row" / "ratings" / "noise.csv").write_bytes(b'\xff\xfe\x00nonsense\n,,,\n"')
    result = found(tmp_path / "one row", *NAMES)
    assert result.failed == ()
    assert len([note for note in result.notes if note.about.startswith("orders/")]) == 2


def test_clocks_going_backwards_are_survived(market: Path, tmp_path: Path) -> None:
    given = frames(market)
    orders = given["orders"]
    given["orders"] = orders.with_columns(
        created_at="received_at", received_at="created_at", shipped_at="created_at"
    )
    given["scans"] = given["scans"].with_columns(pl.col("at").reverse())
    assert found(written(tmp_path, **given), *reading("orders", "scans")).failed == ()


def test_plain_files_beside_each_other_are_a_lake_too(market: Path, tmp_path: Path) -> None:
    given = frames(market)
    for name, frame in given.items():
        if name in ("orders", "sellers"):
            frame.write_csv(tmp_path / f"{name}.csv")
        else:
            frame.write_parquet(tmp_path / f"{name}.parquet")
    with opened(tmp_path) as lake, opened(market) as partitioned:
        one, other = (run(each, [detector("brushing")]) for each in (lake, partitioned))
    assert facts(one.leads) == facts(other.leads)
