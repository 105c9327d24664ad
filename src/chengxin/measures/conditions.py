"""What must hold before a measure is attached or carried out: a law in force that carries it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from datetime import date

from chengxin.cases.effects import choices, condition
from chengxin.cases.models import Case
from chengxin.cases.rules import several
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import raw_cursor
from chengxin.measures.subjects import known
from chengxin.rulebook.laws import law
from chengxin.rulebook.lists import listing
from chengxin.rulebook.measures import Measure, NoLawInForce, Refused, attach, attachable, measure, measures

_lists: ContextVar[Mapping[int, str] | None] = ContextVar("lists", default=None)


@contextmanager
def of_lists(lists: Mapping[int, str]) -> Iterator[None]:
    """Say for the time being in which list each listing case is, so that it needn't be asked a task."""
    token = _lists.set(lists)
    try:
        yield
    finally:
        _lists.reset(token)


def list_of(case: int | None) -> str | None:
    """The list of a listing case; None where it is no such case."""
    if case is None:
        return None
    if case in (told := _lists.get() or {}):
        return told[case]
    found = raw_cursor().execute("SELECT rule FROM cases_case WHERE id = %s", [case]).fetchone()
    return str(found[0]) if found and found[0] else None


@condition("measure.law_in_force")
def law_in_force(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """Why the measure of a task can't be attached or carried out today: no law in force carries it."""
    try:
        measure(case.rule).law(today, list_of(case.parent_id))
    except NoLawInForce as refused:
        return refused.problem
    except LookupError:
        return _unknown(case.rule)
    return None


@condition("measure.decision_in_force")
def decision_in_force(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The decision that brought the measure stands and isn't suspended, or the measure outlives it by law."""
    found = (
        raw_cursor()
        .execute(
            "SELECT ended_on IS NULL, suspended FROM decisions_entry WHERE case_id = %s", [case.parent_id]
        )
        .fetchone()
    )
    stands, suspended = found or (False, False)
    if not suspended and (stands or measure(case.rule).outlives):
        return None
    return Problem(
        "decision", str(case.parent_id or ""), "measure.decision_in_force",
        "据以采取措施的决定已终止或者暂停", "the decision that brought the measure has ended or is suspended",
        "不再执行；已经执行的请解除", "don't carry it out; lift what was carried out",
    )  # fmt: skip


@condition("measure.orderable")
def orderable(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """Why a decision can't order the measures that it names; None where it names none."""
    named = ordered(facts)
    if not named:
        return None
    subject = known(raw_cursor(), [case.subject_id or 0]).get(case.subject_id or 0)
    if subject is None:
        return _unknown(named[0])
    for id in named:
        try:
            attach(id, listing(case.rule, today), subject.kind, subject.roles, today, ordered=True)
        except Refused as refused:
            return replace(refused.problem, field="measures")
        except LookupError:
            return _unknown(id)
    return None


@choices("measures")
def to_order(case: Case, today: date) -> list[tuple[str, tuple[str, str]]]:
    """The measures that need an order and that a decision in this case may give, each with its law."""
    subject = known(raw_cursor(), [case.subject_id or 0]).get(case.subject_id or 0)
    if subject is None:
        return []
    try:
        rule = listing(case.rule, today)
    except LookupError:
        return []
    every = [one.id for one in measures() if one.ordered]
    following = attachable(rule, subject.kind, subject.roles, today, ordered=every)
    return [(one.id, _with_law(one, rule.id, today)) for one in following if one.ordered]


def _with_law(one: Measure, list_id: str, today: date) -> tuple[str, str]:
    """A measure with the law that carries it today, in Chinese and English."""
    basis = one.grounds(today, list_id)[0]
    cited = law(basis.law)
    zh, en = (f"第{basis.article}条", f", art. {basis.article}") if basis.article else ("", "")
    return f"{one.name_zh}（《{cited.name_zh}》{zh}）", f"{one.name_en} ({cited.name_en}{en})"


def ordered(facts: Mapping[str, str]) -> tuple[str, ...]:
    """The measures that a decision names, each once."""
    return tuple(dict.fromkeys(several(facts.get("measures", ""))))


def _unknown(id: str) -> Problem:
    return Problem(
        "measures", id, "measure.known",
        f"措施目录中没有“{id}”，或者该主体不能适用",
        f"the catalogue has no measure '{id}', or not for this subject",
        "请填写措施目录中的编号", "give ids of the catalogue of measures",
    )  # fmt: skip
