"""What the pages of cases share: words for states, steps, rules and periods; looks; fields of a step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of
from chengxin.accounts.permissions import Target, roles
from chengxin.audit.actions import looked
from chengxin.audit.purposes import purpose_of
from chengxin.cases.asking import form_fields
from chengxin.cases.effects import CHOICES
from chengxin.cases.matters import Matter, matter
from chengxin.cases.models import Case
from chengxin.cases.rules import several
from chengxin.cases.wording import KINDS as WHO
from chengxin.cases.worklist import READ, rests
from chengxin.design import words
from chengxin.design.forms import Field, said
from chengxin.design.render import not_found
from chengxin.design.showing import item_of
from chengxin.kernel.calendar import working_days_between
from chengxin.kernel.problems import Problem
from chengxin.rulebook.deadlines import Deadline, deadline
from chengxin.rulebook.measures import measure
from chengxin.rulebook.procedures import Asked, Procedure, State, Step

PRESSING = 5
"""Working days at which a period that ends is marked."""


def named(one: State | Step | Asked | Matter) -> str:
    """The name in the page's language."""
    return words.say((one.zh, one.en))


def procedure_name(one: Procedure) -> str:
    """A procedure in the page's language."""
    return words.say((one.name_zh, one.name_en))


def rule_name(procedure: str, rule: str, on: date) -> str:
    """What a case is about, in words; the id where the rulebook has no such thing, "" for nothing.

    An objection or repair is about an item of the catalogue, or about a decision on a list.
    """
    if found := matter(procedure, rule, on):
        return named(found)
    item = item_of(rule)
    return words.say((item.name_zh, item.name_en)) if item else rule


def badge(state: State) -> str:
    """How a state looks in a list."""
    if state.final:
        return "quiet"
    return "good" if rests(state) else "warn" if state.shown else "info"


def role_name(role: str) -> str:
    """A role of a step that was taken, in words; also of those that no table of roles knows."""
    known = roles().get(role)
    if known is not None:
        return words.say((known.zh, known.en))
    return {"system": words.say(("系统", "system")), "console": words.say(("控制台", "console"))}.get(
        role, role
    )


@dataclass(frozen=True)
class Due:
    """The last day of a period, the working days left (below 0: since), how it presses."""

    day: date
    left: int

    @property
    def badge(self) -> str:
        """As a state of the stylesheet."""
        return "bad" if self.left < 0 else "warn" if self.left <= PRESSING else "info"

    @property
    def words(self) -> str:
        """The working days in words."""
        if self.left < 0:
            return gettext("已超期%(days)s个工作日") % {"days": -self.left}
        return gettext("还有%(days)s个工作日") % {"days": self.left} if self.left else gettext("今日届满")


def due(day: date | None, today: date) -> Due | None:
    """A deadline counted in working days of the official calendar; the day after it is overdue."""
    if day is None:
        return None
    if day < today:
        return Due(day, min(working_days_between(today, day), -1))
    return Due(day, working_days_between(today, day))


def period_of(id: str | None, on: date) -> Deadline | None:
    """The period in force on a day, else the newest that is known; None for none."""
    if id is None:
        return None
    try:
        return deadline(id, on)
    except LookupError:
        return None


def period_words(one: Deadline) -> str:
    """A period with its law: 5个工作日（《…》第3条）."""
    zh, en = words.UNITS[one.unit]
    singular = en.removesuffix("s") if one.length == 1 else en
    length = f"{one.length} {singular}" if words.english() else f"{one.length}{zh}"
    law = words.cited(one.law, one.article)
    return f"{length} ({law})" if words.english() else f"{length}（{law}）"


# --- who looks ----------------------------------------------------------------------------------------------


def target_of(case: Case) -> Target:
    """A case as permissions ask of it."""
    return Target(region=case.region, organisation=case.organisation_id, subject=case.subject_id)


def no_case(request: HttpRequest) -> HttpResponse:
    """404: there is no such case, or none that this person may see: both look alike."""
    return not_found(
        request, gettext("没有这个事项，或者它不在您的职责范围内"), gettext("请从“办理事项”列表中选择。")
    )


def note_look(request: HttpRequest, subjects: Iterable[int], what: str, detail: str) -> None:
    """Write looks at subjects into the access log, before the page is shown."""
    why = purpose_of(request)
    found = list(subjects)
    if found:
        if why is None:
            raise RuntimeError("no purpose is stated")  # `needs_purpose` stands before every view here
        looked(actor_of(request), found, what, why, detail, action=READ)


# --- forms --------------------------------------------------------------------------------------------------


def step_fields(step: Step, values: Mapping[str, str] | None = None, case: Case | None = None) -> list[Field]:
    """The controls of a step, filled in with what was sent before.

    case: whose step it is: of what may be chosen for it boxes are made, and nothing where nothing may.
    """
    given, today = values or {}, timezone.localdate()
    fields = [replace(one, value=given.get(one.name, one.value)) for one in form_fields(step, today)]
    if case is None:
        return fields
    return [made for one in fields for made in _chosen(one, case, today)]


def _chosen(one: Field, case: Case, today: date) -> list[Field]:
    if one.name not in CHOICES:
        return [one]
    found = tuple((id, words.say(pair)) for id, pair in CHOICES[one.name](case, today))
    value = ",".join(several(one.value))
    return [replace(one, kind="checkbox", choices=found, value=value, attributes={})] if found else []


def said_fact(asked: Asked | None, id: str, value: str) -> tuple[str, str]:
    """What was filled in, as pages show it: the field's name and the value in words."""
    if asked is None:
        return id, value
    if asked.type == "choice" and value in asked.choices:
        return named(asked), words.say(asked.choices[value])
    if id == "measures":
        return named(asked), words.joined([_measure(one) for one in several(value)])
    if asked.type == "consent":
        return named(asked), gettext("已确认")
    return named(asked), value


def _measure(id: str) -> str:
    try:
        found = measure(id)
    except LookupError:
        return id
    return words.say((found.name_zh, found.name_en))


def facts_of(step: Step, facts: dict[str, str]) -> list[tuple[str, str]]:
    """What was filled in at a step, in the order of its declaration."""
    known = {one.id: one for one in (*step.fields, *step.optional)}
    ordered = [*[id for id in known if id in facts], *[id for id in facts if id not in known]]
    return [said_fact(known.get(id), id, facts[id]) for id in ordered]


def in_words(problem: Problem) -> dict[str, str]:
    """A problem in the page's language: what is wrong, how to mend it."""
    return {
        "what": words.say((problem.zh, problem.en)),
        "mend": words.say((problem.mend_zh, problem.mend_en)),
        "said": said(problem),
    }


def key_of_drawing() -> Sequence[tuple[str, str]]:
    """The kinds of steps that a drawing tells apart: (class of the stylesheet, words)."""
    return [(kind, words.say(pair)) for kind, pair in WHO.items()]
