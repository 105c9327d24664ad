"""Who may see which records and fields: by grade of disclosure (公示、共享、授权查询) and by whose they are.

Everybody sees what is public today. Public records of the past and shared ones are for departments, the
credit office and auditors (福建省公共信用信息管理暂行办法). What needs the subject's authorisation is seen by
the office that keeps it, by auditors, by the organisation that sent it, and by the subject itself. Of what
has ended, departments learn that it must not be used any more, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chengxin.accounts.permissions import Actor, Grant, Target, allows

PUBLIC, SHARED, AUTHORISED, NEVER = "public", "shared", "authorised", "never"
"""`never` is a grade of fields alone: never given out, seen inside and masked where it leads to a person."""

_DEPARTMENTS = frozenset({PUBLIC, SHARED, NEVER})
_ALL = frozenset({PUBLIC, SHARED, AUTHORISED, NEVER})
GRADES: Mapping[str, frozenset[str]] = {
    "credit_office": _ALL,
    "auditor": _ALL,
    "department_officer": _DEPARTMENTS,
    "reviewer": _DEPARTMENTS,
    "platform_compliance": frozenset(),
}
"""Grades of records, past ones included, that a role sees beyond what is public today."""


_ANSWER_FOR_IT = frozenset({"credit_office", "auditor"})
"""Roles that see what has ended: a repair ends sharing and use (信用修复管理办法), not the file itself."""


@dataclass(frozen=True)
class Sight:
    """What one person sees of a subject's records.

    grades          grades seen in every state; none: only what is public today
    organisations   sources whose records are seen whole, whatever their grade
    ended           whether what has ended (a repair, an annulment) is still seen with its content
    """

    grades: frozenset[str]
    organisations: tuple[int, ...] = ()
    ended: bool = False

    def record(self, grade: str, source: int) -> bool:
        """Whether a record of this grade and source is seen in every state, past ones included."""
        return grade in self.grades or source in self.organisations

    def field(self, grade: str, source: int) -> bool:
        """Whether a field of this grade, in a record of this source, is seen."""
        return grade == PUBLIC or grade in self.grades or source in self.organisations

    def over(self, source: int) -> bool:
        """Whether the content of a record of this source is seen after sharing and use of it ended."""
        return self.ended or source in self.organisations


EVERYTHING = Sight(_ALL, ended=True)
"""What the subject itself sees, and whoever works at the console."""


def sight(actor: Actor, target: Target) -> Sight:
    """What a member of staff sees of a subject, by the roles that let them look at this one."""
    if actor.console:
        return EVERYTHING
    permitting = [one for one in actor.grants if allows([one], "subject.read", target)]
    grades: frozenset[str] = frozenset()
    for grant in permitting:
        grades |= GRADES.get(grant.role, frozenset())
    ended = any(one.role in _ANSWER_FOR_IT for one in permitting)
    return Sight(grades, tuple(_sources(permitting)), ended)


def _sources(grants: Iterable[Grant]) -> list[int]:
    return sorted({one.organisation for one in grants if one.role in GRADES and one.organisation is not None})
