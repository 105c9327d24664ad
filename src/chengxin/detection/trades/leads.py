"""From what speaks against shops and buyers to leads: evidence weighed, words chosen, rows to look at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.declaring import EVIDENCE, Lead, Seen, Signal
from chengxin.detection.statistics.surprise import as_score
from chengxin.detection.trades.odd_orders import HONEST_TOO, able, named_orders, odd_orders, shops_of
from chengxin.detection.trades.shop_rings import Rings, found_rings, learnt_from, shop_counts
from chengxin.detection.views import SELLER
from chengxin.lake.reading import Lake

MOST_OF_KIND = 3.0
"""One witness convinces no further than one in a thousand: a second kind must be heard."""

HALF = 4.5
"""Evidence (decades of chance) that makes a score of 0.5: more than any one kind can bring."""

SPEAKS = 1.3
"""A test tells a ring's people from other customers when the ring stands out in it by so many decades."""

BELONGS = 0.05
"""A customer who belongs to a ring with less than this probability is no lead."""

INHERITED = 0.6
"""How much of a ring's evidence each member inherits; the rest is what is seen about the member."""

TIED = 1.0
"""What a tie between shops counts, at most, where their orders are like any others."""

LEAST = 0.3
"""Evidence below this is everyday chance, and no lead."""

DOUBTFUL = 0.15
"""What a shop's evidence counts that many shops would show by chance: a question for the end of the list."""

LOOKED_AT = 4 * EVIDENCE
"""The oddest orders of an entity, out of which the waybills and accounts to look at are taken."""

STANDS_OUT = 3.0
"""A shop whose own evidence goes so far beyond the number of shops is a ring of one: its customers are
looked at."""


def leads(lake: Lake, signals: Mapping[str, Signal]) -> list[Lead]:
    """The leads of the detector; `signals` are those that the lake allows."""
    rows = odd_orders(lake)
    tests = tuple(name for name in able(lake) if name in signals)
    by_shop = shop_counts(lake, rows, tests)
    if by_shop.is_empty():
        return []
    counts = learnt_from(by_shop, tests)
    alone = counts.judge(by_shop, SELLER).with_columns(own=_evidence(signals, tests))
    # The oddest of many shops is odd by chance: what stands alone must be rarer than that.
    beyond = pl.col("own") - np.log10(alone.height)
    alone = alone.with_columns(own=pl.max_horizontal(beyond, pl.col("own") * DOUBTFUL))
    rings = found_rings(lake, rows, counts, by_shop, alone.filter(pl.col("own") >= STANDS_OUT))
    shops = _shops(alone, rings, signals, tests).join(shops_of(lake), on=SELLER)
    found = [one for one in (shops, _buyers(rings, signals, tests)) if not one.is_empty()]
    oddest = [_oddest(lake, rows, one, tuple(signals)) for one in found]
    told, names = _told(lake, oddest), _named(rings)
    return [
        lead
        for one, odd in zip(found, oddest, strict=True)
        for lead in _worded(one, odd.join(told, on="order"), signals, names)
    ]


def shop_features(lake: Lake) -> pl.DataFrame:
    """Every shop with the surprise and the value of every test: what other ways of ranking are given, too."""
    tests = able(lake)
    by_shop = shop_counts(lake, odd_orders(lake), tests)
    judged = learnt_from(by_shop, tests).judge(by_shop, SELLER)
    return judged.select(*SELLER, *tests, *(f"{name}_value" for name in tests))


def _evidence(signals: Mapping[str, Signal], names: tuple[str, ...]) -> pl.Expr:
    """The strongest signal of each kind, no kind beyond its limit, and the kinds added up.

    What the honest show as well (one address, one network) at most doubles what something else raised.
    """
    raised = _by_kind(signals, tuple(name for name in names if name not in HONEST_TOO))
    return raised + pl.min_horizontal(_by_kind(signals, names) - raised, raised)


def _by_kind(signals: Mapping[str, Signal], names: tuple[str, ...]) -> pl.Expr:
    kinds: dict[str, list[pl.Expr]] = {}
    for name in names:
        signal = signals[name]
        weighed = pl.col(name).clip(upper_bound=MOST_OF_KIND) * signal.weight
        kinds.setdefault(signal.kind, []).append(weighed)
    if not kinds:
        return pl.lit(0.0)
    return pl.sum_horizontal([pl.max_horizontal(some) for _, some in sorted(kinds.items())])


