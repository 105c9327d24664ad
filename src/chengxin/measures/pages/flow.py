"""From record to repair, for everybody: one picture of what the procedures did in twelve months."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, gettext_noop

from chengxin.accounts.guard import public
from chengxin.archive.statistics import SMALLEST
from chengxin.design.render import page, reading
from chengxin.measures.bands import Stage, Way, layout
from chengxin.measures.flow import Numbers, numbers
from chengxin.measures.picture import Words, drawn


@dataclass(frozen=True)
class Shown:
    """A stage of the picture: what it counts, what stands there now, where it can be seen, its colour."""

    stage: Stage
    name: str
    counts: tuple[str, ...]
    stands: str
    url: str
    colour: str


def _case(id: str, column: int, beside: Literal["", "above", "below"] = "") -> Stage:
    return Stage(id, column, "case", beside)


def _task(id: str, column: int, beside: Literal["", "above", "below"] = "") -> Stage:
    return Stage(id, column, "task", beside)


LISTS, LISTING, IMPORTED = "/lists", "/procedures/listing", "/procedures/imported"
MEASURE, OBJECTION, REPAIR = "/procedures/measure", "/procedures/objection", "/procedures/repair"
BACK = ("taken_back", "no_longer")
STAGES: tuple[Shown, ...] = (
    Shown(_case("records", 0), gettext_noop("信用信息"), ("records",), "", "/statistics", "case"),
    Shown(_case("candidates", 1), gettext_noop("候选"), ("nominated",), "candidates", LISTING, "case"),
    Shown(_case("reviewed", 2), gettext_noop("审核、告知"), ("reviewed",), "reviewed", LISTING, "case"),
    Shown(_case("dropped", 2, "above"), gettext_noop("审核不予列入"), ("dropped",), "", LISTING, "out"),
    Shown(_case("decided", 3), gettext_noop("决定列入"), ("entered",), "decided", LISTING, "case"),
    Shown(
        _case("elsewhere", 3, "below"), gettext_noop("其他机关认定"), ("taken_over",), "", IMPORTED, "case"
    ),
    Shown(_case("listed", 4), gettext_noop("进入名单"), ("published", "taken_over"), "listed", LISTS, "case"),
    Shown(_case("not_listed", 4, "above"), gettext_noop("决定不列入"), ("not_entered",), "", LISTING, "out"),
    Shown(_case("repaired", 7, "below"), gettext_noop("修复移出"), ("repaired",), "", REPAIR, "good"),
    Shown(_case("expired", 7, "below"), gettext_noop("期满移出"), ("expired",), "", LISTS, "out"),
    Shown(_case("taken_back", 7, "below"), gettext_noop("撤销、退出"), BACK, "", OBJECTION, "out"),
    Shown(_task("sent", 5), gettext_noop("派发措施"), ("assigned",), "assigned", "/measures", "task"),
    Shown(_task("executed", 6), gettext_noop("执行并反馈"), ("executed",), "executed", MEASURE, "task"),
    Shown(_task("refused", 6, "below"), gettext_noop("有理由退回"), ("refused",), "", MEASURE, "out"),
    Shown(_task("lifted", 7), gettext_noop("解除并确认"), ("lifted",), "lifting", MEASURE, "good"),
)

FURTHER: tuple[tuple[str, str, str, str], ...] = (
    (gettext_noop("送达告知书"), "noticed", "", LISTING),
    (gettext_noop("陈述、申辩或者申请听证"), "stated", "", LISTING),
    (gettext_noop("签收措施"), "accepted", "accepted", MEASURE),
    (gettext_noop("决定终止，通知解除"), "called_off", "lifting", MEASURE),
    (gettext_noop("决定终止，不必再执行"), "void", "", MEASURE),
    (gettext_noop("收到异议"), "objected", "objections", OBJECTION),
    (gettext_noop("异议成立，予以纠正"), "upheld", "", OBJECTION),
    (gettext_noop("申请信用修复"), "applied", "repairs", REPAIR),
    (gettext_noop("同意信用修复"), "granted", "", REPAIR),
)
"""What else is told in the table: name, what it counts, what stands there now, where it can be seen."""


@public
@reading
def flow(request: HttpRequest) -> HttpResponse:
    """The picture, lying and standing, and the same numbers as a table."""
    found = numbers(timezone.localdate())
    words = {
        one.stage.id: Words(
            gettext(one.name),
            _said(_sum(found, one.counts)),
            gettext("现有 %(n)s") % {"n": _said(found.now[one.stands])} if one.stands else "",
            one.url,
            one.colour,
        )
        for one in STAGES
    }
    title = gettext("从记录到修复：过去十二个月")
    about = gettext("带的宽度是数量；同样的数字在图下的表里。")
    stages, ways = [one.stage for one in STAGES], ways_of(found)
    pictures = [
        mark_safe(drawn(layout(stages, ways, standing=standing), words, title, about))  # noqa: S308 - escaped
        for standing in (False, True)
    ]
    values = {
        "pictures": pictures,
        "since": found.since,
        "until": found.until,
        "rows": [_row(gettext(one.name), found, one.counts, one.stands, one.url) for one in STAGES],
        "further": [
            _row(gettext(name), found, (counts,), stands, url) for name, counts, stands, url in FURTHER
        ],
        "smallest": SMALLEST,
    }
    return page(request, "measures/flow", values)


def ways_of(found: Numbers) -> list[Way]:
    """The bands of the picture from the numbers.

    What leads to a decision is what came of it, so that a number that isn't told can't be had by subtraction.
    """
    year = found.year
    listed = (year["published"] or 0) + (year["taken_over"] or 0)
    back = (year["taken_back"] or 0) + (year["no_longer"] or 0)
    decided = (year["entered"] or 0) + (year["not_entered"] or 0)

    def same(source: str, target: str, number: int | None) -> Way:
        return Way(source, target, number, number)

    return [
        same("records", "candidates", year["nominated"]),
        same("candidates", "reviewed", year["reviewed"]),
        same("candidates", "dropped", year["dropped"]),
        same("reviewed", "decided", decided or year["entered"]),
        same("decided", "listed", year["published"]),
        same("decided", "not_listed", year["not_entered"]),
        same("elsewhere", "listed", year["taken_over"]),
        same("listed", "repaired", year["repaired"]),
        same("listed", "expired", year["expired"]),
        same("listed", "taken_back", back),
        Way("listed", "sent", listed if year["assigned"] != 0 else 0, year["assigned"]),
        same("sent", "executed", year["executed"]),
        same("sent", "refused", year["refused"]),
        same("executed", "lifted", year["lifted"]),
    ]


def _row(name: str, found: Numbers, counts: tuple[str, ...], stands: str, url: str) -> dict[str, Any]:
    return {
        "name": name,
        "url": url,
        "year": _said(_sum(found, counts)),
        "now": _said(found.now[stands]) if stands else "",
    }


def _sum(found: Numbers, names: tuple[str, ...]) -> int | None:
    """Several numbers together; None where one of them isn't told."""
    several = [found.year[name] for name in names]
    return None if None in several else sum(one or 0 for one in several)


def _said(number: int | None) -> str:
    return gettext("少于%(n)s") % {"n": SMALLEST} if number is None else f"{number:,}"
