"""The body of a leaf as PostgreSQL makes it from its row: byte for byte what was hashed when it was kept.

One place for everybody who reads sealed rows back (`queries.leaf_body`, `verify`): whole tables are hashed
without turning every cell into a Python object and back.
"""

from __future__ import annotations

from chengxin.ledger.sealed import Sealed

_MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'


def body_sql(sealed: Sealed) -> str:
    """SQL (type text) for the body of a leaf, to be selected from its table."""
    always = sealed.columns[:-1] if sealed.later else sealed.columns
    values = "||','||".join(_json(sealed, column) for column in always)
    if sealed.later:  # null, and so left out, where the row has none
        values += f"||coalesce(','||{_text(sealed, sealed.columns[-1])},'')"
    line = f"'[\"{sealed.table}\",'||{values}||']'"
    return line if sealed.tail is None else f"{line}||E'\\n'||\"{sealed.tail}\""


def _json(sealed: Sealed, column: str) -> str:
    """One value as orjson writes it, or null."""
    return f"coalesce({_text(sealed, column)},'null')"


def _text(sealed: Sealed, column: str) -> str:
    """The same, NULL where there is none. PostgreSQL escapes the same characters in JSON, in the same way."""
    if column in sealed.binary:
        return f"'\"'||encode(\"{column}\",'hex')||'\"'"
    if column in sealed.moments:
        return f"'\"'||{moment_sql(column)}||'\"'"
    return f'to_json("{column}")::text'


def moment_sql(column: str) -> str:
    """SQL for a point in time as `sealed.moment` spells it."""
    return f"to_char(\"{column}\" AT TIME ZONE 'UTC','{_MOMENT}')"
