"""How probable it is that two descriptions are of one subject, with the reasons: Splink on DuckDB, pair by
pair.

The one place that touches Splink. Pairs come from the caller (the registry finds them by blocking keys) or,
within memory, from `candidates`. Each thread keeps one DuckDB connection, and Splink's SQL is made once for
each model.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from chengxin.registry import names
from chengxin.registry.matching.comparisons import BY_ID, COMPARISONS, Comparison
from chengxin.registry.matching.features import prepared
from chengxin.registry.matching.parameters import Parameters, dump, levels_by_number, parameters

if TYPE_CHECKING:
    from splink import DuckDBAPI

MOST_CANDIDATES = 20  # per description; what shares more keys comes first
_COMMONEST_KEY = 500  # a key that more subjects share tells nothing and only costs

logging.getLogger("splink").setLevel(logging.ERROR)  # it reports progress at INFO
_thread = threading.local()
_PRIOR = ("prior", "未比较前", "before anything is compared")


def score_pairs(
    left: pl.DataFrame,
    right: pl.DataFrame,
    pairs: pl.DataFrame | None = None,
    *,
    model: Parameters | None = None,
) -> pl.DataFrame:
    """Score pairs of descriptions: `left_id, right_id, probability, evidence`, best first for each left row.

    left, right: `id` (unique) and those known of `kind, name, region, legal_person, phone, address`; phone
    may be a keyed hash if it is one on both sides. pairs: `left_id, right_id`; None compares those that
    `candidates` finds. evidence is JSON: a list of what each comparison came to, `{"comparison", "zh", "en",
    "level", "level_zh",
    "level_en", "weight"}`, weights in bits, beginning with the prior; their sum is the log2 of the odds.
    """
    gammas = compared(left, right, pairs, model=model)
    model = model or parameters()
    evidence = pl.concat_str(
        pl.lit("[" + _fragment("prior", "先验", "Prior", level=_PRIOR, weight=model.prior_weight())),
        *(
            pl.lit(",") + pl.col(f"gamma_{c.id}").replace_strict(_fragments(c, model), return_dtype=pl.String)
            for c in COMPARISONS
        ),
        pl.lit("]"),
    )
    return gammas.select("left_id", "right_id", "probability", evidence=evidence).sort(
        "left_id", "probability", "right_id", descending=[False, True, False]
    )


def compared(
    left: pl.DataFrame,
    right: pl.DataFrame,
    pairs: pl.DataFrame | None = None,
    *,
    model: Parameters | None = None,
) -> pl.DataFrame:
    """The level that each pair reaches in each comparison (`gamma_<comparison>`, -1 where unknown), and
    `probability`.
    """
    if pairs is None:
        pairs = candidates(left, right)
    numbered = pairs.select("left_id", "right_id").with_row_index("pair")
    sides = [
        numbered.select("pair", id=side)
        .join(prepared(frame), on="id", how="inner", maintain_order="left")
        .drop("id")
        for side, frame in (("left_id", left), ("right_id", right))
    ]
    wanted = [f"gamma_{comparison.id}" for comparison in COMPARISONS]
    return (
        _splink_scores(sides[0], sides[1], model or parameters())
        .join(numbered, left_on="pair_l", right_on="pair")
        .sort("pair_l")
        .select("left_id", "right_id", pl.col("match_probability").alias("probability"), *wanted)
    )


def _splink_scores(left: pl.DataFrame, right: pl.DataFrame, model: Parameters) -> pl.DataFrame:
    """Splink's own answer for rows of equal `pair`, without the columns that went in."""
    from splink import SettingsCreator  # noqa: PLC0415 - half of a command's start, for those who match nothing
    from splink.internals.realtime import compare_records  # noqa: PLC0415 - its door for ready-made pairs

    with _database() as api:
        result = compare_records(
            left.to_arrow(),
            right.to_arrow(),
            SettingsCreator.from_path_or_dict(model.splink_settings()),
            api,
            sql_cache_key=f"chengxin {dump(model)}",
            join_condition="l.pair = r.pair",
        )
        relation = result.as_duckdbpyrelation()
        kept = [c for c in relation.columns if c in ("pair_l", "match_probability") or c.startswith("gamma_")]
        scores: pl.DataFrame = relation.select(*kept).pl()
        result.drop_table_from_database_and_remove_from_cache(force_non_splink_table=True)
        return scores


@contextmanager
def _database() -> Iterator[DuckDBAPI]:
    """This thread's in-memory DuckDB, opened once: opening costs as much as scoring a pair.

    After an error it is thrown away, with whatever was half done in it.
    """
    from splink import DuckDBAPI  # noqa: PLC0415 - see above

    if not hasattr(_thread, "api"):
        _thread.api = DuckDBAPI(duckdb.connect(":memory:"))
    api: DuckDBAPI = _thread.api
    try:
        yield api
        _forget_inputs(api.duckdb_con)
    except BaseException:
        del _thread.api
        api.duckdb_con.close()
        raise


