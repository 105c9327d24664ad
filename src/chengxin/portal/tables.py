"""Tables of the open statistics: which there are, of what, in which order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext, gettext_noop

from chengxin.archive.counting import city_names
from chengxin.archive.statistics import Cell, published, subjects_by
from chengxin.design import words
from chengxin.design.showing import item_of
from chengxin.rulebook.catalogue import SUBJECT_KINDS


@dataclass(frozen=True)
class Line:
    """A row of a table: the value, its name, and the number, None where it is too small to publish."""

    value: str
    name: str
    number: int | None


@dataclass(frozen=True)
class Statistic:
    """One table. `title`, `head`, `about` are Chinese, translated where they are shown."""

    id: str
    title: str
    head: str
    about: str
    lines: tuple[Line, ...]


def a_year_ago(today: date) -> date:
    """The first day of the month eleven months before today's: twelve months with this one."""
    number = today.year * 12 + today.month - 12
    return date(number // 12, number % 12 + 1, 1)


def _kind(value: str) -> str:
    return words.say(SUBJECT_KINDS[value])


def _item(value: str) -> str:
    found = item_of(value)
    return words.say((found.name_zh, found.name_en)) if found else value


def _city(value: str) -> str:
    zh, en = city_names().get(value, (value, None))
    return words.say((zh, en or zh)) if value else gettext("省外或未知")


def _month(value: str) -> str:
    return value[:7]


def statistics(today: date) -> list[Statistic]:
    """Every table, of the newest count."""
    return [
        Statistic(
            "subjects-by-kind",
            gettext_noop("信用主体，按类别"),
            gettext_noop("类别"),
            gettext_noop("已建立信用档案的主体，合并的算一个；含不公示的自然人，只给总数。"),
            _lines(subjects_by("kind"), _kind),
        ),
        Statistic(
            "subjects-by-city",
            gettext_noop("信用主体，按地区"),
            gettext_noop("地区"),
            gettext_noop("不含自然人。地区为首次入档时的登记地，平潭单列。"),
            _lines(subjects_by("city"), _city),
        ),
        Statistic(
            "records-by-item",
            gettext_noop("公示中的信用信息，按项目"),
            gettext_noop("项目"),
            gettext_noop("统计当日处于公示期内、没有被更正或撤回的信息。"),
            _lines(published("item"), _item),
        ),
        Statistic(
            "records-by-kind",
            gettext_noop("公示中的信用信息，按主体类别"),
            gettext_noop("类别"),
            gettext_noop("自然人的信息不公示，所以不在其中。"),
            _lines(published("kind"), _kind),
        ),
        Statistic(
            "records-by-city",
            gettext_noop("公示中的信用信息，按地区"),
            gettext_noop("地区"),
            gettext_noop("按信用主体的地区。"),
            _lines(published("city"), _city),
        ),
        Statistic(
            "records-by-month",
            gettext_noop("公示中的信用信息，按月"),
            gettext_noop("月份"),
            gettext_noop(
                "按信息的日期所在的月，最近十二个月。较早的信息有些公示期已满，所以这不是逐月作出的决定总数。"
            ),
            _lines(published("month", since=a_year_ago(today)), _month),
        ),
    ]


def _lines(cells: Sequence[Cell], name: Callable[[str], str]) -> tuple[Line, ...]:
    return tuple(Line(one.of[0], name(one.of[0]), one.number) for one in cells)
