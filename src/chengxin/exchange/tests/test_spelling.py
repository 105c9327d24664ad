"""Every harmless spelling of a right value is accepted, and comes out as the one that the archive keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.exchange.checking.choices import choices
from chengxin.exchange.checking.spelling import read_url
from chengxin.exchange.tests.rows import archived, broken, kept
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Field, Item, versions
from chengxin.rulebook.template import FALSE, TRUE, example_row

ALL = pytest.mark.parametrize("one", versions(), ids=lambda one: f"{one.id}.{one.version}")
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
Spell = st.SearchStrategy[str]


def _wide(text: str) -> str:
    return text.translate(WIDE)


def _dates(text: str) -> list[str]:
    year, month, day = text.split("-")
    return [
        text,
        f"{year}/{month}/{day}",
        f"{year}-{int(month)}-{int(day)}",
        f"{year}.{int(month)}.{int(day)}",
        f"{year}{month}{day}",
        f"{year}年{int(month)}月{int(day)}日",
        f"{text} 00:00:00",
        _wide(text),
    ]


def _numbers(text: str) -> list[str]:
    whole, point, part = text.partition(".")
    found = [text, f"{int(whole):,}{point}{part}", "00" + text, "+" + text, _wide(text)]
    if point:
        found += [text.rstrip("0"), text + "00", f"{whole}.{part.rstrip('0')}" if part.strip("0") else whole]
    else:
        found += [text + ".0", text + ".00"]
    return found


def _codes(text: str) -> list[str]:
    return [text, text.lower(), _wide(text), f" {text[:4]} {text[4:]}", f"{text[:8]}-{text[8:]}"]


def _lists(field: Field, text: str) -> list[str]:
    values = text.split(field.separator)
    return [
        text,
        *(sign.join(values) for sign in ("；", "，", ",", "、", "; ", "\n")),
        text + "；",
        f"{text};{text}",
    ]


def spellings(field: Field, text: str) -> list[str]:
    """Ways to write a value that mean the same."""
    by_type: dict[str, Callable[[str], list[str]]] = {
        "date": _dates,
        "decimal": _numbers,
        "integer": _numbers,
        **dict.fromkeys(("uscc", "regno", "gtin", "personal"), _codes),
        "orgcode": lambda one: [one, one.lower(), f"{one[:8]}-{one[8:]}", _wide(one)],
        "region": lambda one: [one, _wide(one)],
        "codes": lambda one: _lists(field, one),
        "code": lambda one: [one, field.labels_zh.get(one, one), _wide(one), one.lower(), f" {one}"],
        "url": lambda one: [
            one,
            one.replace("https://", "HTTPS://"),
            one.replace("example.com", "EXAMPLE.COM"),
        ],
        "phone": lambda one: [one, _wide(one), f" {one}"],
        "boolean": lambda one: [
            one,
            *({TRUE: ["true", "1", "Y", "TRUE"], FALSE: ["false", "0", "n", "No"]}[one]),
        ],
    }
    return by_type[field.type](text) if field.type in by_type else [text]


@st.composite
def respelt(draw: st.DrawFn, one: Item) -> dict[str, str]:
    """The example row, each value in some spelling."""
    return {
        code: draw(st.sampled_from(spellings(one.field(code), value)))
        for code, value in example_row(one).items()
    }


@ALL
@settings(max_examples=50)
@given(data=st.data())
def test_a_right_row_stays_right_in_every_spelling(one: Item, data: st.DataObject) -> None:
    row = data.draw(respelt(one))
    assert kept(one, row) == archived(one, example_row(one)), broken(one, row)


@ALL
def test_each_choice_is_accepted_by_its_value_and_its_label(one: Item) -> None:
    for field in one.fields:
        for value in field.choices:
            assert choices(field).read(value) == value
            assert choices(field).read(field.labels_zh[value]) == value


def test_excel_serials_and_end_of_time() -> None:
    penalty = catalogue.item("penalty")
    row = example_row(penalty) | {"CF_JDRQ": "46122", "CF_YXQ": "2099/12/31"}
    found = kept(penalty, row)
    assert found is not None and found["CF_JDRQ"] == "2026-04-10" and found["CF_YXQ"] == "2099-12-31"


def test_amounts_stay_in_the_unit_of_their_column() -> None:
    penalty = catalogue.item("penalty")
    found = kept(penalty, example_row(penalty) | {"CF_NR_FK": "20"})
    assert found is not None and found["CF_NR_FK"] == "20.000000"


def test_text_is_kept_as_it_was_sent() -> None:
    penalty = catalogue.item("penalty")
    text = "＝1＋1（全角）、①〔2026〕  两个空格\n换行"
    found = kept(penalty, example_row(penalty) | {"CF_SY": text, "CF_XDR_MC": "福州（示例）有限公司"})
    assert found is not None and found["CF_SY"] == text and found["CF_XDR_MC"] == "福州（示例）有限公司"


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("警告；罚款", "警告;罚款"),
        ("罚款、没收违法所得", "罚款;没收违法所得"),
        ("其他－责令改正", "其他-责令改正"),
        ("其他：责令改正；警告", "其他-责令改正;警告"),
        ("其他-责令改正、限期整改", "其他-责令改正、限期整改"),
        ("其他-责令改正、吊销许可证件", "其他-责令改正;吊销许可证件"),
        ("警告;警告", "警告"),
        ("罚金", None),
        ("罚款和警告", None),
        ("其他-", None),
        ("其他", None),
        (";；", None),
        ("没收违法所得 罚款", None),
    ],
)
def test_lists_of_choices(sent: str, read: str | None) -> None:
    assert choices(catalogue.item("penalty").field("CF_CFLB")).read(sent) == read


def test_a_choice_with_a_comma_in_it_is_not_cut_apart() -> None:
    field = catalogue.item("enforcement").field("SX_QX")
    first, second = field.choices[1], field.choices[2]
    assert "、" in first and "、" in second
    assert choices(field).read(f"{first}、{second}") == f"{first};{second}"


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("没收非法所得", "没收违法所得"),
        ("停产停业", "责令停产停业"),
        ("吊销许可证", "吊销许可证件"),
        ("abc", None),
    ],
)
def test_a_near_miss_names_what_may_have_been_meant(sent: str, meant: str | None) -> None:
    assert choices(catalogue.item("penalty").field("CF_CFLB")).nearest(sent) == meant


def test_a_list_of_very_many_parts_is_not_read_in_part() -> None:
    field = catalogue.item("penalty").field("CF_CFLB")
    assert choices(field).read("警告;" * 1_000) == "警告"
    assert choices(field).read("警告;" * 1_000_000 + "乙") is None
    assert choices(field).read("、".join(["其他-甲"] + ["乙"] * 4_000)) is not None


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("https://Shop.Example.COM/A?b=1#c", "https://shop.example.com/A?b=1#c"),
        ("ｈｔｔｐｓ：／／ｓｈｏｐ．ｅｘａｍｐｌｅ．ｃｏｍ", "https://shop.example.com"),
        ("http://shop.example.com/店铺", "http://shop.example.com/%E5%BA%97%E9%93%BA"),
        ("http://示例.中国/", "http://xn--fsq092h.xn--fiqs8s/"),
        ("https://a.example.com/?a=[1]&b=50%", "https://a.example.com/?a=%5B1%5D&b=50%25"),
        ("https://my_shop.example.com:8443/", "https://my_shop.example.com:8443/"),
        ("shop.example.com", None),
        ("ftp://shop.example.com", None),
        ("javascript:alert(1)", None),
        ("https://user:word@example.com/", None),
        ("https://taobao.com\\@example.com/", None),
        ("https://example", None),
        ("https://a..example.com", None),
        ("https://a.example.com/ https://b.example.com/", None),
    ],
)
def test_web_addresses(sent: str, read: str | None) -> None:
    assert read_url(sent) == read


@settings(max_examples=300)
@given(st.text(max_size=40), st.text(max_size=40))
def test_an_address_that_was_read_is_read_again_as_it_is(host: str, path: str) -> None:
    for text in (f"https://{host}/{path}", f"http://a.example.com/{path}", host + path):
        found = read_url(text)
        assert found is None or (read_url(found) == found and found.isascii())
