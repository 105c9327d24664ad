"""Commands that bring data in: ingest, demo, templates, batches and the quality of sources."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from chengxin.cli.terminal import (
    HomeOption,
    JsonOption,
    command,
    open_home,
    print_json,
    progress_bar,
    say,
    stop,
    today,
)

RECEIPT = ("batch", "rows", "kept", "duplicate", "rejected", "rejects_file")
"""What `ingest --json` tells; the rest is in `batches --json`."""


class Operation(StrEnum):
    """What a file is sent for."""

    new = "new"
    correction = "correction"
    withdrawal = "withdrawal"


@command
def ingest(
    file: Annotated[
        Path, typer.Argument(help="CSV, TSV, XLSX, XLS, JSON, JSON Lines, XML", show_default=False)
    ],
    item: Annotated[
        str,
        typer.Option("--item", help="征集目录项目 / item of the catalogue, e.g. penalty", show_default=False),
    ],
    source: Annotated[
        str,
        typer.Option(
            "--source",
            help="报送单位：18位代码或名称 / sending organisation: code or name",
            show_default=False,
        ),
    ],
    operation: Annotated[
        Operation, typer.Option("--as", help="新信息、更正或撤回 / new, correction or withdrawal")
    ] = Operation.new,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """报送文件 Take in a file: check, match and keep every row of it.

    Run again after an interruption, the same command finishes the batch. The same file twice changes nothing.

    Example: chengxin ingest penalties.csv --item penalty --source 福建省市场监督管理局 --json
    """
    with open_home(home):
        from chengxin.exchange import actions, batches

        with progress_bar(file.name) as progress:
            receipt = actions.ingest_file(
                file, item, source, today(), operation=operation.value, progress=progress
            )
        if as_json:
            found = receipt.as_dict()
            print_json({name: found[name] for name in RECEIPT})
        else:
            say(receipt_text(receipt.as_dict()))
        batches.receipt_given(receipt.batch)


def receipt_text(receipt: dict[str, Any]) -> str:
    """A receipt for a person to read."""
    lines = [
        f"批次 Batch {receipt['batch']}：{receipt['file']}",
        f"  共 rows {receipt['rows']:,} = 入档 kept {receipt['kept']:,} "
        f"+ 重复 duplicate {receipt['duplicate']:,} + 退回 rejected {receipt['rejected']:,}",
        f"  新主体 new subjects {receipt['new_subjects']:,}，待人工核对 for a steward {receipt['queued']:,}，"
        f"逾期 late {receipt['late']:,}，缺代码 without a code {receipt['without_code']:,}",
    ]
    if receipt["ignored"]:
        lines.append(
            f"  目录以外的列未采集 columns that the catalogue doesn't have: {'、'.join(receipt['ignored'])}"
        )
    if receipt["rejects_file"]:
        lines.append(f"  退回的行 rejected rows: {receipt['rejects_file']}")
    return "\n".join(lines)


@command
def demo(
    home: HomeOption = None,
    scale: Annotated[
        float, typer.Option("--scale", help="规模：1 约 600 个主体 / 1 makes about 600 subjects")
    ] = 1.0,
    history: Annotated[
        bool,
        typer.Option(
            "--history/--no-history",
            help="演示近二十个月的办理 / play twenty months of lists, measures and remedies",
        ),
    ] = True,
    lake: Annotated[
        bool,
        typer.Option(
            "--lake/--no-lake",
            help="附带数据湖和监管线索 / with a lake and the leads of the supervision models",
        ),
    ] = True,
    as_json: JsonOption = False,
) -> None:
    """演示省份 Fill an empty home with a demonstration province (all of it fictional).

    Example: chengxin demo --home /tmp/demo --scale 2
    """
    with open_home(home) as folder:
        from chengxin.cli.demonstration import NotEmpty, fill

        try:
            with progress_bar("演示 demonstration") as progress:
                figures = fill(scale, today(), progress, history=history, lake=lake)
        except NotEmpty as refused:
            stop(str(refused))
        if as_json:
            print_json(figures)
        else:
            say(
                "演示省份已就绪 The demonstration province is ready: "
                f"{figures['subjects']:,} 主体 subjects, {figures['records']:,} 信用信息 records, "
                f"{figures['files']} 文件 files, {figures['cases']:,} 事项 cases, "
                f"{figures['leads']:,} 线索 leads"
            )
            say_lake(figures["lake"], folder)


def say_lake(made: str, folder: Path) -> None:
    """Where the demonstration's lake lies, or why there is none."""
    if made == "made":
        say(f"数据湖 Lake: {folder / 'demonstration' / 'lake'}")
    elif made == "missing":
        say(
            "没有安装附加组件 chengxin[detection]，因此没有数据湖和监管线索 / "
            "the extra chengxin[detection] is not installed: there is no lake, and there are no leads"
        )


@command
def template(
    item: Annotated[str, typer.Argument(help="征集目录项目 / item of the catalogue")],
    to: Annotated[Path, typer.Option("--to", help="文件，.xlsx或.csv / file to write")],
) -> None:
    """下载模板 Write the template of a catalogue item.

    Example: chengxin template penalty --to penalty.xlsx
    """
    from chengxin.exchange.workbooks import template_csv, write_template
    from chengxin.rulebook import catalogue

    wanted = catalogue.item(item, today())
    if to.suffix.lower() == ".csv":
        to.write_bytes(template_csv(wanted))
    elif to.suffix.lower() == ".xlsx":
        write_template(to, wanted)
    else:
        stop("请使用 .xlsx 或 .csv / name a file that ends in .xlsx or .csv")
    say(str(to))


@command
def items(as_json: JsonOption = False) -> None:
    """征集目录 What may be collected: the items in force today.

    Example: chengxin items --json
    """
    from chengxin.rulebook import catalogue, laws

    for one in catalogue.items(today()):
        if as_json:
            print_json(
                {
                    "id": one.id,
                    "name_zh": one.name_zh,
                    "name_en": one.name_en,
                    "law": one.law,
                    "article": one.article,
                    "version": one.version.isoformat(),
                }
            )
        else:
            article = one.article and f"第{one.article}条"
            say(f"{one.id:20} {one.name_zh} {one.name_en} · 《{laws.law(one.law).name_zh}》{article}")


@command
def batches(
    home: HomeOption = None,
    most: Annotated[int, typer.Option("--most", min=1, max=1000, help="最多几批 / how many at most")] = 20,
    as_json: JsonOption = False,
) -> None:
    """报送批次 The last batches and their receipts.

    Example: chengxin batches --most 5
    """
    with open_home(home) as path:
        from chengxin.database.home import Home
        from chengxin.exchange.batches import receipt
        from chengxin.exchange.models import Batch

        for one in Batch.objects.select_related("source").order_by("-id")[:most]:
            found = receipt(one, Home(path)).as_dict()
            if as_json:
                print_json(found)
            else:
                say(receipt_text(found))


@command
def quality(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """报送质量 Quality of each source and month: rows, accept rate, lateness, missing codes.

    Example: chengxin quality --json
    """
    with open_home(home):
        from chengxin.exchange.quality import monthly

        for one in monthly():
            if as_json:
                print_json(one.as_dict())
            else:
                say(
                    f"{one.month} {one.source} {one.item}: 共 rows {one.rows:,}，"
                    f"合格率 accepted {one.accept_rate:.1%}，逾期 late {one.late:,}，"
                    f"缺代码 without code {one.without_code:,}"
                )


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for function in (ingest, demo, template, items, batches, quality):
        app.command()(function)
