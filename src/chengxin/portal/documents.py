"""A subject's public page as a PDF on A4, Chinese type embedded (extra `pdf`: fpdf2, Noto Sans SC).

It holds what the page holds on the day it is made, says so on each sheet, and names the page where the state
of another day can be seen: a record may end the day after.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from django.utils.translation import gettext

from chengxin.design.showing import Group, Shown

_MARGIN = 18  # millimetres
_SMALL, _TEXT, _HEAD, _TITLE = 8, 10, 13, 18  # points
_GREY, _BLACK = 90, 20  # shades of grey
_KEYS = 42  # millimetres for the names of facts
_AT_ONCE = threading.Semaphore(1)
_PATIENCE = 10  # seconds that a document waits for the one before


class Busy(RuntimeError):
    """Other documents are being made; this one would have to wait too long."""


@cache
def available() -> bool:
    """Whether the extra is installed."""
    return find_spec("fpdf") is not None and find_spec("pylopdf_fonts_zh_cn") is not None


def subject_document(
    *,
    name: str,
    line: str,
    verification: str | None,
    facts: Sequence[tuple[str, str]],
    groups: Iterable[Group],
    address: str,
    today: date,
    language: str,
) -> bytes:
    """The document. `facts`: who the subject is, as pairs; `line` stands below the name. Raises Busy."""
    if not _AT_ONCE.acquire(timeout=_PATIENCE):
        raise Busy
    try:
        sheets = _sheets(name, address, today, language)
        _write(sheets, name, _TITLE, height=9)
        _write(sheets, line, _TEXT, shade=_GREY)
        if verification:
            _write(sheets, verification, _TEXT)
        _heading(sheets, gettext("主体身份"))
        _pairs(sheets, facts)
        _heading(sheets, gettext("公示中的信用信息"))
        empty = True
        for group in groups:
            empty = False
            _heading(sheets, group.name, size=_TEXT + 1)
            for record in group.records:
                _record(sheets, record)
        if empty:
            _write(sheets, gettext("今天没有公示中的信用信息。这不表示信用好或不好。"), _TEXT)
        return bytes(sheets.output())
    finally:
        _AT_ONCE.release()


def _sheets(name: str, address: str, today: date, language: str) -> Any:
    from fpdf import FPDF  # noqa: PLC0415 - an extra
    from pylopdf_fonts_zh_cn import sans_path  # noqa: PLC0415

    foot = gettext("%(day)s 的公示内容") % {"day": today.isoformat()}

    class Sheets(FPDF):
        """A4 with the page's address and day at the foot."""

        def footer(self) -> None:
            """Where this comes from, as of which day, which sheet of how many."""
            self.set_y(-_MARGIN + 4)
            self.set_font("sans", size=_SMALL)
            self.set_text_color(_GREY)
            self.cell(0, 5, f"{address} · {foot} · {self.page_no()}/{{nb}}", align="C")

    sheets = Sheets(format="A4")
    sheets.add_font("sans", fname=Path(sans_path()))
    sheets.set_lang(language)
    sheets.set_title(name)
    sheets.set_creator("Chengxin")
    sheets.set_creation_date(datetime(today.year, today.month, today.day, tzinfo=UTC))
    sheets.set_margin(_MARGIN)
    sheets.set_auto_page_break(True, margin=_MARGIN + 4)
    sheets.add_page()
    return sheets


def _write(sheets: Any, text: str, size: float, *, shade: int = _BLACK, height: float | None = None) -> None:
    sheets.set_font("sans", size=size)
    sheets.set_text_color(shade)
    sheets.multi_cell(0, height or size * 0.55, text, align="L", new_x="LMARGIN", new_y="NEXT")


def _heading(sheets: Any, text: str, *, size: float = _HEAD) -> None:
    sheets.ln(3)
    if sheets.will_page_break(30):  # a heading doesn't stand alone at the foot of a sheet
        sheets.add_page()
    _write(sheets, text, size)
    sheets.set_draw_color(_GREY)
    sheets.line(sheets.l_margin, sheets.get_y() + 0.5, sheets.w - sheets.r_margin, sheets.get_y() + 0.5)
    sheets.ln(2)


def _pairs(sheets: Any, facts: Iterable[tuple[str, str]]) -> None:
    for key, value in facts:
        if sheets.will_page_break(12):
            sheets.add_page()
        top = sheets.get_y()
        sheets.set_font("sans", size=_SMALL + 1)
        sheets.set_text_color(_GREY)
        sheets.multi_cell(_KEYS, 5, key, align="L", new_x="RIGHT", new_y="TOP")
        below = top + 5 * len(sheets.multi_cell(_KEYS, 5, key, dry_run=True, output="LINES"))
        sheets.set_xy(sheets.l_margin + _KEYS + 2, top)
        sheets.set_text_color(_BLACK)
        sheets.multi_cell(0, 5, value, align="L", new_x="LMARGIN", new_y="NEXT")
        sheets.set_y(max(below, sheets.get_y()))


def _record(sheets: Any, record: Shown) -> None:
    if sheets.will_page_break(24):
        sheets.add_page()
    sheets.ln(1)
    mark = f"  [{gettext('异议处理中')}]" if record.contested else ""
    _write(sheets, f"{record.date}  {record.title}{mark}", _TEXT)
    _pairs(sheets, [(fact.name, fact.text) for fact in record.facts])
    period = f"{record.start} – {record.until}" if record.until else record.start
    said: Mapping[str, str] = {
        gettext("来源"): record.source,
        gettext("公示期"): period,
        gettext("公示依据"): record.law,
        gettext("记录"): str(record.id),
    }
    _write(sheets, " · ".join(f"{key} {value}" for key, value in said.items()), _SMALL, shade=_GREY)
    sheets.ln(1)
