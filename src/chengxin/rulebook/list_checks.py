"""Whether the lists hold together: references, laws in force, periods, and a remedy for whoever is listed.

Also reads drafts: `load` takes any file and says everything that is wrong with it, before anyone enacts it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from difflib import get_close_matches
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import get_args

from chengxin.kernel.calendar import publication_end
from chengxin.rulebook import catalogue, deadlines, departments, laws, procedures
from chengxin.rulebook.catalogue import Condition, Item
from chengxin.rulebook.deadlines import Deadline
from chengxin.rulebook.lists import (
    KINDS,
    REMOVAL_STEPS,
    UNTIL,
    Import,
    ListError,
    Listing,
    OpenedBy,
    read_list,
    versions,
)
from chengxin.rulebook.qualifying.vocabulary import named_facts
from chengxin.rulebook.tables import in_force

_FOREVER = date.max
_OFFERED = 8
"""Words that are all offered in place of an unknown one; of more only the nearest."""
_PROCEDURES_OF = {
    "black": ("listing", "imported"),
    "attention": ("listing", "imported"),
    "red": ("red_listing", "imported"),
}


def load(path: Path) -> Listing:
    """Read a list from any file, for a rule-keeper's draft; its name does not matter.

    ListError holds everything that is wrong, in Chinese and English: what can't be read, else what is faulty.
    """
    found = read_list(path)
    faults = tuple(list_faults(found))
    if faults:
        raise ListError(path.name, faults)
    return found


def check_lists(folder: Path | None = None) -> list[str]:
    """Everything wrong with the lists and the named facts, one sentence each; empty when they hold."""
    try:
        found = versions(folder=folder)
    except ListError as unreadable:
        return [str(unreadable)]
    faults = [f"facts.csv {fault}" for fault in _fact_faults()]
    for one in found:
        faults += [f"{one.id}.{one.in_force.isoformat()}: {fault}" for fault in list_faults(one)]
    for one, following in pairwise(found):
        if one.id == following.id and one.until != following.in_force:
            faults.append(f"{one.id}: 版本不相接 / versions do not join: {one.until} – {following.in_force}")
    return faults


def list_faults(listing: Listing) -> Iterator[str]:
    """Everything wrong with one version of a list."""
    yield from _head_faults(listing)
    yield from _law_faults(listing)
    yield from _source_faults(listing)
    yield from _period_faults(listing)
    yield from _removal_faults(listing)


# --- what it is ---------------------------------------------------------------------------


def _head_faults(listing: Listing) -> Iterator[str]:
    if not re.fullmatch(r"[a-z][a-z0-9_]*", listing.id):
        yield f"名单编号只用小写字母、数字和下划线 / an id has only a-z, 0-9 and _: {listing.id}"
    if listing.until is not None and listing.until <= listing.in_force:
        yield f"失效早于生效 / ends before it begins: {listing.until}"
    texts = ("name_zh", "name_en", "about_zh", "about_en", "ends_when_zh", "ends_when_en")
    yield from (f"缺少 / missing: {name}" for name in texts if not getattr(listing, name))
    yield from _unknown("种类 / kind", [listing.kind], KINDS)
    yield from _unknown("出处 / known_from", [listing.known_from], catalogue.KNOWN_FROM)
    yield from _unknown("主体种类 / subject kind", listing.subjects, catalogue.SUBJECT_KINDS)
    if not listing.subjects:
        yield "没有可以列入的主体种类 / no kind of subject that it may list"
    yield from _unknown("来源 / role", [listing.keeper.role], catalogue.SOURCE_ROLES)
    names = [one.name_zh for one in departments.departments()]
    yield from _unknown("部门 / department", listing.keeper.departments, names)
    yield from _unknown("程序 / procedure", [listing.procedure], procedures.procedures())
    if listing.procedure not in _PROCEDURES_OF.get(listing.kind, (listing.procedure,)):
        yield f"程序不适于这类名单 / the procedure is not for lists of this kind: {listing.procedure}"
    yield from _unknown("候选来源 / opened_by", [listing.opened_by], get_args(OpenedBy))


def _law_faults(listing: Listing) -> Iterator[str]:
    unknown = list(_unknown("法规 / law", (one.law for one in listing.laws), (one.id for one in laws.laws())))
    yield from unknown
    if unknown:
        return  # what follows looks the laws up
    end = listing.until or _FOREVER
    for basis in listing.laws:
        known = laws.law(basis.law)
        since = max(known.in_force, basis.in_force or known.in_force)
        until = min(known.repealed or _FOREVER, basis.until or _FOREVER)
        if since >= end or until <= listing.in_force:
            yield f"{basis.law}: 名单有效期间内该法规无效 / not in force while the list holds"
    lawless = _first_gap(
        listing,
        lambda day: any(one.holds_on(day) and not one.supporting for one in listing.laws),
        (
            boundary
            for one in listing.laws
            for boundary in (laws.law(one.law).in_force, laws.law(one.law).repealed, one.in_force, one.until)
        ),
    )
    if lawless is not None:
        yield f"{lawless}没有有效的法律依据 / no law in force on {lawless}"


# --- where entries come from --------------------------------------------------------------


def _source_faults(listing: Listing) -> Iterator[str]:
    if listing.qualifies is None and listing.procedure != "imported":
        yield "缺少符合条件的记录 / the rule that says who qualifies is missing: qualifies"
    if (listing.procedure == "imported") != (listing.opened_by == "import"):
        yield "转载名单由转载开始，且只有它由转载开始 / imported lists, and only they, are opened by import"
    if (listing.imports or listing.procedure == "imported") and not (
        listing.imported_from_zh and listing.imported_from_en
    ):
        yield "缺少转载来源说明 / say where imported entries come from: imported_from_zh, imported_from_en"
    for one in listing.imports:
        yield from (f"{one.item}: {fault}" for fault in _import_faults(one))


def _import_faults(one: Import) -> Iterator[str]:
    try:
        item = catalogue.item(one.item)
    except LookupError as unknown:
        yield str(unknown)
        return
    named = [condition.field for condition in one.when] + ([one.until_field] if one.until_field else [])
    missing = list(_unknown("字段 / field", named, (field.code for field in item.fields)))
    yield from missing
    if missing:
        return
    if one.until_field and item.field(one.until_field).type != "date":
        yield f"{one.until_field}: 截止字段须为日期 / an end must be a date"
    for condition in one.when:
        yield from _condition_faults(item, condition)


def _condition_faults(item: Item, condition: Condition) -> Iterator[str]:
    field = item.field(condition.field)
    contains = (condition.contains,) if condition.contains is not None else ()
    values = [*(condition.in_ or ()), *contains, *(condition.any_of or ()), *(condition.only or ())]
    if field.choices:
        yield from _unknown(f"{field.code}: 可选值 / choice", values, field.choices)


# --- periods ------------------------------------------------------------------------------


def _period_faults(listing: Listing) -> Iterator[str]:
    shown, periods = listing.publication, listing.periods
    full = [periods.notice, periods.decide, periods.publish, periods.withdraw]
    full += [shown.shortest, shown.longest, listing.removal.earliest]
    named = [id for id in (*full, periods.objection) if id]
    unknown = list(_unknown("期限 / deadline", named, (one.id for one in deadlines.deadlines())))
    yield from unknown
    yield from _unknown("公示至 / until", [shown.until] if shown.until else [], UNTIL)
    if unknown:
        return
    for id in dict.fromkeys(id for id in full if id):
        rows = deadlines.history(id)
        gap = _first_gap(
            listing,
            partial(_held, rows),
            (boundary for one in rows for boundary in (one.in_force, one.until)),
        )
        if gap is not None:
            yield f"{id}: {gap}没有有效规定 / no rule in force on {gap}"
    shown_ids = [id for id in (shown.shortest, shown.longest) if id]
    lengthless = [id for id in named if any(one.length is None for one in deadlines.history(id))]
    yield from (f"{id}: 期限须有长度 / a period needs a length" for id in lengthless)
    for id in shown_ids:
        if any(one.end != "fixed" for one in deadlines.history(id)):
            yield f"{id}: 公示期的期末不因假日顺延 / a publication's end is never moved by a holiday"
    if shown.shortest and shown.longest and not lengthless:
        yield from _order_faults(listing, shown.shortest, shown.longest)
    if listing.kind == "black" and not shown.longest:
        yield "黑名单须有最长公示期 / a black list needs a longest publication"
    if not shown.longest and not shown.until:
        yield "须写明公示何时结束 / say when publication ends: longest or until"
    if (
        listing.kind == "black"
        and listing.procedure == "listing"
        and not (periods.notice and periods.objection)
    ):
        yield "黑名单须有告知期限和异议期限 / a black list needs periods of notice and objection"


def _order_faults(listing: Listing, shortest: str, longest: str) -> Iterator[str]:
    for one in _rows_of(listing, shortest):
        for other in _rows_of(listing, longest):
            if _overlap(one, other) and _end(listing, one) > _end(listing, other):
                yield f"{shortest}: 最短公示期长于最长公示期 / shortest publication longer than the longest"


def _rows_of(listing: Listing, id: str) -> list[Deadline]:
    end = listing.until or _FOREVER
    rows = deadlines.history(id)
    return [one for one in rows if one.in_force < end and (one.until or _FOREVER) > listing.in_force]


def _overlap(one: Deadline, other: Deadline) -> bool:
    return max(one.in_force, other.in_force) < min(one.until or _FOREVER, other.until or _FOREVER)


def _end(listing: Listing, one: Deadline) -> date:
    return publication_end(listing.in_force, one.period)


# --- how one leaves -----------------------------------------------------------------------


def _removal_faults(listing: Listing) -> Iterator[str]:
    removal = listing.removal
    yield from _unknown("移出步骤 / step of removal", removal.steps, REMOVAL_STEPS)
    if not removal.steps:
        yield "缺少移出步骤 / steps of removal are missing"
    if listing.kind == "black" and not removal.conditions:
        yield "黑名单须有移出条件 / a black list needs conditions of removal"
    ids = [one.id for one in removal.conditions]
    if len(set(ids)) < len(ids):
        yield "移出条件重复 / a condition of removal stands twice"
    for one in removal.conditions:
        if not one.zh or not one.en:
            yield f"{one.id}: 缺少移出条件的文字 / the condition needs words in both languages"


def _fact_faults() -> Iterator[str]:
    for one in named_facts().values():
        yield from _unknown(f"{one.id}: 类型 / type", [one.type], ("number", "grade", "boolean"))
        yield from _unknown(f"{one.id}: 出处 / known_from", [one.known_from], catalogue.KNOWN_FROM)
        if (one.type == "grade") != bool(one.order):
            yield f"{one.id}: 等级须有、其他不得有次序 / grades, and only they, need an order"


# --- tools --------------------------------------------------------------------------------


def _first_gap(
    listing: Listing, holds: Callable[[date], bool], boundaries: Iterable[date | None]
) -> date | None:
    """The first day of the list's validity on which `holds` doesn't; it can only change at the boundaries."""
    end = listing.until or _FOREVER
    days = {listing.in_force, *(one for one in boundaries if one and listing.in_force < one < end)}
    days |= {one - timedelta(days=1) for one in days if one > listing.in_force}
    return next((day for day in sorted(days) if not holds(day)), None)


def _held(rows: Iterable[Deadline], day: date) -> bool:
    return any(in_force(one.in_force, one.until, day) for one in rows)


def _unknown(what: str, named: Iterable[str], known: Iterable[str]) -> Iterator[str]:
    every = sorted(set(known))
    for one in sorted(set(named) - set(every)):
        offered = every if len(every) <= _OFFERED else get_close_matches(one, every, n=3, cutoff=0.4)
        choose = f"；请选用 / choose: {', '.join(offered)}" if offered else ""
        yield f"{what}: 未知 / unknown: {one}{choose}"
