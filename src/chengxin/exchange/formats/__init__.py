"""Any file that a department sends, as a stream of rows of text, with bounded memory and nothing trusted.

The one door is `open_table`. Separated text is read in blocks by Polars; workbooks and trees are converted
to separated text by a process of their own (`converting`), which imports this package too and therefore
must not get Polars from here.
"""

from __future__ import annotations

from pathlib import Path

from chengxin.exchange.formats.table import Chunk, Table
from chengxin.exchange.formats.unreadable import FAULTS, FILE_RULES, Unreadable
from chengxin.rulebook.catalogue import Item

__all__ = ["FAULTS", "FILE_RULES", "Chunk", "Table", "Unreadable", "open_table"]


def open_table(path: Path, item: Item, name: str | None = None) -> Table:
    """Open a file as a table of the item, whatever its format and encoding.

    path: the file as it was received; name: how its sender called it, a hint only. Raises Unreadable, whose
    problem says in Chinese and English why the file can't be read and what to do about it; once a table is
    open its rows can be read to the end.
    """
    from chengxin.exchange.formats import opening  # noqa: PLC0415 - see above

    return opening.open_table(path, item, name)
