"""Which honest twins live in a market, and how many of each."""

from __future__ import annotations

from collections.abc import Callable

from chengxin.market.schemes.scene import Scene
from chengxin.market.twins import goods, people, post, sales

EACH, MOST = 90_000, 60  # orders of a market for each twin of a kind, at least one; and how many at most
KINDS: dict[str, Callable[[Scene], None]] = {
    "dormitory": people.dormitory,
    "office": people.office,
    "household": people.household,
    "village agent": people.village_agent,
    "brand fans": people.brand_fans,
    "neighbourhood group": people.neighbourhood,
    "wholesale buyer": people.wholesale,
    "quick to confirm": people.quick_to_confirm,
    "exacting customer": people.exacting,
    "live stream": sales.live_stream,
    "flash sale": sales.flash_sale,
    "declared trial": sales.declared_trial,
    "gift after sales": sales.gifts,
    "advertising": sales.advertising,
    "village station": post.village_station,
    "depot without scans": post.depot_without_scans,
    "depot clock": post.depot_clock,
    "drop shipping": post.drop_shipping,
    "samples": post.samples,
    "bad lot": goods.bad_lot,
    "clearance": goods.clearance,
    "wrong sizes": goods.wrong_sizes,
    "market hall": goods.market_hall,
    "reassigned phone": goods.reassigned_phone,
    "similar name": goods.similar_name,
    "chain": goods.chain,
    "night batch": goods.night_batch,
}


def run(scene: Scene) -> None:
    """Brings every kind of twin into the market."""
    times = min(MOST, max(1, round(scene.world.plan.orders / EACH)))
    for make in KINDS.values():
        for _ in range(times):
            make(scene)
