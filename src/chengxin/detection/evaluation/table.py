"""Leads against the truth, run by run: one row of figures for each way of ranking and group of guilty."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from chengxin.detection.evaluation.metrics import (
    average_precision,
    false_alarms,
    found_at,
    precision_at,
    roc_auc,
)

ALL = 0  # the level that stands for all levels together
KEY = ("platform", "entity_id")


@dataclass(frozen=True)
class Row:
    """How one method did on one run: a detector, an entity kind, and a group of the guilty.

    The group is a level (0: all together) or a kind of scheme (empty: all), in the whole market or in one of
    its `period`s. `orders` is the size of the market.
    """

    detector: str
    entity: str
    level: int
    method: str
    seed: int
    ap: float
    auc: float
    precision_at_capacity: float
    capacity: int
    sought: int
    entities: int
    found: float
    twins: Mapping[str, float] = field(default_factory=dict)
    kind: str = ""
    period: str = ""
    orders: int = 0


def evaluate(
    truth: tuple[pl.DataFrame, pl.DataFrame],
    leads: pl.DataFrame,
    entities: pl.DataFrame,
    capacity: int | Mapping[str, int],
    *,
    method: str = "detector",
    seed: int = 0,
    apart: bool = True,
) -> list[Row]:
    """Rows for each detector and entity kind of the truth: all guilty together, and `apart` each level and,
    where there are several, each kind of scheme.

    `truth`: the guilty [detector, entity, platform, entity_id, scheme, kind, level] and the honest twins
    [entity, platform, entity_id, twin]; `leads` [detector, entity, platform, entity_id, score], one a listed
    entity (of several the highest counts); `entities` [entity, platform, entity_id], everything that could
    have been listed; `capacity`: places that an office can look at, one number or one for each entity kind.
    A platform may be null. A level or kind is measured against the honest alone.
    Raises ValueError when a guilty entity or a lead is not among the entities.
    """
    guilty, twins = truth
    everything = entities.select("entity", *KEY).unique()
    _known(guilty, everything, "truth")
    _known(leads, everything, "leads")
    rows = []
    for (detector, entity), sought in sorted(guilty.group_by("detector", "entity")):
        listed = leads.filter(pl.col("detector") == detector, pl.col("entity") == entity)
        alike = twins.filter(pl.col("entity") == entity).group_by(KEY).agg(pl.col("twin").sort().first())
        of = sought.group_by(KEY).agg(pl.col("level", "kind").unique())
        frame = everything.filter(pl.col("entity") == entity)
        for more in (listed.group_by(KEY).agg(pl.col("score").max()), of, alike):
            frame = frame.join(more, on=KEY, how="left", nulls_equal=True)
        places = capacity if isinstance(capacity, int) else capacity[str(entity)]
        kinds = sought["kind"].unique().sort()
        groups: list[tuple[int, str]] = [(ALL, "")]
        if apart:
            groups += [(int(level), "") for level in sought["level"].unique().sort()]
            groups += [(ALL, str(kind)) for kind in kinds if len(kinds) > 1]
        about = {"detector": str(detector), "entity": str(entity), "method": method, "seed": seed}
        for level, kind in groups:
            honest = pl.col("level").is_null()
            among = frame.filter(honest | _of("level", level) | _of("kind", kind)) if level or kind else frame
            rows.append(_row(among, capacity=places, level=level, kind=kind, **about))
    return rows


def _known(rows: pl.DataFrame, everything: pl.DataFrame, name: str) -> None:
    strange = rows.join(everything, on=["entity", *KEY], how="anti", nulls_equal=True)
    if strange.height:
        first = strange.row(0, named=True)
        raise ValueError(
            f"{name}：{first['entity']} {first['entity_id']} 不在所评对象之列；"
            f"{name}: {first['entity']} {first['entity_id']} is not among the entities"
        )


def _of(column: str, value: int | str) -> pl.Expr:
    return pl.col(column).list.contains(value).fill_null(value=False)


def _row(frame: pl.DataFrame, *, capacity: int, **about: Any) -> Row:
    frame = frame.with_columns(sought=pl.col("level").is_not_null())
    listed, unlisted = frame.filter(pl.col("score").is_not_null()), frame.filter(pl.col("score").is_null())
    scores, truth = listed["score"].to_numpy(), listed["sought"].to_numpy()
    missed = int(unlisted["sought"].sum())
    twins = listed.select(pl.when(~pl.col("sought")).then("twin"))["twin"].to_list()
    kinds = frame.filter(~pl.col("sought"))["twin"].drop_nulls().unique()
    # No list can be better than all that there is to find: a level with four guilty is asked for four.
    capacity = min(capacity, int(truth.sum()) + missed) or capacity
    return Row(
        ap=average_precision(scores, truth, missed),
        auc=roc_auc(scores, truth, missed, unlisted.height - missed),
        precision_at_capacity=precision_at(scores, truth, capacity),
        capacity=capacity,
        sought=int(frame["sought"].sum()),
        entities=frame.height,
        found=found_at(scores, truth, capacity),
        twins=dict.fromkeys(sorted(kinds), 0.0) | false_alarms(scores, twins, capacity),
        **about,
    )
