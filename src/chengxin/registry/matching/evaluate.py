"""How good the matching is, on a labelled set, beside simpler ways: `python -m
chengxin.registry.matching.evaluate`.

With `--train` it first learns the parameters anew (on another seed than the report's) and writes
`parameters.toml`. It writes `docs/evaluation/matching.md` and `matching.svg` under `--out`, and prints the
figures.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from chengxin.registry.matching import measures, parameters, picture
from chengxin.registry.matching.deciding import decide
from chengxin.registry.matching.labelled import Labelled, labelled
from chengxin.registry.matching.scoring import candidates, name_score, score_pairs
from chengxin.registry.matching.thresholds import Thresholds, thresholds
from chengxin.registry.matching.training import train
from chengxin.registry.names import normalised

TRAINING_SEED, REPORT_SEED = (
    20170101,
    20260101,
)  # never the same: what was learnt on isn't what is measured on
GROUPS, QUERIES = 6_000, 10_000

_BANDS = (0.0, 0.05, 0.3, 0.6, 0.8, 0.95, 0.99, 1.000001)


@dataclass(frozen=True)
class Measured:
    """One evaluation: each way's scored pairs (`score`, `truth`), and what else the report tells."""

    data: Labelled
    limits: Thresholds
    scored: dict[str, pl.DataFrame]
    jaro_winkler_threshold: float
    decisions: pl.DataFrame
    blocked: int
    seconds: float

    @property
    def true_pairs(self) -> int:
        """Pairs that are right, whether blocking found them or not."""
        return len(self.data.labels)


def measure(data: Labelled, limits: Thresholds, *, jaro_winkler_threshold: float) -> Measured:
    """Score a labelled set in each way."""
    started = time.perf_counter()
    pairs = candidates(data.queries, data.registry)
    scores = score_pairs(data.queries, data.registry, pairs)
    seconds = time.perf_counter() - started
    truth = data.labels.with_columns(truth=pl.lit(True))

    def judged(frame: pl.DataFrame) -> pl.DataFrame:
        joined = frame.join(truth, on=["left_id", "right_id"], how="left", maintain_order="left")
        return joined.with_columns(pl.col("truth").fill_null(False))

    only_names = name_score(data.queries.select("id", "name"), data.registry.select("id", "name"), pairs)
    return Measured(
        data=data,
        limits=limits,
        scored={
            "all": judged(scores.rename({"probability": "score"})),
            "name": judged(only_names.rename({"probability": "score"})),
            "jaro_winkler": judged(by_jaro_winkler(data, pairs)),
            "exact": judged(by_equal_name(data)),
        },
        jaro_winkler_threshold=jaro_winkler_threshold,
        decisions=judged(decide(scores, limits)),
        blocked=len(pairs.join(data.labels, on=["left_id", "right_id"])),
        seconds=seconds,
    )


def by_equal_name(data: Labelled) -> pl.DataFrame:
    """The plain baseline: every pair whose normalised names are equal, score 1."""
    plain = [frame.select("id", plain=normalised(pl.col("name"))) for frame in (data.queries, data.registry)]
    return (
        plain[0]
        .join(plain[1], on="plain", suffix="_r")
        .select(left_id="id", right_id="id_r", score=pl.lit(1.0))
    )


def by_jaro_winkler(data: Labelled, pairs: pl.DataFrame) -> pl.DataFrame:
    """The common baseline: Jaro–Winkler of the normalised names of the same candidate pairs."""
    plain = [
        dict(frame.select("id", normalised(pl.col("name"))).rows()) for frame in (data.queries, data.registry)
    ]
    return pairs.with_columns(
        score=pl.Series(
            [measures.jaro_winkler(plain[0][left], plain[1][right]) for left, right in pairs.rows()],
            dtype=pl.Float64,
        )
    )


