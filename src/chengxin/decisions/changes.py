"""What changed in the archive, carried on into the lists: candidates, entries taken over or in question.

One stretch of the ledger at a time, in one transaction with the watermark: whoever is killed has done whole
stretches, and the next run goes on behind them. Very many records (the first night, a large delivery) would
let the same subjects be judged again and again; there PostgreSQL is asked once for everyone (`replay`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Cursor

from chengxin.archive.belonging import in_slices
from chengxin.archive.changed import Changes, changed_since
from chengxin.cases.actions import Opening, open_many, take_each
from chengxin.cases.rules import SYSTEM
from chengxin.decisions import candidates, imports
from chengxin.decisions.candidates import AT_ONCE, by_records, judged, reached, turned_by_time
from chengxin.decisions.conditions import knowing
from chengxin.decisions.standing import still
from chengxin.desk.actions import Telling, notify_each
from chengxin.ledger.actions import Appending, appending, raw_cursor
from chengxin.rulebook.lists import listing
from chengxin.rulebook.qualifying import AnyOf, facts

STRETCH = 5_000
"""Records that one transaction goes through, with all else that the ledger holds between them."""

LONG = 200_000
"""Records from which on everyone is asked at once."""

MARK = "lists"
Progress = Callable[[str, int, float], None]
Counts = Counter[str]

_LISTED = ("listing", "red_listing", "imported")
_SHOWN = 5  # numbers of records in a reason


@dataclass(frozen=True)
class Concerned:
    """A case that rests on records that fell."""

    id: int
    procedure: str
    state: str
    region: str | None
    records: tuple[int, ...]

    @property
    def reason(self) -> str:
        """Why it is looked at again."""
        named = "、".join(map(str, self.records[:_SHOWN]))
        more = "等" if len(self.records) > _SHOWN else ""
        return f"所依据的信用信息{named}{more}已更正、撤回、终止、中止或者改属其他主体"


def carry_on(today: date, progress: Progress | None = None) -> Counts:
    """Bring the lists in line with the archive up to now; returns what was done, by name."""
    end, begun = _size(), _mark(raw_cursor())
    done: Counts = Counter()
    if _record_after(raw_cursor(), LONG - 1, begun, end) is not None:
        done += replay(today, end, progress)
    while _mark(raw_cursor()) < end:
        done += _stretch(today, end)
        if progress:
            progress("changes", end - begun, (_mark(raw_cursor()) - begun) / (end - begun))
    return done


def look_again(today: date) -> Counts:
    """Candidates whom time alone brings: a period without bad records has run out.

    Only a rule that also asks for a fact (a grade) can be met so, and only those whom a source of facts knows
    can meet it: the sources name them. Without a source there is nobody to look at.
    """
    done: Counts = Counter()
    wanted = [one for one in by_records(today) if turned_by_time(one)]
    if not candidates.FACT_SOURCES or not any(facts(one.qualifies) for one in wanted if one.qualifies):
        return done
    known = sorted(candidates.facts_of(raw_cursor(), None, today))
    for part in in_slices(known, AT_ONCE):
        with appending() as log:
            done["candidates"] += _open_candidates(log, part, today)
    return done


def replay(today: date, end: int, progress: Progress | None = None) -> Counts:
    """Ask the whole archive once, for all lists together, then set the watermark to `end`.

    What fell among the records of cases is looked at before, where there are cases at all.
    """
    done: Counts = Counter()
    if _any_cases(raw_cursor(), end):
        for start in range(_mark(raw_cursor()), end, LONG):
            with appending() as log:
                changes = changed_since(start, min(start + LONG, end), cursor=log.cursor)
                done += _fallen(log, changes, today)
                done["questioned"] += _red_no_longer(log, changes.subjects, today)
    rules = {one.id: one.qualifies for one in by_records(today) if one.qualifies and not facts(one.qualifies)}
    # where facts decide, those whom a source knows are looked at every night
    found = reached(raw_cursor(), AnyOf(tuple(rules.values())), today) if rules else []
    for at, part in enumerate(in_slices(found, AT_ONCE)):
        with appending() as log:
            done["candidates"] += _open_candidates(log, part, today, list(rules))
        if progress:
            progress("candidates", done["candidates"], min(1.0, (at + 1) * AT_ONCE / len(found)))
    for part in in_slices(_importable(raw_cursor(), today), AT_ONCE):
        with appending() as log:
            done["imported"] += _import(log, part, today)
    with appending() as log:
        _set_mark(log, end, today)
    return done


def _stretch(today: date, end: int) -> Counts:
    """One stretch from the watermark on, to before `end` at the most."""
    done: Counts = Counter()
    with appending() as log:
        begun = _mark(log.cursor)
        if begun >= end:
            return done
        end = _record_after(log.cursor, STRETCH, begun, end) or end
        changes = changed_since(begun, end, cursor=log.cursor)
        done += _fallen(log, changes, today)
        subjects = changes.subjects | _closed(log.cursor, begun, end)
        done["questioned"] += _red_no_longer(log, subjects, today)
        done["candidates"] += _open_candidates(log, subjects, today)
        done["imported"] += _import(log, subjects, today)
        _set_mark(log, end, today)
    return done


# --- what came ----------------------------------------------------------------------------------------------


def _open_candidates(
    log: Appending, subjects: Collection[int], today: date, only: Sequence[str] | None = None
) -> int:
    found = candidates.find(log.cursor, subjects, today, only=only)
    return _opened(log, (one.opening(today) for one in found), today)


def _import(log: Appending, subjects: Collection[int], today: date) -> int:
    return _opened(log, imports.find(log.cursor, subjects, today), today)


def _opened(log: Appending, openings: Iterable[Opening], today: date) -> int:
    by_procedure: dict[str, list[Opening]] = defaultdict(list)
    for one in openings:
        by_procedure[one.procedure].append(one)
    done = 0
    for some in by_procedure.values():
        subjects = {one.subject for one in some if one.subject is not None}
        records = {record for one in some for record in one.records}
        with knowing(log.cursor, today, subjects=subjects, records=records):
            done += len(open_many(log, some, SYSTEM, today, by_system=True, skip=True))
    return done


# --- what fell ----------------------------------------------------------------------------------------------


def _fallen(log: Appending, changes: Changes, today: date) -> Counts:
    """Entries whose records fell are put in question or withdrawn; of earlier cases the keepers are told."""
    done: Counts = Counter()
    touched = {*changes.replaced, *changes.marked, *_moved(log.cursor, changes)}
    for (procedure, state), group in _by_state(_concerned(log.cursor, touched, today)):
        match procedure, state:
            case "imported", "published" | "suspended":
                done["withdrawn"] += _taken(log, "withdraw", group, today)
            case "listing" | "red_listing", "published":
                done["questioned"] += _taken(log, "question", group, today)
                _tell(group, "list.decide", "its records have changed: confirm or end the entry")
            case "listing" | "red_listing", "candidate" | "reviewed" | "notified" | "hearing" | "heard":
                _tell(group, "list.propose", "its records have changed: the case can't go on by them")
            case "listing" | "red_listing", "decided" | "served":
                _tell(group, "list.decide", "its records have changed: it isn't published by them")
    return done


def _taken(log: Appending, step: str, group: Sequence[Concerned], today: date) -> int:
    asked = {one.id: (SYSTEM, {"reason": one.reason}) for one in group}
    return len(take_each(log, step, asked, today, by_system=True, skip=True))


def _tell(group: Sequence[Concerned], action: str, en: str, zh: str = "") -> None:
    notify_each(
        action,
        [
            Telling(
                f"第{one.id}号事项{zh or one.reason}",
                f"Case {one.id}: {en}",
                case_url(one.id),
                region=one.region,
            )
            for one in group
        ],
    )


def _concerned(cursor: Cursor[Any], records: Collection[int], today: date) -> Iterator[Concerned]:
    """Open cases of lists that rest on records of these that don't stand, or aren't their subject's."""
    if not records:
        return
    rows = cursor.execute(
        """SELECT k.id, k.procedure, k.state, k.region, coalesce(s.merged_into_id, s.id), array_agg(c.record)
        FROM cases_cited c JOIN cases_case k ON k.id = c.case_id
        JOIN registry_subject s ON s.id = k.subject_id
        WHERE c.record = ANY(%s) AND k.closed_on IS NULL AND k.procedure = ANY(%s)
        GROUP BY 1, 2, 3, 4, 5 ORDER BY 1""",
        [list(records), list(_LISTED)],
    ).fetchall()
    standing = still(cursor, {record for row in rows for record in row[5]}, today)
    for id, procedure, state, region, subject, cited in rows:
        fallen = tuple(sorted(one for one in cited if standing.get(one) != subject))
        if fallen:
            yield Concerned(id, procedure, state, region, fallen)


