"""Objections and repairs: what they are about, and that holders of copies confirm what they were told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from chengxin.cli.played.stage import REFUSED, Stage
from chengxin.decisions import copies, repairs
from chengxin.decisions.matters import DecisionMatter, RecordMatter, about, opening, source_of
from chengxin.decisions.models import Copy
from chengxin.demo.history import Life
from chengxin.ledger.actions import raw_cursor

_TRIES = 12
_SLOW = 7
"""One copy in so many isn't confirmed in time."""

_RECORDS = """
SELECT r.id FROM archive_record r JOIN registry_subject s ON s.id = r.subject_id
WHERE r.item = ANY(%(items)s) AND r.operation = 'new' AND r.date BETWEEN %(since)s AND %(until)s
  AND r.disclosure = 'public' AND r.ended_on IS NULL AND NOT r.suspended AND NOT r.contested
  AND (r.publish_until IS NULL OR r.publish_until > %(day)s) AND r.publish_from <= %(day)s
  AND NOT EXISTS (SELECT FROM archive_record l WHERE l.refers_to_id = r.id)
  AND NOT EXISTS (SELECT FROM cases_case k WHERE k.key = 'record:' || r.id)
  AND r.source_id = ANY(%(sources)s) AND NOT coalesce(s.merged_into_id, s.id) = ANY(%(engaged)s)
ORDER BY md5(r.id::text || %(salt)s) LIMIT 40"""

_ENTRIES = """
SELECT e.case_id FROM decisions_entry e JOIN cases_case k ON k.id = e.case_id
WHERE k.procedure = 'listing' AND k.state = 'published' AND NOT e.suspended
  AND e.published_on <= %(since)s AND (e.until IS NULL OR e.until > %(late)s)
  AND (NOT %(repair)s OR e.earliest_end <= %(day)s)
  AND NOT e.subject_id = ANY(%(reserved)s) AND NOT e.case_id = ANY(%(under_way)s)
  AND NOT EXISTS (SELECT FROM cases_case o WHERE o.key = 'case:' || e.case_id)
ORDER BY md5(e.case_id::text || %(salt)s)"""


def open_remedy(stage: Stage, life: Life) -> None:
    """File the objection, or apply for the repair, that a life is: by whom it is about."""
    day, facts = life.opens, life.moves[0].facts
    found = _decisions(stage, life) if life.about == "decision" else _records(stage, life)
    for tried, key in enumerate(found):
        wanted = opening(life.procedure, key, day, facts)
        if wanted.subject is None or tried >= _TRIES:
            break
        if stage.open(life, wanted, stage.cast.subject(wanted.subject)):
            return
    stage.refused[f"{life.procedure}/{life.name}: nothing"] += 1


def confirm_copies(stage: Stage, day: date) -> int:
    """Holders of copies confirm what they were told some days ago; a few take long."""
    done = 0
    waiting = Copy.objects.filter(confirmed_on=None, told_on__lt=day).order_by("pk")
    for one in waiting:
        slow = one.pk % _SLOW == 0
        actor = stage.cast.of.get(one.organisation_id)
        if actor is None or (day - one.told_on).days < (15 if slow else 1 + one.pk % 3):
            continue
        try:
            copies.confirm(one.pk, actor, day)
        except REFUSED:
            continue
        done += 1
    return done


def _records(stage: Stage, life: Life) -> Iterator[str]:
    day = life.opens
    repair = life.procedure == "repair"
    items = ["penalty"] if repair or life.name == "corrected_record" else _OBJECTED
    rows = raw_cursor().execute(
        _RECORDS,
        {
            "items": items, "day": day, "salt": f"{life.procedure}{life.number}",
            "since": day - timedelta(days=900 if repair else 420),
            "until": day - timedelta(days=100 if repair else 15),
            "sources": sorted(stage.cast.of), "engaged": sorted(stage.engaged),
        },
    )  # fmt: skip
    for (id,) in rows.fetchall():
        if repair:
            matter = about(f"record:{id}")
            if not isinstance(matter, RecordMatter) or not repairs.terms(matter, day).open_on(day):
                continue
        yield f"record:{id}"


_OBJECTED = ["penalty", "complaint_outcome", "platform_violation", "logistics", "abnormal_operation"]


def _decisions(stage: Stage, life: Life) -> Iterator[str]:
    day = life.opens
    rows = raw_cursor().execute(
        _ENTRIES,
        {
            "day": day, "since": day - timedelta(days=10), "late": day + timedelta(days=40),
            "repair": life.procedure == "repair", "reserved": sorted(stage.reserved),
            "salt": f"{life.procedure}{life.number}", "under_way": stage.under_way(day),
        },
    )  # fmt: skip
    for (id,) in rows.fetchall():
        key = f"case:{id}"
        matter = about(key)
        if not isinstance(matter, DecisionMatter) or source_of(matter) not in stage.cast.of:
            continue
        yield key
