"""Which entries the public sees, as conditions in SQL: the only place that says so.

To the day: from its publication to its last day, both included, by the day that is asked for and not by when
the nightly run last ran. Only of what may be public, isn't suspended and hasn't ended, and as long as
something carries it: what its sources took back brings nothing about from that moment on. OFFSET 0 lets
PostgreSQL look up row by row in the index, whatever it believes of a table.
"""

from __future__ import annotations

_ITS_OWN = """(
    SELECT coalesce(s.merged_into_id, s.id) FROM registry_subject s WHERE s.id = coalesce((
        SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = {record}.id
        ORDER BY a.id DESC LIMIT 1), {record}.subject_id)
    ) = (SELECT coalesce(s.merged_into_id, s.id) FROM registry_subject s WHERE s.id = {entry}.subject_id)"""
_CITED = """
    FROM cases_cited x CROSS JOIN LATERAL (SELECT * FROM archive_record r WHERE r.id = x.record OFFSET 0) r
    WHERE x.case_id = {entry}.case_id"""
_LATER = "SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0"
_FALLEN = f"""SELECT {_CITED} AND (r.operation = 'withdrawal' OR r.suspended OR r.ended_on <= {{today}}
        OR EXISTS ({_LATER}) OR NOT {_ITS_OWN.replace("{record}", "r")})"""
_AS_IT_WAS = f"""SELECT {_CITED} AND NOT EXISTS ({_LATER}) AND {_ITS_OWN.replace("{record}", "r")} OFFSET 0"""
_CORRECTED = f"""
    SELECT FROM cases_cited x CROSS JOIN LATERAL (
        WITH RECURSIVE line AS (
            SELECT r.id, r.operation, r.subject_id FROM archive_record r WHERE r.refers_to_id = x.record
            UNION ALL
            SELECT l.* FROM line CROSS JOIN LATERAL (
                SELECT r.id, r.operation, r.subject_id FROM archive_record r
                WHERE r.refers_to_id = line.id OFFSET 0) l
        ) SELECT line.* FROM line ORDER BY line.id DESC LIMIT 1) last
    WHERE x.case_id = {{entry}}.case_id AND last.operation <> 'withdrawal'
        AND {_ITS_OWN.replace("{record}", "last")}"""
_CITES = "SELECT FROM cases_cited x WHERE x.case_id = {entry}.case_id OFFSET 0"


def carried(entry: str, case: str, today: str) -> str:
    """SQL: the records on which an entry rests still carry it; `today` is asked for once.

    An entry of another authority *is* the record with which it came: it goes as soon as that is withdrawn,
    corrected (the nightly run takes the correction over), ended, suspended, or found to be about another
    subject. One of our own was decided by a person, and a person confirms or ends it when some of its records
    change; but when every one that it cites was withdrawn or is another subject's, it is not shown any more
    until then. One that cites nothing (a red one may) rests on no record.
    """
    fallen, as_it_was, corrected, cites = (
        one.format(entry=entry, today=today) for one in (_FALLEN, _AS_IT_WAS, _CORRECTED, _CITES)
    )
    return f"""CASE WHEN {case}.procedure = 'imported' THEN NOT EXISTS ({fallen})
    ELSE EXISTS ({as_it_was}) OR EXISTS ({corrected}) OR NOT EXISTS ({cites}) END"""


def published(entry: str, case: str, today: str) -> str:
    """SQL: the public sees the entry today, if its subject is no natural person; asks for `today` 3 times."""
    return f"""{entry}.ended_on IS NULL AND NOT {entry}.suspended AND {entry}.public
    AND {entry}.published_on <= {today} AND ({entry}.until IS NULL OR {entry}.until >= {today})
    AND {carried(entry, case, today)}"""
