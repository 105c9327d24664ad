"""The command `deadline`: the clock by itself, to be checked by anybody; no home, no database."""

from __future__ import annotations

import re
from datetime import date, timedelta
from difflib import get_close_matches
from typing import Annotated, Any

import typer

from chengxin.cli.terminal import JsonOption, command, print_json, say, stop
from chengxin.kernel.calendar import FIRST_OFFICIAL, Counted
from chengxin.kernel.dates import EARLIEST, LATEST
from chengxin.rulebook import deadlines
from chengxin.rulebook.deadlines import Deadline
from chengxin.rulebook.laws import law

NOT_COUNTED = 1

_DAY = timedelta(days=1)
_WEEKDAYS = "一二三四五六日"
_UNITS = {
    "working_day": ("个工作日", "working days"),
    "calendar_day": ("日", "calendar days"),
    "month": ("个月", "months"),
    "year": ("年", "years"),
}
_ENDS = {
    "moved": (
        "最后一日是休息日的，顺延到其后第一个工作日",
        "a last day that is a day off moves to the first working day after it",
    ),
    "fixed": ("期末不因节假日顺延", "the end isn't moved by a day off"),
}

_PROVISIONAL = (
    "国务院尚未公布该年放假安排，结果按周末和固定日期的节日暂算",
    "provisional, by weekends and holidays of fixed date: the official calendar isn't out yet",
)
_PROVISIONAL_PAST = (
    f"{FIRST_OFFICIAL.year}年以前的放假安排本系统未载，结果按周末和固定日期的节日暂算",
    f"provisional, by weekends and holidays of fixed date: no calendar before {FIRST_OFFICIAL.year} is held",
)


@command
def deadline(
    id: Annotated[
        str, typer.Argument(metavar="ID", help="期限编号 / id of the deadline", show_default=False)
    ],
    start: Annotated[
        str,
        typer.Option("--from", help="起算事由发生日，当日不计 / the day it counts from, not counted itself"),
    ],
    law_date: Annotated[
        str | None,
        typer.Option("--law-date", help="按哪一日的法律，默认同起算日 / whose law decides; default: --from"),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """计算期限 When a period ends, counted by the official calendar and the law of the day.

    Example: chengxin deadline list.notice --from 2026-02-12 --json
    """
    begun = _day("--from", start)
    lawful = begun if law_date is None else _day("--law-date", law_date)
    rule = _rule(id, lawful)
    counted = rule.counted(begun)
    if as_json:
        print_json(_as_dict(rule, counted, begun, lawful))
    else:
        say(_in_words(rule, counted, begun))


def _day(option: str, text: str) -> date:
    """The day that an option names; stops where it names none that can be counted from."""
    try:
        found = date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII) else None
    except ValueError:
        found = None
    if found is None or not EARLIEST <= found <= LATEST:
        stop(
            f"{option} “{text[:40]}”不是{EARLIEST}至{LATEST}之间的日期，请写成2026-02-12的样子 / "
            f"{option} '{text[:40]}' is no day from {EARLIEST} to {LATEST}: write it like 2026-02-12",
            NOT_COUNTED,
        )
    return found


def _rule(id: str, on: date) -> Deadline:
    """The row that the law of the day gives; stops where there is none."""
    known = sorted({one.id for one in deadlines.deadlines()})
    if id not in known:
        offered = ", ".join(get_close_matches(id, known, n=3) or known)
        stop(
            f"没有期限“{id[:40]}”，请选用：{offered} / there is no deadline '{id[:40]}': choose {offered}",
            NOT_COUNTED,
        )
    try:
        return deadlines.deadline(id, on)
    except LookupError:
        rows = deadlines.history(id)
        spans = ", ".join(f"{one.in_force} – {one.until - _DAY if one.until else ''}".strip() for one in rows)
        stop(
            f"期限“{id}”在{on}没有有效规定，"
            f"最早的已知规定自{rows[0].in_force}起施行；请用--law-date指定有效期内的日期：{spans} / "
            f"deadline '{id}' has no rule in force on {on}; the earliest known is of {rows[0].in_force}: "
            f"name a day within {spans} by --law-date",
            NOT_COUNTED,
        )


def _as_dict(rule: Deadline, counted: Counted, begun: date, lawful: date) -> dict[str, Any]:
    return {
        "due": counted.due,
        "counted": counted.counted,
        "law": rule.law,
        "article": rule.article,
        "id": rule.id,
        "from": begun,
        "law_date": lawful,
        "length": rule.length,
        "unit": rule.unit,
        "end": rule.end,
        "counts_from": rule.counts_from,
        "provisional": counted.provisional,
        "verified": rule.verified,
    }


def _in_words(rule: Deadline, counted: Counted, begun: date) -> str:
    cited = law(rule.law)
    article = (f"第{rule.article}条", f", art. {rule.article}") if rule.article else ("", "")
    lines = [
        f"{counted.due}  星期{_WEEKDAYS[counted.due.weekday()]} {counted.due:%A}",
        f"{rule.step_zh} / {rule.step}",
        " / ".join(_length(rule, begun)),
        " / ".join(_ENDS[rule.end]),
        f"《{cited.name_zh}》{article[0]} / {cited.name_en}{article[1]}"
        f"（{rule.in_force}起施行 / in force since {rule.in_force}）",
        f"计入 / counted: {' '.join(str(day) for day in counted.counted)}",
    ]
    if counted.provisional:
        lines.append(" / ".join(_PROVISIONAL_PAST if begun < FIRST_OFFICIAL else _PROVISIONAL))
    if not rule.verified:
        lines.append("该期限尚未与法律原文核对 / nobody confirmed this period with the text of the law yet")
    return "\n".join(lines)


def _length(rule: Deadline, begun: date) -> tuple[str, str]:
    """What was counted, and from when."""
    if rule.length is None:
        return (
            f"{begun}之后最近的{rule.counts_from_zh}之月末",
            f"the end of the next of {rule.counts_from} after {begun}",
        )
    unit_zh, unit_en = _UNITS[rule.unit]
    return (
        f"{rule.counts_from_zh}之日{begun}不计，{rule.length}{unit_zh}",
        f"{rule.length} {unit_en} after {begun} ({rule.counts_from}), which isn't counted",
    )


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(deadline)