def rows_of_table(measured: Measured) -> list[tuple[str, str, str, str, str, str]]:
    """The table of ways: way, threshold, precision, recall, F1, average precision."""
    limits, total = measured.limits, measured.true_pairs
    accept, queue, similar = limits.accept, limits.queue, measured.jaro_winkler_threshold
    ways = [
        ("全部字段，自动认定 all fields, accept", "all", accept),
        ("全部字段，含人工复核 all fields, queue and above", "all", queue),
        ("仅名称，自动认定 name only, accept", "name", accept),
        ("仅名称，含人工复核 name only, queue and above", "name", queue),
        ("Jaro–Winkler，训练集最佳阈值 best of the training set", "jaro_winkler", similar),
        ("规范化名称相同 equal normalised name", "exact", 1.0),
    ]
    table = []
    for label, way, threshold in ways:
        accuracy = measures.at(measured.scored[way], total, threshold)
        area = measures.average_precision(measures.curve(measured.scored[way], total))
        figures = (accuracy.precision, accuracy.recall, accuracy.f1, area)
        table.append((label, f"{threshold:.2f}", *(f"{figure:.3f}" for figure in figures)))
    return [(a, b, c, d, e, f) for a, b, c, d, e, f in table]


def report(measured: Measured) -> str:
    """The evaluation as a page of Markdown."""
    data, decisions, limits = measured.data, measured.decisions, measured.limits
    asked, total = len(data.queries), measured.true_pairs
    accepted = decisions.filter(pl.col("decision") == "accept")
    queued = decisions.filter(pl.col("decision") == "queue")
    new = asked - len(accepted) - len(queued)
    lines = [
        "# 主体匹配评测 Evaluation of matching",
        "",
        "Made by `python -m chengxin.registry.matching.evaluate`; the figures are of that run, on invented",
        f"subjects (seed {REPORT_SEED}; the parameters were learnt on seed {TRAINING_SEED}). The noise is",
        "modelled on how departments' files look, not measured on real ones: a deployment repeats this on",
        "pairs that its stewards have decided.",
        "",
        f"{len(data.registry):,} subjects held, {asked:,} descriptions, of which {total:,} are of a subject",
        f"held; blocking brings {measured.blocked / total:.1%} of the true pairs together.",
        f"{len(measured.scored['all']):,} pairs were found and scored in {measured.seconds:.1f} s.",
        "",
        "![Precision and recall](matching.svg)",
        "",
        "| 方法 way | 阈值 threshold | 查准率 precision | 查全率 recall | F1 "
        "| 平均查准率 average precision |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
        *("| " + " | ".join(row) + " |" for row in rows_of_table(measured)),
        "",
        "What blocking doesn't bring together counts as missed; equal names need no blocking.",
        "",
        "## 决定 Decisions",
        "",
        "Each description is decided once (`deciding.decide`): accepted when one candidate alone reaches",
        f"{limits.accept}, put before a steward when the best reaches {limits.queue}, else new.",
        f"Thresholds set on {limits.set_on}: {limits.set_by}. {limits.why_en}",
        "",
        "| 决定 decision | 数量 descriptions | 占比 share | 正确 right |",
        "| --- | ---: | ---: | ---: |",
        f"| 自动认定 accepted | {len(accepted):,} | {len(accepted) / asked:.1%} | {_share(accepted)} |",
        f"| 人工复核 to a steward | {len(queued):,} | {len(queued) / asked:.1%} "
        f"| {_share(queued)} best candidate right |",
        f"| 新主体 new | {new:,} | {new / asked:.1%} | {_truly_new(measured)} truly not held |",
        "",
        "## 按差异类型 By what was done to the name",
        "",
        "| 差异 noise | 描述 descriptions | 自动认定正确 accepted rightly | 加人工复核 with the queue "
        "| 误认 accepted wrongly |",
        "| --- | ---: | ---: | ---: | ---: |",
        *_by_noise(measured),
        "",
        "## 概率是否可信 Are the probabilities what they say",
        "",
        "| 概率 probability | 对数 pairs | 平均概率 mean probability | 实际占比 share that is right |",
        "| --- | ---: | ---: | ---: |",
        *_calibration(measured.scored["all"]),
        "",
    ]
    return "\n".join(lines)


def _mean(values: pl.Series) -> float:
    return float(values.sum()) / len(values) if len(values) else 0.0


def _share(decisions: pl.DataFrame) -> str:
    return f"{_mean(decisions['truth']):.1%}"


def _truly_new(measured: Measured) -> str:
    decided = measured.decisions.filter(pl.col("decision") != "new")
    new = measured.data.queries.join(decided, left_on="id", right_on="left_id", how="anti")
    held = new.join(measured.data.labels, left_on="id", right_on="left_id")
    return f"{1 - len(held) / max(len(new), 1):.1%}"


