"""Sheets of A4 with type, rules, boxes and tables: what a report is set with (fpdf2, Noto Sans and Serif SC).

Every measure is in millimetres, sizes of type in points. A table that goes on over a sheet has its heading on
each; a heading never stands alone at the foot.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from chengxin.reports.typesetting import mostly_chinese, printable, wrapped

if TYPE_CHECKING:
    from chengxin.reports.tagging import Element

Colour = tuple[int, int, int]
INK: Colour = (31, 35, 40)
GREY: Colour = (92, 98, 107)
RULE: Colour = (200, 196, 186)
TINT: Colour = (246, 244, 238)
RED: Colour = (166, 38, 28)
BLUE: Colour = (29, 78, 116)
SKY: Colour = (150, 178, 200)

WIDE, HIGH = 210.0, 297.0
LEFT, TOP, FOOT = 18.0, 24.0, 20.0
ROOM = WIDE - 2 * LEFT
_POINT = 25.4 / 72
_EM = 1000
_SPLIT = 80.0
"""A row that is higher may go on on the next sheet; one that isn't stays whole."""


@dataclass(frozen=True)
class Style:
    """How a text is set. `lead`: height of a line."""

    face: str
    size: float
    colour: Colour = INK
    lead: float = 0.0

    @property
    def line(self) -> float:
        """Height of a line: the lead, else 1.55 times the size."""
        return self.lead or self.size * _POINT * 1.55


TITLE = Style("serif", 23)
NAME = Style("serif", 16.5)
HEAD = Style("serif", 12.5, BLUE)
SUBHEAD = Style("sans", 10, INK)
FIGURE = Style("sans", 19, INK)
TEXT = Style("sans", 9.2)
SMALL = Style("sans", 7.8, GREY)
COLUMN = Style("sans", 8, GREY)
TINY = Style("sans", 7, GREY)


@dataclass(frozen=True)
class Column:
    """A column of a table."""

    title: str
    width: float


Cell = Sequence[tuple[str, Style]]
"""The paragraphs of a cell."""

_Line = tuple[str, Style, float]


