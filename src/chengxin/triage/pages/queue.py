"""The queue: what an office should look at today, all else below, and how often the models are right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop
from django.views.decorators.http import require_POST

from chengxin.accounts.guard import actor_of, requires
from chengxin.audit.purposes import needs_purpose, strip
from chengxin.design import flash
from chengxin.design.exports import FORMATS
from chengxin.design.render import reading
from chengxin.design.tables import Asked, Cell, Column, Filter, Row, Rows, Table, day_of, table_page
from chengxin.triage import capacity, queries
from chengxin.triage.calibrating import Precision
from chengxin.triage.detectors import detectors
from chengxin.triage.looking import note
from chengxin.triage.pages import parts
from chengxin.triage.queries import READ, Listed, Wanted
from chengxin.triage.rules import DECIDE, STATES

_FIRST = 10
"""Leads of today that are shown at once; the rest of them stands at the head of the list."""

TABLE = Table(
    "leads",
    gettext_noop("监管线索"),
    (
        Column("lead", gettext_noop("线索")),
        Column("detector", gettext_noop("模型")),
        Column("platform", gettext_noop("平台"), hidden=True),
        Column("window", gettext_noop("观察期间"), "date"),
        Column("probability", gettext_noop("可能性"), "number"),
        Column("amount", gettext_noop("涉及金额（元）"), "number"),
        Column("members", gettext_noop("成员"), "number"),
        Column("runs", gettext_noop("发现次数"), "number", hidden=True),
        Column("state", gettext_noop("状态"), "badge"),
        Column("due", gettext_noop("期限"), "date"),
    ),
)


def _filters(platforms: list[str]) -> tuple[Filter, ...]:
    states = (
        ("waiting", gettext("等待办理")),
        *((id, parts.state(id)) for id in STATES if id != "joined"),
        ("all", gettext("全部（含已办结）")),
    )
    return (
        Filter("detector", gettext_noop("模型"), "choice", parts.detector_choices()),
        Filter("platform", gettext_noop("平台"), "choice", tuple((one, one) for one in platforms)),
        Filter("state", gettext_noop("状态（不选为未办结）"), "choice", states),
        Filter("since", gettext_noop("期间自"), "date"),
        Filter("until", gettext_noop("期间至"), "date"),
    )


@requires(READ)
@reading
@needs_purpose
def leads(request: HttpRequest) -> HttpResponse:
    """Leads by expected value: those of today first; how many of each model; how often each was right."""
    actor, today = actor_of(request), timezone.localdate()
    reach = actor.reach(READ)
    office = queries.day(actor, today) if actor.may(DECIDE) else None
    ours = actor.reach(DECIDE)
    first = queries.listed(ours, Wanted(state="waiting"), None, min(office.left, _FIRST)) if office else []
    table = replace(TABLE, filters=_filters(queries.platforms(reach)))
    exporting = request.GET.get("format") in FORMATS
    shown: list[int | None] = [] if exporting else [one.subject for one in first]

    def fetch(asked: Asked, size: int) -> Rows:
        found = queries.listed(reach, _wanted(asked), asked.after, size + 1)
        page = found[:size]
        shown.extend(one.subject for one in page)
        if not exporting:
            note(request, shown, "list", table.id)
        return Rows([_row(one) for one in page], queries.place(page[-1]) if len(found) > size else None)

    def exported(format: str, rows: int) -> None:
        note(request, shown, "export", f"{table.id}.{format} {rows}")

    waiting = queries.counts(reach)
    values = {
        "first": [_first(one) for one in first],
        "office": office,
        "beyond": max(0, office.left - len(first)) if office and len(first) == _FIRST else 0,
        "may_plan": actor.may("lead.plan") and actor.organisation is not None,
        "counts": [(parts.detector(id), f"?detector={id}&state=waiting", n) for id, n in waiting.items()],
        "models": [_model(one) for one in queries.precisions(today)],
        **strip(request),
    }
    return table_page(request, "triage/leads", table, fetch, values, exported=exported)


def _wanted(asked: Asked) -> Wanted:
    given = asked.filters
    return Wanted(
        given.get("detector", ""), given.get("platform", ""), given.get("state", ""),
        day_of(given.get("since")),
        day_of(given.get("until")),
    )  # fmt: skip


def _question(one: Listed) -> str:
    return parts.question(one.detector, one.entity, one.entity_id, one.name, one.members)


def _row(one: Listed) -> Row:
    return {
        "lead": Cell(_question(one), url=reverse("lead", args=[one.id]), note=one.subject_name or None),
        "detector": parts.detector(one.detector),
        "platform": one.platform,
        "window": f"{one.since} – {one.until}",
        "probability": Cell(parts.share(one.probability)),
        "amount": None if one.amount is None else Cell(f"{one.amount / 100:,.2f}"),
        "members": one.members,
        "runs": one.runs,
        "state": Cell(parts.state(one.state), badge=parts.BADGES[one.state]),
        "due": one.due,
    }


def _first(one: Listed) -> dict[str, Any]:
    return {
        "url": reverse("lead", args=[one.id]),
        "question": _question(one),
        "subject": one.subject_name or "",
        "detector": parts.detector(one.detector),
        "share": parts.share(one.probability),
        "amount": parts.yuan(one.amount),
        "state": parts.state(one.state) if one.state != "open" else "",
        "badge": parts.BADGES[one.state],
    }


def _model(one: Precision) -> dict[str, Any]:
    """A model with its months as a small drawing: a bar a month, the bar that it should reach as a line."""
    bar = detectors()[one.detector].bar
    wide = 100 / len(one.months)
    drawn = [
        {
            "x": f"{at * wide + 2:.2f}", "width": f"{wide - 4:.2f}", "y": f"{28 - 26 * hits / all_:.2f}",
            "height": f"{max(26 * hits / all_, 0.6):.2f}", "below": hits / all_ < bar,
        }
        for at, (_, hits, all_) in enumerate(one.months) if all_
    ]  # fmt: skip
    return {
        "name": parts.detector(one.detector),
        "url": f"?detector={one.detector}",
        "hits": one.hits,
        "all": one.all,
        "share": f"{one.interval.share:.0%}" if one.interval else "–",
        "range": f"{one.interval.low:.0%} – {one.interval.high:.0%}" if one.interval else "",
        "bar": f"{bar:.0%}",
        "below": one.below,
        "line": f"{28 - 26 * bar:.2f}",
        "drawn": drawn,
        "months": [(name, f"{hits / all_:.0%}" if all_ else "–", all_) for name, hits, all_ in one.months],
    }


@requires("lead.plan")
@require_POST
def set_capacity(request: HttpRequest) -> HttpResponse:
    """Set how many leads the person's office can look at a day."""
    try:
        daily = capacity.set_daily(actor_of(request), request.POST.get("daily", ""))
    except capacity.BadNumber as bad:
        flash.say(request, bad.problem.zh, bad.problem.en, "bad")
    else:
        flash.say(request, f"每日办理数量已设为{daily}条", f"The office now looks at {daily} leads a day")
    return HttpResponseRedirect(reverse("leads"))
