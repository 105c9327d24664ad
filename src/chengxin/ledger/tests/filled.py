"""A small archive with rows in every sealed table and every projection in use, and how to tamper with it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import psycopg
from django.conf import settings
from django.utils import timezone
from psycopg import Connection, sql

from chengxin.accounts.permissions import Actor, Grant, at_the_console
from chengxin.archive.following import reproject_names
from chengxin.archive.marking import mark
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.audit.models import ACCESS
from chengxin.cases.actions import Opening, open_many, take_many
from chengxin.cases.models import DOCUMENT
from chengxin.cases.rules import SYSTEM
from chengxin.cases.tests.walking import nothing_follows
from chengxin.decisions.copies import News, tell
from chengxin.exchange.models import Batch
from chengxin.ledger.actions import Appending, appending
from chengxin.registry.merging import merged, undo_merge
from chengxin.reports.models import REPORT
from chengxin.triage.acting import act
from chengxin.triage.contract import checked
from chengxin.triage.taking import Facts, take_leads
from chengxin.triage.tests import sample

DAY = date(2026, 4, 10)
ODD = '引号"\\反斜杠\\N\t制表\u2028\x01\x7f𠮷😀'


@dataclass(frozen=True)
class Filled:
    """What was written: subjects, sources, records, and the leaf of the event that begins the batch."""

    subjects: tuple[int, ...]
    records: tuple[int, ...]
    batch_leaf: int


def filled(turns: int = 6, records_a_turn: int = 50) -> Filled:
    """Fill the database: every sealed table, several heads, more leaves than a tile has."""
    records: list[int] = []
    subjects: list[int] = []
    with appending() as log:
        sources = [Kept(log).source(), Kept(log).source(code=None, name="宁德示例海关")]
        batch = _batch_begun(log, sources[0])
    for turn in range(turns):
        with appending() as log:
            kept = Kept(log)
            subjects.append(kept.subject(f"福州鼓浪{turn}贸易有限公司", new_uscc()))
            subjects.append(kept.subject(f"林示例{turn}", kind="natural_person", region=None))
            keys = settings.KEYRING
            number = f"35010219900101{turn:04}"
            kept.sealed_identifier(
                subjects[-1],
                "resident_id",
                keys.fingerprint("resident_id", number),
                keys.encrypt(number.encode(), b"identifier"),
            )
            for at in range(records_a_turn):
                sealed = keys.encrypt(b"{}", b"record") if at % 7 == 0 else None
                payload = {"CF_WSH": f"榕市监罚〔2026〕{turn}-{at}号", "CF_NR": ODD}
                records.append(
                    kept.record(subjects[-2], sources[0], personal=sealed, payload=payload, until=None)
                )
            first = records[-records_a_turn]
            kept.renamed(subjects[-2], f"泉州闽江{turn}电子商务有限公司", date(2026, 1, 1), first)
            kept.renamed(subjects[-2], f"厦门海峡{turn}贸易有限公司", date(2025, 1, 1), first + 1)
            kept.renamed(subjects[-2], f"错报{turn}有限公司", date(2026, 3, 1), first + 2)
            records.append(
                kept.record(subjects[-2], sources[0], operation="withdrawal", refers_to=first + 2, payload={})
            )
            reproject_names(log, [subjects[-2]])
            kept.role(subjects[-2], "merchant", DAY, first)
            kept.shop(subjects[-2], f"小店{turn}", f"shop{turn}.example.cn", new_uscc(), first)
            kept.verification(subjects[-2], first, "verified", DAY)
            kept.attributed(first + 3, subjects[-1])
            log.keep(ACCESS, [_look(turn, subjects[-2])])
            log.keep(REPORT, [_report(turn, subjects[-2])])
            _marks(log, turn, first)
            _case(log, turn, subjects[-2], sources[0])
            _told(log, turn, sources[0], first)
            if turn == 2:
                _merge(log, subjects[0], subjects[2])
            if turn == 3:
                _merge(log, subjects[4], subjects[0])
                taken_back = _merge(log, subjects[4], subjects[6])
        _lead(turn)
    if turns > 3:
        undo_merge(taken_back, by="李专员", reason="不是同一主体", on=DAY)
    _batch_ended(batch, sources[0], records)
    return Filled(tuple(subjects), tuple(records), batch)


def _marks(log: Appending, turn: int, first: int) -> None:
    """Records contested, suspended and ended, and those of every other turn no longer so."""
    said: Any = {"on": DAY, "because": "objection", "case": turn, "by": "李专员", "reason": ODD}
    mark(log, [first + 4, first + 5], "contested", **said)
    mark(log, [first + 4], "suspended", **said)
    mark(log, [first + 6], "ended", **said | {"because": "repair"})
    if turn % 2:
        mark(log, [first + 5], "settled", **said)
        mark(log, [first + 4], "resumed", **said)
        mark(log, [first + 6], "restored", **said | {"because": "annulment"})
        mark(log, [first + 6], "ended", **said | {"because": "source", "case": None})


def _case(log: Appending, turn: int, subject: int, actor: int) -> None:
    """A task that was assigned, refused and, in every other turn, cancelled; with a document."""
    officer = Actor(turn + 1, "陈经办", (Grant("credit_office", organisation=actor),))
    said = {"reason": ODD.strip()}
    with nothing_follows():
        opening = Opening("measure", f"m:{turn}", subject, DAY, rule="sampling_up", organisation=actor)
        (case,) = open_many(log, [opening], SYSTEM, DAY, by_system=True)
        take_many(log, "refuse", [case], officer, DAY, facts=said)
        if turn % 2:
            take_many(log, "cancel", [case], SYSTEM, DAY, facts=said, by_system=True)
    log.keep(DOCUMENT, [(case, 1, "listing_notice", f"闽信列告〔2026〕{turn}号", DAY, '{"title":"告知书"}')])


def _told(log: Appending, turn: int, source: int, record: int) -> None:
    """A notice that was signed and, in every other turn, taken down; and a source that a record changed."""
    office = Actor(2 * turn + 1, "信用牵头部门甲", (Grant("credit_office", region="350000"),))
    decider = Actor(2 * turn + 2, "决定人乙", (Grant("decision_maker", region="350000"),))
    facts = {"title": f"谨防刷单{turn}", "body": "近期多发，请注意。", "show_until": "2026-12-31"}
    opening = Opening("notice", f"n:{turn}", None, DAY, rule="risk_notice", region="350000", facts=facts)
    (case,) = open_many(log, [opening], office, DAY)
    take_many(log, "approve", [case], decider, DAY)
    if turn % 2:
        take_many(log, "withdraw", [case], decider, DAY, facts={"reason": ODD.strip()})
    tell(log, [News(f"record:{record}", "corrected", source, None)], DAY)


def _lead(turn: int) -> None:
    """A lead that was watched and, in every other turn, found to be a false alarm."""
    one = sample.lead("brushing", ("seller", f"s-{turn}"), "示例平台", 0.5, [sample.QUICK])
    lead = take_leads(at_the_console("test"), Facts(bytes([turn]), "1", DAY), checked([(1, one)])).leads[0]
    officer = Actor(turn + 1, "陈经办", (Grant("credit_office", organisation=1),))
    act(lead, "watch", officer, DAY, {"until": "2026-05-10", "words": ODD.strip()})
    if turn % 2:
        act(lead, "false_alarm", officer, DAY, {"reason": "twin"})


def _look(turn: int, subject: int) -> tuple[Any, ...]:
    return (
        timezone.now(), turn + 1, "陈经办", "department_officer", 0, "350100", subject, "subject",
        "supervision",
        ODD, "ecl", "6", f"榕市监〔2026〕{turn}号", "",
    )  # fmt: skip


def _report(turn: int, subject: int) -> tuple[Any, ...]:
    digests = bytes([turn]) * 32, bytes([turn + 1]) * 32
    asked = (turn, "陈经办", "supervision · 核查 · ecl 6") if turn % 2 else (None, "", "")
    return subject, "full" if turn % 2 else "public", timezone.now(), DAY.isoformat(), *digests, 7, *asked


def _merge(log: Appending, kept: int, absorbed: int) -> int:
    return merged(log, kept, absorbed, by="王专员", reason="同一主体", on=DAY, despite_codes=True)


_RECEIVED = timezone.now()


def _batch_begun(log: Appending, source: int) -> int:
    return log.event(
        "batch",
        {
            "batch": 1, "sha256": bytes(range(32)).hex(), "item": "penalty", "version": "2021-07-15",
            "source": source, "operation": "new", "file": "处罚.csv", "received_at": _RECEIVED.isoformat(),
        },
    )  # fmt: skip


def _batch_ended(leaf: int, source: int, records: Sequence[int]) -> None:
    Batch.objects.create(
        id=1, item="penalty", item_version=date(2021, 7, 15), source_id=source, file_name="处罚.csv",
        sha256=bytes(range(32)), received_at=_RECEIVED, received_on=DAY, stage="kept", chunks=6,
        first_leaf=leaf, last_leaf=records[-1], rows=len(records) + 1, kept=len(records), duplicate=1,
    )  # fmt: skip


# --- tampering ----------------------------------------------------------------------------------------------


class Tamperer:
    """Somebody with the rights of a database's owner, for whom no trigger fires."""

    def __init__(self, connection: Connection[Any]) -> None:
        self.connection = connection

    def do(self, statement: str, *values: Any) -> int:
        """Any statement; returns the number of rows."""
        return self.connection.execute(statement, values or None).rowcount

    def value(self, table: str, column: str, where: str) -> Any:
        """One value."""
        found = self.connection.execute(f'SELECT "{column}" FROM "{table}" WHERE {where}').fetchone()
        assert found is not None, f"no row in {table} where {where}"
        return found[0]

    def put(self, table: str, column: str, where: str, value: Any) -> None:
        """Change one value of one row."""
        changed = self.connection.execute(
            sql.SQL("UPDATE {} SET {} = %s WHERE " + where).format(
                sql.Identifier(table), sql.Identifier(column)
            ),
            [value],
        ).rowcount
        assert changed == 1

    @contextmanager
    def instead(self, table: str, column: str, where: str, value: Any) -> Iterator[None]:
        """The same for a while."""
        before = self.value(table, column, where)
        self.put(table, column, where, value)
        yield
        after = where if column not in where else f'"{column}" = {value!r}'
        self.put(table, column, after, before)

    def without_checks(self) -> None:
        """Take away the constraints that would refuse most changes."""
        for table, name in self.connection.execute(
            "SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype IN ('c', 'u', 'f') "
            "AND connamespace = current_schema()::regnamespace"
        ).fetchall():
            self.do(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}" CASCADE')
        for (name,) in self.connection.execute(
            "SELECT indexrelid::regclass::text FROM pg_index JOIN pg_class c ON c.oid = indexrelid "
            "WHERE indisunique AND NOT indisprimary AND c.relnamespace = current_schema()::regnamespace"
        ).fetchall():
            self.do(f"DROP INDEX {name}")
        for table, name in self.connection.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute a "
            "JOIN pg_class c ON c.oid = a.attrelid "
            "WHERE c.relkind = 'r' AND relnamespace = current_schema()::regnamespace AND attnotnull "
            "AND attnum > 0 AND NOT attisdropped AND NOT EXISTS (SELECT FROM pg_index i "
            "WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY(i.indkey))"
        ).fetchall():
            self.do(f'ALTER TABLE {table} ALTER COLUMN "{name}" DROP NOT NULL')


@contextmanager
def tamperer() -> Iterator[Tamperer]:
    """A connection for which triggers are switched off."""
    with psycopg.connect(os.environ["CHENGXIN_DATABASE_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield Tamperer(connection)


def text_of(body: dict[str, Any]) -> str:
    """JSON as events hold it."""
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()
