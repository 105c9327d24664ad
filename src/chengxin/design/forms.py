"""Forms as declarations: each control with its label, hint, value and what was wrong with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from django.http import QueryDict

from chengxin.design.words import say
from chengxin.kernel.problems import Problem

Kind = Literal[
    "text", "password", "textarea", "select", "radio", "checkbox", "date", "file", "number", "email"
]
Choices = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Field:
    """A control of a form, shown by `design/field.html`.

    label, hint, choices  in the page's language; choices are (value, words), a checkbox without them is alone
    value                 what was typed or chosen; of a checkbox with choices several, apart by a comma
    error                 what is wrong with it and how to mend it
    attributes            further attributes of the control, such as {"maxlength": "18"}
    """

    name: str
    label: str
    kind: Kind = "text"
    value: str = ""
    hint: str = ""
    choices: Choices = ()
    required: bool = True
    error: str = ""
    autocomplete: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """The control's id, to which the error summary leads (of several choices: the first one's)."""
        return f"field-{self.name}"

    @property
    def described(self) -> str:
        """Ids of the hint and the error, for aria-describedby."""
        parts = [f"{self.id}-hint" if self.hint else "", f"{self.id}-error" if self.error else ""]
        return " ".join(part for part in parts if part)

    @property
    def grouped(self) -> bool:
        """Whether it is several boxes or buttons under one question."""
        return self.kind == "radio" or (self.kind == "checkbox" and bool(self.choices))

    @property
    def options(self) -> tuple[tuple[str, str, bool, str], ...]:
        """The choices: value, words, whether chosen, id."""
        chosen = self.value.split(",") if self.kind == "checkbox" else [self.value]
        return tuple(
            (value, words, value in chosen, self.id if at == 0 else f"{self.id}-{at}")
            for at, (value, words) in enumerate(self.choices)
        )

    @property
    def input_type(self) -> str:
        """The type of an <input>; numbers are text, since a wheel must not change them."""
        return "text" if self.kind == "number" else self.kind


def said(problem: Problem) -> str:
    """A problem in the page's language, with the way to mend it."""
    what, mend = say((problem.zh, problem.en)), say((problem.mend_zh, problem.mend_en))
    if not mend:
        return what
    stop, joint = ("。", "。") if say(("zh", "en")) == "zh" else (".", ". ")
    return f"{what.rstrip('。.')}{joint}{mend.rstrip('。.')}{stop}"


def filled(
    fields: Iterable[Field], post: Mapping[str, str] | QueryDict, problems: Sequence[Problem]
) -> list[Field]:
    """The fields with what was sent and what was wrong; passwords and files must be given anew."""
    wrong: dict[str, str] = {}
    for problem in problems:
        wrong[problem.field] = " ".join(filter(None, (wrong.get(problem.field), said(problem))))
    return [replace(one, value=_sent(one, post), error=wrong.get(one.name, one.error)) for one in fields]


def _sent(one: Field, post: Mapping[str, str] | QueryDict) -> str:
    if one.kind in ("password", "file"):
        return ""
    if one.kind == "checkbox":
        if one.choices and isinstance(post, QueryDict):
            return ",".join(post.getlist(one.name)) if post else one.value
        return post.get(one.name, "" if post else one.value) or ""
    return post.get(one.name, one.value) or ""


def without_field(fields: Iterable[Field], problems: Iterable[Problem]) -> list[str]:
    """What is wrong with the form as a whole: problems of none of its fields."""
    names = {one.name for one in fields}
    return [said(problem) for problem in problems if problem.field not in names]
