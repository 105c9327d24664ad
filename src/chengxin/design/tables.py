"""Lists as declarations: columns, filters, order. Paging, choice of columns and export come with them.

A room declares a `Table` and a function that fetches rows; `table_page` answers with the page, with the
table alone (HTMX), or with a file that holds what is on screen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext

from chengxin.design.exports import FORMATS, file_of
from chengxin.design.render import page
from chengxin.kernel.problems import Problem

Kind = Literal["text", "code", "number", "date", "time", "badge", "share"]
FilterKind = Literal["text", "choice", "date", "number"]
_CHINA = ZoneInfo("Asia/Shanghai")
_LONGEST = 200  # characters of a filter


@dataclass(frozen=True)
class Column:
    """A column: its key in the rows, its title (Chinese, translated when shown), how values are written.

    sort    whether rows can be ordered by it; hidden: not shown until somebody asks for it
    """

    key: str
    title: str
    kind: Kind = "text"
    sort: bool = False
    hidden: bool = False


@dataclass(frozen=True)
class Filter:
    """A condition that people may set; `choices` are (value, title)."""

    key: str
    title: str
    kind: FilterKind = "text"
    choices: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Table:
    """A list. `order` is "key" or "-key"; `size` rows a page."""

    id: str
    title: str
    columns: tuple[Column, ...]
    filters: tuple[Filter, ...] = ()
    order: str = ""
    size: int = 50


@dataclass(frozen=True)
class Cell:
    """A value with more to it: where it leads, its badge (good, bad, warn, info, quiet), a note below."""

    text: str
    url: str | None = None
    badge: str | None = None
    note: str | None = None


Value = Cell | str | int | float | date | datetime | None
Row = Mapping[str, Value]


@dataclass(frozen=True)
class Rows:
    """A page of rows; `next`: what leads to the following page, `total`: how many there are, where known."""

    rows: Sequence[Row]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True)
class Asked:
    """What a query asks of a table, sifted: known filters with fitting values, an order, columns, a place."""

    filters: Mapping[str, str]
    order: str
    columns: tuple[str, ...]
    after: str | None
    problems: tuple[Problem, ...] = field(default=())


Fetch = Callable[[Asked, int], Rows]


def asked(table: Table, query: QueryDict) -> Asked:
    """Sift a query. What doesn't fit is left out and told in `problems`; nothing raises."""
    problems: list[Problem] = []
    filters = {}
    for one in table.filters:
        value = " ".join(query.get(one.key, "").replace("\x00", "").split())
        if not value:
            continue
        if _fits(one, value):
            filters[one.key] = value
        else:
            problems.append(_ignored(one.key, value, gettext(one.title)))
    order = query.get("order", table.order)
    if order.removeprefix("-") not in {one.key for one in table.columns if one.sort}:
        if order != table.order:
            problems.append(_ignored("order", order, gettext("排序")))
        order = table.order
    known = [one.key for one in table.columns]
    wanted = [key for key in query.getlist("columns") if key in known]
    problems += [
        _ignored("columns", key, gettext("显示的列")) for key in query.getlist("columns") if key not in known
    ][:1]
    shown = tuple(wanted) or tuple(one.key for one in table.columns if not one.hidden)
    after: str | None = query.get("after", "").replace("\x00", "") or None
    if after is not None and len(after) > _LONGEST:
        after = None
        problems.append(no_such_place())
    return Asked(filters, order, tuple(key for key in known if key in shown), after, tuple(problems))


def no_such_place() -> Problem:
    """What a list says of a place to go on from that there isn't."""
    return Problem(
        "after", None, "table.after",
        "没有这一页，已回到第一页", "there is no such page; this is the first one",
        "请用“下一页”翻页", "use 'next page' to go on",
    )  # fmt: skip


