"""What was shared reaches further than this system: who may hold a copy is told, and confirms its update.

Told are the source and every organisation with a key that receives changes (credit agencies, platforms,
departments). Actors of measures confirm in their own tasks. Being told and confirming are events of the
ledger; the rows of `Copy` follow from them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils import timezone
from psycopg import Cursor

from chengxin.accounts.models import ApiKey
from chengxin.accounts.permissions import Actor, Target
from chengxin.cases.effects import Turn
from chengxin.cases.models import Case
from chengxin.decisions.due import first_of_day
from chengxin.decisions.entries import on_entry
from chengxin.decisions.models import Copy, Entry
from chengxin.desk.actions import Telling, notify, notify_each
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending, appending
from chengxin.ledger.faults import Fault, projection
from chengxin.ledger.projections import projected
from chengxin.registry.refusing import Refused
from chengxin.rulebook.deadlines import deadline

RECEIVE = "change.receive"
PAGE = "/work/changes"
_AN_EVENT = 500
"""Things told by one event of the ledger, at most."""

WORDS = {
    "ended": ("因信用修复停止公示、共享和使用", "repaired: publication, sharing and use are over"),
    "withdrawn": ("信息已撤回", "withdrawn"),
    "corrected": ("信息已更正", "corrected"),
    "removed": ("已移出名单", "removed from the list"),
    "revoked": ("列入决定已撤回", "the decision to list was revoked"),
    "annulled": ("列入决定已撤销", "the decision to list was annulled"),
    "renounced": ("主体自愿退出名单", "given up by the subject"),
    "suspended": ("暂停公示、共享和使用", "suspended: not to be published, shared or used for now"),
    "resumed": ("恢复公示、共享和使用", "resumed: to be published, shared and used again"),
}
"""What became of it (models.CHANGES), in Chinese and English."""


@dataclass(frozen=True)
class News:
    """What ended or changed: its key, what became of it, its source, the case that brought it about."""

    key: str
    what: str
    source: int | None
    case: int | None


def receivers() -> frozenset[int]:
    """The organisations with a live key that receives changes."""
    keyed = ApiKey.objects.filter(scopes__contains=[RECEIVE], revoked_at=None, expires_at__gt=timezone.now())
    return frozenset(keyed.values_list("organisation_id", flat=True))


def tell(log: Appending, news: Sequence[News], today: date) -> int:
    """Tell everybody who may hold a copy, in the caller's turn at the ledger; returns how many were told.

    Each organisation finds one notice on its desk, however much there is.
    """
    keyed = receivers()
    told = {one: sorted({*keyed, *([one.source] if one.source is not None else [])}) for one in news}
    rows = [(one, whom) for one, whom in told.items() if whom]
    for at in range(0, len(rows), _AN_EVENT):
        part = rows[at : at + _AN_EVENT]
        body = [
            {"key": one.key, "what": one.what, "case": one.case, "organisations": whom} for one, whom in part
        ]
        leaf = log.event("copies_told", {"on": today.isoformat(), "told": body})
        Copy.objects.bulk_create(
            Copy(
                key=one.key,
                what=one.what,
                case_id=one.case,
                organisation_id=to,
                told_on=today,
                told_leaf=leaf,
            )
            for one, whom in part
            for to in whom
        )
    numbers = Counter(one for whom in told.values() for one in whom)
    for organisation, number in sorted(numbers.items()):
        notify(
            RECEIVE, organisation=organisation, url=PAGE, due=due(today),
            zh=f"{number}项信息已修复、撤销、更正、暂停或恢复，请更新本单位保存的副本并确认",
            en=f"{number} records or decisions ended, changed, were suspended or resumed: please update your "
            "copies and confirm",
        )  # fmt: skip
    return len(numbers)


@on_entry("ended")
def tell_ended(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Tell who may hold a copy of entries that ended before their day; an expiry was known to all."""
    tell(
        log,
        [
            News(f"case:{one.case_id}", str(one.ended_by), turn.case.organisation_id, turn.case.id)
            for one, turn in zip(entries, turns, strict=True)
            if one.ended_by != "expired"
        ],
        turns[0].today,
    )


