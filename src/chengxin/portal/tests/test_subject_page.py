"""A subject's page and a record's: what is public today, with source, law and last day, and nothing else."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.tests.kept import PENALTY, Kept, new_uscc
from chengxin.design.showing import web_address
from chengxin.kernel.merkle import included
from chengxin.ledger.actions import appending
from chengxin.portal.tests.small import DOMAIN, NAME, PERSON, PLATFORM, RESIDENT, SHOP, SOURCE, Small
from chengxin.registry.models import OUTLET
from chengxin.rulebook import catalogue


def text_of(page: str) -> str:
    """What a reader sees, on one line."""
    body = re.sub(r"<title>.*?</title>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.mark.obligation("9.1f")
def test_a_subjects_page_says_who_it_is(archive: Small, browser: Client) -> None:
    page = text_of(browser.get(f"/subjects/{archive.code}").content.decode())
    for said in (NAME, archive.code, archive.regno, "法人", "福建省福州市鼓楼区", "身份已核验", "入驻商家"):
        assert said in page
    for said in ("福州榕味海产有限公司", SHOP, PLATFORM):
        assert said in page


def test_each_record_stands_with_its_source_its_law_and_its_days(archive: Small, browser: Client) -> None:
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    entry = page[page.index(f'id="record-{archive.shown}"') :]
    said = text_of(entry[: entry.index("</li>")])
    begun = timezone.localdate() - timedelta(days=100)
    ends = timezone.localdate() + timedelta(days=300)
    for part in (SOURCE, "《信用修复管理办法》", f"{begun.isoformat()} – {ends.isoformat()}", "罚款"):
        assert part in said
    assert f'href="/records/{archive.shown}"' in entry


def test_fields_stand_under_their_headings_in_the_catalogues_order(archive: Small, browser: Client) -> None:
    page = browser.get(f"/records/{archive.shown}").content.decode()
    facts = page[page.index('class="facts') : page.index("</dl>", page.index('class="facts'))]
    headings = re.findall(r"<dt>(.*?)</dt>", facts)
    order = [field.name_zh for field in catalogue.item("penalty").fields]
    assert headings == [name for name in order if name in headings]
    assert len(headings) == len(PENALTY) + 2
    assert "<dt>罚款金额(万元)</dt><dd>20</dd>" in facts
    assert "<dt>处罚有效期</dt><dd>长期</dd>" in facts


def test_every_public_item_has_its_group(archive: Small, browser: Client) -> None:
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    for item in catalogue.items(timezone.localdate()):
        assert (f'<h3 id="{item.id}">' in page) == (item.disclosure == "public"), item.id


def test_a_coded_choice_is_shown_in_words(archive: Small, browser: Client) -> None:
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    assert "<dt>当前状态</dt><dd>有效</dd>" in page
    english = browser.get(f"/subjects/{archive.code}?lang=en").content.decode()
    assert "<dt>current state</dt><dd>valid</dd>" in english


def test_what_ended_was_withdrawn_or_corrected_is_nowhere(archive: Small, browser: Client) -> None:
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    for record in archive.hidden:
        assert f'id="record-{record}"' not in page
        assert browser.get(f"/records/{record}").status_code == 404
        assert browser.get(f"/api/v1/records/{record}").status_code == 404
    for number in ("0103", "0104", "0105", "0106", "0107", "0109"):
        assert f"〔2026〕{number}号" not in page


def test_a_record_is_shown_on_its_last_day(archive: Small, browser: Client) -> None:
    assert f'id="record-{archive.last_day}"' in browser.get(f"/subjects/{archive.code}").content.decode()
    assert browser.get(f"/records/{archive.last_day}").status_code == 200


def test_a_correction_stands_in_place_of_what_it_corrects(archive: Small, browser: Client) -> None:
    page = browser.get(f"/subjects/{archive.code}").content.decode()
    assert "榕市监罚〔2026〕0108号" in page and "榕市监罚〔2026〕0107号" not in page


@pytest.mark.obligation("13d")
def test_natural_persons_have_no_page(archive: Small, browser: Client) -> None:
    for code in (f"S{archive.person}", RESIDENT):
        assert browser.get(f"/subjects/{code}").status_code == 404
    assert browser.get(f"/records/{archive.hidden[0]}").status_code == 404
    found = browser.get("/search", {"q": PERSON}).content.decode()
    assert f"S{archive.person}" not in found and "没有查到" in found


def test_a_subject_without_public_records_says_that_this_means_nothing(
    archive: Small, browser: Client
) -> None:
    page = text_of(browser.get(f"/subjects/{archive.quiet}").content.decode())
    assert "今天没有公示中的信用信息" in page


def test_any_of_its_codes_leads_to_the_subject(archive: Small, browser: Client) -> None:
    for code in (archive.regno, archive.code.lower(), f"{archive.code[:8]}-{archive.code[8:]}"):
        page = browser.get(f"/subjects/{code}")
        assert page.status_code == 200 and NAME in page.content.decode()


def test_further_pages_hold_every_record_once(database: str, browser: Client) -> None:
    code, today = new_uscc(), timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        source, subject = kept.source(), kept.subject(NAME, code)
        records = {kept.record(subject, source, start=today, until=today) for _ in range(230)}
    seen: list[int] = []
    address, pages = f"/subjects/{code}", 0
    while address:
        page = browser.get(address).content.decode()
        seen += [int(one) for one in re.findall(r'id="record-(\d+)"', page)]
        following = re.search(r'rel="next" href="(\?before=\d+)"', page)
        address = f"/subjects/{code}{following[1]}" if following else ""
        pages += 1
    assert sorted(seen) == sorted(records) and pages == 3


def test_a_wrong_cursor_is_no_page(archive: Small, browser: Client) -> None:
    assert browser.get(f"/subjects/{archive.code}?before=x").status_code == 404


def test_the_record_page_explains_a_proof_that_holds(archive: Small, browser: Client) -> None:
    page = browser.get(f"/records/{archive.shown}").content.decode()
    proof = browser.get(f"/api/v1/records/{archive.shown}/proof").json()
    head = proof["head"]
    for part in (proof["leaf_hash"], head["root"], head["signature"], head["public_key"]):
        assert part in page
    assert f'href="/api/v1/records/{archive.shown}/proof" download' in page
    raw = base64.b64decode
    path = [raw(step) for step in proof["path"]]
    assert included(proof["leaf"], head["size"], raw(proof["leaf_hash"]), path, raw(head["root"]))


def test_the_program_on_the_page_checks_the_proof_on_the_page(
    archive: Small, browser: Client, tmp_path: Path
) -> None:
    page = browser.get(f"/records/{archive.shown}").content.decode()
    assert 'href="/check_proof.py" download' in page and "python3 check_proof.py proof.json" in page
    program, proof = tmp_path / "check_proof.py", tmp_path / "proof.json"
    program.write_bytes(browser.get("/check_proof.py").content)
    content = browser.get(f"/api/v1/records/{archive.shown}/proof").json()

    def run() -> str:
        proof.write_text(json.dumps(content), encoding="utf-8")
        command = [sys.executable, str(program), str(proof)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout

    assert "OK" in run()
    content["body"] = content["body"].replace("20.000000", "00.000000")
    assert "BROKEN" in run()


def test_a_sealed_record_says_why_its_text_is_withheld(archive: Small, browser: Client) -> None:
    page = text_of(browser.get(f"/records/{archive.sealed}").content.decode())
    assert "证明只给出叶哈希，不给出原文" in page and "法定代表人证件类型" not in page
    assert "目录中另有4个字段不向社会公示" in page


def test_only_addresses_of_the_web_become_links() -> None:
    assert web_address(f"https://{DOMAIN}/") == f"https://{DOMAIN}/"
    for text in (
        "javascript:alert(1)",
        "data:text/html,x",
        "ftp://x.example/",
        "shop.example",
        "http://[",
        "",
        None,
    ):
        assert web_address(text) is None


def test_a_shop_with_a_hostile_address_is_only_named(database: str, browser: Client) -> None:
    code, today = new_uscc(), timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        source, subject = kept.source(), kept.subject(NAME, code)
        record = kept.record(
            subject, source, start=today, until=today, payload={"CF_WSH": "<script>alert(1)</script>"}
        )
        log.keep(
            OUTLET, [(subject, "shop", "<b>店</b>", "javascript:alert(1)", None, None, None, None, record)]
        )
    page = browser.get(f"/subjects/{code}").content.decode()
    assert "&lt;b&gt;店&lt;/b&gt;" in page and "javascript:" not in page and "<script>" not in page
