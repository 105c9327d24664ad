"""A procedure in words: who takes which step, what can be done in each state; and words broken into lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from chengxin.accounts.permissions import action, roles
from chengxin.rulebook.procedures import Procedure, State, Step

Who = Literal["staff", "decision", "subject", "organisation", "system"]

KINDS: Mapping[Who, tuple[str, str]] = {
    "staff": ("承办部门的人员", "staff of the departments"),
    "decision": ("由决定人签署的决定", "a decision that is signed"),
    "subject": ("信用主体本人", "the subject itself"),
    "organisation": ("来源单位、执行单位", "the source, or whoever carries it out"),
    "system": ("系统按期办理", "the system, when it is due"),
}
"""What each kind of step is, for the key of a drawing."""

_SIDES: Mapping[str, tuple[str, str]] = {
    "subject": ("信用主体", "the subject"),
    "organisation": ("来源或执行单位", "the organisation"),
}
_WIDE = 0x2E7F
"""Signs above it are as wide as they are high."""


def kind_of(step: Step) -> Who:
    """Who takes a step, as drawings tell them apart."""
    if step.permission is None:
        return "system"
    if step.whose != "keeper":
        return step.whose
    return "decision" if step.decides else "staff"


def who_takes(step: Step, *, english: bool) -> str:
    """Who takes a step, in words: the roles of its permission, the subject, the organisation, the system."""
    found = [("系统", "system")] if step.system else []
    if step.permission is not None:
        if step.whose != "keeper":
            found.insert(0, _SIDES[step.whose])
        else:
            named = [roles()[role] for role in action(step.permission).roles]
            found[:0] = [(one.zh, one.en) for one in named]
    return (", " if english else "、").join(pair[english] for pair in found)


@dataclass(frozen=True)
class Told:
    """A state in words: what can be done there, by whom, where it leads (None: the case stays there)."""

    state: State
    steps: tuple[tuple[Step, str, State | None], ...]


def in_words(procedure: Procedure, *, english: bool = False) -> list[Told]:
    """The same as the drawing, as a list, for whoever doesn't see it."""
    return [
        Told(
            state,
            tuple(
                (step, who_takes(step, english=english), procedure.states[step.to] if step.to else None)
                for step in procedure.from_state(state.id)
            ),
        )
        for state in procedure.states.values()
    ]


def way_of(procedure: Procedure, passed: Sequence[str]) -> list[tuple[str | None, str, str]]:
    """The way of a case: (state before, step, state after) of each step that is declared."""
    found: list[tuple[str | None, str, str]] = []
    state: str | None = None
    known = {one.id: one for one in procedure.steps}
    for id in passed:
        if (step := known.get(id)) is not None:
            after = step.to or state or ""
            found.append((state, id, after))
            state = after
    return found


def described(procedure: Procedure, current: str | None, *, english: bool) -> tuple[str, str]:
    """Title and description of a drawing of the procedure with a case that stands at `current`."""
    about = ("各状态和步骤见图下的文字说明。", "The same stands in words below the drawing.")[english]
    now = procedure.states.get(current or "")
    if now is not None:
        about = (f"现为“{now.zh}”。", f"It stands at '{now.en}'. ")[english] + about
    return (procedure.name_zh, procedure.name_en)[english], about


def width(text: str, size: int) -> float:
    """About how wide a text is in type of this size."""
    return sum(size if ord(sign) > _WIDE else size * 0.56 for sign in text)


def wrapped(text: str, size: int, most: int) -> list[str]:
    """Lines of at most `most` pixels: broken between Chinese characters anywhere, else at spaces."""
    lines = [""]
    for part in _parts(text):
        if part in "，。、；：）”" or not lines[-1] or width(lines[-1] + part.rstrip(), size) <= most:
            lines[-1] += part
        else:
            lines.append(part)
    return [line.strip() for line in lines]


def _parts(text: str) -> list[str]:
    """What stays together: a Chinese character, a word with the space behind it."""
    parts: list[str] = []
    for sign in text:
        goes_on = parts and parts[-1][-1] != " " and ord(sign) <= _WIDE and ord(parts[-1][-1]) <= _WIDE
        if goes_on:
            parts[-1] += sign
        else:
            parts.append(sign)
    return parts
