"""Separated text: what is written is what is read, chunk by chunk, and a faulty row is that row's fault."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.exchange.formats import Unreadable, frames, limits, records
from chengxin.exchange.formats.source import Source
from chengxin.exchange.formats.tests.files import (
    CODES,
    ITEM,
    NAMES,
    ROWS,
    Row,
    faults,
    opened,
    read,
    refusal,
    rows_of,
    separated,
    written,
)

WORDS = st.text(
    st.one_of(
        st.sampled_from('"\n,;\t（），\u3000 =x^\ufeff'),
        st.characters(exclude_categories=["Cs"], exclude_characters="\0\r"),
    ),
    max_size=12,
)
TABLES = st.lists(st.dictionaries(st.sampled_from(CODES), WORDS, max_size=4), min_size=1, max_size=12)


def meant(rows: list[Row]) -> list[Row]:
    """What should be read: values stripped, empty ones and blank rows left out, in catalogue order."""
    stripped = [{code: row[code].strip(limits.BLANKS) for code in CODES if code in row} for row in rows]
    return [found for row in stripped if (found := {code: value for code, value in row.items() if value})]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@given(
    rows=TABLES,
    dialect=st.tuples(
        st.sampled_from(records.SEPARATORS), st.sampled_from(["\n", "\r\n"]), st.integers(0, 2)
    ),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16"]),
    lines=st.integers(1, 5),
)
def test_any_table_in_any_dialect_is_read_back(
    folder: Path, rows: list[Row], dialect: tuple[str, str, int], encoding: str, lines: int
) -> None:
    rows = [*rows, ROWS[0]]
    separator, newline, quoting = dialect
    content = separated(
        rows, headings=NAMES.__getitem__, separator=separator, newline=newline, quoting=quoting
    )
    path = written(folder, "a", content, encoding)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BLOCK_LINES", lines)
        assert read(path) == meant(rows)


@given(rows=TABLES)
def test_what_polars_writes_is_read_back(folder: Path, rows: list[Row]) -> None:
    rows = [*rows, ROWS[0]]
    columns = {code: [row.get(code, "") for row in rows] for code in CODES}
    pl.DataFrame(columns, schema=dict.fromkeys(CODES, pl.String)).write_csv(folder / "b")
    assert read(folder / "b") == meant(rows)


@given(rows=TABLES, lines=st.integers(1, 4), size=st.integers(1, 200), skip=st.integers(0, 15))
def test_reading_goes_on_at_any_chunk(
    folder: Path, rows: list[Row], lines: int, size: int, skip: int
) -> None:
    path = written(folder, "c", separated([*rows, *ROWS, {}, *ROWS]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BLOCK_LINES", lines)
        patch.setattr(limits, "BLOCK_BYTES", size * 8)
        whole = list(opened(path).chunks())
        tail = list(opened(path).chunks(skip))
    assert [chunk.number for chunk in tail] == [chunk.number for chunk in whole[skip:]]
    assert all(one.frame.equals(two.frame) for one, two in zip(tail, whole[skip:], strict=True))


def test_chunks_of_a_converted_file_are_the_same_each_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "BLOCK_LINES", 2)
    path = written(tmp_path, "a", separated(ROWS * 5))
    table, again = opened(path), opened(path)
    for skip in (0, 1, 3, 99):
        one, two = list(table.chunks(skip)), list(again.chunks(skip))
        assert len(one) == len(two)
        assert all(left.frame.equals(right.frame) for left, right in zip(one, two, strict=True))
    assert rows_of(list(table.chunks())) == ROWS * 5


@given(
    text=st.text(st.sampled_from('aaa""",,,,\n\n  \r\u3000中^x\t'), max_size=60),
    width=st.integers(1, 3),
    extra=st.sampled_from([0, 2]),
    lines=st.sampled_from([1, 2, 50]),
    size=st.sampled_from([30, 100, 1000]),
)
def test_blocks_neither_lose_nor_change_what_the_whole_text_says(
    text: str, width: int, extra: int, lines: int, size: int
) -> None:
    """Any text at all: block by block, by Polars or cell by cell, counted or read, it is the same."""
    source = Source(os.memfd_create("text"))
    os.write(source.descriptor, text.encode())
    codes = tuple(f"C{number}" for number in range(width))
    layout = frames.Layout(",", codes, width + extra, codes)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "BLOCK_LINES", lines)
        patch.setattr(limits, "BLOCK_BYTES", size)
        try:
            found = list(records.blocks(source, 0, ",", width))
        except Unreadable as error:
            assert error.problem.rule == "quote_unclosed"
            assert '"' in text
            return
    ends = [0, *(block.end for block in found)]
    assert [block.start for block in found] == ends[:-1]
    assert ends[-1] == source.size
    got: list[tuple[str | None, ...]] = []
    for block in found:
        frame = frames.frame(source, block, layout)
        slow = frames.Layout(",", codes, width, codes)
        assert frame.equals(frames.frame(source, records.Block(block.start, block.end, True, False), slow))
        assert frames.height(source, block, layout) == frame.height
        got += frame.rows()
    assert got == _said(text, width)


