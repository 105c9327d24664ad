"""A case as its page shows it: where it stands, how it came there, on what it rests, what can be done now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from chengxin.accounts.permissions import Actor, Target
from chengxin.archive import held
from chengxin.cases import queries, rules
from chengxin.cases.matters import matter
from chengxin.cases.models import Case
from chengxin.cases.names import document_name
from chengxin.cases.pages import parts
from chengxin.cases.picture import draw
from chengxin.cases.queries import StepTaken
from chengxin.cases.wording import Told, in_words, who_takes
from chengxin.cases.worklist import awaited, readable
from chengxin.database import reading
from chengxin.design import words
from chengxin.design.showing import item_of
from chengxin.registry.queries import code_of, region
from chengxin.rulebook.procedures import Procedure, Step, procedure


@dataclass(frozen=True)
class Past:
    """A step that was taken, as the timeline shows it."""

    id: int
    number: int
    name: str
    to: str
    at: datetime
    day: date
    person: str
    role: str
    facts: Sequence[tuple[str, str]]
    papers: Sequence[PaperLine]
    by_person: bool

    @property
    def on_the_day(self) -> bool:
        """Whether the step bears the day on which it was written down, so that the hour says something."""
        return timezone.localtime(self.at).date() == self.day


@dataclass(frozen=True)
class PaperLine:
    """A document in a list."""

    id: int
    kind: str
    number: str
    day: date
    url: str


@dataclass(frozen=True)
class RecordLine:
    """A record on which a case rests."""

    id: int
    item: str
    source: str
    date: date
    state: str
    badge: str


@dataclass(frozen=True)
class Relation:
    """Another case that this one came from, or that came from it."""

    id: int
    procedure: str
    rule: str
    state: str
    badge: str
    organisation: str | None
    url: str | None


@dataclass(frozen=True)
class Offered:
    """A step that this person's role takes from here: where its form is, or what bars it."""

    step: Step
    name: str
    url: str
    barred: dict[str, str] | None
    leisure: bool


def taken(steps: Sequence[StepTaken], declared: Procedure) -> list[StepTaken]:
    """The steps that the procedure declares today."""
    known = {one.id for one in declared.steps}
    return [one for one in steps if one.step in known]


def _past(case: Case, declared: Procedure, steps: Sequence[StepTaken]) -> list[Past]:
    papers = papers_of(case.pk)
    known = {one.id: one for one in declared.steps}
    return [
        Past(
            one.id,
            one.number,
            parts.named(known[one.step]) if one.step in known else one.step,
            parts.named(declared.states[one.to_state]) if one.to_state in declared.states else one.to_state,
            one.at,
            one.day,
            one.person,
            parts.role_name(one.role),
            parts.facts_of(known[one.step], dict(one.facts))
            if one.step in known
            else list(one.facts.items()),
            [paper for step, paper in papers if step == one.number],
            one.role != "system",
        )
        for one in steps
    ]


def papers_of(case: int) -> list[tuple[int, PaperLine]]:
    """The documents of a case with the number of the step that made each."""
    return [
        (
            one.step,
            PaperLine(
                one.id,
                words.say(document_name(one.kind)),
                one.number,
                one.day,
                reverse("case-document", args=[case, one.id]),
            ),
        )
        for one in queries.documents(case)
    ]


_RECORDS = """
SELECT r.id, r.item, o.name, r.date,
    CASE WHEN n.operation = 'withdrawal' THEN 'withdrawn' WHEN n.operation = 'correction' THEN 'corrected'
         WHEN r.ended_on <= %s::date THEN 'ended' WHEN r.suspended THEN 'suspended'
         WHEN r.contested THEN 'contested' ELSE 'in_force' END
FROM archive_record r JOIN accounts_organisation o ON o.id = r.source_id
LEFT JOIN LATERAL (SELECT n.operation FROM archive_record n WHERE n.refers_to_id = r.id
    ORDER BY n.id DESC LIMIT 1) n ON true
WHERE r.id = ANY(%s::bigint[]) ORDER BY r.date DESC, r.id DESC"""

_STATES = {
    "in_force": (("有效", "stands"), "good"),
    "contested": (("异议中", "contested"), "warn"),
    "suspended": (("暂停使用", "suspended"), "warn"),
    "ended": (("已终止使用", "ended"), "bad"),
    "corrected": (("已更正", "corrected"), "bad"),
    "withdrawn": (("已撤回", "withdrawn"), "bad"),
}


def records(ids: Sequence[int], today: date) -> list[RecordLine]:
    """The records on which a case rests, the newest first."""
    found = []
    for id, item, source, day, state in reading.rows(_RECORDS, [today, list(ids)]) if ids else []:
        known, (name, badge) = item_of(item), _STATES[state]
        title = words.say((known.name_zh, known.name_en)) if known else item
        found.append(RecordLine(id, title, source, day, words.say(name), badge))
    return found


