"""The nightly run looks at what changed alone, and comes to what asking everyone again would come to."""

from __future__ import annotations

import random
from collections import defaultdict
from datetime import date, timedelta

import orjson
import pytest
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.archive.marking import mark
from chengxin.archive.models import Attribution, Record
from chengxin.archive.tests.kept import PENALTY, Kept
from chengxin.cases.models import Case
from chengxin.decisions import changes
from chengxin.decisions.candidates import by_records
from chengxin.decisions.imports import entry_of
from chengxin.decisions.models import Entry
from chengxin.decisions.nightly import nightly
from chengxin.decisions.standing import Held
from chengxin.decisions.tests.own_world import BUREAU
from chengxin.decisions.tests.test_nightly import court, defaulter, faults, subject
from chengxin.ledger.actions import appending
from chengxin.registry.models import Subject
from chengxin.rulebook.lists import lists
from chengxin.rulebook.qualifying import evaluate, facts

pytestmark = pytest.mark.usefixtures("database")
TODAY = timezone.localdate()
FIRMS, NIGHTS, HAPPENINGS = 12, 4, 20

Listed = set[tuple[str, int]]
"""Lists and subjects."""


def everyone(day: date) -> tuple[Listed, Listed]:
    """Who qualifies, and who is listed by other authorities: every record of everybody read again."""
    owner = dict(Attribution.objects.order_by("id").values_list("record_id", "subject_id"))
    replaced = set(Record.objects.exclude(refers_to=None).values_list("refers_to_id", flat=True))
    held: dict[int, list[Held]] = defaultdict(list)
    for one in Record.objects.exclude(operation="withdrawal").exclude(pk__in=replaced).order_by("pk"):
        if not one.suspended and (one.ended_on is None or one.ended_on > day):
            whose = owner.get(one.pk, one.subject_id)
            held[whose].append(
                Held(whose, one.pk, one.item, one.item_version, one.date, one.publish_from, one.source_id,
                     orjson.loads(one.payload))
            )  # fmt: skip
    kinds = dict(Subject.objects.values_list("pk", "kind"))
    qualify = {
        (rule.id, id)
        for rule in by_records(day)
        if rule.qualifies is not None and not facts(rule.qualifies)
        for id, mine in held.items()
        if kinds[id] in rule.subjects
        and evaluate(rule.qualifies, [one.as_record(with_class=True) for one in mine], day, {}, {}).holds
    }
    taken_over = {
        (rule.id, id)
        for rule in lists(day)
        for one in rule.imports
        for id, mine in held.items()
        if kinds[id] in rule.subjects and any(entry_of(rule, one, record, day) for record in mine)
    }
    return qualify, taken_over


def happen(draw: random.Random, subjects: list[int], day: date, number: int) -> None:
    """One of the things that change an archive between two nights."""
    source = note_organisation(code=None, name=BUREAU, role="department", confirmed=True).pk
    whose, back = draw.choice(subjects), timedelta(days=draw.randint(0, 420))
    replaced = Record.objects.exclude(refers_to=None).values_list("refers_to_id", flat=True)
    standing = Record.objects.exclude(operation="withdrawal").exclude(pk__in=list(replaced))
    one = draw.choice([*standing]) if standing.exists() else None
    fine = f"{draw.choice((1, 19, 20, 50))}.000000"
    row = PENALTY | {"CF_WFXW": draw.choice(("虚假交易", "占道经营", "销售不合格食品")), "CF_NR_FK": fine}
    what = draw.choices(
        ("penalty", "court", "correction", "withdrawal", "moved", "ended"), (6, 4, 3, 3, 2, 2)
    )[0]
    if what == "court":
        until = None if draw.random() < 0.2 else day + timedelta(days=draw.randint(0, 200))
        defaulter(whose, court(), f"（2026）闽0102执{number}号", until, on=day - back)
        return
    with appending() as log:
        kept = Kept(log)
        if what == "penalty" or one is None:
            kept.record(whose, source, on=day - back, payload=row)
        elif what == "moved":
            kept.attributed(one.pk, whose)
        elif what == "ended":
            mark(log, [one.pk], "ended", on=day, because="repair", case=None, by="李专员", reason="已修复")
        else:
            payload = orjson.loads(one.payload) | ({"CF_NR_FK": fine} if one.item == "penalty" else {})
            kept.record(
                one.subject_id, one.source_id, item=one.item, version=one.item_version.isoformat(),
                on=one.date, operation=what, refers_to=one.pk, law=one.law,
                start=one.publish_from, until=one.publish_until,
                payload=payload if what == "correction" else {},
            )  # fmt: skip


@pytest.mark.parametrize("long", [1_000_000, 1], ids=["by changes", "all at once"])
def test_every_night_comes_to_what_asking_everyone_again_comes_to(
    long: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through records that come, are corrected, withdrawn, moved, repaired and grow old, for months."""
    monkeypatch.setattr(changes, "STRETCH", 7)
    monkeypatch.setattr(changes, "LONG", long)
    draw = random.Random(long)
    subjects = [subject(f"福州第{at}商贸有限公司") for at in range(FIRMS)]
    subjects.append(subject("林示例", "natural_person"))
    proposed: Listed = set()
    for night in range(NIGHTS):
        day = TODAY + timedelta(days=70 * night)
        for at in range(HAPPENINGS):
            happen(draw, subjects, day, night * HAPPENINGS + at)
        nightly(day)
        qualify, taken_over = everyone(day)
        proposed |= qualify
        cases = Case.objects.filter(procedure="listing").values_list("rule", "subject_id")
        entries = Entry.objects.filter(ended_on=None).values_list("list", "subject_id")
        assert set(cases) == proposed
        assert set(entries) == taken_over
        assert len(cases) == len(proposed)
    assert proposed
    assert taken_over
    assert not faults()
