"""Pages of reports: what the public gets, what officers and the subject get, and where a file is verified."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.marking import mark
from chengxin.archive.tests.kept import PENALTY, Kept
from chengxin.audit import queries as audit
from chengxin.ledger import queries as ledger
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import NAME, PERSON, RESIDENT, Small
from chengxin.registry.queries import resolve
from chengxin.reports import html, pages, pdf, sealing
from chengxin.reports.limits import LARGEST
from chengxin.reports.tests.files import Sample, plain_pdf, text_of
from chengxin.testing.checked import checked
from chengxin.testing.signed import browser_of, person

WHY = {"kind": "supervision", "text": "核查投诉案件中的经营者", "case": "榕市监〔2026〕1号"}


def uploaded(browser: Client, file: bytes) -> str:
    """What the page says of a file."""
    answer = browser.post("/reports", {"file": io.BytesIO(file)})
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.obligation("9.1f")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_public_gets_the_report_as_page_pdf_and_json(
    archive: Small, browser: Client, language: str
) -> None:
    page = browser.get(f"/subjects/{archive.code}/report?lang={language}")
    assert page.status_code == 200 and NAME in page.content.decode()
    assert not list(checked(page.content.decode()).finish())
    file = browser.get(f"/subjects/{archive.code}/report.pdf?lang={language}")
    assert file.content.startswith(b"%PDF-1.7") and file["Content-Type"] == "application/pdf"
    title = "信用报告" if language == "zh" else "Creditreport"
    assert title in text_of(file.content)
    said = browser.get(f"/subjects/{archive.code}/report.json")
    assert said.json()["number"] == ledger.size() - 1
    for one in (page, file, said):
        assert one["X-Robots-Tag"] == "noindex, noarchive" and one["Cache-Control"] == "no-cache"
    again = browser.get(f"/subjects/{archive.code}/report.pdf", headers={"if-none-match": file["ETag"]})
    assert again.status_code == 304


def test_who_asks_again_gets_the_same_file_and_the_ledger_does_not_grow(
    archive: Small, browser: Client
) -> None:
    first = browser.get(f"/subjects/{archive.code}/report.pdf").content
    size = ledger.size()
    assert browser.get(f"/subjects/{archive.code}/report.pdf").content == first
    assert browser.get(f"/subjects/{archive.regno}/report.json").json()["number"] < size
    assert ledger.size() == size


def every_form(archive: Small, browser: Client) -> dict[str, str]:
    """The public report as it is given out: text of the PDF, page, file, JSON, answer of the API."""
    address = f"/subjects/{archive.code}/report"
    made = sealing.public_report(archive.code, timezone.localdate())
    return {
        "pdf": text_of(browser.get(f"{address}.pdf").content),
        "page": browser.get(address).content.decode(),
        "file": html.report_html(made, "https://credit.example.cn").decode(),
        "json": browser.get(f"{address}.json").content.decode(),
        "api": browser.get(f"/api/v1{address}").content.decode(),
    }


def test_what_was_withdrawn_or_ended_is_in_no_report_from_then_on_and_the_contested_is_marked(
    archive: Small, browser: Client
) -> None:
    subject, today = resolve(archive.code), timezone.localdate()
    assert subject is not None
    with appending() as log:
        kept = Kept(log)
        source = kept.source()
        gone, told = (
            kept.record(subject, source, payload=PENALTY | {"CF_WSH": f"榕市监罚〔2026〕{number}号"})
            for number in ("7701", "7702")
        )
    before = every_form(archive, browser)
    for form, text in before.items():
        assert "0101号" in text and "7701号" in text and "7702号" in text, form
    how: dict[str, Any] = {"on": today, "case": None, "by": "李经办", "reason": "已修复"}
    with appending() as log:
        kept = Kept(log)
        kept.record(subject, source, operation="withdrawal", refers_to=archive.shown, payload=PENALTY)
        mark(log, [gone], "ended", because="repair", **how)
        mark(log, [told], "contested", because="objection", **how)
    for form, text in every_form(archive, browser).items():
        assert "0101号" not in text and "7701号" not in text and "7702号" in text, form
        # data say it of the record, and of its publication as a consequence
        said, times = ('"state":"contested"', 2) if form in ("json", "api") else ("异议处理中", 1)
        assert text.count(said) == before[form].count(said) + times, form


def test_persons_and_nobody_are_not_found_and_leave_no_trace(archive: Small, browser: Client) -> None:
    size = ledger.size()
    for code in (f"S{archive.person}", RESIDENT, "91350102MA2XAB0130"):
        for kind in ("", ".pdf", ".json"):
            assert browser.get(f"/subjects/{code}/report{kind}").status_code == 404
        answer = browser.get(f"/api/v1/subjects/{code}/report")
        assert answer.status_code == 404 and answer["Content-Type"] == "application/problem+json"
    assert ledger.size() == size


def test_without_the_extra_there_is_no_pdf(
    archive: Small, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "available", lambda: False)
    assert browser.get(f"/subjects/{archive.code}/report.pdf").status_code == 404
    assert "report.pdf" not in browser.get(f"/subjects/{archive.code}/report").content.decode()


def test_an_officer_gets_the_full_version_for_a_purpose_alone(archive: Small) -> None:
    address = f"/work/subjects/S{archive.person}/report.pdf"
    browser = browser_of(person("credit_office"))
    assert browser.get(address)["Location"].startswith("/work/purpose")
    browser.post("/work/purpose", WHY)
    answer = browser.get(address)
    assert answer["Cache-Control"] == "no-store" and answer.content.startswith(b"%PDF-1.7")
    text = text_of(answer.content)
    assert PERSON in text and "授权版" in text and WHY["text"] in text
    assert RESIDENT not in text and "3501************34" in text
    (look,) = audit.looks_at([archive.person], limit=5)
    assert look.what == "download"
    assert Client().get(address)["Location"].startswith("/sign-in")


def test_a_subject_gets_its_own_report_and_nobody_elses(archive: Small) -> None:
    browser = browser_of(subject=archive.person)
    assert PERSON in text_of(browser.get("/own/report.pdf").content)
    other = resolve(archive.code)
    assert browser.get(f"/own/report.pdf?subject={other}")["Location"] == "/own"


# --- verification -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_code_on_paper_leads_to_what_the_ledger_sealed(
    sample: Sample, browser: Client, language: str
) -> None:
    address = f"/reports/{sample.made.number}?code={sample.made.code}&lang={language}"
    answer = browser.get(address)
    page = answer.content.decode()
    assert answer.status_code == 200 and NAME in page and not list(checked(page).finish())
    assert re.sub("<wbr>|\u200b", "", page).count(sample.made.sha256) == 1
    asked = browser.get(f"/reports?number={sample.made.number}&code={sample.made.code}")
    assert asked["Location"] == f"/reports/{sample.made.number}?code={sample.made.code}"


def test_a_wrong_code_or_number_tells_nothing(sample: Sample, browser: Client) -> None:
    for number, code in (
        (sample.made.number, "0" * 16), (sample.made.number, sample.made.code[:8]),
        (sample.made.number - 1, sample.made.code), (10**30, sample.made.code),
    ):  # fmt: skip
        answer = browser.get(f"/reports/{number}?code={code}")
        assert answer.status_code == 404 and NAME not in answer.content.decode()
    bare = browser.get(f"/reports/{sample.made.number}")
    assert bare.status_code == 200 and NAME not in bare.content.decode()


def test_of_a_full_version_the_page_names_nobody(archive: Small, browser: Client) -> None:
    subject = browser_of(subject=archive.person)
    subject.get("/own/report.pdf")
    entry = sealing.sealed_report(ledger.size() - 1)
    assert entry is not None and entry.version == "full"
    page = browser.get(f"/reports/{entry.number}?code={entry.sha256[:16]}").content.decode()
    assert "授权版" in page and PERSON not in page and f"S{archive.person}" not in page


def test_a_name_that_is_public_no_more_is_not_told(
    sample: Sample, browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "public_matter", lambda code, today: None)
    page = browser.get(f"/reports/{sample.made.number}?code={sample.made.code}").content.decode()
    assert NAME not in page and "今天没有可以公示的主体" in page


def test_an_uploaded_file_is_verified_and_what_changed_is_told(
    sample: Sample, archive: Small, browser: Client
) -> None:
    assert "文件真实完整" in uploaded(browser, sample.file)
    with appending() as log:
        kept = Kept(log)
        subject = resolve(archive.code)
        assert subject is not None
        kept.record(subject, kept.source(), operation="withdrawal", refers_to=archive.shown, payload=PENALTY)
    page = uploaded(browser, sample.file)
    assert "文件真实完整" in page and "1条已撤回" in page and str(archive.shown) in page
    by_number = browser.get(f"/reports/{sample.made.number}?code={sample.made.code}").content.decode()
    assert "1条已撤回" in by_number


def test_hostile_files_are_refused_in_words(sample: Sample, browser: Client) -> None:
    assert "文件是网页" in uploaded(browser, b"<html>")
    assert "内容与账本的记载逐字节相符" in uploaded(browser, sample.made.body)
    assert "没有电子签名" in uploaded(browser, plain_pdf())
    middle = len(sample.file) // 2
    changed = sample.file[:middle] + bytes([sample.file[middle] ^ 1]) + sample.file[middle + 1 :]
    assert "被改动" in uploaded(browser, changed)
    nothing = browser.post("/reports", {})
    assert nothing.status_code == 400 and "请选择报告的PDF或JSON文件" in nothing.content.decode()
    large = browser.post("/reports", {"file": io.BytesIO(b"%PDF-" + bytes(LARGEST + 200_000))})
    assert large.status_code == 413 and "超过10 MB" in large.content.decode()
    assert browser.put("/reports").status_code == 405


def test_the_certificate_is_told_and_given(archive: Small, browser: Client) -> None:
    assert browser.get("/reports/certificate.pem").content.startswith(b"-----BEGIN CERTIFICATE-----")
    assert browser.get("/reports").status_code == 200
