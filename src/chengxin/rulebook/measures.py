"""Joint measures (联合奖惩): who must do what on an entry in a list, by which law, how long (data/measures).

Policy clause 16. The catalogue says what may be attached to whom; nothing follows from it by itself: a
decision attaches a measure, and only one that a law in force on the day carries (Guobanfa [2020] 49).
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Protocol

from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import SUBJECT_KINDS, is_verified
from chengxin.rulebook.laws import Law, law
from chengxin.rulebook.tables import DATA_FOLDER, in_force

FOLDER = DATA_FOLDER / "measures"

Kind = Literal["punish", "reward"]
Actor = Literal["department", "platform", "institution"]
BearsOn = Literal["subject", "responsible_persons"]
DurationKind = Literal["entry", "publication", "deadline", "order"]
Admission = Literal["refuse", "restrict", "warn", "none"]
Where = Literal["outlets", "everywhere"]

ENDS: dict[DurationKind, tuple[str, str]] = {
    "entry": ("移出名单（期满、修复、撤销）时解除", "lifted when the entry ends: over, repaired or revoked"),
    "publication": ("公示期满或者修复时解除", "lifted when the entry is no longer public"),
    "deadline": ("法定期限届满时解除", "lifted when the period set by law is over"),
    "order": ("由作出决定的机关解除", "lifted by whoever ordered it"),
}
"""What ends a measure, by the kind of its duration."""


class Refused(ValueError):
    """A measure can't be attached; `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh} / {problem.en}")
        self.problem = problem


class NoLawInForce(Refused):
    """No law that carries the measure was in force on the day."""


class NotAttachable(Refused):
    """The measure isn't for this list, this kind of subject, or not without an order in the decision."""


class Listed(Protocol):
    """What is asked of a list: its id, and its kind (black, red, attention)."""

    @property
    def id(self) -> str: ...

    @property
    def kind(self) -> str: ...


@dataclass(frozen=True)
class Basis:
    """A law that carries a measure while it is in force.

    in_force, until  narrow the law's own dates (`until`: the first day without)
    lists            only for entries in these lists, empty: whatever the list
    supporting       cited besides the others, carries nothing alone
    """

    law: str
    article: str = ""
    in_force: date | None = None
    until: date | None = None
    lists: tuple[str, ...] = ()
    supporting: bool = False

    def holds_on(self, on: date, list_id: str | None = None) -> bool:
        """Whether it may be cited on the day for an entry in the list; without a list: in any."""
        if self.lists and list_id is not None and list_id not in self.lists:
            return False
        return law(self.law).holds_on(on) and in_force(self.in_force, self.until, on)

    @property
    def since(self) -> date:
        """The first day on which it may be cited."""
        return max(filter(None, (law(self.law).in_force, self.in_force)))


@dataclass(frozen=True)
class Measure:
    """One measure; the keys are explained at the head of data/measures/punish.toml.

    departments   names of today (departments.csv) where they are known; `actor_*`: who acts, in words
    subject_kinds kinds of subjects whose entry may bring it; roles: any of them, empty: whatever the role
    ordered       only where the decision itself says so; ordered_by: lists whose entries are that order
    execute       the period within which the actor carries it out (id of deadlines.csv)
    effect_*      what it means, said to the subject; feedback_*: what the actor reports
    where         which platforms act: those on which the subject has an outlet, or every one
    """

    id: str
    kind: Kind
    name_zh: str
    name_en: str
    actor: Actor
    actor_zh: str
    actor_en: str
    bases: tuple[Basis, ...]
    duration: DurationKind
    feedback_zh: str
    feedback_en: str
    effect_zh: str
    effect_en: str
    known_from: str
    departments: tuple[str, ...] = ()
    listed: str | None = None
    lists: tuple[str, ...] = ()
    list_kinds: tuple[str, ...] = ()
    ordered: bool = False
    ordered_by: tuple[str, ...] = ()
    subject_kinds: tuple[str, ...] = tuple(SUBJECT_KINDS)
    roles: tuple[str, ...] = ()
    bears_on: BearsOn = "subject"
    deadline: str | None = None
    outlives: bool = False
    execute: str = "measure.execute"
    admission: Admission = "none"
    where: Where = "outlets"
    note: str = ""

    @property
    def verified(self) -> bool:
        """Whether somebody who has the text confirmed the entry."""
        return is_verified(self.known_from)

    @property
    def ends(self) -> tuple[str, str]:
        """What ends it, in Chinese and English."""
        zh, en = ENDS[self.duration]
        if self.duration in ("deadline", "order") and not self.outlives:
            return (
                f"{zh}；移出名单（期满、修复、撤销）时一并解除",
                f"{en}, and in any case when the entry ends",
            )
        return zh, en

    def grounds(self, on: date, list_id: str | None = None) -> tuple[Basis, ...]:
        """The laws to cite on the day for an entry in the list (without one: in any), the ground first.

        Laws that are meant for the list go first, the newest first; those that only support stand behind.
        Empty where none carries the measure.
        """
        holding = [one for one in self.bases if one.holds_on(on, list_id)]
        if all(one.supporting for one in holding):
            return ()
        holding.sort(key=lambda one: one.since, reverse=True)
        return tuple(sorted(holding, key=lambda one: (one.supporting, not one.lists)))

    def law(self, on: date, list_id: str | None = None) -> Basis:
        """The law to cite on the day for an entry in the list; NoLawInForce where there is none."""
        found = self.grounds(on, list_id)
        if not found:
            raise NoLawInForce(self._lawless(on))
        return found[0]

    def _lawless(self, on: date) -> Problem:
        cited = [_span(law(one.law), one) for one in self.bases if not one.supporting]
        return Problem(
            field="measure",
            value=self.id,
            rule="measure.law_in_force",
            zh=f"措施“{self.name_zh}”在{on}没有有效的法律依据",
            en=f"measure '{self.id}' had no law in force on {on}",
            mend_zh=f"不得附加该措施；已知依据：{'；'.join(zh for zh, _ in cited)}",
            mend_en=f"leave it out; known grounds: {'; '.join(en for _, en in cited)}",
        )

    def why_not(
        self, listing: Listed, subject_kind: str, roles: Collection[str], ordered: Collection[str] = ()
    ) -> Problem | None:
        """Why it can't follow from an entry in the list, whatever the day; None where it can."""
        if listing.id not in self.lists and listing.kind not in self.list_kinds:
            return self._refusal(
                listing.id,
                "measure.list",
                f"名单“{listing.id}”不能引起措施“{self.name_zh}”",
                f"an entry in list '{listing.id}' doesn't bring measure '{self.id}'",
            )
        if subject_kind not in self.subject_kinds:
            return self._refusal(
                subject_kind,
                "measure.subject_kind",
                f"措施“{self.name_zh}”不适用于这类主体",
                f"measure '{self.id}' isn't for subjects of this kind",
            )
        if self.roles and not set(roles) & set(self.roles):
            return self._refusal(
                ",".join(sorted(roles)),
                "measure.role",
                f"措施“{self.name_zh}”只适用于特定角色的主体",
                f"measure '{self.id}' is for subjects in certain roles only: {', '.join(self.roles)}",
            )
        if self.ordered and self.id not in ordered and listing.id not in self.ordered_by:
            return self._refusal(
                self.id,
                "measure.ordered",
                f"措施“{self.name_zh}”须由决定本身载明",
                f"measure '{self.id}' needs an order in the decision itself",
            )
        return None

    def _refusal(self, value: str, rule: str, zh: str, en: str) -> Problem:
        return Problem(
            "measure",
            value,
            rule,
            zh,
            en,
            "请从该名单可以附加的措施中选择",
            "choose one that the list allows",
        )


