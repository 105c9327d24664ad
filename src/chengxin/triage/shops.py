"""Whose shop it is: from a platform's seller, as the lake names it, to the subject in the registry."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chengxin.accounts.models import Organisation
from chengxin.ledger.actions import Appending
from chengxin.registry.queries import CODES_SQL
from chengxin.triage.evidence import Shop

_SUBJECTS = f"""
SELECT q.n, coalesce(s.merged_into_id, s.id), coalesce(c.region, s.region) FROM unnest(
    %(n)s::int[], %(code)s::text[], %(domain)s::text[], %(name)s::text[], %(platform)s::text[],
    %(seller)s::text[]
) q(n, code, domain, name, platform, seller)
CROSS JOIN LATERAL (
    SELECT 1 AS rank, i.subject_id FROM registry_identifier i
    WHERE i.value = q.code AND i.scheme = ANY({CODES_SQL})
    UNION ALL
    SELECT 2, o.subject_id FROM registry_outlet o WHERE o.domain = q.domain AND o.closed_on IS NULL
    UNION ALL
    SELECT 3, o.subject_id FROM registry_outlet o
    WHERE o.name = q.name AND o.platform = q.platform AND q.platform <> '' AND o.closed_on IS NULL
    UNION ALL
    SELECT 4, o.subject_id FROM registry_outlet o
    WHERE o.name = q.seller AND o.platform = q.platform AND q.platform <> '' AND o.closed_on IS NULL
    ORDER BY rank LIMIT 1
) found
JOIN registry_subject s ON s.id = found.subject_id
LEFT JOIN registry_subject c ON c.id = s.merged_into_id"""


def subjects(
    log: Appending, shops: Sequence[Shop], platforms: Mapping[str, Organisation]
) -> dict[int, tuple[int, str | None]]:
    """The subject (its canonical number) and region of each shop that is known: by code, domain, or name.

    A shop's name counts only on its own platform.
    """
    if not shops:
        return {}
    codes = [str(platforms[one.platform].code or "") if one.platform in platforms else "" for one in shops]
    rows = log.cursor.execute(
        _SUBJECTS.encode(),
        {
            "n": list(range(len(shops))),
            "code": [one.code or "" for one in shops],
            "domain": [(one.domain or "").lower() or None for one in shops],
            "name": [one.name or None for one in shops],
            "platform": codes,
            "seller": [one.seller for one in shops],
        },
    ).fetchall()
    return {n: (subject, region) for n, subject, region in rows}


def platforms(words: Sequence[str]) -> dict[str, Organisation]:
    """Organisations by the word with which leads name them: their code, else their name."""
    wanted = set(words)
    found: dict[str, Organisation] = {}
    for one in Organisation.objects.filter(name__in=wanted):
        found[one.name] = one
    for one in Organisation.objects.filter(code__in=wanted):
        found[str(one.code)] = one
    return found
