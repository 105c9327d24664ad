"""From scores to a decision: taken for a subject, put before a steward, or new."""

from __future__ import annotations

import polars as pl

from chengxin.registry.matching.thresholds import Thresholds


def decide(scores: pl.DataFrame, limits: Thresholds) -> pl.DataFrame:
    """One row each left row of `score_pairs`: `left_id, right_id, probability, decision`.

    decision: "accept" when the best candidate reaches `limits.accept` and no other does, since one
    description is of one subject; "queue" when the best reaches `limits.queue`; else "new". A left row
    without candidates has no row here: it is new too.
    """
    clear = (pl.col("probability") >= limits.accept) & (pl.col("rivals") == 1)
    return (
        scores.with_columns(rivals=(pl.col("probability") >= limits.accept).sum().over("left_id"))
        .sort("left_id", "probability", "right_id", descending=[False, True, False])
        .group_by("left_id", maintain_order=True)
        .first()
        .select(
            "left_id",
            "right_id",
            "probability",
            decision=pl.when(clear)
            .then(pl.lit("accept"))
            .when(pl.col("probability") >= limits.queue)
            .then(pl.lit("queue"))
            .otherwise(pl.lit("new")),
        )
    )
