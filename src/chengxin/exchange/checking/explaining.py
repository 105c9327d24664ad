"""Why one value could not be read as its field's type, so that a clerk can mend it without asking.

A right check digit is named, but never as the mend: a wrong sign anywhere gives another check digit, so
the whole code must be compared. Of numbers of persons nothing is said that would help to guess them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache, partial

from chengxin.exchange.checking.choices import choices
from chengxin.exchange.checking.spelling import NO_TEXT
from chengxin.exchange.checking.telling import shown, tell
from chengxin.kernel import identifiers
from chengxin.kernel.problems import Problem
from chengxin.kernel.text import fold
from chengxin.rulebook.catalogue import Field, Item

_LOST = re.compile(r"[1-9][0-9]{14}000|[0-9](?:\.[0-9]+)?[Ee]\+[0-9]{1,2}")
_STRANGE = re.compile(NO_TEXT.replace(r"\x{FFFD}-\x{FFFF}", "\ufffd-\uffff"))


Explain = Callable[[str], Problem]
"""From a value that was sent to its problem."""


def explainer(item: Item, field: Field) -> Explain:
    """What is said of values that the field's reader did not read."""
    say = _EXPLAINED[field.type](item, field) if field.type in _EXPLAINED else partial(_by_type, field)
    return partial(_explain, field, say)


def number_explainer(field: Field, today: date, *, resident: bool) -> Explain:
    """What is said of a person's document number; resident: as a resident identity number."""
    say = partial(_resident, field, today) if resident else partial(tell, "document", field)
    return partial(_explain, field, say)


def _explain(field: Field, say: Explain, text: str) -> Problem:
    return _strange_sign(field, text) or _lost_digits(field, text) or say(text)


def _lost_digits(field: Field, text: str) -> Problem | None:
    """A long number that a spreadsheet took for one: it keeps 15 digits and writes zeros for the others."""
    if field.type in _NUMBERED and _LOST.fullmatch(text):
        return tell("digits_lost", field, text)
    return None


def _strange_sign(field: Field, text: str) -> Problem | None:
    found = _STRANGE.search(text)
    if found is None:
        return None
    if found.group() == "\ufffd":
        return tell("damaged_character", field, text, place=found.start() + 1)
    sign = f"U+{ord(found.group()):04X}"
    return tell("control_character", field, text, place=found.start() + 1, sign=sign)


# --- codes with check digits --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Code:
    """How a code is made up: its lengths, the signs in it, and what its last character must be."""

    lengths: tuple[int, ...]
    signs: str
    signs_zh: str
    signs_en: str
    check_digit: Callable[[str], str]


_CAPITALS = ("数字和大写字母", "digits and capitals")
_DIGITS = ("数字", "digits")
_USCC = ("数字和大写字母（不用I、O、S、V、Z）", "digits and capitals other than I, O, S, V, Z")
_CODES: dict[str, _Code] = {
    "uscc": _Code((18,), identifiers.USCC_ALPHABET, *_USCC, identifiers.uscc_check_digit),
    "regno": _Code((15,), identifiers.DIGITS, *_DIGITS, identifiers.regno_check_digit),
    "orgcode": _Code((9,), identifiers.ALNUM, *_CAPITALS, identifiers.orgcode_check_digit),
    "gtin": _Code((8, 12, 13, 14), identifiers.DIGITS, *_DIGITS, identifiers.gtin_check_digit),
}
_NUMBERED = frozenset({*_CODES, "personal"})
_LIKE = {"O": "0", "I": "1", "S": "5", "Z": "2", "L": "1", "B": "8"}  # letters typed for digits
_OTHER_LENGTHS = frozenset({9, 15, 18})  # of orgcode, regno, uscc and resident numbers


def _code(item: Item, field: Field, text: str) -> Problem:
    code = _CODES[field.type]
    spelled = identifiers.canonical(field.type, text)
    elsewhere = _other_scheme(item, field, text, spelled)
    if elsewhere is not None:
        return elsewhere
    if spelled and not spelled.strip("0"):
        return tell("code.filler", field, text)
    if len(spelled) not in code.lengths:
        lengths = [str(length) for length in code.lengths]
        wanted, wanted_en = "、".join(lengths), ", ".join(lengths)
        return tell("code.length", field, text, wanted=wanted, wanted_en=wanted_en, length=len(spelled))
    strange = _strange_place(field.type, code, spelled)
    if strange is not None:
        place, signs_zh, signs_en = strange
        sign = spelled[place - 1]
        like = _LIKE.get(sign)
        return tell(
            "code.characters",
            field,
            text,
            place=place,
            sign=sign,
            signs_zh=signs_zh,
            signs_en=signs_en,
            like_zh=f"，疑为“{like}”" if like else "",
            like_en=f"; perhaps {like}" if like else "",
        )
    length, last, right = len(spelled), spelled[-1], code.check_digit(spelled[:-1])
    return tell("code.check_digit", field, text, body=length - 1, length=length, last=last, right=right)


def _strange_place(scheme: str, code: _Code, spelled: str) -> tuple[int, str, str] | None:
    """The first place whose sign may not stand there, and what may."""
    for place, sign in enumerate(spelled, start=1):
        if scheme == "uscc" and 3 <= place <= 8 and sign not in identifiers.DIGITS:
            return place, "数字（第3至8位是行政区划）", "digits (places 3 to 8 are the region)"
        if scheme == "orgcode" and place == len(spelled) and sign not in identifiers.DIGITS_X:
            return place, "数字或X", "digits or X"
        if sign not in code.signs:
            return place, code.signs_zh, code.signs_en
    return None


