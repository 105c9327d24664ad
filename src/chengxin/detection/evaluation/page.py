"""The page about the supervision models: a summary, what was tried besides, then detector by detector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from math import isnan
from pathlib import Path

from chengxin.detection.evaluation.machines import HONEST, LEARN
from chengxin.detection.evaluation.metrics import Mean, over_runs
from chengxin.detection.evaluation.table import ALL, Row
from chengxin.detection.evaluation.ways import CAPACITY, OURS, TREES, UNSEEN
from chengxin.detection.evaluation.words import CUT, DETAILS, HEAD, HELD, NOTE, PLACES

SEEN = 0.05
"""A twin is told when a list holds more of its kind than so many on the average."""

Pair = tuple[str, str]
Runs = Sequence[Row]
_LEVELS = ("一级 level 1", "二级 level 2", "三级 level 3")


def markdown(rows: Iterable[Row]) -> str:
    """The whole page out of the figures of every run; the note says of which seeds and how large a market."""
    kept = list(rows)
    pairs: dict[Pair, list[Row]] = {}
    for row in kept:
        pairs.setdefault((row.detector, row.entity), []).append(row)
    parts = [HEAD, _summary(pairs), PLACES.format(places=_places()), CUT, _periods(pairs), HELD, _held(pairs)]
    parts.append(DETAILS)
    for (detector, entity), some in sorted(pairs.items()):
        parts += [f"### `{detector}`: {entity}\n", _ranking(some), _alarms(some)]
    seeds = sorted({row.seed for row in kept})
    size = max((row.orders for row in kept), default=0)
    parts.append(NOTE.format(orders=size, seeds=_told(seeds), learn=_told(LEARN), honest=HONEST))
    return "\n".join(parts)


def write(rows: Iterable[Row], path: Path) -> None:
    """Write the page; the folder is made when it isn't there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(markdown(rows), encoding="utf-8")


def _told(seeds: Sequence[int]) -> str:
    if len(seeds) > 2 and seeds[-1] - seeds[0] == len(seeds) - 1:
        return f"{seeds[0]}–{seeds[-1]}"
    return ", ".join(map(str, seeds))


def _places() -> str:
    return ", ".join(f"{entity} {places}" for entity, places in CAPACITY.items())