def _by_state(found: Iterable[Concerned]) -> list[tuple[tuple[str, str], list[Concerned]]]:
    groups: dict[tuple[str, str], list[Concerned]] = defaultdict(list)
    for one in found:
        groups[one.procedure, one.state].append(one)
    return list(groups.items())


def _red_no_longer(log: Appending, subjects: Collection[int], today: date) -> int:
    """Red entries of subjects with news that no longer qualify are put in question."""
    rows = log.cursor.execute(
        """SELECT k.id, k.rule, k.region, coalesce(s.merged_into_id, s.id)
        FROM decisions_entry e JOIN cases_case k ON k.id = e.case_id
        JOIN registry_subject s ON s.id = e.subject_id
        WHERE e.subject_id = ANY(%s) AND e.kind = 'red' AND e.ended_on IS NULL
          AND k.procedure = 'red_listing' AND k.state = 'published'""",
        [list(subjects)],
    ).fetchall()
    done = 0
    for case, rule_id, region, subject in rows:
        rule = listing(rule_id, today)
        finding = judged(log.cursor, [rule], [subject], today)[rule.id].get(subject)
        if finding is None or finding.holds is not False:
            continue
        reason = f"已不符合“{rule.name_zh}”的条件：{'；'.join(one.zh for one in finding.reasons)}"[:1900]
        asked = {case: (SYSTEM, {"reason": reason})}
        done += len(take_each(log, "question", asked, today, by_system=True, skip=True))
        group = [Concerned(case, "red_listing", "published", region, ())]
        _tell(group, "list.decide", "it may no longer qualify: confirm or remove it", "提请复核")
    return done


