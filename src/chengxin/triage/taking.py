"""Taking leads in: a run with its leads, all or nothing, the same file once.

Known members are found by one statement, their place is decided by `grouping`, and everything is written by
COPY and one statement a table.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256

import orjson
from django.utils import timezone

from chengxin.accounts.models import Organisation
from chengxin.accounts.permissions import Actor, Target
from chengxin.ledger.actions import Appending, appending
from chengxin.triage import calibrating, grouping, shops
from chengxin.triage.contract import Line
from chengxin.triage.evidence import Seen, Shop
from chengxin.triage.grouping import Known, Placed

REPORT = "lead.report"
_MORNING = time(6)


@dataclass(frozen=True)
class Facts:
    """What is known of a run: the file's bytes, version of the models, day of the rulebook, who reported it.

    source    the platform that reports its own leads; None: our models found them
    taken_on  day on which it is taken in, where months are played (cases.clock); None: now
    """

    content: bytes
    model: str
    rulebook_on: date
    source: Organisation | None = None
    taken_on: date | None = None

    @property
    def taken_at(self) -> datetime:
        """The moment at which it is taken in."""
        if self.taken_on is None:
            return timezone.now()
        return datetime.combine(self.taken_on, _MORNING, timezone.get_current_timezone())

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file."""
        return sha256(self.content).digest()


@dataclass(frozen=True)
class Taken:
    """What came of it: number of the run, lines, leads (schemes), those of them that are new, in `leads`.

    again: the file had been taken before, and nothing was changed.
    """

    run: int
    lines: int
    schemes: int
    new: int
    again: bool
    leads: tuple[int, ...] = ()


def take_leads(
    actor: Actor,
    facts: Facts,
    lines: Sequence[Line],
    *,
    schemes: Sequence[tuple[int, ...]] | None = None,
    seen: Sequence[Seen] | None = None,
) -> Taken:
    """Keep a run and its leads; a lead that is known is seen again and keeps its history.

    schemes  what `grouping.schemes` makes of the lines; `seen`: what the lake holds of each, where one is
             at hand. Forbidden where the actor may not report for the source.
    """
    actor.must(REPORT, Target(organisation=facts.source.pk if facts.source else None))
    groups = list(schemes) if schemes is not None else grouping.schemes(lines)
    with appending() as log:
        if (known := _known_run(log, facts)) is not None:
            return known
        places = grouping.placed(groups, _members(log, lines))
        held = seen or [Seen()] * len(groups)
        return _write(log, actor=actor, facts=facts, lines=lines, places=places, seen=held)


def _known_run(log: Appending, facts: Facts) -> Taken | None:
    row = log.cursor.execute(
        "SELECT r.id, r.lines, r.leads, r.new, ARRAY(SELECT s.lead_id FROM triage_sighting s WHERE "
        "s.run_id = r.id "
        "ORDER BY 1) FROM triage_run r WHERE digest = %s AND source_id IS NOT DISTINCT FROM %s",
        [facts.digest, facts.source.pk if facts.source else None],
    ).fetchone()
    if row is None:
        return None
    run, lines, leads, new, numbers = row
    return Taken(run, lines, leads, new, again=True, leads=tuple(numbers))


_FIND = """
SELECT i.n, m.id, m.lead_id, l.acts > 0
FROM incoming i
JOIN triage_member m ON m.entity_id = i.entity_id AND m.detector = i.detector AND m.entity = i.entity
    AND m.platform = i.platform AND m.since <= i.until AND m.until >= i.since
JOIN triage_lead l ON l.id = m.lead_id AND l.state <> 'joined'"""


def _members(log: Appending, lines: Sequence[Line]) -> dict[int, list[Known]]:
    """The members that lines are, as they are kept: same detector, entity and platform, windows that meet."""
    log.cursor.execute(
        "CREATE TEMP TABLE incoming (n int, detector text, entity text, entity_id text, platform text, "
        "since date, until date) ON COMMIT DROP"
    )
    with log.cursor.copy("COPY incoming FROM STDIN") as copy:
        for n, one in enumerate(lines):
            copy.write_row((n, one.detector, one.entity, one.entity_id, one.platform, one.since, one.until))
    log.cursor.execute("ANALYZE incoming")
    found: dict[int, list[Known]] = defaultdict(list)
    for n, member, lead, acted in log.cursor.execute(_FIND).fetchall():
        found[n].append(Known(member, lead, acted))
    log.cursor.execute("DROP TABLE incoming")
    return found


# --- writing ------------------------------------------------------------------------------------------------


