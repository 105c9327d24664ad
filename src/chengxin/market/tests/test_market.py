"""An invented market is a lake as its contract wants it, with the truth beside it and no artefacts in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from chengxin.lake.contract import Column, tables
from chengxin.market import Plan, Truth, build
from chengxin.market.__main__ import main
from chengxin.market.plan import KINDS
from chengxin.market.truth import read
from chengxin.market.twins.run import KINDS as TWINS

PLAN = Plan(seed=3, orders=60_000, months=3)
TYPES = {
    "text": pl.String,
    "time": pl.Datetime("us", "UTC"),
    "money": pl.Decimal(18, 2),
    "whole": pl.Int64,
    "number": pl.Float64,
    "flag": pl.Boolean,
}
HOMES = {  # where an entity of the truth stands in the lake
    "seller": ("sellers", "seller_id"),
    "buyer": ("orders", "buyer_id"),
    "rating": ("ratings", "rating_id"),
    "waybill": ("parcels", "waybill_no"),
    "courier": ("scans", "courier_id"),
    "product": ("listings", "product_id"),
    "domain": ("sellers", "domain"),
    "account": ("queries", "account_id"),
    "facility": ("scans", "facility"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    folder = tmp_path_factory.mktemp("market") / "lake"
    return folder, build(folder, PLAN)


def table(folder: Path, name: str) -> pl.DataFrame:
    return pl.read_parquet(folder / name / "**/*.parquet", hive_partitioning=False)


def broken(column: Column, values: pl.Series) -> list[str]:
    present = values.drop_nulls()
    found = []
    if values.dtype != TYPES[column.type]:
        found.append(f"{column.name} is {values.dtype}")
    if not column.nullable and values.null_count():
        found.append(f"{column.name} is empty in {values.null_count()} rows")
    if column.values and set(present.unique()) - set(column.values):
        found.append(f"{column.name} has values of its own")
    if column.least is not None and float(present.min()) < column.least:  # type: ignore[arg-type]
        found.append(f"{column.name} is below {column.least}")
    if column.most is not None and float(present.max()) > column.most:  # type: ignore[arg-type]
        found.append(f"{column.name} is above {column.most}")
    return found


@pytest.mark.parametrize("name", list(tables()))
def test_every_table_keeps_the_contract(made: tuple[Path, Truth], name: str) -> None:
    declared, rows = tables()[name], table(made[0], name)
    assert tuple(rows.columns) == declared.names
    assert [word for column in declared.columns for word in broken(column, rows[column.name])] == []
    for column in declared.columns:
        if column.not_before:
            assert rows.filter(pl.col(column.name) < pl.col(column.not_before)).is_empty()
        if column.refers:
            home, key = column.refers.split(".")
            known = table(made[0], home)[key].unique()
            assert rows[column.name].drop_nulls().is_in(known.implode()).all(), column.name
    if declared.key:
        assert rows[declared.key].n_unique() == rows.height


def test_tables_are_parted_by_reporter_and_month(made: tuple[Path, Truth]) -> None:
    for name, declared in tables().items():
        for file in (made[0] / name).rglob("*.parquet"):
            if declared.partition is None or declared.clock is None:
                assert file.parent == made[0] / name
                continue
            rows = pl.read_parquet(file, hive_partitioning=False)
            assert file.parent.parent.name == f"{declared.partition}={rows[declared.partition][0]}"
            assert rows[declared.partition].n_unique() == 1
            assert set(rows[declared.clock].dt.strftime("month=%Y-%m")) == {file.parent.name}


def test_neither_ids_nor_the_order_of_rows_tell_anything(made: tuple[Path, Truth]) -> None:
    orders = table(made[0], "orders")
    by_time = orders["created_at"].to_physical().to_numpy()
    by_id = orders["order_id"].cast(pl.UInt64).to_numpy().astype(np.float64)
    assert abs(np.corrcoef(by_time, by_id)[0, 1]) < 0.02
    first = pl.read_parquet(next((made[0] / "orders").rglob("*.parquet")), hive_partitioning=False)
    position = np.arange(first.height)
    assert abs(np.corrcoef(position, first["created_at"].to_physical().to_numpy())[0, 1]) < 0.05


def test_the_guilty_are_few_and_stand_in_the_lake(made: tuple[Path, Truth]) -> None:
    folder, truth = made
    assert set(truth.entities["detector"]) == set(KINDS)
    for (detector, entity), rows in truth.entities.partition_by("detector", "entity", as_dict=True).items():
        home, key = HOMES[str(entity)]
        known = table(folder, home)[key].drop_nulls().unique()
        guilty = rows["entity_id"].unique()
        seen = guilty.is_in(known.implode())
        assert seen.mean() == 1.0 or str(entity) in {"buyer", "courier"}, (detector, entity)
        assert guilty.len() <= max(1, 0.0105 * known.len()), (detector, entity, guilty.len(), known.len())


def test_every_honest_twin_lives_in_the_market(made: tuple[Path, Truth]) -> None:
    folder, truth = made
    assert set(TWINS) <= set(truth.twins["twin"])
    for (entity,), rows in truth.twins.partition_by("entity", as_dict=True).items():
        home, key = HOMES[str(entity)]
        assert rows["entity_id"].is_in(table(folder, home)[key].unique().implode()).mean() > 0.8, entity  # type: ignore[operator]


def test_no_twin_is_guilty_of_brushing(made: tuple[Path, Truth]) -> None:
    guilty = made[1].entities.filter(pl.col("detector") == "brushing")
    twins = made[1].twins.filter(~pl.col("twin").is_in(["chain", "drop shipping"]))
    assert twins.join(guilty, on=["entity", "entity_id"]).is_empty()


def test_the_same_seed_gives_the_same_market_and_another_another(tmp_path: Path) -> None:
    plans = [Plan(seed=seed, orders=20_000, months=2) for seed in (5, 5, 6)]
    truths = [build(tmp_path / str(number), plan) for number, plan in enumerate(plans)]
    for name in tables():
        files = [sorted((tmp_path / str(number) / name).rglob("*.parquet")) for number in range(3)]
        assert [file.read_bytes() for file in files[0]] == [file.read_bytes() for file in files[1]], name
    assert truths[0].entities.equals(truths[1].entities)
    assert not truths[0].entities.equals(truths[2].entities)


def test_a_market_made_in_small_pieces_keeps_its_keys(tmp_path: Path) -> None:
    build(tmp_path, Plan(seed=7, orders=20_000, months=2, piece=3_000))
    for name in ("orders", "ratings", "parcels", "payments", "visits"):
        rows, key = table(tmp_path, name), tables()[name].key
        assert rows[str(key)].n_unique() == rows.height
    assert table(tmp_path, "orders").height > 18_000


def test_the_command_writes_lake_and_truth_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    given = ["--out", str(tmp_path), "--seed", "9", "--orders", "20000", "--months", "2"]
    assert main([*given, "--kinds", "brushing", "--levels", "1,2", "--tables", "orders,sellers"]) == 0
    assert {folder.name for folder in (tmp_path / "lake").iterdir()} == {"orders", "sellers"}
    truth = read(tmp_path / "truth")
    assert set(truth.entities["level"]) <= {1, 2}
    assert "brushing\tseller" in capsys.readouterr().out


def test_a_plan_that_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="两万"):
        Plan(seed=1, orders=10)
    with pytest.raises(ValueError, match="there is no 'theft'"):
        Plan(seed=1, kinds=("theft",))
