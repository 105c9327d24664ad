"""The truth about ratings and waybills, which is known only once they are made, and about the sellers
behind them."""

from __future__ import annotations

import numpy as np
import polars as pl

from chengxin.market import orders
from chengxin.market.drafts import Drafts, taken
from chengxin.market.numbers import Ints
from chengxin.market.schemes.scene import Scene
from chengxin.market.truth import guilty

LIGHT = 0.5  # a parcel of a scheme below this part of its goods' weight is an empty one
FEW = 5  # a seller behind at least so many guilty ratings or parcels is guilty of them
SELLERS = ("inflated_ratings", "empty_parcels")


def ratings(scene: Scene, said: pl.DataFrame) -> None:
    """Writes down a piece's guilty ratings; those that a paid-off extortionist writes afterwards are not."""
    bad = said.filter(
        (pl.col("scheme") >= 0) & pl.col("replaces").is_null() & (pl.col("direction") == "buyer_to_seller")
    )
    for (number,), some in bad.partition_by("scheme", as_dict=True, maintain_order=True).items():
        one = scene.schemes[int(number)]
        for detector in one.ratings:
            scene.guilty.append(guilty(detector, "rating", some["platform"], some["rating_id"], one))
            scene.count(detector, int(number), some["shop"].to_numpy())


def waybills(scene: Scene, whole: Drafts) -> None:
    """Writes down a piece's guilty waybills: of parcels too light for their goods, and of ways that never
    were."""
    weight = scene.world.products.weight[whole["product"]] * whole["quantity"]
    sent, scheme = whole["shipped"] >= 0, whole["scheme"]
    light = sent & (scheme >= 0) & (whole["weight"] < LIGHT * weight)
    _waybills(scene, whole, np.flatnonzero(light), scheme, "empty_parcels")
    forged = np.where((whole["route"] > 0) & (whole["forged"] < 0), scheme, whole["forged"])
    _waybills(scene, whole, np.flatnonzero(sent & (forged >= 0)), forged, "forged_logistics")


def _waybills(scene: Scene, whole: Drafts, rows: Ints, scheme: Ints, detector: str) -> None:
    for number in np.unique(scheme[rows]):
        one, some = scene.schemes[number], rows[scheme[rows] == number]
        if detector in one.waybills:
            carrier = scene.world.carrier_names.gather(whole["carrier"][some])
            ids = orders.waybills(taken(whole, some))
            scene.guilty.append(guilty(detector, "waybill", carrier, ids, one))
            scene.count(detector, int(number), whole["shop"][some])


def sellers(scene: Scene) -> None:
    """Writes down the sellers behind enough guilty ratings or parcels."""
    for (detector, number), shops in scene.counted.items():
        found, times = np.unique(np.concatenate(shops), return_counts=True)
        if detector in SELLERS:
            scene.blame_sellers(detector, found[times >= FEW], scene.schemes[number])
