"""Money on its way: payments, refunds, and transfers beside the platform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chengxin.market.columns import money, time
from chengxin.market.drafts import Drafts
from chengxin.market.numbers import Generator, Ints, Words, texts, weighted
from chengxin.market.world import World

INSTITUTIONS = ("tidepay", "reedbank")
KINDS = ("pay", "refund", "transfer")
REFUND, TRANSFER = 1 << 50, 1 << 51


@dataclass(frozen=True)
class Transfers:
    """Money between accounts beside the orders: opaque words of payer and payee, fen, epoch seconds;
    `order` is the number of the order that it names, −1 for none."""

    payer: Words
    payee: Words
    amount: Ints
    at: Ints
    order: Ints

    @staticmethod
    def of(payer: Words, payee: Words, amount: Ints, at: Ints, order: Ints | None = None) -> Transfers:
        """Transfers that name no order unless given."""
        return Transfers(payer, payee, amount, at, np.full(len(amount), -1) if order is None else order)


def joined(parts: list[Transfers]) -> Transfers:
    """All transfers as one."""
    if not parts:
        none = np.zeros(0, dtype=np.int64)
        return Transfers(none.astype(np.uint64), none.astype(np.uint64), none, none, none)
    return Transfers(
        *(
            np.concatenate([getattr(part, name) for part in parts])
            for name in ("payer", "payee", "amount", "at", "order")
        )
    )


def some(made: Transfers, rows: Ints) -> Transfers:
    """The transfers at the given rows."""
    return Transfers(made.payer[rows], made.payee[rows], made.amount[rows], made.at[rows], made.order[rows])


def institution(world: World, buyer: Words) -> pl.Series:
    """With which institution an account pays: each has one."""
    first = (buyer >> np.uint64(7)) % np.uint64(100) < np.uint64(68)
    return pl.Series(INSTITUTIONS).gather(np.where(first, 0, 1))


def payments(world: World, random: Generator, made: Drafts) -> pl.DataFrame:
    """The lake's payments of a piece's orders: what was paid and what went back."""
    buyer = world.buyers.words[made["buyer"]]
    paid = np.flatnonzero(made["paid"] >= 0)
    back = np.flatnonzero(made["refund_at"] >= 0)
    row = np.concatenate([paid, back])
    goes_back = np.arange(len(row)) >= len(paid)
    seller = world.shops.words[made["shop"][row]]
    amount = np.where(goes_back, made["refund_fen"][row], made["amount"][row])
    return pl.DataFrame(
        {
            "payment_id": texts(world.words("payment", made["number"][row] + np.where(goes_back, REFUND, 0))),
            "order_id": texts(world.words("order", made["number"][row])),
            "institution": institution(world, buyer[row]),
            "payer_id": texts(np.where(goes_back, seller, buyer[row])),
            "payee_id": texts(np.where(goes_back, buyer[row], seller)),
            "amount": money(amount),
            "paid_at": time(np.where(goes_back, made["refund_at"][row], made["paid"][row])),
            "kind": pl.Series(KINDS).gather(goes_back.astype(np.int64)),
        }
    )


def transfers(world: World, made: Transfers, first: int) -> pl.DataFrame:
    """The lake's payments that are transfers beside the orders, numbered from `first`."""
    kept = np.flatnonzero((made.at >= world.plan.start) & (made.at < world.plan.end))
    number = first + kept
    return pl.DataFrame(
        {
            "payment_id": texts(world.words("payment", number)),
            "order_id": texts(world.words("order", made.order[kept]), made.order[kept] < 0),
            "institution": institution(world, made.payee[kept]),
            "payer_id": texts(made.payer[kept]),
            "payee_id": texts(made.payee[kept]),
            "amount": money(made.amount[kept]),
            "paid_at": time(made.at[kept]),
            "kind": pl.Series([KINDS[2]] * len(kept), dtype=pl.String),
        }
    )


