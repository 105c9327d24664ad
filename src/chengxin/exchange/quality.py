"""How well each source sends: rows, accept rate, lateness, missing codes, by month and item (plan 9.1d).

All figures are sums over batches, which bear them since their end; no record is read for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils import timezone

from chengxin.database import reading


@dataclass(frozen=True)
class Quality:
    """One source's files of one item in one month of receipt; refused files count as files alone.

    cells, filled: how many cells the accepted rows have, and how many of them are filled.
    """

    month: str
    source: str
    item: str
    files: int
    refused: int
    rows: int
    kept: int
    duplicate: int
    rejected: int
    late: int
    without_code: int
    cells: int = 0
    filled: int = 0
    source_id: int = 0

    @property
    def accept_rate(self) -> float:
        """Share of rows that were not rejected; 1 where there were none."""
        return 1 - self.rejected / self.rows if self.rows else 1.0

    @property
    def completeness(self) -> float | None:
        """Share of the accepted rows' cells that are filled; None where nothing was counted."""
        return self.filled / self.cells if self.cells else None

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        found = asdict(self)
        found.pop("source_id")
        complete = self.completeness
        return found | {
            "accept_rate": round(self.accept_rate, 6),
            "completeness": None if complete is None else round(complete, 6),
        }


_SUMS = """count(*), count(*) FILTER (WHERE b.stage = 'refused'),
        sum(b.rows), sum(b.kept), sum(b.duplicate), sum(b.rejected), sum(b.late), sum(b.without_code),
        sum(b.cells), sum(b.filled)"""

_MONTHLY = f"""
    SELECT to_char(b.received_on, 'YYYY-MM'), o.name, b.item, {_SUMS}, o.id
    FROM exchange_batch b JOIN accounts_organisation o ON o.id = b.source_id
    GROUP BY 1, 2, 3, o.id ORDER BY 1 DESC, 2, 3 LIMIT %s OFFSET %s"""


def monthly(limit: int = 500, offset: int = 0) -> list[Quality]:
    """The figures, newest month first."""
    return [
        Quality(month, source, item, *(int(number) for number in numbers))
        for month, source, item, *numbers in reading.rows(_MONTHLY, [limit, offset])
    ]


@dataclass(frozen=True)
class SourceQuality:
    """What the public sees of a source: over the last twelve months, shares from 0 to 1.

    items: ids of the catalogue; records: kept, corrections included; filled: share of cells that are filled,
    None where that was not counted.
    """

    source: str
    role: str
    items: tuple[str, ...]
    records: int
    accepted: float
    late: float
    last_received: date
    filled: float | None = None


_PUBLIC = """
    SELECT o.name, o.role, array_agg(DISTINCT b.item ORDER BY b.item), sum(b.kept),
        1 - sum(b.rejected) / nullif(sum(b.rows), 0), sum(b.late) / nullif(sum(b.kept), 0),
        max(b.received_on), sum(b.filled) / nullif(sum(b.cells), 0)
    FROM exchange_batch b JOIN accounts_organisation o ON o.id = b.source_id
    WHERE o.confirmed AND b.stage <> 'refused' AND b.received_on >= %s::date
    GROUP BY o.id, o.name, o.role ORDER BY sum(b.kept) DESC, o.name"""


def public_quality() -> list[SourceQuality]:
    """Every confirmed source that sent something within twelve months, the one with most records first."""
    return [
        SourceQuality(
            source=name,
            role=role,
            items=tuple(items),
            records=int(kept),
            accepted=1.0 if accepted is None else float(accepted),
            late=float(late or 0),
            last_received=last,
            filled=None if filled is None else float(filled),
        )
        for name, role, items, kept, accepted, late, last, filled in reading.rows(
            _PUBLIC, [first_month(timezone.localdate())]
        )
    ]


MONTHS = 12


def first_month(today: date) -> date:
    """The first day of the twelve months that end with today's."""
    return months(today)[0]


def months(today: date, count: int = MONTHS) -> Sequence[date]:
    """The first days of as many months, the last one today's."""
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - count + 1, last + 1)]
