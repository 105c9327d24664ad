"""What is public, summed: by item, kind of subject, city and month, for the open statistics.

What is public changes by time alone (a period ends), by corrections and withdrawals, by a record found to
belong to somebody else, by merges. So the sums are not carried along with every change, which would have to
foresee each of them: they are made anew by one statement over the archive, which says what "public" means in
the words of the public view, and stand in small tables from which the pages read. They are made when the day
or the ledger has moved on; where the service runs, in the background, by one process at a time, and no more
often than every REST. What is ended, withdrawn or corrected in between is taken from the sums at once
(`kept_up`), as further rows of the same table. Each page says of which moment the sums are. What they say of
one subject is never older than the page that shows its records, since they say nothing of one subject.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from django.db import close_old_connections, connections, transaction
from django.utils import timezone
from psycopg import Cursor

from chengxin.archive.models import Counting, PlatformCount, PublishedCount, SubjectCount
from chengxin.archive.shown import published
from chengxin.database import reading
from chengxin.ledger import queries as ledger
from chengxin.ledger.actions import raw_cursor
from chengxin.rulebook import places

logger = logging.getLogger(__name__)

REST = timedelta(minutes=10)
"""At least so long lies between two counts of a day."""

_LOCK = 20190101
_SUBJECTS = f"""
    INSERT INTO {SubjectCount._meta.db_table} (kind, city, subjects)
    SELECT s.kind, coalesce(m.city, ''), count(*) FROM registry_subject s
    LEFT JOIN unnest(%(regions)s::text[], %(cities)s::text[]) m(region, city) ON m.region = s.region
    WHERE s.merged_into_id IS NULL GROUP BY 1, 2"""
_RECORDS = f"""
    WITH before AS (DELETE FROM {PublishedCount._meta.db_table}),
    made AS (
    INSERT INTO {PublishedCount._meta.db_table} (item, kind, city, month, records)
    SELECT r.item, c.kind, coalesce(m.city, ''), date_trunc('month', r.date)::date, count(*)
    FROM archive_record r
    LEFT JOIN (
        SELECT DISTINCT ON (record_id) record_id, subject_id FROM archive_attribution
        ORDER BY record_id, id DESC
    ) a ON a.record_id = r.id
    JOIN registry_subject s ON s.id = coalesce(a.subject_id, r.subject_id)
    JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id)
    LEFT JOIN unnest(%(regions)s::text[], %(cities)s::text[]) m(region, city) ON m.region = c.region
    WHERE {published("r", "%(today)s")}
        AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id)
        AND s.kind <> 'natural_person' AND c.kind <> 'natural_person'
    GROUP BY 1, 2, 3, 4)
    SELECT coalesce(max(size), 0) FROM ledger_treehead"""
# One statement, so that the sums and the number of leaves that they are made over are of one moment.
_COUNTED = f"""
    SELECT r.id, r.item, c.kind, c.region, date_trunc('month', r.date)::date
    FROM (SELECT day, leaves FROM {Counting._meta.db_table} ORDER BY id DESC LIMIT 1) k
    JOIN archive_record r ON r.id = ANY(%s::bigint[]) AND r.id < k.leaves
    JOIN registry_subject s ON s.id = coalesce((SELECT a.subject_id FROM archive_attribution a
        WHERE a.record_id = r.id ORDER BY a.id DESC LIMIT 1), r.subject_id)
    JOIN registry_subject c ON c.id = coalesce(s.merged_into_id, s.id)
    WHERE {published("r", "k.day")}
        AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0)
        AND s.kind <> 'natural_person' AND c.kind <> 'natural_person'"""
_PLATFORMS = f"""
    INSERT INTO {PlatformCount._meta.db_table} (code, shops, verified)
    SELECT o.platform, count(*), count(*) FILTER (WHERE v.state = 'verified')
    FROM (
        SELECT DISTINCT ON (o.platform, coalesce(o.url, o.name)) o.platform, o.record_id, o.closed_on
        FROM registry_outlet o
        WHERE o.platform IS NOT NULL AND o.kind IN ('shop', 'live_room')
            AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = o.record_id)
        ORDER BY o.platform, coalesce(o.url, o.name), o.id DESC
    ) o
    LEFT JOIN (
        SELECT DISTINCT ON (report_id) report_id, state FROM registry_verification
        ORDER BY report_id, id DESC
    ) v ON v.report_id = o.record_id
    WHERE o.closed_on IS NULL OR o.closed_on >= %(today)s
    GROUP BY 1"""


@dataclass(frozen=True)
class Counted:
    """Of which day, moment and length of the ledger the sums are."""

    day: date
    made_at: datetime
    leaves: int


def count(today: date) -> bool:
    """Make the sums of `today` anew; False where another process is at it."""
    given = {"today": today, "regions": list(_cities()), "cities": list(_cities().values())}
    with transaction.atomic():
        cursor = raw_cursor()
        (mine,) = cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK]).fetchone() or (False,)
        if not mine:
            return False
        cursor.execute("SET LOCAL work_mem = '64MB'")
        for table in (SubjectCount, PlatformCount, Counting):
            table.objects.all().delete()
        for statement in (_SUBJECTS, _PLATFORMS):
            cursor.execute(statement.encode(), given)
        (leaves,) = cursor.execute(_RECORDS.encode(), given).fetchone() or (0,)
        Counting.objects.create(day=today, leaves=leaves, made_at=timezone.now())
    return True


@contextmanager
def kept_up(cursor: Cursor[Any], records: Sequence[int]) -> Iterator[None]:
    """Bring the sums in line with what happens to these records within: what is taken from the public is
    gone from the sums at once, and doesn't wait for the next count."""
    before = _counted_ones(cursor, records)
    yield
    after = _counted_ones(cursor, records)
    change = Counter(after.values())
    change.subtract(before.values())
    rows = [(*cell, number) for cell, number in change.items() if number]
    if rows:
        cursor.executemany(
            f"INSERT INTO {PublishedCount._meta.db_table} (item, kind, city, month, records) "
            "VALUES (%s, %s, %s, %s, %s)",
            rows,
        )


