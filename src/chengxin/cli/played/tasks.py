"""Actors of joint measures accept, carry out and report, refuse, and lift: most in time, some not."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from random import Random

from chengxin.cases.actions import take_many
from chengxin.cli.played.stage import Stage
from chengxin.demo.history import known, say
from chengxin.ledger.actions import appending

_OPEN = """
SELECT id, state, rule, organisation_id, since FROM cases_case
WHERE procedure = 'measure' AND state IN ('assigned', 'accepted', 'refused', 'lifting') AND since < %s
ORDER BY id"""

_NEVER = 23
"""One task in so many is never accepted; `_REFUSED`: is sent back; `_LATE`: is done after its period."""
_REFUSED, _LATE = 17, 11
_Key = tuple[str, int, str]


def work_off(stage: Stage, day: date) -> int:
    """Let every actor do what they do on a day; returns how many steps were taken."""
    due: dict[_Key, list[int]] = defaultdict(list)
    with appending() as log:
        for id, state, rule, organisation, since in log.cursor.execute(_OPEN, [day]).fetchall():
            step = _does(id, state, (day - since).days)
            if step and (organisation in stage.cast.of or state == "refused"):
                due[step, organisation, rule].append(id)
        done = 0
        for (step, organisation, rule), ids in sorted(due.items()):
            actor = stage.cast("office", None, ids[0]) if step in _OVERSEEN else stage.cast.of[organisation]
            if actor is None:
                continue
            draw = Random(f"{step}{organisation}{rule}{day}")  # noqa: S311 - sentences of the demonstration
            facts = _facts(step, rule, draw, day)
            done += len(take_many(log, step, ids, actor, day, facts=facts, skip=True))
    return done


_OVERSEEN = ("insist", "excuse")


def _does(task: int, state: str, waited: int) -> str | None:
    """The step that a task takes after so many days in a state; None: it waits."""
    mixed = (task * 2_654_435_761) % 1_000_003
    late = mixed % _LATE == 0
    match state:
        case "assigned":
            if mixed % _NEVER == 0 or waited < (9 if late else 1 + mixed % 3):
                return None
            return "refuse" if mixed % _REFUSED == 0 else "accept"
        case "accepted":
            return "execute" if waited >= (22 if late else 2 + mixed % 9) else None
        case "refused":
            return None if waited < 2 + mixed % 4 else ("insist" if mixed % 2 == 0 else "excuse")
        case _:
            return "confirm_lifted" if waited >= (9 if late else 1 + mixed % 2) else None


def _facts(step: str, rule: str, draw: Random, day: date) -> dict[str, str]:
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
