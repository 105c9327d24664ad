"""Rejected rows as a workbook that their sender corrects and sends again.

The sheet has the template's headings, so that it is read like any file of the item; the row's number in
front and the problems behind stand under headings that no item knows, and are passed over. Values stand as
they were sent, those of persons too: the file is for their sender alone (mode 0600).
"""

from __future__ import annotations

import shutil
import tomllib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from chengxin.exchange.checks import Rejected
from chengxin.exchange.sheets import CELL_CHARACTERS, LAST_ROW, OPTIONS, Looks, comment, write_text
from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import Item

ROW_HEADING = "行号 / row"
PROBLEMS_HEADING = "问题 / problems"
SHEET = "退回数据"
EXPLANATION = "说明"
COMMENTED_ROWS = 5_000
"""Rows of a sheet that get comments, which are held in memory until the file is closed. All are coloured."""
COMMENTS = 20_000
"""Comments of a sheet at most: more make it slow to open."""

_WORDS = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_SUMMARY = 200  # lines of the summary


def write_rejects(
    path: Path, item: Item, rows: Iterable[Rejected], *, batch: int, rows_a_sheet: int = LAST_ROW
) -> int:
    """Write the rejected rows of a batch as .xlsx (mode 0600), whole or not at all; the number of rows.

    batch: its number, to be named in the file; rows_a_sheet: data rows after which a further sheet begins.
    Memory does not grow with the rows, but for the comments on the first rows of each sheet.
    """
    workroom = path.with_name(f".{path.name}.part")
    shutil.rmtree(workroom, ignore_errors=True)  # what an interrupted run left behind
    workroom.mkdir(mode=0o700)
    try:
        draft = workroom / path.name
        draft.touch(mode=0o600)
        options = OPTIONS | {"constant_memory": True, "tmpdir": str(workroom)}
        book = xlsxwriter.Workbook(str(draft), options)
        sheets = _Sheets(book, item, min(rows_a_sheet, LAST_ROW))
        for row in rows:
            sheets.add(row)
        sheets.explain(batch)
        book.close()
        draft.replace(path)
    finally:
        shutil.rmtree(workroom, ignore_errors=True)
    return sheets.total


@dataclass
class _Sheets:
    """The sheets of a workbook while it is written; a row is written once and never looked at again."""

    book: xlsxwriter.Workbook
    item: Item
    room: int
    total: int = 0
    count: int = 0
    line: int = 0
    comments: int = 0
    found: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.looks = Looks.of(self.book)
        self.columns = {one.code: place for place, one in enumerate(self.item.fields, start=1)}
        self.last = len(self.item.fields) + 1
        self.sheet = self._next_sheet()
        self.explanation = self.book.add_worksheet(EXPLANATION)

    def _next_sheet(self) -> Worksheet:
        self.count += 1
        self.line = self.comments = 0
        sheet = self.book.add_worksheet(SHEET if self.count == 1 else f"{SHEET}{self.count}")
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 10)
        sheet.set_column(1, self.last - 1, 22, self.looks.text)
        sheet.set_column(self.last, self.last, 80, self.looks.wrapped)
        sheet.set_row(0, 48)
        write_text(sheet, 0, 0, ROW_HEADING, self.looks.head)
        for one in self.item.fields:
            look = self.looks.required if one.required else self.looks.head
            write_text(sheet, 0, self.columns[one.code], one.name_zh, look)
        write_text(sheet, 0, self.last, PROBLEMS_HEADING, self.looks.head)
        return sheet

    def add(self, row: Rejected) -> None:
        """Write one row: what was sent, with the faulty cells coloured and commented."""
        if self.line == self.room:
            self.sheet = self._next_sheet()
        self.line += 1
        self.total += 1
        by_cell: dict[int, list[Problem]] = {}
        for problem in row.problems:
            by_cell.setdefault(self.columns.get(problem.field, self.last), []).append(problem)
            self.found[problem.field, problem.rule] += 1
        self.sheet.write_number(self.line, 0, row.row)
        cut = [code for code, place in self.columns.items() if not self._cell(row, code, place, by_cell)]
        write_text(self.sheet, self.line, self.last, self._told(row, cut), self.looks.wrapped)
        if self.line <= COMMENTED_ROWS:
            self._comment(by_cell)

    def _cell(self, row: Rejected, code: str, place: int, by_cell: dict[int, list[Problem]]) -> bool:
        """Write a cell; whether it could hold the whole value."""
        value = row.values.get(code)
        look = self.looks.faulty if place in by_cell else self.looks.text
        if value is not None:
            return write_text(self.sheet, self.line, place, value, look)
        if place in by_cell:
            self.sheet.write_blank(self.line, place, None, look)
        return True

    def _comment(self, by_cell: dict[int, list[Problem]]) -> None:
        for place, problems in by_cell.items():
            if place != self.last and self.comments < COMMENTS:
                comment(self.sheet, self.line, place, "\n\n".join(_in_full(one) for one in problems))
                self.comments += 1

    def _told(self, row: Rejected, cut: list[str]) -> str:
        """All problems of a row in one cell, numbered."""
        lines = [f"{number}. {_in_a_line(one)}" for number, one in enumerate(row.problems, start=1)]
        for code in cut:
            one = self.item.field(code)
            words = f"{_WORDS['cut']['zh']} / {_WORDS['cut']['en']}"
            lines.append(words.format(name=one.name_zh, name_en=one.name_en))
        return "\n".join(lines)[:CELL_CHARACTERS]

    def explain(self, batch: int) -> None:
        """Write what the workbook is and how to go on from here."""
        sheet, looks = self.explanation, self.looks
        sheet.set_column(0, 0, 36, looks.wrapped)
        sheet.set_column(1, 1, 70, looks.wrapped)
        sheet.set_column(2, 2, 14)
        details = {
            "item": self.item.name_zh,
            "batch": batch,
            "total": self.total,
            "commented": COMMENTED_ROWS,
            "sheets": self.count,
        }
        write_text(sheet, 0, 0, _WORDS["title"].format(**details), looks.title)
        lines = _WORDS["line"] + (_WORDS["several"] if self.count > 1 else [])
        for line, words in enumerate(lines, start=2):
            write_text(sheet, line, 0, words["head"], looks.wrapped)
            write_text(sheet, line, 1, words["text"].format(**details), looks.wrapped)
        self._summary(len(lines) + 3)

    def _summary(self, top: int) -> None:
        """Which rule was broken in which column, and how often."""
        sheet, looks = self.explanation, self.looks
        for place, head in enumerate(("有误的列 / column", "规则 / rule", "处数 / cells")):
            write_text(sheet, top, place, head, looks.head)
        for line, ((code, rule), count) in enumerate(self.found.most_common(_SUMMARY), start=top + 1):
            known = code in self.columns
            name = f"{self.item.field(code).name_zh}（{code}）" if known else "整行 / the whole row"
            write_text(sheet, line, 0, name, looks.wrapped)
            write_text(sheet, line, 1, rule, looks.wrapped)
            sheet.write_number(line, 2, count)


def _in_a_line(problem: Problem) -> str:
    zh, en = _joined(problem.zh, problem.mend_zh, "。"), _joined(problem.en, problem.mend_en, ": ")
    return f"{zh} / {en}"


def _in_full(problem: Problem) -> str:
    parts = (problem.zh, problem.mend_zh, problem.en, problem.mend_en)
    return "\n".join(part for part in parts if part)


def _joined(said: str, mend: str, stop: str) -> str:
    return f"{said.rstrip('。.')}{stop}{mend}" if mend else said
