"""Risk notices, typical cases and major events: what keeps one from being signed, and what the public sees.

A notice is shown from the day on which it is signed to its last day, both included, and only as long as the
public may see every record that it cites: when the publication of one ends, by repair or by its period, what
was told of it goes as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson

from chengxin.archive.shown import published
from chengxin.cases.actions import take_many
from chengxin.cases.effects import Turn, condition, effect
from chengxin.cases.models import Case
from chengxin.cases.rules import SYSTEM, numbers
from chengxin.database import reading
from chengxin.decisions.nightly import NIGHTLY
from chengxin.kernel import personal
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending, appending, raw_cursor
from chengxin.publicity import changes
from chengxin.publicity.kinds import kinds
from chengxin.publicity.models import NOTICES

AT_ONCE = 1_000
_COLUMNS = ("case_id", "kind", "law", "article", "title", "body", "show_from", "show_until")

_WRITE = f"INSERT INTO publicity_notice ({', '.join(_COLUMNS)}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)"
_END = "UPDATE publicity_notice SET ended_on = greatest(show_from, {last}) WHERE case_id = %(case)s"
_DRAFT = """
SELECT facts FROM cases_step WHERE case_id = %s AND step IN ('draft', 'redraft')
ORDER BY number DESC LIMIT 1"""
_NOT_PUBLIC = f"""
SELECT w.id FROM unnest(%s::bigint[]) w(id) WHERE NOT EXISTS (
    SELECT FROM archive_record r JOIN registry_subject s ON s.id = coalesce((
        SELECT a.subject_id FROM archive_attribution a WHERE a.record_id = r.id ORDER BY a.id DESC LIMIT 1
        ), r.subject_id)
    WHERE r.id = w.id AND {published("r", "%s::date")} AND s.kind <> 'natural_person'
      AND NOT EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id))
ORDER BY 1"""


# --- before it is signed ------------------------------------------------------------------------------------


@condition("notice.lawful")
def lawful(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """A law carries the notice, its text names no minor and no personal number, what it cites is public.

    Asked of the draft that is handed in, and again when it is signed.
    """
    draft = facts if "body" in facts else _draft(case.pk)
    cited = sorted({*_cited(case.pk), *numbers(facts.get("records", ""))})
    until = date.fromisoformat(draft["show_until"])
    return _lawless(case, today) or _private(draft) or _unseen(cited, today) or _too_late(until, today)


@condition("notice.over")
def over(case: Case, facts: Mapping[str, str], today: date) -> Problem | None:
    """The last day on which the notice is shown has passed."""
    row = raw_cursor().execute(
        "SELECT show_until FROM publicity_notice WHERE case_id = %s", [case.pk]
    ).fetchone()  # fmt: skip
    if row is not None and today > row[0]:
        return None
    return Problem(
        "show_until", row[0].isoformat() if row else None, "notice_over",
        "公布期限未满", "it is still to be shown", "待期满后撤下", "wait until its last day has passed",
    )  # fmt: skip


def _draft(case: int | None) -> dict[str, str]:
    row = raw_cursor().execute(_DRAFT, [case]).fetchone()
    found: dict[str, str] = orjson.loads(row[0]) if row else {}
    return found


def _cited(case: int | None) -> list[int]:
    if case is None:
        return []
    rows = raw_cursor().execute("SELECT record FROM cases_cited WHERE case_id = %s", [case])
    return [record for (record,) in rows.fetchall()]


def _lawless(case: Case, today: date) -> Problem | None:
    kind = kinds().get(case.rule)
    if kind is not None and kind.ground(today) is not None:
        return None
    return Problem(
        "rule", case.rule, "notice_law",
        "没有现行有效的法律依据，不得公布", "no law in force carries it, so it isn't published",
        "请选择风险提示、典型案例或者重大事件", "choose risk notice, typical case or major event",
    )  # fmt: skip


def _private(draft: Mapping[str, str]) -> Problem | None:
    """The first personal number or age of a minor in the title or the text, with its place."""
    for field, zh, en in (("title", "标题", "title"), ("body", "正文", "text")):
        for one in personal.found(draft.get(field, "")):
            what_zh, what_en = personal.NAMES[one.kind]
            return Problem(
                field, None, "notice_private",
                f"{zh}第{one.start + 1}至{one.end}字为{what_zh}，不得公布",
                f"characters {one.start + 1} to {one.end} of the {en} are a {what_en}, which isn't published",
                "请删去，或者以“某”代替", "leave it out",
            )  # fmt: skip
    return None


def _unseen(cited: Sequence[int], today: date) -> Problem | None:
    if not cited:
        return None
    rows = raw_cursor().execute(_NOT_PUBLIC.encode(), [list(cited), *[today] * 3]).fetchall()
    if not rows:
        return None
    named = "、".join(str(id) for (id,) in rows[:5])
    return Problem(
        "records", named, "notice_records",
        f"所引用的信用信息{named}今天不对社会公示", f"the public may not see records {named} today",
        "只引用公示中的信息", "cite only records that are public",
    )  # fmt: skip


def _too_late(until: date, today: date) -> Problem | None:
    if until >= today:
        return None
    return Problem(
        "show_until", until.isoformat(), "notice_until",
        "公布期限已满", "its last day has passed", "请退回修改公布期限", "return it and set a later day",
    )  # fmt: skip


# --- what its steps bring about -----------------------------------------------------------------------------


@effect("notice.publish")
def publish(log: Appending, turns: Sequence[Turn]) -> None:
    """Show the notices from today on, in the words of their last draft."""
    for turn in turns:
        draft = _draft(turn.case.id)
        law, article = kinds()[turn.case.rule].ground(turn.today) or ("", "")
        log.cursor.execute(
            _WRITE.encode(),
            [turn.case.id, turn.case.rule, law, article, draft["title"], draft["body"], turn.today,
             date.fromisoformat(draft["show_until"])],
        )  # fmt: skip
    changes.note(log, "shown", [(one.case.id, NOTICES) for one in turns], turns[0].today)


@effect("notice.end")
def end(log: Appending, turns: Sequence[Turn]) -> None:
    """Take notices down; what expired stood until its last day, however late the night's run came to it."""
    for turn in turns:
        last = "least(%(today)s::date, show_until + 1)" if turn.step.to == "expired" else "%(today)s::date"
        log.cursor.execute(
            _END.format(last=last).encode(),
            {"today": turn.today, "case": turn.case.id},
        )
    changes.note(log, "gone", [(one.case.id, NOTICES) for one in turns], turns[0].today)