# --- what there is ------------------------------------------------------------------------------------------


def case_url(case: int) -> str:
    """The page on which a case is handled."""
    return f"/work/cases/{case}"


def _moved(cursor: Cursor[Any], changes: Changes) -> list[int]:
    rows = cursor.execute(
        "SELECT DISTINCT record_id FROM archive_attribution WHERE id >= %s AND id < %s",
        [changes.first, changes.end],
    )
    return [record for (record,) in rows.fetchall()]


def _closed(cursor: Cursor[Any], first: int, end: int) -> set[int]:
    """Subjects of list cases that ended: what was weighed there alone doesn't open them again."""
    rows = cursor.execute(
        """SELECT DISTINCT coalesce(s.merged_into_id, s.id) FROM cases_step t
        JOIN cases_case k ON k.id = t.case_id JOIN registry_subject s ON s.id = k.subject_id
        WHERE t.id >= %s AND t.id < %s AND k.closed_on IS NOT NULL AND k.procedure = ANY(%s)""",
        [first, end, list(_LISTED)],
    )
    return {subject for (subject,) in rows.fetchall()}


def _importable(cursor: Cursor[Any], today: date) -> list[int]:
    rows = cursor.execute(
        """SELECT DISTINCT coalesce(s.merged_into_id, s.id) FROM archive_record r
        JOIN registry_subject s ON s.id = coalesce((
            SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = r.id
            ORDER BY a.id DESC LIMIT 1), r.subject_id)
        WHERE r.item = ANY(%s) AND r.operation <> 'withdrawal' ORDER BY 1""",
        [list(imports.import_items(today))],
    )
    return [subject for (subject,) in rows.fetchall()]


def _any_cases(cursor: Cursor[Any], end: int) -> bool:
    """Whether there were cases of lists when the ledger was so long."""
    found = cursor.execute(
        "SELECT EXISTS (SELECT FROM cases_case k WHERE k.procedure = ANY(%s) AND k.id < %s)",
        [list(_LISTED), end],
    ).fetchone()
    return bool(found and found[0])


def _record_after(cursor: Cursor[Any], number: int, first: int, end: int) -> int | None:
    """The leaf of the record behind the first `number` of a stretch; None where it has no more than these."""
    found = cursor.execute(
        "SELECT id FROM archive_record WHERE id >= %s AND id < %s ORDER BY id OFFSET %s LIMIT 1",
        [first, end, number],
    ).fetchone()
    return int(found[0]) if found else None


def _size() -> int:
    found = raw_cursor().execute("SELECT coalesce(max(size), 0) FROM ledger_treehead").fetchone()
    return int(found[0]) if found else 0


def _mark(cursor: Cursor[Any]) -> int:
    found = cursor.execute("SELECT leaf FROM decisions_watermark WHERE name = %s", [MARK]).fetchone()
    return int(found[0]) if found else 0


def _set_mark(log: Appending, leaf: int, today: date) -> None:
    log.cursor.execute(
        "INSERT INTO decisions_watermark (name, leaf, day) VALUES (%s, %s, %s) "
        "ON CONFLICT (name) DO UPDATE SET leaf = excluded.leaf, day = excluded.day",
        [MARK, leaf, today],
    )
