"""Shops' conduct, applied to the orders of a piece."""

from __future__ import annotations

import numpy as np

from chengxin.market import money
from chengxin.market.drafts import Drafts, taken
from chengxin.market.numbers import Generator, spread
from chengxin.market.plan import DAY
from chengxin.market.ratings import Rated
from chengxin.market.schemes.scene import Scene


def misbehave(scene: Scene, random: Generator, part: Drafts) -> None:
    """Rewrites the orders that shops' conduct touches; schemes' own orders are left as they are."""
    order = np.argsort(part["shop"], kind="stable")
    shops = part["shop"][order]
    for one in scene.conducts:
        rows = order[np.searchsorted(shops, one.shop) : np.searchsorted(shops, one.shop, side="right")]
        at = part["created"][rows]
        rows = rows[(at >= one.start) & (at < one.end) & (part["scheme"][rows] < 0)]
        rows = rows[random.random(len(rows)) < one.share]
        some = taken(part, rows)
        for name, decide in one.decisions.items():
            some[name] = decide(random, some)
            part[name][rows] = some[name]
        part["scheme"][rows] = one.scheme
        part["forged"][rows] = one.forged


def rewards(scene: Scene, random: Generator, whole: Drafts, given: Rated) -> money.Transfers:
    """What shops pay to those who rated as they were asked to."""
    world = scene.world
    parts: list[tuple[int, money.Transfers]] = []
    for one in scene.conducts:
        if one.reward is None or one.scheme < 0:
            continue
        rows = np.flatnonzero(whole["scheme"][given.row] == one.scheme)
        if not len(rows) or any(one.scheme == seen for seen, _ in parts):
            continue
        row = given.row[rows]
        fen = np.round(random.uniform(*one.reward, len(rows))).astype(np.int64) * 100
        at = given.at[rows] + spread(random, len(rows), 0.6 * DAY, 1.0).astype(np.int64)
        payer, payee = world.shops.words[whole["shop"][row]], world.buyers.words[whole["buyer"][row]]
        parts.append((one.scheme, money.Transfers.of(payer, payee, fen, at)))
    return money.joined([made for _, made in parts])
