"""The steward's queue: pairs that matching could not decide, best first, and the decision on each."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
from django.conf import settings
from psycopg import Cursor

from chengxin.database import reading
from chengxin.kernel.crypto import SealBroken
from chengxin.kernel.identifiers import mask
from chengxin.kernel.masking import CLOSED
from chengxin.ledger.actions import Appending, appending
from chengxin.registry.merging import merged
from chengxin.registry.queries import CODE_SCHEMES, BadCursor, code_of, region
from chengxin.registry.refusing import refused, signed

MOST = 100
"""Pairs a page."""

_REASON = "主体匹配复核：认定为同一主体"


@dataclass(frozen=True)
class Side:
    """One of the two: the subject as it stands, with all that were merged into it.

    `identifiers` are (scheme, value) with personal ones masked; `names` all names under which it is known.
    """

    id: int
    code: str
    name: str
    kind: str
    region: dict[str, str] | None
    names: tuple[str, ...]
    identifiers: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Candidate:
    """A pair that waits for a decision; `evidence` says what each comparison came to (`matching`)."""

    id: int
    probability: float
    evidence: tuple[dict[str, Any], ...]
    one: Side
    other: Side


@dataclass(frozen=True)
class Pair:
    """One pair as it stands: `state` is open, same or different; by whom it was decided, and the merge made.

    `settled`: a merge in between has made the two one, so that nothing is left to decide.
    """

    candidate: Candidate
    state: str
    decided_by: str | None
    settled: bool


@dataclass(frozen=True)
class Wanted:
    """Which pairs of the queue are asked for: from a probability on, of a kind, with a side in a region.

    `region` is the beginning of a GB/T 2260 code.
    """

    least: float = 0.0
    kind: str = ""
    region: str = ""


ANY_PAIR = Wanted()


@dataclass(frozen=True)
class Page:
    """Some of the pairs that wait; `next`: cursor of the following page, None after the last."""

    candidates: tuple[Candidate, ...]
    next: str | None


def _side(subject: str) -> str:
    merged_in = f"SELECT m.id FROM registry_subject m WHERE m.merged_into_id = {subject}"
    members = f"SELECT {subject} AS id UNION ALL {merged_in}"
    return f"""(SELECT json_build_object(
        'id', c.id, 'code', {code_of("c")}, 'name', c.name, 'kind', c.kind, 'region', c.region,
        'names', (SELECT json_agg(DISTINCT n.name) FROM ({members}) g CROSS JOIN LATERAL (
            SELECT k.registered_name AS name FROM registry_subject k WHERE k.id = g.id
            UNION ALL SELECT k.name FROM registry_subject k WHERE k.id = g.id
            UNION ALL SELECT k.name FROM registry_name k WHERE k.subject_id = g.id) n),
        'identifiers', (SELECT json_agg(json_build_array(i.scheme, i.value, encode(i.cipher, 'hex'))
            ORDER BY i.id) FROM ({members}) g JOIN registry_identifier i ON i.subject_id = g.id))
        FROM registry_subject c WHERE c.id = {subject})"""


# Pairs that a merge has made one are no question any more; when it is taken back they wait again.
_QUEUE = f"""
WITH page AS MATERIALIZED (
    SELECT k.id, k.probability, k.evidence, coalesce(s.merged_into_id, s.id) AS one,
        coalesce(o.merged_into_id, o.id) AS other
    FROM registry_matchcandidate k
    JOIN registry_subject s ON s.id = k.subject_id JOIN registry_subject o ON o.id = k.other_id
    WHERE k.state = 'open' AND k.probability <= %s::float8
      AND (k.probability < %s::float8 OR k.id > %s::bigint)
      AND coalesce(s.merged_into_id, s.id) <> coalesce(o.merged_into_id, o.id)
      AND k.probability >= %s::float8
      AND (%s::text = '' OR s.kind = %s::text)
      AND (%s::text = '' OR starts_with(s.region, %s::text) OR starts_with(o.region, %s::text))
    ORDER BY k.probability DESC, k.id LIMIT %s::int
)
SELECT p.id, p.probability, p.evidence, {_side("p.one")}, {_side("p.other")}
FROM page p ORDER BY p.probability DESC, p.id"""


def queue(after: str | None = None, limit: int = 20, wanted: Wanted = ANY_PAIR) -> Page:
    """The pairs that wait for a steward, the most probable first, `limit` (at most `MOST`) a page.

    `after`: the `next` of the page before; BadCursor when it isn't.
    """
    probability, id = _place(after) if after else (float("inf"), 0)
    most = max(1, min(limit, MOST))
    kind, area = wanted.kind, wanted.region
    given = [probability, probability, id, wanted.least, kind, kind, area, area, area, most + 1]
    found = reading.rows(_QUEUE, given)
    listed = found[:most]
    following = _cursor(listed[-1]) if len(found) > most else None
    return Page(tuple(_candidate(row) for row in listed), following)


_PAIR = f"""
SELECT p.id, p.probability, p.evidence, {_side("p.one")}, {_side("p.other")}, p.state, p.decided_by
FROM (SELECT k.*, CASE WHEN a.canon = b.canon THEN a.id ELSE a.canon END AS one,
        CASE WHEN a.canon = b.canon THEN b.id ELSE b.canon END AS other
    FROM registry_matchcandidate k
    CROSS JOIN LATERAL (SELECT s.id, coalesce(s.merged_into_id, s.id) AS canon
        FROM registry_subject s WHERE s.id = k.subject_id) a
    CROSS JOIN LATERAL (SELECT s.id, coalesce(s.merged_into_id, s.id) AS canon
        FROM registry_subject s WHERE s.id = k.other_id) b
    WHERE k.id = %s::bigint) p"""

_SETTLED = """
SELECT coalesce(s.merged_into_id, s.id) = coalesce(o.merged_into_id, o.id)
FROM registry_matchcandidate k JOIN registry_subject s ON s.id = k.subject_id
JOIN registry_subject o ON o.id = k.other_id WHERE k.id = %s::bigint"""


def pair(id: int) -> Pair | None:
    """One pair, waiting or decided; None when there is none of that number."""
    found = reading.row(_PAIR, [id])
    if found is None:
        return None
    *shown, state, decided_by = found
    settled = reading.row(_SETTLED, [id])
    return Pair(_candidate(tuple(shown)), state, decided_by, bool(settled and settled[0]))


def waiting() -> int:
    """How many pairs are open."""
    found = reading.row("SELECT count(*) FROM registry_matchcandidate WHERE state = 'open'")
    return int(found[0]) if found else 0


_BESIDE = """
SELECT k.id FROM registry_matchcandidate k
JOIN registry_subject s ON s.id = k.subject_id JOIN registry_subject o ON o.id = k.other_id
WHERE k.state = 'open' AND coalesce(s.merged_into_id, s.id) <> coalesce(o.merged_into_id, o.id)
  AND k.id <> %s::bigint AND k.probability {to} %s::float8
  AND (k.probability {beyond} %s::float8 OR k.id {further} %s::bigint)
