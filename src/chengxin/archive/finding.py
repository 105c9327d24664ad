"""What the public finds: subjects with the facets by which results are narrowed, and who runs a known shop.

Facets are counted among the results that a query reaches, at most REACH of them, the nearest first; with
more the page says so. One statement finds and describes them, a second one names the codes of the page.

A natural person is not found here, and has no page: the catalogue publishes no record on natural persons.
One thing is told of a person who sells: whoever gives the person's exact name together with the exact
name of the shop (or the person's number in this archive) is told whether the identity behind that shop was
verified, and on which day. Whoever asks knows name and shop already, as the platform must show them to
buyers (E-Commerce Law arts. 15, 27), so the answer tells of trade alone and of nobody who wasn't named; it
shows no name, no code, no record, and nothing where the verification failed, since that is no fact for the
public but the beginning of an inquiry (PIPL arts. 6, 13).
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from chengxin.archive.counting import city_of
from chengxin.archive.models import LISTS
from chengxin.archive.public import worst_check
from chengxin.archive.shown import published
from chengxin.database import reading
from chengxin.registry.names import normalise_name
from chengxin.registry.queries import MATCHES, BadCursor, candidates, code_of, number_of

REACH = 100
"""Results that facets are counted among and that pages lead through."""

MATCHED = 160
"""Matches of each kind that are looked at: REACH, and some for natural persons, who fall out."""

FACETS = ("kind", "city", "role", "standing", "verification")
"""By what results are narrowed; `standing`: "listed" or "penalty", what is public against a subject today."""

_LISTED = ", ".join(f"'{item}'" for item in LISTS)
_PUBLIC = f"""{published("r", "%s::date")}
    AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0)"""


def _own(items: str) -> str:
    """SQL: whether a public record of these items stands on the members, as kept or as attributed since."""
    return f"""(EXISTS (SELECT FROM unnest(g.members) m(id) CROSS JOIN LATERAL (
            SELECT * FROM archive_record r WHERE r.subject_id = m.id AND r.item IN ({items})
                AND r.disclosure = 'public' OFFSET 0) r
        WHERE {_PUBLIC} AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id OFFSET 0))
    OR EXISTS (SELECT FROM unnest(g.members) m(id) CROSS JOIN LATERAL (
            SELECT * FROM archive_attribution a WHERE a.subject_id = m.id OFFSET 0) a
        JOIN archive_record r ON r.id = a.record_id AND r.item IN ({items})
        WHERE {_PUBLIC} AND NOT EXISTS (
            SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id OFFSET 0)))"""


def _find(found: str) -> str:
    return f"""
WITH candidate AS MATERIALIZED ({found}),
reach AS (SELECT coalesce(max(n), 0) >= {MATCHED} AS over
    FROM (SELECT count(*) AS n FROM candidate GROUP BY rank) k),
subject AS MATERIALIZED (
    SELECT DISTINCT ON (c.id) a.rank, char_length(c.normalised) AS length, c.id, c.name, c.kind, c.region,
        a.outlet
    FROM candidate a JOIN registry_subject s ON s.id = a.id
    JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id)
    WHERE c.kind <> 'natural_person' ORDER BY c.id, a.rank
),
near AS MATERIALIZED (SELECT * FROM subject ORDER BY rank, length, id LIMIT {REACH + 1})
SELECT n.rank, n.id, n.name, n.kind, n.region, n.outlet, reach.over,
    ARRAY(SELECT DISTINCT l.role FROM unnest(g.members) m(id) CROSS JOIN LATERAL (
            SELECT * FROM registry_role l WHERE l.subject_id = m.id OFFSET 0) l
        WHERE NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = l.record_id OFFSET 0)
          AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = l.record_id OFFSET 0)
        ORDER BY 1),
    {_own(_LISTED)}, {_own("'penalty'")},
    ARRAY(SELECT concat_ws(' ', v.state, v.checked_on, v.reasons::jsonb -> 0 ->> 'rule')
        FROM unnest(g.members) m(id) CROSS JOIN LATERAL (
            SELECT * FROM registry_verification v WHERE v.subject_id = m.id OFFSET 0) v
        WHERE NOT EXISTS (
            SELECT FROM registry_verification l WHERE l.report_id = v.report_id AND l.id > v.id OFFSET 0)
          AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = v.report_id OFFSET 0))
FROM near n CROSS JOIN reach CROSS JOIN LATERAL (
    SELECT n.id || ARRAY(SELECT m.id FROM registry_subject m WHERE m.merged_into_id = n.id
        AND m.kind <> 'natural_person') AS members) g
