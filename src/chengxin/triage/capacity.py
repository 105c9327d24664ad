"""How many leads an office can look at a day: set by its own people."""

from __future__ import annotations

from chengxin.accounts.permissions import Actor, Target
from chengxin.kernel.problems import Problem
from chengxin.triage.models import Capacity

MOST = 500


class BadNumber(ValueError):
    """A number that no office can mean; `problem` says so."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh} / {problem.en}")
        self.problem = problem


def set_daily(actor: Actor, text: str) -> int:
    """Set the number for the actor's own organisation; returns it. BadNumber, Forbidden."""
    of = actor.organisation
    actor.must("lead.plan", Target(organisation=of))
    text = text.strip()
    if of is None or not (text.isascii() and text.isdigit() and len(text) < 5 and 1 <= int(text) <= MOST):
        raise BadNumber(
            Problem(
                "daily", text[:10] or None, "lead.daily",
                f"每日办理数量应为1至{MOST}的整数", f"leads a day must be a whole number from 1 to {MOST}",
                "请改填", "change it",
            )
        )  # fmt: skip
    Capacity.objects.update_or_create(pk=of, defaults={"daily": int(text), "set_by": actor.name})
    return int(text)