def _span(known: Law, basis: Basis) -> tuple[str, str]:
    since = basis.since
    ends = [day for day in (known.repealed, basis.until) if day]
    end = f"{min(ends)}" if ends else ""
    article = (
        f"第{basis.article}条" if basis.article else "",
        f", art. {basis.article}" if basis.article else "",
    )
    return (
        f"《{known.name_zh}》{article[0]}（{since}起{f'，至{end}止' if end else ''}）",
        f"{known.name_en}{article[1]} (from {since}{f', before {end}' if end else ''})",
    )


def measures(on: date | None = None) -> tuple[Measure, ...]:
    """Every measure by id; with a day only those that a law in force on it carries."""
    found = _read_folder(FOLDER)
    return found if on is None else tuple(one for one in found if one.grounds(on))


def measure(id: str, on: date | None = None) -> Measure:
    """One measure; LookupError when there is none, with a day NoLawInForce when no law then carries it."""
    found = next((one for one in measures() if one.id == id), None)
    if found is None:
        known = ", ".join(one.id for one in measures())
        raise LookupError(
            f"措施目录中没有“{id}”，请从下列措施中选择：{known} / "
            f"the catalogue has no measure '{id}'; choose one of: {known}"
        )
    if on is not None:
        found.law(on)
    return found


def attachable(
    listing: Listed, subject_kind: str, roles: Collection[str], on: date, *, ordered: Collection[str] = ()
) -> tuple[Measure, ...]:
    """The measures that an entry may bring: of its list, for this subject, with a law in force on the day.

    listing       the list (anything with `id` and `kind`)
    subject_kind  kind of the listed subject (catalogue.SUBJECT_KINDS); roles: what it does in e-commerce
    on            the day of the decision
    ordered       ids of measures that the decision itself orders; those that need an order are left out else
    """
    return tuple(
        one
        for one in measures()
        if one.why_not(listing, subject_kind, roles, ordered) is None and one.grounds(on, listing.id)
    )


def attach(
    id: str, listing: Listed, subject_kind: str, roles: Collection[str], on: date, *, ordered: bool = False
) -> Measure:
    """One measure asked for by name, to be attached on the day to an entry; the arguments are `attachable`'s.

    LookupError: there is none of that name. NoLawInForce: no law carries it on the day. NotAttachable: it
    isn't for this list or subject, or needs an order in the decision.
    """
    found = measure(id)
    problem = found.why_not(listing, subject_kind, roles, [id] if ordered else [])
    if problem is not None:
        raise NotAttachable(problem)
    found.law(on, listing.id)
    return found


@lru_cache(maxsize=4)
def _read_folder(folder: Path) -> tuple[Measure, ...]:
    found = [
        read_measure(table, path.stem)
        for path in sorted(folder.glob("*.toml"))
        for table in tomllib.loads(path.read_text(encoding="utf-8"))["measure"]
    ]
    return tuple(sorted(found, key=lambda one: one.id))


def read_measure(table: dict[str, Any], kind: str) -> Measure:
    """A measure from its TOML table; ValueError names the measure and the key that doesn't fit."""
    rest = {name: tuple(value) if isinstance(value, list) else value for name, value in table.items()}
    try:
        rest["bases"] = tuple(Basis(**one | {"lists": tuple(one.get("lists", ()))}) for one in table["bases"])
        return Measure(kind=kind, **rest)  # type: ignore[arg-type]  # measure_checks proves the words
    except (TypeError, KeyError) as wrong:
        raise ValueError(
            f"措施“{table.get('id')}”的条目有误：{wrong} / measure '{table.get('id')}' can't be read: {wrong}"
        ) from wrong
