"""What the nightly run does with measures: reminds of what is overdue, ends those whose length is over."""

from __future__ import annotations

from datetime import date

from chengxin.cases.actions import take_many
from chengxin.cases.rules import SYSTEM
from chengxin.decisions.lasting import last_day
from chengxin.ledger.actions import appending
from chengxin.measures.dispatch import PROCEDURE, end_tasks
from chengxin.rulebook.measures import measures

_OVERDUE = """
    SELECT c.id FROM cases_case c
    WHERE c.procedure = %s AND c.due_on < %s AND NOT EXISTS (
        SELECT FROM cases_step s WHERE s.case_id = c.id AND s.step = 'remind'
          AND s.from_state = c.state AND s.day > c.due_on)
    AND c.state = ANY(%s) ORDER BY c.id"""
_RUNNING = """
    SELECT c.id, c.state, c.rule, e.published_on FROM cases_case c
    JOIN decisions_entry e ON e.case_id = c.parent_id
    WHERE c.procedure = %s AND c.rule = ANY(%s) AND c.closed_on IS NULL AND c.state <> 'lifting'
    ORDER BY c.id"""
OVER = "法定期限届满"


def remind(today: date) -> int:
    """Remind of each task that is overdue, once a period; returns of how many."""
    with appending() as log:
        states = ["assigned", "accepted", "lifting"]
        rows = log.cursor.execute(_OVERDUE, [PROCEDURE, today, states]).fetchall()
        tasks = [id for (id,) in rows]
        return len(take_many(log, "remind", tasks, SYSTEM, today, by_system=True, skip=True)) if tasks else 0


def end(today: date) -> int:
    """End the tasks whose measure lasts as long as a law sets, and no longer; returns how many."""
    lasting = {one.id: one for one in measures() if one.deadline}
    with appending() as log:
        rows = log.cursor.execute(_RUNNING, [PROCEDURE, sorted(lasting)]).fetchall()
        over = [
            (id, state)
            for id, state, rule, published in rows
            if (last := last_day(lasting[rule], published)) is not None and last < today
        ]
        end_tasks(log, over, today, OVER)
    return len(over)
