"""What rests on records that changed is brought in line with them, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from chengxin.cases.actions import take_many
from chengxin.cases.models import Case
from chengxin.cases.queries import citing
from chengxin.cases.rules import SYSTEM
from chengxin.decisions.matters import LISTED
from chengxin.ledger.actions import Appending
from chengxin.rulebook.procedures import procedure

Words = tuple[str, str]
"""Chinese and English."""


def derived(log: Appending, records: Iterable[int], reason: str, today: date, *, gone: bool) -> list[Words]:
    """Bring what rests on records that changed in line, in the same transaction; says what changed, in words.

    gone: they can no longer be used at all. Entries decided here are put in question, entries taken over from
    another authority end with the record that they are.
    """
    found: list[Words] = []
    numbers = {case for cases in citing(list(records)).values() for case in cases}
    for case in Case.objects.filter(pk__in=numbers, procedure__in=LISTED, closed_on=None).order_by("pk"):
        step = "withdraw" if case.procedure == "imported" else "question"
        if step not in steps_from(case) or (step == "withdraw" and not gone):
            continue
        take_many(log, step, [case.id], SYSTEM, today, facts={"reason": reason[:2000]}, by_system=True)
        if step == "withdraw":
            found.append(
                (
                    f"据此转载的名单记录（第{case.id}号）已移出",
                    f"the entry taken over from it (no. {case.id}) ended",
                )
            )
        else:
            found.append(
                (f"据此作出的列入决定（第{case.id}号）已提请复核",
                 f"the decision to list that rests on it (no. {case.id}) is being looked at again")
            )  # fmt: skip
    return found


def steps_from(case: Case) -> frozenset[str]:
    """The steps that start from where a case stands."""
    return frozenset(one.id for one in procedure(case.procedure).from_state(case.state))
