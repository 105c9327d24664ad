"""The list of cases: what there is, what is overdue, what waits for this person."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Actor, prefix
from chengxin.audit.purposes import needs_purpose, strip
from chengxin.cases import worklist
from chengxin.cases.matters import matters, openings
from chengxin.cases.pages import parts
from chengxin.cases.worklist import Line, Period, Wanted
from chengxin.design.exports import FORMATS
from chengxin.design.render import reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, table_page
from chengxin.registry.queries import region
from chengxin.rulebook import places
from chengxin.rulebook.procedures import procedure, procedures

COLUMNS = (
    Column("id", gettext_noop("编号"), kind="code"),
    Column("subject", gettext_noop("当事主体")),
    Column("procedure", gettext_noop("程序")),
    Column("rule", gettext_noop("名单、措施或者种类")),
    Column("state", gettext_noop("状态"), kind="badge"),
    Column("due", gettext_noop("期限"), kind="date"),
    Column("since", gettext_noop("自"), kind="date", hidden=True),
    Column("region", gettext_noop("区划"), hidden=True),
    Column("organisation", gettext_noop("来源或执行单位"), hidden=True),
    Column("closed", gettext_noop("办结日期"), kind="date", hidden=True),
)
PERIODS = (
    ("overdue", gettext_noop("已超期")),
    ("soon", gettext_noop("一周内届满")),
    ("running", gettext_noop("有期限的")),
)
OPEN = (("open", gettext_noop("办理中")), ("closed", gettext_noop("已办结")))


def table() -> Table:
    """The list as it is declared; what can be chosen comes from the procedures, lists and measures."""
    every = procedures().values()
    states = tuple(
        (f"{one.id}.{state.id}", f"{parts.procedure_name(one)}：{parts.named(state)}")
        for one in every
        for state in one.states.values()
    )
    rules = {one.id: parts.named(one) for id in procedures() for one in matters(id)}
    return Table(
        id="cases",
        title=gettext_noop("办理事项"),
        columns=COLUMNS,
        filters=(
            Filter("waiting", gettext_noop("待我办理"), "choice", (("me", gettext_noop("只看待我办理的")),)),
            Filter(
                "procedure",
                gettext_noop("程序"),
                "choice",
                tuple((one.id, parts.procedure_name(one)) for one in every),
            ),
            Filter("state", gettext_noop("状态"), "choice", states),
            Filter("rule", gettext_noop("名单、措施或者种类"), "choice", tuple(rules.items())),
            Filter(
                "region",
                gettext_noop("区划"),
                "choice",
                tuple((prefix(one.code), one.name) for one in places.cities()),
            ),
            Filter("due", gettext_noop("期限"), "choice", PERIODS),
            Filter("open", gettext_noop("办理情况"), "choice", OPEN),
        ),
    )


@requires(worklist.READ)
@needs_purpose
@reading
def cases(request: HttpRequest) -> HttpResponse:
    """The cases within the person's reach."""
    actor, today, declared = actor_of(request), timezone.localdate(), table()
    exporting = request.GET.get("format") in FORMATS
    listed: list[int] = []

    def fetch(asked: Asked, most: int) -> Rows:
        wanted = wanted_of(asked)
        found = worklist.lines(actor, wanted, today, asked.after, most + 1)
        shown = found[:most]
        listed.extend(one.subject for one in shown if one.subject is not None)
        if not exporting:
            parts.note_look(request, listed, "list", declared.id)
        following = worklist.place(shown[-1], wanted) if len(found) > most else None
        return Rows([row(one, today) for one in shown], following)

    def exported(format: str, rows: int) -> None:
        parts.note_look(request, listed, "export", f"{declared.id}.{format} {rows}")

    new = [
        (one.id, parts.named(one.opening))
        for one in procedures().values()
        if openings()[one.id].opened and one.opening.permission and actor.may(one.opening.permission)
    ]
    values = {
        "new": [(id, name, parts.procedure_name(procedure(id))) for id, name in new],
        "waits": [] if exporting else waits(actor, today),
        **strip(request),
    }
    return table_page(request, "cases/cases", declared, fetch, values, exported=exported)


def waits(actor: Actor, today: date) -> list[dict[str, str | int]]:
    """What waits for the person, as links into the list: how many, overdue, due within a week."""
    found = worklist.pressing(actor, today)
    links = (
        (gettext("待我办理"), "?waiting=me", found.all, "info"),
        (gettext("其中已超期"), "?waiting=me&due=overdue", found.overdue, "bad"),
        (gettext("其中一周内届满"), "?waiting=me&due=soon", found.soon, "warn"),
    )
    return [
        {"name": name, "url": url, "number": number, "badge": badge if number else "quiet"}
        for name, url, number, badge in links
    ]


def wanted_of(asked: Asked) -> Wanted:
    """What the filters of the list ask."""
    given = asked.filters
    of, _, state = given.get("state", "").rpartition(".")
    narrower = of if not given.get("procedure") or given["procedure"] == of or not of else ""
    contradicts = bool(of) and not narrower
    return Wanted(
        procedure=of or given.get("procedure", ""),
        # A state of another procedure than the one that is asked for: nothing is both.
        state="-" if contradicts else state,
        rule=given.get("rule", ""),
        region=given.get("region", ""),
        period=cast("Period", given.get("due", "")),
        open=given.get("open", ""),
        waiting=bool(given.get("waiting")),
        tasks=any(given.get(name) for name in ("procedure", "state", "rule", "due", "waiting")),
    )


def row(one: Line, today: date) -> Row:
    """A case as the list shows it."""
    declared = procedure(one.procedure)
    state = declared.states[one.state]
    limit = parts.due(one.due_on, today)
    return {
        "id": Cell(str(one.id), url=reverse("case", args=[one.id])),
        "subject": Cell(one.name or "", url=f"/work/subjects/{one.code}", note=one.code) if one.name else "",
        "procedure": parts.procedure_name(declared),
        "rule": parts.rule_name(one.procedure, one.rule, one.law_day),
        "state": Cell(parts.named(state), badge=parts.badge(state)),
        "since": one.since,
        "due": Cell(str(limit.day), badge="bad" if limit.left < 0 else None, note=limit.words)
        if limit
        else None,
        "region": (region(one.region) or {}).get("name", ""),
        "organisation": one.organisation or "",
        "closed": one.closed_on,
    }
