"""Commands that look things up: show, search, screen."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from chengxin.cli.terminal import HomeOption, JsonOption, command, open_home, print_json, say, stop, today

MOST_SCREENED = 100_000


@command
def show(
    code: Annotated[
        str, typer.Argument(help="统一社会信用代码等 / a code of the subject", show_default=False)
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """信用档案 Everything held on a subject, personal numbers masked.

    Example: chengxin show 91350102MA2XAB0130 --json
    """
    with open_home(home):
        from chengxin.archive.queries import full_subject

        found = full_subject(code, today())
        if found is None:
            stop(
                f"没有代码为“{code[:40]}”的信用主体，请核对代码 / "
                f"no subject has the code '{code[:40]}': compare it",
                1,
            )
        if as_json:
            print_json(found)
            return
        subject = found["subject"]
        say(f"{subject['name']}  {subject['code']}  {subject['kind']}")
        for record in found["records"]:
            since, until = (record["publication"][end] or "" for end in ("from", "until"))
            say(
                f"  {record['date']}  {record['item_name_zh']}  {record['state']}  {record['source']}  "
                f"《{record['law_name_zh']}》  {record['disclosure']} {since}–{until}  #{record['id']}"
            )


@command
def search(
    query: Annotated[
        str, typer.Argument(help="名称、拼音、代码、店铺、域名 / name, pinyin, code, shop, domain")
    ],
    home: HomeOption = None,
    most: Annotated[int, typer.Option("--most", min=1, max=100)] = 20,
    as_json: JsonOption = False,
) -> None:
    """查询主体 Find subjects by name, pinyin, code, shop or domain.

    Example: chengxin search xiamen
    """
    with open_home(home):
        from chengxin.registry.queries import search as find

        for one in find(query, None, most, public=False).subjects:
            if as_json:
                print_json(one.as_dict())
            else:
                say(f"{one.code:20} {one.name}  {one.outlet or ''}")


@command
def screen(
    file: Annotated[
        Path, typer.Argument(help="每行一个名称或代码 / a name or code a line; - for standard input")
    ],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """批量比对 Hold up to 100,000 names and codes against the registry.

    Example: chengxin screen names.txt --json
    """
    queries = list(islice(_lines(file), MOST_SCREENED + 1))
    if len(queries) > MOST_SCREENED:
        stop(
            f"一次最多{MOST_SCREENED:,}行，请分成几个文件 / "
            f"at most {MOST_SCREENED:,} lines at once: split the file"
        )
    with open_home(home):
        from chengxin.registry.screening import screen as screened

        for one in screened(queries):
            if as_json:
                print_json(one.as_dict())
            else:
                best = "；".join(f"{found.name} {found.code} ({found.score:.2f})" for found in one.subjects)
                say(f"{one.query}\t{one.match}\t{best}")


def _lines(file: Path) -> Iterator[str]:
    """The lines that say something, in UTF-8 or GB18030."""
    try:
        content = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as failed:
        stop(f"不能读取“{file}”（{failed.strerror}） / '{file}' can't be read ({failed.strerror})")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            stop("文件不是UTF-8或GB18030编码的文本 / the file is no text in UTF-8 or GB18030")
    return (line.strip() for line in text.splitlines() if line.strip())


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    for function in (show, search, screen):
        app.command()(function)
