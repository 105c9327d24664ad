"""The rules of an item as a table: what each is about, where it is broken, what is said then.

`broken` is an expression over two sets of columns: what was sent, and what was read of it. So a chunk is
judged by one select; words are made for broken rows only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import polars as pl

from chengxin.exchange.checking.choices import choices
from chengxin.exchange.checking.conditions import hold, in_words
from chengxin.exchange.checking.explaining import Explain, explainer, number_explainer
from chengxin.exchange.checking.spelling import read_url
from chengxin.exchange.checking.telling import tell
from chengxin.kernel.dates import parse_date
from chengxin.kernel.identifiers import canonical, valid_resident_id
from chengxin.kernel.personal import found as personal_found
from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import Check, Condition, Field, Item, versions

Values = Mapping[str, str]
"""The non-empty values of a row as they were sent, by field code."""

LENGTH_TYPES = frozenset({"text", "code", "codes", "personal", "phone", "url", "integer"})
"""Types whose `length` has to be looked at; the form of the others settles it."""

_SENT = "sent:"
_DOCUMENT = "^[0-9A-Z]{5,20}$"  # passports (ICAO 9303), permits: letters and digits, the length the issuer's
_MAYBE_RESIDENT = "[0-9０-９](?:[ -－　]?[0-9０-９]){14}"
_RESIDENT_FORM = "^(?:[0-9]{15}|[0-9]{17}[0-9X])$"

# The first characters of a unified social credit code (GB 32100-2015, table 1) that say for certain whether
# it is an individually-owned business: 92 is one, the others here are none.
_INDIVIDUAL = "92"
_OWNERS: Mapping[str, tuple[str, str]] = {
    "11": ("机关", "a public body"),
    "12": ("事业单位", "a public institution"),
    "13": ("群团组织", "a people's organisation"),
    "51": ("社会团体", "a social organisation"),
    "52": ("民办非企业单位", "a private non-enterprise unit"),
    "53": ("基金会", "a foundation"),
    "91": ("企业", "an enterprise"),
    _INDIVIDUAL: ("个体工商户", "an individually-owned business"),
    "93": ("农民专业合作社", "a farmers' cooperative"),
}


def sent_name(code: str) -> str:
    """The name of the column of a field as it was sent; under its code stands what was read of it."""
    return _SENT + code


def _read(code: str) -> pl.Expr:
    return pl.col(code)


def _filled(code: str) -> pl.Expr:
    return pl.col(sent_name(code)).is_not_null()


@dataclass(frozen=True)
class Rule:
    """One rule. `told`: the problem, always the same, or made from the values of a row."""

    field: Field
    broken: pl.Expr
    told: Problem | Callable[[Values], Problem]

    def problem(self, values: Values) -> Problem:
        """What is said of a row that breaks the rule."""
        return self.told if isinstance(self.told, Problem) else self.told(values)


@lru_cache(maxsize=64)
def rules(item: Item, today: date) -> tuple[Rule, ...]:
    """Every rule of an item, field by field, then those over several fields."""
    found = [rule for field in item.fields for rule in _field_rules(item, field, today)]
    found += _subject_kind_rules(item)
    order = {field.code: place for place, field in enumerate(item.fields)}
    found.sort(key=lambda rule: order[rule.field.code])
    return (*found, *(_one_of(item, check) for check in item.checks))


def _field_rules(item: Item, field: Field, today: date) -> Iterator[Rule]:
    code = field.code
    if field.required:
        yield Rule(field, ~_filled(code), tell("required", field, None, **_give(field)))
    if field.required_when:
        yield _required_when(item, field)
    if field.forbidden_when:
        yield _forbidden_when(item, field)
    if field.type == "personal":
        yield from _number_rules(item, field, today)
    else:
        unread = _filled(code) & _read(code).is_null()
        yield Rule(field, unread, _of_value(field, explainer(item, field)))
    if field.type == "text" and field.disclosure == "public":
        yield _person_in_text(field)
    if field.length is not None and field.type in LENGTH_TYPES:
        yield _length(field, field.length)
    if field.not_future:
        yield _not_future(field, today)
    if field.not_before is not None:
        yield _not_before(field, item.field(field.not_before))


def _of_value(field: Field, explain: Explain) -> Callable[[Values], Problem]:
    code = field.code
    return lambda row: explain(row[code])


# --- filled or not ----------------------------------------------------------------------------------------


def _required_when(item: Item, field: Field) -> Rule:
    needed = hold(item, field.required_when, _read, _filled)
    told = tell("required_when", field, None, **_give(field), **_when(item, field.required_when))
    return Rule(field, needed & ~_filled(field.code), told)


def _forbidden_when(item: Item, field: Field) -> Rule:
    closed = hold(item, field.forbidden_when, _read, _filled)
    details = _when(item, field.forbidden_when)
    return Rule(
        field,
        closed & _filled(field.code),
        lambda row: tell("forbidden_when", field, row[field.code], **details),
    )


def _give(field: Field) -> dict[str, str]:
    if field.type in {"code", "codes"}:
        listed = choices(field).listed
        return {"give_zh": f"请从下列值中选填：{listed}", "give_en": f"give one of: {listed}"}
    return {
        "give_zh": f"请填写，例如：{field.example}",
        "give_en": f"fill it in, for example: {field.example}",
    }


def _when(item: Item, conditions: tuple[Condition, ...]) -> dict[str, str]:
    zh, en = in_words(item, conditions)
    others = [item.field(one.field) for one in conditions]
    return {
        "when_zh": zh,
        "when_en": en,
        "others_zh": "、".join(f"“{one.name_zh}”" for one in others),
        "others_en": ", ".join(f"'{one.name_en}'" for one in others),
    }


def _one_of(item: Item, check: Check) -> Rule:
    """At least one of several fields is filled; the first of them stands for all."""
    named = [item.field(code) for code in check.fields]
    told = tell(
        "one_of",
        named[0],
        None,
        message_zh=check.message_zh,
        message_en=check.message_en,
        fields_zh="、".join(one.name_zh for one in named),
        fields_en="; ".join(one.name_en for one in named),
    )
    none = pl.all_horizontal(*(~_filled(code) for code in check.fields))
    return Rule(named[0], hold(item, check.when, _read, _filled) & none, told)


# --- lengths and days -------------------------------------------------------------------------------------


def _length(field: Field, most: int) -> Rule:
    def told(row: Values) -> Problem:
        text = row[field.code]
        kept = read_url(text) or text if field.type == "url" else text
        return tell("length", field, text, most=most, length=len(kept))

    return Rule(field, _read(field.code).str.len_chars() > most, told)


def _not_future(field: Field, today: date) -> Rule:
    def told(row: Values) -> Problem:
        text = row[field.code]
        return tell("not_future", field, text, day=_day(text), today=today)

    return Rule(field, _read(field.code) > today.isoformat(), told)


def _not_before(field: Field, first: Field) -> Rule:
    def told(row: Values) -> Problem:
        text, before = row[field.code], _day(row[first.code])
        details = {"first": first.name_zh, "first_en": first.name_en, "before": before}
        return tell("not_before", field, text, day=_day(text), **details)

    return Rule(field, _read(field.code) < _read(first.code), told)


def _day(text: str) -> str:
    found = parse_date(text)
    return found.isoformat() if found else text


# --- numbers of persons -----------------------------------------------------------------------------------


def _person_in_text(field: Field) -> Rule:
    """Nobody's identity number in a text that is published (policy clause 15; PIPL art. 28)."""
    named = _read(field.code).map_batches(_names_a_resident, return_dtype=pl.Boolean, is_elementwise=True)
    return Rule(field, named, lambda row: tell("person_in_text", field, row[field.code]))


