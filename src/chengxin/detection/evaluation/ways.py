"""Every way of ranking on one market: the detectors' own, each signal by itself, and methods that aren't
ours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from chengxin.detection.detectors import detector
from chengxin.detection.evaluation.baselines import Baseline
from chengxin.detection.evaluation.baselines.fraudar import Fraudar
from chengxin.detection.evaluation.baselines.learned import IsolationForest
from chengxin.detection.evaluation.graphs import APART, GRAPHS
from chengxin.detection.evaluation.machines import Taught
from chengxin.detection.evaluation.markets import KEY, NAMED, Asked, Market, Pair, scores
from chengxin.detection.evaluation.table import Row, evaluate

CAPACITY = {
    "seller": 20, "buyer": 100, "rating": 100, "order": 100, "waybill": 100, "courier": 10, "domain": 10,
    "product": 50, "account": 10,
}  # fmt: skip
"""How many of each kind an office looks at a day: the page says how these come about."""

OURS, TREES, FOREST, UNSEEN = (
    "detector",
    "gradient boosting",
    "isolation forest",
    "gradient boosting, held out",
)
NOBODY = pl.DataFrame(schema={"buyer_id": pl.String, "seller_id": pl.String})


def rows_of(market: Market, names: Sequence[str], trees: Mapping[Pair, Taught]) -> list[Row]:
    """How every way of ranking did: on the whole market, on what was held out, and on each half of it."""
    found = []
    for method, frame in ranked(market.whole, names, trees):
        found += _measured(market.whole, market.seed, method, frame, apart=not method.startswith("signal "))
    for what, value, frame in _unseen(market.whole, trees):
        rows = _measured(market.whole, market.seed, UNSEEN, frame)
        found += [row for row in rows if (row.level if what == "level" else row.kind) == value]
    for period, half in market.halves.items():
        early = {pair: taught.early for pair, taught in trees.items() if taught.early is not None}
        for method, frame in ((OURS, scores(half.leads)), (TREES, _by_machine(half, early))):
            rows = _measured(half, market.seed, method, frame, apart=False)
            found += [replace(row, period=period) for row in rows]
    return found


def ranked(
    asked: Asked, names: Sequence[str], trees: Mapping[Pair, Taught]
) -> Iterator[tuple[str, pl.DataFrame]]:
    """The ways [detector, entity, platform, entity_id, score], by name."""
    yield OURS, scores(asked.leads)
    for name in names:
        mine = [one for one in asked.leads if one.detector == name]
        for signal in detector(name).signals:
            frame = scores(mine, signal.name)
            if frame.height:
                yield f"signal {signal.name}", frame
    yield FOREST, _by_machine(asked, dict.fromkeys(asked.features, IsolationForest()))
    yield TREES, _by_machine(asked, {pair: taught.whole for pair, taught in trees.items()})
    yield "FRAUDAR", _by_graph(asked)


def _unseen(asked: Asked, trees: Mapping[Pair, Taught]) -> Iterator[tuple[str, int | str, pl.DataFrame]]:
    for pair, taught in trees.items():
        for (what, value), machine in taught.without.items():
            yield what, value, _by_machine(asked, {pair: machine})


def _by_machine(asked: Asked, machines: Mapping[Pair, Baseline]) -> pl.DataFrame:
    """The ranking of everything that a machine knows about; nothing of what it doesn't."""
    frames = [scores(())]
    for (name, entity), machine in machines.items():
        if (table := asked.features.get((name, entity))) is not None:
            score = machine.score(table, NOBODY).cast(pl.Float64)
            frames.append(_of(name, entity, table.select(KEY), score))
    return pl.concat(frames)


def _by_graph(asked: Asked) -> pl.DataFrame:
    frames = [scores(())]
    for name, graph in asked.graph.items():
        for side, ranking in Fraudar().sides(graph).items():
            if side in GRAPHS[name].sides:
                parts = ranking["entity_id"].str.split_exact(APART, 1).struct
                names = pl.DataFrame(
                    {"platform": parts.field("field_0"), "entity_id": parts.field("field_1")}
                )
                frames.append(_of(name, side, names, ranking["score"]))
    return pl.concat(frames).join(asked.entities, on=NAMED, how="semi")


def _of(name: str, entity: str, names: pl.DataFrame, score: pl.Series) -> pl.DataFrame:
    return names.select(
        pl.lit(name).alias("detector"), pl.lit(entity).alias("entity"), *KEY, score.alias("score")
    )


def _measured(asked: Asked, seed: int, method: str, frame: pl.DataFrame, *, apart: bool = True) -> list[Row]:
    """Rows of a way for every pair about which it says something, of the detectors for every pair."""
    found: list[Row] = []
    lists = frame.partition_by("detector", "entity", as_dict=True)
    kinds = asked.entities.partition_by("entity", as_dict=True)
    sought = asked.truth.entities.partition_by("detector", "entity", as_dict=True)
    for pair, guilty in sorted(sought.items()):
        if (listed := lists.get(pair)) is None and method != OURS:
            continue
        mine = (pl.col("detector") == pair[0]) & (pl.col("entity") == pair[1])
        aside = asked.aside.filter(mine)
        everything = kinds[(pair[1],)].join(aside, on=NAMED, how="anti", nulls_equal=True)
        listed = (
            frame.clear() if listed is None else listed.join(aside, on=NAMED, how="anti", nulls_equal=True)
        )
        found += evaluate(
            (guilty, asked.truth.twins), listed, everything, CAPACITY, method=method, seed=seed, apart=apart
        )
    return found
