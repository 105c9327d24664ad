"""What the end of an inspection brings about: the lead counts as found true or not."""

from __future__ import annotations

from collections.abc import Sequence

from chengxin.cases.effects import Turn, effect
from chengxin.ledger.actions import Appending
from chengxin.triage.acting import follow


@effect("lead.confirm")
def confirm(log: Appending, turns: Sequence[Turn]) -> None:
    """The inspection was filed: the lead was what it looked like."""
    for turn in turns:
        follow(log, turn.case.id, "confirm", turn.actor, turn.today)


@effect("lead.dismiss")
def dismiss(log: Appending, turns: Sequence[Turn]) -> None:
    """Nothing was filed: the lead was not what it looked like."""
    for turn in turns:
        follow(log, turn.case.id, "dismiss", turn.actor, turn.today)
