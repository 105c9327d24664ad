"""Carriers: their couriers by county, and the depots through which parcels go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chengxin.market.numbers import Floats, Ints, generator
from chengxin.market.places import Places
from chengxin.market.plan import CARRIERS, DAY, Plan

SHARES = np.cumsum([0.34, 0.28, 0.22, 0.16])
PREFIXES = ("SW", "HE7", "43", "CT")
ROAD_KMH = (58.0, 62.0, 55.0, 66.0)
FLIES = (0.0, 0.05, 0.0, 0.6)  # share of long hauls by air
PARCELS_A_DAY = 18.0  # of this market that a courier handles


@dataclass(frozen=True)
class Carriers:
    """Couriers of carrier c in county r have the numbers first[c, r] to first[c, r] + couriers[c, r] − 1.

    Schemes and twins rewrite cells of the others: `skipped` is the share of the scans that a city's depot
    of a carrier misses, `clock` how many seconds its clock is fast; of a courier, `visit_days` is how many
    days lie between his visits to a station, `forger` the number of the scheme in which he signs parcels
    that nobody got (−1 none), `forged` how many of them and `sign_way` how well (1–3).
    """

    first: Ints
    couriers: Ints
    skipped: Floats
    clock: Ints
    visit_days: Ints
    forger: Ints
    forged: Floats
    sign_way: Ints

    @property
    def count(self) -> int:
        """How many couriers there are."""
        return int(self.couriers.sum())


def carriers(plan: Plan, places: Places) -> Carriers:
    """The carriers of a market."""
    random = generator(plan.seed, "carriers")
    people = np.diff(places.cumulated, prepend=0.0) / places.cumulated[-1]
    share = np.diff(SHARES, prepend=0.0)
    days = (plan.end - plan.start) / DAY
    expected = share[:, None] * people[None, :] * plan.orders / days / PARCELS_A_DAY
    count = np.maximum(1, np.round(expected * np.exp(random.normal(0, 0.3, expected.shape)))).astype(np.int64)
    first = np.cumsum(count).reshape(count.shape) - count
    total = int(count.sum())
    skipped = np.clip(random.exponential(0.012, (len(CARRIERS), int(places.city.max()) + 1)), 0, 0.3)
    return Carriers(
        first=first.astype(np.int64),
        couriers=count,
        skipped=skipped,
        clock=np.zeros(skipped.shape, dtype=np.int64),
        visit_days=np.ones(total, dtype=np.int64),
        forger=np.full(total, -1),
        forged=np.zeros(total),
        sign_way=np.zeros(total, dtype=np.int64),
    )
