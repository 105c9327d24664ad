"""Candidates, red lists and entries of other authorities: whom the lives of lists are about."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, timedelta
from functools import lru_cache

from chengxin.accounts.permissions import PROVINCE
from chengxin.cases.actions import Opening, open_many
from chengxin.cases.rules import SYSTEM
from chengxin.cli.played.stage import Stage
from chengxin.decisions import candidates, imports
from chengxin.decisions.models import Watermark
from chengxin.demo.history import MONTHS, Life
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.registry.models import Subject
from chengxin.rulebook.lists import listing

_TAKEN_OVER = "demonstration_imports"
_BY_OFFICER = 4
"""Every so many candidates an officer nominates in person."""


@lru_cache(maxsize=1)
def pool(today: date) -> tuple[int, ...]:
    """Everybody whom a rule of the lists reached at some time of the history."""
    found: set[int] = set()
    for month in range(0, MONTHS + 2, 3):
        day = today - timedelta(days=30 * month)
        for one in candidates.by_records(day):
            if one.qualifies is not None and one.procedure == "listing":
                found |= set(candidates.reached(raw_cursor(), one.qualifies, day))
    return tuple(sorted(found))


def open_listing(stage: Stage, life: Life) -> None:
    """Open a case for somebody who qualifies on the day, by the records that there were then."""
    asked = set(pool(stage.today)) - stage.reserved
    found = list(candidates.find(raw_cursor(), sorted(asked), life.opens, only=life.lists or None))
    found = [one for one in found if one.listing.procedure == "listing"]
    if not found:
        stage.refused[f"listing/{life.name}: nobody"] += 1
        return
    one = found[life.number % len(found)]
    opening = one.opening(life.opens)
    officer = stage.cast.officer(one.listing.id, opening.region, life.number)
    stage.open(life, opening, SYSTEM if life.number % _BY_OFFICER else officer)


def open_red(stage: Stage, lives: Sequence[Life]) -> None:
    """Nominate firms in good standing for a red list: those of one round together."""
    rule = listing(lives[0].lists[0], lives[0].opens)
    day = lives[0].opens
    taken = _keyed(f"list:{rule.id}:S")
    free = [one for one in _firms(rule.subjects) if one[0] not in stage.reserved | taken]
    findings = candidates.judged(raw_cursor(), [rule], [id for id, _ in free], day)[rule.id]
    good = iter([one for one in free if findings[one[0]].holds is not False])
    for life in lives:
        subject, region = next(good, (None, None))
        if subject is None:
            stage.refused[f"red_listing/{life.name}: nobody"] += 1
            return
        opening = Opening(
            "red_listing", candidates.key(rule.id, subject), subject, day, rule=rule.id,
            region=region or PROVINCE, facts=life.moves[0].facts,
        )  # fmt: skip
        stage.open(life, opening, stage.cast.officer(rule.id, region, life.number))


def take_over_monthly(day: date) -> int:
    """Take over on the first played day of each month what came since."""
    mark, new = Watermark.objects.get_or_create(name=_TAKEN_OVER, defaults={"leaf": 0, "day": day})
    if not new and mark.day is not None and (day.year, day.month) == (mark.day.year, mark.day.month):
        return 0
    Watermark.objects.filter(name=_TAKEN_OVER).update(day=day)
    return take_over(day)


def take_over(day: date) -> int:
    """Take over what other authorities have decided up to the day."""
    subjects = list(Subject.objects.filter(merged_into=None).order_by("pk").values_list("pk", flat=True))
    with appending() as log:
        openings = list(imports.find(log.cursor, subjects, day))
        return len(open_many(log, openings, SYSTEM, day, by_system=True, skip=True))


def _firms(kinds: Collection[str]) -> list[tuple[int, str | None]]:
    rows = raw_cursor().execute(
        """SELECT s.id, s.region FROM registry_subject s
        WHERE s.merged_into_id IS NULL AND s.kind = ANY(%s) AND EXISTS (
            SELECT FROM registry_role r WHERE r.subject_id = s.id
              AND r.role IN ('merchant', 'platform', 'logistics_firm', 'agency_operation'))
        ORDER BY md5(s.id::text) LIMIT 1500""",
        [list(kinds)],
    )
    return rows.fetchall()


def _keyed(prefix: str) -> set[int]:
    rows = raw_cursor().execute(
        "SELECT subject_id FROM cases_case WHERE key LIKE %s AND subject_id IS NOT NULL", [f"{prefix}%"]
    )
    return {subject for (subject,) in rows.fetchall()}
