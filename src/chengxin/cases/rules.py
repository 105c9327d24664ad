"""Whether a step may be taken: pure, by the declaration of the procedure (rulebook/procedures.py).

What a case is, who asks and which day it is come in as arguments; the same answer serves the page that offers
steps, the action that takes them and the tests that try all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from chengxin.accounts.permissions import Actor, Target, forbidden
from chengxin.kernel.calendar import Counted
from chengxin.kernel.problems import Problem
from chengxin.rulebook.deadlines import deadline
from chengxin.rulebook.procedures import Asked, Procedure, Step

SYSTEM = Actor(None, "系统 system")
"""Whoever takes the steps of the nightly run, and those that follow from the outcome of another case."""


@dataclass(frozen=True)
class Taken:
    """A step that was taken: which, and the user who took it (None: the system, or a holder of a code)."""

    step: str
    user: int | None
    day: date


@dataclass(frozen=True)
class Situation:
    """A case as far as its rules ask.

    state         where it stands; None before it is opened
    target        what permissions ask of it: region, organisation that has to act, subject
    due           last day of the period that runs in this state, None where none does
    taken         the steps so far, in order
    """

    state: str | None
    target: Target
    due: date | None = None
    taken: tuple[Taken, ...] = ()

    @property
    def last_day(self) -> date | None:
        """The day of the last step."""
        return self.taken[-1].day if self.taken else None


def obstacle(
    procedure: Procedure, step: Step, case: Situation, actor: Actor, today: date, *, by_system: bool = False
) -> Problem | None:
    """What keeps `actor` from taking the step today; None when nothing does.

    by_system: the nightly run or the outcome of another case asks; it needs no permission, but the step must
    be open to it.
    """
    found = _wrong_state(procedure, step, case)
    if found is None:
        found = _not_system(step) if by_system else _not_permitted(step, case, actor)
    if found is None and not by_system:
        found = _own_case(procedure, step, case, actor)
    return found or _too_often(step, case) or _out_of_time(step, case, today)


def possible(
    procedure: Procedure, case: Situation, actor: Actor, today: date
) -> list[tuple[Step, Problem | None]]:
    """The steps that this person's role takes from here, each with what keeps them from it today."""
    return [
        (step, obstacle(procedure, step, case, actor, today))
        for step in procedure.from_state(case.state)
        if step.permission is not None and actor.may(step.permission, _asked_target(step, case))
    ]


def due_of(state_due: str, start: date) -> Counted:
    """The period of a state counted from a day, by the law of that day; LookupError where none is known."""
    return deadline(state_due, start).counted(start)


def _asked_target(step: Step, case: Situation) -> Target:
    """What the permission has to cover: only the side on whose behalf the step is taken."""
    match step.whose:
        case "subject":
            return Target(subject=case.target.subject)
        case "organisation":
            return Target(organisation=case.target.organisation)
        case _:
            return case.target


def _wrong_state(procedure: Procedure, step: Step, case: Situation) -> Problem | None:
    if step.opens if case.state is None else case.state in step.from_:
        return None
    state = procedure.states.get(case.state or "")
    zh, en = (state.zh, state.en) if state else ("尚未开启", "not opened yet")
    wanted = [procedure.states[id] for id in step.from_]
    return Problem(
        "step", step.id, "case_state",
        f"事项现为“{zh}”，不能“{step.zh}”",
        f"the case is at '{en}', where '{step.en}' can't be done",
        f"此步骤在下列状态办理：{'、'.join(one.zh for one in wanted) or '开启时'}",
        f"it is done at: {', '.join(one.en for one in wanted) or 'the opening'}",
    )  # fmt: skip


def _not_system(step: Step) -> Problem | None:
    if step.system:
        return None
    return Problem(
        "step", step.id, "case_person",
        f"“{step.zh}”须由有权限的人员办理", f"'{step.en}' must be done by a person",
        "请由相应人员办理", "let the person in charge do it",
    )  # fmt: skip


def _not_permitted(step: Step, case: Situation, actor: Actor) -> Problem | None:
    if step.permission is None:
        return Problem(
            "step", step.id, "case_system",
            f"“{step.zh}”由系统按期办理", f"'{step.en}' is done by the system when it is due",
            "无需人员办理", "nobody has to do it",
        )  # fmt: skip
    if actor.may(step.permission, _asked_target(step, case)):
        return None
    return forbidden(step.permission).problem


def _own_case(procedure: Procedure, step: Step, case: Situation, actor: Actor) -> Problem | None:
    """Nobody decides on what they themselves proposed, and a decision is signed by a known person."""
    barred = set(step.not_by)
    if step.decides and case.taken:
        barred.add(case.taken[0].step)
        if actor.user is None:
            return Problem(
                "actor", None, "case_signed",
                "决定须由本人登录后签署", "a decision is signed by a person who is signed in",
                "请登录后办理", "sign in and decide then",
            )  # fmt: skip
    mine = [one.step for one in case.taken if one.step in barred and one.user == actor.user is not None]
    if not mine:
        return None
    done = procedure.step(mine[0])
    return Problem(
        "actor", actor.name, "case_another_person",
        f"您已在本事项中“{done.zh}”，应当回避“{step.zh}”",
        f"you did '{done.en}' in this case, so somebody else must do '{step.en}'",
        "请由其他有权限的人员办理", "let another person with this permission do it",
    )  # fmt: skip


