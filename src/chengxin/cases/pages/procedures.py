"""What each procedure is, for everybody: its picture, who does what within which period, and one's rights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.cases.names import condition_name, document_name
from chengxin.cases.pages import parts, shown
from chengxin.cases.wording import who_takes
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.rulebook import procedures as declared
from chengxin.rulebook.procedures import Procedure, State, Step


@dataclass(frozen=True)
class Row:
    """A step as the table shows it."""

    name: str
    who: str
    own: bool
    from_: Sequence[str]
    to: str
    conditions: Sequence[str]
    asked: Sequence[str]
    papers: Sequence[str]


@dataclass(frozen=True)
class Period:
    """A period: of which state, how long, by which law; `within`: what has to be done in it."""

    state: str
    words: str
    counts: str
    within: Sequence[str]


_ORDER = ("listing", "red_listing", "objection", "repair", "measure", "imported", "notice", "inspection")
"""As people come to them: what is decided on them, what they can do about it, then the rest."""


def _place(one: Procedure) -> tuple[int, str]:
    return (_ORDER.index(one.id) if one.id in _ORDER else len(_ORDER), one.id)


@public
@reading
def procedures(request: HttpRequest) -> HttpResponse:
    """Every procedure in a line, with what its subject can do."""
    found = [
        (
            one.id,
            parts.procedure_name(one),
            words.cited(one.law, one.article),
            [parts.named(step) for step in one.steps if step.whose == "subject"],
        )
        for one in sorted(declared.procedures().values(), key=_place)
    ]
    return page(request, "cases/procedures", {"procedures": found})


@public
@reading
def procedure(request: HttpRequest, procedure_id: str) -> HttpResponse:
    """One procedure: its picture, its steps, its periods, the rights of whoever it is about."""
    one = declared.procedures().get(procedure_id)
    if one is None:
        return not_found(request, gettext("没有这种程序"), gettext("请从程序列表中选择。"))
    today = timezone.localdate()
    values = {
        "name": parts.procedure_name(one),
        "law": words.cited(one.law, one.article),
        "rows": [row(one, step) for step in one.steps],
        "periods": periods(one, today),
        "rights": [row(one, step) for step in one.steps if step.whose == "subject"],
        "open": [parts.named(state) for state in one.states.values() if state.shown],
        **shown.picture(one),
    }
    return page(request, "cases/procedure", values)


def row(procedure: Procedure, step: Step) -> Row:
    """A step in words."""
    return Row(
        parts.named(step),
        who_takes(step, english=words.english()),
        step.whose == "subject",
        [parts.named(procedure.states[id]) for id in step.from_],
        parts.named(procedure.states[step.to]) if step.to else "",
        conditions(procedure, step),
        [parts.named(one) for one in step.fields],
        [words.say(document_name(kind)) for kind in step.documents],
    )


def conditions(procedure: Procedure, step: Step) -> list[str]:
    """On which conditions a step may be taken, a phrase each."""
    found = []
    if step.until_due:
        found.append(gettext("期限之内"))
    if step.after_due:
        found.append(gettext("期满之后"))
    if step.once:
        found.append(gettext("只能一次"))
    barred = [parts.named(procedure.step(id)) for id in step.not_by]
    if step.decides and not step.opens and procedure.opening.id not in step.not_by:
        barred.insert(0, parts.named(procedure.opening))
    if barred:
        found.append(gettext("曾办理“%(steps)s”的人应当回避") % {"steps": words.joined(barred)})
    return [*found, *(words.say(condition_name(id)) for id in step.conditions)]


def periods(procedure: Procedure, on: date) -> list[Period]:
    """The periods that run in the states of a procedure, by the law in force on a day."""
    return [
        Period(
            parts.named(state),
            parts.period_words(period),
            _counts(procedure, state),
            [parts.named(step) for step in procedure.from_state(state.id) if not step.after_due],
        )
        for state in procedure.states.values()
        if (period := parts.period_of(state.due, on)) is not None
    ]


def _counts(procedure: Procedure, state: State) -> str:
    """From which day a period counts."""
    if state.due_from is None:
        return gettext("进入该状态之日的次日起算")
    asked = next(
        one
        for step in procedure.steps
        if step.to == state.id
        for one in step.fields
        if one.id == state.due_from
    )
    return gettext("自“%(field)s”的次日起算") % {"field": parts.named(asked)}
