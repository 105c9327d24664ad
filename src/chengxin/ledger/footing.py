"""What a verification stands on: that the tables are tables, and the functions PostgreSQL's own.

Who owns a database could put a view in the place of a table, or a function in the place of one that
verification calls, and let it tell what is wanted to be heard.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from psycopg import Cursor

from chengxin.ledger.faults import Fault, not_a_table, shadowed

_FUNCTIONS = (
    "array_to_string", "bool_or", "cardinality", "count", "encode", "length", "max", "min", "timezone",
    "to_char", "to_json",
)  # fmt: skip
_OPERATORS = ("||", "=", "<>", "<", "<=", ">", ">=", "%", ">>", "*", "+", "/", "-")

_SHADOWING = """
    SELECT p.proname FROM pg_catalog.pg_proc p
    WHERE p.proname = ANY(%s) AND p.pronamespace <> 'pg_catalog'::pg_catalog.regnamespace
    UNION
    SELECT o.oprname FROM pg_catalog.pg_operator o
    JOIN pg_catalog.pg_type r ON r.oid = o.oprright AND r.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
    LEFT JOIN pg_catalog.pg_type l ON l.oid = o.oprleft
    WHERE o.oprname = ANY(%s) AND o.oprnamespace <> 'pg_catalog'::pg_catalog.regnamespace
      AND l.typnamespace IS NOT DISTINCT FROM r.typnamespace
    ORDER BY 1"""

_KINDS = """
    SELECT t.name FROM pg_catalog.unnest(%s::text[]) AS t(name)
    LEFT JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(t.name)
    WHERE c.relkind IS DISTINCT FROM 'r' OR c.relhasrules OR c.relhassubclass ORDER BY 1"""


def unsound(cursor: Cursor[Any], tables: Iterable[str]) -> Iterator[Fault]:
    """What in the database would lie to a verification of these tables."""
    for (name,) in cursor.execute(_SHADOWING, [list(_FUNCTIONS), list(_OPERATORS)]).fetchall():
        yield shadowed(name)
    for (name,) in cursor.execute(_KINDS, [list(tables)]).fetchall():
        yield not_a_table(name)