def _shops(
    alone: pl.DataFrame, rings: Rings | None, signals: Mapping[str, Signal], tests: tuple[str, ...]
) -> pl.DataFrame:
    """Every shop with evidence: by itself, or as a member of a ring where that is more."""
    plain = alone.with_columns(evidence=pl.col("own"), ring=pl.lit(None, pl.Int64))
    if rings is None:
        return plain.filter(pl.col("evidence") >= LEAST)
    whole = rings.rings.select("ring", inherited=_evidence(signals, tests))
    tie = pl.col("structure")
    members = (
        rings.shops.with_columns(own=_evidence(signals, tests))
        .join(whole, on="ring", how="left")
        .with_columns(
            own=_tied(pl.col("own"), tie),
            inherited=_tied(pl.col("inherited").fill_null(0.0), tie.max().over("ring")),
        )
        .with_columns(evidence=INHERITED * pl.col("inherited") + (1 - INHERITED) * pl.col("own"))
    )
    both = pl.concat(
        [members.select(*_columns(members, tests)), plain.select(*_columns(plain, tests))], how="diagonal"
    )
    best = both.sort("evidence", pl.col("ring").is_null(), descending=[True, False]).unique(
        SELLER, keep="first", maintain_order=True
    )
    return best.filter(pl.col("evidence") >= LEAST)


def _tied(evidence: pl.Expr, structure: pl.Expr) -> pl.Expr:
    """Evidence out of orders, beside how shops are tied, which at most doubles it: fans and neighbours are
    tied as well. By itself a tie is a question for the end of the list."""
    tie = structure.clip(upper_bound=MOST_OF_KIND)
    return evidence + pl.min_horizontal(tie, pl.max_horizontal(evidence, pl.lit(TIED)))


def _buyers(rings: Rings | None, signals: Mapping[str, Signal], tests: tuple[str, ...]) -> pl.DataFrame:
    """Customers of a ring, as far as they are likelier to belong to it than to have come by chance.

    A mixture of two: whoever belongs fails each test as often as the core of the ring does, everybody
    else as often as is usual here. One test speaks for each kind: the one by which the ring stands out
    most.
    """
    if rings is None:
        return pl.DataFrame()
    whole = rings.rings.select(
        "ring",
        *(pl.col(name).alias(f"ring_{name}") for name in tests),
        *(pl.col(f"{name}_value").alias(f"ring_{name}_value") for name in tests),
        inherited=_evidence(signals, tests),
    )
    ties = rings.shops.group_by("ring").agg(tie=pl.col("structure").max().clip(upper_bound=MOST_OF_KIND))
    found = rings.buyers.join(whole, on="ring", how="inner").join(ties, on="ring", how="left")
    kinds: dict[str, list[str]] = {}
    for name in tests:
        kinds.setdefault(signals[name].kind, []).append(name)
    ratio = pl.sum_horizontal([_ratio(names, signals) for _, names in sorted(kinds.items())])
    share = pl.col("share").clip(0.002, 0.5)
    odds = ratio + pl.col("structure") + (share / (1 - share)).log10()
    return (
        found.with_columns(belongs=1 / (1 + 10.0 ** (-odds.clip(-30, 30))))
        .with_columns(evidence=pl.col("belongs") * _tied(pl.col("inherited"), pl.col("tie").fill_null(0.0)))
        .filter(pl.col("belongs") >= BELONGS, pl.col("evidence") >= LEAST)
        .sort("evidence", descending=True)
        .unique("buyer", keep="first", maintain_order=True)
    )


def _ratio(names: list[str], signals: Mapping[str, Signal]) -> pl.Expr:
    """Decades by which a buyer's orders are likelier in the ring than elsewhere, by the ring's telling
    test."""
    telling = pl.max_horizontal([pl.col(f"ring_{name}") * signals[name].weight for name in names])
    found = pl.lit(0.0)
    for name in names:
        rows, hits = pl.col(f"{name}_rows"), pl.col(f"{name}_rows") * pl.col(f"{name}_value")
        usual = pl.col(f"{name}_baseline").clip(0.002, 0.9)
        theirs = pl.col(f"ring_{name}_value").clip(0.01, 0.9)
        one = hits * (theirs / usual).log10() + (rows - hits) * ((1 - theirs) / (1 - usual)).log10()
        speaks = (pl.col(f"ring_{name}") * signals[name].weight == telling) & (telling > SPEAKS)
        found = pl.when(speaks & (found == 0)).then(one.clip(-2.0, 4.0)).otherwise(found)
    return found


def _columns(frame: pl.DataFrame, tests: tuple[str, ...]) -> list[str]:
    kept = [*SELLER, "ring", "evidence", "structure", "structure_value", "structure_baseline"]
    kept += [column for name in tests for column in (name, f"{name}_value", f"{name}_baseline")]
    return [name for name in kept if name in frame.columns]


