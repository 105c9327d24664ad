"""Admission check (入驻核查): may this merchant or carrier come in to a platform, and why not.

Nothing but measures in force decides, each with its law; a score never does. The platform is told what bears
on admission and nothing else, and each check is noted in the access log like any other look.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from chengxin.accounts.permissions import Actor, Target
from chengxin.archive import held
from chengxin.audit.actions import looked
from chengxin.audit.rules import Purpose, purpose_kinds
from chengxin.database import reading
from chengxin.kernel.identifiers import identify, is_valid_uscc, normalise
from chengxin.kernel.problems import Problem
from chengxin.measures import subjects
from chengxin.measures.consequences import consequences_of, entries_of, is_natural, lasts, measured
from chengxin.measures.dispatch import brought, orders
from chengxin.measures.shape import Consequence
from chengxin.measures.wording import in_words
from chengxin.registry.queries import LONGEST, number_of, resolve

Answer = Literal["admit", "restrict", "refuse"]

ACTION = "admission.check"
MOST = 1_000
"""Codes that are checked at once."""

ANSWERS: dict[Answer, tuple[str, str]] = {
    "admit": ("可以入驻", "may be admitted"),
    "restrict": (
        "可以按平台公布的规则限制入驻或者附加条件",
        "the platform may limit admission or set conditions, by the rules it made known",
    ),
    "refuse": ("不得准予入驻", "must not be admitted"),
}


_STRICTEST_FIRST = ("refuse", "restrict", "warn")


_LISTED = """
SELECT w.id FROM unnest(%s::bigint[]) w(id)
WHERE EXISTS (SELECT FROM decisions_entry e WHERE e.subject_id = w.id OFFSET 0)
   OR EXISTS (SELECT FROM registry_subject s JOIN decisions_entry e ON e.subject_id = s.id
        WHERE s.merged_into_id = w.id OFFSET 0)"""


class BadCode(ValueError):
    """A code that is none; `problem` says what is wrong and how to mend it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh} / {problem.en}")
        self.problem = problem


@dataclass(frozen=True)
class Checked:
    """What a check came to; `subject` is the number in the registry."""

    subject: int
    code: str
    name: str
    answer: Answer
    reasons: tuple[Consequence, ...]
    checked_on: date

    @property
    def admitted(self) -> bool | None:
        """True, False, or None where the platform decides by its own rules."""
        return {"admit": True, "restrict": None, "refuse": False}[self.answer]

    def as_dict(self) -> dict[str, Any]:
        """As the API gives it."""
        zh, en = ANSWERS[self.answer]
        return {
            "code": self.code,
            "name": self.name,
            "admitted": self.admitted,
            "answer": self.answer,
            "answer_zh": zh,
            "answer_en": en,
            "reasons": list(self.reasons),
            "checked_on": self.checked_on.isoformat(),
        }


def answer(reasons: Iterable[Consequence]) -> Answer:
    """What measures in force come to: the strictest decides; a warning keeps nobody out."""
    wanted = {one["admission"] for one in reasons}
    return "refuse" if "refuse" in wanted else "restrict" if "restrict" in wanted else "admit"


def check(actor: Actor, code: str, today: date, *, detail: str) -> Checked | None:
    """Check one code for the actor's platform; None: there is nobody of this code that it may ask about.

    detail  by which way it was asked (API, page, list), for the access log
    Raises Forbidden, BadCode.
    """
    found = check_many(actor, [code], today, detail=detail)[0]
    if isinstance(found, BadCode):
        raise found
    return found


def check_many(
    actor: Actor, codes: Sequence[str], today: date, *, detail: str
) -> list[Checked | BadCode | None]:
    """Check codes, at most `MOST`, in their order; every subject found is noted before anything is told."""
    target = Target(organisation=actor.organisation)
    actor.must(ACTION, target)
    asked = [_subject(code, actor) for code in codes[:MOST]]
    known = sorted({one for one in asked if isinstance(one, int)})
    looked(actor, known, "admission", _purpose(), detail, action=ACTION, target=target)
    named = held.named(known)
    listed = _ever_listed(known)
    bearing = {one: _reasons(one, today) if one in listed else [] for one in known}
    return [
        Checked(one, named[one][2], named[one][1], answer(bearing[one]), tuple(bearing[one]), today)
        if isinstance(one, int)
        else one
        for one in asked
    ]


def _subject(code: str, actor: Actor) -> int | BadCode | None:
    """The subject of a code. A natural person only where it trades on the asking platform (ECL art. 27)."""
    text = code.strip()
    found = resolve(text) if 0 < len(text) <= LONGEST and text.isprintable() else None
    if found is None:
        problem = _wrong(text)
        return BadCode(problem) if problem else None
    if is_natural(found):
        own = {one.code for one in actor.grants if one.code}
        if not own & set(held.target(found).platforms):
            return None
    return found


def _ever_listed(subjects: Sequence[int]) -> set[int]:
    """Of these subjects, those that stand or stood in a list: nobody else has measures."""
    return {id for (id,) in reading.rows(_LISTED, [list(subjects)])} if subjects else set()


def _reasons(subject: int, today: date) -> list[Consequence]:
    """The measures in force that bear on admission, the strictest first.

    Those included that nobody was told to carry out yet: they hold for a platform that came later, too.
    """
    found = [
        one
        for one in consequences_of(subject, today, public=False)
        if one["kind"] == "measure" and one["admission"] != "none"
    ]
    told = {(one["case"], one["measure"]) for one in found}
    entries = entries_of(subject, today)
    cursor = reading.reader().cursor()
    known = subjects.known(cursor, [subject])[subject] if entries else None
    ordered = orders(cursor, [entry.case for entry, _ in entries]) if entries else {}
    for entry, records in entries:
        named = ordered.get(entry.case, ())
        for one in brought(entry.list, entry.kind, known, today, named) if known else ():
            if one.admission != "none" and (entry.case, one.id) not in told and lasts(one, entry, today):
                reason = measured(one, entry, records, (), today)
                reason["words_zh"], reason["words_en"] = in_words(reason)
                found.append(reason)
    for reason in found:
        reason["actors"] = []  # what other platforms did is none of this one's business
    return sorted(found, key=lambda one: _STRICTEST_FIRST.index(one["admission"]))


def _purpose() -> Purpose:
    kind = purpose_kinds()["admission"]
    return Purpose(kind.id, kind.zh, kind.law, kind.article)


def _wrong(code: str) -> Problem | None:
    """What keeps a text from being a code at all; None where it may be one that nobody has."""
    text = normalise(code)
    if not text:
        return _problem(None, "missing", "没有填写代码", "there is no code")
    if number_of(text) is not None or identify(text) in ("uscc", "regno", "orgcode"):
        return None
    if identify(text) in ("resident_id", "phone", "passport"):
        return _problem(None, "code_personal", "不能用个人证件号码查询", "a personal number is no code here")
    if len(text) == 18 and not is_valid_uscc(text):
        return _problem(
            text, "code_check_digit", "统一社会信用代码的校验位不符", "its check digit doesn't fit"
        )
    plain = text.replace("-", "")
    if plain.isascii() and plain.isalnum() and 6 <= len(plain) <= 20:
        return None
    return _problem(text[:20], "code", "不是主体代码", "this is no code of a subject")


def _problem(value: str | None, rule: str, zh: str, en: str) -> Problem:
    return Problem(
        "code", value, rule, zh, en,
        "请填写统一社会信用代码等公开代码，或者S加编号",
        "give a public code such as the USCC, or S and a number",
    )  # fmt: skip
