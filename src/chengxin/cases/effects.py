"""What steps bring about: conditions, effects and documents by the names that procedures give them.

The floors above register theirs when their app is loaded; a test holds that every name in the rulebook is
registered. An effect is called inside the transaction of the step, with all cases that take it at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chengxin.accounts.permissions import Actor
from chengxin.cases.models import Case
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending
from chengxin.rulebook.procedures import Procedure, Step


@dataclass(frozen=True)
class Turn:
    """One case taking one step: `number` of the step in it, what was filled in, by whom, on which day.

    The case is as it stood before the step; `leaf` is the number of the step in the ledger.
    """

    case: Case
    procedure: Procedure
    step: Step
    number: int
    facts: Mapping[str, str]
    actor: Actor
    today: date
    leaf: int


@dataclass(frozen=True)
class Made:
    """A document that a step makes: number (文号), title, paragraphs and whatever its page needs, as JSON."""

    number: str
    body: Mapping[str, object]


Condition = Callable[[Case, Mapping[str, str], date], Problem | None]
"""(the case before the step, what was filled in, today) → what keeps the step from being taken.

For the step that opens a case the case is not stored yet and has no id."""

Effect = Callable[[Appending, Sequence[Turn]], None]
Period = Callable[[Case], str]
"""(the case) → the period that runs for it in place of the one that its procedure declares."""

Chooser = Callable[[Case, date], Sequence[tuple[str, tuple[str, str]]]]
"""(the case, today) → what may be chosen in a field that takes several: (id, words in Chinese, English)."""

Maker = Callable[[Turn], Made]

CONDITIONS: dict[str, Condition] = {}
EFFECTS: dict[str, Effect] = {}
PERIODS: dict[str, Period] = {}
CHOICES: dict[str, Chooser] = {}
DOCUMENTS: dict[str, Maker] = {}


def condition(name: str) -> Callable[[Condition], Condition]:
    """Register a condition under the name that procedures use."""
    return lambda function: CONDITIONS.setdefault(name, function)


def effect(name: str) -> Callable[[Effect], Effect]:
    """Register an effect under the name that procedures use."""
    return lambda function: EFFECTS.setdefault(name, function)


def period(name: str) -> Callable[[Period], Period]:
    """Register who says which period runs for a case where procedures declare the one of this name."""
    return lambda function: PERIODS.setdefault(name, function)


def choices(name: str) -> Callable[[Chooser], Chooser]:
    """Register who says what may be chosen in the field of this name."""
    return lambda function: CHOICES.setdefault(name, function)


def document(name: str) -> Callable[[Maker], Maker]:
    """Register who makes a kind of document."""
    return lambda function: DOCUMENTS.setdefault(name, function)
