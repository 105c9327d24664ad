"""Candidates, red lists and entries of other authorities: whom the lives of lists are about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from chengxin.accounts.permissions import PROVINCE
from chengxin.cases.actions import Opening, open_many
from chengxin.cases.rules import SYSTEM
from chengxin.cli.played.stage import Stage
from chengxin.decisions import candidates, imports
from chengxin.decisions.models import Watermark
from chengxin.decisions.standing import records_of
from chengxin.demo.history import MONTHS, Life
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.registry.models import Subject
from chengxin.rulebook.lists import listing, lists
from chengxin.rulebook.qualifying import Record, items
from chengxin.rulebook.qualifying.judging import Judge

_TAKEN_OVER = "demonstration_imports"
_BY_OFFICER = 4
"""Every so many candidates an officer nominates in person."""


def bind(stage: Stage, lives: Sequence[Life]) -> dict[int, tuple[str, int]]:
    """Whom each life is about, nobody twice: life → list and subject.

    Chosen among those who qualify on the day of its opening by the records that there were then. Lives that
    ask for a certain list choose first, then those of which there are few, the latest before the others.
    """
    free = _known(stage)
    found: dict[int, tuple[str, int]] = {}
    alike = Counter(life.name for life in lives)
    latest = sorted(lives, key=lambda one: one.opens, reverse=True)
    for life in sorted(latest, key=lambda one: (not one.lists, alike[one.name])):
        rules = [
            (one, Judge(one.qualifies, life.opens))
            for one in candidates.by_records(life.opens)
            if one.qualifies and one.procedure == "listing" and (not life.lists or one.id in life.lists)
        ]
        about = next(
            (
                (one.id, subject)
                for subject, known in free.items()
                for one, judge in rules
                if known.kind in one.subjects
                and not known.taken_over & {entry.item for entry in one.imports}
                and judge.holds(known.records)
            ),
            None,
        )
        if about is None:
            stage.refused[f"listing/{life.name}: nobody"] += 1
        else:
            found[life.number] = about
            del free[about[1]]
    return found


@dataclass(frozen=True)
class _Known:
    """A subject whom some rule may reach: its kind, its records, and what other authorities said of it."""

    kind: str
    records: tuple[Record, ...]
    taken_over: frozenset[str]


def _known(stage: Stage) -> dict[int, _Known]:
    """Everybody whom a rule reached at some time of the history, firms first; not those with own lives."""
    reached: set[int] = set()
    for month in range(0, MONTHS + 2, 3):
        day = stage.today - timedelta(days=30 * month)
        for one in candidates.by_records(day):
            if one.qualifies is not None and one.procedure == "listing":
                reached |= set(candidates.reached(raw_cursor(), one.qualifies, day))
    kinds = dict(Subject.objects.filter(pk__in=reached - stage.reserved).values_list("pk", "kind"))
    named = {name for one in lists() if one.qualifies is not None for name in items(one.qualifies)}
    from_others = {entry.item for one in lists() for entry in one.imports}
    held = records_of(raw_cursor(), sorted(kinds), sorted(named | from_others), stage.today)
    order = sorted(kinds)
    Random("bind").shuffle(order)  # noqa: S311 - who is chosen in the demonstration
    return {
        id: _Known(
            kinds[id],
            tuple(one.as_record(with_class=True) for one in held.get(id, [])),
            frozenset(one.item for one in held.get(id, []) if one.item in from_others),
        )
        for id in sorted(order, key=lambda one: kinds[one] == "natural_person")
    }


def open_listing(stage: Stage, life: Life) -> None:
    """Open the case of a life, by the records on which the list's rule rests on the day."""
    if life.number not in stage.about:
        return
    rule, subject = stage.about[life.number]
    found = next(iter(candidates.find(raw_cursor(), [subject], life.opens, only=[rule])), None)
    if found is None:
        stage.refused[f"listing/{life.name}: no candidate any more"] += 1
        return
    opening = found.opening(life.opens)
    officer = stage.cast.officer(rule, opening.region, life.number)
    stage.open(life, opening, SYSTEM if life.number % _BY_OFFICER else officer)


def open_red(stage: Stage, lives: Sequence[Life]) -> None:
    """Nominate firms in good standing for a red list: those of one round together."""
    day = lives[0].opens
    rule = listing(lives[0].lists[0], day)
    others = stage.engaged | _keyed(f"list:{rule.id}:S")
    free = [one for one in _firms(rule.subjects) if one[0] not in others]
    ids = [id for id, _ in free]
    then, now = (
        candidates.judged(raw_cursor(), [rule], ids, stage.today, on=on)[rule.id] for on in (day, stage.today)
    )
    good = iter([one for one in free if then[one[0]].holds and now[one[0]].holds])
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
    """Firms of e-commerce with their regions, without those whom another authority has ever listed as bad."""
    bad = {entry.item for one in lists() if one.kind != "red" for entry in one.imports}
    rows = raw_cursor().execute(
        """SELECT s.id, s.region FROM registry_subject s
        WHERE s.merged_into_id IS NULL AND s.kind = ANY(%s) AND EXISTS (
            SELECT FROM registry_role r WHERE r.subject_id = s.id
              AND r.role IN ('merchant', 'platform', 'logistics_firm', 'agency_operation'))
          AND NOT EXISTS (SELECT FROM archive_record a WHERE a.subject_id = s.id AND a.item = ANY(%s))
        ORDER BY md5(s.id::text) LIMIT 1500""",
        [list(kinds), sorted(bad)],
    )
    return rows.fetchall()


def _keyed(prefix: str) -> set[int]:
    rows = raw_cursor().execute(
        "SELECT subject_id FROM cases_case WHERE key LIKE %s AND subject_id IS NOT NULL", [f"{prefix}%"]
    )
    return {subject for (subject,) in rows.fetchall()}
