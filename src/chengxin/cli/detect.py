"""The command `detect`: ask the supervision models about a lake. No home, no database."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.terminal import BAD_INPUT, FAILED, command, errors, say, stop


class _Engine(StrEnum):
    duckdb = "duckdb"
    spark = "spark"


@command
def detect(
    lake: Annotated[Path, typer.Option("--lake", help="数据湖目录 / folder of the lake", show_default=False)],
    out: Annotated[
        Path, typer.Option("--out", help="线索输出文件（JSON Lines）/ file for the leads", show_default=False)
    ],
    engine: Annotated[_Engine, typer.Option("--engine", help="计算引擎 / engine")] = _Engine.duckdb,
    detector: Annotated[
        list[str] | None,
        typer.Option("--detector", help="只运行该模型，可多次 / only this model; repeatable"),
    ] = None,
    top: Annotated[
        int | None, typer.Option("--top", min=1, help="每个模型最多输出几条 / at most so many leads of each")
    ] = None,
) -> None:
    """查找线索 Ask the supervision models about a lake; a lead is a question for a person, never a verdict.

    Example: chengxin detect --lake lake --out leads.jsonl --detector brushing --top 100
    """
    try:
        from chengxin.detection import detectors, running
        from chengxin.lake.engines import ENGINES, EngineMissing
        from chengxin.lake.reading import open_lake
    except ImportError as missing:
        stop(
            f"缺少 {missing.name}：请安装附加组件 chengxin[detection] / "
            f"{missing.name} is missing: install the extra chengxin[detection]",
            BAD_INPUT,
        )
    chosen = list(dict.fromkeys(detector or detectors.NAMES))
    if unknown := [name for name in chosen if name not in detectors.NAMES]:
        stop(
            f"没有名为“{unknown[0][:40]}”的模型，可选：{'、'.join(detectors.NAMES)} / "
            f"no model is called '{unknown[0][:40]}'; there are {', '.join(detectors.NAMES)}",
            BAD_INPUT,
        )
    if not out.parent.is_dir():
        stop(f"没有目录 {out.parent}，请先建立 / there is no folder {out.parent}: make it first", BAD_INPUT)
    try:
        started = ENGINES[engine.value]()
    except EngineMissing as missing:
        stop(f"{missing.zh} / {missing.en}", BAD_INPUT)
    try:
        opened = open_lake(lake, started)
        found = running.run(opened, [detectors.detector(name) for name in chosen], top=top)
    except NotADirectoryError:
        stop(f"没有数据湖目录 {lake}，请核对路径 / there is no folder {lake}: compare the path", BAD_INPUT)
    finally:
        started.close()
    running.write(found, out)
    for note in found.notes:
        errors.print(f"{note.about}: {note.zh} / {note.en}", style="dim")
    say(f"{len(found.leads)} 条线索，写入 {out} / {len(found.leads)} leads in {out}")
    if found.failed:
        stop(
            f"模型 {'、'.join(found.failed)} 未能完成，其余线索已写出 / "
            f"these models failed, the leads of the others are written: {', '.join(found.failed)}",
            FAILED,
        )


def add_to(app: typer.Typer) -> None:
    """Mount the command."""
    app.command()(detect)