def _names_a_resident(texts: pl.Series) -> pl.Series:
    """Which texts hold a resident number whose check digit fits. Almost none holds as many digits."""
    maybe = texts.filter(texts.str.contains(_MAYBE_RESIDENT)).unique()
    holds = [one for one in maybe if any(place.kind == "resident_id" for place in personal_found(one))]
    return texts.is_in(holds)


def _number_rules(item: Item, field: Field, today: date) -> Iterator[Rule]:
    """The number by the document that another column names; without such a column as a resident number."""
    value = _read(field.code)
    document = _document_field(item, field)
    resident: pl.Expr = pl.lit(value=True)
    if document is not None:
        schemes = item.subject.person_id_schemes or _known_schemes()
        words = [word for word, scheme in schemes.items() if scheme == "resident_id"]
        # Where the document is not known, a number of that form is taken for one: none goes unlooked at.
        resident = _read(document.code).is_in(words).fill_null(value.str.contains(_RESIDENT_FORM))
        yield Rule(
            field,
            ~resident & ~value.str.contains(_DOCUMENT),
            _of_value(field, number_explainer(field, today, resident=False)),
        )
    wrong = value.map_batches(
        lambda numbers: _wrong_residents(numbers, today), return_dtype=pl.Boolean, is_elementwise=True
    )
    yield Rule(
        field,
        resident & wrong,
        _of_value(field, number_explainer(field, today, resident=True)),
    )


