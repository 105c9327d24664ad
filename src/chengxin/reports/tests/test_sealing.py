"""Making reports: once a day and content for the public, each time and logged for those who may see more."""

from __future__ import annotations

from datetime import timedelta

import orjson
import pytest
from django.utils import timezone

from chengxin.accounts.permissions import NOBODY, Forbidden, at_the_console
from chengxin.archive.tests.kept import PENALTY, Kept
from chengxin.audit import queries as audit
from chengxin.audit.rules import Purpose
from chengxin.ledger import queries as ledger
from chengxin.ledger.actions import appending
from chengxin.ledger.verify import verify
from chengxin.portal.tests.small import RESIDENT, Small
from chengxin.registry.queries import resolve
from chengxin.reports import cache, sealing
from chengxin.reports.content import canonical, public_matter

WHY = Purpose("supervision", "核查投诉中的经营者", "ecl", "6")


def test_asking_again_makes_the_ledger_grow_no_more(archive: Small) -> None:
    today = timezone.localdate()
    first = sealing.public_report(archive.code, today)
    size = ledger.size()
    again = sealing.public_report(archive.regno, today)  # by whichever code
    assert (again.number, again.body) == (first.number, first.body) and ledger.size() == size
    assert sealing.public_report(archive.code, today + timedelta(days=1)).number > first.number


def test_changed_content_makes_another_report(archive: Small) -> None:
    today = timezone.localdate()
    first = sealing.public_report(archive.code, today)
    subject = resolve(archive.code)
    assert subject is not None
    with appending() as log:
        kept = Kept(log)
        kept.record(subject, kept.source(), operation="withdrawal", refers_to=archive.shown, payload=PENALTY)
    second = sealing.public_report(archive.code, today)
    assert second.number > first.number
    assert archive.shown in {one["id"] for one in first.content["records"]}
    assert archive.shown not in {one["id"] for one in second.content["records"]}


def test_a_report_names_the_head_at_which_it_was_made(archive: Small) -> None:
    head = ledger.head()
    made = sealing.public_report(archive.code, timezone.localdate())
    assert head is not None and made.content["ledger"] == head
    assert made.number == made.content["number"] == head["size"]
    assert "reports_report" not in {one.table for one in verify().faults}


def test_the_canonical_json_of_a_subject_is_the_same_each_time(archive: Small) -> None:
    today = timezone.localdate()
    one, other = public_matter(archive.code, today), public_matter(archive.code, today)
    assert one is not None and other is not None
    assert canonical(one.said) == canonical(other.said) and one.digest == other.digest
    assert canonical({"b": 1, "a": "信"}) == '{"a":"信","b":1}'.encode()


def test_the_public_version_holds_what_is_public_and_nothing_else(archive: Small) -> None:
    made = sealing.public_report(archive.code, timezone.localdate())
    shown = {one["id"] for one in made.content["records"]}
    assert {archive.shown, archive.last_day, archive.sealed, archive.latest} <= shown
    assert not shown & set(archive.hidden)
    assert RESIDENT not in made.body.decode()


def test_no_public_report_is_given_of_a_person_or_of_nobody(archive: Small) -> None:
    size = ledger.size()
    for code in (f"S{archive.person}", RESIDENT, "91350102MA2XAB0130", "x" * 500, "\x00"):
        with pytest.raises(sealing.Unknown):
            sealing.public_report(code, timezone.localdate())
    assert ledger.size() == size


@pytest.mark.obligation("9.1f")
def test_the_full_version_is_logged_for_its_purpose_and_masks_numbers(archive: Small) -> None:
    actor = at_the_console("陈经办")
    made = sealing.full_report(actor, archive.person, WHY, timezone.localdate())
    assert RESIDENT not in made.body.decode() and made.content["purpose"].startswith("supervision")
    (look,) = audit.looks_at([archive.person], limit=5)
    assert (look.what, look.words) == ("download", WHY.text)
    with pytest.raises(Forbidden):
        sealing.full_report(NOBODY, archive.person, WHY, timezone.localdate())


def test_files_of_other_days_are_removed(archive: Small) -> None:
    today = timezone.localdate()
    cache.keep(today - timedelta(days=1), 1, "json", b"{}")
    made = sealing.public_report(archive.code, today)
    assert cache.kept(today - timedelta(days=1), 1, "json") is None
    assert orjson.loads(cache.kept(today, made.number, "json") or b"")["number"] == made.number
