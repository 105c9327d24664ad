"""The public view: what anybody may see of a subject, its records, or one record, as JSON.

The public sees a record from its first to its last day of publication, both included (as
`rulebook.publication` counts them), unless it was withdrawn or corrected, ended or suspended (`shown`); one
to which somebody objects is marked as contested. Natural persons are not shown at
all: the catalogue publishes nothing on them (福建省公共信用信息管理暂行办法; PIPL art. 28), so no name of one
has to be masked here. (What whoever names a seller and the shop exactly is told: `finding.shops_of`.)

PostgreSQL is asked once, for plain rows, each with the part of the view that it belongs to in front. The JSON
is put together here: the names of items, laws and regions are in the rulebook, and to build the JSON in SQL
costs more than to find the rows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from chengxin.archive.catalogued import article, withheld
from chengxin.archive.shown import published
from chengxin.database import reading
from chengxin.database.reading import Row, Statement
from chengxin.kernel.identifiers import SCHEMES
from chengxin.registry.queries import CODE_SCHEMES, CODES_SQL, code_of, number_of, region, spellings
from chengxin.rulebook import catalogue, laws

RECORDS = 100
"""Records a page of the public view, the last kept first; the rest by `public_records`."""

OUTLETS = 200
"""Shops, websites, apps and live rooms that are listed."""

_WORST_FIRST = ("mismatch", "lapsed", "unverified", "verified")
_OPEN_SCHEMES = ", ".join(f"'{scheme.id}'" for scheme in SCHEMES.values() if not scheme.personal)
_COLUMNS = 12
"""Columns of every row: the part, then what the part's own function below unpacks; the rest are NULL."""


def _part(name: str, *columns: str) -> str:
    """The columns of a part of the view, all text."""
    empty = ["NULL"] * (_COLUMNS - 1 - len(columns))
    return f"SELECT '{name}', {', '.join([f'{column}::text' for column in columns] + empty)}"


def _stands(record: str) -> str:
    """SQL: no later record corrects or withdraws this one. OFFSET 0 makes it a look-up by index, row by row,
    whatever PostgreSQL believes of a table that has just grown."""
    return f"NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = {record} OFFSET 0)"


# Who is meant. $1: the code in its first spelling, or the number; $2: its second spelling.
_BY_CODE = f"""
    SELECT coalesce(s.merged_into_id, s.id) AS id
    FROM registry_identifier i JOIN registry_subject s ON s.id = i.subject_id
    WHERE i.value IN ($1::text, $2::text) AND i.scheme = ANY({CODES_SQL})
    ORDER BY array_position({CODES_SQL}, i.scheme) LIMIT 1"""
_BY_NUMBER = """
    SELECT coalesce(s.merged_into_id, s.id) AS id FROM registry_subject s
    WHERE s.id = $1::bigint AND $2::text IS NOT NULL"""

# A subject is one with all that were merged into it. `moved`: records attributed to it, and where they were
# kept, with what was known from them.
_MEMBERS = """
WITH canon AS MATERIALIZED (
    SELECT c.id, c.registered_name, c.name, c.kind, c.region
    FROM ({locate}) f JOIN registry_subject c ON c.id = f.id WHERE c.kind <> 'natural_person'
),
member AS MATERIALIZED (
    SELECT 'subject' AS part, c.* FROM canon c
    UNION ALL
    SELECT 'member', m.id, m.registered_name, NULL, NULL, NULL
    FROM canon c JOIN registry_subject m ON m.merged_into_id = c.id WHERE m.kind <> 'natural_person'
),
moved AS MATERIALIZED (
    SELECT k.id AS record_id, k.subject_id
    FROM member m CROSS JOIN LATERAL (SELECT * FROM archive_attribution WHERE subject_id = m.id OFFSET 0) a
    JOIN archive_record k ON k.id = a.record_id
    WHERE NOT EXISTS (
        SELECT FROM archive_attribution l WHERE l.record_id = a.record_id AND l.id > a.id OFFSET 0)
)"""


def _of_member(table: str, row: str) -> str:
    return f"FROM member m CROSS JOIN LATERAL (SELECT * FROM {table} WHERE subject_id = m.id OFFSET 0) {row}"