@on_entry("suspended")
def tell_suspended(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Tell who may hold a copy of entries that have no effect for now."""
    _tell_entries(log, "suspended", entries, turns)


@on_entry("resumed")
def tell_resumed(log: Appending, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    """Tell who may hold a copy of entries that have effect again."""
    _tell_entries(log, "resumed", entries, turns)


def _tell_entries(log: Appending, what: str, entries: Sequence[Entry], turns: Sequence[Turn]) -> None:
    news = [
        News(f"case:{one.case_id}", what, turn.case.organisation_id, turn.case.id)
        for one, turn in zip(entries, turns, strict=True)
    ]
    if news:
        tell(log, news, turns[0].today)


def due(told_on: date) -> date:
    """The last day to confirm what was told on a day."""
    return deadline("repair.follow", told_on).counted(told_on).due


def confirm(id: int, actor: Actor, today: date) -> Copy:
    """Note that an organisation has mended its copy. LookupError: no such copy; Forbidden: another's.

    Whoever confirms what was told last of something has with it confirmed what was told of it before: a copy
    that is gone needs no suspending. Confirming once more changes nothing.
    """
    with appending() as log:
        found = Copy.objects.select_for_update().filter(pk=id).first()
        if found is None:
            raise LookupError(f"没有第{id}号通知 / there is no change no. {id}")
        actor.must(RECEIVE, Target(organisation=found.organisation_id))
        if found.confirmed_on is None:
            if today < found.told_on:
                raise Refused(_backdated(found.told_on))
            before = Copy.objects.select_for_update().filter(
                key=found.key, organisation=found.organisation_id, pk__lt=id, confirmed_on=None
            )
            for one in (*before.order_by("pk"), found):
                _confirmed(log, one, actor, today)
    return found


def _confirmed(log: Appending, copy: Copy, actor: Actor, today: date) -> None:
    body = {"copy": copy.pk, "key": copy.key, "organisation": copy.organisation_id, "by": actor.name}
    copy.confirmed_leaf = log.event("copy_confirmed", body | {"on": today.isoformat()})
    copy.confirmed_on, copy.confirmed_by = today, actor.name
    copy.save(update_fields=["confirmed_on", "confirmed_leaf", "confirmed_by"])


def updated(key: str) -> bool:
    """Whether everybody has confirmed what they were told about a record or a decision."""
    return not Copy.objects.filter(key=key, confirmed_on=None).exists()


def of(key: str) -> list[Copy]:
    """Who was told about a record or a decision, and what came of it."""
    return list(Copy.objects.filter(key=key).select_related("organisation").order_by("id"))


def received(organisations: Iterable[int], after: int = 0, limit: int = 100) -> list[dict[str, Any]]:
    """What organisations were told, the oldest first, behind the number `after`."""
    found = (
        Copy.objects.filter(organisation_id__in=list(organisations), pk__gt=after)
        .select_related("case")
        .order_by("pk")[:limit]
    )
    return [_told(one) for one in found]


def _told(one: Copy) -> dict[str, Any]:
    kind, _, number = one.key.partition(":")
    return {
        "id": one.pk,
        "what": one.what,
        "what_zh": WORDS[one.what][0],
        "what_en": WORDS[one.what][1],
        "record": int(number) if kind == "record" else None,
        "decision": int(number) if kind == "case" else None,
        "told_on": one.told_on.isoformat(),
        "due": due(one.told_on).isoformat(),
        "leaf": one.told_leaf,
        "confirmed_on": one.confirmed_on.isoformat() if one.confirmed_on else None,
        "receipt": f"/api/v1/changes/{one.pk}/receipt",
    }


def escalate(today: date) -> int:
    """Tell the credit office whose confirmation is overdue since yesterday; returns how many copies are late.

    Each late copy is told on the first night after its last day, and once a week after that, so that nobody's
    desk fills up; of a night that is run twice only the first tells.
    """
    with appending() as log:
        if not first_of_day(log, "copies_late", today):
            return 0
        waiting = Copy.objects.filter(confirmed_on=None, told_on__lt=today)
        told_on = waiting.order_by("told_on").values_list("told_on", flat=True).distinct()
        days = [day for day in told_on if (last := due(day)) < today and (today - last).days % 7 == 1]
        late = waiting.filter(told_on__in=days).select_related("organisation").order_by("pk")
        news = [
            Telling(
                zh=f"{one.organisation.name}逾期未确认更新副本（应于{due(one.told_on)}前）",
                en=f"{one.organisation.name} has not confirmed its updated copy (due {due(one.told_on)})",
                url=PAGE,
            )
            for one in late
        ]
        notify_each("repair.handle", news)
    return len(news)


def tasks_open(entry: int) -> bool:
    """Whether an actor of a measure on an entry has still to lift it; what outlives it by law may stay."""
    return Case.objects.filter(procedure="measure", parent_id=entry, state="lifting").exists()


def _backdated(told_on: date) -> Problem:
    return Problem(
        "day", None, "copy_backdated",
        f"通知日为{told_on}，确认不得早于该日", f"it was told on {told_on}; none is confirmed before",
        "请核对系统日期", "check the date of the system",
    )  # fmt: skip


_UNSEALED = """
    SELECT e.id FROM ledger_event e
    LEFT JOIN decisions_copy c ON c.id = (e.body::json ->> 'copy')::bigint AND c.confirmed_leaf = e.id
    WHERE e.kind = 'copy_confirmed' AND e.id >= %(first)s AND e.id < %(end)s AND c.id IS NULL
    UNION
    SELECT c.confirmed_leaf FROM decisions_copy c
    LEFT JOIN ledger_event e ON e.id = c.confirmed_leaf AND e.kind = 'copy_confirmed'
        AND (e.body::json ->> 'copy')::bigint = c.id
    WHERE c.confirmed_leaf >= %(first)s AND c.confirmed_leaf < %(end)s AND e.id IS NULL
    ORDER BY 1"""


def check_copies(cursor: Cursor[Any], first: int, end: int) -> list[Fault]:
    """Faults in the receipts of leaves from `first` to before `end`."""
    rows = cursor.execute(_UNSEALED.encode(), {"first": first, "end": end})
    return [projection(leaf, "decisions_copy", "confirmed_leaf") for (leaf,) in rows]


projected("decisions_copy", check_copies)
