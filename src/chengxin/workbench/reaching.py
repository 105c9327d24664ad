"""How far a person's permission reaches, as a condition of a statement: one place for every list of work."""

from __future__ import annotations

from typing import Any

from chengxin.accounts.permissions import PROVINCE, Reach, prefix


def within(reach: Reach, on_platforms: str) -> tuple[str, list[Any]]:
    """SQL over the canonical subject `c` for what a person may see, and its values.

    on_platforms  SQL that holds where one of the platforms (one value, text[]) is concerned
    """
    if reach.everything:
        return "TRUE", []
    parts: list[str] = []
    values: list[Any] = []
    for region in reach.regions:
        also = " OR c.region IS NULL" if region == prefix(PROVINCE) else ""
        parts.append(f"(starts_with(c.region, %s::text){also})")
        values.append(region)
    if reach.platforms:
        parts.append(on_platforms)
        values.append(list(reach.platforms))
    return f"({' OR '.join(parts)})" if parts else "FALSE", values
