"""PDF files as tests look at them: text as it is read, sheets as seen, objects as written."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pypdfium2
from fpdf import FPDF
from pyhanko.pdf_utils.reader import PdfFileReader

from chengxin.reports.sealing import Made


@dataclass(frozen=True)
class Sample:
    """A report and its PDF."""

    made: Made
    file: bytes


def text_of(file: bytes) -> str:
    """All text, without white space."""
    document = pypdfium2.PdfDocument(file)
    return "".join("".join(page.get_textpage().get_text_bounded().split()) for page in document)


def seen(file: bytes, dots: int) -> Any:
    """The first sheet as a picture in shades of grey, so many dots a millimetre."""
    page = pypdfium2.PdfDocument(file)[0]
    return page.render(scale=dots * 25.4 / 72, grayscale=True).to_pil()


def reader(file: bytes) -> Any:
    """The file as objects."""
    return PdfFileReader(io.BytesIO(file))


def plain_pdf(text: str = "信用报告 a report") -> bytes:
    """Some other PDF."""
    made = FPDF()
    made.add_page()
    made.set_font("helvetica")
    made.text(20, 20, text.encode("ascii", "ignore").decode())
    return bytes(made.output())