def _told(table: str, row: str) -> str:
    """What a table knows of the members from records that stand, with those attributed to them since."""
    return f"""FROM (
        SELECT t.* FROM member m CROSS JOIN LATERAL (SELECT * FROM {table} WHERE subject_id = m.id OFFSET 0) t
        WHERE NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = t.record_id OFFSET 0)
        UNION ALL
        SELECT t.* FROM moved v CROSS JOIN LATERAL (
            SELECT * FROM {table} WHERE subject_id = v.subject_id AND record_id = v.record_id OFFSET 0) t
        ) {row} WHERE {_stands(f"{row}.record_id")}"""


# $3: today; $4: only records before this one.
_PUBLIC = f"""{published("r", "$3::date")} AND {_stands("r.id")}"""
_KEPT = """r.id, r.item, r.item_version, r.date, r.source_id, r.law, r.publish_from, r.publish_until,
    r.payload, r.contested"""
SHOWN = (
    "r.id", "r.item", "r.item_version", "r.date", "o.name", "o.code", "r.law", "r.publish_from",
    "r.publish_until", "r.payload", "r.contested",
)  # fmt: skip
_RECORDS = f"""
{_part("record", *SHOWN)} FROM (
    SELECT k.* FROM member m CROSS JOIN LATERAL (
        SELECT {_KEPT} FROM archive_record r
        WHERE r.subject_id = m.id AND r.id < $4::bigint AND {_PUBLIC}
          AND NOT EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id OFFSET 0)
        ORDER BY r.id DESC LIMIT {RECORDS + 1}
    ) k
    UNION ALL
    SELECT {_KEPT} FROM moved v JOIN archive_record r ON r.id = v.record_id
    WHERE r.id < $4::bigint AND {_PUBLIC}
    ORDER BY id DESC LIMIT {RECORDS + 1}
) r JOIN accounts_organisation o ON o.id = r.source_id"""

_PLATFORM = """(SELECT p.name FROM registry_identifier i JOIN registry_subject p ON p.id = i.subject_id
    WHERE i.value = u.platform AND i.scheme = 'uscc')"""
_SUBJECT = f"""
SELECT m.part, m.id::text, m.registered_name, m.name, m.kind, m.region::text{", NULL" * (_COLUMNS - 6)}
    FROM member m
UNION ALL
{_part("code", "i.id", "i.scheme", "i.value", "m.id")} {_of_member("registry_identifier", "i")}
    WHERE i.value IS NOT NULL AND i.scheme IN ({_OPEN_SCHEMES})
UNION ALL
{_part("name", "n.id", "n.name", "n.since")} {_told("registry_name", "n")}
UNION ALL
{_part("role", "l.role", "l.since")} {_told("registry_role", "l")}
UNION ALL
({_part("outlet", "u.id", "u.kind", "u.name", "u.url", "u.platform", _PLATFORM, "u.opened_on", "u.closed_on")}
    {_told("registry_outlet", "u")} ORDER BY u.id LIMIT {OUTLETS})
UNION ALL
{_part("check", "v.id", "v.report_id", "v.state", "v.checked_on", "(v.reasons::jsonb -> 0 ->> 'rule')")}
    {_of_member("registry_verification", "v")} WHERE {_stands("v.report_id")}
      AND NOT EXISTS (
        SELECT FROM registry_verification l WHERE l.report_id = v.report_id AND l.id > v.id OFFSET 0)"""


def _statements(name: str, sql: str) -> dict[bool, Statement]:
    """The statement for a code (False) and for a number (True)."""
    return {
        by_number: Statement(
            f"{name} by {'number' if by_number else 'code'}",
            _MEMBERS.format(locate=_BY_NUMBER if by_number else _BY_CODE) + sql,
        )
        for by_number in (False, True)
    }


SUBJECT = _statements("subject", f"{_SUBJECT} UNION ALL {_RECORDS}")
_FURTHER = _statements(
    "records", f"SELECT m.part{', NULL' * (_COLUMNS - 1)} FROM member m UNION ALL {_RECORDS}"
)
_RECORD = Statement(
    "record",
    f"""{_part("record", *SHOWN, code_of("c"), "c.name", "c.kind").replace(", NULL", "")}
    FROM archive_record r JOIN accounts_organisation o ON o.id = r.source_id
    JOIN registry_subject s ON s.id = coalesce((SELECT a.subject_id FROM archive_attribution a
        WHERE a.record_id = r.id ORDER BY a.id DESC LIMIT 1), r.subject_id)
    JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id)
    WHERE r.id = $1::bigint AND $2::text IS NULL AND {_PUBLIC}
      AND s.kind <> 'natural_person' AND c.kind <> 'natural_person'""",
)

