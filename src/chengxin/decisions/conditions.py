"""What must hold before a list's case goes on: a rule in force, records that stand, a period that runs.

The names are those of rulebook/data/procedures; each takes the case, what was filled in and the day, and says
what keeps the step from being taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Cursor

from chengxin.cases.effects import condition
from chengxin.cases.models import Case
from chengxin.cases.queries import cited
from chengxin.cases.rules import numbers
from chengxin.decisions.candidates import judged, standing_on
from chengxin.decisions.standing import still
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import raw_cursor
from chengxin.rulebook.laws import law
from chengxin.rulebook.lists import Listing, listing
from chengxin.rulebook.measures import Basis

_SHOWN_AT_MOST = 5  # numbers of records in a message


@dataclass(frozen=True)
class Known:
    """What was read beforehand for many cases, as it stood then.

    subjects  subject → kind, and who stands for it
    standing  record → whose it is, 0 where it doesn't stand
    cited     case → the records on which it rests
    listed    list and subject → the case of the entry that stands; of all `subjects`
    until     case → the last day of its entry
    """

    subjects: Mapping[int, tuple[str, int]]
    standing: Mapping[int, int]
    cited: Mapping[int, list[int]]
    listed: Mapping[tuple[str, int], int]
    until: Mapping[int, date | None]


_KNOWN: ContextVar[Known | None] = ContextVar("known", default=None)


@contextmanager
def knowing(
    cursor: Cursor[Any],
    today: date,
    *,
    subjects: Collection[int] = (),
    records: Collection[int] = (),
    cases: Collection[int] = (),
) -> Iterator[None]:
    """Within it these aren't asked for again: many cases in one turn at the ledger.

    Of cases their subjects, the records on which they rest and their entries are known as well.
    """
    resting: dict[int, list[int]] = {case: [] for case in cases}
    about = set(subjects)
    for case, subject, cites in cursor.execute(
        """SELECT k.id, k.subject_id, ARRAY(
            SELECT c.record FROM cases_cited c WHERE c.case_id = k.id ORDER BY 1)
        FROM cases_case k WHERE k.id = ANY(%s)""",
        [list(cases)],
    ):
        resting[case] = cites
        about.add(subject)
    asked = {*records, *(record for cites in resting.values() for record in cites)}
    kinds = cursor.execute(
        "SELECT id, kind, coalesce(merged_into_id, id) FROM registry_subject WHERE id = ANY(%s)",
        [list(about)],
    ).fetchall()
    entries = cursor.execute(
        "SELECT list, subject_id, case_id, until FROM decisions_entry "
        "WHERE subject_id = ANY(%s) AND ended_on IS NULL",
        [list(about)],
    ).fetchall()
    known = Known(
        subjects={id: (kind, canon) for id, kind, canon in kinds},
        standing=dict.fromkeys(asked, 0) | still(cursor, asked, today),
        cited=resting,
        listed={(id, subject): case for id, subject, case, _ in entries},
        until={case: until for _, _, case, until in entries},
    )
    token = _KNOWN.set(known)
    try:
        yield
    finally:
        _KNOWN.reset(token)


@condition("rule_in_force")
def rule_in_force(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The list has a rule with a law in force today, for subjects of this kind and in this procedure."""
    try:
        rule = listing(case.rule, today)
    except LookupError as unknown:
        zh, _, en = str(unknown).partition(" / ")
        return Problem(
            "rule", case.rule, "list_in_force", zh, en,
            "没有有效规定不得列入", "nobody is listed without a rule in force",
        )  # fmt: skip
    if not grounds(rule, today):
        return no_law(rule, today)
    if case.procedure != rule.procedure and not (case.procedure == "imported" and rule.imports):
        return Problem(
            "procedure", case.procedure, "list_procedure",
            f"“{rule.name_zh}”不适用本程序", f"'{rule.name_en}' is not kept by this procedure",
            "请按名单规则所定程序办理", "use the procedure that the list's rule names",
        )  # fmt: skip
    kind = _kind(case.subject_id)
    if kind not in rule.subjects:
        return Problem(
            "subject", None, "list_subject_kind",
            f"“{rule.name_zh}”不列入这类主体", f"'{rule.name_en}' doesn't list subjects of this kind",
            "请核对主体种类", "check the kind of the subject",
        )  # fmt: skip
    return None