def _summary(pairs: Mapping[Pair, Runs]) -> str:
    lines = [
        _header("模型 model", "对象 entity", right=(
            "有过 guilty", "AP", "AUC", *_LEVELS,
            "最佳基线 best baseline", "基线AP its AP", "领先 ahead by",
        )),
    ]  # fmt: skip
    for (detector, entity), rows in sorted(pairs.items()):
        whole = _whole(rows)
        ours = [row for row in whole if row.method == OURS]
        levels = [[row for row in _level(rows, level) if row.method == OURS] for level in (1, 2, 3)]
        name, best = _best(whole)
        cells = [
            f"{over_runs(row.sought for row in ours).mean:.0f}",
            stated(_mean(ours, "ap")), stated(_mean(ours, "auc")),
            *(stated(_mean(some, "precision_at_capacity")) for some in levels),
            name, stated(_mean(best, "ap")), stated(_ahead(ours, best)),
        ]  # fmt: skip
        lines.append(f"| `{detector}` | {entity} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _header(*left: str, right: Sequence[str]) -> str:
    return f"| {' | '.join((*left, *right))} |\n|{' --- |' * len(left)}{' ---: |' * len(right)}"


def _whole(rows: Runs) -> list[Row]:
    return [
        row for row in rows if row.level == ALL and not row.kind and not row.period and row.method != UNSEEN
    ]


def _best(whole: Runs) -> tuple[str, Runs]:
    """The other way of ranking with the greatest mean average precision over all levels, of those that ranked
    in every run."""
    runs = {row.seed for row in whole}
    ways = ((name, rows) for name, rows in _ordered(whole) if name != OURS)
    return next(((name, rows) for name, rows in ways if {row.seed for row in rows} == runs), ("–", []))


def _known(number: float) -> float:
    return 0.0 if isnan(number) else number


def _ahead(ours: Runs, theirs: Runs) -> Mean:
    """By how much we are ahead in average precision, seed by seed."""
    other = {row.seed: row.ap for row in theirs}
    return over_runs(row.ap - other[row.seed] for row in ours if row.seed in other)


def _mean(rows: Runs, name: str) -> Mean:
    return over_runs(getattr(row, name) for row in rows)


def _periods(pairs: Mapping[Pair, Runs]) -> str:
    lines = [
        _header("模型 model", "对象 entity", right=(
            "有过 guilty", "AP 前 before", "AP 后 after", "提升树 trees 前 before", "提升树 trees 后 after",
            "查准率 precision 前 before", "查准率 precision 后 after",
        )),
    ]  # fmt: skip
    for (detector, entity), rows in sorted(pairs.items()):
        parted = {
            (method, period): [row for row in rows if row.method == method and row.period == period]
            for method in (OURS, TREES)
            for period in ("before", "after")
        }
        if not any(parted.values()):
            continue
        guilty = " / ".join(
            f"{_known(over_runs(row.sought for row in parted[OURS, period]).mean):.0f}"
            for period in ("before", "after")
        )
        cells = [stated(_mean(some, "ap")) for some in parted.values()]
        cells += [
            stated(_mean(parted[OURS, period], "precision_at_capacity")) for period in ("before", "after")
        ]
        lines.append(f"| `{detector}` | {entity} | {guilty} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _held(pairs: Mapping[Pair, Runs]) -> str:
    lines = [
        _header("模型 model", "对象 entity", "未学过 held out", right=(
            "有过 guilty", "模型 detector AP", "学过 trees that saw it", "未学过 trees that did not",
        )),
    ]  # fmt: skip
    for (detector, entity), rows in sorted(pairs.items()):
        for level, kind in sorted({(row.level, row.kind) for row in rows if row.method == UNSEEN}):
            here = [row for row in rows if (row.level, row.kind, row.period) == (level, kind, "")]
            ways = [[row for row in here if row.method == method] for method in (OURS, TREES, UNSEEN)]
            guilty = over_runs(row.sought for row in ways[0]).mean
            cells = " | ".join(stated(_mean(some, "ap")) for some in ways)
            lines.append(f"| `{detector}` | {entity} | {kind or f'level {level}'} | {guilty:.0f} | {cells} |")
    return "\n".join(lines) + "\n"


def _ranking(rows: Runs) -> str:
    """What was sought, and every way of ranking, the best first, with its precision at each level."""
    whole = _whole(rows)
    ours = [row for row in whole if row.method == OURS]
    sought = over_runs(row.sought for row in ours).mean
    lines = [
        f"运行 runs: {len(ours)}; 平均有过 mean guilty: {sought:.0f}; 名额 places: {_span(ours)}.\n",
        _header("方法 method", right=("AP", "AUC", "名额内 precision", *_LEVELS)),
    ]
    for method, several in _ordered(whole):
        figures = [stated(_mean(several, name)) for name in ("ap", "auc", "precision_at_capacity")]
        for level in (1, 2, 3):
            some = [row for row in _level(rows, level) if row.method == method]
            figures.append(stated(_mean(some, "precision_at_capacity")) if some else "")
        lines.append(f"| {method} | {' | '.join(figures)} |")
    return "\n".join(lines) + "\n"


def _span(rows: Runs) -> str:
    known = sorted(row.capacity for row in rows)
    return "–".join(str(place) for place in dict.fromkeys((known[0], known[-1]))) if known else "–"


def _level(rows: Runs, level: int) -> list[Row]:
    return [row for row in rows if row.level == level and not row.period and row.method != UNSEEN]


def _alarms(rows: Runs) -> str:
    """The honest twins in the places: those of which a list holds any to speak of, and how many it never
    does."""
    whole = _ordered(_whole(rows))
    kinds = sorted({kind for _, several in whole for row in several for kind in row.twins})
    means = {
        (method, kind): over_runs(row.twins.get(kind, float("nan")) for row in several)
        for method, several in whole
        for kind in kinds
    }
    shown = [kind for kind in kinds if any(means[method, kind].mean > SEEN for method, _ in whole)]
    ways = [
        method
        for method, _ in whole
        if method == OURS or any(means[method, kind].mean > SEEN for kind in shown)
    ]
    rest = [kind for kind in kinds if kind not in shown]
    parts = []
    if shown:
        parts += ["名额内的正当对象 honest twins within the places:\n", _header("方法 method", right=shown)]
        for method in ways:
            parts.append(f"| {method} | {' | '.join(stated(means[method, kind], 1) for kind in shown)} |")
        parts.append("")
    if rest:
        parts.append(f"没有一种方法误列 no method listed more than {SEEN} of: {', '.join(rest)}.\n")
    return "\n".join(parts)


def _ordered(whole: Runs) -> list[tuple[str, Runs]]:
    """By method, the best mean AP first, then name."""
    runs: dict[str, list[Row]] = {}
    for row in whole:
        runs.setdefault(row.method, []).append(row)
    return sorted(runs.items(), key=lambda one: (-_known(_mean(one[1], "ap").mean), one[0]))


def stated(mean: Mean, places: int = 3) -> str:
    """`0.912 ± 0.013`; the mean alone after one run, a dash after none."""
    if mean.runs == 0:
        return "–"
    if mean.runs == 1:
        return f"{mean.mean:.{places}f}"
    return f"{mean.mean:.{places}f} ± {mean.high - mean.mean:.{places}f}"
