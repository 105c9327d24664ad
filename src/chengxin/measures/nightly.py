"""What the nightly run does with measures: reminds of what is overdue, ends those whose length is over."""

from __future__ import annotations

from datetime import date, timedelta

from chengxin.cases.actions import take_many
from chengxin.cases.rules import SYSTEM
from chengxin.decisions.due import reached, remember
from chengxin.decisions.lasting import last_day
from chengxin.ledger.actions import appending
from chengxin.measures.dispatch import PROCEDURE, end_tasks
from chengxin.rulebook.measures import Measure, measures

_OVERDUE = """
    SELECT c.id FROM cases_case c
    WHERE c.procedure = %s AND c.due_on >= %s AND c.due_on < %s AND NOT EXISTS (
        SELECT FROM cases_step s WHERE s.case_id = c.id AND s.step = 'remind'
          AND s.from_state = c.state AND s.day > c.due_on)
    AND c.state = ANY(%s) ORDER BY c.id"""
_RUNNING = """
    SELECT c.id, c.state FROM decisions_entry e
    JOIN cases_case c ON c.parent_id = e.case_id
    WHERE e.published_on > %(after)s AND e.published_on <= %(until)s
      AND c.procedure = %(procedure)s AND c.rule = %(rule)s AND c.closed_on IS NULL AND c.state <> 'lifting'
    UNION
    SELECT c.id, c.state FROM cases_step s
    JOIN cases_case c ON c.id = s.case_id
    JOIN decisions_entry e ON e.case_id = c.parent_id
    WHERE s.id >= %(leaf)s AND s.step IN ('assign', 'renew') AND e.published_on <= %(until)s
      AND c.procedure = %(procedure)s AND c.rule = %(rule)s AND c.closed_on IS NULL AND c.state <> 'lifting'
    ORDER BY 1"""
OVER = "法定期限届满"
_DAY = timedelta(days=1)


def remind(today: date) -> int:
    """Remind of each task that is overdue, once a period; returns of how many."""
    with appending() as log:
        states = ["assigned", "accepted", "lifting"]
        _, last = reached(log, "measures_overdue")
        rows = log.cursor.execute(_OVERDUE, [PROCEDURE, last or date.min, today, states]).fetchall()
        tasks = [id for (id,) in rows]
        remember(log, "measures_overdue", log.size, today)
        return len(take_many(log, "remind", tasks, SYSTEM, today, by_system=True, skip=True))


def end(today: date) -> int:
    """End the tasks whose measure lasts as long as a law sets, and no longer; returns how many.

    Looked at are entries whose measures' last day has come since the run before, and tasks assigned or
    renewed since then (an entry may have effect again after that day).
    """
    over: dict[int, str] = {}
    with appending() as log:
        leaf, last = reached(log, "measures_over")
        for one in measures():
            if one.deadline:
                given = {
                    "procedure": PROCEDURE, "rule": one.id, "leaf": leaf, "until": _ended_before(one, today),
                    "after": _ended_before(one, last) if last else date.min,
                }  # fmt: skip
                rows = log.cursor.execute(_RUNNING, given).fetchall()
                over |= dict(rows)
        end_tasks(log, over.items(), today, OVER)
        remember(log, "measures_over", log.size, today)
    return len(over)


def _ended_before(one: Measure, today: date) -> date:
    """The last day of publication of an entry whose measure has ended before today.

    Looked for from where it would be if all such periods were as long as the one that begins today.
    """

    def is_over(day: date) -> bool:
        last = last_day(one, day)
        return last is None or last < today

    day = today - ((last_day(one, today) or today) - today)
    while not is_over(day):
        day -= _DAY
    while day < today and is_over(day + _DAY):
        day += _DAY
    return day