LAST = "9223372036854775807"


def asked(code: str, today: date, before: str = LAST) -> tuple[bool, tuple[str, str, str, str]]:
    """Whether a code is a subject's number, and the values of the statement for it."""
    number = number_of(code)
    written = spellings(code) if number is None else [str(number), ""]
    return number is not None, (written[0], written[-1], today.isoformat(), before)


def public_subject(code: str, today: date) -> bytes | None:
    """The public view of the subject that `code` names (any of its codes, or S<number>), as JSON.

    {"subject": {code, name, kind, region, names, identifiers, roles, outlets, verification}, "records": […],
    "next": cursor of `public_records` where there are more than RECORDS}; records by date, newest first. None
    for an unknown code and for natural persons.
    """
    by_number, values = asked(code, today)
    return subject_json(reading.table(SUBJECT[by_number], *values))


def public_records(code: str, today: date, before: int) -> bytes | None:
    """A further page of a subject's public records: those kept before record number `before`."""
    by_number, values = asked(code, today, str(before))
    parts = _by_part(reading.table(_FURTHER[by_number], *values))
    return orjson.dumps(_page(parts["record"])) if parts["subject"] else None


def public_record(id: int, today: date) -> bytes | None:
    """One public record with the subject it is about, as JSON; None when the public may not see it today."""
    found = reading.table(_RECORD, str(id), None, today.isoformat())
    if not found:
        return None
    *record, code, name, kind = found[0]
    return orjson.dumps(
        {"subject": {"code": code, "name": name, "kind": kind}, "record": record_json(record)}
    )


# --- from rows to JSON --------------------------------------------------------------------------------------


def subject_json(rows: Iterable[Row]) -> bytes | None:
    """The public view out of the rows of SUBJECT; None where there is no subject."""
    parts = _by_part(rows)
    if not parts["subject"]:
        return None
    return orjson.dumps({"subject": _subject(parts), **_page(parts["record"])})


def _by_part(rows: Iterable[Row]) -> dict[str | None, list[Row]]:
    parts: dict[str | None, list[Row]] = defaultdict(list)
    for row in rows:
        parts[row[0]].append(row)
    return parts


def _subject(parts: dict[str | None, list[Row]]) -> dict[str, Any]:
    ((_, id, _, name, kind, area, *_),) = parts["subject"]
    codes = _codes(parts["code"], id)
    return {
        "code": codes[0]["value"] if codes and codes[0]["scheme"] in _RANK else f"S{id}",
        "name": name,
        "kind": kind,
        "region": _region(area),
        "names": _names(parts["subject"] + parts["member"], parts["name"]),
        "identifiers": codes,
        "roles": _roles(parts["role"]),
        "outlets": _outlets(parts["outlet"]),
        "verification": _verification(parts["check"]),
    }


_RANK = {scheme: rank for rank, scheme in enumerate(CODE_SCHEMES)}
_region = lru_cache(maxsize=4096)(region)


def _codes(rows: list[Row], subject: str | None) -> list[dict[str, str | None]]:
    """The code that names the subject first, its own before those of whom it absorbed."""
    rows.sort(key=lambda row: (_RANK.get(row[2] or "", len(_RANK)), row[4] != subject, _number(row[1])))
    return [{"scheme": scheme, "value": value} for _, _, scheme, value, *_ in rows]


def _names(members: list[Row], later: list[Row]) -> list[dict[str, str | None]]:
    """The names under which they became known, then the later ones as they came."""
    members.sort(key=lambda row: _number(row[1]))
    later.sort(key=lambda row: (row[3] or "", _number(row[1])))
    first = [{"name": name, "since": None} for _, _, name, *_ in members]
    return first + [{"name": name, "since": since} for _, _, name, since, *_ in later]


def _roles(rows: list[Row]) -> list[dict[str, str | None]]:
    """Each role since its first day; subjects that became one may both have it."""
    since: dict[str | None, str | None] = {}
    for _, role, day, *_ in sorted(rows, key=lambda row: row[2] or ""):
        since.setdefault(role, day)
    return [
        {"role": role, "since": day} for role, day in sorted(since.items(), key=lambda one: (one[1], one[0]))
    ]


