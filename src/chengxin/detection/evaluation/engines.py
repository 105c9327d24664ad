"""`python -m chengxin.detection.evaluation.engines --lake DIR`: every detector on DuckDB and on Spark.

The leads must be equal: an office that moves from one machine to a cluster asks nobody other questions.
Says for each detector how many leads each engine gave, how long it took, and which leads differ; ends with 1
when any do.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import NAMES, detector
from chengxin.detection.running import run
from chengxin.lake.engines import ENGINES, EngineMissing
from chengxin.lake.folders import find
from chengxin.lake.reading import Lake, open_lake

Entity = tuple[str, str, str]
"""entity, platform and entity_id: what a detector lists once at most."""

Written = Mapping[str, object]
"""A lead as the contract writes it."""

Difference = tuple[Entity, Written | None, Written | None]
"""An entity with the two leads about it; None where it isn't listed."""


@dataclass(frozen=True)
class Compared:
    """One detector on both engines: leads and seconds of each (by the engine's name), and what differs."""

    detector: str
    leads: Mapping[str, int]
    seconds: Mapping[str, float]
    failed: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def equal(self) -> bool:
        """Whether both engines answered, and alike."""
        return not self.failed and not self.differences


@contextmanager
def both(folder: Path) -> Iterator[dict[str, Lake]]:
    """The lake opened on each engine; EngineMissing when Spark or Java isn't there."""
    engines = []
    try:
        lakes = {}
        for name, start in ENGINES.items():
            engines.append(start())
            lakes[name] = open_lake(folder, engines[-1])
        yield lakes
    finally:
        for one in engines:
            one.close()


def compared(lakes: Mapping[str, Lake], name: str) -> Compared:
    """Ask one detector on DuckDB and on Spark, and lay the leads side by side."""
    leads: dict[str, tuple[Lead, ...]] = {}
    seconds: dict[str, float] = {}
    failed = []
    for engine, lake in lakes.items():
        began = time.monotonic()
        found = run(lake, [detector(name)])
        seconds[engine] = time.monotonic() - began
        leads[engine] = found.leads
        if found.failed:
            failed.append(engine)
    one, other = ([lead.as_dict() for lead in some] for some in leads.values())
    counts = {engine: len(some) for engine, some in leads.items()}
    return Compared(name, counts, seconds, tuple(failed), differing(one, other))


def differing(one: Iterable[Written], other: Iterable[Written]) -> tuple[Difference, ...]:
    """Where two lists of one detector's leads differ: in who is listed, or in anything said about them."""
    first, second = _by_entity(one), _by_entity(other)
    return tuple(
        (entity, first.get(entity), second.get(entity))
        for entity in sorted(first.keys() | second.keys())
        if first.get(entity) != second.get(entity)
    )


def _by_entity(leads: Iterable[Written]) -> dict[Entity, Written]:
    return {(str(one["entity"]), str(one["platform"]), str(one["entity_id"])): one for one in leads}


def told(one: Compared, *, most: int = 5) -> str:
    """What there is to say about a detector: one line, and at most so many differences beneath."""
    first, second = one.leads
    verdict = f"failed on {', '.join(one.failed)}" if one.failed else f"{len(one.differences)} differ"
    lines = [
        f"{one.detector}: {'equal' if one.equal else verdict}; "
        f"{first} {one.leads[first]} leads in {one.seconds[first]:.1f} s, "
        f"{second} {one.leads[second]} in {one.seconds[second]:.1f} s"
    ]
    for (entity, platform, id), left, right in one.differences[:most]:
        keys = [key for key in (left or right or {}) if (left or {}).get(key) != (right or {}).get(key)]
        for key in keys if left and right else [""]:
            sides = [side.get(key) if side and key else "listed" if side else "not" for side in (left, right)]
            words = [json.dumps(side, ensure_ascii=False)[:600] for side in sides]
            lines.append(
                f"  {entity} {platform}/{id} {key}\n    {first}: {words[0]}\n    {second}: {words[1]}"
            )
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the detectors that were asked for; 1 when any differs, 2 when Spark or the lake isn't there."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--lake", type=Path, required=True)
    given.add_argument("--detector", action="append", choices=NAMES)
    chosen = given.parse_args(arguments)
    equal = True
    if chosen.lake.is_dir() and not find(chosen.lake)[0]:
        # Two engines that see nothing agree about everything.
        sys.stderr.write(f"目录 {chosen.lake} 中没有数据湖的表 / {chosen.lake} holds no table of a lake\n")
        return 2
    try:
        with both(chosen.lake) as lakes:
            for name in chosen.detector or NAMES:
                one = compared(lakes, name)
                sys.stdout.write(told(one) + "\n")
                sys.stdout.flush()
                equal = equal and one.equal
    except EngineMissing as missing:
        sys.stderr.write(f"{missing.zh} / {missing.en}\n")
        return 2
    except NotADirectoryError:
        sys.stderr.write(f"没有数据湖目录 {chosen.lake} / there is no folder {chosen.lake}\n")
        return 2
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
