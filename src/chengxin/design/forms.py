"""Forms as rows of fields: label, hint, error at the field and in the summary at the top."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from django.http import QueryDict

from chengxin.design.language import current
from chengxin.kernel.problems import Problem

FieldKind = Literal[
    "text", "password", "textarea", "select", "radio", "checkbox", "date", "file", "number", "email"
]


@dataclass(frozen=True)
class Field:
    """One question of a form.

    choices     (value, words) of a select or of radio buttons
    attributes  further attributes of the control, such as maxlength or data-drop
    error       what is wrong, in the language of the page
    """

    name: str
    label: str
    kind: FieldKind = "text"
    value: str = ""
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    required: bool = True
    error: str = ""
    autocomplete: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Under which the control stands in the page."""
        return f"field-{self.name}"

    @property
    def described(self) -> str:
        """Ids of what explains the control (aria-describedby)."""
        parts = [f"{self.id}-hint"] * bool(self.hint) + [f"{self.id}-error"] * bool(self.error)
        return " ".join(parts)


def filled(fields: Iterable[Field], post: QueryDict, problems: Iterable[Problem]) -> list[Field]:
    """The fields with what was sent and what is wrong with it; a password is never sent back."""
    wrong: dict[str, str] = {}
    for problem in problems:
        wrong.setdefault(problem.field, said(problem))
    return [
        replace(
            one,
            value="" if one.kind in ("password", "file") else post.get(one.name, ""),
            error=wrong.get(one.name, ""),
        )
        for one in fields
    ]


def said(problem: Problem) -> str:
    """A problem with its mend as one sentence, in the language of the page."""
    if current() == "en":
        return f"{problem.en}: {problem.mend_en}" if problem.mend_en else problem.en
    return f"{problem.zh}，{problem.mend_zh}" if problem.mend_zh else problem.zh
