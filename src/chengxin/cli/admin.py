"""Commands about administrators: the first one is made on the machine itself, all others are invited."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from chengxin.cli.terminal import HomeOption, command, open_home, say, stop
from chengxin.kernel.problems import Problem

if TYPE_CHECKING:
    from chengxin.accounts.models import User

admin = typer.Typer(
    name="admin", help="系统管理员 Administrators and access to the site", no_args_is_help=True
)

SignInName = Annotated[str, typer.Argument(help="登录名 / sign-in name")]

OFFICE = "福建省发展和改革委员会"
"""The credit office of the plan, for which the first administrator acts when no other is named."""


@command
def create(
    name: Annotated[str, typer.Option("--name", help="姓名 / the person's name", show_default=False)],
    sign_in_name: Annotated[str, typer.Option("--sign-in-name", help="登录名 / sign-in name")] = "admin",
    organisation: Annotated[
        str,
        typer.Option("--organisation", help="信用牵头部门的代码或名称 / code or name of the credit office"),
    ] = OFFICE,
    password: Annotated[
        bool,
        typer.Option(
            "--password", help="从终端或标准输入读取密码 / take the password from terminal or stdin"
        ),
    ] = False,
    another: Annotated[
        bool, typer.Option("--another", help="已有管理员时仍新建 / even when there is one already")
    ] = False,
    home: HomeOption = None,
) -> None:
    """新建管理员 Make the first administrator: prints a link, valid once and for a week, by which they join.

    Example: chengxin admin create --name 林管理 --sign-in-name lin.gl
    """
    with open_home(home):
        from chengxin.accounts import invitations, managing
        from chengxin.accounts.actions import sending_organisation
        from chengxin.accounts.passwords import problem_of
        from chengxin.accounts.permissions import at_the_console

        if managing.administrators() and not another:
            stop(
                "已有系统管理员；确需再建请加 --another / there is an administrator; --another makes one more"
            )
        of = sending_organisation(organisation, "credit_office")
        invited = invitations.Invited(name.strip(), sign_in_name.strip().lower(), "administrator", of)
        chosen = _typed_password() if password else None
        try:
            if chosen is not None and (unfit := problem_of(chosen, (invited.name, invited.sign_in_name))):
                raise invitations.NotDone(unfit)
            token = invitations.invite(at_the_console("chengxin admin"), invited)
            if chosen is None:
                say(f"/join/{token}")
                say("请在7天内于本站打开此路径，仅可用一次 / open this path on the site, once, within 7 days")
                return
            invitations.join(token, chosen)
        except invitations.NotDone as refused:
            _refused(refused.problems)
        say(f"{invited.sign_in_name}：首次登录时设置双因素验证 / enrols a second factor at the first sign-in")


def _typed_password() -> str:
    if sys.stdin.isatty():
        typed: str = typer.prompt("密码 / password", hide_input=True, confirmation_prompt=True)
        return typed
    return sys.stdin.readline().rstrip("\r\n")


def _refused(problems: Sequence[Problem]) -> NoReturn:
    stop("\n".join(f"{one.zh}。{one.mend_zh}\n{one.en}; {one.mend_en}" for one in problems))


@command
def listed(home: HomeOption = None) -> None:
    """管理员名单 List the administrators.

    Example: chengxin admin list
    """
    with open_home(home):
        from chengxin.accounts.managing import administrators

        for one in administrators():
            factor = (
                "双因素已启用 second factor" if one.second_factor else "双因素未启用 no second factor yet"
            )
            seen = one.signed_in_at.isoformat(timespec="minutes") if one.signed_in_at else "从未登录 never"
            say(f"{one.sign_in_name}\t{one.name}\t{factor}\t{seen}")


@command
def end(
    sign_in_name: SignInName,
    to: Annotated[str, typer.Option("--to", help="接手人登录名 / colleague who takes over")] = "",
    home: HomeOption = None,
) -> None:
    """停用用户 End a person's access at once; what is open goes to a colleague.

    Example: chengxin admin end lin.gl --to chen.xm
    """
    with open_home(home):
        from chengxin.accounts import invitations, managing
        from chengxin.accounts.permissions import at_the_console

        try:
            moved = managing.end_user(
                at_the_console("chengxin admin"), _user(sign_in_name), _user(to) if to else None
            )
        except invitations.NotDone as unfit:
            _refused(unfit.problems)
        say(f"已停用 ended: {sign_in_name} {' '.join(f'{what}={count}' for what, count in moved.items())}")


@command
def reset_second_factor(sign_in_name: SignInName, home: HomeOption = None) -> None:
    """重置双因素 Take a lost second factor from a person, who enrols a new one at the next sign-in.

    Example: chengxin admin reset-second-factor lin.gl
    """
    with open_home(home):
        from chengxin.accounts import managing, second_factor
        from chengxin.accounts.permissions import at_the_console

        user = _user(sign_in_name)
        second_factor.take_back(at_the_console("chengxin admin"), user, targets=managing.targets_of(user))
        say(f"已重置 second factor taken back: {sign_in_name}")


def _user(sign_in_name: str) -> User:
    from chengxin.accounts.models import User

    found = User.objects.filter(sign_in_name=sign_in_name.strip().lower()).first()
    if found is None:
        stop(f"没有用户“{sign_in_name[:64]}” / there is no user '{sign_in_name[:64]}'")
    return found


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    admin.command()(create)
    admin.command("list")(listed)
    admin.command()(end)
    admin.command("reset-second-factor")(reset_second_factor)
    app.add_typer(admin)
