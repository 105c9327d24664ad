"""A credit report as data: what it says, before anybody makes it a page, a sheet or a file.

The JSON of a report is canonical: UTF-8, keys in the order of their code points, no white space between
them. It is what the ledger seals by its hash, what the PDF carries with it, and what a program reads.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import orjson

from chengxin.archive import held
from chengxin.archive.marking import REPAIRS, STANDING
from chengxin.archive.public import public_records, public_subject, worst_check
from chengxin.archive.seeing import EVERYTHING, Sight
from chengxin.database import reading
from chengxin.design.classed import assessed
from chengxin.design.demonstration import demonstration
from chengxin.measures.consequences import consequences_of
from chengxin.registry.queries import LONGEST, resolve
from chengxin.rulebook import laws

FORMAT = "chengxin-report/1"

MOST = 1_000
"""Records that one report lists; of more it lists the newest and says so."""

STAND = frozenset({"in_force", "contested"})
"""States of records that count."""

PERSONS = frozenset({"natural_person", "individual_business"})
"""Kinds of subject whose information is personal information (PIPL art. 4)."""


@dataclass(frozen=True)
class Matter:
    """What a report says of a subject on a day.

    subject   number in the registry
    said      the report's JSON without number, time and head of the ledger
    """

    subject: int
    version: str
    said: Mapping[str, Any]

    @property
    def digest(self) -> bytes:
        """Of what is said: equal as long as nothing changes."""
        return sha256(canonical(self.said)).digest()


def canonical(content: Mapping[str, Any]) -> bytes:
    """The one spelling of a report that is hashed."""
    return orjson.dumps(content, option=orjson.OPT_SORT_KEYS)


def public_matter(code: str, today: date) -> Matter | None:
    """What anybody may see of the subject that `code` names; None for unknown codes and natural persons."""
    body = public_subject(code, today) if len(code) <= LONGEST and code.isprintable() else None
    subject = resolve(code) if body is not None else None
    if body is None or subject is None:
        return None
    view = orjson.loads(body)
    records, following = view["records"], view["next"]
    while following and len(records) < MOST:
        further = orjson.loads(public_records(code, today, int(following)) or b"{}")
        records += further.get("records", [])
        following = further.get("next")
    records.sort(key=lambda one: (one["date"], one["id"]), reverse=True)
    known = view["subject"]
    return Matter(
        subject,
        "public",
        _said("public", known, records, subject, today, more=following is not None, left_out=0),
    )


def full_matter(subject: int, today: date, sight: Sight = EVERYTHING) -> Matter:
    """What is held on a subject (its number) and `sight` lets see; personal numbers masked."""
    known = held.held_subject(subject)
    records = held.records(subject, today, sight, limit=MOST + 1)
    checks = [
        (one["state"], one["checked_on"], one["reasons"][0].get("rule", "") if one["reasons"] else "")
        for one in known.pop("verifications")
    ]
    worst = worst_check(checks)
    known["verification"] = {"state": worst[0], "checked_on": worst[1]} if worst else None
    known["identifiers"] = [
        {"scheme": one["scheme"], "value": one["value"], "masked": one["sealed"]}
        for one in known["identifiers"]
    ]
    summary = held.summary(subject, today, sight)
    said = _said(
        "full",
        known,
        records[:MOST],
        subject,
        today,
        more=len(records) > MOST,
        left_out=summary.left_out,
    )
    return Matter(subject, "full", said)


def _said(
    version: str,
    known: dict[str, Any],
    records: list[dict[str, Any]],
    subject: int,
    today: date,
    *,
    more: bool,
    left_out: int,
) -> dict[str, Any]:
    following = consequences_of(subject, today, public=version == "public")
    for one in records:
        one["class"] = class_of(one, today)
    return {
        "format": FORMAT,
        "version": version,
        "demonstration": demonstration(),
        "as_of": today.isoformat(),
        "subject": known,
        "counts": counts(records, following),
        "consequences": following,
        "records": records,
        "more_records": more,
        "records_left_out": left_out,
        "remedies": remedies(known["kind"], today),
    }


def counts(records: Iterable[Mapping[str, Any]], following: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Records in force by item, dishonest information by class, consequences by kind."""
    standing = [one for one in records if one["state"] in STAND]
    return {
        "records": len(standing),
        "items": dict(Counter(one["item"] for one in standing)),
        "classes": dict(Counter(one["class"]["id"] for one in standing if one["class"])),
        "consequences": dict(Counter(str(one["kind"]) for one in following)),
    }


