"""Template, example and API schema follow from the item."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest

from chengxin.rulebook.catalogue import Item, item, versions
from chengxin.rulebook.template import codes, example_row, headings, json_schema

ALL = pytest.mark.parametrize("one", versions(), ids=lambda one: f"{one.id}.{one.version}")


def faults(one: Item, row: dict[str, Any]) -> list[str]:
    validator = jsonschema_rs.Draft202012Validator(json_schema(one), validate_formats=True)
    return [error.message for error in validator.iter_errors(row)]


@ALL
def test_the_example_row_is_valid_by_the_items_own_schema(one: Item) -> None:
    assert jsonschema_rs.meta.is_valid(json_schema(one))
    row = example_row(one)
    assert faults(one, row) == []
    assert one.date in row


@ALL
def test_each_required_column_is_missed(one: Item) -> None:
    row = example_row(one)
    for field in one.fields:
        if field.required:
            assert faults(one, {code: text for code, text in row.items() if code != field.code})


@ALL
def test_headings_are_chinese_and_stand_once(one: Item) -> None:
    assert len(set(headings(one))) == len(one.fields) == len(codes(one))
    assert all(any("\u4e00" <= sign <= "\u9fff" for sign in heading) for heading in headings(one))


FIRM = example_row(item("penalty"))
PERSON = {code: text for code, text in FIRM.items() if code not in {"CF_XDR_SHXYM", "CF_FRDB"}} | {
    "CF_XDR_LB": "自然人",
    "CF_XDR_ZJLX": "身份证",
    "CF_XDR_ZJHM": item("penalty").field("CF_XDR_ZJHM").example,
}


def without(row: dict[str, str], *codes: str) -> dict[str, str]:
    return {code: text for code, text in row.items() if code not in codes}


@pytest.mark.parametrize(
    ("row", "accepted"),
    [
        (FIRM, True),
        (PERSON, True),
        (without(FIRM, "CF_XDR_SHXYM"), False),
        (FIRM | {"CF_XDR_LB": "个体工商户"}, True),
        (without(FIRM, "CF_XDR_SHXYM") | {"CF_XDR_LB": "个体工商户"}, False),
        (PERSON | {"CF_XDR_SHXYM": FIRM["CF_XDR_SHXYM"]}, False),
        (without(PERSON, "CF_XDR_ZJHM"), False),
        (without(PERSON, "CF_XDR_ZJLX"), False),
        (without(FIRM, "CF_FRDB"), False),
        (FIRM | {"CF_FR_ZJLX": "身份证"}, False),
        (FIRM | {"CF_FR_ZJHM": PERSON["CF_XDR_ZJHM"]}, False),
        (FIRM | {"CF_FR_ZJLX": "身份证", "CF_FR_ZJHM": PERSON["CF_XDR_ZJHM"]}, True),
        (without(FIRM, "CF_NR_FK"), False),
        (without(FIRM, "CF_NR_WFFF"), False),
        (without(FIRM, "CF_NR_FK") | {"CF_CFLB": "警告;没收非法财物"}, True),
        (without(FIRM, "CF_NR_FK", "CF_NR_WFFF") | {"CF_CFLB": "警告"}, True),
        (FIRM | {"CF_CFLB": "罚款;没收违法所得;吊销许可证件"}, False),
        (FIRM | {"CF_CFLB": "罚款;没收违法所得;吊销许可证件", "CF_NR_ZKDX": "食品经营许可证"}, True),
        (FIRM | {"CF_CFLB": "罚款;没收违法所得;其他-责令改正"}, True),
        (FIRM | {"CF_CFLB": "罚款;没收违法所得;其他-"}, False),
        (FIRM | {"CF_CFLB": "罚款,没收违法所得"}, False),
        (FIRM | {"CF_NR_FK": "1.1234567"}, False),
        (FIRM | {"CF_NR_FK": "1234567890123.0"}, False),
        (FIRM | {"CF_JDRQ": "2026-02-30"}, False),
        (FIRM | {"CF_UNKNOWN": "1"}, False),
    ],
)
def test_the_schema_of_a_penalty_says_its_conditions(row: dict[str, str], accepted: bool) -> None:
    assert (faults(item("penalty"), row) == []) is accepted


CODES = tuple(f"XK_XDR_{end}" for end in ("SHXYM", "GSZC", "ZZJG", "SWDJ", "SYDW", "SHZZ"))


@pytest.mark.parametrize("code", CODES)
def test_a_licence_needs_one_of_the_six_codes(code: str) -> None:
    licence = item("licence")
    row = example_row(licence)
    none = without(row, *CODES)
    assert faults(licence, none)
    assert faults(licence, none | {code: licence.field(code).example}) == []


def test_a_natural_person_has_none_of_the_six_codes() -> None:
    licence = item("licence")
    row = example_row(licence)
    person = without(row, *CODES) | {
        "XK_XDR_LB": "自然人",
        "XK_XDR_ZJLX": "身份证",
        "XK_XDR_ZJHM": licence.field("XK_XDR_ZJHM").example,
    }
    assert faults(licence, person) == []
    for code in CODES:
        assert faults(licence, person | {code: licence.field(code).example})
