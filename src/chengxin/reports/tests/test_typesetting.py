"""Lines of a report: nothing lost, nothing too wide, no mark where Chinese has none."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chengxin.reports.typesetting import MISSING, mostly_chinese, printable, wrapped

TEXTS = st.text(alphabet="中文，。（）《》“”12条ab c-/:.", max_size=80)


def measure(text: str) -> float:
    """Chinese is twice as wide as Latin."""
    return sum(1.0 if one > "\u2e7f" or one in "“”" else 0.5 for one in text)


def test_no_line_begins_with_a_closing_mark_or_ends_with_an_opening_one() -> None:
    text = "依据《电子商务法》第十五条，责令改正（限期七日），罚款5万元。" * 4
    for width in range(6, 40):
        lines = wrapped(text, width, measure)
        assert "".join(lines) == text
        assert not any(line[0] in "，。）》" for line in lines), (width, lines)
        assert not any(line[-1] in "（《" for line in lines), (width, lines)


def test_codes_addresses_and_numbers_with_their_units_stay_whole() -> None:
    code = "91350102MA2XAB0130"
    assert any(code in line for line in wrapped(f"统一社会信用代码{code}的主体", 12, measure))
    address = "https://www.example.cn/shop/1"
    assert any(address in line for line in wrapped(f"网址{address}网店", 16, measure))
    assert not any(line.startswith("条") for line in wrapped("依据该办法第17条", 7.0, measure))


@given(TEXTS, st.integers(3, 30))
def test_nothing_but_blanks_at_the_ends_of_lines_is_lost_and_no_line_is_too_wide(
    text: str, width: int
) -> None:
    lines = wrapped(text, width, measure)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(measure(line) <= width or len(line) == 1 for line in lines)


def test_what_the_type_lacks_is_marked_and_what_cannot_be_seen_is_blank() -> None:
    assert printable("林𠮷\u200b示", lambda one: one in "林示") == f"林{MISSING} 示"


def test_only_chinese_is_spread() -> None:
    assert mostly_chinese("罚款人民币20万元") and not mostly_chinese("a fine of 20 yuan 元")