def _write(
    log: Appending,
    *,
    actor: Actor,
    facts: Facts,
    lines: Sequence[Line],
    places: Sequence[Placed],
    seen: Sequence[Seen],
) -> Taken:
    today = facts.taken_on or timezone.localdate()
    leaf = log.next_leaf
    run = _run(log, facts, lines, places, leaf)
    numbers = _numbered(log, places)
    platforms = shops.platforms([one.platform for one in lines])
    heads = [_shop(_trader(lines, one), held) for one, held in zip(places, seen, strict=True)]
    owners = shops.subjects(log, heads, platforms)
    rows = []
    for at, (place, held) in enumerate(zip(places, seen, strict=True)):
        subject, region = owners.get(at, (None, None))
        of = {lines[one].platform for one in place.lines}
        organisation = platforms.get(next(iter(of))) if len(of) == 1 else None
        if facts.source is not None:
            organisation = facts.source
        rows.append(
            _lead(
                numbers[at],
                place=place,
                lines=lines,
                seen=held,
                shop=heads[at],
                run=run,
                today=today,
                organisation=organisation,
                subject=subject,
                region=region,
            )
        )
    _leads(log, rows)
    _keep_members(log, lines, places, numbers)
    _again(log, [numbers[at] for at, one in enumerate(places) if one.lead is not None], places, run)
    calibrating.values(log, sorted(set(numbers)))
    log.event(
        "leads_taken",
        {
            "run": run, "sha256": facts.digest.hex(), "model": facts.model,
            "rulebook_on": facts.rulebook_on.isoformat(), "lines": len(lines), "leads": len(places),
            "source": facts.source.pk if facts.source else None, "by": actor.user, "person": actor.name,
        },
    )  # fmt: skip
    new = sum(one.lead is None for one in places)
    return Taken(run, len(lines), len(places), new, again=False, leads=tuple(sorted(set(numbers))))


def _run(log: Appending, facts: Facts, lines: Sequence[Line], places: Sequence[Placed], leaf: int) -> int:
    found = log.cursor.execute(
        "INSERT INTO triage_run (source_id, digest, model, rulebook_on, taken_at, since, until, lines, "
        "leads, new, "
        "leaf) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id",
        [
            facts.source.pk if facts.source else None, facts.digest, facts.model, facts.rulebook_on,
            facts.taken_at,
            min((one.since for one in lines), default=None), max((one.until for one in lines), default=None),
            len(lines), len(places), sum(one.lead is None for one in places), leaf,
        ],
    ).fetchone()  # fmt: skip
    return int(found[0]) if found else 0


def _numbered(log: Appending, places: Sequence[Placed]) -> list[int]:
    """The number of each scheme's lead; new ones are given numbers."""
    new = sum(one.lead is None for one in places)
    given = log.cursor.execute(
        "SELECT nextval(pg_get_serial_sequence('triage_lead', 'id')) FROM generate_series(1, %s)", [new]
    ).fetchall()
    fresh = iter([number for (number,) in given])
    return [one.lead if one.lead is not None else next(fresh) for one in places]


def _trader(lines: Sequence[Line], place: Placed) -> Line:
    """Whose subject a scheme is about: its strongest shop, else whom it is named after."""
    some = [lines[one] for one in place.lines]
    return next((one for one in some if one.entity == "seller"), some[0])


def _shop(line: Line, seen: Seen) -> Shop:
    """Whom a scheme is named after, as the lake knows it, else as the line does."""
    found = next(
        (
            one for one in seen.shops
            if one.seller == line.entity_id and (one.platform or line.platform) == line.platform
        ),
        None,
    )  # fmt: skip
    if line.entity == "seller" and found is not None:
        return found
    if line.entity in ("product", "waybill", "rating", "order") and len(seen.shops) == 1:
        return seen.shops[0]
    domain = line.entity_id if line.entity == "domain" else None
    return Shop(line.platform, line.entity_id if line.entity == "seller" else "", "", None, domain, None)


_LEAD = (
    "id", "detector", "entity", "entity_id", "name", "platform", "organisation_id", "since", "until", "score",
    "amount", "members", "run", "day", "subject_id", "region", "rows",
)  # fmt: skip


def _lead(
    id: int, *, place: Placed, lines: Sequence[Line], seen: Seen, shop: Shop, run: int, today: date,
    organisation: Organisation | None, subject: int | None, region: str | None,
) -> tuple[object, ...]:  # fmt: skip
    some = [lines[one] for one in place.lines]
    head = some[0]
    platforms = {one.platform for one in some}
    name = shop.name if head.entity in ("seller", "product", "waybill") else ""
    return (
        id, head.detector, head.entity, head.entity_id, name, head.platform if len(platforms) == 1 else "",
        organisation.pk if organisation else None, min(one.since for one in some),
        max(one.until for one in some),
        head.score, seen.amount, len(some), run, today, subject,
        region or (shop.region if shop.region and shop.region.isdigit() and len(shop.region) == 6 else None),
        orjson.dumps(seen.rows).decode() if seen.rows else None,
    )  # fmt: skip


