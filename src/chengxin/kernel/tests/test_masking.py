"""Masking: enough is left to recognise one's own detail, never enough to use somebody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.kernel.identifiers import SCHEMES, mask
from chengxin.kernel.masking import CLOSED

pytestmark = pytest.mark.obligation("13d")

KINDS = [scheme.id for scheme in SCHEMES.values() if scheme.personal]
NUMBERS = [*KINDS, "personal", "bank_card"]


@pytest.mark.parametrize(
    ("kind", "text", "shown"),
    [
        ("resident_id", "11010519491231002X", "1101************2X"),
        ("resident_id", "110105491231002", "1101*********02"),
        ("phone", "13805910000", "138****0000"),
        ("phone", "87654321", "8*******"),
        ("passport", "E12345678", "E******78"),
        ("travel_permit", "H12345678", "H******78"),
        ("bank_card", "6222021402000000123", "***************0123"),
        ("person", "王小明", "王**"),
        ("person", "王明", "王*"),
        ("person", "欧阳修", "欧阳*"),
        ("person", "欧阳", "欧*"),
        ("person", "王", "*"),
        ("person", "阿不都拉·买买提", "阿*******"),
        ("email", "wang.xm@example.cn", "w****@example.cn"),
        ("email", "w@example.cn", "****@example.cn"),
        ("email", "not an address", "****"),
        ("address", "福建省福州市鼓楼区湖东路88号3栋201室", "福建省福州市鼓楼区****"),
        ("address", "上海市浦东新区世纪大道1号", "上海市浦东新区****"),
        ("address", "福建省福州市闽侯县上街镇", "福建省福州市闽侯县****"),
        ("address", "广西壮族自治区南宁市青秀区民族大道", "广西壮族自治区南宁市青秀区****"),
        ("address", "福州市幸福小区3栋", "福州市****"),
        ("address", "湖东路88号", "****"),
        ("something", "秘密", "****"),
        ("person", "", ""),
        ("uscc", "91110000600037341L", "91110000600037341L"),
    ],
)
def test_what_is_shown(kind: str, text: str, shown: str) -> None:
    assert mask(kind, text) == shown


@pytest.mark.parametrize("kind", NUMBERS)
@given(text=st.text("0123456789ABCDEFX", min_size=1, max_size=40))
def test_a_number_keeps_its_length_and_hides_four_characters_or_all_but_one(kind: str, text: str) -> None:
    shown = mask(kind, text)
    assert len(shown) == len(text)
    assert shown.count("*") >= min(4, max(1, len(text) - 1))
    assert all(new in (old, "*") for old, new in zip(text, shown, strict=True))


@given(name=st.text("王欧阳司马小明Anna· ", min_size=1, max_size=12).filter(str.strip))
def test_a_given_name_is_never_shown(name: str) -> None:
    name = name.strip()
    shown = mask("person", name)
    assert shown.rstrip("*") in (name[:2] if name[:2] in ("欧阳", "司马") and len(name) > 2 else name[:1], "")
    assert shown.endswith("*")


@given(text=st.text(min_size=1), kind=st.text())
def test_a_kind_nobody_knows_is_hidden_altogether(text: str, kind: str) -> None:
    assert mask("?" + kind, text) in (CLOSED, "")


@given(number=st.text("0123456789", min_size=1, max_size=6))
def test_an_address_never_shows_a_house_number(number: str) -> None:
    shown = mask("address", f"福建省福州市鼓楼区湖东路{number}号")
    assert not any(character.isdigit() for character in shown)
