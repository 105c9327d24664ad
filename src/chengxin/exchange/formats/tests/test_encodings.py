"""Encodings are decided on the whole file: never half a file of wrong characters."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengxin.exchange.formats import encoding, limits, source
from chengxin.exchange.formats.tests.files import NAMES, ROWS, lines, read, refusal, separated, written

CONTENT = separated(ROWS * 3)


def test_gb18030_is_recognised_wherever_its_first_character_stands(tmp_path: Path) -> None:
    ascii_rows = [dict.fromkeys(row, "A") for row in ROWS] * 2_000
    content = separated([*ascii_rows, ROWS[0]])
    assert read(written(tmp_path, "a", content, "gb18030"))[-1] == ROWS[0]


PIECES = source.Source.pieces


def test_characters_are_whole_at_every_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for code in ("utf-8", "gb18030", "utf-16"):
        path = written(tmp_path, "a", CONTENT, code)
        for length in (1, 2, 3, 5, 7):
            monkeypatch.setattr(encoding, "_PIECE", length)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(source.Source, "pieces", lambda self, _=0, n=length: PIECES(self, n))
                assert read(path) == ROWS * 3


def test_damaged_utf8_is_not_taken_for_gb18030(tmp_path: Path) -> None:
    data = CONTENT.encode()
    for at in (data.index("公司".encode()), data.rindex("公司".encode()) + 3, data.rindex("处罚".encode())):
        for bad in (b"\xff", b"\xf0", b"\x80"):
            damaged = data[:at] + bad + data[at + 1 :]
            words = refusal(written(tmp_path, "a", damaged), "file_encoding")
            assert "UTF-8" in words
            assert f"第{data[:at].count(10) + 1}行" in words


def test_a_file_that_ends_within_a_character(tmp_path: Path) -> None:
    data = separated(ROWS[:1]).encode().rstrip()
    assert "UTF-8" in refusal(written(tmp_path, "a", data + "演".encode()[:2]), "file_encoding")


def test_damaged_gb18030(tmp_path: Path) -> None:
    data = separated(ROWS, headings=NAMES.__getitem__).encode("gb18030")
    words = refusal(written(tmp_path, "a", data + b"\xb8\xa3\xd6\xff\n"), "file_encoding")
    assert "GB18030" in words
    assert f"第{data.count(10) + 1}行" in words


def test_a_file_of_two_encodings(tmp_path: Path) -> None:
    data = CONTENT.encode() + separated(ROWS).split("\r\n", 1)[1].encode("gb18030")
    assert "UTF-8" in refusal(written(tmp_path, "a", data), "file_encoding")


def test_a_byte_order_mark_is_believed(tmp_path: Path) -> None:
    data = b"\xef\xbb\xbf" + separated(ROWS, headings=NAMES.__getitem__).encode("gb18030")
    assert "UTF-8" in refusal(written(tmp_path, "a", data), "file_encoding")


@pytest.mark.parametrize("code", ["utf-16-le", "utf-16-be"])
def test_damaged_utf16(tmp_path: Path, code: str) -> None:
    data = ("\ufeff" + separated(ROWS[:1])).encode(code)
    assert "第3行" in refusal(written(tmp_path, "a", data + b"\x41"), "file_encoding")
    lone = "\ud842".encode(code, "surrogatepass")
    assert "第3行" in refusal(written(tmp_path, "b", data + lone + ",".encode(code)), "file_encoding")


@pytest.mark.parametrize("code", ["utf-8", "utf-16"])
def test_nul_characters(tmp_path: Path, code: str) -> None:
    refusal(written(tmp_path, "a", CONTENT + "\0", code), "file_binary")
    refusal(written(tmp_path, "b", lines(ROWS) + "\0", code), "file_binary")


def test_utf16_without_a_mark_and_utf32_are_binary(tmp_path: Path) -> None:
    refusal(written(tmp_path, "a", CONTENT, "utf-16-le"), "file_binary")
    refusal(written(tmp_path, "b", CONTENT, "utf-32"), "file_binary")


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    path = written(tmp_path, "a", CONTENT, "gb18030")
    assert read(path)
    refusal(written(tmp_path, "b", CONTENT.encode() + b"\xff"), "file_encoding")
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a", "b"]


def test_a_folder_that_may_not_be_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)
    path = written(tmp_path, "a", CONTENT, "gb18030")
    assert read(path) == ROWS * 3


def test_blocks_are_read_whole(tmp_path: Path) -> None:
    path = written(tmp_path, "a", b"x" * 100)
    file = source.opened(path)
    assert file.read(90, limits.MIB) == b"x" * 10
    assert file.read(100, 1) == b""
