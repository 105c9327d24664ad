"""Look-ups in the credit register: by platforms, agencies and compliance teams, some of them heavy users."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.market.clock import waking
from chengxin.market.columns import network_addresses, time
from chengxin.market.numbers import Generator, Ints, texts, weighted
from chengxin.market.plan import CHINA, DAY
from chengxin.market.world import World

NETWORK = 900_000_000
PEOPLE = 1_000_000_000  # nobody has a number from here on
KNOWN = 80  # of a hundred numbers that the register of people has given out, so many are still in use
ACCOUNTS = 900  # orders for each query account
PURPOSES = ("onboarding", "periodic review", "complaint", "credit check", "research")
Lookups = dict[str, NDArray[Any]]
COLUMNS = ("account", "platform", "at", "subject", "natural", "purpose", "ip", "found")


def accounts(world: World) -> int:
    """How many honest accounts look things up: the more, the larger the market."""
    return max(300, world.plan.orders // ACCOUNTS)


def honest(world: World, codes: list[str], random: Generator) -> Lookups:
    """What accounts look up in their work: mostly by day, firms and people of their own platform, some in
    batches."""
    plan = world.plan
    count = accounts(world)
    busy = np.exp(random.normal(2.6, 1.3, count))
    size = int(busy.sum())
    account = weighted(random, np.cumsum(busy), size)
    platform = random.integers(0, len(plan.platforms), count)[account]
    day = plan.start + random.integers(0, max(1, (plan.end - plan.start) // DAY), size) * DAY
    weekend = ((day + CHINA) // DAY + 3) % 7 >= 5
    day = np.where(weekend & (random.random(size) < 0.85), day - 2 * DAY, day)
    office = day + 3600 + np.minimum(spread_hours(random, size), 10 * 3600)
    night = random.random(count)[account] < 0.08  # nightly batch jobs of honest compliance teams
    batch = day + 18 * 3600 + random.integers(0, 5400, size)
    late = waking(random, size, day)
    at = np.where(night, batch, np.where(random.random(size) < 0.85, office, late))
    natural_share = random.beta(0.7, 4.0, count)[account]
    natural = random.random(size) < natural_share
    known = random.random(size) < 0.93
    shop = random.integers(0, world.shops.count, size)
    person = random.integers(0, world.buyers.count, size)
    person = np.where(known, person * 100 // KNOWN, PEOPLE + random.integers(0, 10**7, size))
    subject = np.where(natural, person, np.where(known, shop, len(codes) + random.integers(0, 10**6, size)))
    return {
        "account": world.words("query account", account),
        "platform": platform,
        "at": np.clip(at, plan.start, plan.end - 1),
        "subject": subject,
        "natural": natural,
        "purpose": np.where(
            random.random(size) < 0.1, -1, (account * 7 + random.integers(0, 2, size)) % len(PURPOSES)
        ),
        "ip": NETWORK + account * 8 + random.integers(0, 3, size),
        "found": known,
    }


def spread_hours(random: Generator, size: int) -> Ints:
    """Seconds after nine in the morning at which office work is done, with a dip at noon."""
    morning = random.random(size) < 0.48
    return np.where(morning, random.integers(0, 3 * 3600, size), random.integers(5 * 3600, 9 * 3600, size))


def frame(world: World, codes: list[str], made: Lookups) -> pl.DataFrame:
    """The lake's table of queries."""
    size = len(made["account"])
    purpose = made["purpose"]
    subject, natural = made["subject"], made["natural"]
    firms = pl.Series(codes).gather(subject % len(codes))
    stray = texts(world.words("no firm", subject))
    people = texts(subject + 310_000_000_000)
    who = pl.DataFrame({"natural": natural, "people": people, "firms": firms, "stray": stray}).select(
        pl.when(pl.col("natural"))
        .then("people")
        .when(pl.Series(subject < len(codes)))
        .then("firms")
        .otherwise("stray")
    )
    return pl.DataFrame(
        {
            "query_id": texts(world.words("query", np.arange(size))),
            "platform": world.platforms.gather(made["platform"]),
            "account_id": texts(made["account"]),
            "at": time(made["at"]),
            "subject_id": who.to_series(),
            "subject_kind": pl.Series(["legal", "natural"]).gather(natural.astype(np.int64)),
            "purpose": pl.Series(PURPOSES).gather(np.maximum(purpose, 0)).set(pl.Series(purpose < 0), None),
            "ip": network_addresses(world.plan.seed, made["ip"]),
            "found": made["found"],
        }
    )


def joined(parts: list[Lookups]) -> Lookups:
    """All look-ups as one."""
    return {name: np.concatenate([part[name] for part in parts]) for name in COLUMNS}
