"""Procedures: states, steps, who may take them, within which period (data/procedures).

Each procedure is declared once. The engine that carries it out (`chengxin.cases`), the pages that draw it,
the documentation and the tests all walk this declaration.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from chengxin.rulebook import laws
from chengxin.rulebook.tables import DATA_FOLDER

FOLDER = DATA_FOLDER / "procedures"

FieldType = Literal["text", "line", "date", "choice", "records", "consent"]
Whose = Literal["keeper", "subject", "organisation"]


@dataclass(frozen=True)
class Asked:
    """Something that a step asks to be filled in; `max`: the most characters, 0 where it can't be long.

    law, article  what asks for it, "" where the procedure's own law does
    """

    id: str
    zh: str
    en: str
    type: FieldType
    max: int = 0
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict, hash=False)
    law: str = ""
    article: str = ""


@dataclass(frozen=True)
class State:
    """Where a case can stand.

    due       the period that begins with the state (an id of deadlines.csv), None where nothing presses
    due_from  the field of the step from whose day it counts; None: the day of the step
    shown     whether the public sees what was decided; final: whether nothing follows
    """

    id: str
    zh: str
    en: str
    due: str | None = None
    due_from: str | None = None
    shown: bool = False
    final: bool = False


@dataclass(frozen=True)
class Step:
    """What can be done with a case.

    from_       states it starts from; none: it opens a case
    to          the state it leads to; None: the case stays where it is, and so does its period
    permission  the action of the permissions that lets a person take it; None: the nightly run alone does
    whose       on whose behalf: the case's keeper, the subject itself, the organisation that has to act
    system      whether the nightly run, or the outcome of another case, may take it
    not_by      whoever took one of these steps of the same case may not take this one
    decides     whether it is a decision: a person signs it, other than whoever opened the case
    once        at most once a case
    until_due   only within the period of the state; after_due: only when that is over
    conditions  what must hold besides; effect: what it brings about; documents: what is made; all by name
    """

    id: str
    zh: str
    en: str
    from_: tuple[str, ...] = ()
    to: str | None = None
    permission: str | None = None
    whose: Whose = "keeper"
    system: bool = False
    not_by: tuple[str, ...] = ()
    decides: bool = False
    once: bool = False
    until_due: bool = False
    after_due: bool = False
    fields: tuple[Asked, ...] = ()
    optional: tuple[Asked, ...] = ()
    conditions: tuple[str, ...] = ()
    effect: str | None = None
    documents: tuple[str, ...] = ()

    @property
    def opens(self) -> bool:
        """Whether it opens a case."""
        return not self.from_


@dataclass(frozen=True)
class Procedure:
    """One procedure; `states` and `steps` in the order of the file."""

    id: str
    name_zh: str
    name_en: str
    law: str
    article: str
    known_from: str
    states: Mapping[str, State] = field(hash=False)
    steps: tuple[Step, ...] = ()

    def step(self, id: str) -> Step:
        """One step; LookupError when there is none of that name."""
        for one in self.steps:
            if one.id == id:
                return one
        raise LookupError(f"“{self.name_zh}”没有步骤“{id}” / {self.name_en} has no step '{id}'")

    def from_state(self, state: str | None) -> tuple[Step, ...]:
        """Steps that start in a state; without one: those that open a case."""
        if state is None:
            return tuple(one for one in self.steps if one.opens)
        return tuple(one for one in self.steps if state in one.from_)

    @property
    def opening(self) -> Step:
        """The step that opens a case."""
        return self.from_state(None)[0]


def _asked() -> dict[str, Asked]:
    table = tomllib.loads((FOLDER / "fields.toml").read_text(encoding="utf-8"))
    return {
        id: Asked(
            id,
            one["zh"],
            one["en"],
            one["type"],
            one.get("max", 0),
            {value: (zh, en) for value, (zh, en) in one.get("choices", {}).items()},
            one.get("law", ""),
            one.get("article", ""),
        )
        for id, one in table.items()
    }


def _step(table: dict[str, Any], known: Mapping[str, Asked]) -> Step:
    given = dict(table)
    for name in ("fields", "optional"):
        given[name] = tuple(known[id] for id in given.get(name, ()))
    given["from_"] = tuple(given.pop("from", ()))
    for name in ("not_by", "conditions", "documents"):
        given[name] = tuple(given.get(name, ()))
    return Step(**given)


def _read(path: Path, known: Mapping[str, Asked]) -> Procedure:
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return Procedure(
        id=table["id"],
        name_zh=table["name_zh"],
        name_en=table["name_en"],
        law=table["law"],
        article=table["article"],
        known_from=table["known_from"],
        states={id: State(id, **one) for id, one in table["states"].items()},
        steps=tuple(_step(one, known) for one in table["step"]),
    )


@cache
def procedures() -> Mapping[str, Procedure]:
    """Every procedure, by id."""
    known = _asked()
    found = [_read(path, known) for path in sorted(FOLDER.glob("*.toml")) if path.stem != "fields"]
    return {one.id: one for one in found}


def procedure(id: str) -> Procedure:
    """One procedure; LookupError when there is none of that name."""
    try:
        return procedures()[id]
    except KeyError:
        raise LookupError(f"没有程序“{id}” / there is no procedure '{id}'") from None


def faults(one: Procedure) -> Iterator[str]:
    """Everything that is wrong with a procedure by itself, a sentence each."""
    openings = one.from_state(None)
    if len(openings) != 1 or openings[0].to is None:
        yield "须有且只有一个开启步骤，并指明状态 / exactly one step opens a case, and leads to a state"
    if len({step.id for step in one.steps}) != len(one.steps):
        yield "步骤重复 / a step stands twice"
    for step in one.steps:
        yield from (f"{step.id}: {fault}" for fault in _step_faults(one, step))
    yield from _path_faults(one)


def _step_faults(one: Procedure, step: Step) -> Iterator[str]:
    for id in [*step.from_, *([step.to] if step.to else [])]:
        if id not in one.states:
            yield f"没有状态“{id}” / there is no state '{id}'"
        elif id in step.from_ and one.states[id].final:
            yield f"终结状态“{id}”之后不得再有步骤 / nothing follows the final state '{id}'"
    known = {other.id for other in one.steps}
    for id in step.not_by:
        if id not in known:
            yield f"回避所指步骤“{id}”不存在 / not_by names a step that isn't there: '{id}'"
    for asked in (*step.fields, *step.optional):
        if asked.law and asked.law not in {law.id for law in laws.laws()}:
            yield f"填报内容“{asked.id}”的法规未知 / unknown law of field '{asked.id}': {asked.law}"
    if step.permission is None and not step.system:
        yield "无人可办 / nobody may take it"
    if step.whose not in get_args(Whose):
        yield f"不明对象“{step.whose}” / unknown 'whose': '{step.whose}'"
    if (step.until_due or step.after_due) and any(one.states[id].due is None for id in step.from_):
        yield "所在状态没有期限 / its state has no period"
    if step.to is not None and (counted := one.states[step.to].due_from):
        fields = {asked.id: asked.type for asked in step.fields}
        if fields.get(counted) != "date":
            yield f"期限起算日“{counted}”未填报 / the period counts from '{counted}', which isn't asked for"


def _path_faults(one: Procedure) -> Iterator[str]:
    """Every state is reached, and from every state an end is reached."""
    reached = {step.to for step in one.from_state(None)}
    while (
        more := {step.to for state in reached if state for step in one.from_state(state) if step.to} - reached
    ):
        reached |= more
    for state in one.states.values():
        if state.id not in reached:
            yield f"状态“{state.id}”不可到达 / state '{state.id}' is never reached"
        if not state.final and not one.from_state(state.id):
            yield f"状态“{state.id}”没有出路 / nothing leads out of state '{state.id}'"
