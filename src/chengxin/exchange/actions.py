"""The front door for data: a file comes in, every row of it ends as kept, duplicate or rejected.

received → checked → matched → kept. Chunk by chunk: reading, checking and preparing go on in a thread while
the chunk before is kept in one transaction together with the batch's counters. So a kill at any moment loses
and doubles nothing, and the same call goes on where it was; memory holds a few chunks, whatever the size of
the file.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import orjson
import polars as pl
from django.conf import settings
from django.db import connection
from django.db.models import F
from django.utils import timezone

from chengxin.accounts.actions import sending_organisation
from chengxin.accounts.models import Organisation
from chengxin.archive.describing import details
from chengxin.archive.following import follow
from chengxin.archive.keeping import Operation, Sorted, keep_records, sort_out
from chengxin.archive.preparing import Preparation
from chengxin.archive.verifying import verify_subjects
from chengxin.exchange import batches
from chengxin.exchange.batches import Receipt
from chengxin.exchange.checks import Rejected, check
from chengxin.exchange.formats import Table, Unreadable, open_table
from chengxin.exchange.models import Batch
from chengxin.exchange.notices import tell_ended
from chengxin.exchange.receiving import receive_file
from chengxin.exchange.rejects import write_rejects
from chengxin.exchange.tallies import Faults, added, filled_cells
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending, appending, copy_frame, raw_cursor
from chengxin.registry.resolving import Memory, resolve
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import SOURCE_ROLES, Item

REJECT_PURPOSE = b"reject"
_BY_INDEX = "SET LOCAL enable_seqscan = off"
"""Look-ups by the thousand go by index, whatever the planner makes of tables that grow under its eyes."""

_AHEAD = 2  # prepared chunks that may wait
_VERIFIED_AT_ONCE = 5_000  # subjects

Progress = Callable[[str, int, float], None]
"""Stage, rows so far, share of the file (0 to 1)."""


class Refused(ValueError):
    """The file was not taken: no table of the item, unknown source, not this source's to send."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh}。{problem.mend_zh} / {problem.en}: {problem.mend_en}")
        self.problem = problem


def ingest_file(
    path: Path,
    item: str,
    source: str,
    today: date,
    *,
    operation: Operation = "new",
    progress: Progress = lambda stage, rows, share: None,
) -> Receipt:
    """Take in a file from the disk and bring it to its end.

    item: id of the catalogue; source: the sender's code or name; today: the day of receipt, from which all
    checks count. Raises Refused, NotReceived, UnknownOrganisation or LookupError (no such item), each in both
    languages.
    """
    wanted = catalogue.item(item, today)
    sender = sending_organisation(source, wanted.sources[0])
    may_send(sender, wanted)
    received = receive_file(settings.HOME.inbox, path, lambda share: progress("received", 0, share))
    batch = batches.begin(
        received, name=path.name, item=wanted, source=sender, operation=operation, today=today
    )
    return complete(batch.pk, progress)


def may_send(sender: Organisation, item: Item) -> None:
    """What is collected from whom is the catalogue's to say; a role that nobody confirmed binds nobody."""
    if sender.confirmed and sender.role not in item.sources:
        role, wanted = SOURCE_ROLES[sender.role], [SOURCE_ROLES[one] for one in item.sources]
        raise Refused(
            Problem(
                "source", sender.name, "catalogue.sources",
                f"按征集目录，“{item.name_zh}”不由{role[0]}（{sender.name}）报送",
                f"by the catalogue, '{item.name_en}' is not for a {role[1]} ({sender.name}) to send",
                f"应由下列单位报送：{'、'.join(zh for zh, _ in wanted)}",
                f"it is sent by: {', '.join(en for _, en in wanted)}",
            )
        )  # fmt: skip


def complete(batch_id: int, progress: Progress = lambda stage, rows, share: None) -> Receipt:
    """Bring a batch to its end, from wherever it is; waits while another process works on it.

    Raises Refused when its file is no table of the item.
    """
    with _alone_with(batch_id):
        batch = Batch.objects.select_related("source").get(pk=batch_id)
        if batch.finished_at is None:
            _go_on(batch, progress)
            batch.refresh_from_db()
        if batch.refusal is not None:
            raise Refused(Problem(**batch.refusal))
        return batches.receipt(batch, settings.HOME)


def complete_waiting() -> int:
    """Bring all unfinished batches to their end that nobody works on, and tell their senders; returns how
    many. For the service."""
    done = 0
    for batch_id in Batch.objects.filter(finished_at=None).order_by("pk").values_list("pk", flat=True):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, batch_id])
            if not cursor.fetchone()[0]:
                continue
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, batch_id])
        with suppress(Refused):
            complete(batch_id)
        tell_ended(batch_id)
        done += 1
    return done