def _too_often(step: Step, case: Situation) -> Problem | None:
    if not step.once or step.id not in {one.step for one in case.taken}:
        return None
    return Problem(
        "step", step.id, "case_once",
        f"“{step.zh}”只能办理一次", f"'{step.en}' can be done only once",
        "请办理后续步骤", "go on with the steps that follow",
    )  # fmt: skip


def _out_of_time(step: Step, case: Situation, today: date) -> Problem | None:
    if case.last_day is not None and today < case.last_day:
        return Problem(
            "day", today.isoformat(), "case_backdated",
            f"上一步骤于{case.last_day}办理，本步骤不得早于该日",
            f"the step before was taken on {case.last_day}; none may be dated earlier",
            "请核对系统日期", "check the date of the system",
        )  # fmt: skip
    if step.until_due and case.due is not None and today > case.due:
        return Problem(
            "day", today.isoformat(), "case_too_late",
            f"期限已于{case.due}届满", f"the period ended on {case.due}",
            "逾期的意见仍可在异议、行政复议程序中提出",
            "what comes late can still be said in an objection or a reconsideration",
        )  # fmt: skip
    if step.after_due and (case.due is None or today <= case.due):
        return Problem(
            "day", today.isoformat(), "case_too_early",
            f"期限至{case.due}，届满后才能“{step.zh}”",
            f"the period runs until {case.due}; '{step.en}' comes after it",
            "请待期限届满", "wait until it is over",
        )  # fmt: skip
    return None


# --- what a step was filled in with -------------------------------------------------------------------------

RECORDS_AT_MOST = 50


def filled(
    step: Step, facts: Mapping[str, str], case: Situation, today: date
) -> tuple[dict[str, str], list[Problem]]:
    """The fields of a step as they are kept, and everything that is wrong with them.

    Spaces around are dropped; a field that the step doesn't ask is refused.
    """
    kept: dict[str, str] = {}
    asked = {one.id: one for one in (*step.fields, *step.optional)}
    found = [
        _wrong(id, facts[id][:20], f"本步骤不填“{id[:40]}”", f"the step doesn't ask for '{id[:40]}'")
        for id in facts
        if id not in asked
    ]
    for id, one in asked.items():
        value = facts.get(id, "").strip()
        if not value:
            if one in step.fields:
                found.append(_wrong(id, None, f"请填写“{one.zh}”", f"fill in '{one.en}'"))
            continue
        if one.max and len(value) > one.max:
            found.append(
                _wrong(id, value[:20], f"“{one.zh}”超过{one.max}字", f"'{one.en}' is longer than {one.max}")
            )
        elif one.type == "choice" and value not in one.choices:
            found.append(_wrong(id, value[:20], f"请选择“{one.zh}”", f"choose one for '{one.en}'"))
        elif one.type == "consent" and value not in ("on", "yes", "true", "1"):
            found.append(_wrong(id, value[:20], f"请确认“{one.zh}”", f"confirm '{one.en}'"))
        elif one.type == "date":
            found += _date_faults(one, value, case, today)
        elif one.type == "records" and not _numbers(value):
            found.append(
                _wrong(id, value[:20], f"“{one.zh}”应为以空格分隔的编号，最多{RECORDS_AT_MOST}个",
                       f"'{one.en}' are numbers separated by spaces, at most {RECORDS_AT_MOST}")
            )  # fmt: skip
        kept[id] = value
    return kept, found


def several(text: str) -> list[str]:
    """What a field holds that takes several: separated by spaces or commas."""
    return text.replace(",", " ").replace("，", " ").split()


def numbers(text: str) -> list[int]:
    """Numbers of records out of a field: separated by spaces or commas."""
    return [int(one) for one in several(text)]


def _numbers(text: str) -> bool:
    parts = several(text)
    return 0 < len(parts) <= RECORDS_AT_MOST and all(
        one.isascii() and one.isdigit() and len(one) < 19 for one in parts
    )


def _date_faults(asked: Asked, value: str, case: Situation, today: date) -> Iterable[Problem]:
    id, zh, en = asked.id, asked.zh, asked.en
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return [_wrong(id, value[:20], f"“{zh}”不是日期", f"'{en}' is no date")]
    if id == "show_until":
        return [] if day > today else [_wrong(id, value, f"“{zh}”应晚于今日", f"'{en}' lies ahead")]
    if day > today:
        return [_wrong(id, value, f"“{zh}”不得晚于今日{today}", f"'{en}' can't be after today, {today}")]
    if case.last_day is not None and day < case.last_day:
        return [
            _wrong(
                id,
                value,
                f"“{zh}”不得早于上一步骤的{case.last_day}",
                f"'{en}' can't be before {case.last_day}",
            )
        ]
    return []


def _wrong(field: str, value: str | None, zh: str, en: str) -> Problem:
    return Problem(field, value, "case_field", zh, en, "请更正后再提交", "mend it and send again")
