"""How well each source sends: rows, accept rate, lateness, missing codes, by month and item (plan 9.1d)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from chengxin.database import reading


@dataclass(frozen=True)
class Quality:
    """One source's files of one item in one month of receipt; refused files count as files alone."""

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

    @property
    def accept_rate(self) -> float:
        """Share of rows that were not rejected; 1 where there were none."""
        return 1 - self.rejected / self.rows if self.rows else 1.0

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"accept_rate": round(self.accept_rate, 6)}


_MONTHLY = """
    SELECT to_char(b.received_on, 'YYYY-MM'), o.name, b.item,
        count(*), count(*) FILTER (WHERE b.stage = 'refused'),
        sum(b.rows), sum(b.kept), sum(b.duplicate), sum(b.rejected), sum(b.late), sum(b.without_code)
    FROM exchange_batch b JOIN accounts_organisation o ON o.id = b.source_id
    GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2, 3 LIMIT %s OFFSET %s"""


def monthly(limit: int = 500, offset: int = 0) -> list[Quality]:
    """The figures, newest month first."""
    return [
        Quality(month, source, item, *(int(number) for number in numbers))
        for month, source, item, *numbers in reading.rows(_MONTHLY, [limit, offset])
    ]
