"""The list of batches that a person may see."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_noop

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Reach
from chengxin.design.render import reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Rows, Table, day_of, table_page
from chengxin.design.words import say
from chengxin.exchange import queries
from chengxin.exchange.pages import wording


@requires("batch.read")
@reading
def batches(request: HttpRequest) -> HttpResponse:
    """Batches with their stage and counts, the newest first."""
    actor = actor_of(request)
    reach = actor.reach("batch.read")
    several = reach.everything or len(reach.organisations) > 1

    def fetch(asked: Asked, size: int) -> Rows:
        found, following = queries.listed(reach, _wanted(asked), _order(asked.order), asked.after, size)
        return Rows([_row(one) for one in found], next=following)

    return table_page(
        request,
        "exchange/batches",
        _table(several=several),
        fetch,
        {"may_send": actor.may("batch.send"), "everything": reach.everything, "none": _none(reach)},
    )


def _none(reach: Reach) -> bool:
    found, _ = queries.listed(reach, queries.Wanted(), size=1)
    return not found


def _table(*, several: bool) -> Table:
    source = (Column("source", gettext_noop("报送单位")),) if several else ()
    by_source = (Filter("source", gettext_noop("报送单位")),) if several else ()
    return Table(
        "batches",
        gettext_noop("报送批次"),
        (
            Column("id", gettext_noop("编号"), "number", sort=True),
            Column("item", gettext_noop("项目")),
            Column("file", gettext_noop("报送的文件")),
            Column("operation", gettext_noop("报送类型"), hidden=True),
            *source,
            Column("received", gettext_noop("接收时间"), "time"),
            Column("stage", gettext_noop("办理情况"), "badge"),
            Column("rows", gettext_noop("行数"), "number", sort=True),
            Column("kept", gettext_noop("入档"), "number", sort=True),
            Column("duplicate", gettext_noop("重复"), "number", sort=True),
            Column("rejected", gettext_noop("退回"), "number", sort=True),
        ),
        (
            Filter("item", gettext_noop("项目"), "choice", wording.item_choices()),
            *by_source,
            Filter(
                "stage",
                gettext_noop("办理情况"),
                "choice",
                tuple((stage, say(pair)) for stage, pair in wording.STAGES.items()),
            ),
            Filter("since", gettext_noop("接收日期自"), "date"),
            Filter("until", gettext_noop("接收日期至"), "date"),
        ),
        order="-id",
    )


def _wanted(asked: Asked) -> queries.Wanted:
    given = asked.filters
    return queries.Wanted(
        item=given.get("item", ""),
        source=given.get("source", ""),
        stage=given.get("stage", ""),
        since=day_of(given.get("since")),
        until=day_of(given.get("until")),
    )


def _order(order: str) -> str:
    return order or "-id"


def _row(one: queries.Listed) -> dict[str, Any]:
    stage, badge = wording.stage(one.stage, one.rejected)
    return {
        "id": Cell(str(one.id), url=reverse("batch", args=[one.id])),
        "item": wording.item_name(one.item),
        "file": one.file_name,
        "operation": say(wording.OPERATIONS[one.operation]),
        "source": one.source,
        "received": one.received_at,
        "stage": Cell(stage, badge=badge),
        "rows": one.rows,
        "kept": one.kept,
        "duplicate": one.duplicate,
        "rejected": one.rejected,
    }
