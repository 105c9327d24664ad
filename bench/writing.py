"""Writing the demonstration's subjects and penalties straight into the sealed tables (for `bench.fill`)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta

import orjson
import polars as pl
from django.db import connection
from rich.progress import track

from chengxin.accounts.actions import note_organisation
from chengxin.archive.models import RECORD
from chengxin.demo import almanac, official, records, sources
from chengxin.demo.records import Task
from chengxin.demo.subjects import FULL_SCALE, NATURAL, World, describe
from chengxin.ledger.actions import appending
from chengxin.registry.models import IDENTIFIER, SUBJECT
from chengxin.registry.names import normalised, search_tokens
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Item
from chengxin.rulebook.publication import publication_inputs, publish

CHUNK = 50_000
SEED = 2017
_YEARS = 3
_NOTHING = pl.lit(None, pl.String)


def write(subjects: int, total: int, today: date) -> None:
    """Fill the database in use with so many subjects and `total` penalties of the last three years."""
    world = World(SEED, subjects / FULL_SCALE, today)
    source = sources.sources(world)[sources.MARKET]
    sender = note_organisation(code=source.code, name=source.name, role=source.role, confirmed=True)
    firms = world.ids([role for role in world.segments if role not in NATURAL])
    task = Task(
        world=world,
        item=catalogue.item("penalty"),
        source=source,
        mark="bench-archive",
        eligible=records.by_notoriety(world, firms),
        calendar=almanac.days(today - timedelta(days=365 * _YEARS), today, seasons=False, working=True),
        total=total,
        faulty=False,
        brief=True,
    )
    with connection.cursor() as cursor:  # an index of tokens is made in a tenth of the time afterwards
        cursor.execute("SELECT pg_get_indexdef('subject_tokens'::regclass)")
        (made,) = cursor.fetchone() or ("",)
        cursor.execute("DROP INDEX subject_tokens")
    numbers = pl.concat([_keep_subjects(world, ids) for ids in _chunks(world.total, "信用主体 subjects")])
    with connection.cursor() as cursor:
        cursor.execute(made)
    for rows in _chunks(total, "信用信息 records"):
        _keep_records(task, sender.pk, numbers, rows)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("CHECKPOINT")


def _chunks(total: int, what: str) -> Iterator[range]:
    for first in track(range(0, total, CHUNK), what):
        yield range(first, min(first + CHUNK, total))


def _keep_subjects(world: World, ids: range) -> pl.DataFrame:
    """Subjects and their codes; their numbers in the world (`id`) and in the registry (`subject_id`)."""
    about = describe(world, pl.Series(ids, dtype=pl.Int64))
    tokens = search_tokens(about["name"])
    plain = tokens.list.eval(pl.element().str.replace_all('["\\\\]', ""))
    projections = about.select(
        "name",
        normalised=normalised(pl.col("name")),
        tokens=pl.concat_str(pl.lit('{"'), plain.list.join('","'), pl.lit('"}')),
    )
    with appending() as log:
        kept = about.select("kind", registered_name="name", region="county")
        first = log.keep_frame(SUBJECT, kept, projections)
        numbers = about.select("id", "uscc", "regno", subject_id=pl.int_range(first, first + len(about)))
        codes = [
            numbers.filter(pl.col(scheme).is_not_null()).select(
                "subject_id", scheme=pl.lit(scheme), value=scheme
            )
            for scheme in ("uscc", "regno")
        ]
        log.keep_frame(IDENTIFIER, pl.concat(codes).with_columns(fingerprint=_NOTHING, cipher=_NOTHING))
    return numbers.select("id", "subject_id")


def _keep_records(task: Task, sender: int, numbers: pl.DataFrame, rows: range) -> None:
    item = task.item
    base = records.base(task, rows.start, rows.stop)
    frame = official.penalty(task, base).drop("_fault").with_columns(id=base["id"])
    frame = frame.with_columns(pl.col(pl.Date).dt.strftime("%Y-%m-%d"))
    frame = frame.join(numbers, on="id", how="left", maintain_order="left")
    frame = frame.hstack(_published(item, frame))
    shown = [field.code for field in item.fields if field.type not in ("personal", "phone")]
    payloads = [
        orjson.dumps({code: value for code, value in row.items() if value}).decode()
        for row in frame.select(shown).iter_rows(named=True)
    ]
    ready = frame.select(
        "subject_id",
        item=pl.lit(item.id),
        item_version=pl.lit(item.version.isoformat()),
        source_id=pl.lit(sender),
        batch_id=pl.lit(1),
        row=pl.int_range(rows.start + 1, rows.stop + 1),
        date=item.date,
        operation=pl.lit("new"),
        refers_to_id=_NOTHING,
        disclosure="disclosure",
        publish_from="publish_from",
        publish_until="publish_until",
        law="law",
        key=pl.Series([_uuid(b"key", row) for row in rows]),
        digest=pl.Series([_uuid(b"digest", row) for row in rows]),
        personal=_NOTHING,
        payload=pl.Series(payloads),
    )
    with appending() as log:
        log.keep_frame(RECORD, ready)


def _published(item: Item, rows: pl.DataFrame) -> pl.DataFrame:
    """Disclosure, period and law of each row, as the rulebook says: asked once a distinct combination."""
    inputs = list(publication_inputs(item))
    asked = rows.select(inputs).unique(maintain_order=True)
    answers = []
    for row in asked.iter_rows(named=True):
        said = publish(item, row, date.fromisoformat(row[item.date]))
        days = [day.isoformat() if day else None for day in (said.start, said.until)]
        answers.append((said.disclosure, *days, said.law))
    names = ["disclosure", "publish_from", "publish_until", "law"]
    known = asked.hstack(pl.DataFrame(answers, schema=dict.fromkeys(names, pl.String), orient="row"))
    return (
        rows.select(inputs)
        .join(known, on=inputs, how="left", nulls_equal=True, maintain_order="left")
        .select(names)
    )


def _uuid(what: bytes, number: int) -> str:
    digits = hashlib.blake2b(what + number.to_bytes(8, "big"), digest_size=16).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
