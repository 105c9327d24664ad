"""What market to invent: how large, how long, with which schemes and at which level of skill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

CHINA = 8 * 3600  # people live by China time; the lake's times are UTC
DAY = 86400
KINDS = (
    "brushing",
    "inflated_ratings",
    "malicious_ratings",
    "empty_parcels",
    "forged_logistics",
    "fake_traffic",
    "price_fraud",
    "not_as_described",
    "counterfeit",
    "look_alikes",
    "re_entry",
    "data_scraping",
)
LEVELS = (1, 2, 3)
CARRIERS = ("swift", "heron", "granite", "comet")
TABLES = (
    "orders",
    "ratings",
    "parcels",
    "scans",
    "payments",
    "visits",
    "prices",
    "listings",
    "queries",
    "listed",
    "marks",
    "sellers",
)


@dataclass(frozen=True)
class Plan:
    """A market to be invented.

    `orders` is roughly how many honest people place; `first_month` is `2026-01`, `months` how many follow
    on. `kinds` and `levels` say which schemes are run (1 clumsy, 2 careful, 3 like the best); `share` is
    the largest part of the entities of a kind that one scheme kind may make guilty. `piece` is how many
    orders are held in memory at once.
    """

    seed: int
    orders: int = 300_000
    first_month: str = "2026-01"
    months: int = 4
    platforms: tuple[str, ...] = ("harbour", "lantern", "orchard")
    carriers: tuple[str, ...] = CARRIERS
    kinds: tuple[str, ...] = KINDS
    levels: tuple[int, ...] = LEVELS
    share: float = 0.01
    twins: bool = True
    tables: tuple[str, ...] = TABLES
    piece: int = 400_000

    def __post_init__(self) -> None:
        for given, known in ((self.kinds, KINDS), (self.levels, LEVELS), (self.tables, TABLES)):
            for one in given:
                if one not in known:
                    raise ValueError(f"没有“{one}”，可用的有 {known} / there is no {one!r}, only {known}")
        if len(self.carriers) != len(CARRIERS):
            raise ValueError(f"承运人应为{len(CARRIERS)}个 / there must be {len(CARRIERS)} carriers")
        if self.orders < 20_000 or self.months < 2 or not self.platforms:
            raise ValueError(
                "至少需要两万笔订单、两个月、一个平台 / it takes 20,000 orders, two months and a platform"
            )

    def month_starts(self) -> list[int]:
        """When each month begins, and at last when the final one ends, as epoch seconds (midnight UTC)."""
        year, month = (int(part) for part in self.first_month.split("-"))
        starts = []
        for step in range(self.months + 1):
            years, months = divmod(month - 1 + step, 12)
            starts.append(int(datetime(year + years, months + 1, 1, tzinfo=UTC).timestamp()))
        return starts

    @property
    def start(self) -> int:
        """The first second of the market."""
        return self.month_starts()[0]

    @property
    def end(self) -> int:
        """The first second that the lake no longer knows of."""
        return self.month_starts()[-1]
