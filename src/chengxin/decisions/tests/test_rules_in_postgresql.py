"""PostgreSQL gives the same answer to a qualifying rule as Python does."""

from __future__ import annotations

from typing import Any

import orjson
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from chengxin.rulebook.lists import versions
from chengxin.rulebook.qualifying import Expression, Record, evaluate, sql
from chengxin.rulebook.tests.test_qualifying import DAY, RULES, cases

HELD = """(SELECT * FROM unnest(%s::bigint[], %s::text[], %s::date[], %s::text[], %s::text[])
    t(subject_id, item, date, payload, severity))"""


def asked(
    connection: psycopg.Connection[Any], rule: Expression, held: list[tuple[int, Record]]
) -> dict[int, bool | None]:
    """What PostgreSQL says of each subject that has a row."""
    found = sql(rule, DAY, relation="held", severity="r.severity")
    columns = [
        [subject for subject, _ in held], [one.item for _, one in held], [one.date for _, one in held],
        [orjson.dumps(one.payload).decode() for _, one in held], [one.severity for _, one in held],
    ]  # fmt: skip
    return dict(
        connection.execute(f"WITH held AS {HELD} {found.text}".encode(), (*columns, *found.values)).fetchall()
    )


@pytest.fixture(scope="module")
def connection(server: str) -> Any:
    with psycopg.connect(server, autocommit=True) as found:
        yield found


@given(cases(RULES))
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_python_and_postgresql_agree(connection: Any, case: tuple[Expression, list[Record]]) -> None:
    rule, records = case
    held = [(number % 2, one) for number, one in enumerate(records)]
    told = asked(connection, rule, held)
    for subject in (0, 1):
        mine = [one for number, one in held if number == subject]
        assert told.get(subject, evaluate(rule, [], DAY).holds) is evaluate(rule, mine, DAY).holds


def test_the_shipped_rules_are_statements(connection: Any) -> None:
    for one in versions():
        if one.qualifies is not None:
            assert asked(connection, one.qualifies, []) == {}