class Sheets:
    """A document in the making. `y`: where the next thing begins."""

    def __init__(self) -> None:
        from fpdf import FPDF  # noqa: PLC0415 - an extra
        from pylopdf_fonts_zh_cn import sans_path, serif_path  # noqa: PLC0415

        from chengxin.reports.tagging import Structure  # noqa: PLC0415

        self.pdf = FPDF(format="A4", enforce_compliance="PDF/A-3U")
        for face, path in (("sans", sans_path()), ("serif", serif_path())):
            self.pdf.add_font(face, fname=Path(path))
        self.pdf.set_auto_page_break(False)
        self.tags = Structure()
        placed: Any = self.pdf
        placed.struct_builder = self.tags
        self._marked: tuple[int, int] | None = None
        fonts: Any = self.pdf.fonts
        self._known: dict[str, dict[int, Any]] = {face: fonts[face].cmap for face in ("sans", "serif")}
        self._widths: dict[str, dict[int, int]] = {face: fonts[face].cw for face in ("sans", "serif")}
        self.y = TOP
        self.turn()

    # --- where things are -----------------------------------------------------------------------------------

    def turn(self) -> None:
        """A new sheet."""
        self._unmark()
        self.pdf.add_page()
        self.y = TOP

    def edges(self, draw: Callable[[int, int], None]) -> None:
        """Draw what stands at head and foot of each sheet: (number, of how many). When all else is done."""
        self._unmark()
        total = self.pdf.page
        for number in range(1, total + 1):
            self.pdf.page = number
            self.pdf.set_font("serif", size=1)  # so that the sheet's own stream says which type follows,
            self.pdf.set_draw_color(1)  # and which colours and lines
            self.pdf.set_fill_color(1)
            self.pdf.set_line_width(1)
            draw(number, total)
            self._unmark()

    @property
    def left(self) -> float:
        """Height that is left on this sheet."""
        return HIGH - FOOT - self.y

    def need(self, height: float) -> None:
        """A new sheet unless so much is left."""
        if self.left < height:
            self.turn()

    def skip(self, height: float) -> None:
        """Room, except at the head of a sheet."""
        if self.y > TOP:
            self.y += height

    # --- what things are ------------------------------------------------------------------------------------

    @contextmanager
    def element(self, kind: str, alt: str = "", attributes: str = "") -> Iterator[None]:
        """What is set meanwhile is one element: H1, H2, P, Table, TR, …; `alt` tells a picture in words."""
        with self.tags.within(self.tags.element(kind, alt, attributes)):
            yield

    def _mark(self, *, shape: bool) -> None:
        """Say in the sheet's stream to which element what follows belongs; a shape to none but pictures."""
        element = self.tags.inside
        if shape and element is not None and element.s != "/Figure":
            element = None
        wanted = (self.pdf.page, id(element))
        if wanted == self._marked:
            return
        self._unmark()
        out: Any = self.pdf
        if element is None:
            out._out("/Artifact BMC")
        else:
            number, of = self.tags.stretch(element, self.pdf.page)
            out.pages[self.pdf.page].struct_parents = of
            out._out(f"/Span <</MCID {number}>> BDC")
        self._marked = wanted

    def _unmark(self) -> None:
        if self._marked is not None:
            out: Any = self.pdf
            out._out("EMC")
            self._marked = None

    # --- type -----------------------------------------------------------------------------------------------

    def width(self, text: str, style: Style) -> float:
        """How wide a text is."""
        widths = self._widths[style.face]
        return sum(widths.get(ord(one), _EM) for one in text) * style.size * _POINT / _EM

    def lines(self, text: str, style: Style, width: float) -> list[str]:
        """The lines of a text."""
        known = self._known[style.face]
        clean = "\n".join(printable(part, lambda one: ord(one) in known) for part in text.split("\n"))
        return wrapped(clean, width, partial(self.width, style=style))

    def put(
        self, x: float, y: float, line: str, style: Style, *, align: str = "L", fill: float = 0.0
    ) -> None:
        """One line, its top at `y`.

        align   R ends it at `x`, C has it around `x`
        fill    a width that the line fills, where it lacks little more than a character of it
        """
        self._mark(shape=False)
        self.pdf.set_font(style.face, size=style.size)
        self.pdf.set_text_color(*style.colour)
        shift = {"L": 0.0, "C": 0.5, "R": 1.0}[align]
        x -= shift * self.width(line, style) if shift else 0
        lacking = fill - self.width(line, style) if fill and len(line) > 8 else 0.0
        even = 0 < lacking < 1.3 * style.size * _POINT and mostly_chinese(line)
        spread = lacking / _POINT / (len(line) - 1) if even else 0.0
        self.pdf.set_char_spacing(spread)
        self.pdf.text(x, y + style.line / 2 + style.size * _POINT * 0.36, line)
        self.pdf.set_char_spacing(0)

    def paragraph(self, text: str, style: Style = TEXT, *, x: float = LEFT, width: float = ROOM) -> None:
        """A paragraph that goes on over sheets."""
        with self.element("P"):
            for line, _, fill in self._cell([(text, style)], width):
                self.need(style.line)
                self.put(x, self.y, line, style, fill=fill)
                self.y += style.line

    def heading(self, text: str, style: Style = HEAD, *, follows: float = 24) -> None:
        """A heading with `follows` millimetres of what it heads."""
        self.skip(6 if style is HEAD else 3.5)
        self.need(style.line + follows)
        self.pdf.set_xy(LEFT, self.y)
        self.pdf.start_section(text, level=0 if style is HEAD else 1)
        with self.element("H2" if style is HEAD else "H3"):
            if style is HEAD:
                self.box(LEFT, self.y + 1.3, 1.1, style.line - 2.6, RED)
            self.put(LEFT + (3.2 if style is HEAD else 0), self.y, text, style)
        self.y += style.line + (1.2 if style is HEAD else 0.6)

    # --- rules and boxes ------------------------------------------------------------------------------------

    def rule(
        self, y: float, *, x: float = LEFT, width: float = ROOM, colour: Colour = RULE, thick: float = 0.2
    ) -> None:
        """A line across."""
        self._mark(shape=True)
        self.pdf.set_draw_color(*colour)
        self.pdf.set_line_width(thick)
        self.pdf.line(x, y, x + width, y)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled box."""
        self._mark(shape=True)
        self.pdf.set_fill_color(*colour)
        self.pdf.rect(x, y, width, height, style="F")

    # --- tables ---------------------------------------------------------------------------------------------

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Sequence[Cell]],
        *,
        chapter: str = "",
        title: str = "",
        again: str = "",
    ) -> None:
        """A table; each row stays whole where a sheet has room for it.

        chapter a heading above the title, on the same sheet
        title   heads the table, on the sheet of its first row
        again   what stands above its heading on the sheets on which it goes on
        """
        first, table = True, None
        for row in rows:
            cells = [self._cell(cell, column.width - 3) for cell, column in zip(row, columns, strict=True)]
            height = max(sum(style.line for _, style, _ in cell) for cell in cells) + 2.6
            whole = min(height, _SPLIT)
            if first:
                begins = whole + COLUMN.line + 3
                if chapter:
                    self.heading(chapter, follows=begins + (SUBHEAD.line + 4.2 if title else 0))
                if title:
                    self.heading(title, SUBHEAD, follows=begins)
                self.need(begins)
                table = self.tags.element("Table")
                with self.tags.within(table):
                    self._columns(columns)
            elif self.left < whole:
                self.turn()
                self._again(columns, again)
            first = False
            with self.tags.within(table):
                self._row(columns, cells, again)
        if not first:
            self.rule(self.y, colour=INK, thick=0.3)
            self.y += 1

    def _cell(self, cell: Cell, width: float) -> list[_Line]:
        """The lines of a cell, each with the width that it fills: none for the last one of a paragraph."""
        found: list[_Line] = []
        for text, style in cell:
            for part in text.split("\n") if text else ():
                lines = self.lines(part, style, width)
                found += [(line, style, width) for line in lines[:-1]]
                found.append((lines[-1], style, 0.0))
        return found

    def _again(self, columns: Sequence[Column], again: str) -> None:
        """The heading of a table once more, where it goes on: no part of what it says."""
        with self.tags.within(None):
            if again:
                self.put(LEFT, self.y, again, SMALL)
                self.y += SMALL.line + 0.6
            self._titles(columns)

    def _columns(self, columns: Sequence[Column]) -> None:
        with self.element("TR"):
            heads = [self.tags.element("TH", attributes="<</O /Table /Scope /Column>>") for _ in columns]
            self._titles(columns, heads)

    def _titles(self, columns: Sequence[Column], heads: Sequence[Element | None] = ()) -> None:
        self.rule(self.y, colour=INK, thick=0.3)
        x = LEFT
        for one, head in zip_longest(columns, heads):
            with self.tags.within(head):
                self.put(x, self.y + 0.7, one.title, COLUMN)
            x += one.width
        self.y += COLUMN.line + 1.4
        self.rule(self.y)

    def _row(self, columns: Sequence[Column], cells: Sequence[list[_Line]], again: str) -> None:
        """One row; what doesn't fit on the sheet goes on on the next, under the heading."""
        rest = [list(cell) for cell in cells]
        with self.element("TR"):
            elements = [self.tags.element("TD") for _ in cells]
        self.y += 1.3
        while any(rest):
            top = bottom = self.y
            limit = HIGH - FOOT - 1.3
            x = LEFT
            for at, (column, cell) in enumerate(zip(columns, rest, strict=True)):
                y, taken = top, 0
                with self.tags.within(elements[at]):
                    for line, style, fill in cell:
                        if y + style.line > limit:
                            break
                        self.put(x, y, line, style, fill=fill)
                        y, taken = y + style.line, taken + 1
                rest[at] = cell[taken:]
                bottom, x = max(bottom, y), x + column.width
            self.y = bottom
            if any(rest):
                self.rule(self.y + 0.6)
                self.turn()
                self._again(columns, again)
                self.y += 1.3
        self.y += 1.3
        self.rule(self.y)

    def pairs(self, facts: Iterable[tuple[str, str]], *, keys: float = 34.0) -> None:
        """Names and values, a line each."""
        with self.element("Table"):
            for name, value in facts:
                with self.element("TR"):
                    self._pair(name, value, keys)

    def _pair(self, name: str, value: str, keys: float) -> None:
        names, values = self.lines(name, COLUMN, keys - 3), self.lines(value, TEXT, ROOM - keys)
        self.need(min(max(len(names), len(values)), 8) * TEXT.line + 1.4)
        sheet, top = self.pdf.page, self.y
        with self.element("TH", attributes="<</O /Table /Scope /Row>>"):
            for at, line in enumerate(names):
                self.put(LEFT, top + 0.1 + at * TEXT.line, line, COLUMN)
        with self.element("TD"):
            for line in values:
                self.need(TEXT.line)
                self.put(LEFT + keys, self.y, line, TEXT)
                self.y += TEXT.line
        if self.pdf.page == sheet:
            self.y = max(self.y, top + len(names) * TEXT.line)
        self.y += 1.0
        self.rule(self.y - 0.4)

    def modules(self, x: float, y: float, size: float, matrix: Sequence[Sequence[int]]) -> None:
        """A square pattern, black where the matrix holds 1 (a QR code)."""
        self._mark(shape=True)
        step = size / len(matrix)
        self.pdf.set_fill_color(0, 0, 0)
        for row, line in enumerate(matrix):
            at = 0
            while at < len(line):
                end = at
                while end < len(line) and line[end]:
                    end += 1
                if end > at:
                    self.pdf.rect(x + at * step, y + row * step, (end - at) * step, step * 1.02, style="F")
                at = end + 1

    def output(self) -> bytes:
        """The finished file."""
        self._unmark()
        made: Any = self.pdf.output()
        return bytes(made)
