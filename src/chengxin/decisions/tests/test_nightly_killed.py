"""A nightly run that is killed again and again: nothing is half done, and the next run goes on to the end."""

from __future__ import annotations

import itertools
import os
import random
import signal
from collections import Counter
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connections
from django.utils import timezone

from chengxin.archive.tests.kept import Kept
from chengxin.cases.models import Case
from chengxin.decisions import changes, due
from chengxin.decisions.models import Entry
from chengxin.decisions.nightly import nightly
from chengxin.decisions.tests.own_world import firm, listed
from chengxin.decisions.tests.test_nightly import brusher, court, defaulter, faults, leaves, subject
from chengxin.ledger.actions import appending

TODAY = timezone.localdate()
KILLS, STATEMENTS = 10, 150
"""How often it is killed, and within how many statements."""
BRUSHERS, DEFAULTERS, LISTED = 12, 12, 4


def _world() -> None:
    by = court()
    for at in range(DEFAULTERS):
        defaulter(
            subject(f"福州示例{at}商贸有限公司"), by, f"（2026）闽0102执{at}号", TODAY + timedelta(days=9)
        )
    nightly(TODAY)
    for _ in range(LISTED):
        one = firm()
        listed(one)
        with appending() as log:
            Kept(log).record(
                one.subject, one.source.pk, operation="withdrawal", refers_to=one.record, payload={}, on=TODAY
            )
    for _ in range(BRUSHERS):
        brusher()
    for at in range(DEFAULTERS):
        defaulter(subject(f"泉州示例{at}商贸有限公司"), by, f"（2026）闽0102执1{at}号", None)


def _killed(day: date, after: int) -> bool:
    """Run in a child that is killed before one of its statements; whether it came to that."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        plain, left = psycopg.Cursor.execute, itertools.count(after, -1)

        def counted(cursor: psycopg.Cursor[Any], *given: Any, **named: Any) -> psycopg.Cursor[Any]:
            if next(left) == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return plain(cursor, *given, **named)

        psycopg.Cursor.execute = counted  # type: ignore[method-assign, assignment]
        nightly(day)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.obligation("16.1a")
def test_a_killed_run_leaves_nothing_half_done_and_the_next_one_completes_it(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "STRETCH", 10)
    monkeypatch.setattr(due, "AT_ONCE", 3)
    _world()
    day = TODAY + timedelta(days=10)
    draw = random.Random(16)
    killed, seen = 0, set()
    for _ in range(KILLS):
        killed += _killed(day, draw.randrange(STATEMENTS))
        seen.add(leaves())
        assert faults() == []
    nightly(day)
    assert killed >= KILLS / 2 and len(seen) > 1, "it was killed in the middle, again and again"
    states = Counter(Case.objects.exclude(procedure="measure").values_list("procedure", "state"))
    assert states == {
        ("imported", "expired"): DEFAULTERS,
        ("imported", "published"): DEFAULTERS,
        ("listing", "questioned"): LISTED,
        ("listing", "candidate"): BRUSHERS,
    }
    assert Entry.objects.filter(ended_by="expired", ended_on=day).count() == DEFAULTERS
    assert faults() == []
    before = leaves()
    assert set(nightly(day).counts.values()) == {0}
    assert leaves() == before
