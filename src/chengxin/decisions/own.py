"""What is pending or decided on a subject, as the subject itself may see it.

A listing shows itself to its subject from the notice on; before that nothing is known that could be answered.
Whoever acts for a subject acts for every number that was merged into it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chengxin.accounts.permissions import Actor
from chengxin.cases import queries, rules
from chengxin.cases.models import Case
from chengxin.cases.queries import StepTaken
from chengxin.decisions import repairs
from chengxin.decisions.conditions import canonical
from chengxin.decisions.matters import LISTED, DecisionMatter, about, members
from chengxin.decisions.models import Entry
from chengxin.decisions.objections import is_open
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import raw_cursor
from chengxin.rulebook.procedures import Step, procedure

READ = "own.read"

_VISIBLE = """
SELECT k.id FROM cases_case k
WHERE k.subject_id = ANY(%(subjects)s::bigint[]) AND (
    k.procedure IN ('imported', 'measure', 'objection', 'repair')
    OR k.procedure IN ('listing', 'red_listing') AND EXISTS (
        SELECT FROM cases_step s WHERE s.case_id = k.id AND s.step IN ('give_notice', 'decide_entry'))
    OR k.procedure = 'notice' AND EXISTS (
        SELECT FROM cases_step s WHERE s.case_id = k.id AND s.to_state = ANY(%(shown)s)))
    AND (%(id)s::bigint IS NULL OR k.id = %(id)s::bigint)
ORDER BY k.closed_on IS NOT NULL, k.id DESC LIMIT %(limit)s"""

MOST = 200
"""Cases on the list of a subject."""


def acting(actor: Actor) -> Actor:
    """The person with each role for a subject held for all its numbers: those merged into it, too."""
    grants = [
        replace(grant, subject=number)
        for grant in actor.grants
        if grant.subject is not None
        for number in members(canonical(raw_cursor(), grant.subject))
    ]
    return replace(actor, grants=(*actor.grants, *grants))


def subjects(actor: Actor) -> tuple[int, ...]:
    """The subjects for which a person acts: the number that stands for each today."""
    return tuple(sorted({canonical(raw_cursor(), one) for one in actor.reach(READ).subjects}))


def cases_of(subject: int) -> list[Case]:
    """Everything pending or decided on a subject that it may see, what is open first."""
    numbers = _visible(members(subject))
    found = Case.objects.filter(pk__in=numbers).select_related("organisation").in_bulk()
    return [found[one] for one in numbers]


def own_case(actor: Actor, id: int) -> Case | None:
    """One case of a person's own subjects; None where there is none, or it is another's."""
    numbers = [number for one in subjects(actor) for number in members(one)]
    if not numbers or id not in _visible(numbers, id):
        return None
    return queries.case(id)


def _visible(numbers: Sequence[int], id: int | None = None) -> list[int]:
    shown = [one.id for one in procedure("notice").states.values() if one.shown]
    rows = raw_cursor().execute(
        _VISIBLE.encode(), {"subjects": list(numbers), "shown": shown, "id": id, "limit": MOST}
    )
    return [one for (one,) in rows.fetchall()]


@dataclass(frozen=True)
class Possible:
    """A step that the subject could take: what bars it, None where nothing does; its last day."""

    step: Step
    barred: Problem | None
    until: date | None


def possible(case: Case, actor: Actor, today: date) -> list[Possible]:
    """What the subject itself can do in a case."""
    declared = procedure(case.procedure)
    return [
        Possible(step, barred, case.due_on if step.until_due else None)
        for step, barred in rules.possible(declared, queries.situation(case), actor, today)
        if step.whose == "subject"
    ]


@dataclass(frozen=True)
class Remedy:
    """Whether a subject can object to something, and apply for its repair.

    objection, repair      number of the case that is open on it, None where none is
    may_object             None, or what bars it
    terms                  of its repair
    """

    key: str
    objection: int | None
    repair: int | None
    may_object: Problem | None
    terms: repairs.Terms


def remedies(keys: Iterable[str], today: date) -> Mapping[str, Remedy]:
    """The remedies against records and decisions, by key; what isn't there is left out."""
    asked = list(keys)
    rows = Case.objects.filter(
        procedure__in=("objection", "repair"), key__in=asked, closed_on=None
    ).values_list("procedure", "key", "pk")
    open_ones = {(of, key): number for of, key, number in rows}
    found = {}
    for key in asked:
        matter = about(key)
        if matter is None:
            continue
        found[key] = Remedy(
            key,
            open_ones.get(("objection", key)),
            open_ones.get(("repair", key)),
            is_open(Case(key=key), {}, today),
            repairs.terms(matter, today),
        )
    return found


def remedy_of(case: Case, today: date) -> Remedy | None:
    """The remedies against the decision of a case, None where it is no listing."""
    if case.procedure not in LISTED:
        return None
    return remedies([f"case:{case.pk}"], today).get(f"case:{case.pk}")


def entry_of(case: Case) -> Entry | None:
    """The entry of a listing case, or of the one that a case is about."""
    number = case.pk if case.procedure in LISTED else case.parent_id
    return Entry.objects.filter(pk=number).first() if number is not None else None


def measures_of(case: Case) -> list[Case]:
    """The measures that follow from a listing."""
    found = Case.objects.filter(procedure="measure", parent_id=case.pk).select_related("organisation")
    return list(found.order_by("pk"))


HIDDEN = frozenset({"list.review"})
"""Permissions of steps whose words are the office's own deliberation; their outcome is told."""


def told(case: Case) -> list[tuple[StepTaken, Step | None]]:
    """The steps of a case with their declaration; what a review wrote for the office itself is left out."""
    known = {one.id: one for one in procedure(case.procedure).steps}
    found = []
    for one in queries.steps(case.pk):
        step = known.get(one.step)
        if step is not None and step.permission in HIDDEN:
            one = replace(one, said="{}")  # noqa: PLW2901 - the same step without its words
        found.append((one, step))
    return found


def decides_on(key: str) -> bool:
    """Whether a key names a decision."""
    return isinstance(about(key), DecisionMatter)