def day_of(text: str | None) -> date | None:
    """The day that a filter names; None for none and for what is no day."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def _fits(one: Filter, value: str) -> bool:
    match one.kind:
        case "choice":
            return value in {choice for choice, _ in one.choices}
        case "date":
            try:
                date.fromisoformat(value)
            except ValueError:
                return False
            return len(value) == 10
        case "number":
            return value.isascii() and value.isdigit() and len(value) < 19
        case "text":
            return len(value) <= _LONGEST


def _ignored(key: str, value: str, title: str) -> Problem:
    return Problem(
        key, value[:40], "table.filter",
        f"“{title}”不能为“{value[:40]}”，已忽略", f"'{title}' can't be '{value[:40]}'; it was left out",
        "请改正后重试", "correct it and try again",
    )  # fmt: skip


# --- pages --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Head:
    """A column as the page shows it: `url` orders by it, `sorted` is "ascending", "descending" or ""."""

    key: str
    title: str
    kind: str
    url: str
    sorted: str


@dataclass(frozen=True)
class FilterShown:
    """A filter as the form shows it."""

    key: str
    title: str
    kind: str
    choices: tuple[tuple[str, str], ...]
    value: str


@dataclass(frozen=True)
class Shown:
    """A table with its rows, ready for `design/table.html`."""

    id: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[tuple[Head, Cell], ...], ...]
    filters: tuple[FilterShown, ...]
    choices: tuple[tuple[str, str, bool], ...]
    kept: tuple[tuple[str, str], ...]
    kept_filters: tuple[tuple[str, str], ...]
    clear: str
    filtered: bool
    total: int | None
    next: str | None
    first: str | None
    order: str
    query: str
    csv: str
    xlsx: str
    problems: tuple[Problem, ...]


def table_page(
    request: HttpRequest,
    template: str,
    table: Table,
    fetch: Fetch,
    values: Mapping[str, Any] | None = None,
    *,
    exported: Callable[[str, int], None] | None = None,
    most: int = 10_000,
) -> HttpResponse:
    """Answer a request for a list: the page, its table alone for HTMX, or a file of what was asked.

    fetch       gives the rows behind `asked.after`, at most as many as it is told
    exported    called with the format and the number of rows before a file leaves, so that it can be logged
    most        rows of a file; more are refused by leaving them out and saying so in its last line
    """
    question = asked(table, request.GET)
    format = request.GET.get("format", "")
    if format in FORMATS:
        return _file(table, question, fetch, format, most=most, exported=exported)
    question, rows = _fetched(question, fetch, table.size)
    context = {**(values or {}), "table": _shown(request, table, question, rows)}
    part = request.headers.get("HX-Request") == "true" and request.headers.get("HX-Target") == table.id
    response = page(request, "design/table" if part else template, context, indexed=False)
    response["Vary"] = f"{response['Vary']}, HX-Request, HX-Target"
    return response


def _fetched(question: Asked, fetch: Fetch, size: int) -> tuple[Asked, Rows]:
    """The rows; of the first page where `after` leads nowhere."""
    try:
        return question, fetch(question, size)
    except (ValueError, LookupError, OverflowError):
        if question.after is None:
            raise
        first = replace(question, after=None, problems=(*question.problems, no_such_place()))
        return first, fetch(first, size)


def _shown(request: HttpRequest, table: Table, question: Asked, rows: Rows) -> Shown:
    by_key = {one.key: one for one in table.columns}
    default = tuple(one.key for one in table.columns if not one.hidden)
    order = (("order", question.order),) if question.order != table.order else ()
    columns = tuple(("columns", key) for key in question.columns) if question.columns != default else ()

    def link(**changed: str | None) -> str:
        parts: list[tuple[str, str]] = [*question.filters.items(), *order, *columns]
        parts = [(key, value) for key, value in parts if key not in changed]
        parts += [(key, value) for key, value in changed.items() if value]
        return f"{request.path}?{urlencode(parts)}"

    heads = tuple(_head(by_key[key], question.order, link) for key in question.columns)
    return Shown(
        id=table.id,
        title=gettext(table.title),
        heads=heads,
        rows=tuple(
            tuple((head, cell(by_key[head.key], row.get(head.key))) for head in heads) for row in rows.rows
        ),
        filters=tuple(
            FilterShown(
                one.key,
                gettext(one.title),
                one.kind,
                tuple((value, gettext(title)) for value, title in one.choices),
                question.filters.get(one.key, ""),
            )
            for one in table.filters
        ),
        choices=tuple((one.key, gettext(one.title), one.key in question.columns) for one in table.columns),
        kept=(*order, *columns),
        kept_filters=(*question.filters.items(), *order),
        clear=link(**dict.fromkeys(question.filters)),
        filtered=bool(question.filters),
        total=rows.total,
        next=link(after=rows.next) if rows.next else None,
        first=link() if question.after else None,
        order=question.order,
        query=link().partition("?")[2],
        csv=link(format="csv"),
        xlsx=link(format="xlsx"),
        problems=question.problems,
    )


def _head(column: Column, order: str, link: Callable[..., str]) -> Head:
    now = order.removeprefix("-") == column.key
    down = order.startswith("-")
    url = link(order=column.key if now and down else f"-{column.key}") if column.sort else ""
    return Head(
        column.key,
        gettext(column.title),
        "flag" if column.kind == "badge" else column.kind,  # the cell itself is no badge
        url,
        ("descending" if down else "ascending") if now else "",
    )


def cell(column: Column, value: Value) -> Cell:
    """A value as people read it."""
    return value if isinstance(value, Cell) else Cell(written(column.kind, value))


def written(kind: str, value: str | int | float | date | datetime | None) -> str:
    """A value in words and figures: thousands apart, China's time, shares as per cent."""
    if value is None:
        return ""
    if kind == "share" and isinstance(value, int | float):
        return f"{value:.1%}"
    if isinstance(value, datetime):
        return value.astimezone(_CHINA).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, bool):
        return gettext("是") if value else gettext("否")
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.1f}" if isinstance(value, float) else str(value)


def _file(
    table: Table,
    question: Asked,
    fetch: Fetch,
    format: str,
    *,
    most: int,
    exported: Callable[[str, int], None] | None,
) -> HttpResponse:
    columns = [one for one in table.columns if one.key in question.columns]
    rows = list(_all(question, fetch, table.size, most + 1))
    over, rows = len(rows) > most, rows[:most]
    if exported is not None:
        exported(format, len(rows))
    lines = [[_plain(one, row.get(one.key)) for one in columns] for row in rows]
    if over:
        lines.append([gettext("只导出前%(most)s行，请缩小范围后分次导出。") % {"most": most}])
    return file_of(table.id, format, [gettext(one.title) for one in columns], lines)


def _all(question: Asked, fetch: Fetch, size: int, most: int) -> Iterator[Row]:
    place, given = replace(question, after=None), 0
    while given < most:
        part = fetch(place, min(max(size, 500), most - given))
        yield from part.rows
        given += len(part.rows)
        if part.next is None or not part.rows:
            return
        place = replace(place, after=part.next)


def _plain(column: Column, value: Value) -> str | int | float:
    if isinstance(value, Cell):
        return value.text
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    return written(column.kind, value)
