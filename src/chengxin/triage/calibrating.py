"""Outcomes calibrate: the curve of a model is drawn anew from its decided leads, and the queue goes by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import orjson

from chengxin.ledger.actions import Appending
from chengxin.triage import rules
from chengxin.triage.calibration import Curve, Interval, Label, curve, wilson
from chengxin.triage.detectors import detectors

AT_MOST = 5_000
"""The newest decided leads of a model that count."""


def curves(log: Appending, wanted: Collection[str]) -> Mapping[str, Curve]:
    """The curves of models as their decided leads have them now."""
    labels: dict[str, list[Label]] = {id: [] for id in wanted}
    for id in wanted:
        rows = log.cursor.execute(
            "SELECT score, hit FROM triage_lead WHERE detector = %s AND decided_on IS NOT NULL "
            "ORDER BY decided_on DESC, id DESC LIMIT %s",
            [id, AT_MOST],
        )
        labels[id] = [Label(score, hit) for score, hit in rows.fetchall()]
    return {id: curve(detectors()[id].prior, some) for id, some in labels.items()}


_OPEN = """
SELECT id, detector, score, amount FROM triage_lead
WHERE state IN ('open', 'answered', 'watching', 'asked') AND detector = ANY(%s)"""
_SOME = "SELECT id, detector, score, amount FROM triage_lead WHERE id = ANY(%s)"
_SET = """
UPDATE triage_lead l SET probability = n.probability, value = n.value
FROM unnest(%s::bigint[], %s::float8[], %s::float8[]) n(id, probability, value)
WHERE l.id = n.id AND (l.probability, l.value) IS DISTINCT FROM (n.probability, n.value)"""


def values(log: Appending, leads: Sequence[int]) -> None:
    """Give leads their probability and value by the curves of today."""
    rows = log.cursor.execute(_SOME, [list(leads)]).fetchall()
    _set(log, rows, curves(log, {row[1] for row in rows}))


def recalibrate(log: Appending, detector: str) -> None:
    """Draw the curve of a model anew, and give its leads that wait their probability and value by it."""
    found = curves(log, [detector])
    labels, hits = _counted(log, detector)
    log.cursor.execute(
        "INSERT INTO triage_calibration (detector, labels, hits, knots, made_at) VALUES (%s, %s, %s, "
        "%s::jsonb, now()) "
        "ON CONFLICT (detector) DO UPDATE SET labels = excluded.labels, hits = excluded.hits, "
        "knots = excluded.knots, made_at = excluded.made_at",
        [detector, labels, hits, orjson.dumps(found[detector].knots).decode()],
    )
    _set(log, log.cursor.execute(_OPEN, [[detector]]).fetchall(), found)


def _set(
    log: Appending, rows: Sequence[tuple[int, str, float, int | None]], found: Mapping[str, Curve]
) -> None:
    known = detectors()
    ids, probabilities, worth = [], [], []
    for id, detector, score, amount in rows:
        probability = found[detector].probability(score)
        ids.append(id)
        probabilities.append(probability)
        worth.append(rules.value(probability, known[detector], amount))
    if ids:
        log.cursor.execute(_SET, [ids, probabilities, worth])


def _counted(log: Appending, detector: str) -> tuple[int, int]:
    row = log.cursor.execute(
        "SELECT count(*), count(*) FILTER (WHERE hit) FROM triage_lead WHERE detector = %s "
        "AND decided_on IS NOT NULL",
        [detector],
    ).fetchone()
    return (row[0], row[1]) if row else (0, 0)


# --- whether a model is right often enough --------------------------------------------------------------

MONTHS = 6
"""Months over which a model is judged and shown."""

FEWEST = 10
"""Decided leads below which nothing is said of a model."""


@dataclass(frozen=True)
class Precision:
    """How often a model was right lately: month by month (month, hits, all), and over all of them.

    below: its bar lies above the whole interval, so that chance alone doesn't explain it.
    """

    detector: str
    months: tuple[tuple[str, int, int], ...]
    hits: int
    all: int
    interval: Interval | None
    below: bool


def precision(detector: str, decided: Sequence[tuple[date, bool]], today: date) -> Precision:
    """How often a model was right, from (day, hit) of its decided leads."""
    months = tuple(rules.in_months(decided, today, MONTHS))
    hits, all_ = sum(one[1] for one in months), sum(one[2] for one in months)
    found = wilson(hits, all_)
    below = found is not None and all_ >= FEWEST and found.share < detectors()[detector].bar
    return Precision(detector, months, hits, all_, found, below)
