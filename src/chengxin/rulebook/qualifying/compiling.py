"""The same rule as SQL, for a replay over all records: one statement reads the items that the rule looks at.

The statement answers as `evaluate` does without facts and lists: true, false, or NULL where these, or missing
numbers and dates, decide. Who comes out NULL is judged again by `evaluate` with what is known.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from chengxin.rulebook.qualifying.tree import (
    SEVERITY,
    TODAY,
    AllOf,
    AnyOf,
    Expression,
    FactTest,
    Listed,
    Node,
    Not,
    Records,
    Test,
    items,
    walk,
)
from chengxin.rulebook.qualifying.vocabulary import SEVERITIES, field_of
from chengxin.rulebook.qualifying.window import window_start

BLANKS = " \t\r\n\u3000"
"""What is trimmed around a value."""

_COMPARED = {"at_least": ">=", "above": ">", "below": "<", "at_most": "<=", "equals": "="}
_BLANK_SQL = r"E' \t\r\n\u3000'"


@dataclass(frozen=True, slots=True)
class Sql:
    """A statement, or part of one, with its values for %s in order."""

    text: str
    values: tuple[Any, ...] = ()


def sql(
    expression: Expression, on: date, *, relation: str = "archive_record", severity: str = "NULL::text"
) -> Sql:
    """A statement with the columns subject_id and holds, a row a subject that has records which count.

    on        the day asked for
    relation  table or query in brackets that holds the records that stand: subject_id, item, date, payload
              (JSON as text); our own text, never a user's
    severity  SQL for the class of a record's dishonest information (minor, general, serious), on alias r

    Whoever has no record within the rule's periods has no row: `evaluate(expression, (), on)` says what
    holds of all of them.
    """
    clauses = [one for one in walk(expression) if isinstance(one, Records)]
    truths = [record_sql(one, on, severity=severity) for one in clauses]
    told = "".join(f", {one.text} AS t{at}" for at, one in enumerate(truths))
    counts = "".join(
        f", count(*) FILTER (WHERE t{at}) AS sure{at}"
        f", count(*) FILTER (WHERE t{at} IS NOT false) AS maybe{at}"
        for at in range(len(clauses))
    )
    numbers = {id(one): at for at, one in enumerate(clauses)}
    text = f"""SELECT subject_id, {_statement(expression, numbers)} AS holds FROM (
        SELECT subject_id{counts} FROM (
            SELECT r.subject_id{told} FROM {relation} r
            WHERE r.item = ANY(%s::text[]) AND r.date BETWEEN %s AND %s OFFSET 0) r GROUP BY subject_id) s"""
    since = min((_since(one, on) for one in clauses), default=on)
    values = (*(value for one in truths for value in one.values), list(items(expression)), since, on)
    return Sql(text, values)


def _statement(node: Node, numbers: dict[int, int]) -> str:
    match node:
        case AllOf(parts):
            return "(" + " AND ".join(_statement(part, numbers) for part in parts) + ")"
        case AnyOf(parts):
            return "(" + " OR ".join(_statement(part, numbers) for part in parts) + ")"
        case Not(part):
            return f"(NOT {_statement(part, numbers)})"
        case Records():
            at, enough = numbers[id(node)], max(node.least, 1)
            found = f"CASE WHEN s.sure{at} >= {enough} THEN true WHEN s.maybe{at} < {enough} THEN false END"
            return f"({found})" if node.least else f"(NOT ({found}))"
        case Listed() | FactTest() | Test():
            return "NULL::boolean"


def record_sql(node: Records, on: date, *, severity: str = "NULL::text") -> Sql:
    """Whether one record, alias r, is among those that a statement counts: true, false or NULL."""
    condition = _condition(node.where, node.item, on, severity) if node.where else Sql("true")
    return Sql(
        f"CASE WHEN r.item = %s::text AND r.date BETWEEN %s AND %s THEN {condition.text} ELSE false END",
        (node.item, _since(node, on), on, *condition.values),
    )


def _since(node: Records, on: date) -> date:
    return window_start(on, node.within) if node.within else date.min


def _condition(node: Node, item: str, on: date, severity: str) -> Sql:
    match node:
        case AllOf(parts) | AnyOf(parts):
            found = [_condition(part, item, on, severity) for part in parts]
            word = " AND " if isinstance(node, AllOf) else " OR "
            return Sql(
                "(" + word.join(one.text for one in found) + ")",
                tuple(value for one in found for value in one.values),
            )
        case Not(part):
            found_one = _condition(part, item, on, severity)
            return Sql(f"(NOT {found_one.text})", found_one.values)
        case Test():
            return _test(node, item, on, severity)
        case _:
            raise TypeError("条件之中不得有句 / no statement stands within a condition")


def _test(test: Test, item: str, on: date, severity: str) -> Sql:  # noqa: PLR0911  # one return a kind of test
    if test.field == SEVERITY:
        ids = [id for id, (zh, _) in SEVERITIES.items() if zh in test.values]
        return Sql(f"({severity} = ANY(%s::text[]))", (ids,))
    field = field_of(item, test.field)
    value, code, values = (
        f"NULLIF(btrim(r.payload::jsonb ->> %s::text, {_BLANK_SQL}), '')",
        test.field,
        list(test.values),
    )
    match test.op:
        case "filled":
            return Sql(f"({value} IS NOT NULL)", (code,))
        case "empty":
            return Sql(f"({value} IS NULL)", (code,))
        case "is":
            return Sql(f"COALESCE({value} = ANY(%s::text[]), false)", (code, values))
        case "mentions":
            found = " OR ".join("strpos(v, %s::text) > 0" for _ in values)
            return Sql(f"COALESCE((SELECT {found} FROM (SELECT {value} AS v) x), false)", (*values, code))
        case "has" | "only":
            every = "bool_or" if test.op == "has" else "bool_and"
            return Sql(
                f"""COALESCE((SELECT {every}(btrim(one, {_BLANK_SQL}) = ANY(%s::text[]))
                FROM unnest(string_to_array({value}, %s::text)) one
                WHERE btrim(one, {_BLANK_SQL}) <> ''), false)""",
                (values, code, field.separator or ";"),
            )
        case _ if field.type == "date":
            bound = on.isoformat() if values[0] == TODAY else values[0]
            shape, compared = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", f'v COLLATE "C" {_COMPARED[test.op]} %s::text'
        case _:
            bound, shape = values[0], "^-?[0-9]{1,30}([.][0-9]{1,30})?$"
            compared = f"v::numeric {_COMPARED[test.op]} %s::numeric"
    return Sql(
        f"(SELECT CASE WHEN v ~ '{shape}' THEN {compared} END FROM (SELECT {value} AS v) x)", (bound, code)
    )
