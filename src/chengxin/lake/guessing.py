"""Which table a file belongs to, when its sender doesn't say."""

from __future__ import annotations

import re
from pathlib import Path

from chengxin.lake.contract import Table, tables
from chengxin.lake.sources import Source, Unreadable, normal


def guessed(path: Path, source: Source, columns: tuple[str, ...], reporter: str | None) -> Table:
    """The table that the name of the file or of its folder says, or the only one that its columns fit best.

    A name says a table when the table's name stands in it alone (`orders-2026-03.csv`,
    `orders/rows.parquet`). A table fits when every required column is there; of several, the one that leaves
    the fewest columns unknown. Raises Unreadable, naming the candidates, when that is none or more than one.
    """
    names = {normal(one) for one in columns} | {key for key, _ in source.keys}
    said = (set(re.split(r"[^a-z]+", path.name.lower())) | set(path.parts[-4:-1])) & set(tables())
    if len(said) == 1:
        return tables()[said.pop()]
    fitting = [one for one in tables().values() if _required(one, reporter) <= names]
    fewest = min((len(names - set(one.names)) for one in fitting), default=0)
    best = [one for one in fitting if len(names - set(one.names)) == fewest]
    if len(best) == 1:
        return best[0]
    candidates = [one.name for one in best] or list(tables())
    raise Unreadable(
        f"{source.name}：不能确定属于哪张表，请用 --table 指明：{'、'.join(candidates)} / "
        f"{source.name}: it isn't clear which table it is; say so with --table: {', '.join(candidates)}"
    )


def _required(table: Table, reporter: str | None) -> set[str]:
    return set(table.required) - ({table.partition} if reporter and table.partition else set())
