"""What is true of an invented market: who is guilty of what, and who only looks it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

ENTITIES = {
    "detector": pl.String,
    "entity": pl.String,
    "platform": pl.String,
    "entity_id": pl.String,
    "scheme": pl.String,
    "kind": pl.String,
    "level": pl.Int8,
}
TWINS = {"entity": pl.String, "platform": pl.String, "entity_id": pl.String, "twin": pl.String}


@dataclass(frozen=True)
class Truth:
    """The guilty by detector and entity, each with its scheme's id, kind and level; and the honest twins."""

    entities: pl.DataFrame
    twins: pl.DataFrame

    def write(self, folder: Path) -> None:
        """Writes `entities.parquet` and `twins.parquet` into a folder, which must not be the lake's."""
        folder.mkdir(parents=True, exist_ok=True)
        self.entities.write_parquet(folder / "entities.parquet")
        self.twins.write_parquet(folder / "twins.parquet")


def read(folder: Path) -> Truth:
    """The truth that was written into a folder."""
    return Truth(pl.read_parquet(folder / "entities.parquet"), pl.read_parquet(folder / "twins.parquet"))


@dataclass(frozen=True)
class Scheme:
    """A scheme that is run: its id, kind, level of skill; for which detectors its ratings and waybills are
    guilty."""

    name: str
    kind: str
    level: int
    ratings: tuple[str, ...] = ()
    waybills: tuple[str, ...] = ()


def guilty(
    detector: str, entity: str, platform: pl.Series | str, ids: pl.Series, scheme: Scheme
) -> pl.DataFrame:
    """Rows of guilty entities of one scheme."""
    where = pl.lit(platform, dtype=pl.String) if isinstance(platform, str) else platform
    return pl.DataFrame({"entity_id": ids}).select(
        pl.lit(detector).alias("detector"),
        pl.lit(entity).alias("entity"),
        where.alias("platform"),
        "entity_id",
        pl.lit(scheme.name).alias("scheme"),
        pl.lit(scheme.kind).alias("kind"),
        pl.lit(scheme.level, dtype=pl.Int8).alias("level"),
    )


def gathered(frames: Iterable[pl.DataFrame], schema: Mapping[str, type[pl.DataType]]) -> pl.DataFrame:
    """The frames as one, each row once, in an order of their own."""
    kept = [frame.select(list(schema)) for frame in frames if frame.height]
    whole = pl.concat(kept) if kept else pl.DataFrame(schema=dict(schema))
    return whole.unique().sort(list(schema))