def honest(world: World, random: Generator) -> Transfers:
    """Transfers that mean no harm: gifts and settlements after sales, between people, wages and purchases
    of shops."""
    plan, shops, buyers = world.plan, world.shops, world.buyers
    sales = np.cumsum(shops.weight**0.6)
    often = np.cumsum(np.exp(random.normal(0, 1.2, buyers.count)))
    suppliers = world.words("person", np.arange(shops.count))
    parts = []
    for size, payer, payee, median in (
        (plan.orders // 50, shops.words[weighted(random, sales, plan.orders // 50)], buyers.words, 1200.0),
        (plan.orders // 7, buyers.words[weighted(random, often, plan.orders // 7)], buyers.words, 6000.0),
        (plan.orders // 18, shops.words[weighted(random, sales, plan.orders // 18)], suppliers, 150000.0),
        (plan.orders // 80, buyers.words[weighted(random, often, plan.orders // 80)], shops.words, 4000.0),
    ):
        heavy = often if len(payee) == buyers.count else np.arange(1.0, len(payee) + 1)
        other = weighted(random, heavy, size)
        fen = np.round(median * np.exp(random.normal(0, 1.1, size)) / 100) * 100
        odd = random.random(size) < 0.25
        fen = np.where(odd, fen + random.integers(1, 100, size), np.maximum(fen, 100))
        at = random.integers(plan.start, plan.end, size)
        parts.append(Transfers.of(payer, payee[other], fen.astype(np.int64), at))
    return joined([*parts, *_portals(world, random), *_payers(world, random)])


def _portals(world: World, random: Generator) -> list[Transfers]:
    """Rebate portals: shops pay them for customers in round sums, they pay buyers a little each month."""
    plan, shops, buyers = world.plan, world.shops.words, world.buyers.words
    parts = []
    for number in range(max(2, plan.orders // 60_000)):
        portal = world.words("person", np.array([500_000_000 + number]))[0]
        clients = random.choice(shops, int(random.integers(5, max(6, len(shops) // 40))))
        members = random.choice(buyers, int(random.integers(20, max(30, len(buyers) // 60))))
        for month in plan.month_starts()[:-1]:
            fee = (
                np.round(20_000 * np.exp(random.normal(0, 0.9, len(clients))) / 10_000).astype(np.int64)
                * 10_000
            )
            at = month + random.integers(0, 26 * 86400, len(clients))
            parts.append(Transfers.of(clients, np.full(len(clients), portal), np.maximum(fee, 10_000), at))
            paid = members[random.random(len(members)) < 0.7]
            rebate = (
                np.round(1500 * np.exp(random.normal(0, 1.2, len(paid))) / 10).astype(np.int64) * 10 + 100
            )
            at = month + 20 * 86400 + random.integers(0, 5 * 86400, len(paid))
            parts.append(Transfers.of(np.full(len(paid), portal), paid, rebate, at))
    return parts


def _payers(world: World, random: Generator) -> list[Transfers]:
    """Those who pay the same people again and again: employers, heads of groups that buy together,
    relatives."""
    plan, parts = world.plan, []
    for number in range(max(12, plan.orders // 3000)):
        payer = world.words("person", np.array([600_000_000 + number]))[0]
        people = random.choice(world.buyers.words, int(np.exp(random.uniform(np.log(2), np.log(50)))))
        times = int(random.integers(2, 12))
        payee = np.repeat(people, times)
        usual = float(np.exp(random.uniform(np.log(1500), np.log(500_000))))
        fen = np.round(usual * np.exp(random.normal(0, 0.6, len(payee))) / 100).astype(np.int64) * 100 + 100
        at = random.integers(plan.start, plan.end, times)
        when = np.tile(at, len(people)) + random.integers(0, 7200, len(payee))
        parts.append(Transfers.of(np.full(len(payee), payer), payee, fen, when))
    return parts