def _said(text: str, width: int) -> list[tuple[str | None, ...]]:
    """The rows of the whole text at once."""
    rows: list[tuple[str | None, ...]] = []
    for cells, stray in records.cells(text if text.endswith("\n") else text + "\n", ",") if text else ():
        values = [cell.strip(limits.BLANKS) or None for cell in cells]
        fault = "stray_quote" if stray else "too_many_cells" if any(values[width:]) else None
        row = (values + [None] * width)[:width]
        if fault or any(row):
            rows.append((fault, *row))
    return rows


def test_a_row_with_too_many_cells_is_marked_and_the_others_are_read(tmp_path: Path) -> None:
    one = separated(ROWS[:1])
    row = one.split("\r\n")[1]
    for extra in (",x", "," * 3 + "x", "," * 40 + "x", ",\u3000,x"):
        path = written(tmp_path, "a", one + row + extra + "\r\n" + row)
        assert faults(path) == {2: "too_many_cells"}
        assert next(opened(path).chunks()).frame["CF_WSH"].to_list() == [ROWS[0]["CF_WSH"]] * 3
    assert faults(written(tmp_path, "b", one + (row + ", ,\r\n") * 3)) == {}


def test_missing_cells_at_the_end_are_empty(tmp_path: Path) -> None:
    short = separated(ROWS[:1]) + ",".join(ROWS[0][code] for code in CODES[:5]) + "\n"
    assert read(written(tmp_path, "a", short)) == [ROWS[0], {code: ROWS[0][code] for code in CODES[:5]}]


def test_a_cell_that_goes_on_after_its_quote_spoils_its_row_only(tmp_path: Path) -> None:
    content = separated(ROWS).replace("闽市监处罚〔2026〕3号", '"闽市监处罚"〔2026〕3号')
    assert faults(written(tmp_path, "a", content)) == {3: "stray_quote"}


def test_quotes_inside_a_cell_are_characters(tmp_path: Path) -> None:
    rows = [ROWS[0] | {"CF_SY": '5"屏幕'}, ROWS[0] | {"CF_SY": '6" 屏幕"'}]
    content = separated(ROWS[:1]) + "".join(",".join(row.values()) + "\n" for row in rows)
    assert read(written(tmp_path, "a", content)) == [ROWS[0], *rows]


def test_blanks_around_quotes_are_none_of_the_value(tmp_path: Path) -> None:
    content = separated(ROWS[:1]).replace(ROWS[0]["CF_WSH"], f' "{ROWS[0]["CF_WSH"]}" ')
    assert read(written(tmp_path, "a", content)) == ROWS[:1]


@pytest.mark.parametrize("after", [0, 1, 40_000])
def test_a_lone_quote_is_named_by_its_line(tmp_path: Path, after: int) -> None:
    plain = separated([ROWS[0]] * 5)
    broken = plain.replace("\r\n", '\r\n"', 3).replace('\r\n"', "\r\n", 2)  # only the third line end
    assert broken.splitlines()[3].startswith('"')
    content = broken + separated([ROWS[0]] * after).split("\r\n", 1)[1]
    assert "第4行" in refusal(written(tmp_path, "a", content), "quote_unclosed")


def test_a_lone_quote_before_quoted_cells_does_not_swallow_rows(tmp_path: Path) -> None:
    content = separated([ROWS[0]] * 3).replace("\r\n", '\r\n"', 1) + separated(ROWS[:1], quoting=1)
    assert "第2行" in refusal(written(tmp_path, "a", content), "quote_unclosed")


def test_a_line_without_end(tmp_path: Path) -> None:
    content = separated(ROWS[:1]) + "x" * (2 * limits.BLOCK_BYTES)
    assert "第3行" in refusal(written(tmp_path, "a", content), "line_too_long")


@pytest.mark.parametrize("quoting", [0, 1])
def test_a_gigantic_value_is_its_row_s_fault(tmp_path: Path, quoting: int) -> None:
    giant = ROWS[0] | {"CF_SY": "x" * (limits.VALUE_BYTES + 1)}
    path = written(tmp_path, "a", separated([ROWS[0], giant, ROWS[0]], quoting=quoting))
    assert faults(path) == {2: "row_too_long"}
    assert next(opened(path).chunks()).frame["CF_SY"].to_list() == [ROWS[0]["CF_SY"], None, ROWS[0]["CF_SY"]]
    most = ROWS[0] | {"CF_SY": "x" * limits.VALUE_BYTES}
    assert read(written(tmp_path, "b", separated([most], quoting=quoting))) == [most]


def test_a_value_may_have_more_lines_than_a_chunk(tmp_path: Path) -> None:
    row = ROWS[0] | {"CF_SY": "\n".join("事" * 60_000)}
    assert read(written(tmp_path, "a", separated([*ROWS, row, *ROWS]))) == [*ROWS, row, *ROWS]


def test_text_that_looks_compressed_is_text(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BLOCK_LINES", 1)
    row = ROWS[0] | {"CF_XDR_MC": "x^2 公司"}
    assert read(written(tmp_path, "a", separated([row]))) == [row]


def test_an_item_s_every_field_has_a_column(tmp_path: Path) -> None:
    table = opened(written(tmp_path, "a", separated(ROWS)))
    assert next(table.chunks()).frame.columns == ["_row", "_fault", *(field.code for field in ITEM.fields)]
