"""What the documents of objection and repair share: number, addressee, the remedies that each must name.

A document's words are Chinese, as it is served; an English reading stands beside them for those who need it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from chengxin.cases.effects import Made, Turn
from chengxin.registry.models import Subject
from chengxin.rulebook import laws
from chengxin.rulebook.deadlines import deadline

OFFICE = ("电子商务信用信息共享平台", "E-commerce credit information platform")

Pair = tuple[str, str]
"""Chinese and English."""


@dataclass
class Paper:
    """A document as it is written; `rows`: facts in a table, ((label), value)."""

    title: Pair
    paragraphs: list[Pair] = field(default_factory=list)
    rows: list[tuple[Pair, str]] = field(default_factory=list)

    def says(self, zh: str, en: str) -> None:
        """Add a paragraph."""
        self.paragraphs.append((zh, en))

    def states(self, label: Pair, value: str) -> None:
        """Add a fact."""
        self.rows.append((label, value))


def made(turn: Turn, prefix: str, paper: Paper) -> Made:
    """The document with its number: prefix, year and the ledger's number of the step."""
    body: dict[str, Any] = {
        "title": paper.title[0],
        "title_en": paper.title[1],
        "to": addressee(turn.case.subject_id),
        "paragraphs": [zh for zh, _ in paper.paragraphs],
        "paragraphs_en": [en for _, en in paper.paragraphs],
        "rows": [{"zh": zh, "en": en, "value": value} for (zh, en), value in paper.rows],
        "office": OFFICE[0],
        "office_en": OFFICE[1],
        "signed_by": turn.actor.name,
        "on": turn.today.isoformat(),
    }
    return Made(f"{prefix}〔{turn.today.year}〕{turn.leaf}号", body)


def addressee(subject: int | None) -> str:
    """The name of the subject to whom it goes."""
    if subject is None:
        return ""
    return Subject.objects.filter(pk=subject).values_list("name", flat=True).first() or ""


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
    """Which remedy the addressee has, by the law of the day, and until when."""
    try:
        period = deadline("reconsideration", today)
    except LookupError:
        return (
            "不服本决定的，可以依法申请行政复议或者提起行政诉讼。",
            "Who does not accept this decision may ask for reconsideration or go to court, as the law says.",
        )
    zh, en = law_words(period.law, period.article)
    return (
        f"不服本决定的，可以自知道之日起{period.length}日内依照{zh}申请行政复议，也可以依法提起行政诉讼。",
        f"Who does not accept this decision may ask for reconsideration within {period.length} days of "
        f"learning of it ({en}), or go to court.",
    )


def filled(title: Pair, paragraphs: Sequence[Pair]) -> Paper:
    """A document with its paragraphs."""
    return Paper(title, list(paragraphs))