@condition("records_stand")
def records_stand(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """Every record on which the case rests stands, and belongs to its subject.

    Once an official has confirmed the entry after such a change, what still stands must still qualify.
    """
    fallen = fallen_records(case, facts, today)
    if not fallen:
        return None
    if case.pk is not None and _confirmed(case.pk):
        return still_qualifies(case, facts, today)
    named = "、".join(map(str, fallen[:_SHOWN_AT_MOST]))
    return Problem(
        "records", named, "records_stand",
        f"所依据的信用信息{named}已更正、撤回、终止、中止或者不属于该主体",
        f"records {named} on which it rests were corrected, withdrawn, ended or suspended, or aren't this "
        "subject's",
        "请不予列入；符合条件的按现有信息重新提出", "drop the case, and nominate anew by what stands now",
    )  # fmt: skip


@condition("still_qualifies")
def still_qualifies(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """By the records that stand now the subject qualifies: on the day of the decision, for a red list today.

    For a red list what can't be told is left to the official; a black or attention list lists nobody by it.
    """
    on = today if case.procedure == "red_listing" else _decided_on(case) or today
    try:
        rule = listing(case.rule, on)
    except LookupError:
        return rule_in_force(case, facts, today)
    if rule.qualifies is None or case.subject_id is None:
        return None
    cursor = raw_cursor()
    subject = canonical(cursor, case.subject_id)
    finding = judged(cursor, [rule], [subject], today, on=on)[rule.id][subject]
    if finding.holds or (finding.holds is None and rule.kind == "red"):
        return None
    zh = "；".join(one.zh for one in finding.reasons)[:300]
    en = "; ".join(one.en for one in finding.reasons)[:600]
    return Problem(
        "rule", case.rule, "still_qualifies",
        f"按现有信用信息已不符合“{rule.name_zh}”的条件：{zh}",
        f"by the records that stand it doesn't qualify for '{rule.name_en}': {en}",
        "请撤回、撤销或者移出", "revoke, annul or remove it",
    )  # fmt: skip


@condition("period_runs")
def period_runs(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The entry's publication isn't over."""
    until = _until(case)
    if until is None or today <= until:
        return None
    return Problem(
        "until", until.isoformat(), "entry_until",
        f"公示期已于{until}届满", f"its publication ended on {until}",
        "由系统办理期满移出", "the nightly run lets it expire",
    )  # fmt: skip


@condition("period_over")
def period_over(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The last day of the entry's publication has passed."""
    until = _until(case)
    if until is not None and today > until:
        return None
    return Problem(
        "until", until.isoformat() if until else None, "entry_until",
        f"公示期至{until}" if until else "没有固定公示期",
        f"its publication runs until {until}" if until else "no period ends its publication",
        "待期满后移出", "wait until it is over",
    )  # fmt: skip


@condition("no_black_entry")
def no_black_entry(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The subject stands on no black list."""
    cursor = raw_cursor()
    subject = canonical(cursor, case.subject_id or 0)
    black = [id for id, kind in standing_on(cursor, [subject]).get(subject, {}).items() if kind == "black"]
    if not black:
        return None
    names = [_name(id) for id in black]
    return Problem(
        "subject", None, "no_black_entry",
        f"该主体列在{'、'.join(f'“{zh}”' for zh, _ in names)}，不得列入守信激励名单",
        f"it stands on {', '.join(en for _, en in names)}, so it can't be on a red list",
        "待移出失信惩戒名单后再办理", "wait until it left the black list",
    )  # fmt: skip


@condition("entry_once")
def entry_once(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The subject isn't on the list already, by a decision of another authority or an earlier one."""
    standing = _entry_on(case.rule, case.subject_id)
    if standing is None or standing == case.pk:
        return None
    return Problem(
        "subject", None, "entry_once",
        f"该主体已在本名单中（第{standing}号）", f"the subject is on this list already (no. {standing})",
        "无需重复列入", "it isn't listed twice",
    )  # fmt: skip


# --- asked by others as well --------------------------------------------------------------------------------


def grounds(rule: Listing, on: date) -> tuple[Basis, ...]:
    """The laws that carry an entry on the day, the one to cite first; empty where none does."""
    holding = rule.grounds(on)
    carrying = tuple(one for one in holding if not one.supporting)
    return (*carrying, *(one for one in holding if one.supporting)) if carrying else ()


def no_law(rule: Listing, on: date) -> Problem:
    """No law in force on the day carries the list."""
    cited = "、".join(f"《{law(one.law).name_zh}》" for one in rule.laws)
    cited_en = ", ".join(law(one.law).name_en for one in rule.laws)
    return Problem(
        "rule", rule.id, "law_in_force",
        f"“{rule.name_zh}”在{on}没有有效的法律依据", f"'{rule.name_en}' had no law in force on {on}",
        f"不得列入；已知依据：{cited}", f"nobody is listed; known grounds: {cited_en}",
    )  # fmt: skip


def fallen_records(case: Case, facts: Mapping[str, str], today: date) -> list[int]:
    """The records on which a case rests that don't stand, or aren't its subject's (any more)."""
    cursor = raw_cursor()
    known = _KNOWN.get()
    if case.pk is None:
        resting = numbers(facts.get("records", ""))
    else:
        resting = known.cited[case.pk] if known and case.pk in known.cited else cited(case.pk)
    if not resting:
        return []
    subject = canonical(cursor, case.subject_id or 0)
    given = known.standing if known and all(one in known.standing for one in resting) else None
    standing = given if given is not None else still(cursor, resting, today)
    return [one for one in resting if standing.get(one) != subject]


def canonical(cursor: Cursor[Any], subject: int) -> int:
    """The subject that stands for it, where it was merged."""
    known = _KNOWN.get()
    if known and subject in known.subjects:
        return known.subjects[subject][1]
    found = cursor.execute(
        "SELECT coalesce(merged_into_id, id) FROM registry_subject WHERE id = %s", [subject]
    ).fetchone()
    return int(found[0]) if found else subject


def _confirmed(case: int) -> bool:
    found = raw_cursor().execute(
        "SELECT 1 FROM cases_step WHERE case_id = %s AND step = 'confirm' LIMIT 1", [case]
    )
    return found.fetchone() is not None


def _decided_on(case: Case) -> date | None:
    found = raw_cursor().execute(
        "SELECT decided_on FROM decisions_entry WHERE case_id = %s", [case.pk]
    ).fetchone()  # fmt: skip
    return found[0] if found else None


def _entry_on(list_id: str, subject: int | None) -> int | None:
    """The case of the entry with which a subject stands on a list."""
    known = _KNOWN.get()
    if known and subject is not None and subject in known.subjects:
        return known.listed.get((list_id, subject))
    found = raw_cursor().execute(
        "SELECT case_id FROM decisions_entry WHERE list = %s AND subject_id = %s AND ended_on IS NULL",
        [list_id, subject],
    ).fetchone()  # fmt: skip
    return found[0] if found else None


def _until(case: Case) -> date | None:
    known = _KNOWN.get()
    if known and case.pk in known.until:
        return known.until[case.pk]
    found = raw_cursor().execute("SELECT until FROM decisions_entry WHERE case_id = %s", [case.pk]).fetchone()
    return found[0] if found else None


def _kind(subject: int | None) -> str | None:
    known = _KNOWN.get()
    if known and subject is not None and subject in known.subjects:
        return known.subjects[subject][0]
    found = raw_cursor().execute("SELECT kind FROM registry_subject WHERE id = %s", [subject]).fetchone()
    return found[0] if found else None


def _name(id: str) -> tuple[str, str]:
    try:
        found = listing(id)
    except LookupError:
        return id, id
    return found.name_zh, found.name_en
