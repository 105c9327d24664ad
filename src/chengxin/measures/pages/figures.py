"""Figures of joint measures: reach and effect, by measure and by actor, for whoever may see the tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import actor_of, requires
from chengxin.design.render import reading
from chengxin.design.tables import Asked, Column, Filter, Row, Rows, Table, table_page
from chengxin.measures import figures
from chengxin.measures.figures import Figures, Line, Reached
from chengxin.measures.pages import parts
from chengxin.rulebook.measures import measure

NUMBERS: tuple[tuple[str, str], ...] = (
    ("assigned", gettext_noop("派发")),
    ("accepted", gettext_noop("签收")),
    ("accepted_in_time", gettext_noop("按期签收")),
    ("executed", gettext_noop("执行")),
    ("median_days", gettext_noop("用时中位数（工作日）")),
    ("refused", gettext_noop("说明理由退回")),
    ("overdue", gettext_noop("现已超期")),
    ("called_off", gettext_noop("通知解除")),
    ("lifted", gettext_noop("确认解除")),
    ("lifted_in_time", gettext_noop("按期解除")),
)
TABLE = Table(
    "measure-figures",
    gettext_noop("联合奖惩成效"),
    (
        Column("measure", gettext_noop("措施")),
        Column("actor", gettext_noop("执行单位")),
        *(Column(key, title, kind="number") for key, title in NUMBERS),
    ),
    (Filter("measure", gettext_noop("措施"), "choice"), Filter("actor", gettext_noop("执行单位"))),
)


@requires(parts.READ)
@reading
def measure_figures(request: HttpRequest) -> HttpResponse:
    """How many tasks were sent, accepted in time, carried out, refused, lifted again."""
    actor, today = actor_of(request), timezone.localdate()
    reach = actor.reach(parts.READ)
    lines = figures.figures(reach, today)

    def fetch(asked: Asked, size: int) -> Rows:
        given = asked.filters
        wanted = [
            one
            for one in lines
            if given.get("measure", one.measure) == one.measure and given.get("actor", "") in one.actor_name
        ]
        start = int(asked.after) if asked.after and asked.after.isdecimal() and len(asked.after) < 7 else 0
        following = start + size
        return Rows(
            [_row(one) for one in wanted[start:following]],
            str(following) if following < len(wanted) else None,
            total=len(wanted),
        )

    measures = figures.by_measure(lines)
    table = Table(
        TABLE.id,
        TABLE.title,
        TABLE.columns,
        (Filter("measure", gettext_noop("措施"), "choice", parts.measure_choices()), TABLE.filters[1]),
    )
    nobody = figures.nobody_known(today) if reach.everything else {}
    values = {
        "everything": reach.everything,
        "figures": _figures(figures.total(lines), figures.reached(reach)),
        "measures": spread(measures),
        "groups": [(name, gettext(words)) for name, words, _ in GROUPS],
        "nobody": [(parts.measure_name(id), number) for id, number in nobody.items()],
    }
    return table_page(request, "measures/figures", table, fetch, values)


def _row(one: Line) -> Row:
    numbers = {key: getattr(one.figures, key) for key, _ in NUMBERS}
    return {"measure": parts.measure_name(one.measure), "actor": one.actor_name, **numbers}


def _figures(total: Figures, reached: Reached) -> list[dict[str, Any]]:
    def share(part: int, whole: int) -> str:
        return f"{part / whole:.0%}" if whole else "—"

    return [
        {
            "title": gettext("派发的任务"),
            "value": f"{total.assigned:,}",
            "note": gettext("%(subjects)s个主体，%(actors)s个执行单位")
            % {"subjects": f"{reached.subjects:,}", "actors": reached.actors},
        },
        {
            "title": gettext("按期签收"),
            "value": share(total.accepted_in_time, total.to_accept),
            "note": gettext("应签收%(n)s项，按期%(m)s项")
            % {"n": f"{total.to_accept:,}", "m": f"{total.accepted_in_time:,}"},
        },
        {
            "title": gettext("已执行"),
            "value": f"{total.executed:,}",
            "note": gettext("从签收到执行的中位数：%(n)s个工作日") % {"n": total.median_days}
            if total.median_days is not None
            else "",
        },
        {
            "title": gettext("说明理由退回"),
            "value": f"{total.refused:,}",
            "note": gettext("免予执行%(n)s项") % {"n": total.states["excused"]},
        },
        {
            "title": gettext("现已超期"),
            "value": f"{total.overdue:,}",
            "note": gettext("签收%(accept)s项，执行%(execute)s项，解除%(lift)s项")
            % {
                "accept": total.overdue_in["assigned"],
                "execute": total.overdue_in["accepted"],
                "lift": total.overdue_in["lifting"],
            },
        },
        {
            "title": gettext("按期解除"),
            "value": share(total.lifted_in_time, total.to_lift),
            "note": gettext("通知解除%(n)s项，确认%(m)s项")
            % {"n": f"{total.called_off:,}", "m": f"{total.lifted:,}"},
        },
    ]


GROUPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("executed", gettext_noop("已执行"), ("executed",)),
    ("accepted", gettext_noop("已签收"), ("accepted",)),
    ("assigned", gettext_noop("待签收"), ("assigned",)),
    ("refused", gettext_noop("退回待答复"), ("refused",)),
    ("lifting", gettext_noop("待解除"), ("lifting",)),
    ("closed", gettext_noop("已终结"), ("lifted", "excused", "void")),
)
"""How tasks stand, as the bars show it: class of the stylesheet, words, states of the procedure."""


def spread(measures: Mapping[str, Figures]) -> list[dict[str, Any]]:
    """Each measure with a bar of how its tasks stand, all to one scale: in hundredths of the longest."""
    longest = max((one.assigned for one in measures.values()), default=0) or 1
    found = []
    for id, one in measures.items():
        x, bar = 0.0, []
        for name, _, states in GROUPS:
            number = sum(one.states[state] for state in states)
            wide = 100 * number / longest
            if number:
                bar.append({"class": name, "x": f"{x:.2f}", "width": f"{wide:.2f}"})
            x += wide
        found.append(
            {
                "name": parts.measure_name(id),
                "kind": measure(id).kind,
                "bar": bar,
                "numbers": [sum(one.states[state] for state in states) for _, _, states in GROUPS],
                "assigned": one.assigned,
            }
        )
    return found