def _other_scheme(item: Item, field: Field, text: str, spelled: str) -> Problem | None:
    """A value that is right, but of another scheme: which, and in which column it belongs."""
    if len(spelled) not in _OTHER_LENGTHS:
        return None
    for scheme in ("resident_id", "uscc", "regno", "orgcode"):
        if scheme != field.type and identifiers.CHECKS[scheme].one(spelled):
            break
    else:
        return None
    known, place = identifiers.SCHEMES[scheme], _column_of(item, scheme, field)
    return tell(
        "code.other_scheme",
        field,
        text,
        scheme_zh=known.name_zh,
        scheme_en=known.name_en,
        move_zh=f"请把它移到“{place.name_zh}”；" if place else "",
        move_en=f"move it to '{place.name_en}' and " if place else "",
    )


def _column_of(item: Item, scheme: str, field: Field) -> Field | None:
    """The column of the subject's other code, where the field is about the subject itself."""
    code = item.subject.identifiers.get(scheme)
    return item.field(code) if code and field.code in item.subject.identifiers.values() else None


# --- numbers of persons -----------------------------------------------------------------------------------


def _resident(field: Field, today: date, text: str) -> Problem:
    spelled = identifiers.canonical("resident_id", text)
    length = len(spelled)
    if length not in {15, 18}:
        return tell("resident_id.length", field, text, length=length)
    if not re.fullmatch("[0-9]{15}|[0-9]{17}[0-9X]", spelled):
        return tell("resident_id.characters", field, text)
    if not _is_birth(spelled[6:14] if length == 18 else "19" + spelled[6:12], today):
        return tell("resident_id.birth", field, text)
    if length == 18 and identifiers.resident_id_check_digit(spelled[:17]) != spelled[17]:
        return tell("resident_id.check_digit", field, text)
    return tell("resident_id.region", field, text)


def _is_birth(digits: str, today: date) -> bool:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])) <= today
    except ValueError:
        return False


# --- the other types --------------------------------------------------------------------------------------


def _date(field: Field, text: str) -> Problem:
    parts = re.match(r"([0-9]{4})\D*[0-9]{1,2}\D*[0-9]{1,2}", fold(text))
    if parts is None:
        return tell("date", field, text)
    return tell("date.no_day" if 1900 <= int(parts[1]) <= 2099 else "date.range", field, text)


def _choice(field: Field) -> Explain:
    known = choices(field)

    @lru_cache(maxsize=1_000)  # wrong choices repeat: a system writes the same wrong word in every row
    def say(text: str) -> Problem:
        wrong = known.strange(text)
        near = known.nearest(wrong)
        label = field.labels_zh.get(near or "", "")
        meaning = f"（{label}）" if label and label != near else ""
        return tell(
            "choice",
            field,
            text,
            value=shown(field, wrong),
            listed=known.listed,
            meant_zh=f"是否为“{near}”{meaning}？" if near else "",
            meant_en=f"was '{near}' meant? " if near else "",
            joined_zh=f"；多个值用“{field.separator}”连接" if field.separator else "",
            joined_en=f"; several are joined by '{field.separator}'" if field.separator else "",
        )

    return say


def _number(field: Field, text: str) -> Problem:
    return tell(_number_rule(field, fold(text)), field, text, scale=field.scale, most=_most_digits(field))


def _most_digits(field: Field) -> int:
    return (field.length or 18) - (field.scale or 0)


def _number_rule(field: Field, text: str) -> str:
    if re.fullmatch(r"-[0-9.,]+", text):
        return "number.negative"
    if re.fullmatch(r"[0-9.]+E[+-]?[0-9]+", text, re.IGNORECASE):
        return "number.scientific"
    parts = re.fullmatch(r"\+?0*([0-9]*?)(?:\.([0-9]*?)0*)?", text.replace(",", ""))
    if parts is None or not re.search("[0-9]", text) or re.search(r",(?![0-9]{3}(?:\D|$))|^,", text):
        return "number"
    if field.type == "integer":
        return "number.fraction"
    if len(parts[2] or "") > (field.scale or 0):
        return "number.scale"
    return "number.size" if len(parts[1]) > _most_digits(field) else "number"


def _region(field: Field, text: str) -> Problem:
    return tell("region" if re.fullmatch("[0-9]{6}", fold(text)) else "region.form", field, text)


def _url(field: Field, text: str) -> Problem:
    spelled = fold(text)
    if re.match("https?://", spelled, re.IGNORECASE) is None:
        return tell("url.scheme", field, text)
    if re.search(r"\s", spelled):
        return tell("url.blanks", field, text)
    if re.match("https?://[^/?#]*@", spelled, re.IGNORECASE):
        return tell("url.user", field, text)
    return tell("url", field, text)


def _by_type(field: Field, text: str) -> Problem:
    """Types of which there is nothing more to say than that it is none."""
    return tell(field.type, field, text)


_EXPLAINED: dict[str, Callable[[Item, Field], Explain]] = {
    **dict.fromkeys(_CODES, lambda item, field: partial(_code, item, field)),
    **dict.fromkeys(("code", "codes"), lambda item, field: _choice(field)),
    **dict.fromkeys(("decimal", "integer"), lambda item, field: partial(_number, field)),
    "date": lambda item, field: partial(_date, field),
    "region": lambda item, field: partial(_region, field),
    "url": lambda item, field: partial(_url, field),
}