def _go_on(batch: Batch, progress: Progress) -> None:
    # The version that was in force when the file was received judges all of it.
    item = next(
        one for one in catalogue.versions() if one.id == batch.item and one.version == batch.item_version
    )
    try:
        table = open_table(settings.HOME.inbox / bytes(batch.sha256).hex(), item, batch.file_name)
        Batch.objects.filter(pk=batch.pk).update(stage="checked", ignored=list(table.ignored))
        _Run(batch, item, batch.source, table, progress).all_chunks()
    except Unreadable as unreadable:
        batches.refuse(batch, unreadable.problem)
        return
    batch.refresh_from_db()
    _finish(batch, item, progress)


_LOCK = 20170902  # first half of the advisory locks of batches


@contextmanager
def _alone_with(batch_id: int) -> Iterator[None]:
    """One process at a time works on a batch."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s, %s)", [_LOCK, batch_id])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [_LOCK, batch_id])


@dataclass(frozen=True)
class _Judged:
    """A chunk that was read, checked and prepared."""

    number: int
    rows: int
    accepted: pl.DataFrame
    checked: pl.DataFrame
    rejected: tuple[Rejected, ...]
    filled: dict[str, int]
    share: float


class _Run:
    """One run over the chunks of a batch that are not kept yet."""

    def __init__(
        self, batch: Batch, item: Item, sender: Organisation, table: Table, progress: Progress
    ) -> None:
        self.batch, self.item, self.table, self.progress = batch, item, table, progress
        self.operation: Operation = batch.operation  # type: ignore[assignment]  # a check constraint holds it
        keyring = settings.KEYRING
        self.preparation = Preparation(item, sender.pk, batch.received_on, keyring)
        self.memory = Memory(keyring, lambda subjects: details(raw_cursor(), subjects))
        self.sender = sender

    def all_chunks(self) -> None:
        """Keep chunk after chunk; ends when every row of the file has ended."""
        for judged in _ahead(self._judged()):
            self._keep(judged)
            self.batch.refresh_from_db()
            self.progress("kept", self.batch.rows, judged.share)

    def _judged(self) -> Iterator[_Judged]:
        for chunk in self.table.chunks(skip=self.batch.chunks):
            checked = check(self.item, chunk.frame, self.batch.received_on)
            yield _Judged(
                chunk.number, chunk.frame.height,
                self.memory.spelled(self.preparation.prepared(checked.accepted)), checked.accepted,
                checked.rejected, filled_cells(checked.accepted), self.table.share_read(),
            )  # fmt: skip

    def _keep(self, judged: _Judged) -> None:
        """One transaction: records and what follows from them, rejected rows, counters."""
        with appending() as log:
            log.cursor.execute(_BY_INDEX)
            rows, new_subjects, queued = judged.accepted, 0, 0
            sorted_ = sort_out(log, rows, self.operation, settings.KEYRING)
            fresh = pl.concat([sorted_.new, sorted_.again])
            if fresh.height:
                if self.batch.first_leaf is None:
                    self.batch.first_leaf = self._note_batch(log)
                resolution = resolve(log, fresh, self.memory, self.batch.received_on)
                new_subjects, queued = resolution.new_subjects, resolution.queued
                records = self._records(fresh.with_columns(resolution.subjects))
                follow(log, self.item, keep_records(log, records))
            rejected = [*judged.rejected, *self._unknown(sorted_, judged.checked)]
            self._reject(log, rejected)
            Batch.objects.filter(pk=self.batch.pk).update(
                chunks=judged.number + 1,
                first_leaf=self.batch.first_leaf,
                last_leaf=log.next_leaf - 1 if fresh.height else self.batch.last_leaf,
                rows=F("rows") + judged.rows,
                kept=F("kept") + fresh.height,
                duplicate=F("duplicate") + sorted_.duplicate,
                rejected=F("rejected") + len(rejected),
                late=F("late") + (fresh["late"].sum() or 0),
                without_code=F("without_code") + (fresh["without_code"].sum() or 0),
                new_subjects=F("new_subjects") + new_subjects,
                queued=F("queued") + queued,
                cells=F("cells") + judged.checked.height * len(self.item.fields),
                filled=F("filled") + sum(judged.filled.values()),
                filled_fields=added(self.batch.filled_fields, judged.filled),
                share=min(1.0, judged.share),
            )

    def _note_batch(self, log: Appending) -> int:
        """The ledger knows the file from which records came."""
        batch = self.batch
        return log.event(
            "batch",
            {
                "batch": batch.pk,
                "sha256": bytes(batch.sha256).hex(),
                "item": batch.item,
                "version": batch.item_version.isoformat(),
                "source": self.sender.pk,
                "operation": batch.operation,
                "file": batch.file_name,
                "received_at": batch.received_at.isoformat(),
            },
        )

    def _records(self, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.with_columns(
            pl.lit(self.item.id).alias("item"),
            pl.lit(self.item.version.isoformat()).alias("item_version"),
            pl.lit(self.sender.pk, pl.Int64).alias("source_id"),
            pl.lit(self.batch.pk, pl.Int64).alias("batch_id"),
        )

    def _unknown(self, sorted_: Sorted, checked: pl.DataFrame) -> Iterator[Rejected]:
        """Rows that correct or withdraw what was never kept."""
        if not sorted_.unknown:
            return
        verb_zh, verb_en = {"correction": ("更正", "correct"), "withdrawal": ("撤回", "withdraw")}[
            self.operation
        ]
        key = "、".join(self.item.field(code).name_zh for code in self.item.key)
        key_en = ", ".join(self.item.field(code).name_en for code in self.item.key)
        for row in checked.filter(pl.col("_row").is_in(list(sorted_.unknown))).iter_rows(named=True):
            values = {code: value for code, value in row.items() if code != "_row" and value is not None}
            yield Rejected(
                row["_row"],
                (
                    Problem(
                        self.item.key[0], values.get(self.item.key[0]), "nothing_kept_before",
                        f"没有可{verb_zh}的记录：本单位未报送过这条信息",
                        f"there is nothing to {verb_en}: your organisation never sent this record",
                        f"请核对{key}与原报送一致，或先作为新信息报送",
                        f"compare {key_en} with what was sent first, or send it as new",
                    ),
                ),
                values,
            )  # fmt: skip

    def _reject(self, log: Appending, rejected: Sequence[Rejected]) -> None:
        if not rejected:
            return
        encrypt = settings.KEYRING.encrypt
        frame = pl.DataFrame(
            {
                "batch_id": [self.batch.pk] * len(rejected),
                "row": [one.row for one in rejected],
                "problems": [orjson.dumps([p.as_dict() for p in one.problems]).decode() for one in rejected],
                "values": [
                    "\\x" + encrypt(orjson.dumps(dict(one.values)), REJECT_PURPOSE).hex() for one in rejected
                ],
            }
        )
        copy_frame(log.cursor, "exchange_reject", frame)


def _ahead(judged: Iterator[_Judged]) -> Iterator[_Judged]:
    """The same, made in a thread that is at most `_AHEAD` chunks ahead."""
    waiting: queue.Queue[_Judged | BaseException | None] = queue.Queue(_AHEAD)
    stop = threading.Event()

    def put(one: _Judged | BaseException | None) -> None:
        while not stop.is_set():
            try:
                waiting.put(one, timeout=0.2)
            except queue.Full:
                continue
            return

    def work() -> None:
        try:
            for one in judged:
                put(one)
                if stop.is_set():
                    return
            put(None)
        except BaseException as failed:
            put(failed)

    thread = threading.Thread(target=work, name="checking", daemon=True)
    thread.start()
    try:
        while (one := waiting.get()) is not None:
            if isinstance(one, BaseException):
                raise one
            yield one
    finally:
        stop.set()
        thread.join()


def _finish(batch: Batch, item: Item, progress: Progress) -> None:
    """What follows from a batch whose rows have all ended; may be done twice without harm."""
    Batch.objects.filter(pk=batch.pk).update(stage="matched")
    progress("matched", batch.rows, 1.0)
    if item.verifies or item.rechecks:
        for subjects in _touched(batch):
            verify_subjects(subjects, batch.received_on)
    faults = Faults()
    if batch.rejected:
        settings.HOME.rejects.mkdir(parents=True, exist_ok=True, mode=0o700)
        rows = faults.through(rejected_rows(batch.pk))
        write_rejects(settings.HOME.rejects / f"{batch.pk}.xlsx", item, rows, batch=batch.pk)
    Batch.objects.filter(pk=batch.pk).update(
        stage="kept", finished_at=timezone.now(), share=1, faults=faults.listed()
    )
    progress("done", batch.rows, 1.0)


def _touched(batch: Batch) -> Iterator[list[int]]:
    """The subjects whose identity the records of a batch bear on, in slices."""
    found = raw_cursor().execute(
        "SELECT DISTINCT subject_id FROM archive_record WHERE id BETWEEN %s AND %s AND batch_id = %s",
        [batch.first_leaf, batch.last_leaf, batch.pk],
    )
    subjects = sorted(subject for (subject,) in found.fetchall())
    for first in range(0, len(subjects), _VERIFIED_AT_ONCE):
        yield subjects[first : first + _VERIFIED_AT_ONCE]


def rejected_rows(batch: int) -> Iterator[Rejected]:
    """The rejected rows of a batch as they were sent, in their order."""
    cursor, last = raw_cursor(), -1
    while True:
        found = cursor.execute(
            "SELECT row, problems, values FROM exchange_reject WHERE batch_id = %s AND row > %s "
            "ORDER BY row LIMIT 2000",
            [batch, last],
        ).fetchall()
        if not found:
            return
        for row, problems, sealed in found:
            values = orjson.loads(settings.KEYRING.decrypt(bytes(sealed), REJECT_PURPOSE))
            yield Rejected(row, tuple(Problem(**one) for one in orjson.loads(problems)), values)
        last = found[-1][0]
