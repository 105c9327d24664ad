"""What a step will bring about, said before it is taken: state, period, documents, effect, who goes on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from chengxin.cases import queries
from chengxin.cases.effects import PERIODS
from chengxin.cases.models import Case
from chengxin.cases.names import document_name, effect_name
from chengxin.cases.pages import parts
from chengxin.cases.wording import who_takes
from chengxin.design import words
from chengxin.rulebook.procedures import Procedure, State, Step, procedure


@dataclass(frozen=True)
class Following:
    """What comes of a step.

    to, shown, over  the state that it leads to; whether the public sees it; whether nothing follows
    period, due      the period that begins with it in words; its last day where it begins today
    from_field       the field from whose day it counts, "" where it counts from today
    effect           what it brings about besides; papers: the documents that are made
    then             what may come next: (step, who)
    """

    to: str
    shown: bool
    over: bool
    stays: bool
    period: str
    due: parts.Due | None
    from_field: str
    effect: str
    papers: tuple[str, ...]
    then: tuple[tuple[str, str], ...]


def following(case: Case, step: Step, today: date, facts: dict[str, str] | None = None) -> Following:
    """What the step will bring about for the case; `facts`: what was filled in so far."""
    declared = procedure(case.procedure)
    state = declared.states[step.to or case.state]
    period, due, field = _period(case, step, state, today, facts or {})
    return Following(
        to=parts.named(state), shown=state.shown, over=state.final, stays=step.to is None, period=period,
        due=due, from_field=field, effect=words.say(effect_name(step.effect)) if step.effect else "",
        papers=tuple(words.say(document_name(kind)) for kind in step.documents),
        then=_then(declared, state),
    )  # fmt: skip


def _period(
    case: Case, step: Step, state: State, today: date, facts: dict[str, str]
) -> tuple[str, parts.Due | None, str]:
    """The period that begins with the step, its last day, the field from which it counts."""
    if step.to is None or state.due is None:
        return "", None, ""
    known = parts.period_of(PERIODS[state.due](case) if state.due in PERIODS else state.due, today)
    if known is None:
        return "", None, ""
    asked = next((one for one in step.fields if one.id == state.due_from), None)
    try:
        start = date.fromisoformat(facts.get(asked.id, "")) if asked else today
    except ValueError:
        start = today
    return (
        parts.period_words(known),
        parts.due(known.counted(start).due, today),
        parts.named(asked) if asked else "",
    )


def _then(declared: Procedure, state: State) -> tuple[tuple[str, str], ...]:
    """The steps that lead on from a state, with who takes them."""
    english = words.english()
    return tuple(
        (parts.named(one), who_takes(one, english=english))
        for one in declared.from_state(state.id)
        if one.to != state.id
    )


def said_by_subject(case: Case) -> list[tuple[str, date, list[tuple[str, str]]]]:
    """What the subject has said in the case: (step, day, what was filled in)."""
    known = {one.id: one for one in procedure(case.procedure).steps}
    return [
        (parts.named(known[one.step]), one.day, parts.facts_of(known[one.step], dict(one.facts)))
        for one in queries.steps(case.pk)
        if one.step in known and known[one.step].whose == "subject"
    ]
