"""Nothing but the file as it was made passes for a report; of each other one it is told what is wrong."""

from __future__ import annotations

import random
import zlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from chengxin.archive.marking import mark
from chengxin.archive.tests.kept import PENALTY, Kept
from chengxin.kernel.crypto import Keyring
from chengxin.ledger.actions import appending
from chengxin.ledger.tests.filled import tamperer
from chengxin.portal.tests.small import Small
from chengxin.reports import html, pdf, sealing, signing
from chengxin.reports.content import canonical
from chengxin.reports.limits import LARGEST
from chengxin.reports.tests.files import Sample, plain_pdf
from chengxin.reports.verifying import verify_file

TODAY = timezone.localdate()


def rules(file: bytes) -> list[str]:
    """What is wrong with a file."""
    verdict = verify_file(file, timezone.localdate())
    for one in verdict.problems:
        assert one.zh and one.en and one.mend_zh and one.mend_en
    return [one.rule.removeprefix("report.") for one in verdict.problems]


def test_a_report_as_it_was_made_holds(sample: Sample) -> None:
    verdict = verify_file(sample.file, timezone.localdate())
    assert verdict.holds and verdict.unchanged and verdict.sealed is not None
    assert verdict.sealed.number == sample.made.number == verdict.sealed.size


def test_what_is_no_report_is_told_so(sample: Sample) -> None:
    file = sample.file
    assert rules(b"") == ["empty"]
    assert rules(b"PK\x03\x04 a workbook") == rules(b"<svg/>") == ["pdf"]
    assert rules(html.report_html(sample.made, "https://credit.example.cn")) == ["page"]
    assert rules(plain_pdf()) == ["unsigned"]
    assert rules(file[: len(file) // 2]) == rules(file[:-40]) == ["truncated"]
    assert rules(file + b"% more\n%%EOF\n") == ["appended"]
    assert rules(file + b"\n") == ["appended"]
    assert rules(b"%PDF-1.7\n" + bytes(LARGEST)) == ["size"]


def test_the_json_is_verified_as_it_was_sealed(sample: Sample) -> None:
    verdict = verify_file(sample.made.body + b"\n", timezone.localdate())
    assert verdict.holds and not verdict.signed
    body = sample.made.body
    middle = len(body) // 2
    assert rules(body[:middle] + b" " + body[middle:]) in (["digest"], ["content"])
    assert rules(body[:-1] + b', "more": 1}') == ["digest"]
    assert rules(b"{" * 100_000) == rules(b'{"format": "chengxin-report/1"}') == rules(b"{}") == ["content"]
    assert rules(body[:-1]) == ["content"]
    assert rules(canonical(sample.made.content | {"number": 10**12})) == ["number"]
    number = f'"number":{sample.made.number}'.encode()
    assert rules(body.replace(number, b'"number":' + b"9" * 40)) == ["content"]


def test_a_locked_file_and_a_bomb_are_refused_unread(sample: Sample) -> None:
    locked = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R/Encrypt 9 0 R>>\n%%EOF"
    assert rules(locked) == ["encrypted"]
    bomb = zlib.compress(bytes(64 * 1024 * 1024))
    packed = b"%%PDF-1.7\n1 0 obj<</Filter/FlateDecode/Length %d>>stream\n" % len(bomb) + bomb
    assert rules(packed + b"endstream endobj\ntrailer<</Root 1 0 R>>\n%%EOF") == ["unsigned"]
    nested = b"%PDF-1.7\n" + b"[" * 500_000 + b"\n/ByteRange [0 10 20 30]\n%%EOF"
    assert rules(nested) == ["altered"]


def test_no_byte_can_be_changed(sample: Sample) -> None:
    """Bytes all over the file, each changed alone; in the signature's own padding alone nothing is said."""
    chance = random.Random(4)
    gap = sample.file.index(b"/Contents <") + len(b"/Contents <")
    for at in sorted(chance.sample(range(len(sample.file)), 300)):
        changed = bytearray(sample.file)
        changed[at] ^= 1 << chance.randrange(8)
        if not gap <= at < gap + 2 * signing.RESERVED:
            assert rules(bytes(changed)), at


def test_text_that_was_altered_and_signed_by_somebody_else_is_foreign(
    sample: Sample, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = Keyring(data=bytes(32), matching=bytes(32), signing=bytes(range(32)))
    with monkeypatch.context() as patch:
        patch.setattr(settings, "KEYRING", other)
        forged = pdf.report_pdf(sample.made, "https://credit.example.cn")
        assert rules(forged) == ["ledger"]  # the other's signature holds, but not on our ledger's head
    assert rules(forged) == ["signer"]


def test_a_document_of_ours_that_is_no_report_is_none(sample: Sample) -> None:
    assert rules(signing.signed(plain_pdf(), "home", "a notice")) == ["content"]


def test_content_that_the_ledger_did_not_seal_is_refused(sample: Sample) -> None:
    """Even under the home's own key: who has the key alone can't make a report."""
    content = sample.made.content
    said = canonical(content | {"remedies": []})
    changed = pdf.report_pdf(sealing.Made(sample.made.number, said), "https://credit.example.cn")
    assert rules(changed) == ["digest"]
    unheard = canonical(content | {"number": 10**12})
    assert rules(pdf.report_pdf(sealing.Made(10**12, unheard), "x")) == ["number"]


def test_a_register_that_was_rewritten_proves_nothing(sample: Sample) -> None:
    with tamperer() as owner:
        owner.put("reports_report", "subject", f"id = {sample.made.number}", 1)
    assert rules(sample.file) == ["ledger"]


def test_the_register_is_append_only(sample: Sample) -> None:
    with pytest.raises(Exception, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM reports_report")


def test_what_changed_since_is_told_and_the_report_still_holds(sample: Sample, archive: Small) -> None:
    today = timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        source = kept.source()
        subject = sealing.sealed_report(sample.made.number)
        assert subject is not None
        gone = kept.record(
            subject.subject, source, operation="withdrawal", refers_to=archive.shown, payload=PENALTY
        )
        marked = mark(
            log,
            [archive.latest],
            "ended",
            on=today,
            because="repair",
            case=None,
            by="李经办",
            reason="已修复",
        )
    assert gone and marked == (archive.latest,)
    verdict = verify_file(sample.file, today)
    assert verdict.holds and not verdict.unchanged
    assert verdict.gone == {"withdrawal": [archive.shown], "repaired": [archive.latest]}
    tomorrow = verify_file(sample.file, today + timedelta(days=1))
    assert tomorrow.gone["expired"] == [archive.last_day]
