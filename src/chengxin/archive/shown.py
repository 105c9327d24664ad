"""Which records the public sees and which count at all, as conditions: the only place that says so."""

from __future__ import annotations


def published(record: str, today: str) -> str:
    """SQL: `record` is public today by its own columns; `today` is asked for three times.

    From its first to its last day of publication, both included; not withdrawn, not ended on or before today,
    not suspended. That no later record corrects or withdraws it is asked apart, by an index.
    """
    return f"""{record}.disclosure = 'public' AND {record}.operation <> 'withdrawal'
    AND {record}.publish_from <= {today}
    AND ({record}.publish_until IS NULL OR {record}.publish_until >= {today})
    AND {in_use(record, today)}"""


def in_use(record: str, today: str) -> str:
    """SQL: by its marks a record counts today: it hasn't ended and isn't suspended; asks for `today` once."""
    return f"({record}.ended_on IS NULL OR {record}.ended_on > {today}) AND NOT {record}.suspended"
