"""Commands of the steward: the queue of doubtful matches, merges and splits, and their undoing."""

from __future__ import annotations

from typing import Annotated

import typer

from chengxin.cli.terminal import HomeOption, JsonOption, command, open_home, print_json, say, stop, today

match = typer.Typer(name="match", help="主体归并 Doubtful matches, merges and splits", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="经办人 / who decides", show_default=False)]
Reason = Annotated[str, typer.Option("--reason", help="理由 / why", show_default=False)]


@command
def queue(
    home: HomeOption = None,
    most: Annotated[int, typer.Option("--most", min=1, max=100, help="最多几对 / how many at most")] = 20,
    as_json: JsonOption = False,
) -> None:
    """待核对 Pairs that may be one subject, the most probable first, with what speaks for and against it.

    Example: chengxin match queue --most 5
    """
    with open_home(home):
        from dataclasses import asdict

        from chengxin.registry.stewarding import queue as waiting

        for one in waiting(None, most).candidates:
            if as_json:
                print_json(asdict(one))
                continue
            say(
                f"#{one.id}  {one.probability:.2f}  {one.one.name} {one.one.code}  ?  "
                f"{one.other.name} {one.other.code}"
            )
            for reason in one.evidence:
                say(f"      {reason['zh']} {reason['en']}: {reason['level_zh']} ({reason['weight']:+.1f})")


@command
def decide(
    candidate: Annotated[int, typer.Argument(help="队列编号 / number in the queue")],
    by: By,
    same: Annotated[bool, typer.Option("--same/--different", help="同一主体或不同主体 / one subject or two")],
    reason: Reason = "",
    home: HomeOption = None,
) -> None:
    """认定 Decide on a pair: one subject (they are merged) or two.

    Example: chengxin match decide 7 --same --by 林核对 --reason 营业执照一致
    """
    with open_home(home):
        from chengxin.accounts.permissions import at_the_console
        from chengxin.archive.joining import decide as decided

        merge = decided(candidate, same, by=at_the_console(by), on=today(), reason=reason)
        say("不同主体 two subjects" if merge is None else f"已归并 merged, number {merge}")


def _subject(code: str) -> int:
    from chengxin.registry.queries import resolve

    found = resolve(code, personal=True)
    if found is None:
        stop(f"没有代码为“{code[:40]}”的信用主体 / no subject has the code '{code[:40]}'")
    return found


@command
def merge(
    kept: Annotated[str, typer.Argument(help="保留的主体代码 / code of the subject that stays")],
    absorbed: Annotated[str, typer.Argument(help="并入的主体代码 / code of the one that goes into it")],
    by: By,
    reason: Reason,
    despite_codes: Annotated[
        bool, typer.Option("--despite-codes", help="两者均有统一社会信用代码也归并 / though both have codes")
    ] = False,
    home: HomeOption = None,
) -> None:
    """归并 Two subjects were found to be one; their records go together. Reversible.

    Example: chengxin match merge 91350102MA2XAB0130 S1204 --by 林核对 --reason 同一营业执照
    """
    with open_home(home):
        from chengxin.accounts.permissions import at_the_console
        from chengxin.archive.joining import merge as join

        number = join(
            _subject(kept),
            _subject(absorbed),
            by=at_the_console(by),
            reason=reason,
            on=today(),
            despite_codes=despite_codes,
        )
        say(f"已归并 merged, number {number}")


@command
def undo(
    number: Annotated[int, typer.Argument(help="归并编号 / number of the merge")],
    by: By,
    reason: Reason,
    home: HomeOption = None,
) -> None:
    """撤销归并 Take a merge back: both subjects stand as before.

    Example: chengxin match undo 8642 --by 林核对 --reason 同名不同店
    """
    with open_home(home):
        from chengxin.accounts.permissions import at_the_console
        from chengxin.archive.joining import undo_merge

        undone = undo_merge(number, by=at_the_console(by), reason=reason, on=today())
        say(f"已撤销 undone, number {undone}")


@command
def move(
    records: Annotated[list[int], typer.Argument(help="记录编号 / numbers of records")],
    to: Annotated[
        str, typer.Option("--to", help="主体代码 / code of the subject they belong to", show_default=False)
    ],
    by: By,
    reason: Reason,
    home: HomeOption = None,
) -> None:
    """改正归属 Records belong to another subject than they were kept under.

    Example: chengxin match move 120 121 --to 91350102MA2XAB0130 --by 林核对 --reason 同名混淆
    """
    with open_home(home):
        from chengxin.archive.attributing import attribute

        subject = attribute(records, _subject(to), by=by, reason=reason, on=today())
        say(f"已改正 moved to S{subject}")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for function in (queue, decide, merge, undo, move):
        match.command()(function)
    app.add_typer(match)