ORDER BY n.rank, n.length, n.id"""


_CODES = (
    f"SELECT c.id, {code_of('c')} FROM unnest(%s::bigint[]) q(id) "
    "CROSS JOIN LATERAL (SELECT * FROM registry_subject s WHERE s.id = q.id OFFSET 0) c"
)


@dataclass(frozen=True)
class Hit:
    """One subject that was found. `facets`: its values of FACETS."""

    id: int
    code: str
    name: str
    kind: str
    region: str | None
    matched: str
    outlet: str | None
    facets: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Finding:
    """A page of results. `counts`: by facet and value, among the results that the other facets leave.

    total: results that were reached and fit; more: whether the query means more than was reached.
    """

    hits: tuple[Hit, ...]
    next: str | None
    total: int
    more: bool
    counts: Mapping[str, Mapping[str, int]]


def find(
    q: str, today: date, chosen: Mapping[str, str], after: str | None = None, limit: int = 20
) -> Finding:
    """Subjects that a query means, the nearest first, narrowed to the chosen value of each facet.

    `after`: the `next` of the page before; BadCursor when it isn't one.
    """
    sql, values = candidates(q, MATCHED)
    found = reading.rows(_find(sql), [*values, *[today] * 12])
    more = bool(found) and (bool(found[0][6]) or len(found) > REACH)
    reached = [_hit(row) for row in found[:REACH]]
    fitting = [one for one in reached if _fits(one, chosen)]
    rest = _after(reached, fitting, after) if after else fitting
    page = _coded(rest[:limit])
    following = _cursor(page[-1].id) if len(rest) > limit else None
    return Finding(page, following, len(fitting), more, _counts(reached, chosen))


def _hit(row: Sequence[Any]) -> Hit:
    rank, id, name, kind, region, outlet, _, roles, listed, penalised, checks = row
    standing = [value for value, holds in (("listed", listed), ("penalty", penalised)) if holds]
    state = worst_check(_checks(checks))
    facets = {
        "kind": (kind,),
        "city": (city_of(region),) if city_of(region) else (),
        "role": tuple(roles),
        "standing": tuple(standing) or ("none",),
        "verification": (state[0],) if state else (),
    }
    return Hit(id, "", name, kind, region, MATCHES[rank], outlet, facets)


def _checks(told: Iterable[str]) -> list[tuple[str, str, str]]:
    parts = [[*one.split(" "), ""] for one in told]
    return [(state, day, rule) for state, day, rule, *_ in parts]


def _fits(one: Hit, chosen: Mapping[str, str]) -> bool:
    return all(value in one.facets[facet] for facet, value in chosen.items())


def _counts(reached: list[Hit], chosen: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Of each value how many results would remain if it were chosen, the other choices standing."""
    found: dict[str, dict[str, int]] = {}
    for facet in FACETS:
        others = {name: value for name, value in chosen.items() if name != facet}
        held = Counter(value for one in reached if _fits(one, others) for value in one.facets[facet])
        found[facet] = dict(held)
    return found


def _after(reached: list[Hit], fitting: list[Hit], cursor: str) -> list[Hit]:
    last = _place(cursor)
    place = {one.id: number for number, one in enumerate(reached)}
    if last not in place:  # since then it was merged, or is no longer among the nearest
        raise BadCursor(cursor)
    return [one for one in fitting if place[one.id] > place[last]]


def _coded(hits: list[Hit]) -> tuple[Hit, ...]:
    codes = dict(reading.rows(_CODES, [[one.id for one in hits]])) if hits else {}
    return tuple(
        Hit(one.id, codes[one.id], one.name, one.kind, one.region, one.matched, one.outlet, one.facets)
        for one in hits
    )


def _cursor(id: int) -> str:
    return base64.urlsafe_b64encode(str(id).encode()).decode().rstrip("=")


def _place(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        return int(text) if re.fullmatch("[0-9]{1,18}", text, re.ASCII) else _bad(cursor)
    except ValueError as wrong:
        raise BadCursor(cursor) from wrong


def _bad(cursor: str) -> int:
    raise BadCursor(cursor)


# --- a person's shop ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seller:
    """A shop that the person named runs; `verified_on` is None unless the identity was verified."""

    shop: str
    platform: str | None
    verified_on: date | None


_SHOPS = """
SELECT o.name, (SELECT p.name FROM registry_identifier i JOIN registry_subject p ON p.id = i.subject_id
        WHERE i.value = o.platform AND i.scheme = 'uscc'), v.state, v.checked_on
FROM ({shops}) o JOIN registry_subject s ON s.id = o.subject_id
LEFT JOIN LATERAL (SELECT state, checked_on FROM registry_verification v WHERE v.report_id = o.record_id
    ORDER BY v.id DESC LIMIT 1) v ON true
WHERE s.kind = 'natural_person' AND s.normalised = %s
  AND (o.closed_on IS NULL OR o.closed_on >= %s::date)
  AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = o.record_id OFFSET 0)
  AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = o.record_id OFFSET 0)
ORDER BY o.id DESC LIMIT 5"""
_BY_SHOP = _SHOPS.format(shops="SELECT * FROM registry_outlet o WHERE o.name = %s ORDER BY o.id LIMIT 300")
_BY_NUMBER = _SHOPS.format(
    shops="SELECT * FROM registry_outlet o WHERE o.subject_id = %s::bigint ORDER BY o.id LIMIT 300"
)


def shops_of(q: str, today: date) -> tuple[Seller, ...]:
    """The running shops of a natural person whom the query names exactly together with a shop or number.

    The name stands first or last, apart from the rest by a blank. Nothing for anything less exact.
    """
    words = q.split()
    for name, rest in ((words[:1], words[1:]), (words[-1:], words[:-1])):
        if not name or not rest:
            continue
        known = " ".join(rest)
        number = number_of(known)
        statement, value = (_BY_SHOP, known) if number is None else (_BY_NUMBER, number)
        found = reading.rows(statement, [value, normalise_name(name[0]), today])
        if found:
            return tuple(
                Seller(shop, platform, day if state == "verified" else None)
                for shop, platform, state, day in found
            )
    return ()
