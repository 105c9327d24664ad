"""Commands of the ledger: verify, head, proof."""

from __future__ import annotations

from typing import Annotated

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

ledger = typer.Typer(name="ledger", help="账本 The tamper-evident ledger", no_args_is_help=True)


@command
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """核验账本 Check every row against the ledger: 0 and how many leaves, or 1 and the altered leaf.

    Example: chengxin ledger verify --home /tmp/demo
    """
    with open_home(home):
        from chengxin.ledger.verify import verify as check

        with progress_bar("核验 verify") as progress:
            verdict = check(lambda done, all_: progress("checked", done, done / all_ if all_ else 1.0))
        fault = verdict.first_fault
        if as_json:
            faults = [
                {"leaf": one.leaf, "table": one.table, "zh": one.zh, "en": one.en} for one in verdict.faults
            ]
            print_json(
                {"leaves": verdict.leaves, "size": verdict.size, "holds": fault is None, "faults": faults}
            )
        elif fault is None:
            say(f"账本完整，共 {verdict.leaves} 片叶 / the ledger holds: {verdict.leaves} leaves")
        else:
            for one in verdict.faults:
                where = f"叶 leaf {one.leaf}" if one.leaf is not None else "账本 ledger"
                say(f"{where}（{one.table}）：{one.zh} / {one.en}")
        if fault is not None:
            raise typer.Exit(1)


@command
def head(home: HomeOption = None) -> None:
    """签名账本首 The newest signed tree head, as JSON: kept elsewhere, it lets nobody shorten the ledger.

    Example: chengxin ledger head
    """
    with open_home(home):
        from chengxin.ledger.queries import head as newest

        found = newest()
        if found is None:
            stop("账本还没有内容 / nothing has been kept yet", 1)
        print_json(found)


@command
def proof(
    record: Annotated[int, typer.Argument(help="记录编号 / number of a public record")],
    home: HomeOption = None,
) -> None:
    """存证 The proof that a public record is in the ledger, as JSON; docs/check_proof.py checks it.

    Example: chengxin ledger proof 1234 > proof.json
    """
    with open_home(home):
        from chengxin.archive.queries import public_proof

        found = public_proof(record, today())
        if found is None:
            stop(f"没有编号为{record}的公示记录 / there is no public record {record}", 1)
        print_json(found)


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for function in (verify, head, proof):
        ledger.command()(function)
    app.add_typer(ledger)
