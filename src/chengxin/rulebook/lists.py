"""Red, black and attention lists as rules (data/lists): keeper, who qualifies, how long, how one leaves.

Policy clause 16.1. One TOML file a version, `data/lists/<id>.<in_force>.toml`: the rule of the case's date
decides. This module holds the shapes and the loader; `list_checks.py` proves the files and reads drafts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass
from dataclasses import fields as attributes
from datetime import date
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar

from chengxin.kernel.calendar import publication_end
from chengxin.rulebook.catalogue import Condition, is_verified
from chengxin.rulebook.deadlines import Deadline, deadline
from chengxin.rulebook.measures import Basis
from chengxin.rulebook.qualifying import Expression, ParseError, parse
from chengxin.rulebook.tables import DATA_FOLDER, in_force

FOLDER = DATA_FOLDER / "lists"

Kind = Literal["black", "red", "attention"]
Procedure = Literal["listing", "red_listing", "imported"]
Until = Literal["mended", "source"]
OpenedBy = Literal["records", "proposal", "import"]

KINDS: Mapping[Kind, tuple[str, str]] = {
    "black": ("失信惩戒名单", "black list"),
    "red": ("守信激励名单", "red list"),
    "attention": ("重点关注名单", "attention list"),
}
UNTIL: Mapping[Until, tuple[str, str]] = {
    "mended": ("纠正之前", "until mended"),
    "source": ("认定机关载明的期限届满之前", "until the day that its authority names"),
}
REMOVAL_STEPS: Mapping[str, tuple[str, str]] = {
    "apply": ("申请", "application"),
    "accept": ("受理", "acceptance"),
    "verify": ("核实", "check of the facts"),
    "decide": ("决定", "decision"),
    "serve": ("送达", "service"),
    "end": ("停止公示、共享和使用，解除措施", "publication, sharing and use end, measures are lifted"),
    "source_decides": ("认定机关移出", "its authority removes the entry"),
    "taken_over": ("移出结果交换到本系统", "the removal reaches us by the exchange"),
    "renounce": ("主体自愿退出", "the subject gives it up"),
}


class ListError(ValueError):
    """A file that is no list; `faults` says each thing that is wrong, in Chinese and English."""

    def __init__(self, name: str, faults: tuple[str, ...]) -> None:
        super().__init__("\n".join(f"{name}: {fault}" for fault in faults))
        self.faults = faults


@dataclass(frozen=True)
class Keeper:
    """Who keeps a list: a source role of the catalogue, departments of today (departments.csv), and words."""

    role: str
    zh: str
    en: str
    departments: tuple[str, ...] = ()


@dataclass(frozen=True)
class Import:
    """Records that are entries themselves, decided elsewhere and come by the exchange.

    when         the records of the item that mean this list (conditions as in the catalogue, all of them)
    until_field  the field with the day on which the entry ended or ends; None where the item has none
    leaves_on    whether that is the first day without it (移出日期) and not the last day with it
    """

    item: str
    when: tuple[Condition, ...] = ()
    until_field: str | None = None
    leaves_on: bool = False


@dataclass(frozen=True)
class Periods:
    """Periods of the procedure, ids of deadlines.csv; None where the list knows none."""

    notice: str | None = None
    decide: str | None = None
    publish: str | None = None
    withdraw: str | None = None
    objection: str | None = None


@dataclass(frozen=True)
class Shown:
    """How long an entry is published (ids of deadlines.csv); `until`: what ends it besides or instead."""

    shortest: str | None = None
    longest: str | None = None
    until: Until | None = None


@dataclass(frozen=True)
class RemovalCondition:
    """One thing that must be so before an entry may be removed early."""

    id: str
    zh: str
    en: str


@dataclass(frozen=True)
class Removal:
    """How an entry ends before its term. `earliest`: from when it may be asked for (id of deadlines.csv)."""

    steps: tuple[str, ...]
    conditions: tuple[RemovalCondition, ...] = ()
    earliest: str | None = None


@dataclass(frozen=True)
class Listing:
    """One list in one version. `until`: the first day on which this version no longer holds.

    laws            legal bases with their dates in force; `grounds` gives those of a day
    opened_by       what opens a case: the records of whoever qualifies, a person's proposal (the rule is its
                    condition), or the entry of another authority
    subjects        kinds of subject that it may list; natural persons are never published (`publishes`)
    qualifies_text  the rule as its keeper wrote it, "" where only its authority's own entries count
    qualifies       the same, read; who qualifies is a candidate, and a person decides
    imports         records that are entries decided elsewhere; imported_from_*: in words what comes, and how
    """

    id: str
    in_force: date
    until: date | None
    kind: Kind
    name_zh: str
    name_en: str
    about_zh: str
    about_en: str
    keeper: Keeper
    laws: tuple[Basis, ...]
    known_from: str
    procedure: Procedure
    opened_by: OpenedBy
    subjects: tuple[str, ...]
    qualifies_text: str
    qualifies: Expression | None
    imports: tuple[Import, ...]
    imported_from_zh: str
    imported_from_en: str
    periods: Periods
    publication: Shown
    removal: Removal
    ends_when_zh: str
    ends_when_en: str

    @property
    def verified(self) -> bool:
        """Whether somebody who has the text confirmed the entry."""
        return is_verified(self.known_from)

    def grounds(self, on: date) -> tuple[Basis, ...]:
        """The laws in force on the day, in the order of the file: the first is the one to cite."""
        return tuple(one for one in self.laws if one.holds_on(on))

    def publishes(self, subject_kind: str) -> bool:
        """Whether an entry of such a subject is shown to the public; a natural person's is only shared."""
        return subject_kind in self.subjects and subject_kind != "natural_person"


