"""Dates: every usual way of writing is read, nothing is guessed, a column is read like each of its texts."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chengxin.kernel.dates import EARLIEST, LATEST, parse_date, parse_dates

MARCH_5 = date(2026, 3, 5)


def column(texts: list[str | None]) -> list[date | None]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    read = frame.select(parse_dates(pl.col("text")).alias("date"))["date"]
    assert read.dtype == pl.Date
    return read.to_list()


@pytest.mark.parametrize(
    "text",
    [
        *("2026/03/05", "2026/3/5", "2026-03-05", "2026-3-5", "2026.3.5", "20260305", "20260305.0"),
        *("2026年3月5日", "2026年03月05日", "2026 年 3 月 5 日", "２０２６／０３／０５", "　2026/03/05 "),
        *("46086", "46086.0", "46086.75"),
        *("2026-03-05 00:00:00", "2026-03-05T23:59:59", "2026/3/5 9:30", "2026-03-05T08:00:00.000+08:00"),
    ],
)
def test_the_fifth_of_march_in_every_usual_way(text: str) -> None:
    assert parse_date(text) == MARCH_5
    assert column([text]) == [MARCH_5]


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30", "2026/02/29", "2026/13/01", "2026/00/10", "2026/01/00", "20260230", "1900/02/29"),
        *("1899/12/31", "2100/01/01", "1899-12-31", "73051", "0001-01-01", "99999"),  # out of range
        *("2026", "202603", "3/5/2026", "05/03/2026", "26/03/05", "2026-03/05", "2026/03", "2026年3月"),
        *("2026-03-05T23:00:00Z", "2026-03-05T23:00:00+00:00", "2026-03-05 24:00", "2026-03-05 10:60"),
        *("+2026/03/05", "2026/03/05x", "2026//03/05", "", " ", "长期", "46086.", "4608", "046086", "-46086"),
        *("1", "59", "60", "９", "2026/03/05\n2026/03/05", "٢٠٢٦/٠٣/٠٥"),
    ],
)
def test_what_is_no_day_or_could_be_two_is_not_read(text: str) -> None:
    assert parse_date(text) is None
    assert column([text]) == [None]


def test_the_last_day_means_without_end_and_is_read() -> None:
    assert parse_date("2099/12/31") == LATEST
    assert column(["2099/12/31", "73050"]) == [LATEST, LATEST]


ways = st.sampled_from(
    ["%Y/%m/%d", "%Y-%m-%d", "%Y.%m.%d", "%Y%m%d", "%Y年%m月%d日", "%Y-%m-%d 00:00:00", "%Y-%m-%dT10:11:12"]
)


@given(day=st.dates(EARLIEST, LATEST), way=ways)
def test_reading_undoes_writing(day: date, way: str) -> None:
    text = day.strftime(way)
    assert parse_date(text) == day
    assert column([text]) == [day]


@given(day=st.dates(date(1927, 5, 18), LATEST))
def test_a_serial_is_the_day_a_spreadsheet_shows(day: date) -> None:
    serial = day.toordinal() - date(1899, 12, 30).toordinal()
    assert parse_date(str(serial)) == day
    assert column([f"{serial}.0"]) == [day]


near_dates = st.from_regex(
    r"[ +]?[0-9]{1,5}[-/.年 ]?[0-9]{0,3}[-/.月 ]?[0-9]{0,3}[日.]?([ T][0-9]{1,2}:[0-9]{2})?\s?",
    fullmatch=True,
)
numbers_as_dates = st.builds(
    "{:04}{}{:02}{}{:02}".format,
    st.integers(1890, 2110),
    st.sampled_from("/-.年"),
    st.integers(0, 13),
    st.sampled_from("/-.月"),
    st.integers(0, 32),
)


@given(
    texts=st.lists(
        st.none() | st.text(max_size=12) | near_dates | numbers_as_dates | st.integers(0, 99_999).map(str),
        max_size=30,
    )
)
@example(texts=[None, "", "2026/03/05", " 2026/03/05", "2026/02/30", "46086.0", "2026-3-5"])
def test_a_column_is_read_like_each_text(texts: list[str | None]) -> None:
    assert column(texts) == [None if text is None else parse_date(text) for text in texts]


def test_a_column_may_be_read_in_a_filter_a_group_and_a_stream() -> None:
    frame = pl.DataFrame({"text": ["2026/03/05", "46086", None, "长期"], "group": [1, 1, 2, 2]})
    read = parse_dates(pl.col("text"))
    assert frame.filter(read == MARCH_5).height == 2
    assert frame.lazy().with_columns(read).collect(engine="streaming")["text"].null_count() == 2
    grouped = frame.group_by("group", maintain_order=True).agg(read.alias("day"))["day"].to_list()
    assert grouped == [[MARCH_5, MARCH_5], [None, None]]
    assert frame.clear().select(read)["text"].dtype == pl.Date
