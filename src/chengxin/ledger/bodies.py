"""The body of a leaf as PostgreSQL makes it from its row: byte for byte what was hashed when it was kept.

One place for everybody who reads sealed rows back (`queries.leaf_body`, `verify`): whole tables are hashed
without turning every cell into a Python object and back.
"""

from __future__ import annotations

from chengxin.ledger.sealed import Sealed

_MOMENT = 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"'


def body_sql(sealed: Sealed) -> str:
    """SQL (type text) for the body of a leaf, to be selected from its table."""
    values = "||','||".join(_json(sealed, column) for column in sealed.columns)
    line = f"'[\"{sealed.table}\",'||{values}||']'"
    return line if sealed.tail is None else f"{line}||E'\\n'||\"{sealed.tail}\""


def _json(sealed: Sealed, column: str) -> str:
    """One value as orjson writes it. PostgreSQL escapes the same characters in JSON, in the same way."""
    if column in sealed.binary:
        text = f"'\"'||encode(\"{column}\",'hex')||'\"'"
    elif column in sealed.moments:
        text = f"'\"'||{moment_sql(column)}||'\"'"
    else:
        text = f'to_json("{column}")::text'
    return f"coalesce({text},'null')"


def moment_sql(column: str) -> str:
    """SQL for a point in time as `sealed.moment` spells it."""
    return f"to_char(\"{column}\" AT TIME ZONE 'UTC','{_MOMENT}')"
