"""Shops that are kept by firms which the caller knows: names are given last, and change nothing else.

Who sells what to whom, and which schemes are run, is settled before; the same plan gives the same market
under other names.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from chengxin.market import categories
from chengxin.market.register import Register
from chengxin.market.schemes.scene import Scene

Keep = Callable[[pl.DataFrame], pl.DataFrame]
"""Says who keeps which shop. Given is a row a shop:

    number, platform, category, region
    guilty  detectors that should find it or its goods; `level`: how skilled the clumsiest of those schemes is
    told    whether its name is part of a scheme, of a twin or of a mark: it keeps that name

The answer has `number`, `shop_name`, `subject_code` (null for natural persons) and `region` (the county in
which the firm is registered) of the shops that are known; others stay as they were invented.
"""

SITE = ".example"
"""How the sites of a market with known shops end (RFC 2606): they are nobody's."""

_NAMED = ("look_alikes", "re_entry")


def shops(scene: Scene) -> pl.DataFrame:
    """The shops as `Keep` is given them."""
    world, found = scene.world, scene.register
    marked = set(found.marked["shop_name"])
    twins = pl.concat(
        [one.filter(pl.col("twin") == "similar name")["entity_id"] for one in scene.twins]
        or [pl.Series([""])]
    )
    every = pl.DataFrame(
        {
            "number": np.arange(world.shops.count),
            "platform": world.platforms.gather(world.shops.platform),
            "category": pl.Series(categories.NAMES).gather(world.shops.category),
            "region": world.places.codes.gather(world.shops.region),
            "told": pl.Series([one in marked for one in found.shop_name])
            | world.shops.ids.is_in(twins.implode()),
        }
    )
    blamed = (
        _blamed(scene)
        .group_by("number")
        .agg(pl.col("detector").unique().sort().alias("guilty"), pl.col("level").min())
    )
    whole = every.join(blamed, on="number", how="left", maintain_order="left")
    return whole.with_columns(
        pl.col("guilty").fill_null([]),
        told=pl.col("told")
        | pl.col("guilty").list.set_intersection(list(_NAMED)).list.len().fill_null(0).gt(0),
    )


def _blamed(scene: Scene) -> pl.DataFrame:
    """Guilty shops, and those of guilty goods, as far as it is known before anything is ordered."""
    made = scene.world
    ids = {"seller": made.shops.ids, "product": made.products.ids}
    numbers = {"seller": np.arange(made.shops.count), "product": made.products.shop}
    parts = [
        pl.concat([one.select("detector", "entity", "entity_id", "level") for one in scene.guilty])
        .filter(pl.col("entity") == kind)
        .join(pl.DataFrame({"entity_id": ids[kind], "number": numbers[kind]}), on="entity_id")
        .select("number", "detector", "level")
        for kind in ids
        if scene.guilty
    ]
    schema = {"number": pl.Int64, "detector": pl.String, "level": pl.Int8}
    return pl.concat(parts) if parts else pl.DataFrame(schema=schema)


def give(scene: Scene, known: pl.DataFrame) -> None:
    """Writes the names of those who are known into the register, and makes every site nobody's."""
    found, told = scene.register, shops(scene)["told"]
    codes: dict[str, str] = {}
    for number, name, code, region in known.select(
        "number", "shop_name", "subject_code", "region"
    ).iter_rows():
        if not told[number]:
            found.shop_name[number], found.domain[number] = name, None
        found.seats[number] = region
        found.anonymous[number] = code is None
        if code is not None:
            codes[found.code[number]] = found.code[number] = code
    found.marked["subject_code"] = [codes.get(one, one) for one in found.marked["subject_code"]]
    _nobodys(found)
    scene.guilty, scene.twins = (
        [one.with_columns(entity_id=_site(pl.col("entity"), pl.col("entity_id"))) for one in some]
        for some in (scene.guilty, scene.twins)
    )


def _site(entity: pl.Expr, id: pl.Expr) -> pl.Expr:
    return pl.when(entity == "domain").then(pl.concat_str(id, pl.lit(SITE))).otherwise(id)


def _nobodys(found: Register) -> None:
    found.domain = [one and one + SITE for one in found.domain]
    found.closed.domain = [one and one + SITE for one in found.closed.domain]
    found.marked["domain"] = [one + SITE for one in found.marked["domain"]]
