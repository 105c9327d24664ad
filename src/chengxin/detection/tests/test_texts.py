"""Texts are alike when they share most words, and copies only where the market doesn't explain it."""

from __future__ import annotations

from collections import Counter

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.detection.opinions.texts import (
    BANDS,
    Said,
    counted,
    elsewhere,
    fingerprints,
    repeated,
    wordings,
)
from chengxin.detection.statistics.bursts import waves

LONG = "第一次在这家买茶汤色金黄透亮入口顺滑回味悠长店主还细心附了冲泡说明"


def test_a_text_with_a_word_exchanged_shares_most_keys_and_another_text_none() -> None:
    keys = fingerprints(
        pl.Series([LONG, LONG.replace("店主", "老板"), "包装破损收到时已经漏了一半联系客服无人应答"])
    )
    assert (keys[0, :BANDS] == keys[1, :BANDS]).sum() >= BANDS // 2
    assert keys[0, BANDS] != keys[1, BANDS]
    assert not (keys[0] == keys[2]).any()


@settings(max_examples=50, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=8))
def test_equal_texts_have_equal_keys_whatever_stands_beside_them(texts: list[str]) -> None:
    together = fingerprints(pl.Series(texts, dtype=pl.String))
    for number, text in enumerate(texts):
        assert np.array_equal(together[number], fingerprints(pl.Series([text], dtype=pl.String))[0])


def test_what_all_shops_receive_is_no_copy_and_what_one_receives_is() -> None:
    texts = pl.Series(["物流快很满意", LONG])
    rows = [(shop, n, 0) for shop in range(30) for n in range(5)] + [(3, 100 + n, 1) for n in range(5)]
    group, rater, text = np.array(rows, np.int64).T
    odd = repeated(wordings(texts), Said(group, np.zeros_like(group), rater, text))
    assert (odd[text == 1] > 4).all()
    assert (odd[text == 0] < 1).all()


def test_one_rater_who_repeats_himself_is_no_group() -> None:
    text = np.zeros(6, np.int64)
    one = np.array([1, 1, 1, 1, 1, 1])
    shops = np.array([1, 1, 1, 1, 1, 2])
    assert not repeated(wordings(pl.Series([LONG])), Said(shops, text, one, text)).any()


def test_a_long_text_of_two_raters_is_odd_and_what_everybody_writes_is_not() -> None:
    text = np.array([0] * 98 + [1, 1], np.int64)
    odd = elsewhere(np.array([2, 60]), text, np.arange(100))
    assert odd[99] > 1
    assert odd[0] < 0.1
    assert not elsewhere(np.array([2, 60]), text, np.zeros(100, np.int64)).any(), "nobody else wrote it"


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=40))
def test_different_values_are_counted_in_order(values: list[int]) -> None:
    found, times = counted(np.array(values, np.int64))
    assert dict(zip(found.tolist(), times.tolist(), strict=True)) == Counter(values)
    assert found.tolist() == sorted(set(values))


def test_a_wave_is_found_where_it_was_and_an_even_pace_is_none() -> None:
    rows = [(f"s{shop}", day, 1, 20) for shop in range(30) for day in range(60)]
    rows += [("s7", day, 9, 20) for day in (70, 71, 72)]
    rows += [("s7", day, 1, 20) for day in range(80, 100)]
    daily = pl.DataFrame(rows, schema=["shop", "day", "hits", "exposure"], orient="row")
    found = waves(daily, ["shop"])
    assert found["shop"].to_list() == ["s7"]
    assert (found["start"][0], found["end"][0], found["count"][0]) == (70, 72, 27.0)
