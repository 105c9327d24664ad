"""A credit report as PDF/A-3u: A4, type embedded, its JSON attached, a QR code that leads to verification.

The sheet says what the JSON says; the JSON is what the ledger sealed. Both travel in one signed file.
"""

from __future__ import annotations

import threading
from functools import cache
from importlib.util import find_spec

import segno
from django.utils.translation import gettext

from chengxin.design.language import TAGS, current
from chengxin.design.words import english
from chengxin.reports import wording
from chengxin.reports.sealing import Made
from chengxin.reports.sheets import (
    COLUMN,
    FIGURE,
    GREY,
    HIGH,
    INK,
    LEFT,
    NAME,
    RED,
    ROOM,
    SKY,
    SMALL,
    TEXT,
    TINT,
    TINY,
    TITLE,
    TOP,
    WIDE,
    Column,
    Sheets,
    Style,
)  # fmt: skip
from chengxin.reports.signing import fingerprint, signed
from chengxin.reports.sites import verification_address

ATTACHED = "report.json"

_AT_ONCE = threading.Semaphore(1)
_PATIENCE = 10  # seconds that a report waits for the one before
_QR = 27.0  # millimetres
_MEASURE = Style("sans", 8.4)
_WARNS = Style("sans", 7.6, RED)
_NEEDED = ("fpdf", "pylopdf_fonts_zh_cn", "pyhanko")


class Busy(RuntimeError):
    """Other reports are being made; this one would have to wait too long."""


@cache
def available() -> bool:
    """Whether the extra is installed."""
    return all(find_spec(name) is not None for name in _NEEDED)


def report_pdf(made: Made, site: str, *, patience: float = _PATIENCE) -> bytes:
    """The signed PDF in the language of the moment; raises Busy.

    site       where this installation is reached, for the QR code
    patience   seconds to wait for the report before
    """
    if not _AT_ONCE.acquire(timeout=patience):
        raise Busy
    try:
        document = _Report(made, site).document()
        return signed(document, "诚信 Chengxin", gettext("信用报告第%(number)s号") % {"number": made.number})
    finally:
        _AT_ONCE.release()


