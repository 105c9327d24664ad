"""The records of a subject as a list, which may leave as a file: the file is noted before it does."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import actor_of, requires
from chengxin.archive import held
from chengxin.archive.pages import parts
from chengxin.archive.pages.held import no_subject, stated, subject_of
from chengxin.archive.seeing import Sight, sight
from chengxin.audit.actions import looked
from chengxin.audit.purposes import needs_purpose, strip
from chengxin.design.exports import FORMATS
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, table_page

RECORDS = Table(
    "held-records",
    gettext_noop("信用信息"),
    (
        Column("title", gettext_noop("信息")),
        Column("date", gettext_noop("日期"), kind="date"),
        Column("item", gettext_noop("信息种类")),
        Column("state", gettext_noop("状态")),
        Column("class", gettext_noop("失信信息分类"), hidden=True),
        Column("repair", gettext_noop("最早申请修复"), kind="date", hidden=True),
        Column("disclosure", gettext_noop("公开属性")),
        Column("source", gettext_noop("来源")),
        Column("law", gettext_noop("公示依据"), hidden=True),
        Column("from", gettext_noop("公示起"), kind="date", hidden=True),
        Column("until", gettext_noop("公示止"), kind="date", hidden=True),
        Column("content", gettext_noop("内容"), hidden=True),
        Column("id", gettext_noop("记录编号"), kind="code"),
    ),
    (
        Filter("item", gettext_noop("信息种类"), "choice"),
        Filter(
            "state",
            gettext_noop("状态"),
            "choice",
            tuple((id, name) for id, (name, _) in parts.STATES.items()),
        ),
        Filter("first", gettext_noop("起"), "date"),
        Filter("last", gettext_noop("止"), "date"),
    ),
)
"""The items to choose from are those that the subject has."""

_BEHIND_ALL = 2**62
"""A place behind every record of a day."""


@requires("subject.read")
@needs_purpose
def records(request: HttpRequest, code: str) -> HttpResponse:
    """The records on one subject that this person may see, to be sorted out and exported."""
    actor, today, why = actor_of(request), timezone.localdate(), stated(request)
    found = subject_of(code)
    if found is None:
        return no_subject(request)
    target = held.target(found)
    actor.must("subject.read", target)
    seeing = sight(actor, target)
    summary = held.summary(found, today, seeing)
    note = partial(looked, actor, [found], purpose=why, action="subject.read", target=target)

    def exported(format: str, rows: int) -> None:
        note("export", detail=f"{RECORDS.id}.{format} {rows}")

    if request.GET.get("format") not in FORMATS:
        note("subject", detail=RECORDS.id)
    known = held.held_subject(found)
    values = {"subject": known, "code": code, "left_out": summary.left_out, **strip(request)}
    fetch = partial(_rows, found, today, seeing)
    return table_page(request, "archive/held_table", _table(summary), fetch, values, exported=exported)


def _table(summary: held.Summary) -> Table:
    items = tuple((id, name) for id, name, _ in parts.by_item(summary.seen))
    return replace(RECORDS, filters=(replace(RECORDS.filters[0], choices=items), *RECORDS.filters[1:]))


def _rows(subject: int, today: date, seeing: Sight, question: Asked, limit: int) -> Rows:
    given = question.filters
    last = given.get("last")
    before = parts.place_of(question.after or "")
    if before is None and last:
        before = (date.fromisoformat(last), _BEHIND_ALL)
    found = held.records(
        subject,
        today,
        seeing,
        item=given.get("item"),
        state=given.get("state"),
        before=before,
        limit=limit + 1,
    )
    following = parts.following(found, limit)
    first = given.get("first", "")
    listed = [one for one in found[:limit] if one["date"] >= first]
    return Rows([_row(one, today) for one in listed], following if len(listed) == limit else None)


def _row(one: dict[str, Any], today: date) -> Row:
    record = parts.record(one, today)
    shown, colon = record.shown, gettext("：")
    return {
        "title": Cell(shown.title),
        "date": shown.date,
        "item": shown.item_name,
        "state": Cell(record.state, badge=record.badge),
        "class": record.classed.name if record.classed else "",
        "repair": record.classed.earliest if record.classed and record.classed.counts else "",
        "disclosure": record.disclosure,
        "source": shown.source,
        "law": shown.law,
        "from": shown.start,
        "until": shown.until if shown.until or not shown.start else gettext("没有期限"),
        "content": gettext("；").join(f"{fact.name}{colon}{fact.text}" for fact in shown.facts),
        "id": Cell(str(shown.id)),
    }
