"""What actors do with many tasks at once."""

from __future__ import annotations

from datetime import date

from chengxin.accounts.permissions import Actor
from chengxin.cases.actions import take_many
from chengxin.ledger.actions import appending

MOST = 500
"""Tasks accepted by one form."""


def accept_all(actor: Actor, today: date, measure: str = "") -> int:
    """Accept the tasks that wait for the actor's organisation, of one measure or all; returns how many.

    At most `MOST`, the oldest first. Those that somebody else accepts meanwhile are left out. Forbidden: the
    person's role doesn't do this.
    """
    actor.must("measure.act")
    own = list(actor.reach("measure.act").organisations)
    with appending() as log:
        rows = log.cursor.execute(
            "SELECT id FROM cases_case WHERE procedure = 'measure' AND state = 'assigned' "
            "AND organisation_id = ANY(%s) AND (%s = '' OR rule = %s) ORDER BY id LIMIT %s",
            [own, measure, measure, MOST],
        ).fetchall()
        tasks = [id for (id,) in rows]
        return len(take_many(log, "accept", tasks, actor, today, skip=True)) if tasks else 0
