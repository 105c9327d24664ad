"""A subject's page as a PDF: the same that the page shows, Chinese type embedded."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from chengxin.design.showing import Shown
from chengxin.portal import documents
from chengxin.portal.tests.small import RESIDENT, Small


@pytest.mark.obligation("9.1f")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_document_embeds_its_type_and_names_subject_and_day(
    archive: Small, browser: Client, language: str
) -> None:
    answer = browser.get(f"/subjects/{archive.code}/document.pdf?lang={language}")
    made = answer.content
    assert answer.status_code == 200 and made.startswith(b"%PDF-") and made.rstrip().endswith(b"%%EOF")
    assert b"+NotoSansSC" in made and b"/FontFile3" in made
    assert answer["X-Robots-Tag"] == "noindex, noarchive"
    known = {"if-none-match": answer["ETag"]}
    again = browser.get(f"/subjects/{archive.code}/document.pdf?lang={language}", headers=known)
    assert again.status_code == 304


def test_what_is_not_public_is_in_no_document(
    archive: Small, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    kept = documents._record

    def noted(sheets: Any, record: Shown) -> None:
        written.append(str(record))
        kept(sheets, record)

    monkeypatch.setattr(documents, "_record", noted)
    assert browser.get(f"/subjects/{archive.code}/document.pdf").status_code == 200
    said = "".join(written)
    assert {int(id) for id in re.findall(r"Shown\(id=(\d+)", said)} >= {archive.shown, archive.latest}
    assert not {int(id) for id in re.findall(r"Shown\(id=(\d+)", said)} & set(archive.hidden)
    assert RESIDENT not in said


def test_there_is_none_of_a_person_of_nobody_or_without_the_extra(
    archive: Small, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for code in (f"S{archive.person}", "91350102MA2XAB0130"):
        assert browser.get(f"/subjects/{code}/document.pdf").status_code == 404
    monkeypatch.setattr(documents, "available", lambda: False)
    assert browser.get(f"/subjects/{archive.code}/document.pdf").status_code == 404
    assert "document.pdf" not in browser.get(f"/subjects/{archive.code}").content.decode()
