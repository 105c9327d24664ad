"""Writing tables as the lake's contract wants them: Hive partitions by reporter and month, rows in no
order."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from chengxin.lake.contract import tables
from chengxin.market.numbers import generator


@dataclass
class Writer:
    """Writes pieces of tables into a folder; each piece becomes a file in every partition that it has rows
    of."""

    folder: Path
    seed: int
    wanted: tuple[str, ...]
    written: dict[str, int] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def write(self, name: str, frame: pl.DataFrame) -> None:
        """Adds a piece to a table; nothing for a table that isn't wanted."""
        if name not in self.wanted or not frame.height:
            return
        table = tables()[name]
        piece = self.written.get(name, 0)
        self.written[name] = piece + 1
        self.rows[name] = self.rows.get(name, 0) + frame.height
        order = generator(self.seed, "rows", name, piece).permutation(frame.height)
        frame = frame.select(table.names)
        if table.partition is None or table.clock is None:
            target = self.folder / name
            target.mkdir(parents=True, exist_ok=True)
            frame[order].write_parquet(target / f"{piece:05d}.parquet")
            return
        month = frame[table.clock].dt.strftime("%Y-%m").alias("__month")
        reporter = frame[table.partition].fill_null("unknown").alias("__reporter")
        parted = frame.with_columns(month, reporter)[order].partition_by(
            ["__reporter", "__month"], include_key=False, as_dict=True, maintain_order=True
        )
        for (who, when), part in sorted(parted.items(), key=lambda item: str(item[0])):
            target = self.folder / name / f"{table.partition}={who}" / f"month={when}"
            target.mkdir(parents=True, exist_ok=True)
            part.write_parquet(target / f"{piece:05d}.parquet", compression="zstd", compression_level=1)
