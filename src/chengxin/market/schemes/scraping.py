"""Accounts that draw personal data out of the register."""

from __future__ import annotations

import numpy as np

from chengxin.market.clock import waking
from chengxin.market.numbers import texts
from chengxin.market.plan import DAY
from chengxin.market.queries import KNOWN, NETWORK, PEOPLE
from chengxin.market.schemes.scene import Scene
from chengxin.market.truth import guilty


def scraping(scene: Scene, level: int) -> None:
    """One account looks up natural persons: number by number at an even pace, or scattered among ordinary
    work."""
    random, world, plan = scene.random, scene.world, scene.world.plan
    _, scheme = scene.scheme("scraping", level)
    account = world.words("query account", scene.numbers(1))
    size = int(np.exp(random.uniform(np.log(150), np.log(3000)) / (1, 1.05, 1.15)[level - 1]))
    ordinary = int(size * (0.02, 0.2, 0.6)[level - 1] * random.uniform(0.3, 1.5))
    days = random.uniform(2, 15) * level
    start = int(random.integers(plan.start, max(plan.start + 1, plan.end - round(days * DAY))))
    pace = max(2.0, days * DAY / size * (0.3, 0.6, 1.0)[level - 1])
    steps = random.normal(pace, pace * (0.02, 0.25, 1.0)[level - 1], size).clip(0.5)
    at = start + np.cumsum(steps).astype(np.int64)
    if level > 1:
        at = np.where(random.random(size) < (0, 0.5, 0.85)[level - 1], waking(random, size, at), at)
    people = world.buyers.count * 100 // KNOWN
    first = int(random.integers(0, people))
    in_turn = (first + np.cumsum(random.geometric((1.0, 0.5, 0.1)[level - 1], size))) % (people + people // 8)
    scattered = random.integers(0, people, size)
    number = np.where(random.random(size) < (0.97, 0.6, 0.15)[level - 1], in_turn, scattered)
    natural = np.concatenate([np.ones(size, dtype=bool), np.zeros(ordinary, dtype=bool)])
    subject = np.concatenate([number, random.integers(0, world.shops.count, ordinary)])
    hit = random.random(size + ordinary) < np.where(natural, KNOWN / 100 * (0.8, 0.95, 1.0)[level - 1], 0.93)
    office = start // DAY * DAY + random.integers(0, max(1, int(days)), ordinary) * DAY + 3600
    when = np.concatenate([at, office + random.integers(0, 9 * 3600, ordinary)])
    total = size + ordinary
    platform = int(random.integers(0, len(plan.platforms)))
    purpose = random.integers(0, 4, 2)
    scene.lookups.append(
        {
            "account": np.repeat(account, total),
            "platform": np.full(total, platform),
            "at": np.clip(when, plan.start, plan.end - 1),
            "subject": np.where(natural & ~hit & (subject >= PEOPLE), PEOPLE + subject, subject),
            "natural": natural,
            "purpose": np.where(random.random(total) < 0.12, -1, random.choice(purpose, total)),
            "ip": NETWORK + 400_000_000 + int(scene.numbers(1)[0]) * 8 + random.integers(0, 3, total),
            "found": hit,
        }
    )
    scene.guilty.append(
        guilty("data_scraping", "account", str(world.platforms[platform]), texts(account), scheme)
    )
