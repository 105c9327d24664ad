"""Batches: begun, found again after an interruption, and their receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from chengxin.accounts.models import Organisation
from chengxin.database.home import Home
from chengxin.exchange.models import Batch
from chengxin.exchange.receiving import Received
from chengxin.kernel.problems import Problem
from chengxin.rulebook.catalogue import Item


@dataclass(frozen=True)
class Receipt:
    """What became of a batch: every row is kept, a duplicate, or rejected."""

    batch: int
    item: str
    source: str
    operation: str
    file: str
    sha256: str
    received_on: date
    stage: str
    rows: int
    kept: int
    duplicate: int
    rejected: int
    rejects_file: str | None
    late: int
    without_code: int
    new_subjects: int
    queued: int
    ignored: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            name: value.isoformat()
            if isinstance(value, date)
            else list(value)
            if isinstance(value, tuple)
            else value
            for name, value in self.__dict__.items()
        }


_LOCK = 20170903  # first half of the locks under which batches begin


@transaction.atomic
def begin(
    received: Received,
    *,
    name: str,
    item: Item,
    source: Organisation,
    operation: str,
    today: date,
    follows: int | None = None,
    sent_by: int | None = None,
) -> Batch:
    """The batch of this file: the one that was interrupted, or whose receipt nobody got; else a new one.

    follows: the batch whose rejected rows the file mends; sent_by: the user who sent it.
    """
    with connection.cursor() as cursor:  # the same file sent twice at once is one batch
        key = int.from_bytes(received.sha256[:4], "big", signed=True)
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, key])
    last = (
        Batch.objects.filter(sha256=received.sha256, item=item.id, source=source, operation=operation)
        .exclude(stage="refused")
        .order_by("-id")
        .first()
    )
    if last is not None and not last.receipt_given:
        return last
    return Batch.objects.create(
        item=item.id,
        item_version=item.version,
        source=source,
        operation=operation,
        file_name=name,
        sha256=received.sha256,
        received_at=timezone.now(),
        received_on=today,
        follows_id=follows,
        sent_by_id=sent_by,
    )


def refuse(batch: Batch, problem: Problem) -> None:
    """The file is no table of the item: say so for good."""
    Batch.objects.filter(pk=batch.pk).update(
        stage="refused", refusal=problem.as_dict(), finished_at=timezone.now(), receipt_given=True
    )


def receipt(batch: Batch, home: Home) -> Receipt:
    """The receipt of a batch as it stands."""
    rejects = home.rejects / f"{batch.pk}.xlsx"
    return Receipt(
        batch=batch.pk,
        item=batch.item,
        source=batch.source.name,
        operation=batch.operation,
        file=batch.file_name,
        sha256=bytes(batch.sha256).hex(),
        received_on=batch.received_on,
        stage=batch.stage,
        rows=batch.rows,
        kept=batch.kept,
        duplicate=batch.duplicate,
        rejected=batch.rejected,
        rejects_file=str(rejects) if batch.rejected and rejects.exists() else None,
        late=batch.late,
        without_code=batch.without_code,
        new_subjects=batch.new_subjects,
        queued=batch.queued,
        ignored=tuple(batch.ignored),
    )


def receipt_given(batch: int) -> None:
    """Its sender has the receipt: the same file sent again is a batch of its own."""
    Batch.objects.filter(pk=batch).update(receipt_given=True)
