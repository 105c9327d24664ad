"""The command line: `chengxin --help`."""

from __future__ import annotations

import os

import typer

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengxin.settings")

from chengxin import __version__
from chengxin.cli import (
    admin,
    data,
    deadline,
    decisions,
    detect,
    lake,
    leads,
    ledger,
    look,
    report,
    service,
    steward,
)

app = typer.Typer(
    name="chengxin",
    help="诚信 Chengxin: 电子商务信用平台 / an open e-commerce credit platform",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="版本 / version"),
) -> None:
    """诚信 Chengxin: 电子商务信用平台 / an open e-commerce credit platform."""


data.add_to(app)
look.add_to(app)
deadline.add_to(app)
decisions.add_to(app)
steward.add_to(app)
ledger.add_to(app)
leads.add_to(app)
lake.add_to(app)
detect.add_to(app)
service.add_to(app)
admin.add_to(app)
report.add_to(app)


def main() -> None:
    """Entry point of the command `chengxin`."""
    app()
