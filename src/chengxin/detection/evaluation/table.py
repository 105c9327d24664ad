"""Leads against the truth, run by run, and the tables that say how good they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path

import polars as pl

from chengxin.detection.evaluation.metrics import (
    Mean,
    average_precision,
    false_alarms,
    found_at,
    over_runs,
    precision_at,
    roc_auc,
)

ALL = 0  # the level that stands for all levels together
KEY = ("platform", "entity_id")
HEAD = """# 线索模型评测 Evaluation of the supervision models

Means over the seeds with Student's 95 % intervals. Entities that a method doesn't list come last, tied;
guilty ones among them count as missed. A level is measured against the honest alone: the guilty of other
levels are left out of its list. *Places* is how many an office can look at; ties there count by expectation.
"""


@dataclass(frozen=True)
class Row:
    """How one method did on one run: a detector, an entity kind and a level (0: all together)."""

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


def evaluate(
    truth: tuple[pl.DataFrame, pl.DataFrame],
    leads: pl.DataFrame,
    entities: pl.DataFrame,
    capacity: int | Mapping[str, int],
    *,
    method: str = "detector",
    seed: int = 0,
) -> list[Row]:
    """Rows for each detector, entity kind and level of the truth, and for all levels together.

    `truth`: the guilty [detector, entity, platform, entity_id, scheme, kind, level] and the honest twins
    [entity, platform, entity_id, twin]; `leads` [detector, entity, platform, entity_id, score], one a listed
    entity (of several the highest counts); `entities` [entity, platform, entity_id], everything that could
    have been listed; `capacity`: places that an office can look at, one number or one for each entity kind.
    A platform may be null.
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
        frame = (
            everything.filter(pl.col("entity") == entity)
            .join(listed.group_by(KEY).agg(pl.col("score").max()), on=KEY, how="left", nulls_equal=True)
            .join(sought.group_by(KEY).agg(pl.col("level").unique()), on=KEY, how="left", nulls_equal=True)
            .join(alike, on=KEY, how="left", nulls_equal=True)
        )
        places = capacity if isinstance(capacity, int) else capacity[str(entity)]
        for level in (ALL, *sorted(sought["level"].unique())):
            among = frame if level == ALL else frame.filter(_of(level) | pl.col("level").is_null())
            rows.append(
                _row(
                    among,
                    detector=str(detector),
                    entity=str(entity),
                    level=int(level),
                    method=method,
                    seed=seed,
                    capacity=places,
                )
            )
    return rows


def _known(rows: pl.DataFrame, everything: pl.DataFrame, name: str) -> None:
    strange = rows.join(everything, on=["entity", *KEY], how="anti", nulls_equal=True)
    if strange.height:
        first = strange.row(0, named=True)
        raise ValueError(
            f"{name}：{first['entity']} {first['entity_id']} 不在所评对象之列；"
            f"{name}: {first['entity']} {first['entity_id']} is not among the entities"
        )


def _of(level: int) -> pl.Expr:
    return pl.col("level").list.contains(level).fill_null(value=False)


def _row(
    frame: pl.DataFrame, *, detector: str, entity: str, level: int, method: str, seed: int, capacity: int
) -> Row:
    frame = frame.with_columns(sought=pl.col("level").is_not_null())
    listed, unlisted = frame.filter(pl.col("score").is_not_null()), frame.filter(pl.col("score").is_null())
    scores, truth = listed["score"].to_numpy(), listed["sought"].to_numpy()
    missed = int(unlisted["sought"].sum())
    twins = listed.select(pl.when(~pl.col("sought")).then("twin"))["twin"].to_list()
    kinds = frame.filter(~pl.col("sought"))["twin"].drop_nulls().unique()
    # No list can be better than all that there is to find: a level with four guilty is asked for four.
    capacity = min(capacity, int(truth.sum()) + missed) or capacity
    return Row(
        detector,
        entity,
        level,
        method,
        seed,
        average_precision(scores, truth, missed),
        roc_auc(scores, truth, missed, unlisted.height - missed),
        precision_at(scores, truth, capacity),
        capacity,
        int(frame["sought"].sum()),
        frame.height,
        found_at(scores, truth, capacity),
        dict.fromkeys(sorted(kinds), 0.0) | false_alarms(scores, twins, capacity),
    )


def markdown(rows: Iterable[Row]) -> str:
    """The tables: for each detector and entity kind its figures, and the honest twins taken for guilty."""
    groups: dict[tuple[str, str], dict[tuple[int, str], list[Row]]] = {}
    for row in rows:
        groups.setdefault((row.detector, row.entity), {}).setdefault((row.level, row.method), []).append(row)
    parts = [HEAD]
    for (detector, entity), runs in sorted(groups.items()):
        parts += [f"## `{detector}`: {entity}\n", _ranking(runs), _alarms(runs)]
    return "\n".join(part for part in parts if part)


def _ranking(runs: Mapping[tuple[int, str], Sequence[Row]]) -> str:
    lines = [
        "| 难度 level | 方法 method | 运行 runs | 有过 guilty | 平均查准率 AP | AUC "
        "| 名额 places | 名额内查准率 precision |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for (level, method), several in _ordered(runs):
        sought = over_runs(row.sought for row in several).mean
        figures = (
            over_runs(getattr(row, name) for row in several)
            for name in ("ap", "auc", "precision_at_capacity")
        )
        ap, auc, precision = map(stated, figures)
        places = "–".join(str(places) for places in sorted({*_ends(row.capacity for row in several)}))
        name = "全部 all" if level == ALL else str(level)
        lines.append(
            f"| {name} | {method} | {len(several)} | {sought:.0f} | {ap} | {auc} | {places} | {precision} |"
        )
    return "\n".join(lines) + "\n"


def _ends(numbers: Iterable[int]) -> tuple[int, int]:
    known = sorted(numbers)
    return known[0], known[-1]


def _alarms(runs: Mapping[tuple[int, str], Sequence[Row]]) -> str:
    whole = [(method, several) for (level, method), several in _ordered(runs) if level == ALL]
    kinds = sorted({kind for _, several in whole for row in several for kind in row.twins})
    if not kinds:
        return ""
    lines = [
        "名额内的正当对象 honest twins within the places:\n",
        f"| 方法 method | {' | '.join(kinds)} |",
        f"| --- |{' ---: |' * len(kinds)}",
    ]
    for method, several in whole:
        figures = (over_runs(row.twins.get(kind, float("nan")) for row in several) for kind in kinds)
        lines.append(f"| {method} | {' | '.join(stated(one, 1) for one in figures)} |")
    return "\n".join(lines) + "\n"


def _ordered(runs: Mapping[tuple[int, str], Sequence[Row]]) -> list[tuple[tuple[int, str], Sequence[Row]]]:
    """By level, then best mean AP first, then name."""

    def place(one: tuple[tuple[int, str], Sequence[Row]]) -> tuple[int, float, str]:
        (level, method), several = one
        mean = over_runs(row.ap for row in several).mean
        return level, 0.0 if isnan(mean) else -mean, method

    return sorted(runs.items(), key=place)


def stated(mean: Mean, places: int = 3) -> str:
    """`0.912 ± 0.013`; the mean alone after one run, a dash after none."""
    if mean.runs == 0:
        return "–"
    if mean.runs == 1:
        return f"{mean.mean:.{places}f}"
    return f"{mean.mean:.{places}f} ± {mean.high - mean.mean:.{places}f}"


def write(rows: Iterable[Row], path: Path, note: str = "") -> None:
    """Write the tables as a page, `note` below them (how the run was made)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(rows) + (f"\n{note}\n" if note else ""), encoding="utf-8")