_RELATED = """
SELECT k.id, k.procedure, k.rule, k.law_day, k.state, k.region, k.organisation_id, k.subject_id, o.name
FROM cases_case k LEFT JOIN accounts_organisation o ON o.id = k.organisation_id
WHERE k.{column} = %s::bigint ORDER BY k.id DESC LIMIT 100"""


def related(column: str, id: int, actor: Actor) -> list[Relation]:
    """Cases by a column ("id", "parent_id"), with a link to those that the person may see."""
    found = []
    for number, of, rule, day, state, area, organisation, subject, name in reading.rows(
        _RELATED.format(column=column), [id]
    ):
        declared = procedure(of)
        target = Target(region=area, organisation=organisation, subject=subject)
        found.append(
            Relation(
                number,
                parts.procedure_name(declared),
                parts.rule_name(of, rule, day),
                parts.named(declared.states[state]),
                parts.badge(declared.states[state]),
                name,
                reverse("case", args=[number]) if readable(actor, target) else None,
            )
        )
    return found


@dataclass(frozen=True)
class About:
    """The subject of a case as it stands today."""

    name: str
    code: str
    url: str | None


def subject_of(case: Case, actor: Actor) -> About | None:
    """The subject with its code; the address of its 360° view where the person may open that."""
    row = reading.row(
        f"SELECT s.id, s.name, {code_of('s')} FROM registry_subject o "
        "JOIN registry_subject s ON s.id = coalesce(o.merged_into_id, o.id) WHERE o.id = %s::bigint",
        [case.subject_id],
    )
    if row is None:
        return None
    id, name, code = row
    may = actor.may("subject.read") and actor.may("subject.read", held.target(id))
    return About(name, code, f"/work/subjects/{code}" if may else None)


def offered(case: Case, actor: Actor, today: date) -> list[Offered]:
    """The steps that this person's role takes from here: first those that can be taken and are awaited."""
    declared = procedure(case.procedure)
    found = [
        Offered(
            step,
            parts.named(step),
            reverse("case-step", args=[case.pk, step.id]),
            parts.in_words(problem) if problem else None,
            case.state not in awaited(declared, step),
        )
        for step, problem in rules.possible(declared, queries.situation(case), actor, today)
    ]
    return sorted(found, key=lambda one: (one.barred is not None, one.leisure))


def for_others(case: Case, actor: Actor) -> list[tuple[str, str]]:
    """What others do next: (step, who)."""
    declared = procedure(case.procedure)
    mine = {step.id for step, _ in rules.possible(declared, queries.situation(case), actor, case.since)}
    english = words.english()
    return [
        (parts.named(step), who_takes(step, english=english))
        for step in declared.from_state(case.state)
        if step.id not in mine and (step.system or case.state in awaited(declared, step))
    ]


def picture(declared: Procedure, steps: Sequence[str] = (), current: str | None = None) -> dict[str, Any]:
    """The drawing of a procedure with its text alternative, for `cases/parts/picture.html`."""
    english = words.english()
    drawn: SafeString = mark_safe(draw(declared, steps, current, english=english))  # noqa: S308 - escaped there
    told: list[Told] = in_words(declared, english=english)
    return {
        "drawing": drawn,
        "drawing_key": parts.key_of_drawing(),
        "told": [
            (
                parts.named(one.state),
                [(parts.named(step), who, parts.named(to) if to else "") for step, who, to in one.steps],
            )
            for one in told
        ],
        "told_opening": (
            parts.named(declared.opening),
            who_takes(declared.opening, english=english),
            parts.named(declared.states[declared.opening.to or ""]),
        ),
    }


def values(case: Case, actor: Actor, today: date) -> dict[str, Any]:
    """Everything that the page of a case shows."""
    declared = procedure(case.procedure)
    steps = queries.steps(case.pk)
    state = declared.states[case.state]
    about = matter(case.procedure, case.rule, case.law_day)
    period = parts.period_of(case.due, case.since)
    return {
        "case": case,
        "procedure": parts.procedure_name(declared),
        "procedure_id": declared.id,
        "procedure_law": words.cited(declared.law, declared.article),
        "state": parts.named(state),
        "badge": parts.badge(state),
        "subject": subject_of(case, actor) if case.subject_id is not None else None,
        "rule": parts.named(about) if about else case.rule,
        "laws": [words.cited(law, article) for law, article in about.laws] if about else [],
        "due": parts.due(case.due_on, today),
        "period": parts.period_words(period) if period else "",
        "region": region(case.region),
        "organisation": case.organisation.name if case.organisation else "",
        "past": _past(case, declared, steps),
        "records": records(queries.cited(case.pk), today),
        "papers": [paper for _, paper in papers_of(case.pk)],
        "parents": related("id", case.parent_id, actor) if case.parent_id else [],
        "children": related("parent_id", case.pk, actor),
        "offered": offered(case, actor, today),
        "for_others": for_others(case, actor),
        **picture(declared, [one.step for one in steps], case.state),
    }
