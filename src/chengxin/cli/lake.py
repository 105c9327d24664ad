"""The commands `lake import` and `lake check`: fill the lake with bulk files, and say how good they are.

No home, no database server.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chengxin.cli.terminal import JsonOption, command, errors, print_json, say, stop

if TYPE_CHECKING:
    from chengxin.lake.importing import Outcome
    from chengxin.lake.quality import Finding, Report

LakeOption = Annotated[
    Path, typer.Option("--lake", help="数据湖目录 / folder of the lake", show_default=False)
]
TableOption = Annotated[
    str | None, typer.Option("--table", help="表，如 orders / table, e.g. orders", show_default=False)
]


@command
def take(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="CSV、JSON Lines、Parquet（可.gz、.zst）或其目录 / such files, or folders of them",
            show_default=False,
        ),
    ],
    lake: LakeOption,
    table: TableOption = None,
    reporter: Annotated[
        str | None,
        typer.Option(
            "--reporter",
            help="报送的平台、承运人或支付机构 / the platform, carrier or institution that sends them",
            show_default=False,
        ),
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="整月替换 / what is sent replaces its whole partitions")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """导入数据湖 Take bulk files into the lake: check every row, merge by key, keep a report of the quality.

    Run again after an interruption, it finishes or undoes what was begun. The same file twice changes
    nothing.
    Ends with 0 when every row was kept, 1 when something was refused, 2 when nothing could be taken.

    Example: chengxin lake import orders-2026-03.csv --lake lake --reporter taobao
    """
    from chengxin.lake.importing import take as take_files

    _known(table)
    outcome = take_files(
        files,
        lake,
        now=_now(),
        table=table,
        reporter=reporter,
        replace=replace,
        waiting=lambda: errors.print(
            "另一导入正在进行，等待其结束 / waiting for another import to end", style="dim"
        ),
    )
    _tell(outcome, as_json)


@command
def check(lake: LakeOption, table: TableOption = None, as_json: JsonOption = False) -> None:
    """核验数据湖 The same report of quality over what is in the lake; nothing is changed.

    Example: chengxin lake check --lake lake --table orders --json
    """
    from chengxin.lake.inspecting import inspect

    _known(table)
    try:
        outcome = inspect(lake, now=_now(), table=table)
    except NotADirectoryError:
        stop(f"没有数据湖目录 {lake}，请核对路径 / there is no folder {lake}: compare the path")
    _tell(outcome, as_json)


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None, microsecond=0)


def _known(table: str | None) -> None:
    from chengxin.lake.contract import tables

    if table is not None and table not in tables():
        names = list(tables())
        stop(
            f"没有名为“{table[:40]}”的表，可选：{'、'.join(names)} / "
            f"no table is called '{table[:40]}'; there are {', '.join(names)}"
        )


def _tell(outcome: Outcome, as_json: bool) -> None:
    """The outcome for a program or for a person; the exit code says how it ended."""
    if as_json:
        print_json(outcome.as_dict())
    for report in outcome.reports if not as_json else []:
        say(report_text(report))
    for name in outcome.already if not as_json else []:
        say(f"{name}：此前已导入，没有变化 / taken before, nothing changed")
    for one in outcome.not_taken:
        errors.print(one.why, style="red", markup=False)
    if not outcome.reports and not outcome.already and not outcome.not_taken:
        errors.print("没有可读的文件 / there is no file to read", style="red")
    if outcome.code:
        raise typer.Exit(outcome.code)


def report_text(report: Report) -> str:
    """A report for a person to read."""
    lines = [
        f"{report.table}：共 rows {report.rows:,} = 保留 kept {report.kept:,} + 重复 duplicate "
        f"{report.duplicates:,} + 退回 refused {report.refused:,}",
    ]
    if report.partitions:
        lines.append(
            f"  新增 added {report.added:,}，更新 changed {report.changed:,}，"
            f"分区 partitions {len(report.partitions):,}"
        )
    lines += [_finding_text(one) for one in report.findings]
    if report.unknown:
        lines.append(f"  约定以外的列未导入 columns left out: {'、'.join(report.unknown[:20])}")
    if report.unchecked:
        lines.append(f"  尚无所指的表，未核对 not checked, no such table yet: {'、'.join(report.unchecked)}")
    lines += [f"  退回的行 refused rows: {one}" for one in report.refused_files]
    return "\n".join(lines)


def _finding_text(finding: Finding) -> str:
    known = finding.as_dict()
    mark = (
        "退回 refused"
        if known["refused"]
        else "！！警告 WARNING"
        if finding.rule == "personal"
        else "提示 warning"
    )
    examples = "；".join(
        f"{one.file} 第{one.row}行 row {one.row}: {one.value if one.value is not None else '—'}"
        for one in finding.examples
    )
    return (
        f"  {mark} {finding.column or '—'} × {finding.count:,} ({finding.share:.2%}) "
        f"{known['zh']} / {known['en']}\n"
        f"      {examples}\n      {known['mend_zh']} / {known['mend_en']}"
    )


def add_to(app: typer.Typer) -> None:
    """Add these commands, under `lake`."""
    lake = typer.Typer(
        name="lake", help="数据湖 The lake: bulk facts for the supervision models", no_args_is_help=True
    )
    lake.command("import")(take)
    lake.command("check")(check)
    app.add_typer(lake)
