"""What can be asked of the registry: whose code is this, and who is called so."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from typing import Any

import orjson
from django.conf import settings

from chengxin.database import reading
from chengxin.kernel.identifiers import SCHEMES, canonical
from chengxin.registry.names import normalise_name, query_tokens
from chengxin.rulebook import places

CODE_SCHEMES = ("uscc", "regno", "orgcode", "tax_no", "institution_no", "social_org_no")
"""Schemes of public codes, the one that names a subject first."""

PERSONAL_SCHEMES = tuple(scheme.id for scheme in SCHEMES.values() if scheme.personal and scheme.id != "phone")

_NUMBER = re.compile(r"S([1-9][0-9]{0,17})", re.ASCII)
_PLAIN = re.compile(r"[0-9A-Z]+", re.ASCII)

CODES_SQL = "ARRAY[" + ", ".join(f"'{scheme}'" for scheme in CODE_SCHEMES) + "]"

BY_CODE = (
    "SELECT coalesce(s.merged_into_id, s.id) AS id FROM registry_identifier i "
    "JOIN registry_subject s ON s.id = i.subject_id "
    f"WHERE i.value = ANY(%s::text[]) AND i.scheme = ANY({CODES_SQL}) "
    f"ORDER BY array_position({CODES_SQL}, i.scheme) LIMIT 1"
)
BY_NUMBER = "SELECT coalesce(s.merged_into_id, s.id) AS id FROM registry_subject s WHERE s.id = %s::bigint"


def code_of(subject: str) -> str:
    """SQL for the code that names a canonical subject: its USCC, else its next best code, else S<id>."""
    return (
        f"coalesce((SELECT i.value FROM registry_identifier i WHERE i.subject_id = {subject}.id "
        f"AND i.scheme = ANY({CODES_SQL}) ORDER BY array_position({CODES_SQL}, i.scheme), i.id LIMIT 1), "
        f"(SELECT i.value FROM registry_subject a JOIN registry_identifier i ON i.subject_id = a.id "
        f"WHERE a.merged_into_id = {subject}.id AND i.scheme = ANY({CODES_SQL}) "
        f"ORDER BY array_position({CODES_SQL}, i.scheme), i.id LIMIT 1), 'S' || {subject}.id)"
    )


def spellings(code: str) -> list[str]:
    """The spellings under which a code may be kept: without blanks and hyphens, and as written."""
    if _PLAIN.fullmatch(code):
        return [code]
    return list(dict.fromkeys((canonical("uscc", code), canonical("tax_no", code))))


def number_of(code: str) -> int | None:
    """The subject's number in a code such as S1204 (for those without a code of their own), else None."""
    found = _NUMBER.fullmatch(code.strip().upper())
    return int(found[1]) if found else None


def locate(code: str) -> tuple[str, list[Any]]:
    """SQL (one column `id`: the canonical subject) and its values, for a public code or an S-number."""
    number = number_of(code)
    return (BY_CODE, [spellings(code)]) if number is None else (BY_NUMBER, [number])


def resolve(code: str, *, personal: bool = False) -> int | None:
    """The canonical subject that a code names; with `personal` by a person's own numbers too (staff only)."""
    found = reading.row(*locate(code))
    if found is None and personal:
        keys = [settings.KEYRING.fingerprint(scheme, canonical(scheme, code)) for scheme in PERSONAL_SCHEMES]
        found = reading.row(
            "SELECT coalesce(s.merged_into_id, s.id) FROM registry_identifier i "
            "JOIN registry_subject s ON s.id = i.subject_id "
            "WHERE i.fingerprint = ANY(%s) AND i.scheme = ANY(%s) LIMIT 1",
            [keys, list(PERSONAL_SCHEMES)],
        )
    return int(found[0]) if found else None


# --- search -----------------------------------------------------------------------------------------------

CANDIDATES = 300
"""How many matches of one kind are looked at: a query that fits more is answered in part, and says so."""

MOST = 100
LONGEST = 100
"""Subjects a page; characters of a query."""


@dataclass(frozen=True)
class Found:
    """One subject that a query found; `outlet` is the shop or domain by which it was found."""

    code: str
    name: str
    kind: str
    region: str | None
    matched: str
    outlet: str | None

    def as_dict(self) -> dict[str, Any]:
        """For JSON, the region with its name."""
        return {
            "code": self.code,
            "name": self.name,
            "kind": self.kind,
            "region": region(self.region),
            "matched": self.matched,
            "outlet": self.outlet,
        }


@dataclass(frozen=True)
class Page:
    """Some of the subjects found. `next`: cursor of the following page; `more`: others were found."""

    subjects: tuple[Found, ...]
    next: str | None
    more: bool


class BadCursor(ValueError):
    """A cursor that was not given out by this search."""


def region(code: str | None) -> dict[str, str] | None:
    """A region with its full name, or None."""
    if code is None:
        return None
    return {"code": code, "name": places.full_name(code) if places.is_region(code) else code}


MATCHES = ("code", "name", "prefix", "shop", "domain", "part")
"""How a subject was found, in the order in which they are listed: its code, its exact name, the beginning of
its name, a shop's name, a domain, a part of its name (characters, pinyin, initials)."""