def _by_noise(measured: Measured) -> list[str]:
    decided = measured.data.noise.join(
        measured.data.labels.select("left_id", held=True), on="left_id", how="left"
    )
    table = (
        decided.join(measured.decisions, on="left_id", how="left")
        .group_by("noise")
        .agg(
            asked=pl.len(),
            held=pl.col("held").count(),
            accepted=((pl.col("decision") == "accept") & pl.col("truth")).sum(),
            seen=(pl.col("decision").is_in(["accept", "queue"]) & pl.col("truth")).sum(),
            wrong=((pl.col("decision") == "accept") & ~pl.col("truth")).sum(),
        )
        .sort("accepted", descending=True)
    )
    return [
        f"| {row['noise']} | {row['asked']:,} | {row['accepted'] / row['held']:.1%} "
        f"| {row['seen'] / row['held']:.1%} | {row['wrong'] / row['asked']:.2%} |"
        for row in table.iter_rows(named=True)
    ]


def _calibration(scored: pl.DataFrame) -> list[str]:
    lines = []
    for low, high in itertools.pairwise(_BANDS):
        band = scored.filter((pl.col("score") >= low) & (pl.col("score") < high))
        if len(band):
            lines.append(
                f"| {low:.2f}–{min(high, 1):.2f} | {len(band):,} | {_mean(band['score']):.3f} "
                f"| {_mean(band['truth']):.3f} |"
            )
    return lines


def chart(measured: Measured) -> str:
    """The curves of the ways, with the thresholds in force marked."""
    total = measured.true_pairs
    points = {way: measures.curve(scored, total) for way, scored in measured.scored.items()}
    at_accept = measures.at(measured.scored["all"], total, measured.limits.accept)
    at_queue = measures.at(measured.scored["all"], total, measured.limits.queue)
    exact = measures.at(measured.scored["exact"], total, 1.0)
    return picture.draw(
        "主体匹配：查准率与查全率 Matching: precision and recall",
        [
            picture.Line("Splink，全部字段 all fields", points["all"], "#0b5fa5"),
            picture.Line("Splink，仅名称 name only", points["name"], "#5b8c2a", "8 4"),
            picture.Line("Jaro–Winkler", points["jaro_winkler"], "#b4540a", "3 4"),
        ],
        [
            picture.Mark(
                f"自动认定 accept ≥ {measured.limits.accept}",
                at_accept.recall,
                at_accept.precision,
                "#0b5fa5",
            ),
            picture.Mark(
                f"人工复核 queue ≥ {measured.limits.queue}", at_queue.recall, at_queue.precision, "#63a4d4"
            ),
            picture.Mark("规范化名称相同 equal names", exact.recall, exact.precision, "#7a1f5c"),
        ],
    )


def main(arguments: list[str] | None = None) -> int:
    """The command; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m chengxin.registry.matching.evaluate", description=__doc__
    )
    parser.add_argument(
        "--out", type=Path, default=Path("docs"), help="folder that holds evaluation/ (default docs)"
    )
    parser.add_argument("--train", action="store_true", help="learn parameters.toml anew first")
    parser.add_argument("--groups", type=int, default=GROUPS, help="groups of subjects to invent")
    parser.add_argument("--queries", type=int, default=QUERIES, help="descriptions to invent")
    options = parser.parse_args(arguments)
    size = {"groups": options.groups, "queries": options.queries}

    training = labelled(seed=TRAINING_SEED, **size)
    if options.train:
        note = f"learnt by counting on a labelled set of invented subjects: seed {TRAINING_SEED}, {size}"
        model = train(training.queries, training.registry, training.labels, note=note)
        (Path(__file__).parent / "parameters.toml").write_text(parameters.dump(model), encoding="utf-8")
        parameters.parameters.cache_clear()
    truth = training.labels.with_columns(truth=pl.lit(True))
    similar = by_jaro_winkler(training, candidates(training.queries, training.registry))
    similar = similar.join(truth, on=["left_id", "right_id"], how="left").with_columns(
        pl.col("truth").fill_null(False)
    )
    best = measures.best_threshold(measures.curve(similar, len(training.labels)))

    on = dt.datetime.now(dt.UTC).date()
    measured = measure(labelled(seed=REPORT_SEED, **size), thresholds(on), jaro_winkler_threshold=best)
    folder = options.out / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    text = report(measured)
    (folder / "matching.md").write_text(text, encoding="utf-8")
    (folder / "matching.svg").write_text(chart(measured), encoding="utf-8")
    sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
