"""What happens between two nightly runs of the benchmark, and what else could be done at night.

Run on a home, with DATABASE_URL naming the copy that is worked on:

    python -m bench.night_work prepare HOME          organisations, and entries decided by a court
    python -m bench.night_work change HOME NUMBER    a day: records come, cases are decided, entries' days end
    python -m bench.night_work everyone HOME         the peers, timed: one line of JSON
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
from psycopg import Cursor

from chengxin.database.start import start

SHARE = 20
"""One in so many changes is a decision to be published, and one an entry whose last day was yesterday."""

LISTED = 100
"""One in so many subjects was listed by a court when the first run comes."""

_SEED = 4
_AT_ONCE = 10_000
_DAY = timedelta(days=1)


def prepare() -> None:
    """The organisations of the demonstration, who must carry measures out, and what a court has listed."""
    from chengxin.accounts.actions import note_organisation  # noqa: PLC0415 - models need the home
    from chengxin.demo.sources import sources  # noqa: PLC0415
    from chengxin.demo.subjects import World  # noqa: PLC0415
    from chengxin.ledger.actions import raw_cursor  # noqa: PLC0415

    today = _today()
    for one in sources(World(2017, 0.001, today)).values():
        note_organisation(code=one.code, name=one.name, role=one.role, confirmed=True)
    found = raw_cursor().execute("SELECT id FROM registry_subject WHERE kind <> 'natural_person' ORDER BY id")
    firms = [id for (id,) in found.fetchall()][::LISTED]
    for at in range(0, len(firms), _AT_ONCE):
        _defaulters(firms[at : at + _AT_ONCE], today - 30 * _DAY, today + 365 * _DAY)


def change(number: int) -> None:
    """A day with so many changes."""
    share = number // SHARE
    _decide(share)
    _let_expire(share)
    _records(number - 2 * share)


# --- records ------------------------------------------------------------------------------------------------


def _records(number: int) -> None:
    """Keep records that are new, correct or withdraw others, as the exchange would."""
    from chengxin.archive.models import RECORD  # noqa: PLC0415
    from chengxin.ledger.actions import appending  # noqa: PLC0415

    today = _today().isoformat()
    with appending() as log:
        draw = random.Random(log.size + _SEED)  # noqa: S311 - no secret
        columns = [*RECORD.columns, "payload"]
        named = ", ".join(f'"{one}"' for one in ["id", *columns])
        found = log.cursor.execute(
            f"""SELECT {named} FROM archive_record r WHERE id = ANY(%s) AND operation = 'new'
            AND NOT EXISTS (SELECT FROM archive_record l WHERE l.refers_to_id = r.id)
            ORDER BY md5(id::text) LIMIT %s""".encode(),
            [draw.sample(range(log.size), min(log.size, 4 * number)), number],
        ).fetchall()
        rows = [
            _changed(dict(zip(["id", *columns], one, strict=True)), at, today, draw)
            for at, one in enumerate(found)
        ]
        log.keep(RECORD, [[one[column] for column in columns] for one in rows])


def _changed(row: dict[str, Any], at: int, today: str, draw: random.Random) -> dict[str, Any]:
    operation = ("new", "correction", "withdrawal")[at % 3]
    row |= {
        "operation": operation,
        "refers_to_id": None if operation == "new" else row["id"],
        "key": str(UUID(int=draw.getrandbits(128))) if operation == "new" else str(row["key"]),
        "digest": str(UUID(int=draw.getrandbits(128))),
    }
    for name in ("item_version", "publish_from", "publish_until"):
        row[name] = row[name].isoformat() if row[name] else None
    row["date"] = today if operation == "new" else row["date"].isoformat()
    if operation == "correction" and row["item"] == "penalty":
        row["payload"] = orjson.dumps(orjson.loads(row["payload"]) | {"CF_NR_FK": "30.000000"}).decode()
    return row


def _defaulters(subjects: Sequence[int], on: date, until: date) -> None:
    """Records of judgment defaulters, as a court sends them."""
    from chengxin.accounts.actions import note_organisation  # noqa: PLC0415
    from chengxin.archive.models import RECORD  # noqa: PLC0415
    from chengxin.ledger.actions import appending  # noqa: PLC0415
    from chengxin.rulebook import catalogue  # noqa: PLC0415
    from chengxin.rulebook.template import example_row  # noqa: PLC0415

    court = note_organisation(code=None, name="福州市鼓楼区人民法院", role="court", confirmed=True).pk
    item = catalogue.item("enforcement")
    shown = {one.code for one in item.fields if one.type not in ("personal", "phone")}
    row = {code: value for code, value in example_row(item).items() if value and code in shown}
    row |= {"SX_FBRQ": on.isoformat(), "SX_JZRQ": until.isoformat()}
    with appending() as log:
        draw = random.Random(log.size + _SEED)  # noqa: S311 - no secret
        rows = [
            (
                subject, item.id, item.version.isoformat(), court, 1, at, on.isoformat(), "new", None,
                "public", on.isoformat(), until.isoformat(), "defaulter17",
                str(UUID(int=draw.getrandbits(128))), str(UUID(int=draw.getrandbits(128))), None,
                orjson.dumps(row | {"SX_AH": f"（{on.year}）闽0102执{log.size + at}号"}).decode(),
            )
            for at, subject in enumerate(subjects, 1)
        ]  # fmt: skip
        log.keep(RECORD, rows)


# --- cases --------------------------------------------------------------------------------------------------


def _decide(number: int) -> None:
    """Let people bring candidates to where the nightly run publishes them."""
    from chengxin.accounts.permissions import Actor  # noqa: PLC0415
    from chengxin.cases.actions import take_many  # noqa: PLC0415
    from chengxin.ledger.actions import appending  # noqa: PLC0415

    today = _today()
    officer, decider = (Actor(user, name, console=True) for user, name in ((1, "经办人"), (2, "负责人")))
    served = {"service_method": "direct", "service_proof": "回证", "served_on": today.isoformat()}
    steps: tuple[tuple[str, str, Actor, dict[str, str]], ...] = (
        ("candidate", "review", officer, {"opinion": "属实"}),
        ("reviewed", "give_notice", officer, served),
        ("notified", "waive", officer, {}),
        ("heard", "decide_entry", decider, {"reason": "符合列入情形", "weighed": "未提出意见"}),
        ("decided", "serve_decision", officer, served),
    )
    with appending() as log:
        for state, step, actor, facts in steps:
            found = log.cursor.execute(
                "SELECT id FROM cases_case WHERE procedure = 'listing' AND state = %s "
                "ORDER BY md5(id::text) LIMIT %s",
                [state, number],
            ).fetchall()
            take_many(log, step, [id for (id,) in found], actor, today, facts=facts, skip=True)


def _let_expire(number: int) -> None:
    """Entries of a court that stood until yesterday: taken over then, ended by the nightly run of today."""
    from chengxin.cases.actions import open_many  # noqa: PLC0415
    from chengxin.cases.clock import played  # noqa: PLC0415
    from chengxin.cases.rules import SYSTEM  # noqa: PLC0415
    from chengxin.decisions import imports  # noqa: PLC0415
    from chengxin.ledger.actions import appending, raw_cursor  # noqa: PLC0415

    yesterday = _today() - _DAY
    found = raw_cursor().execute(
        """SELECT s.id FROM registry_subject s WHERE s.kind <> 'natural_person' AND NOT EXISTS (
            SELECT FROM cases_case k WHERE k.subject_id = s.id) ORDER BY md5(s.id::text) LIMIT %s""",
        [number],
    )
    firms = [id for (id,) in found.fetchall()]
    _defaulters(firms, yesterday - 30 * _DAY, yesterday)
    with played(), appending() as log:
        openings = list(imports.find(log.cursor, firms, yesterday))
        open_many(log, openings, SYSTEM, yesterday, by_system=True, skip=True)


# --- what else could be done --------------------------------------------------------------------------------


def everyone() -> dict[str, float]:
    """Seconds of a plain scan of all records, and of a nightly job that knows no changes.

    That job asks each list's rule of everybody's records by SQL, and who has neither a case nor an entry is
    kept in a table: no ledger, no reasons, no cases. After a nightly run it must find nobody (`missed`).
    """
    from chengxin.decisions.candidates import by_records  # noqa: PLC0415
    from chengxin.ledger.actions import raw_cursor  # noqa: PLC0415
    from chengxin.rulebook.qualifying import facts  # noqa: PLC0415

    today, cursor = _today(), raw_cursor()
    scan = _timed(
        cursor,
        "CREATE TEMP TABLE scanned AS SELECT subject_id, count(*), max(date) FROM archive_record GROUP BY 1",
    )
    cursor.execute("CREATE TEMP TABLE candidate (list text, subject_id bigint)")
    seconds = sum(
        _timed(cursor, text, values)
        for one in by_records(today)
        if one.qualifies is not None and not facts(one.qualifies)
        for text, values in _naive(one.id, one.qualifies, list(one.subjects), today)
    )
    (missed,) = cursor.execute("SELECT count(*) FROM candidate").fetchone() or (0,)
    return {"scan": scan, "everyone": seconds, "missed": missed}


def _naive(id: str, rule: Any, kinds: list[str], today: date) -> Iterator[tuple[str, list[Any]]]:
    from chengxin.decisions.standing import relation  # noqa: PLC0415
    from chengxin.rulebook.qualifying import sql  # noqa: PLC0415

    asked = sql(rule, today, relation=relation(rule, today))
    yield (
        f"""INSERT INTO candidate SELECT %s, s.id FROM ({asked.text}) q
        JOIN registry_subject s ON s.id = q.subject_id AND s.kind = ANY(%s)
        WHERE q.holds AND NOT EXISTS (
            SELECT FROM cases_case k WHERE k.subject_id = s.id AND k.procedure IN ('listing', 'red_listing')
              AND k.rule = %s)
          AND NOT EXISTS (
            SELECT FROM decisions_entry e
            WHERE e.subject_id = s.id AND e.list = %s AND e.ended_on IS NULL)""",
        [id, *asked.values, kinds, id, id],
    )


def _timed(cursor: Cursor[Any], text: str, values: Sequence[Any] = ()) -> float:
    began = time.perf_counter()
    cursor.execute(text.encode(), values)
    return time.perf_counter() - began


def _today() -> date:
    from django.utils import timezone  # noqa: PLC0415

    return timezone.localdate()


def main() -> None:
    """As the module says."""
    start(Path(sys.argv[2]))
    match sys.argv[1]:
        case "prepare":
            prepare()
        case "change":
            change(int(sys.argv[3]))
        case "everyone":
            sys.stdout.write(orjson.dumps(everyone()).decode() + "\n")


if __name__ == "__main__":
    main()
