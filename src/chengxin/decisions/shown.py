"""Which entries the public sees, as conditions in SQL: the only place that says so.

To the day: from its publication to its last day, both included, by the day that is asked for and not by when
the nightly run last ran. Only of what may be public, isn't suspended and hasn't ended.
"""

from __future__ import annotations


def carried(entry: str, case: str, today: str) -> str:
    """SQL: an entry of another authority rests on records that stand; of our own a person decides.

    What a source has withdrawn, corrected, ended or suspended carries no entry from that moment on, though
    the case itself is closed by the nightly run. `today` is asked for once.
    """
    return f"""({case}.procedure <> 'imported' OR NOT EXISTS (
        SELECT FROM cases_cited x
        CROSS JOIN LATERAL (SELECT * FROM archive_record r WHERE r.id = x.record OFFSET 0) r
        WHERE x.case_id = {entry}.case_id AND (r.operation = 'withdrawal' OR r.suspended
            OR r.ended_on <= {today}
            OR EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0))))"""


def published(entry: str, case: str, today: str) -> str:
    """SQL: the public sees the entry today, if its subject is no natural person; asks for `today` 3 times."""
    return f"""{entry}.ended_on IS NULL AND NOT {entry}.suspended AND {entry}.public
    AND {entry}.published_on <= {today} AND ({entry}.until IS NULL OR {entry}.until >= {today})
    AND {carried(entry, case, today)}"""