class _Report:
    """One report on its way onto paper."""

    def __init__(self, made: Made, site: str) -> None:
        self.made, self.said = made, made.content
        self.address = verification_address(site, made.number, made.code)
        self.made_at = made.made_at
        self.sheets = Sheets()

    def document(self) -> bytes:
        """The file before it is signed."""
        self._described()
        self._head()
        self._summary()
        self._identity()
        self._consequences()
        self._records()
        self._remedies()
        self._verification()
        self.sheets.edges(self._edges)
        self.sheets.pdf.embed_file(
            bytes=self.made.body,
            basename=ATTACHED,
            mime_type="application/json",
            modification_date=self.made_at,
            creation_date=self.made_at,
            associated_file_relationship="Source",
            desc="report as data; the ledger seals its SHA-256",
            compress=True,
        )
        return self.sheets.output()

    def _described(self) -> None:
        from fpdf.prefs import ViewerPreferences  # noqa: PLC0415 - an extra

        pdf, known = self.sheets.pdf, self.said["subject"]
        pdf.set_lang(TAGS[current()])
        pdf.viewer_preferences = ViewerPreferences(display_doc_title=True)
        pdf.set_title(f"{wording.title(self.said)} {known['name']} No. {self.made.number}")
        pdf.set_subject(gettext("截至%(day)s") % {"day": self.said["as_of"]})
        pdf.set_author("诚信 Chengxin")
        pdf.set_creator("诚信 Chengxin")
        pdf.set_creation_date(self.made_at)

    # --- the first sheet ------------------------------------------------------------------------------------

    def _head(self) -> None:
        sheets, known = self.sheets, self.said["subject"]
        qr = WIDE - LEFT - _QR
        sheets.y = 16
        with sheets.element("H1"):
            sheets.put(LEFT, sheets.y - 0.5, gettext("信用报告"), TITLE)
        wide = sheets.width(gettext("信用报告"), TITLE)
        version = wording.version(self.said)
        badge = Style("sans", 9, (255, 255, 255))
        sheets.box(LEFT + wide + 5, sheets.y + 3.6, sheets.width(version, badge) + 5, 5.6, RED)
        with sheets.element("P"):
            sheets.put(LEFT + wide + 7.5, sheets.y + 4.0, version, badge)
        day = self._day(self.said["as_of"])
        numbered = gettext("编号 %(number)s　　截至 %(day)s　　诚信 Chengxin 电子商务信用平台") % {
            "number": self.made.number,
            "day": day,
        }
        with sheets.element("P"):
            sheets.put(LEFT, sheets.y + 13, numbered, Style("sans", 8.4, GREY))
        with sheets.element("Figure", gettext("核验地址的二维码") + " " + self.address):
            matrix = segno.make(self.address, error="m").matrix
            sheets.modules(qr, sheets.y, _QR, [list(row) for row in matrix])
        with sheets.element("P"):
            sheets.put(qr + _QR / 2, sheets.y + _QR + 0.6, gettext("扫码核验真伪"), TINY, align="C")
        sheets.y = 36
        with sheets.element("P"):
            for text in sheets.lines(known["name"], NAME, ROOM - _QR - 6):
                sheets.put(LEFT, sheets.y, text, NAME)
                sheets.y += NAME.line * 0.86
        sheets.y += 1
        below = Style("sans", 9.4, GREY)
        with sheets.element("P"):
            for text in sheets.lines(f"{known['code']}  ·  {wording.line(known)}", below, ROOM - _QR - 6):
                sheets.put(LEFT, sheets.y, text, below)
                sheets.y += below.line
        sheets.y = max(sheets.y + 3, 16 + _QR + 8)

    def _summary(self) -> None:
        """The box on top: numbers, and how they spread over the years."""
        sheets = self.sheets
        figures, years = wording.figures(self.said), wording.years(self.said)
        high = 24.0 + (25.0 if years else 0.0)
        top = sheets.y
        sheets.box(LEFT, top, ROOM, high, TINT)
        sheets.box(LEFT, top, ROOM, 0.7, RED)
        width = ROOM / len(figures)
        for at, one in enumerate(figures):
            x = LEFT + at * width + 5
            shade = RED if one.bad and one.number else INK
            with sheets.element("P"):
                sheets.put(x, top + 3.4, one.name, COLUMN)
                sheets.put(x, top + 7.4, str(one.number), Style(FIGURE.face, FIGURE.size, shade))
                for line in sheets.lines(one.note, TINY, width - 6)[:1]:
                    sheets.put(x, top + 17.8, line, TINY)
            if at:
                sheets.pdf.set_draw_color(*(215, 211, 201))
                sheets.pdf.set_line_width(0.2)
                sheets.pdf.line(x - 5, top + 4.5, x - 5, top + 20.5)
        if years:
            with sheets.element("Figure", wording.years_in_words(years)):
                self._years(years, top + 24.0)
        sheets.y = top + high + 1

    def _years(self, years: list[wording.Year], top: float) -> None:
        sheets = self.sheets
        sheets.rule(top, x=LEFT + 5, width=ROOM - 10)
        sheets.put(LEFT + 5, top + 2.2, gettext("按年份"), COLUMN)
        for at, (name, colour) in enumerate(((gettext("失信"), RED), (gettext("其他"), SKY))):
            sheets.box(LEFT + 5, top + 8.6 + at * 5, 2.2, 2.2, colour)
            sheets.put(LEFT + 8.4, top + 7.6 + at * 5, name, TINY)
        room, base, tall = ROOM - 10 - 24, top + 19.0, 12.0
        step = min(room / len(years), 30.0)
        left, wide = LEFT + 5 + 24, min(step * 0.6, 11.0)
        most = max(one.dishonest + one.other for one in years)
        sheets.rule(base, x=left, width=step * len(years))
        for at, one in enumerate(years):
            x, y = left + at * step, base
            for number, colour in ((one.dishonest, RED), (one.other, SKY)):
                height = tall * number / most
                if number:
                    y -= height
                    sheets.box(x + (step - wide) / 2, y, wide, height, colour)
            if total := one.dishonest + one.other:
                sheets.put(x + step / 2, y - 4.0, str(total), TINY, align="C")
            sheets.put(x + step / 2, base + 0.4, str(one.year), TINY, align="C")

    # --- what it says ---------------------------------------------------------------------------------------

    def _identity(self) -> None:
        self.sheets.heading(self._numbered(1, gettext("主体信息")))
        self.sheets.pairs(wording.facts(self.said["subject"]))

    def _consequences(self) -> None:
        sheets = self.sheets
        chapter = self._numbered(2, gettext("名单和措施"))
        following = wording.consequences(self.said)
        if not following:
            sheets.heading(chapter, follows=12)
            sheets.paragraph(gettext("截至今日，没有列入名单，也没有正在采取的措施。"))
            return
        columns = [
            Column(gettext("名单或措施"), 46), Column(gettext("起止"), 26), Column(gettext("原因和依据"), 54),
            Column(gettext("何时终止"), 48),
        ]  # fmt: skip
        sheets.table(
            columns,
            (
                [
                    [(f"– {one.kind}", _MEASURE) if one.under else (one.kind, TEXT)],
                    [(self._since(one.since), SMALL), (self._until(one.until), SMALL)],
                    [
                        (one.because, SMALL),
                        (one.law, SMALL),
                        (self._leaves(one.records), TINY),
                    ],
                    [
                        (one.ends, SMALL),
                        (gettext("最早 %(day)s") % {"day": one.earliest} if one.earliest else "", SMALL),
                    ],
                ]
                for one in following
            ),
            chapter=chapter,
        )

    @staticmethod
    def _since(day: str) -> str:
        return gettext("%(day)s 起") % {"day": day}

    @staticmethod
    def _until(day: str) -> str:
        return gettext("至 %(day)s") % {"day": day} if day else ""

    @staticmethod
    def _leaves(records: tuple[int, ...]) -> str:
        if not records:
            return ""
        return gettext("存证号 %(ids)s") % {"ids": ", ".join(map(str, records[:12]))}

    def _records(self) -> None:
        sheets = self.sheets
        public = self.said["version"] == "public"
        chapter = self._numbered(3, gettext("公示中的信用信息") if public else gettext("信用信息"))
        sections = wording.sections(self.said)
        if not sections:
            sheets.heading(chapter, follows=12)
            sheets.paragraph(
                gettext("今天没有公示中的信用信息。这不表示信用好或不好。")
                if public
                else gettext("没有信用信息。")
            )
        columns = [
            Column(gettext("日期"), 20), Column(gettext("内容"), 89), Column(gettext("来源和依据"), 40),
            Column(gettext("公示期"), 25),
        ]  # fmt: skip
        for at, section in enumerate(sections):
            counted = gettext("%(n)s条") % {"n": len(section.lines)}
            sheets.table(
                columns,
                (self._row(one) for one in section.lines),
                chapter="" if at else chapter,
                title=f"{section.name}  {counted}",
                again=gettext("%(name)s（续）") % {"name": section.name},
            )

    def _row(self, line: wording.Line) -> list[list[tuple[str, Style]]]:
        shown = line.shown
        number = gettext("存证号 %(id)s") % {"id": shown.id}
        under = "  ·  ".join(filter(None, (number, line.repair)))
        why = [(f"{line.grade}{gettext('：')}{line.reason}", SMALL)] if line.reason else []
        return [
            [
                (shown.date, Style("sans", 8.4)),
                (line.grade, _WARNS),
                (line.state, _WARNS if line.open else TINY),
            ],
            [(shown.title, TEXT), (wording.said_of(shown), SMALL), *why, (under, TINY)],
            [(shown.source, SMALL), (shown.law, TINY)],
            [(wording.period(shown) or line.disclosure, TINY)],
        ]

    def _remedies(self) -> None:
        sheets = self.sheets
        sheets.heading(self._numbered(4, gettext("异议、修复和救济")), follows=16)
        with sheets.element("L"):
            for text, law in wording.remedies(self.said):
                self._point(text, gettext("依据：%(law)s") % {"law": law})
        sheets.heading(self._numbered(5, gettext("说明")), follows=12)
        with sheets.element("L"):
            for text in wording.notes(self.said):
                self._point(text)

    def _point(self, text: str, under: str = "") -> None:
        sheets = self.sheets
        sheets.need(TEXT.line * 2)
        sheets.box(LEFT + 0.6, sheets.y + TEXT.line / 2 - 0.4, 1.0, 1.0, RED)
        with sheets.element("LI"), sheets.element("LBody"):
            sheets.paragraph(text, x=LEFT + 4, width=ROOM - 4)
            if under:
                sheets.paragraph(under, TINY, x=LEFT + 4, width=ROOM - 4)
        sheets.y += 1.2

    def _verification(self) -> None:
        sheets, head = self.sheets, self.said["ledger"]
        sheets.heading(self._numbered(6, gettext("核验")), follows=60)
        facts = [
            (gettext("报告编号"), str(self.made.number)),
            (gettext("内容摘要（SHA-256）"), self._spaced(self.made.sha256)),
            (gettext("核验地址"), self.address),
            (gettext("电子签名"), gettext("PAdES，ECDSA P-256；证书指纹（SHA-256）") + "\n" + fingerprint()),
        ]
        if head:
            facts += [
                (
                    gettext("账本"),
                    gettext("%(size)s 片叶子，根 %(root)s") % {"size": head["size"], "root": head["root"]},
                ),
                (gettext("账本首签名（Ed25519）"), head["signature"]),
            ]
        sheets.pairs(facts, keys=40)
        sheets.skip(1.5)
        sheets.paragraph(
            gettext(
                "扫描首页二维码，或在核验地址上传本文件，可以查明本报告是否由本平台出具、有无改动，"
                "以及此后有哪些信息不再有效。本文件附有同样内容的数据文件report.json，其摘要已记入账本；"
                "用命令 chengxin report verify 也可以核验。"
            ),
            SMALL,
        )

    # --- head and foot --------------------------------------------------------------------------------------

    def _edges(self, number: int, total: int) -> None:
        sheets, known = self.sheets, self.said["subject"]
        right = WIDE - LEFT
        if self.said["demonstration"]:
            sheets.put(WIDE / 2, 7, gettext("演示数据：主体和信用信息均属虚构。"), _WARNS, align="C")
        if number > 1:
            named = sheets.lines(known["name"], TINY, ROOM - 60)[0]
            sheets.put(LEFT, 12, f"{named}  {known['code']}", TINY)
            sheets.put(right, 12, wording.title(self.said), TINY, align="R")
            sheets.rule(TOP - 6.5)
        foot = HIGH - 14
        sheets.rule(foot)
        numbered = gettext("信用报告第%(number)s号  ·  校验码 %(code)s") % {
            "number": self.made.number,
            "code": self.made.code,
        }
        sheets.put(LEFT, foot + 1, numbered, TINY)
        sheets.put(WIDE / 2 + 12, foot + 1, self.made_at.strftime("%Y-%m-%d %H:%M"), TINY, align="C")
        paged = gettext("第 %(page)s 页，共 %(pages)s 页") % {"page": number, "pages": total}
        sheets.put(right, foot + 1, paged, TINY, align="R")

    # --- words ----------------------------------------------------------------------------------------------

    @staticmethod
    def _numbered(number: int, text: str) -> str:
        return f"{number}. {text}" if english() else f"{'一二三四五六七'[number - 1]}、{text}"

    @staticmethod
    def _day(day: str) -> str:
        year, month, on = (int(part) for part in day.split("-"))
        return day if english() else f"{year}年{month}月{on}日"

    @staticmethod
    def _spaced(digits: str) -> str:
        return " ".join(digits[at : at + 8] for at in range(0, len(digits), 8))


def pdf_of(made: Made, site: str) -> bytes:
    """As `report_pdf`, waiting for as long as it takes: for batches."""
    return report_pdf(made, site, patience=3600)
