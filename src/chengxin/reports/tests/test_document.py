"""The PDF of a report: archival, printable, readable by people and by programs, and leading to its proof."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import orjson
import pytest
import segno
from django.conf import settings

from chengxin.portal.tests.small import NAME, RESIDENT, SOURCE, Small
from chengxin.reports.signing import fingerprint
from chengxin.reports.sites import HERE, site, verification_address
from chengxin.reports.tests.files import Sample, reader, seen, text_of


def test_the_file_keeps_the_points_of_pdf_a_3(sample: Sample) -> None:
    """ISO 19005-3: identification, output intent, no locks, no scripts, files associated."""
    file = reader(sample.file)
    root, trailer = file.root, file.trailer
    about = root["/Metadata"].data.decode()
    assert re.search(r'pdfaid:part[>=]"?3', about) and re.search(r'pdfaid:conformance[>=]"?U', about)
    assert sample.file.startswith(b"%PDF-1.7") and root.get("/Version", "/1.7") == "/1.7"
    (intent,) = (root["/OutputIntents"][at] for at in range(len(root["/OutputIntents"])))
    assert intent["/S"] == "/GTS_PDFA1" and intent["/DestOutputProfile"]["/N"] == 3
    assert intent["/DestOutputProfile"].data[36:40] == b"acsp"  # an ICC profile (ICC.1, 7.2.11)
    assert "/Encrypt" not in trailer and len(trailer["/ID"]) == 2
    for forbidden in (b"/JavaScript", b"/JS ", b"/Launch", b"/SMask", b"/LZWDecode"):
        assert forbidden not in sample.file
    assert "/NeedAppearances" not in root["/AcroForm"] and "/AA" not in root
    attached = root["/AF"][0]
    assert attached["/AFRelationship"] == "/Source" and attached["/F"] == attached["/UF"] == "report.json"
    assert attached["/EF"]["/F"]["/Subtype"] == "/application/json"
    assert "/ModDate" in attached["/EF"]["/F"]["/Params"]
    assert root["/Lang"] == "zh-Hans"
    marker = sample.file.splitlines()[1]  # 6.1.2: so that nobody takes it for text
    assert marker.startswith(b"%") and sum(one > 127 for one in marker) >= 4
    (widget,) = (root["/AcroForm"]["/Fields"][at] for at in range(len(root["/AcroForm"]["/Fields"])))
    assert widget["/F"] & 4 and not widget["/F"] & 2  # 6.3.2: printed, not hidden
    assert [float(one) for one in widget["/Rect"]] == [0, 0, 0, 0] and "/A" not in widget
    assert "pdfaExtension" not in about and NAME in about and "/Info" not in trailer  # 6.6.2: said once


def test_the_file_is_tagged_so_that_it_can_be_read_aloud(sample: Sample) -> None:
    """ISO 32000-1, 14.8: each text is in an element or an artifact; elements lead to their text."""
    root = reader(sample.file).root
    assert root["/MarkInfo"]["/Marked"] and root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert root["/StructTreeRoot"]["/K"][0]["/S"] == "/Document"
    kinds = [str(one["/S"]) for one in elements(root["/StructTreeRoot"]["/K"][0])]
    assert kinds[1] == "/H1" and kinds.count("/H2") == 6
    assert {"/H3", "/P", "/Table", "/TR", "/TH", "/TD", "/Figure", "/L", "/LI", "/LBody"} <= set(kinds)
    figures = [one for one in elements(root["/StructTreeRoot"]) if one.get("/S") == "/Figure"]
    assert all(str(one["/Alt"]) for one in figures) and "/reports/" in str(figures[0]["/Alt"])
    parents = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    pages = root["/Pages"]["/Kids"]
    for at in range(len(pages)):
        marked, depth = 0, 0
        for line in pages[at]["/Contents"].data.splitlines():
            if line.endswith((b"BDC", b"BMC")):
                depth, marked = depth + 1, marked + line.endswith(b"BDC")
            elif line == b"EMC":
                depth -= 1
            assert depth in (0, 1) and (depth or not line.startswith(b"BT ")), line
        assert depth == 0 and marked > 3
        held = parents[2 * int(pages[at]["/StructParents"]) + 1]
        assert len(held) == marked
        for number in range(marked):
            assert number in [int(one) for one in held[number]["/K"]]
            assert held[number]["/Pg"].get("/StructParents") == pages[at]["/StructParents"]


def elements(of: Any) -> Iterator[Any]:
    """An element and all below it, in the order in which they are read."""
    yield of
    for at in range(len(of.get("/K", ()))):
        if isinstance(below := of["/K"][at], Mapping):
            yield from elements(below)


def test_all_type_is_embedded_and_every_character_can_be_read_back(sample: Sample) -> None:
    pages = reader(sample.file).root["/Pages"]
    for at in range(len(pages["/Kids"])):
        page = pages["/Kids"][at]
        fonts = (page if "/Resources" in page else pages)["/Resources"]["/Font"]
        assert 0 < len(fonts) <= 2
        for name in fonts:
            font = fonts[name]
            assert font["/Subtype"] == "/Type0" and "/ToUnicode" in font
            assert "/FontFile3" in font["/DescendantFonts"][0]["/FontDescriptor"]
            assert re.match("/[A-Z]{6}\\+", str(font["/BaseFont"]))  # a subset, named as one


def test_it_is_a4_and_says_in_chinese_what_the_archive_holds(sample: Sample, archive: Small) -> None:
    file, text = reader(sample.file), text_of(sample.file)
    pages = file.root["/Pages"]
    box = pages["/Kids"][0].get("/MediaBox", pages.get("/MediaBox"))
    box = [round(float(box[at])) for at in range(4)]
    assert box == [0, 0, 595, 842]
    for said in (
        NAME,
        archive.code,
        SOURCE,
        "信用报告",
        "公开版",
        "榕市监罚〔2026〕0101号",
        "异议、修复和救济",
    ):
        assert "".join(said.split()) in text, said
    for hidden in (RESIDENT, "0103号", "0105号", "0107号", "0109号"):
        assert hidden not in text, hidden
    assert fingerprint().replace(" ", "") in text and sample.made.sha256 in text
    assert f"第{sample.made.number}号" in text and f"存证号{archive.shown}" in text


def test_the_code_on_the_first_sheet_leads_to_its_verification(sample: Sample) -> None:
    """Each module of the printed pattern is that of the address."""
    address = verification_address("https://credit.example.cn", sample.made.number, sample.made.code)
    matrix = [list(row) for row in segno.make(address, error="m").matrix]
    dots = 8
    picture = seen(sample.file, dots)
    left, top, side = 210 - 18 - 27.0, 16.0, 27.0
    step = side / len(matrix)
    for row, line in enumerate(matrix):
        for column, dark in enumerate(line):
            x, y = left + (column + 0.5) * step, top + (row + 0.5) * step
            assert (picture.getpixel((int(x * dots), int(y * dots))) < 128) == bool(dark), (row, column)


def test_the_address_on_paper_is_the_sites_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HTTPS", True)
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["127.0.0.1", "localhost"])
    monkeypatch.delenv("CHENGXIN_SITE", raising=False)
    assert site() == HERE
    monkeypatch.setattr(settings, "ALLOWED_HOSTS", ["localhost", "credit.example.gov.cn"])
    assert site() == "https://credit.example.gov.cn"
    for named in ("https://pay.example.cn/", "pay.example.cn", " https://pay.example.cn"):
        monkeypatch.setenv("CHENGXIN_SITE", named)
        assert verification_address(site(), 7, "ab") == "https://pay.example.cn/reports/7?code=ab"


def test_the_file_carries_the_very_json_that_is_sealed(sample: Sample) -> None:
    body = reader(sample.file).root["/AF"][0]["/EF"]["/F"].data
    assert body == sample.made.body and sha256(body).hexdigest() == sample.made.sha256
    assert orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS) == body
