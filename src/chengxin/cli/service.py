"""Commands of the service: serve, run, token."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.terminal import HomeOption, command, open_home, progress_bar, say, stop, today

PortOption = Annotated[int, typer.Option("--port", min=1, max=65535, help="端口 / port")]
WorkersOption = Annotated[int, typer.Option("--workers", min=1, max=64, help="进程数 / processes")]


def _serve(home: Path | None, port: int, workers: int) -> None:
    from chengxin.portal.serve import PortTaken
    from chengxin.portal.serve import serve as run_server

    try:
        run_server(home, port, workers)
    except PortTaken as taken:
        stop(str(taken))


@command
def serve(home: HomeOption = None, port: PortOption = 8000, workers: WorkersOption = 1) -> None:
    """提供服务 Serve the site and the API on 127.0.0.1 until stopped.

    Example: chengxin serve --home /tmp/demo --port 8000
    """
    _serve(home, port, workers)


@command
def run(home: HomeOption = None, port: PortOption = 8000) -> None:
    """试用 Fill a demonstration province on first start, then serve it.

    Example: chengxin run --port 8000
    """
    from chengxin.portal.serve import PortTaken, check_port

    try:
        check_port(port)
    except PortTaken as taken:
        stop(str(taken))
    with open_home(home) as folder:
        from chengxin.cli import demonstration_people as staff
        from chengxin.cli.data import say_lake
        from chengxin.cli.demonstration import fill, filled, wanted

        if wanted():
            say("首次启动，正在生成演示省份…… First start: making a demonstration province …")
            with progress_bar("演示 demonstration") as progress:
                figures = fill(1.0, today(), progress)
            say(
                f"  {figures['subjects']:,} 主体 subjects, {figures['records']:,} 信用信息 records, "
                f"{figures['cases']:,} 事项 cases, {figures['leads']:,} 线索 leads"
            )
            say_lake(figures["lake"], folder)
        if filled():
            if staff.wanted():
                staff.make_people()
            _say_people()
    _serve(home, port, 1)


def _say_people() -> None:
    """Who can sign in on a demonstration."""
    from chengxin.accounts.demonstrated import FILE, people
    from chengxin.accounts.permissions import roles
    from chengxin.cli.demonstration_people import FIRST, FIRST_WITH_LEADS
    from chengxin.triage.models import Lead

    found = people()
    if not found:
        return
    first = FIRST | FIRST_WITH_LEADS if Lead.objects.exists() else FIRST
    say("演示人员（登录页 /sign-in；验证码显示在登录第二步）")
    say("People of the demonstration; the page shows the code of the second step:")
    for one in found:
        role = roles()[one.role]
        page, zh, en = first[one.role]
        say(f"  {one.sign_in_name:32} {one.password}  {one.name}  {role.zh} {role.en}")
        say(f"      {page}  {zh} {en}")
    say(f"  {FILE}")


@command
def token(
    organisation: Annotated[
        str, typer.Argument(help="单位代码或名称 / code or name of an organisation that is known")
    ],
    home: HomeOption = None,
) -> None:
    """接口密钥 Make an API key with which an organisation sends files for a year; it is shown once.

    Example: chengxin token 福建省市场监督管理局
    """
    with open_home(home) as path:
        from chengxin.accounts import keys
        from chengxin.accounts.actions import find_organisation

        keys.take_over(path)

        found = find_organisation(organisation)
        if found is None:
            stop(f"没有单位“{organisation[:40]}” / no organisation '{organisation[:40]}' is known")
        say(keys.token(found))


@command
def recheck(home: HomeOption = None) -> None:
    """定期复核 Check again the operators whose time has come (E-Commerce Law art. 27); a daily job.

    Example: chengxin recheck
    """
    with open_home(home):
        from chengxin.archive.verifying import due_for_recheck, verify_subjects

        due = due_for_recheck(today())
        changed = verify_subjects(due, today())
        say(f"复核 rechecked {len(due):,}，变化 changed {changed:,}")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for function in (serve, run, token, recheck):
        app.command()(function)
