"""Whether the catalogue of joint measures holds together: laws, lists, deadlines, words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any, get_args

from chengxin.rulebook import catalogue, deadlines, departments, laws
from chengxin.rulebook.measures import (
    Actor,
    Admission,
    BearsOn,
    DurationKind,
    Kind,
    Measure,
    Where,
    measures,
)
from chengxin.rulebook.tables import DATA_FOLDER

LISTS = DATA_FOLDER / "lists"
LIST_KINDS = ("black", "red", "attention")

_WORDS = (
    "name_zh", "name_en", "actor_zh", "actor_en", "feedback_zh", "feedback_en", "effect_zh", "effect_en",
)  # fmt: skip
_CHOICES: tuple[tuple[str, Any], ...] = (
    ("kind", Kind),
    ("actor", Actor),
    ("bears_on", BearsOn),
    ("duration", DurationKind),
    ("admission", Admission),
    ("where", Where),
)


def measure_faults(lists: Collection[str] | None = None) -> Iterator[str]:
    """Everything wrong with the shipped measures, a sentence each.

    lists: the ids of the lists that there are; None: those that are shipped.
    """
    found = measures()
    lists = {path.name.partition(".")[0] for path in LISTS.glob("*.toml")} if lists is None else lists
    for id, number in Counter(one.id for one in found).items():
        if number > 1:
            yield f"{id}: 措施重复 / stands twice"
    for one in found:
        yield from (f"{one.id}: {fault}" for fault in faults(one, lists))


def faults(one: Measure, lists: Collection[str] | None = None) -> Iterator[str]:
    """Everything wrong with one measure."""
    for name, choices in _CHOICES:
        yield from _unknown(name, [getattr(one, name)], get_args(choices))
    yield from (f"{name}: 缺少文字 / words are missing" for name in _WORDS if not getattr(one, name).strip())
    known_laws = {law.id for law in laws.laws()}
    unknown_laws = list(_unknown("法规 / law", [basis.law for basis in one.bases], known_laws))
    yield from unknown_laws
    yield from _unknown("基础清单 / basic list", [one.listed] if one.listed else [], known_laws)
    yield from _unknown("部门 / department", one.departments, [d.name_zh for d in departments.departments()])
    yield from _unknown("主体种类 / subject kind", one.subject_kinds, catalogue.SUBJECT_KINDS)
    yield from _unknown("主体角色 / role", one.roles, catalogue.SUBJECT_ROLES)
    yield from _unknown("名单种类 / kind of list", one.list_kinds, LIST_KINDS)
    yield from _unknown("出处 / known_from", [one.known_from], catalogue.KNOWN_FROM)
    if lists is not None:
        yield from _unknown(
            "名单 / list", [*one.lists, *(id for law in one.bases for id in law.lists)], lists
        )
    yield from _unknown("载有命令的名单 / lists that order", one.ordered_by, one.lists if one.ordered else ())
    if not one.lists and not one.list_kinds:
        yield "没有引起它的名单 / no list brings it"
    yield from _duration_faults(one)
    if not unknown_laws:
        yield from _law_faults(one)


def _duration_faults(one: Measure) -> Iterator[str]:
    if (one.duration == "deadline") != (one.deadline is not None):
        yield "固定期限的措施须有期限，其他措施不得有 / a deadline belongs to measures of fixed length alone"
    named = [one.execute, *([one.deadline] if one.deadline else [])]
    known = {row.id: row for row in deadlines.deadlines()}
    yield from _unknown("期限 / deadline", named, known)
    if one.deadline in known and known[one.deadline].end != "fixed":
        yield "措施的期末不因节假日顺延 / the end of a measure isn't moved by a holiday"
    if one.outlives and one.duration not in ("deadline", "order"):
        yield "只有法定或者命令的期限可以在移出后存续 / only a length set by law or order outlives an entry"


def _law_faults(one: Measure) -> Iterator[str]:
    if all(basis.supporting for basis in one.bases):
        yield "没有独立的法律依据 / no law carries it by itself"
    for basis in one.bases:
        if not basis.holds_on(basis.since):
            yield f"{basis.law}: 依据从未有效 / never holds"
        if not one.list_kinds:
            yield from _unknown(f"{basis.law}: 名单 / list", basis.lists, one.lists)
    if one.kind == "punish" and one.actor == "department" and one.listed is None:
        yield "公共管理机构的惩戒措施须列入基础清单 / what public bodies do must stand in the basic list"
    if one.kind == "reward" and (one.admission != "none" or one.ordered or one.outlives):
        yield "激励措施不减损权益 / an incentive takes nothing from anybody"
    if one.list_kinds and set(one.list_kinds) & ({"red"} if one.kind == "punish" else {"black", "attention"}):
        yield "红名单不引起惩戒，黑名单不引起激励 / red lists bring no punishment, black lists no reward"


def lawless(on: date) -> tuple[Measure, ...]:
    """Measures that no law carries on the day, and that can't be attached then."""
    return tuple(one for one in measures() if not one.grounds(on))


def _unknown(what: str, named: Collection[str], known: Collection[str]) -> Iterator[str]:
    missing = sorted(set(named) - set(known))
    if missing:
        yield f"{what}: 未知 / unknown: {', '.join(missing)}"
