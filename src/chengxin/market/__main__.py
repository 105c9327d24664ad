"""Inventing a market from the command line: `python -m chengxin.market --out DIR --seed 1 --orders
300000`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from chengxin.market.build import build
from chengxin.market.plan import KINDS, LEVELS, TABLES, Plan


def main(given: list[str] | None = None) -> int:
    """Writes the lake into OUT/lake and the truth into OUT/truth."""
    parser = argparse.ArgumentParser(prog="python -m chengxin.market", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--orders", type=int, default=300_000)
    parser.add_argument("--months", type=int, default=4)
    parser.add_argument("--first-month", default="2026-01")
    parser.add_argument("--kinds", default=",".join(KINDS), help="comma-separated")
    parser.add_argument("--levels", default=",".join(str(level) for level in LEVELS))
    parser.add_argument("--tables", default=",".join(TABLES))
    parser.add_argument("--no-twins", action="store_true")
    options = parser.parse_args(given)
    plan = Plan(
        seed=options.seed,
        orders=options.orders,
        first_month=options.first_month,
        months=options.months,
        kinds=tuple(filter(None, options.kinds.split(","))),
        levels=tuple(int(level) for level in options.levels.split(",") if level),
        twins=not options.no_twins,
        tables=tuple(options.tables.split(",")),
    )
    truth = build(options.out / "lake", plan)
    truth.write(options.out / "truth")
    counted = truth.entities.group_by("detector", "entity", "level").len().sort("detector", "entity", "level")
    for row in counted.rows():
        sys.stdout.write("\t".join(str(cell) for cell in row) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
