"""What the clock alone brings about in the lists: expiry, periods that are over, publication, reminders.

Each part finds its cases by an index on the day or the state, so that its cost follows what is due.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter

from chengxin.cases.actions import take_many
from chengxin.cases.rules import SYSTEM
from chengxin.decisions.changes import case_url
from chengxin.decisions.conditions import knowing
from chengxin.desk.actions import Telling, notify_each
from chengxin.ledger.actions import Appending, appending
from chengxin.rulebook.lists import lists
from chengxin.rulebook.procedures import Step, procedure

AT_ONCE = 1_000
"""Cases that take a step in one transaction."""

AHEAD = timedelta(days=1)
"""How long before its last day a period is called to mind."""

_OVER = """
    SELECT e.case_id FROM decisions_entry e JOIN cases_case k ON k.id = e.case_id
    WHERE e.until < %(today)s AND e.ended_on IS NULL AND k.procedure = %(procedure)s AND e.case_id > %(after)s
    ORDER BY 1 LIMIT %(most)s"""
_NOTICE_OVER = """
    SELECT k.id FROM cases_case k
    WHERE k.procedure = %(procedure)s AND k.state = 'notified' AND k.due_on < %(today)s AND k.id > %(after)s
    ORDER BY 1 LIMIT %(most)s"""
_TO_PUBLISH = """
    SELECT k.id FROM cases_case k
    WHERE k.procedure = %(procedure)s AND k.state = %(state)s AND k.id > %(after)s
    ORDER BY 1 LIMIT %(most)s"""
_RED_AND_BLACK = """
    SELECT DISTINCT k.procedure, r.case_id FROM cases_step t
    JOIN decisions_entry b ON b.case_id = t.case_id AND b.kind = 'black' AND b.ended_on IS NULL
    JOIN registry_subject s ON s.id = b.subject_id
    JOIN registry_subject m ON m.id = coalesce(s.merged_into_id, s.id)
        OR m.merged_into_id = coalesce(s.merged_into_id, s.id)
    JOIN decisions_entry r ON r.subject_id = m.id AND r.kind = 'red' AND r.ended_on IS NULL
        AND r.list = ANY(%s)
    JOIN cases_case k ON k.id = r.case_id
    WHERE t.id >= %s AND t.id < %s AND t.to_state = 'published' ORDER BY 1, 2"""


def expire(today: date) -> int:
    """End the entries whose last day has passed."""
    return sum(
        _all(_OVER, "expire", today, procedure=name) for name in ("listing", "red_listing", "imported")
    )


def close_notices(today: date) -> int:
    """Let cases whose period for a statement is over go to the decision."""
    return _all(_NOTICE_OVER, "close_notice", today, procedure="listing")


def publish(today: date) -> int:
    """Publish what was decided and served."""
    return _all(_TO_PUBLISH, "publish", today, procedure="listing", state="served") + _all(
        _TO_PUBLISH, "publish", today, procedure="red_listing", state="decided"
    )


def red_after_black(today: date) -> int:
    """Take subjects that came onto a black list since the last run off the red lists that are our own."""
    ours = [one.id for one in lists(today) if one.procedure == "red_listing"]
    with appending() as log:
        (begun, _), end = reached(log, "red"), log.size
        rows = log.cursor.execute(_RED_AND_BLACK, [ours, begun, end]).fetchall()
        why = {"reason": "列入失信惩戒名单，不再符合守信激励名单条件"}
        done = 0
        for _, same in groupby(rows, key=itemgetter(0)):
            cases = [case for _, case in same]
            done += len(take_many(log, "remove", cases, SYSTEM, today, facts=why, by_system=True, skip=True))
        remember(log, "red", end, today)
    return done


def remind(today: date) -> int:
    """Tell those who have to act of each period that ends soon, and of each that has ended: once each.

    Measures remind by themselves. Returns how many periods were told of.
    """
    with appending() as log:
        _, last = reached(log, "due")
        if last is not None and last >= today:
            return 0
        news: dict[str, list[Telling]] = defaultdict(list)
        for id, name, state, region, organisation, due in log.cursor.execute(
            """SELECT id, procedure, state, region, organisation_id, due_on FROM cases_case
            WHERE procedure <> 'measure' AND (
                due_on BETWEEN %(soon)s AND %(until)s OR due_on BETWEEN %(overdue)s AND %(yesterday)s)
            ORDER BY due_on, id""",
            {
                "soon": max(today, last + AHEAD + timedelta(days=1)) if last else today,
                "until": today + AHEAD,
                "overdue": last or date.min,
                "yesterday": today - timedelta(days=1),
            },
        ).fetchall():
            step = _next(name, state)
            if step is None or step.permission is None:
                continue
            at = procedure(name).states[state]
            zh = f"已超期，期限为{due}" if due < today else f"将于{due}到期"
            en = f"overdue since {due}" if due < today else f"due on {due}"
            acts = organisation if step.whose == "organisation" else None
            news[step.permission].append(
                Telling(
                    f"第{id}号事项“{at.zh}”{zh}",
                    f"Case {id} at '{at.en}': {en}",
                    case_url(id),
                    due,
                    acts,
                    region,
                )
            )
        for permission, some in news.items():
            notify_each(permission, some)
        remember(log, "due", 0, today)
    return sum(map(len, news.values()))


def _next(name: str, state: str) -> Step | None:
    """The step that the case waits for from an official: the first one that leads on."""
    return next(
        (
            one
            for one in procedure(name).from_state(state)
            if one.to and one.permission and one.whose != "subject"
        ),
        None,
    )


def _all(query: str, step: str, today: date, **given: str) -> int:
    """Let every case that the query finds take the step, some at a time; those that can't are left out."""
    done, after = 0, -1
    while True:
        with appending() as log:
            rows = log.cursor.execute(
                query.encode(), {"today": today, "after": after, "most": AT_ONCE, **given}
            ).fetchall()
            cases = [case for (case,) in rows]
            if not cases:
                return done
            with knowing(log.cursor, today, cases=cases):
                done += len(take_many(log, step, cases, SYSTEM, today, by_system=True, skip=True))
        after = cases[-1]


# --- how far ------------------------------------------------------------------------------------------------


def reached(log: Appending, name: str) -> tuple[int, date | None]:
    """How far a part of the run has come: the leaf before which it has read, and the day it ran for."""
    found = log.cursor.execute("SELECT leaf, day FROM decisions_watermark WHERE name = %s", [name]).fetchone()
    return (int(found[0]), found[1]) if found else (0, None)


def first_of_day(log: Appending, name: str, today: date) -> bool:
    """Whether a part of the run that tells people something hasn't run for this day; from now on it has."""
    _, last = reached(log, name)
    if last is not None and last >= today:
        return False
    remember(log, name, 0, today)
    return True


def remember(log: Appending, name: str, leaf: int, today: date) -> None:
    """Note how far a part of the run has come."""
    log.cursor.execute(
        "INSERT INTO decisions_watermark (name, leaf, day) VALUES (%s, %s, %s) "
        "ON CONFLICT (name) DO UPDATE SET leaf = excluded.leaf, day = excluded.day",
        [name, leaf, today],
    )
