"""`make eval`: every detector on invented markets, beside the plain ways of ranking, over seeds that nobody
tunes on.

For each seed a market of `chengxin.market` is written, all detectors are asked, and what they list is
held against the truth, which lies outside the lake. Learnt baselines are trained on other seeds
(`LEARN`), once with every scheme and once without those of the third level, which they then meet for the
first time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path

import polars as pl

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import NAMES, detector
from chengxin.detection.evaluation.baselines import Baseline
from chengxin.detection.evaluation.baselines.fraudar import Fraudar
from chengxin.detection.evaluation.baselines.learned import IsolationForest, trained
from chengxin.detection.evaluation.table import ALL, Row, evaluate, write
from chengxin.detection.running import run
from chengxin.detection.trades.leads import shop_features
from chengxin.lake.engines import DuckEngine
from chengxin.lake.reading import Lake, open_lake
from chengxin.market import Plan, Truth, build

REPORTED = range(101, 111)
"""The seeds of the tables in the docs. Nothing is ever tuned on them."""

LEARN = range(21, 25)
"""The seeds on which learnt baselines are trained."""

ORDERS = 300_000

CAPACITY = {
    "seller": 20, "buyer": 100, "rating": 100, "order": 100, "waybill": 100, "courier": 10, "domain": 10,
    "product": 50, "account": 10,
}  # fmt: skip
"""How many of each kind an office looks at in a month."""

NOTE = """## 这些数字怎么来的 How these figures come about

`make eval` writes a market of about {orders:,} honest orders for each of the seeds {seeds}, asks every
detector about it, and holds the list against the truth. Nothing was tuned on these seeds. *Signal x* is the
detector's own list, sorted by how far that one signal lies above what is usual: harder to beat than the
signal over everybody. FRAUDAR (Hooi et al., KDD 2016) sees who bought where; the isolation forest (Liu et
al., ICDM 2008) and gradient boosting see every test of every shop, the latter with the truth of seeds 21 to
24, once with all levels and once without the third, which it then meets for the first time. The markets are
invented: what holds on them need not hold elsewhere, and a machine that learnt from such markets is at home
in them.
"""

KEY = ["entity", "platform", "entity_id"]
PAIR = ("buyer_id", "seller_id")

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
class Market:
    """A market that was asked: what the detectors listed, whom they could have listed, and the truth.

    `shops` are the features of every shop and `graph` who bought where, for the plain ways of finding
    brushing; both empty when brushing wasn't asked about.
    """

    seed: int
    leads: tuple[Lead, ...]
    entities: pl.DataFrame
    truth: Truth
    seconds: float
    shops: pl.DataFrame
    graph: pl.DataFrame


def asked(seed: int, orders: int, names: Sequence[str]) -> Market:
    """Write the market of a seed, ask the detectors about it, and remove it."""
    with tempfile.TemporaryDirectory(prefix="chengxin-eval-") as folder:
        truth = build(Path(folder), Plan(seed=seed, orders=orders))
        engine = DuckEngine()
        try:
            lake = open_lake(Path(folder), engine)
            began = time.monotonic()
            found = run(lake, [detector(name) for name in names])
            seconds = time.monotonic() - began
            everything = pl.concat(_entities(lake))
            shops, graph = _plain(lake) if "brushing" in names else (pl.DataFrame(), pl.DataFrame())
        finally:
            engine.close()
    if found.failed:
        raise RuntimeError(f"{', '.join(found.failed)} failed on seed {seed}")
    listed = _frame(found.leads).select(KEY)
    named = pl.concat([everything, listed, truth.entities.select(KEY)]).unique()
    return Market(seed, found.leads, named, truth, seconds, shops, graph)


def _plain(lake: Lake) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Features and graph with one name for each: the platform before the id."""
    orders = lake.table("orders")
    pairs = lake.rows(orders.select("platform", "buyer_id", "seller_id").distinct()).drop_nulls()
    named = pairs.select(pl.concat_str("platform", name, separator="\x1f").alias(name) for name in PAIR)
    features = shop_features(lake).with_columns(
        entity_id=pl.concat_str("platform", "seller_id", separator="\x1f")
    )
    return features.drop("platform", "seller_id"), named


def _entities(lake: Lake) -> Iterator[pl.DataFrame]:
    for entity, places in _ENTITIES.items():
        for table, platform, id in places:
            rows = lake.table(table)
            distinct = (
                rows.filter(rows[id].notnull()).select(platform=rows[platform], entity_id=rows[id]).distinct()
            )
            yield lake.rows(distinct).select(pl.lit(entity).alias("entity"), "platform", "entity_id")


def _frame(leads: Iterable[Lead], score: str | None = None) -> pl.DataFrame:
    """The leads as rows; `score` names a signal that ranks them in place of the score."""
    rows = [
        (one.detector, one.entity, one.platform, one.entity_id, value)
        for one in leads
        if (value := _value(one, score)) is not None
    ]
    kinds = dict.fromkeys(("detector", "entity", "platform", "entity_id"), pl.String)
    return pl.DataFrame(rows, schema=kinds | {"score": pl.Float64}, orient="row")