def _forget_inputs(connection: duckdb.DuckDBPyConnection) -> None:
    """Let go of the frames that Splink registered under names of its own, which it leaves behind."""
    left_over = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
    for (view,) in left_over:
        connection.unregister(view)


def _fragment(comparison: str, zh: str, en: str, *, level: tuple[str, str, str], weight: float) -> str:
    words = {"comparison": comparison, "zh": zh, "en": en}
    reached = dict(zip(("level", "level_zh", "level_en"), level, strict=True))
    return json.dumps({**words, **reached, "weight": round(weight, 4)}, ensure_ascii=False)


def _fragments(comparison: Comparison, model: Parameters) -> dict[int, str]:
    """Splink's number of each level → its piece of the evidence."""
    missing = _fragment(
        comparison.id,
        comparison.zh,
        comparison.en,
        level=("missing", "无从比较", "nothing to compare"),
        weight=0.0,
    )
    return {-1: missing} | {
        number: _fragment(
            comparison.id,
            comparison.zh,
            comparison.en,
            level=(level.id, level.zh, level.en),
            weight=model.weight(comparison, level),
        )
        for number, level in levels_by_number(comparison).items()
    }


def name_score(
    queries: pl.DataFrame,
    candidate_names: pl.DataFrame,
    pairs: pl.DataFrame | None = None,
    *,
    model: Parameters | None = None,
) -> pl.DataFrame:
    """Score names alone, for screening lists: `left_id, right_id, probability, level`, best first for each
    query.

    queries, candidate_names: `id`, `name`; pairs as in `score_pairs`. The probability is what `score_pairs`
    gives to the same names with everything else unknown, by the same table and parameters, without Splink's
    machinery between; `level` is a level of the comparison `name`.
    """
    model = model or parameters()
    if pairs is None:
        pairs = candidates(queries.select("id", "name"), candidate_names.select("id", "name"))
    comparison = BY_ID["name"]
    level = _case(comparison)
    sides = {
        "names_l": prepared(queries.select("id", "name").unique("id")),
        "names_r": prepared(candidate_names.select("id", "name").unique("id")),
        "name_pairs": pairs.select("left_id", "right_id"),
    }
    used = ("plain", "core", "sound", "stem", "near", "letters", "pairs", "branch", "place", "person")
    both = ", ".join(f"{side}.{c} AS {c}_{side}" for c in used for side in ("l", "r"))
    with _database() as api:
        for table, frame in sides.items():
            api.duckdb_con.register(table, frame.to_arrow())
        levels: pl.DataFrame = api.duckdb_con.sql(
            f"SELECT left_id, right_id, {level} AS level FROM (SELECT p.left_id, p.right_id, {both} "
            "FROM name_pairs p JOIN names_l l ON l.id = p.left_id JOIN names_r r ON r.id = p.right_id)"
        ).pl()
    prior = model.prior_weight()
    probabilities = {
        each.id: model.probability(prior + model.weight(comparison, each)) for each in comparison.levels
    } | {"missing": model.prior}
    return levels.select(
        "left_id",
        "right_id",
        pl.col("level").replace_strict(probabilities, return_dtype=pl.Float64).alias("probability"),
        "level",
    ).sort("left_id", "probability", "right_id", descending=[False, True, False])


def _case(comparison: Comparison) -> str:
    whens = [f"WHEN {comparison.missing} THEN 'missing'"]
    whens += [f"WHEN {level.condition} THEN '{level.id}'" for level in comparison.levels if level.condition]
    return f"CASE {' '.join(whens)} ELSE '{comparison.levels[-1].id}' END"


def candidates(left: pl.DataFrame, right: pl.DataFrame, *, most: int = MOST_CANDIDATES) -> pl.DataFrame:
    """The pairs worth scoring: `left_id, right_id`, at most `most` for each left row.

    Those that share a blocking key of their names or the phone, the more keys the better, rare keys before
    common. The same that the registry asks of its token index, in memory: for evaluation and for small lists.
    """
    sides = [_keys(frame) for frame in (left, right)]
    rarity = sides[1].group_by("key").agg(shared_by=pl.len()).filter(pl.col("shared_by") <= _COMMONEST_KEY)
    return (
        sides[0]
        .join(sides[1].join(rarity, on="key"), on="key", suffix="_r")
        .group_by("id", "id_r")
        .agg(strength=(1 / pl.col("shared_by")).sum())
        .sort("id", "strength", "id_r", descending=[False, True, False])
        .group_by("id", maintain_order=True)
        .head(most)
        .select(left_id="id", right_id="id_r")
    )


def _keys(frame: pl.DataFrame) -> pl.DataFrame:
    keys = frame.select("id", key=names.blocking_keys(frame["name"])).explode("key").drop_nulls("key")
    if "phone" not in frame.columns:
        return keys
    phones = frame.select("id", key=pl.concat_str(pl.lit("phone:"), pl.col("phone").cast(pl.String)))
    return pl.concat([keys, phones.drop_nulls("key")]).unique()