@dataclass(frozen=True)
class Term:
    """How long an entry stands that was published on a day.

    shortest_until  the last day of the shortest publication, None where there is none
    until           the last day of the longest publication; None where no term ends it (see Shown.until)
    removal_from    the day that ends the period before which removal can't be asked for; None: at any time
    rests_on        the periods that were counted
    """

    shortest_until: date | None
    until: date | None
    removal_from: date | None
    rests_on: tuple[Deadline, ...]


def term(listing: Listing, published: date, law_date: date | None = None) -> Term:
    """Count an entry's periods from its publication by the rules in force on `law_date` (else that day).

    LookupError where a period has no rule in force on that day.
    """
    shown, on = listing.publication, law_date or published
    ids = (shown.shortest, shown.longest, listing.removal.earliest)
    found = tuple(deadline(id, on) if id else None for id in ids)
    shortest, longest, earliest = (publication_end(published, one.period) if one else None for one in found)
    return Term(shortest, longest, earliest, tuple(dict.fromkeys(one for one in found if one)))


def lists(on: date | None = None, *, folder: Path | None = None) -> tuple[Listing, ...]:
    """Every list once, by id: the version in force on the day, without a day the newest one."""
    newest: dict[str, Listing] = {}
    for one in _read_folder(folder or FOLDER):  # ordered by id and date, so that the newest stays
        if on is None or in_force(one.in_force, one.until, on):
            newest[one.id] = one
    return tuple(newest.values())


def versions(id: str | None = None, *, folder: Path | None = None) -> tuple[Listing, ...]:
    """Every version of a list, or of all, the earliest first; LookupError where there is no such list."""
    found = tuple(one for one in _read_folder(folder or FOLDER) if id in {None, one.id})
    if not found:
        known = ", ".join(one.id for one in lists(folder=folder))
        raise LookupError(
            f"没有名单“{id}”，请从下列名单中选择：{known} / there is no list '{id}'; choose one of: {known}"
        )
    return found


def listing(id: str, on: date | None = None, *, folder: Path | None = None) -> Listing:
    """The list's version in force on the day, without a day the newest; LookupError says what is known."""
    found = versions(id, folder=folder)
    if on is None:
        return found[-1]
    for one in found:
        if in_force(one.in_force, one.until, on):
            return one
    since = found[0].in_force.isoformat()
    raise LookupError(
        f"名单“{id}”在{on.isoformat()}没有有效规定，已知规定自{since}起 / "
        f"list '{id}' has no rule in force on {on.isoformat()}; the earliest known is of {since}"
    )


@lru_cache(maxsize=8)
def _read_folder(folder: Path) -> tuple[Listing, ...]:
    found = []
    for path in sorted(folder.glob("*.toml")):
        one = read_list(path)
        expected = f"{one.id}.{one.in_force.isoformat()}.toml"
        if path.name != expected:
            raise ListError(path.name, (f"文件名应为 / the file must be named {expected}",))
        found.append(one)
    return tuple(sorted(found, key=lambda one: (one.id, one.in_force)))