def _counted_ones(cursor: Cursor[Any], records: Sequence[int]) -> dict[int, tuple[str, str, str, date]]:
    """Those of the records that the newest count is over and that are public on its day, with their cell."""
    found = cursor.execute(_COUNTED.encode(), [list(records)]).fetchall()
    return {id: (item, kind, city_of(region), month) for id, item, kind, region, month in found}


def counted(today: date) -> Counted | None:
    """Of which moment the sums are, None before the first; sees to it that they are made where they are due.

    A process that serves never waits for them. Any other (a test, a command) has them of this moment.
    """
    found = _made()
    if not _due(found, today):
        return found
    if os.environ.get("CHENGXIN_SERVING"):
        if found is None or found.day != today or timezone.now() - found.made_at >= REST:
            _counter.wake(today)
        return found
    count(today)
    return _made()


def _made() -> Counted | None:
    found = reading.row("SELECT day, made_at, leaves FROM archive_counting ORDER BY id DESC LIMIT 1")
    return Counted(*found) if found else None


def _due(found: Counted | None, today: date) -> bool:
    return found is None or found.day != today or found.leaves != ledger.size()


@cache
def _cities() -> dict[str, str]:
    """Each region of the province, with the city that it lies in or is."""
    held = {one.code for one in places.cities()}
    found = {}
    for code in [one.code for one in places.regions(places.PROVINCE)]:
        within = [one.code for one in places.ancestors(code) if one.code in held]
        if within:
            found[code] = within[-1]
    return found


@cache
def city_names() -> dict[str, tuple[str, str | None]]:
    """The cities in order, each with its Chinese name, and the English one where there is one (zones)."""
    zones = {one.code: (one.name_zh, one.name_en) for one in places.zones()}
    return {one.code: zones.get(one.code, (one.name, None)) for one in places.cities()}


def city_of(region: str | None) -> str:
    """The city that a region lies in, '' for none or one elsewhere."""
    return _cities().get(region or "", "")


class _Counter:
    """The thread that counts; one a process, which ends when it is done."""

    def __init__(self) -> None:
        self._starting = threading.Lock()
        self._thread: threading.Thread | None = None

    def wake(self, today: date) -> None:
        """Count, unless that is under way."""
        with self._starting:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(
                    target=self._count, args=(today,), name="counting", daemon=True
                )
                self._thread.start()

    def _count(self, today: date) -> None:
        close_old_connections()
        try:
            count(today)
        except Exception:
            logger.exception("the sums of what is public could not be made; tried again later")
        finally:
            connections.close_all()


_counter = _Counter()