def _worded(
    entities: pl.DataFrame, oddest: pl.DataFrame, signals: Mapping[str, Signal], names: Mapping[int, str]
) -> list[Lead]:
    """The leads about one kind of entity (`shop` or `buyer`), with the rows that an inspector looks at
    first."""
    key, entity = _kind(entities)
    tie = signals["shared_buyers" if entity == "seller" else "ring_shops"]
    joined = entities.select(pl.exclude(*SELLER)).join(_evidence_of(oddest), on=key)
    scores = as_score(joined["evidence"].to_numpy(), HALF)
    return [
        Lead(
            detector="brushing",
            entity=entity,
            entity_id=row[f"{entity}_id"],
            platform=row["platform"],
            score=float(score),
            window=(row["since"] or 0, row["until"] or 0),
            signals=tuple(_seen(row, signals, tie)),
            orders=row["orders"] or (),
            waybills=row["waybills"] or (),
            accounts=row["accounts"] or (),
            ring=names.get(row["ring"]),
        )
        for row, score in zip(joined.iter_rows(named=True), scores, strict=True)
    ]


def _named(rings: Rings | None) -> dict[int, str]:
    """Each ring by its oldest name: that of its first shop. A ring of one has none."""
    if rings is None:
        return {}
    shops = rings.shops.sort(*SELLER).group_by("ring", maintain_order=True).agg(pl.len(), pl.first(*SELLER))
    return {
        row["ring"]: f"brushing:{row['platform']}:{row['seller_id']}"
        for row in shops.iter_rows(named=True)
        if row["len"] > 1
    }


def _seen(row: Mapping[str, object], signals: Mapping[str, Signal], tie: Signal) -> list[Seen]:
    """What was odd, the strongest first; a member of a ring about whom nothing else is odd has the ring
    itself."""
    found: list[tuple[float, Seen]] = []
    if _number(row, "structure") > 0:
        found.append(
            (
                _number(row, "structure"),
                tie.seen(_number(row, "structure_value"), _number(row, "structure_baseline")),
            )
        )
    for name, signal in signals.items():
        if _number(row, name) > 1:
            seen = signal.seen(_number(row, f"{name}_value"), _number(row, f"{name}_baseline"))
            found.append((_number(row, name) * signal.weight, seen))
    if not found:
        return [tie.seen(_number(row, "structure_value"), _number(row, "structure_baseline"))]
    return [one for _, one in sorted(found, key=lambda pair: (-pair[0], pair[1].signal.name))]


def _number(row: Mapping[str, object], name: str) -> float:
    value = row.get(name)
    return float(value) if isinstance(value, int | float) else 0.0


def _kind(entities: pl.DataFrame) -> tuple[str, str]:
    """The column that holds the entities' numbers, and what a lead calls them."""
    return ("shop", "seller") if "shop" in entities.columns else ("buyer", "buyer")


def _oddest(lake: Lake, rows: ir.Table, entities: pl.DataFrame, tests: tuple[str, ...]) -> pl.DataFrame:
    """The oddest orders of each entity: its number, order, created_at, odd (how many tests it fails), and
    from when (`since`) until when the entity's odd orders are."""
    key, _ = _kind(entities)
    known = [name for name in tests if name in rows.columns]
    odd = sum((rows[name].fill_null(False).cast("int64") for name in known), start=rows.created_at * 0)
    mine = rows.mutate(odd=odd).semi_join(lake.given(entities.select(key).unique(), f"brushing_{key}"), key)
    found = lake.rows(mine.select(key, "order", "created_at", "odd"))
    odd_ones = pl.col("created_at").filter(pl.col("odd") > 0)
    windows = found.group_by(key).agg(
        since=odd_ones.min().fill_null(pl.col("created_at").min()),
        until=odd_ones.max().fill_null(pl.col("created_at").max()),
    )
    oddest = pl.struct(-pl.col("odd").cast(pl.Int64), "created_at").rank("min").over(key) <= LOOKED_AT
    return found.filter(oddest).join(windows, on=key)


def _told(lake: Lake, oddest: list[pl.DataFrame]) -> pl.DataFrame:
    """These orders as the lake names them."""
    named = named_orders(lake)
    asked = pl.concat([pl.DataFrame(schema={"order": pl.Int64}), *(one.select("order") for one in oddest)])
    return lake.rows(named.semi_join(lake.given(asked.unique(), "brushing_orders"), "order"))


def _evidence_of(oddest: pl.DataFrame) -> pl.DataFrame:
    """For each entity its name, its oddest orders first, with their waybills and the other side's
    accounts."""
    key, entity = _kind(oddest)
    other = "buyer_id" if entity == "seller" else "seller_id"
    return (
        oddest.sort("odd", "created_at", "order_id", descending=[True, False, False])
        .group_by(key, maintain_order=True)
        .agg(
            pl.col("platform", f"{entity}_id", "since", "until").first(),
            orders=pl.col("order_id").head(EVIDENCE),
            waybills=pl.col("waybill_no").drop_nulls().head(EVIDENCE),
            accounts=pl.col(other).unique(maintain_order=True).head(EVIDENCE),
        )
    )