def read_list(path: Path) -> Listing:
    """Read one list's file, whatever its name; ListError says what cannot be read."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        fault = f"不是有效的TOML文件，请以UTF-8保存 / not a valid TOML file in UTF-8: {error}"
        raise ListError(path.name, (fault,)) from error
    if faults := tuple(_shape_faults(table)):
        raise ListError(path.name, faults)
    try:
        return _listing(table)
    except ParseError as error:
        raise ListError(path.name, (f"qualifies: {error}",)) from error
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise ListError(path.name, (str(error),)) from error


_SHAPES: Mapping[str, tuple[type, str]] = {
    "id": (str, "文字 / text"), "in_force": (date, "日期，如 2026-04-01 / a day, as 2026-04-01"),
    "until": (date, "日期，如 2026-04-01 / a day, as 2026-04-01"), "kind": (str, "文字 / text"),
    "name_zh": (str, "文字 / text"), "name_en": (str, "文字 / text"), "about_zh": (str, "文字 / text"),
    "about_en": (str, "文字 / text"), "keeper": (dict, "表 / a table: [keeper]"),
    "laws": (list, "列表 / a list: [{ law = …, article = … }]"), "known_from": (str, "文字 / text"),
    "procedure": (str, "文字 / text"), "opened_by": (str, "文字 / text"),
    "subjects": (list, '列表 / a list: ["legal_person"]'), "qualifies": (str, "文字 / text"),
    "imports": (list, "表的列表 / tables: [[imports]]"), "imported_from_zh": (str, "文字 / text"),
    "imported_from_en": (str, "文字 / text"), "periods": (dict, "表 / a table: [periods]"),
    "publication": (dict, "表 / a table: [publication]"), "removal": (dict, "表 / a table: [removal]"),
    "ends_when_zh": (str, "文字 / text"), "ends_when_en": (str, "文字 / text"),
}  # fmt: skip
_MAY_LACK = frozenset({"until", "qualifies", "imports", "imported_from_zh", "imported_from_en", "periods"})


def _shape_faults(table: Mapping[str, Any]) -> Iterator[str]:
    """What a file lacks, what it has that no list has, and what isn't of the kind that it should be."""
    for key in _SHAPES:
        if key not in table and key not in _MAY_LACK:
            yield f"缺少 / missing: {key}，应为{_SHAPES[key][1]}"
    for key, value in table.items():
        if key not in _SHAPES:
            near = get_close_matches(key, _SHAPES, n=1)
            meant = f"；是否 / did you mean: {near[0]}" if near else ""
            yield f"未知的键 / unknown key: {key}{meant}"
        elif not isinstance(value, _SHAPES[key][0]):
            yield f"{key}: 应为{_SHAPES[key][1]}，现为 / is: {str(value)[:40]}"


def _listing(table: dict[str, Any]) -> Listing:
    rest = dict(table)
    text = rest.pop("qualifies", "").strip()
    rest |= {"qualifies_text": text, "qualifies": parse(text) if text else None}
    rest["keeper"] = _make(Keeper, rest["keeper"])
    rest["laws"] = tuple(_make(Basis, one) for one in rest["laws"])
    imports = rest.pop("imports", [])
    rest["imports"] = tuple(
        _make(Import, one | {"when": [_make(Condition, when) for when in one.get("when", [])]})
        for one in imports
    )
    rest["periods"] = _make(Periods, rest.get("periods", {}))
    rest["publication"] = _make(Shown, rest["publication"])
    removal = dict(rest["removal"])
    removal["conditions"] = [_make(RemovalCondition, one) for one in removal.pop("condition", [])]
    rest["removal"] = _make(Removal, removal)
    for optional in ("until", "imported_from_zh", "imported_from_en"):
        rest.setdefault(optional, None if optional == "until" else "")
    return _make(Listing, rest)


Shape = TypeVar("Shape")


def _make(shape: type[Shape], table: dict[str, Any]) -> Shape:
    """The dataclass from its TOML table; `in`, a word of Python, stands as `in_`."""
    if not isinstance(table, dict):
        raise ValueError(f"{shape.__name__}: 应为表 / must be a table, is: {str(table)[:40]}")
    every = attributes(shape)  # type: ignore[arg-type]
    known = {one.name for one in every}
    values = {
        (name if name in known else f"{name}_"): tuple(value) if isinstance(value, list) else value
        for name, value in table.items()
    }
    unknown = sorted(name.removesuffix("_") for name in values if name not in known)
    if unknown:
        raise ValueError(
            f"{shape.__name__}: 未知的键 / unknown keys: {', '.join(unknown)}; 可用 / known: {sorted(known)}"
        )
    lacking = [
        one.name for one in every
        if one.name not in values and one.default is MISSING and one.default_factory is MISSING
    ]  # fmt: skip
    if lacking:
        raise ValueError(f"{shape.__name__}: 缺少 / missing: {', '.join(lacking)}")
    return shape(**values)
