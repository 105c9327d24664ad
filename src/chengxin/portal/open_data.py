"""Open data for everybody: statistics with their method and download, and the quality of the sources."""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.archive.counting import Counted, counted
from chengxin.archive.statistics import SMALLEST
from chengxin.design import words
from chengxin.design.render import page, reading
from chengxin.design.showing import item_of
from chengxin.exchange.quality import public_quality
from chengxin.portal.charting import charted
from chengxin.portal.tables import Statistic
from chengxin.portal.tables import statistics as tables
from chengxin.rulebook.catalogue import SOURCE_ROLES

LICENCE = "https://creativecommons.org/licenses/by/4.0/"


@public
@reading
def statistics(request: HttpRequest) -> HttpResponse:
    """How much is public: by item, kind, city and month."""
    made = counted(timezone.localdate())
    values = {
        "counted": made,
        "tables": [_shown(one) for one in _tables(made)],
        "smallest": SMALLEST,
        "licence": LICENCE,
    }
    return page(request, "portal/statistics", values)


def _tables(made: Counted | None) -> list[Statistic]:
    return tables(made.day) if made is not None else []


def _shown(one: Statistic) -> dict[str, Any]:
    title, head = gettext(one.title), gettext(one.head)
    return {
        "id": one.id,
        "title": title,
        "head": head,
        "about": gettext(one.about),
        "lines": one.lines,
        "chart": charted(
            f"chart-{one.id}",
            title,
            [line.name for line in one.lines],
            gettext("数量"),
            [line.number for line in one.lines],
            line=one.id.endswith("month"),
        ),
    }


@public
@reading
def statistics_csv(request: HttpRequest) -> HttpResponse:
    """All tables in one file: table, value, name, number (empty where it is not published)."""
    made = counted(timezone.localdate())
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\r\n")
    writer.writerow(["day", "table", "value", "name", "number"])
    for one in _tables(made):
        for line in one.lines:
            writer.writerow([made.day if made else "", one.id, line.value, line.name, line.number])
    return _file(written.getvalue().encode("utf-8-sig"), "text/csv; charset=utf-8", "statistics.csv")


@public
@reading
def statistics_json(request: HttpRequest) -> HttpResponse:
    """The same as JSON."""
    made = counted(timezone.localdate())
    body = {
        "day": made.day if made else None,
        "made_at": made.made_at if made else None,
        "licence": LICENCE,
        "smallest": SMALLEST,
        "tables": [
            {
                "id": one.id,
                "title_zh": one.title,
                "rows": [
                    {"value": line.value, "name": line.name, "number": line.number} for line in one.lines
                ],
            }
            for one in _tables(made)
        ],
    }
    return _file(orjson.dumps(body), "application/json", "statistics.json")


def _file(body: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-cache"}
    return HttpResponse(body, content_type=kind, headers=headers)


@public
@reading
def sources(request: HttpRequest) -> HttpResponse:
    """How well each source sends: accepted, late, complete, and when something came last."""
    found = public_quality()
    rows = [
        {
            "source": one.source,
            "role": words.say(SOURCE_ROLES.get(one.role, (one.role, one.role))),
            "items": [_item(item) for item in one.items],
            "records": one.records,
            "accepted": f"{one.accepted:.1%}",
            "late": f"{one.late:.1%}",
            "filled": "" if one.filled is None else f"{one.filled:.1%}",
            "last_received": one.last_received,
        }
        for one in found
    ]
    first = found[:15]
    chart = charted(
        "chart-sources",
        gettext("各来源单位的采用率"),
        [one.source for one in first],
        gettext("采用率"),
        [round(one.accepted * 100, 1) for one in first],
        unit="%",
    )
    return page(request, "portal/sources", {"rows": rows, "chart": chart, "charted": len(first)})


def _item(id: str) -> dict[str, str]:
    found = item_of(id)
    return {"id": id, "name": words.say((found.name_zh, found.name_en)) if found else id}
