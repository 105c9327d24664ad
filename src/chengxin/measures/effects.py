"""What the steps of a task bring about: its actor is told, and the credit office of what is overdue.

And which period runs for it."""

from __future__ import annotations

from collections.abc import Sequence

from chengxin.cases.effects import Turn, effect, period
from chengxin.cases.models import Case
from chengxin.desk.actions import notify
from chengxin.ledger.actions import Appending
from chengxin.measures.dispatch import told_by_organisation
from chengxin.rulebook.measures import measure
from chengxin.rulebook.procedures import procedure


@period("measure.execute")
def execute_within(case: Case) -> str:
    """The period within which a measure is carried out: that of an urgent order is shorter."""
    try:
        return measure(case.rule).execute
    except LookupError:
        return "measure.execute"


@effect("measure.remind")
def remind(log: Appending, turns: Sequence[Turn]) -> None:
    """Tasks are overdue: their actors are reminded, the credit office is told."""
    for organisation, number in told_by_organisation(turns).items():
        notify(
            "measure.act",
            organisation=organisation,
            zh=f"{number}项联合奖惩措施已超过期限，请立即办理",
            en=f"{number} joint measures are overdue: see to them now",
            url="/work/measures?overdue=yes",
        )
    notify(
        "measure.oversee",
        organisation=None,
        zh=f"{len(turns)}项联合奖惩措施超期未办，已督办",
        en=f"{len(turns)} joint measures are overdue; their actors were reminded",
        url="/work/measures?overdue=yes",
    )


@effect("measure.called_off")
def called_off(log: Appending, turns: Sequence[Turn]) -> None:
    """A decision has ended: what was accepted is to be lifted, what wasn't need not be done."""
    state = procedure("measure").states[turns[0].step.to or ""]
    lifting = state.id == "lifting"
    for organisation, number in told_by_organisation(turns).items():
        notify(
            "measure.act",
            organisation=organisation,
            zh=f"{number}项联合奖惩措施的决定已终止，{'请解除并确认' if lifting else '不必再执行'}",
            en=f"the decisions behind {number} joint measures have ended: "
            + ("lift them and confirm" if lifting else "they need not be carried out"),
            url=f"/work/measures?state={state.id}",
        )