def class_of(record: Mapping[str, Any], today: date) -> dict[str, Any] | None:
    """The class of dishonest information (轻微、一般、严重), why, and from which day it may be repaired.

    None for what the catalogue gives no class. Days are ISO texts; `earliest_repair` is None where repair
    can't end the record, or where it stands no more.
    """
    found = assessed(record, today)
    if found is None:
        return None
    earliest = found.earliest_repair if record["state"] in STAND else None
    return {
        "id": found.class_,
        "reason_zh": found.reason_zh,
        "reason_en": found.reason_en,
        "earliest_repair": earliest.isoformat() if earliest else None,
    }


@cache
def _remedies() -> tuple[Mapping[str, str], ...]:
    text = (Path(__file__).parent / "remedies.toml").read_text(encoding="utf-8")
    return tuple(tomllib.loads(text)["remedy"])


def remedies(kind: str, today: date) -> list[dict[str, str]]:
    """What a subject of this kind may do, by the law of the day."""
    return [
        {"zh": one["zh"], "en": one["en"], "law": one["law"], "article": one["article"]}
        for one in _remedies()
        if (one["for"] == "all" or kind in PERSONS)
        and date.fromisoformat(one.get("from", "0001-01-01")) <= today
        and laws.law(one["law"]).holds_on(today)
    ]


_GONE = f"""
SELECT r.id, CASE
    WHEN n.operation IS NOT NULL THEN n.operation
    WHEN EXISTS (SELECT FROM archive_attribution a WHERE a.record_id = r.id AND a.id >= d.size) THEN 'moved'
    WHEN r.ended_on <= d.today THEN CASE WHEN EXISTS (
        SELECT FROM archive_mark m WHERE m.record_id = r.id AND m.kind = 'ended' AND m.because = ANY(%s)
            AND {STANDING}) THEN 'repaired' ELSE 'ended' END
    WHEN r.suspended THEN 'suspended'
    WHEN r.publish_until >= d.made_on AND r.publish_until < d.today THEN 'expired' END
FROM archive_record r
CROSS JOIN (SELECT %s::bigint AS size, %s::date AS made_on, %s::date AS today) d
LEFT JOIN LATERAL (SELECT n.operation FROM archive_record n WHERE n.refers_to_id = r.id AND n.id >= d.size
    ORDER BY n.id DESC LIMIT 1) n ON true
WHERE r.id = ANY(%s::bigint[])"""


def gone_since(records: list[int], size: int, made_on: date, today: date) -> dict[str, list[int]]:
    """Of records that stood when the tree had `size` leaves: which don't any more, by what became of them.

    Keys: withdrawal, correction, moved (to another subject), repaired, ended, suspended, expired.
    """
    found = reading.rows(_GONE, [list(REPAIRS), size, made_on, today, records])
    gone: dict[str, list[int]] = {}
    for id, why in sorted(found):
        if why is not None:
            gone.setdefault(why, []).append(id)
    return gone


_STOOD = """
SELECT r.id FROM archive_record r
WHERE r.subject_id IN (SELECT id FROM registry_subject WHERE id = %s::bigint OR merged_into_id = %s::bigint)
  AND r.id < %s::bigint AND r.disclosure = 'public' AND r.operation <> 'withdrawal'
  AND r.publish_from <= %s::date AND (r.publish_until IS NULL OR r.publish_until >= %s::date)
  AND NOT EXISTS (SELECT FROM archive_record n WHERE n.refers_to_id = r.id AND n.id < %s::bigint)
  AND NOT EXISTS (
    SELECT FROM archive_mark m WHERE m.record_id = r.id AND m.id < %s::bigint
        AND (m.kind = 'suspended' OR m.kind = 'ended' AND m."on" <= %s::date)
        AND NOT EXISTS (
            SELECT FROM archive_mark l WHERE l.record_id = m.record_id AND l.id > m.id AND l.id < %s::bigint
                AND l.case_id IS NOT DISTINCT FROM m.case_id
                AND l.kind = CASE m.kind WHEN 'ended' THEN 'restored' ELSE 'resumed' END))
ORDER BY r.id DESC LIMIT %s::bigint"""


def stood(subject: int, size: int, made_on: date) -> list[int]:
    """The public records of a subject as they stood on a day, when the tree had `size` leaves."""
    given = [subject, subject, size, made_on, made_on, size, size, made_on, size, MOST]
    return [id for (id,) in reading.rows(_STOOD, given)]
