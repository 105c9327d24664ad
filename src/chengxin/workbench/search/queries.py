"""Subjects that a query finds within a person's reach, and how they fall into kinds, regions and roles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from chengxin.accounts.permissions import Reach
from chengxin.database import reading
from chengxin.registry.queries import CANDIDATES, MATCHES, candidates, code_of, resolve
from chengxin.workbench import reaching

PAGE = 30


@dataclass(frozen=True)
class Wanted:
    """What narrows a search; '' narrows nothing. `region`: beginning of a GB/T 2260 code."""

    kind: str = ""
    region: str = ""
    role: str = ""


@dataclass(frozen=True)
class Hit:
    """One subject found, and by what (`registry.queries.MATCHES`, or "number": a person's own number)."""

    id: int
    code: str
    name: str
    kind: str
    region: str | None
    matched: str
    outlet: str | None


@dataclass(frozen=True)
class Hits:
    """A page of what was found. `full`: the query fits more than is looked at. `facets`: value → how many."""

    found: tuple[Hit, ...]
    total: int
    full: bool
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


NONE = Hits((), 0, False, {"kind": {}, "region": {}, "role": {}})


_ON_PLATFORMS = (
    "EXISTS (SELECT FROM registry_subject m JOIN registry_outlet w ON w.subject_id = m.id "
    "WHERE (m.id = c.id OR m.merged_into_id = c.id) AND w.platform = ANY(%s::text[]))"
)


_ROLES = (
    "ARRAY(SELECT DISTINCT r.role FROM registry_subject m JOIN registry_role r ON r.subject_id = m.id "
    "WHERE m.id = c.id OR m.merged_into_id = c.id)"
)


def search(q: str, wanted: Wanted, reach: Reach, page: int = 1) -> Hits:
    """Subjects by name, code, shop, domain, or (exactly) by a person's own number, nearest matches first."""
    found, given = candidates(q)
    exact = resolve(q, personal=True)
    within, who = reaching.within(reach, _ON_PLATFORMS)
    statement = (
        f"WITH candidate AS MATERIALIZED ({found} UNION ALL SELECT -1, x.id, NULL FROM "
        "(SELECT %s::bigint AS id) x WHERE x.id IS NOT NULL), "
        f"reach AS (SELECT coalesce(max(n), 0) >= {CANDIDATES} AS over FROM "
        "(SELECT count(*) AS n FROM candidate GROUP BY rank) k), "
        f"hit AS MATERIALIZED (SELECT DISTINCT ON (c.id) a.rank, char_length(c.normalised) AS length, c.id, "
        f"c.name, c.kind, c.region, a.outlet, {_ROLES} AS roles "
        "FROM candidate a JOIN registry_subject s ON s.id = a.id "
        "JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id) "
        f"WHERE {within} ORDER BY c.id, a.rank), "
        "narrow AS MATERIALIZED (SELECT * FROM hit h WHERE (%s::text = '' OR h.kind = %s::text) "
        "AND (%s::text = '' OR starts_with(h.region, %s::text)) "
        "AND (%s::text = '' OR %s::text = ANY(h.roles))), "
        "page AS MATERIALIZED (SELECT * FROM narrow n ORDER BY n.rank, n.length, n.id "
        "LIMIT %s::int OFFSET %s::int) "
        "SELECT (SELECT count(*) FROM narrow), (SELECT over FROM reach), "
        "(SELECT json_agg(json_build_array(p.id, "
        f"{code_of('p')}, p.name, p.kind, p.region, p.rank, p.outlet) ORDER BY p.rank, p.length, p.id) "
        "FROM page p), "
        "(SELECT json_object_agg(kind, n) FROM (SELECT kind, count(*) AS n FROM hit GROUP BY 1) f), "
        "(SELECT json_object_agg(place, n) FROM (SELECT left(region, 4) AS place, count(*) AS n FROM hit "
        "WHERE region IS NOT NULL GROUP BY 1) f), "
        "(SELECT json_object_agg(role, n) FROM (SELECT unnest(roles) AS role, count(*) AS n FROM hit "
        "GROUP BY 1) f)"
    )
    narrowing = [wanted.kind] * 2 + [wanted.region] * 2 + [wanted.role] * 2
    row = reading.row(statement, [*given, exact, *who, *narrowing, PAGE, (page - 1) * PAGE])
    if row is None:
        return NONE
    total, full, listed, kinds, regions, roles = row
    facets = {"kind": kinds or {}, "region": regions or {}, "role": roles or {}}
    hits = tuple(
        Hit(id, code, name, kind, region, "number" if rank < 0 else MATCHES[rank], outlet)
        for id, code, name, kind, region, rank, outlet in listed or ()
    )
    return Hits(hits, total, full, facets)
