"""Commands of leads: a file of the supervision models is taken in for the officers to look at."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.terminal import HomeOption, JsonOption, command, open_home, print_json, say, stop, today

leads = typer.Typer(name="leads", help="监管线索 Leads of the supervision models", no_args_is_help=True)

FAULTY = 1


@command
def take(
    file: Annotated[
        Path, typer.Argument(metavar="FILE.jsonl", help="线索文件 / file of leads", show_default=False)
    ],
    home: HomeOption = None,
    lake: Annotated[
        Path | None,
        typer.Option(
            "--lake",
            help="数据湖目录，随线索保存原始记录 / the lake, whose rows are kept",
            show_default=False,
        ),
    ] = None,
    model: Annotated[str | None, typer.Option("--model", help="模型版本 / version of the models")] = None,
    rulebook_on: Annotated[
        datetime | None,
        typer.Option(
            "--rulebook", formats=["%Y-%m-%d"], help="按哪一日的规则 / day of the rulebook they went by"
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """接收线索 Take leads into the queue: all of them, or none where a line is wrong (exit 1).

    The same file again changes nothing; a lead that is known is seen again and keeps its history. With --lake
    the orders, ratings, parcels, payments and prices that it rests on are kept with it as they are now.

    Example: chengxin leads take leads.jsonl --home /srv/chengxin --lake /srv/lake
    """
    content = file.read_bytes()
    with open_home(home):
        from chengxin import __version__
        from chengxin.accounts.permissions import at_the_console
        from chengxin.triage import evidence, grouping
        from chengxin.triage.contract import BadLines, read
        from chengxin.triage.taking import Facts, take_leads

        try:
            lines = read(content)
        except BadLines as bad:
            told = [f"  {one.zh}：{one.mend_zh} / {one.en}: {one.mend_en}" for one in bad.problems]
            stop("\n".join(["没有接收，请更正 / nothing was taken, please mend:", *told]), FAULTY)
        groups = grouping.schemes(lines)
        seen = evidence.read(lake, lines, groups) if lake is not None else None
        on = rulebook_on.date() if rulebook_on else today()
        facts = Facts(content, model or __version__, on)
        taken = take_leads(at_the_console("chengxin leads take"), facts, lines, schemes=groups, seen=seen)
    if as_json:
        print_json({
            "run": taken.run, "lines": taken.lines, "leads": taken.schemes, "new": taken.new,
            "again": taken.again,
        })  # fmt: skip
    elif taken.again:
        say(
            f"第{taken.run}批，以前已经接收，没有改变 / run {taken.run} had been taken before; nothing "
            f"changed"
        )
    else:
        say(
            f"第{taken.run}批：{taken.lines}行，{taken.schemes}条线索，其中新的{taken.new}条 / "
            f"run {taken.run}: {taken.lines} lines, {taken.schemes} leads, {taken.new} of them new"
        )


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    leads.command()(take)
    app.add_typer(leads)
