"""Playing the history of the demonstration, day by day: a night, then what people do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from chengxin.cases.clock import played
from chengxin.cli.demonstration_lake import Desk
from chengxin.cli.played import leads, listings, own, people, remedies, tasks, told
from chengxin.cli.played.stage import Stage
from chengxin.decisions import due, repairs
from chengxin.decisions.nightly import nightly
from chengxin.demo.history import MONTHS, Life, lives, working
from chengxin.desk.models import Notice
from chengxin.measures import nightly as measures_nightly

Progress = Callable[[str, int, float], None]

_UNREAD = 5
"""Working days of which the people haven't read what they were told."""


def play(
    scale: float, today: date, kept: Path, progress: Progress, desk: Desk | None = None
) -> dict[str, int]:
    """Play the months up to today; goes on where an earlier call was stopped.

    kept: a file that lasts from call to call; desk: the leads, where there are any. Returns what couldn't be
    done, by life, step and rule.
    """
    people.make_colleagues()
    people.give_keys()
    cast = people.gather()
    plan = lives(scale, today)
    stage = Stage(today, cast, kept, plan, reserved=frozenset(cast.owners))
    days, over = _days(plan, today, desk), stage.played_until()
    if over is None:
        stage.about = listings.bind(stage, [life for life in plan if life.procedure == "listing"])
    by_day = _by_day(plan)
    with played():
        for at, day in enumerate(days):
            if over is None or day > over:
                with transaction.atomic():
                    _night(day, today)
                    _day(stage, by_day[day], day)
                    if desk is not None:
                        leads.work(stage, desk, day)
                    if day == working(today, -_UNREAD):
                        Notice.objects.filter(read_at=None).update(read_at=timezone.now())
                    stage.keep(day)
            progress("history", len(plan), (at + 1) / len(days))
    return dict(stage.refused)


def _days(plan: list[Life], today: date, desk: Desk | None) -> list[date]:
    begin = today - timedelta(days=round(30.44 * (MONTHS + 1)))
    months = [working(begin + timedelta(days=30 * one), 1) for one in range(MONTHS + 1)]
    acted = {move.day for life in plan for move in life.moves}
    decided = {move.day for life in plan for move in life.moves if move.step == "decide_entry"}
    # What is taken over or published together brings many measures, which are accepted in the days after.
    after = {working(day, number) for day in {*months, *decided} for number in (1, 2, 3)}
    read = working(today, -_UNREAD)
    every = {*months, *acted, *after, *told.days(today), *own.days(today), read, today}
    every |= leads.days(desk) if desk is not None else set()
    return sorted(day for day in every if day <= today)


def _by_day(plan: list[Life]) -> Mapping[date, list[tuple[Life, int]]]:
    found: dict[date, list[tuple[Life, int]]] = defaultdict(list)
    for life in plan:
        for at, move in enumerate(life.moves):
            found[move.day].append((life, at))
    return found


def _night(day: date, today: date) -> None:
    """What the calendar brings; tonight the whole run, which also finds the candidates of today."""
    if day == today:
        nightly(today)
        return
    due.expire(day)
    due.close_notices(day)
    listings.take_over_monthly(day)
    due.publish(day)
    due.red_after_black(day)
    measures_nightly.end(day)
    measures_nightly.remind(day)
    repairs.follow(day)


def _day(stage: Stage, moves: list[tuple[Life, int]], day: date) -> None:
    """What people do on a day: what goes on, what begins, and what follows on that on the same day."""
    _go_on(stage, moves, new=False)
    rounds: dict[str, list[Life]] = defaultdict(list)
    for life, at in moves:
        if at:
            continue
        if life.procedure == "red_listing":
            rounds[life.lists[0]].append(life)
        elif life.procedure == "listing":
            listings.open_listing(stage, life)
        else:
            remedies.open_remedy(stage, life)
    for together in rounds.values():
        listings.open_red(stage, together)
    _go_on(stage, moves, new=True)
    remedies.confirm_copies(stage, day)
    tasks.work_off(stage, day)
    told.publish(stage, day)
    own.act(stage, day)


def _go_on(stage: Stage, moves: list[tuple[Life, int]], *, new: bool) -> None:
    for life, at in moves:
        if at and (life.opens == life.moves[at].day) == new:
            stage.go_on(life, life.moves[at])