def _value(lead: Lead, signal: str | None) -> float | None:
    if signal is None:
        return lead.score
    for seen in lead.signals:
        if seen.signal.name == signal:
            return abs(seen.value - seen.baseline)
    return None


def methods(market: Market, names: Sequence[str]) -> Iterator[tuple[str, pl.DataFrame]]:
    """The ways of ranking: the detectors' own, and each signal of each by itself."""
    yield "detector", _frame(market.leads)
    for name in names:
        mine = [one for one in market.leads if one.detector == name]
        for signal in detector(name).signals:
            frame = _frame(mine, signal.name)
            if frame.height:
                yield f"signal {signal.name}", frame


def plain_methods(market: Market, machines: Mapping[str, Baseline]) -> Iterator[tuple[str, pl.DataFrame]]:
    """Rankings of shops and buyers for brushing by methods that aren't ours."""
    buyers = market.graph.select(entity_id="buyer_id").unique()
    for name, baseline in machines.items():
        yield name, _scored("seller", market.shops, baseline.score(market.shops, market.graph))
    yield (
        "FRAUDAR",
        pl.concat(
            [
                _scored("seller", market.shops, Fraudar("seller").score(market.shops, market.graph)),
                _scored("buyer", buyers, Fraudar("buyer").score(buyers, market.graph)),
            ]
        ),
    )


def _scored(entity: str, features: pl.DataFrame, scores: pl.Series) -> pl.DataFrame:
    parts = pl.col("entity_id").str.split_exact("\x1f", 1)
    return features.select(
        detector=pl.lit("brushing"),
        entity=pl.lit(entity),
        platform=parts.struct.field("field_0"),
        entity_id=parts.struct.field("field_1"),
        score=scores.cast(pl.Float64),
    )


def learnt(orders: int) -> dict[str, Baseline]:
    """The machines: one that needs no labels, and two that learn from other seeds' shops."""
    markets: list[tuple[pl.DataFrame, pl.DataFrame]] = []
    for seed in LEARN:
        market = asked(seed, orders, ["brushing"])
        guilty = market.truth.entities.filter(pl.col("detector") == "brushing", pl.col("entity") == "seller")
        known = guilty.select("level", entity_id=pl.concat_str("platform", "entity_id", separator="\x1f"))
        markets.append((market.shops, known))

    def machine(levels: Sequence[int]) -> Baseline:
        return trained(
            [
                (
                    shops,
                    shops["entity_id"].is_in(
                        known.filter(pl.col("level").is_in(levels))["entity_id"].implode()
                    ),
                )
                for shops, known in markets
            ]
        )

    return {
        "isolation forest": IsolationForest(),
        "gradient boosting": machine((1, 2, 3)),
        "gradient boosting, level 3 held out": machine((1, 2)),
    }


def rows_of(market: Market, names: Sequence[str], machines: Mapping[str, Baseline]) -> list[Row]:
    """How every way of ranking did on one market."""
    guilty = market.truth.entities.filter(pl.col("detector").is_in(list(names)))
    found: list[Row] = []
    plain = plain_methods(market, machines) if "brushing" in names else ()
    everything = {str(kind): frame for (kind,), frame in market.entities.group_by("entity")}
    for method, frame in chain(methods(market, names), plain):
        ranked = frame.partition_by("detector", "entity", as_dict=True)
        for key, sought in guilty.partition_by("detector", "entity", as_dict=True).items():
            if (listed := ranked.get(key)) is not None or method == "detector":
                kind = everything[str(key[1])]
                found += evaluate(
                    (sought, market.truth.twins),
                    frame.clear() if listed is None else listed,
                    kind,
                    CAPACITY,
                    method=method,
                    seed=market.seed,
                )
    return [row for row in found if _told(row)]


def _told(row: Row) -> bool:
    """Signals by themselves are told over all levels only, or the tables would hide what matters."""
    return row.level == ALL or not row.method.startswith("signal ")


def main(arguments: Sequence[str] | None = None) -> int:
    """Ask about every seed and write the tables."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seeds", default=f"{REPORTED.start}-{REPORTED.stop - 1}", help="101-110")
    given.add_argument("--orders", type=int, default=ORDERS)
    given.add_argument("--detector", action="append", choices=NAMES)
    given.add_argument("--out", type=Path, default=Path("docs/evaluation/detection.md"))
    given.add_argument("--keep", type=Path, help="a file that gets every figure as JSON Lines")
    chosen = given.parse_args(arguments)
    first, _, last = chosen.seeds.partition("-")
    names = chosen.detector or NAMES
    machines = learnt(chosen.orders) if "brushing" in names else {}
    rows: list[Row] = []
    for seed in range(int(first), int(last or first) + 1):
        market = asked(seed, chosen.orders, names)
        rows += rows_of(market, names, machines)
        sys.stderr.write(f"seed {seed}: {len(market.leads)} leads in {market.seconds:.0f} s\n")
        if chosen.keep:
            with chosen.keep.open("a", encoding="utf-8") as kept:
                kept.writelines(json.dumps(asdict(row)) + "\n" for row in rows if row.seed == seed)
    write(rows, chosen.out, NOTE.format(orders=chosen.orders, seeds=chosen.seeds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
