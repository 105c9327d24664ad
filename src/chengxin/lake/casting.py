"""How a text becomes a value of a type of the lake, said in SQL for DuckDB: NULL for what doesn't parse."""

from __future__ import annotations

from chengxin.lake.contract import Column, Type

KEPT_AS: dict[Type, str] = {
    "text": "VARCHAR", "time": "TIMESTAMP", "money": "DECIMAL(18, 2)", "whole": "BIGINT", "number": "DOUBLE",
    "flag": "BOOLEAN",
}  # fmt: skip
"""The types in which the lake keeps them; a TIMESTAMP is UTC."""


def quoted(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


def literal(value: str) -> str:
    """A text as SQL writes it."""
    return "'" + value.replace("'", "''") + "'"


def empty(text: str) -> str:
    """Whether a text is missing, or nothing but spaces. What begins above the space needn't be trimmed."""
    return f"(({text} >= '!' OR trim({text}) <> '') IS NOT TRUE)"


def parsed(column: Column, text: str) -> str:
    """The first step: what DuckDB makes of the text, NULL when it can't."""
    return _PARSED[column.type].format(text=text)


def value(column: Column, text: str, found: str) -> str:
    """The second step: `found`, as the first one gave it, where it says what the text says; else NULL."""
    return _VALUES[column.type].format(text=text, found=found, blank=empty(text))


_YES, _NO = "['true', 't', '1', 'yes', 'y', '是']", "['false', 'f', '0', 'no', 'n', '否']"
_SINCE = "TRY_CAST({text} AS BIGINT)"
_PARSED: dict[Type, str] = {
    "text": "{text}",
    # ISO 8601; without a zone it is UTC. A whole number is seconds below 10^11 (the year 5138), else ms.
    "time": "CASE WHEN regexp_full_match({text}, '[0-9-]{{10}}[ T][0-9:]{{8}}Z?') "
    "THEN TRY_CAST({text} AS TIMESTAMP) "
    "WHEN regexp_full_match({text}, '[0-9]{{9,13}}') THEN make_timestamp(CASE WHEN "
    f"{_SINCE} < 100000000000 THEN {_SINCE} * 1000000 ELSE {_SINCE} * 1000 END) "
    "WHEN strlen({text}) >= 8 THEN CAST(TRY_CAST({text} AS TIMESTAMPTZ) AS TIMESTAMP) END",
    "money": "TRY_CAST({text} AS DECIMAL(18, 2))",
    "whole": "TRY_CAST({text} AS BIGINT)",
    "number": "TRY_CAST({text} AS DOUBLE)",
    "flag": f"CASE WHEN list_contains({_YES}, lower(trim({{text}}))) THEN true "
    f"WHEN list_contains({_NO}, lower(trim({{text}}))) THEN false END",
}
_VALUES: dict[Type, str] = {
    "text": "CASE WHEN NOT {blank} THEN {found} END",
    "time": "CASE WHEN {found} BETWEEN TIMESTAMP '1970-01-01' AND TIMESTAMP '9998-12-31' THEN {found} END",
    # A third decimal is refused, unless it is only the noise of a binary fraction.
    "money": "CASE WHEN abs(TRY_CAST({text} AS DOUBLE) - {found}) <= 1e-6 + abs({found}) * 1e-15 "
    "THEN {found} END",
    "whole": "CASE WHEN TRY_CAST({text} AS DOUBLE) = {found} THEN {found} END",
    "number": "CASE WHEN isfinite({found}) THEN {found} END",
    "flag": "{found}",
}
