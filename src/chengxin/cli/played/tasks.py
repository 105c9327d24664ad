"""Actors of joint measures accept, carry out and report, refuse, and lift: most in time, some not."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from random import Random

from chengxin.accounts.permissions import Actor
from chengxin.cases.actions import take_each
from chengxin.cli.played.stage import Stage
from chengxin.demo.history import known, say
from chengxin.ledger.actions import appending
from chengxin.measures.conditions import of_lists

_OPEN = """
SELECT t.id, t.state, t.steps, t.rule, t.organisation_id, t.since, t.parent_id, e.list
FROM cases_case t JOIN decisions_entry e ON e.case_id = t.parent_id
WHERE t.procedure = 'measure' AND t.state IN ('assigned', 'accepted', 'refused', 'lifting') AND t.since < %s
ORDER BY t.id"""

_STUCK, _REFUSED, _LATE = 23, 17, 11
"""One task in so many waits until somebody insists; is sent back; is done after its period."""

_FIRST = 2
"""Steps of a task that was never sent back: it was assigned, and its actor reminded of it."""

_OVERSEEN = ("insist", "excuse")
_Facts = dict[str, str]


def work_off(stage: Stage, day: date) -> int:
    """Let every actor do what they do on a day; returns how many steps were taken."""
    due: dict[str, dict[int, tuple[Actor, _Facts]]] = defaultdict(dict)
    told: dict[tuple[str, int, str], _Facts] = {}
    with appending() as log:
        rows = log.cursor.execute(_OPEN, [day]).fetchall()
        for id, state, steps, rule, organisation, since, _, _ in rows:
            step = _does(id, state, steps, (day - since).days)
            if step is None:
                continue
            actor = stage.cast("office", None, id) if step in _OVERSEEN else stage.cast.of.get(organisation)
            if actor is not None:
                key = step, organisation, rule
                due[step][id] = actor, told.setdefault(key, _facts(*key, day))
        lists = {parent: of for *_, parent, of in rows}
        with of_lists(lists):
            return sum(
                len(take_each(log, step, asked, day, skip=True)) for step, asked in sorted(due.items())
            )


def _does(task: int, state: str, steps: int, waited: int) -> str | None:
    """The step that a task takes after so many days in a state; None: it waits. Nobody refuses twice."""
    mixed = (task * 2_654_435_761) % 1_000_003
    late, stuck = mixed % _LATE == 0, mixed % _STUCK == 0
    match state:
        case "assigned":
            if waited < (40 if stuck else 9 if late else 1 + mixed % 2):
                return None
            return "refuse" if steps == 1 and mixed % _REFUSED == 0 else "accept"
        case "accepted":
            return "execute" if waited >= (22 if late else 2 + mixed % 9) else None
        case "refused":
            return None if waited < 2 + mixed % 8 else ("insist" if mixed % 2 == 0 else "excuse")
        case _:
            return "confirm_lifted" if waited >= (9 if late else 1 + mixed % 2) else None


def _facts(step: str, organisation: int, rule: str, day: date) -> _Facts:
    draw = Random(f"{step}{organisation}{rule}{day}")  # noqa: S311 - sentences of the demonstration
    proof = say("measure.proof", draw, day)
    match step:
        case "execute":
            bank = f"measure.{rule}" if known(f"measure.{rule}") else "measure.other"
            return {
                "feedback": say(bank, draw, day), "executed_on": day.isoformat(), "execution_proof": proof,
            }  # fmt: skip
        case "confirm_lifted":
            return {"feedback": say("measure.lifted", draw, day), "execution_proof": proof}
        case "refuse" | "insist" | "excuse":
            return {"reason": say(f"measure.{step}", draw, day)}
        case _:
            return {}
