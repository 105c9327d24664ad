"""The quality of what sources send: shares by month beside the median of all, one source's faults."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.models import Organisation
from chengxin.accounts.permissions import Reach
from chengxin.design.charts import Chart
from chengxin.design.render import not_found, page, reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Rows, Table, table_page
from chengxin.design.words import say
from chengxin.exchange import measures
from chengxin.exchange.measures import Shares
from chengxin.exchange.pages import wording
from chengxin.exchange.quality import Quality, first_month, months
from chengxin.kernel.problems import Problem
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import SOURCE_ROLES


@requires("quality.read")
@reading
def quality(request: HttpRequest) -> HttpResponse:
    """Shares of the last twelve months, by month, and a table of every source and item within reach."""
    reach = actor_of(request).reach("quality.read")
    today = timezone.localdate()
    since = first_month(today)
    item = _item(request)
    own = None if reach.everything else reach.organisations

    def fetch(asked: Asked, size: int) -> Rows:
        offset = int(asked.after) if asked.after and asked.after.isdecimal() and len(asked.after) < 7 else 0
        found, more = measures.listed(
            reach, _wanted(asked), since, order=asked.order or "-month", offset=offset, size=size
        )
        return Rows([_row(one) for one in found], next=str(offset + size) if more else None)

    return table_page(
        request,
        "exchange/quality",
        _table(today, several=own is None or len(own) > 1),
        fetch,
        _overview(reach, item, today, gettext("全部单位") if own is None else gettext("本单位"))
        | {
            "everything": own is None,
            "own_source": own[0] if own and len(own) == 1 else None,
            "item": item,
            "item_name": wording.item_name(item) if item else "",
        },
    )


@requires("quality.read")
@reading
def source(request: HttpRequest, id: int) -> HttpResponse:
    """One source: how its shares went, what is wrong most often and what to do, what it leaves empty."""
    reach = actor_of(request).reach("quality.read")
    found = Organisation.objects.filter(pk=id).first() if id < 2**63 else None
    if found is None or not (reach.everything or found.pk in reach.organisations):
        return not_found(
            request, gettext("没有这个单位，或不在您的查看范围"), gettext("请从“报送质量”中选择。")
        )
    today = timezone.localdate()
    since = first_month(today)
    values = _overview(Reach(organisations=(found.pk,)), "", today, gettext("该单位"))
    return page(
        request,
        "exchange/quality_source",
        values
        | {
            "source": found,
            "role": say(SOURCE_ROLES[found.role]) if found.role in SOURCE_ROLES else found.role,
            "faults": [_fault(one) for one in measures.faults(found.pk, since)],
            "seldom": [_seldom(one) for one in measures.seldom_filled(found.pk, since)],
        },
        indexed=False,
    )


def _item(request: HttpRequest) -> str:
    """The item by which the table is filtered: figures and charts are of the same."""
    asked = request.GET.get("item", "")
    return asked if any(one.id == asked for one in catalogue.versions()) else ""


FIGURES: tuple[tuple[str, str, str], ...] = (
    ("accepted", gettext_noop("合格率"), gettext_noop("没有被退回的行占全部行的比例。")),
    ("late", gettext_noop("逾期率"), gettext_noop("晚于目录规定期限报送的行占入档行的比例。")),
    ("filled", gettext_noop("完整率"), gettext_noop("已填写的单元格占合格行全部单元格的比例，含选填字段。")),
    (
        "without_code",
        gettext_noop("缺代码率"),
        gettext_noop("没有统一社会信用代码等主体代码的行占入档行的比例。"),
    ),
    ("duplicate", gettext_noop("重复率"), gettext_noop("与已入档信息完全相同的行占全部行的比例。")),
)
"""Each share: its name in `Shares`, its title, how it is calculated."""


def _overview(reach: Reach, item: str, today: date, of_whom: str) -> dict[str, Any]:
    since = first_month(today)
    total, middle = measures.total(reach, item, since), measures.median(item, since)
    by_month, medians = measures.by_month(reach, item, since), measures.medians(item, since)
    return {
        "total": total,
        "figures": [
            {
                "title": gettext(title),
                "meaning": gettext(meaning),
                "value": _percent(getattr(total, name)),
                "median": _percent(getattr(middle, name)) if middle else None,
            }
            for name, title, meaning in FIGURES
        ],
        "sources": middle.sources if middle else 0,
        "fewest": measures.FEWEST,
        "charts": _charts(by_month, medians, today, of_whom) if total.files else [],
        "since": since,
    }


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{share:.1%}"


def _charts(
    by_month: Mapping[str, Shares], medians: Mapping[str, Shares], today: date, of_whom: str
) -> list[Chart]:
    names = [f"{day:%Y-%m}" for day in months(today)]

    def series(of: Mapping[str, Shares], name: str) -> Sequence[float | None]:
        return tuple(_hundredths(getattr(of[month], name)) if month in of else None for month in names)

    def counts(name: str) -> Sequence[int]:
        return tuple(getattr(by_month[month], name) if month in by_month else 0 for month in names)

    charts = [
        Chart(
            "rows",
            gettext("每月行数"),
            "stacked",
            tuple(names),
            (
                (gettext("入档"), counts("kept")),
                (gettext("重复"), counts("duplicates")),
                (gettext("退回"), counts("rejected")),
            ),
            unit=gettext("行数据"),
        )
    ]
    for name, title, meaning in FIGURES:
        lines = [(of_whom, series(by_month, name))]
        if medians:
            lines.append((gettext("全部单位的中位数"), series(medians, name)))
        charts.append(
            Chart(name, gettext(title), "line", tuple(names), tuple(lines), unit="%", note=gettext(meaning))
        )
    return charts


def _hundredths(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 1)


def _table(today: date, *, several: bool) -> Table:
    named = tuple((f"{day:%Y-%m}", f"{day:%Y-%m}") for day in reversed(months(today)))
    column = (Column("source", gettext_noop("报送单位")),) if several else ()
    by_source = (Filter("source", gettext_noop("报送单位")),) if several else ()
    return Table(
        "quality",
        gettext_noop("各月报送质量"),
        (
            Column("month", gettext_noop("月份"), sort=True),
            *column,
            Column("item", gettext_noop("项目")),
            Column("files", gettext_noop("文件数"), "number", sort=True, hidden=True),
            Column("refused", gettext_noop("拒收文件"), "number", hidden=True),
            Column("rows", gettext_noop("行数"), "number", sort=True),
            Column("accepted", gettext_noop("合格率"), "share", sort=True),
            Column("late", gettext_noop("逾期率"), "share", sort=True),
            Column("filled", gettext_noop("完整率"), "share", sort=True),
            Column("duplicate", gettext_noop("重复率"), "share", sort=True),
            Column("without_code", gettext_noop("缺代码率"), "share", sort=True),
        ),
        (
            Filter("month", gettext_noop("月份"), "choice", named),
            *by_source,
            Filter("item", gettext_noop("项目"), "choice", wording.item_choices()),
        ),
        order="-month",
    )


def _wanted(asked: Asked) -> measures.Wanted:
    given = asked.filters
    return measures.Wanted(
        month=given.get("month", ""), source=given.get("source", ""), item=given.get("item", "")
    )


def _row(one: Quality) -> dict[str, Any]:
    return {
        "month": one.month,
        "source": Cell(one.source, url=reverse("quality-source", args=[one.source_id])),
        "item": wording.item_name(one.item),
        "files": one.files,
        "refused": one.refused,
        "rows": one.rows,
        "accepted": 1 - one.rejected / one.rows if one.rows else None,
        "late": one.late / one.kept if one.kept else None,
        "filled": one.completeness,
        "duplicate": one.duplicate / one.rows if one.rows else None,
        "without_code": one.without_code / one.kept if one.kept else None,
    }


def _fault(one: measures.Fault) -> dict[str, Any]:
    item = next((version for version in catalogue.items() if version.id == one.item), None)
    words = wording.told(
        Problem(one.field, None, one.rule, one.zh, one.en, mend_zh=one.mend_zh, mend_en=one.mend_en)
    )
    return words | {
        "item": wording.item_name(one.item),
        "field": wording.field_name(item, one.field),
        "count": one.count,
        "files": one.files,
        "last": one.last,
    }


def _seldom(one: measures.Filled) -> dict[str, Any]:
    item = next((version for version in catalogue.items() if version.id == one.item), None)
    return {
        "item": wording.item_name(one.item),
        "field": wording.field_name(item, one.field),
        "share": _percent(one.filled / one.rows if one.rows else None),
        "empty": one.rows - one.filled,
    }