ORDER BY k.probability {order}, k.id {by} LIMIT 1"""
_FOLLOWING = _BESIDE.format(to="<=", beyond="<", further=">", order="DESC", by="ASC")
_PRECEDING = _BESIDE.format(to=">=", beyond=">", further="<", order="ASC", by="DESC")


def following(candidate: Candidate) -> int | None:
    """The pair that waits next after this one in the queue; None after the last."""
    return _beside(_FOLLOWING, candidate)


def preceding(candidate: Candidate) -> int | None:
    """The pair that waits before this one in the queue; None before the first."""
    return _beside(_PRECEDING, candidate)


def _beside(statement: str, candidate: Candidate) -> int | None:
    odds = candidate.probability
    found = reading.row(statement, [candidate.id, odds, odds, candidate.id])
    return int(found[0]) if found else None


def _candidate(row: tuple[Any, ...]) -> Candidate:
    id, probability, evidence, one, other = row
    return Candidate(id, probability, tuple(evidence), _shown(one), _shown(other))


def _shown(side: dict[str, Any]) -> Side:
    return Side(
        id=side["id"],
        code=side["code"],
        name=side["name"],
        kind=side["kind"],
        region=region(side["region"]),
        names=tuple(side["names"]),
        identifiers=tuple((scheme, _masked(scheme, *rest)) for scheme, *rest in side["identifiers"] or ()),
    )


def _masked(scheme: str, value: str | None, cipher: str | None) -> str:
    if cipher is None:
        return mask(scheme, value or "")
    try:
        return mask(scheme, settings.KEYRING.decrypt(bytes.fromhex(cipher), b"identifier").decode())
    except SealBroken:
        return CLOSED


def _cursor(row: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([row[1], row[0]])).decode().rstrip("=")


def _place(cursor: str) -> tuple[float, int]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        probability, id = orjson.loads(text)
    except (ValueError, TypeError) as wrong:
        raise BadCursor(cursor) from wrong
    if not isinstance(probability, float | int) or type(id) is not int or not 0 <= id < 2**63:
        raise BadCursor(cursor)
    return float(probability), id


# --- deciding -----------------------------------------------------------------------------------------------


def decide(candidate_id: int, same: bool, *, by: str, on: date, reason: str = "") -> int | None:
    """Decide whether a pair is one subject; the decision is an event of the ledger.

    `same` merges the two as they stand now, under the one with the official code (of equals the older);
    returns the number of the merge, None where none was needed. Refused (`Refused`) are a pair that was
    decided before, and a merge that `merging.merge` refuses; then nothing is changed.
    """
    signed(by, reason or _REASON)
    with appending() as log:
        one, other = _open(log.cursor, candidate_id)
        merge = _merged(log, one, other, by=by, on=on, reason=reason or _REASON) if same else None
        log.cursor.execute(
            "UPDATE registry_matchcandidate SET state = %s, decided_by = %s WHERE id = %s",
            ["same" if same else "different", by, candidate_id],
        )
        log.event(
            "match_decided",
            {
                "candidate": candidate_id,
                "subjects": [one, other],
                "same": same,
                "merge": merge,
                "by": by,
                "on": on.isoformat(),
                "reason": reason,
            },
        )
    return merge


def _open(cursor: Cursor[Any], candidate_id: int) -> tuple[int, int]:
    """The two subjects of a pair that waits, as they were put before the steward; the pair is locked."""
    found = cursor.execute(
        "SELECT subject_id, other_id, state FROM registry_matchcandidate WHERE id = %s FOR UPDATE",
        [candidate_id],
    ).fetchone()
    if found is None:
        raise refused(
            "no_candidate",
            f"没有待复核匹配{candidate_id}",
            f"there is no pair {candidate_id}",
            "请从队列中选择",
            "choose one from the queue",
        )
    one, other, state = found
    if state != "open":
        raise refused(
            "decided_already",
            f"匹配{candidate_id}已认定为{'同一主体' if state == 'same' else '不同主体'}",
            f"pair {candidate_id} was decided already: {state}",
            "如需更正，请撤销合并或直接合并",
            "to correct it, take the merge back, or merge the two directly",
        )
    return one, other


_STANDS_FOR = """
SELECT c.id, coalesce(min(array_position(%(schemes)s::text[], i.scheme)), 1000) AS official
FROM (SELECT DISTINCT coalesce(s.merged_into_id, s.id) AS id FROM registry_subject s
      WHERE s.id = ANY(%(ids)s::bigint[])) c
CROSS JOIN LATERAL (SELECT c.id AS member UNION ALL
    SELECT m.id FROM registry_subject m WHERE m.merged_into_id = c.id) g
LEFT JOIN registry_identifier i ON i.subject_id = g.member
GROUP BY c.id ORDER BY official, c.id"""


def _merged(log: Appending, one: int, other: int, *, by: str, on: date, reason: str) -> int | None:
    """Merge those that stand for the two, unless a merge in between has done it."""
    given = {"ids": [one, other], "schemes": list(CODE_SCHEMES)}
    found = log.cursor.execute(_STANDS_FOR.encode(), given).fetchall()
    if len(found) < 2:
        return None
    (kept, _), (absorbed, _) = found
    return merged(log, kept, absorbed, by=by, reason=reason, on=on)