def search(q: str, after: str | None = None, limit: int = 20, *, public: bool = True) -> Page:
    """Subjects by name (two or more neighbouring characters, pinyin, initials), code, shop or domain.

    The public finds no natural persons. At most CANDIDATES of each kind of match are looked at, so that the
    broadest query costs no more than a narrow one. `after` is the `next` of the page before; BadCursor when
    it isn't.
    """
    statement, values = _statement(q, public)
    place = _place(after) if after else (-1, 0, 0)
    found = reading.rows(statement, [*values, *place, limit + 1])
    listed, full = found[:limit], bool(found) and bool(found[0][-1])
    following = _cursor(listed[-1]) if len(found) > limit else None
    return Page(tuple(_found(one) for one in listed), following, full)


def _found(one: tuple[Any, ...]) -> Found:
    rank, _, _, code, name, kind, area, outlet, _ = one
    return Found(code, name, kind, area, MATCHES[rank], outlet)


def candidates(q: str, most: int = CANDIDATES) -> tuple[str, list[Any]]:
    """SQL (columns rank, id, outlet) of what a query may mean, at most so many of each match; its values."""
    name = normalise_name(q)
    parts: list[str] = []
    values: list[Any] = []

    def add(rank: str, sql: str, given: list[Any]) -> None:
        number = MATCHES.index(rank)
        parts.append(f"(SELECT {number} AS rank, t.id, t.outlet FROM ({sql}) t LIMIT {most})")
        values.extend(given)

    number = number_of(q)
    if number is not None:
        add("code", "SELECT s.id, NULL AS outlet FROM registry_subject s WHERE s.id = %s::bigint", [number])
    add(
        "code",
        "SELECT i.subject_id AS id, NULL AS outlet FROM registry_identifier i "
        f"WHERE i.value = ANY(%s::text[]) AND i.scheme = ANY({CODES_SQL})",
        [spellings(q)],
    )
    if len(name) >= 2:
        named = "SELECT s.id, NULL AS outlet FROM registry_subject s WHERE "
        add("name", named + "s.normalised = %s", [name])
        # As ranges rather than LIKE, so that the plan needs no look at the value to take the index.
        begins = "s.normalised ~>=~ %s AND s.normalised ~<~ %s ORDER BY s.normalised USING ~<~"
        add("prefix", named + begins, [name, _beyond(name)])
    shop = q.strip()
    if len(shop) >= 2:
        shops = "SELECT o.subject_id AS id, o.name AS outlet FROM registry_outlet o WHERE o.name = %s"
        add("shop", f"{shops} ORDER BY o.id", [shop])
    domain = canonical("domain", re.sub(r"^[a-z]+://|/.*$", "", q.strip(), flags=re.IGNORECASE))
    if "." in domain:
        sites = "SELECT o.subject_id AS id, o.domain AS outlet FROM registry_outlet o"
        add(
            "domain",
            f"{sites} WHERE o.domain = ANY(%s::text[]) ORDER BY o.id",
            [[domain, domain.removeprefix("www.")]],
        )
    for tokens in query_tokens(q):
        add(
            "part",
            "SELECT s.id, NULL AS outlet FROM registry_subject s WHERE s.tokens @> %s::text[]",
            [tokens],
        )
    return " UNION ALL ".join(parts), values


def _statement(q: str, public: bool) -> tuple[str, list[Any]]:
    """One statement: the candidates of each kind, each bounded, then one row a canonical subject."""
    found, values = candidates(q)
    hidden = "AND c.kind <> 'natural_person'" if public else ""
    return (
        f"WITH candidate AS MATERIALIZED ({found}), "
        f"reach AS (SELECT coalesce(max(n), 0) >= {CANDIDATES} AS full FROM "
        "(SELECT count(*) AS n FROM candidate GROUP BY rank) k), "
        "subject AS MATERIALIZED (SELECT DISTINCT ON (c.id) a.rank, char_length(c.normalised) AS length, "
        "c.id, c.name, c.kind, c.region, a.outlet FROM candidate a JOIN registry_subject s ON s.id = a.id "
        f"JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id) {hidden} "
        "ORDER BY c.id, a.rank), "
        "page AS MATERIALIZED (SELECT * FROM subject s "
        "WHERE (s.rank, s.length, s.id) > (%s::int, %s::int, %s::bigint) "
        "ORDER BY s.rank, s.length, s.id LIMIT %s::int) "
        f"SELECT p.rank, p.length, p.id, {code_of('p')}, p.name, p.kind, p.region, p.outlet, reach.full "
        "FROM page p, reach ORDER BY p.rank, p.length, p.id",
        values,
    )


def _beyond(text: str) -> str:
    """The first text after all that begin with `text`, byte by byte."""
    return text + "\U0010ffff"


def _cursor(one: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([one[0], one[1], one[2]])).decode().rstrip("=")


def _place(cursor: str) -> tuple[int, int, int]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        rank, length, number = orjson.loads(text)
    except ValueError as wrong:
        raise BadCursor(cursor) from wrong
    whole = all(type(part) is int for part in (rank, length, number))
    if not whole or not (0 <= rank < 2**15 and 0 <= length < 2**31 and 0 <= number < 2**63):
        raise BadCursor(cursor)
    return rank, length, number