_KEEP = """
INSERT INTO triage_lead AS l (id, detector, entity, entity_id, name, platform, organisation_id, since,
until, score,
    probability, amount, value, members, runs, first_run_id, last_run_id, first_seen, last_seen,
    subject_id, region,
    state, acts, rows)
SELECT DISTINCT ON (w.id) w.id, w.detector, w.entity, w.entity_id, w.name, w.platform, w.organisation_id,
w.since,
    w.until, w.score, 0.5, w.amount, 0, w.members, 1, w.run, w.run, w.day, w.day, w.subject_id, w.region,
    'open', 0,
    w.rows::jsonb
FROM written w ORDER BY w.id, w.score DESC, w.members DESC
ON CONFLICT (id) DO UPDATE SET
    entity = CASE WHEN excluded.score >= l.score THEN excluded.entity ELSE l.entity END,
    entity_id = CASE WHEN excluded.score >= l.score THEN excluded.entity_id ELSE l.entity_id END,
    name = CASE WHEN excluded.score >= l.score AND excluded.name <> '' THEN excluded.name ELSE l.name END,
    since = least(l.since, excluded.since), until = greatest(l.until, excluded.until),
    score = excluded.score, amount = coalesce(excluded.amount, l.amount), runs = l.runs + 1,
    last_run_id = excluded.last_run_id, last_seen = excluded.last_seen,
    organisation_id = coalesce(l.organisation_id, excluded.organisation_id),
    subject_id = coalesce(l.subject_id, excluded.subject_id), region = coalesce(l.region, excluded.region),
    rows = coalesce(excluded.rows, l.rows)"""


def _leads(log: Appending, rows: Sequence[tuple[object, ...]]) -> None:
    log.cursor.execute(
        "CREATE TEMP TABLE written (id bigint, detector text, entity text, entity_id text, name text, "
        "platform text, "
        "organisation_id bigint, since date, until date, score float8, amount bigint, members int, run "
        "bigint, "
        "day date, subject_id bigint, region text, rows text) ON COMMIT DROP"
    )
    with log.cursor.copy(f"COPY written ({', '.join(_LEAD)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)
    log.cursor.execute(_KEEP)
    log.cursor.execute(
        "INSERT INTO triage_sighting (lead_id, run_id, score, since, until, members) "
        "SELECT DISTINCT ON (id) id, run, score, since, until, members FROM written ORDER BY id, score "
        "DESC, members DESC"
    )
    log.cursor.execute("DROP TABLE written")


_MEMBERS = """
INSERT INTO triage_member (id, lead_id, detector, entity, entity_id, platform, since, until, score, ring,
signals,
    evidence)
SELECT coalesce(w.id, nextval(pg_get_serial_sequence('triage_member', 'id'))), w.lead_id, w.detector,
w.entity,
    w.entity_id, w.platform, w.since, w.until, w.score, w.ring, w.signals::jsonb, w.evidence::jsonb
FROM (SELECT DISTINCT ON (coalesce(id, -n)) * FROM found ORDER BY coalesce(id, -n), score DESC, n) w
ON CONFLICT (id) DO UPDATE SET lead_id = excluded.lead_id, score = excluded.score, ring = excluded.ring,
    since = least(triage_member.since, excluded.since), until = greatest(triage_member.until, excluded.until),
    signals = excluded.signals, evidence = excluded.evidence"""


def _keep_members(
    log: Appending, lines: Sequence[Line], places: Sequence[Placed], numbers: Sequence[int]
) -> None:
    log.cursor.execute(
        "CREATE TEMP TABLE found (n int, id bigint, lead_id bigint, detector text, entity text, "
        "entity_id text, "
        "platform text, since date, until date, score float8, ring text, signals text, evidence text) "
        "ON COMMIT DROP"
    )
    with log.cursor.copy("COPY found FROM STDIN") as copy:
        for place, lead in zip(places, numbers, strict=True):
            for n in place.lines:
                one = lines[n]
                copy.write_row((
                    n + 1, place.members.get(n), lead, one.detector, one.entity, one.entity_id, one.platform,
                    one.since, one.until, one.score, one.ring,
                    orjson.dumps([each.as_dict() for each in one.signals]).decode(),
                    orjson.dumps({kind: list(ids) for kind, ids in one.evidence.items()}).decode(),
                ))  # fmt: skip
    log.cursor.execute(_MEMBERS)
    log.cursor.execute("DROP TABLE found")


_JOINED = """
UPDATE triage_lead l SET state = 'joined', members = 0 WHERE l.id = ANY(%s) AND l.acts = 0
    AND NOT EXISTS (SELECT FROM triage_member m WHERE m.lead_id = l.id)"""
_COUNTED = """
UPDATE triage_lead l SET members = n.members, platform = n.platform FROM (
    SELECT m.lead_id, count(*) AS members,
        CASE WHEN count(DISTINCT m.platform) = 1 THEN min(m.platform) ELSE '' END AS platform
    FROM triage_member m WHERE m.lead_id = ANY(%s) GROUP BY 1) n
WHERE l.id = n.lead_id"""


def _again(log: Appending, again: Sequence[int], places: Sequence[Placed], run: int) -> None:
    """Count members anew where leads were seen again; leads that gave all of theirs away are joined."""
    moved = sorted({lead for one in places for lead in one.moved})
    log.cursor.execute(_COUNTED, [[*again, *moved]])
    log.cursor.execute(_JOINED, [moved])
