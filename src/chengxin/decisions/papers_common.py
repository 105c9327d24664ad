"""What the documents of objection and repair share: number, addressee, the remedies that each must name.

A document's words are Chinese, as it is served; an English reading stands beside them for those who need it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chengxin.accounts.models import Organisation
from chengxin.cases.effects import Made, Turn
from chengxin.registry.models import Subject
from chengxin.rulebook import laws
from chengxin.rulebook.catalogue import Item
from chengxin.rulebook.deadlines import deadline

OFFICE = ("电子商务信用信息共享平台", "E-commerce credit information platform")

Pair = tuple[str, str]
"""Chinese and English."""

_NUMBERS = ("文书号", "编号", "案号", "文号")

UNITS: Mapping[str, Pair] = {
    "year": ("年", "years"), "month": ("个月", "months"), "calendar_day": ("日", "days"),
    "working_day": ("个工作日", "working days"),
}  # fmt: skip


@dataclass
class Paper:
    """A document as it is written; `rows`: a table of (label, value) behind `rows_at` paragraphs."""

    title: Pair
    paragraphs: list[Pair] = field(default_factory=list)
    rows: list[tuple[Pair, str]] = field(default_factory=list)
    rows_at: int = 0

    def says(self, zh: str, en: str) -> None:
        """Add a paragraph."""
        self.paragraphs.append((zh, en))

    def states(self, label: Pair, value: str) -> None:
        """Add a fact; the table stands where its first fact was added."""
        if not self.rows:
            self.rows_at = len(self.paragraphs)
        self.rows.append((label, value))


def made(turn: Turn, prefix: str, paper: Paper) -> Made:
    """The document with its number: prefix, year and the ledger's number of the step."""
    office = _issuer(turn)
    body: dict[str, Any] = {
        "title": paper.title[0],
        "title_en": paper.title[1],
        "to": addressee(turn.case.subject_id),
        "paragraphs": [zh for zh, _ in paper.paragraphs],
        "paragraphs_en": [en for _, en in paper.paragraphs],
        "rows": [{"zh": zh, "en": en, "value": value} for (zh, en), value in paper.rows],
        "rows_at": paper.rows_at,
        "office": office[0],
        "office_en": office[1],
        "signed_by": turn.actor.name,
        "on": turn.today.isoformat(),
    }
    return Made(f"{prefix}〔{turn.today.year}〕{turn.leaf}号", body)


def _issuer(turn: Turn) -> Pair:
    """The organisation for which whoever signs acts; else the platform (the console, the nightly run)."""
    of = turn.actor.organisation
    if of is None:
        return OFFICE
    found = Organisation.objects.filter(pk=of).values_list("name", "name_en").first()
    return (found[0], found[1] or found[0]) if found else OFFICE


def addressee(subject: int | None) -> str:
    """The name of the subject to whom it goes."""
    if subject is None:
        return ""
    return Subject.objects.filter(pk=subject).values_list("name", flat=True).first() or ""


def number_of(item: Item, row: Mapping[str, str]) -> str:
    """The number of the document that a record is about (文书号、案号), "" where it has none."""
    headed = ((code, item.field(code).name_zh) for code in item.key if row.get(code))
    return next((row[code] for code, name in headed if any(one in name for one in _NUMBERS)), "")


def law_words(law: str, article: str) -> Pair:
    """A law with its article in both languages; its id where it isn't known."""
    try:
        found = laws.law(law)
    except LookupError:
        return law, law
    if not article:
        return f"《{found.name_zh}》", found.name_en
    return f"《{found.name_zh}》第{article}条", f"{found.name_en}, art. {article}"


def remedies(today: date) -> Pair:
    """Which remedies the addressee has, by the law of the day, and until when: both must be told."""
    zh, en = _asked("reconsideration", today, ("依法申请行政复议", "ask for reconsideration as the law says"))
    court_zh, court_en = _asked("litigation", today, ("依法提起行政诉讼", "go to court as the law says"))
    return (
        f"不服本决定的，可以{zh}，也可以{court_zh}。",
        f"Who does not accept this decision may {en}, or {court_en}.",
    )


def _asked(id: str, today: date, otherwise: Pair) -> Pair:
    """A remedy with its period, its law and its article; `otherwise` where no rule is in force."""
    try:
        period = deadline(id, today)
    except LookupError:
        return otherwise
    law_zh, law_en = law_words(period.law, period.article)
    unit_zh, unit_en = UNITS[period.unit]
    doing = {
        "reconsideration": ("申请行政复议", "ask for reconsideration"),
        "litigation": ("向人民法院提起行政诉讼", "go to court"),
    }[id]
    return (
        f"自知道之日起{period.length}{unit_zh}内依照{law_zh}{doing[0]}",
        f"{doing[1]} within {period.length} {unit_en} of learning of it ({law_en})",
    )


def day_words(day: date) -> Pair:
    """A day as documents write it."""
    return f"{day.year}年{day.month}月{day.day}日", day.isoformat()


def filled(title: Pair, paragraphs: Sequence[Pair]) -> Paper:
    """A document with its paragraphs."""
    return Paper(title, list(paragraphs))
