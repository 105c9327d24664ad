"""Taking the steps of the history's lives on a day: what can't be taken ends the life, as in truth."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from chengxin.accounts.permissions import Actor, Forbidden
from chengxin.cases.actions import NotTaken, Opening, open_case, take
from chengxin.cases.models import Case
from chengxin.cases.rules import SYSTEM
from chengxin.cli.played.people import Cast
from chengxin.decisions.models import Watermark
from chengxin.demo.history import Life, Move
from chengxin.registry.refusing import Refused

MARK = "demonstration"
"""Up to which day the history is played (decisions.models.Watermark)."""

REFUSED = (NotTaken, Forbidden, Refused)


@dataclass
class Stage:
    """The history as it is being played.

    plan     the lives
    cases    the case of each life that was opened, by the life's number
    about    whom the lives of lists are about, by the life's number: the list and the subject
    ended    lives that don't go on, because a step of theirs couldn't be taken
    reserved subjects that the people who can sign in act for: they have lives of their own
    """

    today: date
    cast: Cast
    kept: Path
    plan: Sequence[Life] = ()
    cases: dict[int, int] = field(default_factory=dict)
    about: dict[int, tuple[str, int]] = field(default_factory=dict)
    ended: set[int] = field(default_factory=set)
    reserved: frozenset[int] = frozenset()
    refused: Counter[str] = field(default_factory=Counter)

    def open(self, life: Life, opening: Opening, actor: Actor) -> bool:
        """Open the case of a life; False where it can't be."""
        by_system = actor is SYSTEM
        try:
            self.cases[life.number] = open_case(opening, actor, life.opens, by_system=by_system)
        except REFUSED as refused:
            self._note(life, life.moves[0], refused)
            return False
        return True

    def go_on(self, life: Life, move: Move) -> None:
        """Take a later step of a life, if it still goes on."""
        number = self.cases.get(life.number)
        if number is None or life.number in self.ended:
            return
        case = Case.objects.get(pk=number)
        actor = self.cast(move.who, case, life.number)
        if actor is None:
            self.ended.add(life.number)
            return
        try:
            take(number, move.step, actor, move.day, move.facts)
        except REFUSED as refused:
            self.ended.add(life.number)
            self._note(life, move, refused)

    def _note(self, life: Life, move: Move, refused: Exception) -> None:
        problems = getattr(refused, "problems", None) or [getattr(refused, "problem", None)]
        rule = problems[0].rule if problems and problems[0] else type(refused).__name__
        self.refused[f"{life.procedure}/{life.name}/{move.step}: {rule}"] += 1

    @property
    def engaged(self) -> frozenset[int]:
        """The subjects that have lives already: those who can sign in, and those of the lists."""
        return self.reserved | {subject for _, subject in self.about.values()}

    def under_way(self, day: date) -> list[int]:
        """The cases whose lives have steps on the day or after it: nothing else is to end them."""
        last = {life.number: life.moves[-1].day for life in self.plan}
        return [case for life, case in self.cases.items() if last[life] >= day]

    # --- to go on after an interruption ---------------------------------------------------------------------

    def played_until(self) -> date | None:
        """The last day that was played whole, with what was known then; None before the first."""
        mark = Watermark.objects.filter(name=MARK).first()
        if mark is None or not self.kept.exists():
            return None
        kept = json.loads(self.kept.read_text())
        self.cases = {int(life): case for life, case in kept["cases"].items()}
        self.about = {int(life): (one, subject) for life, (one, subject) in kept["about"].items()}
        self.ended = set(kept["ended"])
        standing = set(Case.objects.filter(pk__in=self.cases.values()).values_list("pk", flat=True))
        self.cases = {life: case for life, case in self.cases.items() if case in standing}
        return mark.day

    def keep(self, day: date) -> None:
        """Note, in the day's own transaction, that it is played."""
        draft = self.kept.with_suffix(".new")
        draft.write_text(json.dumps({"cases": self.cases, "about": self.about, "ended": sorted(self.ended)}))
        draft.replace(self.kept)
        Watermark.objects.update_or_create(name=MARK, defaults={"leaf": 0, "day": day})
