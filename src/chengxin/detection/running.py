"""Ask the detectors, write down what they found."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chengxin.detection.declaring import Detector, Lead
from chengxin.detection.lines import write_lines
from chengxin.detection.standing import Standing, Stood
from chengxin.lake.folders import Note
from chengxin.lake.reading import Lake

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Found:
    """What a run found: the leads, best first within each detector, and what it could not look at.

    `failed` names detectors that broke off; the leads of the others stand. `seconds`: how long each was
    asked, what it shares with later ones counted where it was first needed.
    """

    leads: tuple[Lead, ...]
    notes: tuple[Note, ...]
    failed: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


def run(
    lake: Lake,
    detectors: Iterable[Detector],
    *,
    top: int | None = None,
    standing: Standing | None = None,
    begun: Callable[[Detector, int], None] = lambda _one, _leads: None,
) -> Found:
    """Ask each detector, at most `top` leads of each; one that lacks its tables is left out and noted.

    With `standing`, a detector for which nothing changed since it was last asked isn't asked again, and what
    the others find is kept there. `begun` is told of each detector when its turn comes, with the number of
    leads so far.
    """
    seconds: dict[str, float] = {}
    leads: list[Lead] = []
    notes: list[Note] = []
    failed: list[str] = []
    asked = list(detectors)
    beside = standing.beside(lake) if standing else None
    for place, one in enumerate(asked, start=1):
        begun(one, len(leads))
        began = time.perf_counter()
        stood = beside.recalled(one) if beside else None
        if stood is None:
            with lake.watched() as looked_at:
                stood = _stood(lake, one)
            if beside and stood:
                beside.keep(one, looked_at, stood)
        # Who is left out or recalled won't ask for what was kept either.
        lake.tidy(left=[other.name for other in asked[place:]])
        if stood is None:
            failed.append(one.name)
            continue
        leads += stood.leads[:top]
        notes += stood.notes
        seconds[one.name] = time.perf_counter() - began
    return Found(tuple(leads), (*lake.notes, *notes), tuple(failed), seconds)


def _stood(lake: Lake, one: Detector) -> Stood | None:
    """What the detector finds in this lake, and what it had to leave out; None when it broke off."""
    if missing := _missing(lake, one.needs):
        return Stood((), (_off(one.name, one.zh, one.en, missing),))
    able = frozenset(signal.name for signal in one.signals if lake.has(*signal.needs))
    left_out = tuple(
        _off(f"{one.name}.{signal.name}", one.zh, one.en, _missing(lake, signal.needs))
        for signal in one.signals
        if signal.name not in able
    )
    try:
        return Stood(tuple(ranked(one.find(lake, able))), left_out)
    except Exception:  # whatever a model meets in strange data: the others' leads are still wanted
        logger.exception("the detector %s broke off", one.name)
        return None


def ranked(leads: Iterable[Lead]) -> list[Lead]:
    """Best first; equal ones in an order that doesn't change from run to run."""
    kept = [one for one in leads if round(one.score, 6) > 0]
    return sorted(kept, key=lambda one: (-round(one.score, 6), one.entity, one.platform, one.entity_id))


def write(found: Found, path: Path) -> None:
    """Write the leads as JSON Lines; the file is there whole or not at all."""
    write_lines(path, (one.as_dict() for one in found.leads))


def _missing(lake: Lake, needs: Sequence[str]) -> list[str]:
    return [need for need in needs if not lake.has(need)]


def _off(about: str, zh: str, en: str, needs: Sequence[str]) -> Note:
    missing = ", ".join(needs)
    return Note(about, f"{zh}：缺少 {missing}，未计算", f"{en}: {missing} missing, left out")
