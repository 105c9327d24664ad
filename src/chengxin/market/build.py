"""Inventing a market: honest people and schemes month by month, written as a lake, with the truth beside
it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from chengxin.market import (
    blame,
    brands,
    catalogue,
    conduct,
    known,
    logistics,
    money,
    orders,
    queries,
    quotes,
    ratings,
    register,
    traffic,
)
from chengxin.market.drafts import Drafts, joined, size_of, taken
from chengxin.market.lake import Writer
from chengxin.market.numbers import Generator, Ints, generator
from chengxin.market.plan import Plan
from chengxin.market.schemes import run
from chengxin.market.schemes.scene import Scene, scene
from chengxin.market.truth import ENTITIES, TWINS, Truth, gathered
from chengxin.market.twins import run as honest_twins
from chengxin.market.world import World, world


def build(folder: Path, plan: Plan, keep: known.Keep | None = None) -> Truth:
    """Writes an invented market into `folder` as a lake (see `chengxin.lake.contract`) and returns the truth.

    Memory is bounded by `plan.piece` orders at a time and by what lasts (buyers, shops, goods). The same
    plan gives the same market. `keep` says who keeps the shops, where the caller knows firms that could.
    """
    made = world(plan)
    brands.give_codes(made)
    stage = scene(made, register.register(made))
    run.run(stage)
    if plan.twins:
        honest_twins.run(stage)
    if keep is not None:
        known.give(stage, keep(known.shops(stage)))
    writer = Writer(folder, plan.seed, plan.tables)
    _standing(stage, writer)
    added = joined(stage.drafts)
    visits = traffic.joined(stage.visits) if stage.visits else None
    starts = plan.month_starts()
    number, waybill, visit = stage.orders, 1_000, 0
    for month, (start, end) in enumerate(pairwise(starts)):
        share = (end - start) / (plan.end - plan.start)
        left = round(plan.orders * share)
        pieces = max(1, -(-left // plan.piece))
        for piece in range(pieces):
            random = generator(plan.seed, "piece", month, piece)
            part = orders.honest(made, random, left // pieces, start, end)
            part["number"] = np.arange(number, number + size_of(part))
            number += size_of(part)
            if piece == 0:
                part = joined([part, taken(added, (added["created"] >= start) & (added["created"] < end))])
            conduct.misbehave(stage, random, part)
            whole, times = _completed(made, random, part, waybill)
            waybill += size_of(part)
            _facts(stage, writer, random, whole, times)
            browsed = traffic.browsing(made, random, round(size_of(part) * traffic.WITHOUT_ORDER), start, end)
            seen = [traffic.of_orders(made, random, whole), browsed]
            if visits is not None and piece == 0:
                seen.append(traffic.between(visits, start, end))
            if "visits" in plan.tables:
                frame, visit = traffic.frame(made, random, traffic.joined(seen), visit)
                writer.write("visits", frame)
        if "prices" in plan.tables:
            random = generator(plan.seed, "prices", month)
            for some in _blocks(np.arange(len(made.products.shop)), plan.piece):
                writer.write("prices", quotes.prices(made, random, start, end, some))
    blame.sellers(stage)
    return Truth(gathered(stage.guilty, ENTITIES), gathered(stage.twins, TWINS))


def _completed(made: World, random: Generator, part: Drafts, waybill: int) -> tuple[Drafts, NDArray[Any]]:
    """What becomes of drafts, and the times of their parcels."""
    part = orders.lives(made, random, orders.decided(made, random, part))
    part, times = logistics.sent(made, random, part, waybill)
    return orders.ended(made, random, part), times


def _facts(stage: Scene, writer: Writer, random: Generator, whole: Drafts, times: NDArray[Any]) -> None:
    """Writes what follows from a piece's orders."""
    made = stage.world
    writer.write("orders", orders.frame(made, random, whole))
    given = ratings.rated(made, random, whole)
    said = ratings.frame(made, random, whole, given, stage.palettes)
    writer.write("ratings", said)
    writer.write("payments", money.payments(made, random, whole))
    shipped = whole["shipped"] >= 0
    sent = taken(whole, shipped)
    writer.write("parcels", logistics.parcels(made, random, sent))
    writer.write("scans", logistics.scans(made, random, sent, times[shipped]))
    back = conduct.rewards(stage, random, whole, given)
    writer.write(
        "payments", money.transfers(made, back, money.TRANSFER + (1 << 40) + int(whole["number"].max()))
    )
    blame.ratings(stage, said)
    blame.waybills(stage, whole)


def _standing(stage: Scene, writer: Writer) -> None:
    """Writes what does not follow from orders: sellers, lists, marks, listings, queries, transfers."""
    made, plan = stage.world, stage.world.plan
    writer.write("sellers", register.sellers(made, stage.register))
    writer.write("listed", register.listed(made, stage.register))
    writer.write("marks", register.marks(stage.register))
    random = generator(plan.seed, "listings")
    offered = [catalogue.listings(made, random), catalogue.of_closed(made, stage.register.closed, random)]
    writer.write("listings", pl.concat(offered))
    asked = [queries.honest(made, stage.register.code, generator(plan.seed, "queries")), *stage.lookups]
    writer.write("queries", queries.frame(made, stage.register.code, queries.joined(asked)))
    moved = money.joined([money.honest(made, generator(plan.seed, "transfers")), *stage.transfers])
    for rows in _blocks(np.arange(len(moved.at)), 4 * plan.piece):
        writer.write(
            "payments", money.transfers(made, money.some(moved, rows), money.TRANSFER + int(rows[0]))
        )


def _blocks(numbers: Ints, size: int) -> Iterator[Ints]:
    """The numbers in blocks, so that memory stays bounded."""
    for first in range(0, len(numbers), size):
        yield numbers[first : first + size]
