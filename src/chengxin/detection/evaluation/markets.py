"""Markets of a seed, written, asked about and removed: what the detectors listed, and what is true."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import detector
from chengxin.detection.evaluation.activity import moments, split
from chengxin.detection.evaluation.features import brushing_tests, counts, features
from chengxin.detection.evaluation.graphs import graphs
from chengxin.detection.evaluation.periods import halves, known
from chengxin.detection.running import run
from chengxin.lake.engines import DuckEngine
from chengxin.lake.reading import Lake, open_lake
from chengxin.market import Plan, Truth, build

KEY = ["platform", "entity_id"]
NAMED = ["entity", *KEY]
Pair = tuple[str, str]
"""A detector and a kind of entity that it is about."""

_ENTITIES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "seller": (("sellers", "platform", "seller_id"), ("orders", "platform", "seller_id")),
    "buyer": (("orders", "platform", "buyer_id"), ("ratings", "platform", "rater_id")),
    "rating": (("ratings", "platform", "rating_id"),),
    "waybill": (("parcels", "carrier", "waybill_no"), ("scans", "carrier", "waybill_no")),
    "courier": (("scans", "carrier", "courier_id"),),
    "product": (("listings", "platform", "product_id"), ("orders", "platform", "product_id")),
    "account": (("queries", "platform", "account_id"),),
    "domain": (("sellers", "platform", "domain"),),
}


@dataclass(frozen=True)
class Asked:
    """A lake that the detectors were asked about.

    `entities` [entity, platform, entity_id] are all that could have been listed; `features` every entity of
    a kind as learning machines are given it; `graph` who dealt with whom, for each pair that has such a
    graph; `truth` what there was to find in this lake. Whoever was guilty of it at another time alone is
    in `aside` [detector, entity, platform, entity_id]: no hit, and no false alarm either.
    """

    leads: tuple[Lead, ...]
    entities: pl.DataFrame
    features: Mapping[Pair, pl.DataFrame]
    graph: Mapping[str, pl.DataFrame]
    truth: Truth
    aside: pl.DataFrame
    seconds: float


@dataclass(frozen=True)
class Market:
    """A market: asked about as a whole, and about each half of its months by itself."""

    seed: int
    whole: Asked
    halves: Mapping[str, Asked]


def market(seed: int, orders: int, names: Sequence[str], periods: Sequence[str]) -> Market:
    """Write the market of a seed, ask the detectors about it and about the named halves, and remove it.

    Raises RuntimeError when a detector breaks off.
    """
    plan = Plan(seed=seed, orders=orders)
    with tempfile.TemporaryDirectory(prefix="chengxin-eval-") as folder:
        lake = Path(folder) / "whole"
        truth = build(lake, plan)
        whole = _asked(lake, names, truth, truth.entities.clear().select("detector", *NAMED))
        when = moments(lake, truth, plan)
        parts = {}
        for period in halves(plan):
            if period.name in periods:
                part = Path(folder) / period.name
                known(lake, period, part)
                found, aside = split(when, period)
                theirs = truth.entities.join(found, on=["detector", *NAMED], how="semi")
                parts[period.name] = _asked(part, names, Truth(theirs, truth.twins), aside)
    return Market(seed, whole, parts)


def _asked(folder: Path, names: Sequence[str], truth: Truth, aside: pl.DataFrame) -> Asked:
    engine = DuckEngine()
    try:
        lake = open_lake(folder, engine)
        began = time.monotonic()
        found = run(lake, [detector(name) for name in names])
        seconds = time.monotonic() - began
        if found.failed:
            raise RuntimeError(f"{', '.join(found.failed)} failed")
        there = pl.concat(_entities(lake)).unique()
        guilty = truth.entities.filter(pl.col("detector").is_in(list(names)))
        if aside.height:  # whoever has no row in this half can't be found in it
            guilty = guilty.join(there, on=NAMED, how="semi", nulls_equal=True)
        listed = pl.DataFrame(
            [(one.entity, one.platform, one.entity_id) for one in found.leads],
            schema=there.schema,
            orient="row",
        )
        entities = pl.concat([there, listed, guilty.select(NAMED)]).unique()
        pairs = sorted({(str(name), str(kind)) for name, kind in guilty.select("detector", "entity").rows()})
        plain = {entity: counts(lake, entity) for entity in {kind for _, kind in pairs}}
        given = {
            (name, entity): features(
                (name, entity), found.leads, entities.filter(pl.col("entity") == entity), plain[entity]
            )
            for name, entity in pairs
        }
        if (shops := given.get(("brushing", "seller"))) is not None:
            tests = brushing_tests(lake)
            given["brushing", "seller"] = shops.join(tests, on=KEY, how="left", nulls_equal=True)
        return Asked(
            found.leads, entities, given, graphs(lake, names), Truth(guilty, truth.twins), aside, seconds
        )
    finally:
        engine.close()


def _entities(lake: Lake) -> Iterator[pl.DataFrame]:
    for entity, places in _ENTITIES.items():
        for table, platform, id in places:
            rows = lake.table(table)
            distinct = (
                rows.filter(rows[id].notnull()).select(platform=rows[platform], entity_id=rows[id]).distinct()
            )
            yield lake.rows(distinct).select(pl.lit(entity).alias("entity"), *KEY)


def scores(leads: Iterable[Lead], signal: str | None = None) -> pl.DataFrame:
    """The leads as rows [detector, entity, platform, entity_id, score]; `signal` names one that ranks them in
    place of the score, by how far it lies beyond what is usual."""
    rows = [
        (one.detector, one.entity, one.platform, one.entity_id, value)
        for one in leads
        if (value := _value(one, signal)) is not None
    ]
    kinds = dict.fromkeys(("detector", *NAMED), pl.String)
    return pl.DataFrame(rows, schema=kinds | {"score": pl.Float64}, orient="row")


def _value(lead: Lead, signal: str | None) -> float | None:
    if signal is None:
        return lead.score
    for seen in lead.signals:
        if seen.signal.name == signal:
            return abs(seen.value - seen.baseline)
    return None
