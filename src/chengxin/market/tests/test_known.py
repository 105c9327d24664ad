"""A market whose shops are kept by firms that the caller knows: only their names are other ones."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from chengxin.market import Plan, build
from chengxin.market.known import SITE

PLAN = Plan(seed=5, orders=20_000, months=2, share=0.05, carriers=("甲", "乙", "丙", "丁"))
CODE = "91350100DMK4KB6D1X"


@pytest.fixture(scope="module")
def asked() -> list[pl.DataFrame]:
    """What the market asks of whoever knows firms."""
    return []


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory, asked: list[pl.DataFrame]) -> Path:
    """The lake of a market of which every other shop is kept by somebody who is known."""
    folder = tmp_path_factory.mktemp("known")

    def keep(shops: pl.DataFrame) -> pl.DataFrame:
        asked.append(shops)
        return shops.filter(pl.col("number") % 2 == 0).select(
            "number",
            shop_name=pl.lit("知名店") + pl.col("number").cast(pl.String),
            subject_code=pl.when(pl.col("number") % 4 == 0).then(pl.lit(CODE)),
            region=pl.lit("350128"),
        )

    build(folder, PLAN, keep)
    return folder


def test_the_known_are_in_the_register_and_what_is_a_part_of_a_scheme_keeps_its_name(
    known: Path, asked: list[pl.DataFrame]
) -> None:
    [shops] = asked
    sellers = pl.read_parquet(known / "sellers")
    named = sellers.filter(pl.col("shop_name").str.starts_with("知名店"))
    even = shops.filter(pl.col("number") % 2 == 0)
    assert named.height == even.filter(~pl.col("told")).height > 50
    assert named["domain"].null_count() == named.height
    seated = sellers.filter(pl.col("region") == "350128")
    assert seated.height >= even.height and set(seated["subject_code"].drop_nulls()) >= {CODE}
    told = shops.filter(pl.col("told"))
    assert set(told["guilty"].explode().drop_nulls()) >= {"look_alikes", "re_entry"}
    assert set(shops["guilty"].explode().drop_nulls()) >= {"price_fraud", "brushing", "counterfeit"}
    sites = pl.concat(
        [pl.read_parquet(known / name)["domain"].drop_nulls() for name in ("sellers", "listed", "marks")]
    )
    assert sites.len() > 20 and sites.str.ends_with(SITE).all()


def test_nothing_else_changes_and_carriers_bear_the_names_that_they_are_given(
    known: Path, tmp_path: Path
) -> None:
    build(tmp_path, PLAN)
    for name in ("orders", "ratings", "payments", "parcels", "scans", "visits", "prices", "listings"):
        files = sorted(one.relative_to(known) for one in (known / name).rglob("*.parquet"))
        assert len(files) > 1 and all(
            (known / one).read_bytes() == (tmp_path / one).read_bytes() for one in files
        ), name
    assert set(pl.read_parquet(known / "parcels")["carrier"].unique()) == {"甲", "乙", "丙", "丁"}


def test_there_must_be_as_many_carriers_as_the_market_has() -> None:
    with pytest.raises(ValueError, match="carriers"):
        Plan(seed=1, carriers=("甲",))
