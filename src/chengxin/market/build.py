"""Inventing a market: honest people and schemes month by month, written as a lake, with the truth beside it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl

from chengxin.market import catalogue, logistics, money, orders, queries, ratings, register, traffic
from chengxin.market.drafts import Drafts, joined, size_of, taken
from chengxin.market.lake import Writer
from chengxin.market.numbers import Generator, generator, texts
from chengxin.market.plan import DAY, Plan
from chengxin.market.schemes import run
from chengxin.market.schemes.scene import Scene, scene
from chengxin.market.truth import ENTITIES, TWINS, Truth, gathered, guilty
from chengxin.market.world import World, world


def build(folder: Path, plan: Plan) -> Truth:
    """Writes an invented market into `folder` as a lake (see `chengxin.lake.contract`) and returns the truth.

    Memory is bounded by `plan.piece` orders at a time and by what lasts (buyers, shops, goods). The same plan gives
    the same market.
    """
    made = world(plan)
    stage = scene(made, register.register(made))
    run.run(stage)
    writer = Writer(folder, plan.seed, plan.tables)
    _standing(stage, writer)
    added = joined(stage.drafts)
    visits = traffic.joined(stage.visits) if stage.visits else None
    starts = plan.month_starts()
    number, waybill, visit = stage.orders, 1_000, 0
    for month, (start, end) in enumerate(zip(starts, starts[1:], strict=False)):
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
            writer.write("prices", catalogue.prices(made, generator(plan.seed, "prices", month), start, end))
    return Truth(gathered(stage.guilty, ENTITIES), gathered(stage.twins, TWINS))


def _completed(made: World, random: Generator, part: Drafts, waybill: int) -> tuple[Drafts, np.ndarray]:  # type: ignore[type-arg]
    """What becomes of drafts, and the times of their parcels."""
    part = orders.lives(made, random, orders.decided(made, random, part))
    part, times = logistics.sent(made, random, part, waybill)
    return orders.ended(made, random, part), times


def _facts(stage: Scene, writer: Writer, random: Generator, whole: Drafts, times: np.ndarray) -> None:  # type: ignore[type-arg]
    """Writes what follows from a piece's orders."""
    made = stage.world
    writer.write("orders", orders.frame(made, random, whole))
    given = ratings.rated(made, random, whole)
    writer.write("ratings", ratings.frame(made, random, whole, given, stage.palettes))
    writer.write("payments", money.payments(made, random, whole))
    shipped = whole["shipped"] >= 0
    sent = taken(whole, shipped)
    writer.write("parcels", logistics.parcels(made, random, sent))
    writer.write("scans", logistics.scans(made, random, sent, times[shipped]))
    _blame(stage, whole, given)


def _blame(stage: Scene, whole: Drafts, given: ratings.Rated) -> None:
    """Writes down the guilty ratings and waybills of a piece, which are known only once they are made."""
    made = stage.world
    scheme = whole["scheme"]
    light = whole["weight"] < 0.5 * made.products.weight[whole["product"]] * whole["quantity"]
    for number in np.unique(scheme[scheme >= 0]):
        one = stage.schemes[number]
        rows = given.row[scheme[given.row] == number]
        ids = texts(made.words("rating", whole["number"][rows]))
        platform = made.platforms.gather(made.shops.platform[whole["shop"][rows]])
        for detector in one.ratings:
            stage.guilty.append(guilty(detector, "rating", platform, ids, one.name, one.kind, one.level))
        sent = (scheme == number) & (whole["shipped"] >= 0)
        rows = np.flatnonzero(sent & light if one.kind != "forged logistics" else sent & (whole["route"] > 0))
        carrier = orders.names().gather(whole["carrier"][rows])
        for detector in one.waybills:
            ids = orders.waybills(taken(whole, rows))
            stage.guilty.append(guilty(detector, "waybill", carrier, ids, one.name, one.kind, one.level))


def _standing(stage: Scene, writer: Writer) -> None:
    """Writes what does not follow from orders: sellers, lists, marks, listings, queries, transfers."""
    made, plan = stage.world, stage.world.plan
    random = generator(plan.seed, "standing")
    writer.write("sellers", register.sellers(made, stage.register))
    writer.write("listed", register.listed(stage.register))
    writer.write("marks", register.marks(stage.register))
    writer.write("listings", catalogue.listings(made, generator(plan.seed, "listings")))
    writer.write(
        "queries", queries.frame(made, random, queries.honest(made, generator(plan.seed, "queries")))
    )
    moved = money.joined([money.honest(made, generator(plan.seed, "transfers")), *stage.transfers])
    writer.write("payments", money.transfers(made, moved))


__all__ = ["DAY", "build", "pl"]