def _outlets(rows: list[Row]) -> list[dict[str, str | None]]:
    """Those that are open, then those that closed, the last first."""
    rows.sort(key=lambda row: _number(row[1]))
    rows.sort(key=lambda row: row[8] or "9", reverse=True)
    return [
        {
            "kind": kind,
            "name": name,
            "url": url,
            "platform": platform,
            "platform_name": platform_name,
            "opened_on": opened_on,
            "closed_on": closed_on,
        }
        for _, _, kind, name, url, platform, platform_name, opened_on, closed_on, *_ in rows
    ]


def _verification(rows: list[Row]) -> dict[str, str | None] | None:
    """The state that the checks of a subject come to."""
    found = worst_check([(row[3] or "", row[4] or "", row[5] or "") for row in rows])
    return {"state": found[0], "checked_on": found[1]} if found else None


def worst_check(checks: Sequence[tuple[str, str, str]]) -> tuple[str, str] | None:
    """State and day of the newest report of each shop (state, day, rule): the worst, else the latest.

    Shops that have stopped count only where none runs; an older report of a shop that was reported again
    doesn't count.
    """
    counting = [one for one in checks if one[2] != "superseded"]
    running = [one for one in counting if one[2] != "shop_closed"]
    results = [(state, day) for state, day, _ in running or counting]
    if not results:
        return None
    results.sort(key=lambda result: result[1], reverse=True)
    return min(results, key=lambda result: _WORST_FIRST.index(result[0]))


def _page(rows: list[Row]) -> dict[str, Any]:
    """A page of records by date, newest first, and where the next begins."""
    rows.sort(key=lambda row: _number(row[1]), reverse=True)
    following = rows[RECORDS - 1][1] if len(rows) > RECORDS else None
    page = rows[:RECORDS]
    page.sort(key=lambda row: row[4] or "", reverse=True)
    return {"records": [record_json(row) for row in page], "next": following}


def record_json(row: Sequence[str | None]) -> dict[str, Any]:
    """A record of the public view out of a row of SHOWN, the part in front."""
    _, id, item, version, on, source, source_code, law, start, until, payload, contested = row
    known = _said_of(item, version, law)
    return {
        "id": _number(id),
        "item": item,
        "item_name_zh": known.item_zh,
        "item_name_en": known.item_en,
        "date": on,
        "source": source,
        "source_code": source_code,
        "law": law,
        "law_name_zh": known.law_zh,
        "law_name_en": known.law_en,
        "article": known.article,
        "disclosure": "public",
        "publication": {"from": start, "until": until},
        "state": "contested" if contested == "true" else "in_force",
        "payload": _payload(payload or "{}", known.withheld),
    }


class _Said(NamedTuple):
    """What the rulebook says of an item's version and a law; `withheld` is None for an unknown version."""

    item_zh: str | None
    item_en: str | None
    law_zh: str | None
    law_en: str | None
    article: str
    withheld: frozenset[str] | None


@lru_cache(maxsize=4096)
def _said_of(item: str | None, version: str | None, law: str | None) -> _Said:
    known = next(
        (one for one in catalogue.versions() if (one.id, one.version.isoformat()) == (item, version)), None
    )
    cited = next((one for one in laws.laws() if one.id == law), None)
    return _Said(
        item_zh=known.name_zh if known else None,
        item_en=known.name_en if known else None,
        law_zh=cited.name_zh if cited else None,
        law_en=cited.name_en if cited else None,
        article=article(known, cited.id) if known and cited else "",
        withheld=withheld(known.id, known.version.isoformat()) if known else None,
    )


def _payload(kept: str, hidden: frozenset[str] | None) -> orjson.Fragment:
    """The fields for the public. Most payloads hold no other and go as they were kept; one with a code of a
    withheld field anywhere in it, or with an escape that might spell one, is read and written anew."""
    if hidden is None:
        return orjson.Fragment("{}")
    if "\\u" in kept or any(code in kept for code in hidden):
        shown = {code: value for code, value in orjson.loads(kept).items() if code not in hidden}
        return orjson.Fragment(orjson.dumps(shown))
    return orjson.Fragment(kept)


def _number(text: str | None) -> int:
    return int(text or 0)
