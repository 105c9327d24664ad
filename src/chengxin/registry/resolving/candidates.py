"""Subjects that a name may mean: equal names and names that share a blocking key, for many names at once."""

from __future__ import annotations

from typing import Any

import polars as pl
from psycopg import Cursor

from chengxin.registry.names import blocking_keys, normalised

EACH = 40
"""Candidates that are looked at for one name; those with the equal name come first."""

_SLICE = 1_000
_SUBJECT = {"kind": pl.String, "name": pl.String, "region": pl.String}
_FIND = f"""
    SELECT q.n, c.id, c.kind, c.name, c.region
    FROM unnest(%s::int[], %s::text[], %s::text[]) AS q(n, normalised, keys) CROSS JOIN LATERAL (
        (SELECT s.id, s.kind, s.name, s.region, s.merged_into_id FROM registry_subject s
         WHERE s.normalised = q.normalised LIMIT {EACH})
        UNION
        (SELECT s.id, s.kind, s.name, s.region, s.merged_into_id FROM registry_subject s
         WHERE s.tokens && string_to_array(q.keys, '|') LIMIT {EACH})
    ) c WHERE c.merged_into_id IS NULL"""

# The limit keeps the planner from hashing the whole table for a few names.
_NAMESAKES = f"""
    WITH named AS MATERIALIZED (
        SELECT s.normalised, s.id, s.kind, s.name, s.region
        FROM unnest(%s::text[]) AS q(normalised) CROSS JOIN LATERAL (
            SELECT s.normalised, s.id, s.kind, s.name, s.region FROM registry_subject s
            WHERE s.normalised = q.normalised AND s.merged_into_id IS NULL AND s.kind <> 'natural_person'
            LIMIT {EACH}
        ) s
    )
    SELECT n.*, ARRAY(SELECT i.scheme FROM registry_identifier i WHERE i.subject_id = ANY(
        n.id || ARRAY(SELECT m.id FROM registry_subject m WHERE m.merged_into_id = n.id)
    )) FROM named n"""


def candidates_by_name(cursor: Cursor[Any], names: pl.Series) -> pl.DataFrame:
    """The subjects that each name may mean: `left_id` (its place in `names`), `right_id`, kind, name, region.

    Merged subjects are left out: the one into which they were merged stands for them.
    """
    asked = pl.DataFrame(
        {
            "n": pl.int_range(len(names), dtype=pl.Int32, eager=True),
            "keys": blocking_keys(names).list.join("|"),
        }
    ).with_columns(pl.DataFrame({"name": names}).select(normalised=normalised(pl.col("name"))).to_series())
    # What was just written lies in a list that every look-up would walk through.
    cursor.execute("SELECT gin_clean_pending_list('subject_tokens')")
    found: list[tuple[Any, ...]] = []
    for part in asked.iter_slices(_SLICE):
        given = [part["n"].to_list(), part["normalised"].to_list(), part["keys"].to_list()]
        found += cursor.execute(_FIND.encode(), given).fetchall()
    return pl.DataFrame(found, schema={"left_id": pl.Int64, "right_id": pl.Int64, **_SUBJECT}, orient="row")


def namesakes(cursor: Cursor[Any], names: pl.Series, schemes: pl.Series) -> pl.DataFrame:
    """The same for names that come with codes which nobody has: subjects of equal name.

    schemes: the kinds of codes that come with each name (lists). A subject that has another code of one of
    these kinds is another subject; so is a natural person, of whom a name says too little.
    """
    asked = pl.DataFrame({"schemes": schemes, "name": names}).with_row_index("left_id")
    asked = asked.select(pl.col("left_id").cast(pl.Int64), "schemes", normalised=normalised(pl.col("name")))
    found = cursor.execute(_NAMESAKES.encode(), [asked["normalised"].unique().to_list()]).fetchall()
    held = pl.DataFrame(
        found,
        schema={"normalised": pl.String, "right_id": pl.Int64, **_SUBJECT, "held": pl.List(pl.String)},
        orient="row",
    )
    pairs = asked.join(held, on="normalised", how="inner")
    apart = pairs.filter(pl.col("schemes").list.set_intersection("held").list.len() == 0)
    return apart.select("left_id", "right_id", *_SUBJECT)