def _wrong_residents(numbers: pl.Series, today: date) -> pl.Series:
    """Which numbers are no resident numbers. Most rows have none, and almost none is wrong."""
    distinct = numbers.drop_nulls().unique()
    valid = pl.DataFrame({"number": distinct}).select(valid_resident_id(pl.col("number"), today)).to_series()
    return numbers.is_in(distinct.filter(~valid).implode())


def _document_field(item: Item, field: Field) -> Field | None:
    """The column that names a number's document: the subject's own, or one that is owed with the number."""
    subject = item.subject
    if subject.person_id_type and field.code == subject.identifiers.get("resident_id"):
        return item.field(subject.person_id_type)
    owed = (Condition(field=field.code, present=True),)
    return next((one for one in item.fields if one.type == "code" and one.required_when == owed), None)


@lru_cache(maxsize=1)
def _known_schemes() -> dict[str, str]:
    """The documents that the catalogue knows, for items that name them without saying what they are."""
    return {word: scheme for one in versions() for word, scheme in one.subject.person_id_schemes.items()}


# --- kind of subject and kind of code ---------------------------------------------------------------------


def _subject_kind_rules(item: Item) -> Iterator[Rule]:
    """A code whose first characters contradict the kind of its subject for certain."""
    code, kind = item.subject.identifiers.get("uscc"), item.subject.kind
    if code is None or kind is None:
        return
    field, kinds = item.field(code), item.field(kind)
    meanings = {word: set(means) for word, means in item.subject.kinds.items()}
    individual = [word for word, means in meanings.items() if means == {"individual_business"}]
    firms = [word for word, means in meanings.items() if means <= {"legal_person", "organisation"}]
    begins = _read(code).str.slice(0, 2)
    others = [head for head in _OWNERS if head != _INDIVIDUAL]
    wrong = (_read(kind).is_in(individual) & begins.is_in(others)) | (
        _read(kind).is_in(firms) & (begins == _INDIVIDUAL)
    )

    def told(row: Values) -> Problem:
        head = canonical("uscc", row[code])[:2]
        owner_zh, owner_en = _OWNERS[head]
        return tell(
            "kind_code",
            field,
            row[code],
            head=head,
            owner_zh=owner_zh,
            owner_en=owner_en,
            kind=kinds.name_zh,
            kind_en=kinds.name_en,
            kind_value=row[kind],
        )

    yield Rule(field, wrong, told)
