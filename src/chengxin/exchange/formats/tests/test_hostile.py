"""Files that lie: a clear error, within the memory and time that a file may cost."""

from __future__ import annotations

import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from chengxin.exchange.formats import converting, limits
from chengxin.exchange.formats.tests.files import (
    CODES,
    ROWS,
    faults,
    lines,
    read,
    refusal,
    separated,
    workbook,
    written,
    xml,
)

MIB = limits.MIB


@pytest.mark.parametrize(
    "content",
    [b"%PDF-1.7\n", b"\x1f\x8b\x08\0", b"Rar!\x1a", b"\x89PNG\r\n", b"PK\x05\x06" + bytes(18), b"{\\rtf1"],
)
def test_files_that_are_no_tables(tmp_path: Path, content: bytes) -> None:
    refusal(written(tmp_path, "a.csv", content), "file_binary")


def test_a_web_page_or_another_xml_named_xls(tmp_path: Path) -> None:
    for page in ("<html>", "\n <!DOCTYPE html>", "<TABLE border=1>", "<meta http-equiv='x'>"):
        refusal(written(tmp_path, "a.xls", page + "<tr><td>CF_XDR_MC</td></tr>"), "file_html")
    book = '<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>'
    refusal(written(tmp_path, "b.xls", book), "file_spreadsheet_2003")


def test_an_archive_that_is_no_workbook(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("处罚.csv", separated(ROWS))
    refusal(tmp_path / "a.xlsx", "zip_not_workbook")


def packed(path: Path, name: str, piece: bytes, times: int) -> None:
    """A workbook in which one part is made of a piece repeated."""
    workbook(path, ROWS)
    with zipfile.ZipFile(path) as old:
        parts = {part.filename: old.read(part) for part in old.infolist() if part.filename != name}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part, content in parts.items():
            new.writestr(part, content)
        with new.open(name, "w") as out:
            for _ in range(times):
                out.write(piece)


@pytest.mark.parametrize("name", ["xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "docProps/app.xml"])
def test_a_zip_bomb(tmp_path: Path, name: str) -> None:
    packed(tmp_path / "a.xlsx", name, b" " * MIB, 100)
    assert (tmp_path / "a.xlsx").stat().st_size < MIB
    refusal(tmp_path / "a.xlsx", "zip_bomb")


def test_a_zip_bomb_that_lies_about_its_size(tmp_path: Path) -> None:
    packed(tmp_path / "a.xlsx", "xl/worksheets/sheet1.xml", b" " * MIB, 100)
    content = (tmp_path / "a.xlsx").read_bytes()
    said = struct.pack("<L", 100 * MIB)
    assert said in content
    refusal(written(tmp_path, "b.xlsx", content.replace(said, struct.pack("<L", 5_000))), "zip_bomb")


def test_a_table_may_be_repetitive(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", [ROWS[0]] * 5_000)
    assert len(read(tmp_path / "a.xlsx")) == 5_000


def test_damaged_workbooks(tmp_path: Path) -> None:
    workbook(tmp_path / "a.xlsx", ROWS)
    whole = (tmp_path / "a.xlsx").read_bytes()
    old = (Path(__file__).parent / "data" / "penalty.xls").read_bytes()
    for content in (
        whole[: len(whole) // 2],
        whole[:100],
        whole[:4],
        old[:600],
        old[:8],
        old[:512] + bytes(3_000),
    ):
        refusal(written(tmp_path, "b", content), "workbook_damaged")
    for at in range(0, len(whole), max(1, len(whole) // 20)):  # one byte wrong: read or refused
        path = written(tmp_path, "c", whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
        try:
            read(path)
        except ValueError as error:
            assert hasattr(error, "problem"), error


def test_a_cell_at_the_far_end_of_the_sheet(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(list(CODES))
    book.active.append([ROWS[0][code] for code in CODES])
    book.active["XFD1048576"] = "远"
    book.save(tmp_path / "a.xlsx")
    refusal(tmp_path / "a.xlsx", "file_too_large")


def test_entities_are_never_read(tmp_path: Path) -> None:
    secret = written(tmp_path, "secret", "机密")
    bomb = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    for head in (
        f'<!DOCTYPE r [<!ENTITY e0 "ha">{bomb}]>',
        f'<!DOCTYPE r [<!ENTITY e9 SYSTEM "file://{secret}">]>',
        f'<!DOCTYPE r [<!ENTITY % e9 SYSTEM "file://{secret}"> %e9;]>',
    ):
        content = xml(ROWS, head=head).replace(ROWS[0]["BZ"], "&e9;")
        refusal(written(tmp_path, "a", content), "xml_entities")


def test_memory_that_runs_out_is_not_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many members in one object: more than the limit, which is lowered here, allows."""
    monkeypatch.setattr(limits, "CHILD_MEMORY_BYTES", 64 * MIB)
    content = '{"a": 1,' + ",".join(f'"k{n}": {{"a": [1, 2, 3]}}' for n in range(200_000)) + "}"
    path = written(tmp_path, "a", content)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refusal(path, "file_too_large")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200 * 1024


def test_time_that_runs_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(converting, "seconds", lambda _: 0)
    refusal(written(tmp_path, "a", lines(ROWS)), "file_too_slow")


def test_more_text_than_the_file_could_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SPOOL_BYTES", 0)
    monkeypatch.setattr(limits, "SPOOL_RATIO", 1)
    refusal(written(tmp_path, "a", lines([{"BZ": "1"}] * 1_000)), "file_too_large")


def test_rows_of_separators(tmp_path: Path) -> None:
    content = separated(ROWS) + "," * 200_000 + "\n" + "," * 200_000 + "x\n"
    assert faults(written(tmp_path, "a", content)) == {4: "too_many_cells"}


def test_millions_of_blank_lines(tmp_path: Path) -> None:
    path = written(tmp_path, "a", separated(ROWS) + "\n" * (20 * MIB) + separated(ROWS).split("\n", 1)[1])
    assert read(path) == ROWS * 2


# The peak of this process alone: getrusage counts the parent's memory at the time of the fork, too.
PEAK = """
import re, sys
from pathlib import Path
from chengxin.exchange.formats.tests.files import opened
table = opened(Path(sys.argv[1]))
rows = sum(chunk.frame.height for chunk in table.chunks())
peak = re.search("VmHWM:\\s+([0-9]+)", Path("/proc/self/status").read_text())
print(rows, int(peak[1]) // 1024)
"""


@pytest.mark.parametrize("quoting", [0, 1], ids=["plain", "all quoted"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, quoting: int) -> None:
    """A file of 200 MB is read in less than 450 MiB, Python and Polars included."""
    head, body = separated(ROWS * 500, quoting=quoting).split("\r\n", 1)
    times = 200 * 1_000_000 // len(body.encode())
    with (tmp_path / "a").open("w", encoding="utf-8", newline="") as out:
        out.write(head + "\r\n")
        for _ in range(times):
            out.write(body)
    found = subprocess.run(
        [sys.executable, "-c", PEAK, str(tmp_path / "a")], capture_output=True, text=True, check=True
    )
    rows, peak = map(int, found.stdout.split())
    assert rows == times * 1_500
    assert peak < 450
