"""What a step asks to be filled in, as controls of a form: the same for each page that takes steps."""

from __future__ import annotations

from datetime import date

from django.utils.text import capfirst

from chengxin.design.forms import Choices, Field, Kind
from chengxin.design.words import cited, say
from chengxin.rulebook.procedures import Asked, FieldType, Step

_KINDS: dict[FieldType, Kind] = {
    "text": "textarea",
    "line": "text",
    "date": "date",
    "choice": "radio",
    "records": "text",
    "consent": "checkbox",
}
_ON_THE_DAY = frozenset({"served_on", "hearing_on", "executed_on"})
"""Days that are mostly today."""


def form_fields(step: Step, today: date) -> list[Field]:
    """The controls of a step's form, in the page's language: what it must be told first, then what it may."""
    return [_field(one, today, required=one in step.fields) for one in (*step.fields, *step.optional)]


def _field(one: Asked, today: date, *, required: bool) -> Field:
    choices: Choices = tuple((value, say(words)) for value, words in one.choices.items())
    attributes = {"maxlength": str(one.max)} if one.max and one.type in ("text", "line", "records") else {}
    return Field(
        one.id,
        capfirst(say((one.zh, one.en))),
        _KINDS[one.type],
        value=today.isoformat() if one.id in _ON_THE_DAY else "",
        choices=choices,
        hint=say(("依据", "by ")) + cited(one.law, one.article) if one.law else "",
        required=required,
        attributes=attributes,
    )
