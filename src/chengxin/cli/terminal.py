"""What the commands share: options, messages, progress, and errors told in a sentence."""

from __future__ import annotations

import functools
import logging
import os
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, NoReturn, ParamSpec, TypeVar
from zoneinfo import ZoneInfo

import orjson
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    SpinnerColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

from chengxin.database.home import chosen_home

BAD_INPUT = 2
FAILED = 70  # BSD's sysexits: an error of the software itself

errors = Console(stderr=True, highlight=False, soft_wrap=True)

HomeOption = Annotated[
    Path | None,
    typer.Option(
        "--home", help="数据目录 / home folder (else CHENGXIN_HOME, else the platform's)", show_default=False
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="以JSON输出 / print JSON")]

Given = ParamSpec("Given")
Returned = TypeVar("Returned")


def today() -> date:
    """Today in China."""
    return datetime.now(ZoneInfo("Asia/Shanghai")).date()


def say(text: str) -> None:
    """A line for the person at the terminal."""
    typer.echo(text)


def print_json(value: Any) -> None:
    """One JSON object on one line."""
    sys.stdout.buffer.write(orjson.dumps(value) + b"\n")
    sys.stdout.flush()


def stop(message: str, code: int = BAD_INPUT) -> NoReturn:
    """End with a message on standard error."""
    errors.print(message, style="red", markup=False)
    raise typer.Exit(code)


@contextmanager
def open_home(home: Path | None) -> Iterator[Path]:
    """The home with its database running; what can't be opened ends in a message."""
    from chengxin.database.embedded import ServerUnavailable
    from chengxin.database.start import start

    try:
        chosen = start(home)
    except (ServerUnavailable, OSError) as failed:
        stop(f"数据目录不能使用：{failed} / the home can't be used: {failed}")
    yield chosen.path


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[str, int, float], None]]:
    """A bar on a terminal, nothing elsewhere; gives a function (stage, rows, share)."""
    stages = {
        "received": "接收 received",
        "checked": "核验 checked",
        "kept": "入档 kept",
        "matched": "归集 matched",
        "done": "完成 done",
        "lake": "数据湖 lake",
        "history": "办理经过 history",
    }
    columns = (
        SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows"), TimeElapsedColumn(),
    )  # fmt: skip
    with Progress(*columns, console=errors, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=1.0, rows=0)

        def report(stage: str, rows: int, share: float) -> None:
            bar.update(task, description=f"{title} · {stages.get(stage, stage)}", completed=share, rows=rows)

        yield report


def bilingual(error: BaseException) -> str | None:
    """The message of an error that is meant to be read by whoever gave the command; None for all others."""
    if isinstance(error, OSError):
        return f"文件或目录不能使用：{error.strerror} {error.filename or ''} / can't be used"
    # Before a home is open (or with none: `detect` needs no database) what follows can't even be imported.
    if "CHENGXIN_DATABASE_URL" in os.environ and (told := _of_a_home(error)) is not None:
        return told
    if isinstance(error, LookupError | ValueError) and " / " in str(error):
        return str(error.args[0] if error.args else error)
    return None


def _of_a_home(error: BaseException) -> str | None:
    import psycopg
    from django.db import InterfaceError, OperationalError

    from chengxin.accounts.actions import UnknownOrganisation
    from chengxin.exchange.actions import Refused
    from chengxin.exchange.receiving import NotReceived
    from chengxin.registry import refusing

    if isinstance(error, Refused | NotReceived | UnknownOrganisation | refusing.Refused):
        problem = error.problem
        return f"{problem.zh}。{problem.mend_zh}\n{problem.en}; {problem.mend_en}"
    if isinstance(error, psycopg.OperationalError | OperationalError | InterfaceError):
        return "数据库不能应答，请稍后重试 / the database doesn't answer; try again later"
    return None


def command(function: Callable[Given, Returned]) -> Callable[Given, Returned]:
    """A command whose errors are sentences: 2 for what its caller can mend, 70 for ours (noted down)."""

    @functools.wraps(function)
    def run(*given: Given.args, **named: Given.kwargs) -> Returned:
        try:
            return function(*given, **named)
        except (typer.Exit, typer.Abort, KeyboardInterrupt):
            raise
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except Exception as failed:
            message = bilingual(failed)
            if message is not None:
                stop(message)
            if os.environ.get("CHENGXIN_TRACEBACK"):
                raise
            note = _note_down()
            stop(
                f"系统内部错误，详情已记录在 {note} / something went wrong here; it is noted in {note}",
                FAILED,
            )

    return run


def _note_down() -> Path:
    """Where an error of ours is noted: frames and kind, no values, since those may be personal."""
    path = chosen_home().path / "errors.log"
    kind, _, frames = sys.exc_info()
    lines = [f"{datetime.now(ZoneInfo('Asia/Shanghai')).isoformat()} {kind.__name__ if kind else ''}\n"]
    lines += traceback.format_tb(frames)
    try:
        with path.open("a", encoding="utf-8") as log:
            log.writelines(lines)
    except OSError:
        logging.getLogger(__name__).error("%s", "".join(lines))
    return path
