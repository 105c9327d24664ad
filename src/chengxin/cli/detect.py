"""The command `detect`: ask the supervision models about a lake. No home, no database."""

from __future__ import annotations

import re
from collections import Counter
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chengxin.cli.terminal import (
    BAD_INPUT,
    FAILED,
    JsonOption,
    command,
    errors,
    print_json,
    progress_bar,
    say,
    stop,
)  # fmt: skip

if TYPE_CHECKING:
    from chengxin.detection.running import Found

_MEMORY = re.compile(r"[1-9][0-9]{0,5}(\.[0-9]{1,3})? ?[KMGT]i?B", re.IGNORECASE)


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
    memory: Annotated[
        str | None,
        typer.Option("--memory", help="DuckDB最多使用的内存，如10GB / memory that DuckDB may take, as 10GB"),
    ] = None,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep",
            help="保留结果的目录：所用数据未变的模型不再重算 / folder that keeps what was found: "
            "a model whose tables did not change isn't asked again",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """查找线索 Ask the supervision models about a lake; a lead is a question for a person, never a verdict.

    Example: chengxin detect --lake lake --out leads.jsonl --detector brushing --top 100
    """
    try:
        from chengxin.detection import detectors, running
        from chengxin.detection.standing import Standing
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
    if keep is not None and keep.exists() and not keep.is_dir():
        stop(
            f"--keep 指向的 {keep} 是文件，须为目录 / --keep: {keep} is a file; name a folder for it",
            BAD_INPUT,
        )
    if memory is not None and not _MEMORY.fullmatch(memory):
        stop(
            f"--memory 为 {memory[:40]}，须为数字加单位（如 10GB、800MB）/ "
            f"--memory is {memory[:40]}: write a number and a unit, as 10GB or 800MB",
            BAD_INPUT,
        )
    try:
        # Spark has its own variable for it: SPARK_DRIVER_MEMORY.
        bounded = {"memory": memory} if memory and engine is _Engine.duckdb else {}
        started = ENGINES[engine.value](**bounded)
    except EngineMissing as missing:
        stop(f"{missing.zh} / {missing.en}", BAD_INPUT)
    try:
        opened = open_lake(lake, started)
        asked = [detectors.detector(name) for name in chosen]
        with progress_bar("查找线索 looking for leads") as report:
            found = running.run(
                opened,
                asked,
                top=top,
                standing=Standing(keep) if keep else None,
                begun=lambda one, leads: report(f"{one.zh} {one.en}", leads, asked.index(one) / len(asked)),
            )
    except NotADirectoryError:
        stop(f"没有数据湖目录 {lake}，请核对路径 / there is no folder {lake}: compare the path", BAD_INPUT)
    finally:
        started.close()
    running.write(found, out)
    for note in found.notes:
        errors.print(f"{note.about}: {note.zh} / {note.en}", style="dim")
    if json:
        print_json(_counted(found))
    else:
        say(f"{len(found.leads)} 条线索，写入 {out} / {len(found.leads)} leads in {out}")
    if found.failed:
        stop(
            f"模型 {'、'.join(found.failed)} 未能完成，其余线索已写出 / "
            f"these models failed, the leads of the others are written: {', '.join(found.failed)}",
            FAILED,
        )


def _counted(found: Found) -> dict[str, Any]:
    """What a run came to, for other programs: leads and seconds of each detector."""
    leads = Counter(one.detector for one in found.leads)
    return {
        "leads": len(found.leads),
        "detectors": {
            name: {"leads": leads[name], "seconds": round(seconds, 3)}
            for name, seconds in found.seconds.items()
        },
        "failed": list(found.failed),
        "notes": [{"about": one.about, "zh": one.zh, "en": one.en} for one in found.notes],
    }


def add_to(app: typer.Typer) -> None:
    """Mount the command."""
    app.command()(detect)
