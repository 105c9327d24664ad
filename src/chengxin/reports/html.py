"""A report as a page: what its templates show, and a file of its own that needs no network.

The file is for reading; it bears no signature. It names number, check code and address, by which anybody
finds out whether it says what the ledger sealed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import segno
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from chengxin.design.language import TAGS, current
from chengxin.reports import wording
from chengxin.reports.sealing import Made
from chengxin.reports.sites import verification_address

_STYLE = Path(__file__).parents[1] / "design" / "static" / "design" / "chengxin.css"


def values(content: Mapping[str, Any]) -> dict[str, Any]:
    """What `reports/parts/content.html` shows of a report's content."""
    return {
        "subject": content["subject"],
        "public": content["version"] == "public",
        "line": wording.line(content["subject"]),
        "version": wording.version(content),
        "figures": wording.figures(content),
        "facts": wording.facts(content["subject"]),
        "consequences": wording.consequences(content),
        "sections": wording.sections(content),
        "remedies": wording.remedies(content),
        "notes": wording.notes(content),
    }


def report_html(made: Made, site: str) -> bytes:
    """A sealed report as one HTML file in the language of the moment; `site` as for the PDF."""
    address = verification_address(site, made.number, made.code)
    shown = values(made.content) | {
        "made": made,
        "made_at": made.made_at,
        "tag": TAGS[current()],
        "root": site.rstrip("/"),
        "demonstration": made.content["demonstration"],
        "address": address,
        "qr": mark_safe(segno.make(address, error="m").svg_inline(scale=3, light="#fff")),  # noqa: S308 - drawn
        "style": mark_safe(_style()),  # noqa: S308 - our own stylesheet
    }
    return render_to_string("reports/file.html", shown).encode()


@cache
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8")
