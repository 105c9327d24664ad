"""The quality of what sources send, as sums over their batches."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.exchange.models import Batch
from chengxin.exchange.quality import months, public_quality
from chengxin.exchange.tests.sending import SOURCE, TODAY, example, send


@pytest.mark.obligation("9.1d")
def test_the_public_sees_of_a_source_what_it_sends_and_how_well(database: str, tmp_path: Path) -> None:
    today = timezone.localdate()
    number = "榕市监罚〔2026〕{}号"
    rows = [example("penalty", CF_WSH=number.format(one)) for one in range(3)] + [
        example("penalty", CF_WSH="")
    ]
    receipt = send(tmp_path, "penalty", rows, today=today)
    assert (receipt.kept, receipt.rejected) == (3, 1)
    (source,) = public_quality()
    assert (source.source, source.role, source.items) == (SOURCE, "department", ("penalty",))
    assert (source.records, source.accepted, source.last_received) == (3, 0.75, today)
    filled = sum(value is not None for value in rows[0].values())
    batch = Batch.objects.get()
    assert source.filled == pytest.approx(batch.filled / batch.cells)
    assert batch.filled == 3 * filled


def test_what_was_sent_longer_than_a_year_ago_no_longer_counts(database: str, tmp_path: Path) -> None:
    send(tmp_path, "penalty", [example("penalty")], today=TODAY)
    Batch.objects.update(received_on=timezone.localdate() - timedelta(days=400))
    assert public_quality() == []


def test_the_public_sees_no_source_that_nobody_confirmed(database: str, tmp_path: Path) -> None:
    sender = note_organisation(code=None, name="某某单位", role="department")
    send(tmp_path, "penalty", [example("penalty")], source=sender.name, today=timezone.localdate())
    assert public_quality() == []


def test_a_batch_remembers_what_was_wrong_most_often(database: str, tmp_path: Path) -> None:
    rows = [example("penalty", CF_WSH="") for _ in range(3)] + [example("penalty", CF_JDRQ="昨天")]
    send(tmp_path, "penalty", rows)
    first, second = Batch.objects.get().faults
    assert (first["field"], first["rule"], first["count"]) == ("CF_WSH", "required", 3)
    assert (second["field"], second["count"]) == ("CF_JDRQ", 1)
    assert first["mend_zh"]
    assert first["mend_en"]


def test_the_twelve_months_end_with_this_one() -> None:
    found = months(TODAY.replace(month=3))
    assert len(found) == 12
    assert (found[0].isoformat(), found[-1].isoformat()) == ("2025-04-01", "2026-03-01")
