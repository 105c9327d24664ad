"""Commands of the steward: the queue of doubtful matches, merges, and their undoing."""

from __future__ import annotations

from typing import Annotated

import typer

match = typer.Typer(name="match", help="主体归并 Doubtful matches, merges and splits", no_args_is_help=True)

By = Annotated[str, typer.Option("--by", help="经办人 / who decides")]
Reason = Annotated[str, typer.Option("--reason", help="理由 / why")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for function in ():
        match.command()(function)
    app.add_typer(match)