def expire(today: date) -> int:
    """Take down the notices whose last day has passed; returns how many."""
    done = 0
    while True:
        with appending() as log:
            rows = log.cursor.execute(
                "SELECT case_id FROM publicity_notice WHERE show_until < %s AND ended_on IS NULL "
                "ORDER BY show_until, case_id LIMIT %s",
                [today, AT_ONCE],
            ).fetchall()
            cases = [case for (case,) in rows]
            done += len(take_many(log, "expire", cases, SYSTEM, today, by_system=True))
        if len(rows) < AT_ONCE:
            return done


NIGHTLY.append(("notices_expired", expire))


# --- what the public sees -----------------------------------------------------------------------------------

_SHOWN = f"""
SELECT n.case_id, n.kind, n.law, n.article, n.title, n.body, n.show_from, n.show_until,
    ARRAY(SELECT x.record FROM cases_cited x WHERE x.case_id = n.case_id ORDER BY 1)
FROM (SELECT %s::date AS today) q {{source}}
WHERE n.ended_on IS NULL AND n.show_from <= q.today AND n.show_until >= q.today AND NOT EXISTS (
    SELECT FROM cases_cited x
    CROSS JOIN LATERAL (SELECT * FROM archive_record r WHERE r.id = x.record OFFSET 0) r
    WHERE x.case_id = n.case_id AND (NOT ({published("r", "q.today")})
        OR EXISTS (SELECT FROM archive_record later WHERE later.refers_to_id = r.id OFFSET 0)) OFFSET 0)"""
_LISTED = (
    _SHOWN.format(source="CROSS JOIN publicity_notice n")
    + " AND n.case_id < %s::bigint {narrowed} ORDER BY n.case_id DESC LIMIT %s::int"
)
_CASES = _SHOWN.format(
    source="CROSS JOIN unnest(%s::bigint[]) w(id) "
    "CROSS JOIN LATERAL (SELECT * FROM publicity_notice n WHERE n.case_id = w.id OFFSET 0) n"
)


COUNTED = 1_000
_COUNT = (
    "SELECT count(*) FROM ("
    + _SHOWN.format(source="CROSS JOIN publicity_notice n")
    + f" LIMIT {COUNTED + 1}) counted"
)


@dataclass(frozen=True)
class Notice:
    """A notice as the public sees it; `until`: its last day, `records`: those that it cites."""

    case: int
    kind: str
    law: str
    article: str
    title: str
    body: str
    since: date
    until: date
    records: tuple[int, ...]

    @property
    def url(self) -> str:
        """Its page."""
        return f"/notices/{self.case}"


def page(
    today: date, after: int | None = None, limit: int = 20, *, kind: str = ""
) -> tuple[list[Notice], int | None]:
    """Notices, the newest first, and the `after` of the following page."""
    narrowed = "AND n.kind = %s::text" if kind else ""
    values: list[Any] = [today, 2**63 - 1 if after is None else after]
    rows = reading.rows(
        _LISTED.replace("{narrowed}", narrowed), [*values, *([kind] if kind else []), limit + 1]
    )
    found = [_notice(row) for row in rows[:limit]]
    return found, found[-1].case if len(rows) > limit else None


def count(today: date) -> int:
    """How many notices stand today; COUNTED + 1 where there are more than are counted."""
    row = reading.row(_COUNT, [today])
    return int(row[0]) if row else 0


def several(cases: Sequence[int], today: date) -> dict[int, Notice]:
    """Those of these notices that the public sees today, by number."""
    if not cases:
        return {}
    return {row[0]: _notice(row) for row in reading.rows(_CASES, [today, list(cases)])}


def once_shown(case: int) -> bool:
    """Whether there was a notice of this number at some time."""
    return reading.row("SELECT 1 FROM publicity_notice WHERE case_id = %s::bigint", [case]) is not None


def _notice(row: Sequence[Any]) -> Notice:
    *said, records = row
    case, kind, law, article, title, body, since, until = said
    return Notice(
        case, kind, law, article, personal.masked(title), personal.masked(body), since, until, tuple(records)
    )
