"""Brushing, on small markets made by hand: rings, shops alone, and those who only look like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.tests.lakes import found, opened, scores, written
from chengxin.detection.trades.odd_orders import odd_orders

DAY, HOUR = 86400, 3600
BEGAN = 1_767_225_600  # 2026-01-01 UTC
SHOPS, BUYERS = 80, 900


class Market:
    """Honest orders, to which a test adds what it is about."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(11)
        self.orders: list[dict[str, Any]] = []
        self.payments: list[dict[str, Any]] = []
        popular = 1 / np.arange(1, SHOPS + 1) ** 0.7
        shops = self.random.choice(SHOPS, 4000, p=popular / popular.sum())
        for shop, buyer in zip(shops, self.random.integers(0, BUYERS, 4000), strict=True):
            self.order(f"s{shop}", f"b{buyer}")

    def order(self, shop: str, buyer: str, **changes: Any) -> str:
        """One order like any other, but for `changes`."""
        id = f"o{len(self.orders)}"
        at = BEGAN + int(self.random.integers(0, 80 * DAY))
        shipped = at + int(self.random.integers(4, 40)) * HOUR
        self.orders.append(
            {
                "order_id": id,
                "platform": "p",
                "seller_id": shop,
                "buyer_id": buyer,
                "product_id": f"{shop}-1",
                "quantity": 1,
                "amount": 5000,
                "created_at": at,
                "shipped_at": shipped,
                "received_at": shipped + int(self.random.integers(50, 200)) * HOUR,
                "status": "received",
                "refund_amount": 0,
                "buyer_device": f"d-{buyer}",
                "buyer_ip": f"i-{buyer}",
                "address_hash": f"a-{buyer}",
                "entry": str(self.random.choice(["search", "recommend", "ad"])),
                "dwell_s": float(self.random.lognormal(4, 0.8)),
            }
            | changes
        )
        return id

    def back(self, order: str, payer: str, fen: int) -> None:
        """Money that goes to the buyer two days after the order."""
        facts = next(one for one in reversed(self.orders) if one["order_id"] == order)
        self.payments.append(
            {
                "payment_id": f"t{len(self.payments)}",
                "order_id": None,
                "institution": "i",
                "payer_id": payer,
                "payee_id": facts["buyer_id"],
                "amount": fen,
                "paid_at": facts["created_at"] + 2 * DAY,
                "kind": "transfer",
            }
        )

    def frame(self) -> pl.DataFrame:
        """The orders, amounts in yuan."""
        return pl.DataFrame(self.orders).with_columns(pl.col("amount", "refund_amount") / 100)

    def leads(self, folder: Path) -> tuple[Lead, ...]:
        """What the detector finds, money written as yuan."""
        tables = {"orders": self.frame()}
        if self.payments:
            tables["payments"] = pl.DataFrame(self.payments, infer_schema_length=None).with_columns(
                pl.col("amount") / 100
            )
        result = found(written(folder, **tables), "brushing")
        assert result.failed == ()
        return result.leads


RING_SHOPS, RING = ("s40", "s52", "s66"), [f"b{n}" for n in range(100, 112)]


@pytest.mark.obligation("17b")
@pytest.mark.obligation("9.2c")
def test_a_ring_that_orders_blindly_from_one_device_is_found_with_its_members(tmp_path: Path) -> None:
    market = Market()
    for buyer in RING:
        for shop in RING_SHOPS:
            market.order(shop, buyer, dwell_s=1.0, buyer_device="d-x", entry="link")
    leads = market.leads(tmp_path)
    sellers, buyers = scores(leads, "seller"), scores(leads, "buyer")
    assert {*list(sellers)[:3]} == {*RING_SHOPS}
    assert min(sellers[one] for one in RING_SHOPS) > 0.5
    assert {*list(buyers)[:12]} == {*RING}
    rings = {one.ring for one in leads if one.entity_id in {*RING_SHOPS, *RING}}
    assert len(rings) == 1, "one scheme is one lead"
    assert None not in rings
    first = next(one for one in leads if one.entity == "seller")
    assert {"shared_device", "no_browsing"} <= {seen.signal.name for seen in first.signals}
    assert {*first.accounts[:12]} <= {*RING}, "the oddest orders are shown first"


def test_a_ring_with_devices_browsing_and_addresses_of_its_own_is_betrayed_by_its_money(
    tmp_path: Path,
) -> None:
    market = Market()
    for buyer in RING:
        for shop in RING_SHOPS:
            market.back(market.order(shop, buyer), "organiser", 5800)
    leads = market.leads(tmp_path)
    sellers = scores(leads, "seller")
    assert {*list(sellers)[:3]} == {*RING_SHOPS}
    assert {"shared_buyers", "money_back"} <= {seen.signal.name for seen in leads[0].signals}


def test_a_shop_that_brushes_alone_is_found_with_its_accounts(tmp_path: Path) -> None:
    market = Market()
    for n in range(30):
        order = market.order("s60", f"b{200 + n % 6}", dwell_s=1.0, buyer_device="d-y")
        market.back(order, "s60", 5500)
    leads = market.leads(tmp_path)
    sellers, buyers = scores(leads, "seller"), scores(leads, "buyer")
    assert next(iter(sellers)) == "s60"
    assert {*list(buyers)[:6]} == {f"b{200 + n}" for n in range(6)}


def test_a_dormitory_that_buys_together_is_no_ring(tmp_path: Path) -> None:
    market = Market()
    for buyer in RING:
        for shop in RING_SHOPS:
            market.order(shop, buyer, address_hash="a-dormitory", buyer_ip="i-dormitory")
    leads = market.leads(tmp_path)
    assert max(scores(leads, "seller").values(), default=0) < 0.5
    assert scores(leads, "buyer") == {}


def test_fans_of_three_shops_wait_behind_a_ring_with_odd_orders(tmp_path: Path) -> None:
    market = Market()
    for buyer in RING:
        for shop in RING_SHOPS:
            market.order(shop, buyer, dwell_s=1.0, buyer_device="d-x")
    fans, favourites = [f"b{n}" for n in range(300, 314)], ("s35", "s45", "s55")
    for buyer in fans:
        for shop in favourites:
            market.order(shop, buyer)
    sellers = scores(market.leads(tmp_path), "seller")
    assert min(sellers[one] for one in RING_SHOPS) > max(sellers.get(one, 0) for one in favourites)
    assert max(sellers.get(one, 0) for one in favourites) < 0.5, "a dense block alone is nobody's guilt"


def test_gifts_among_many_customers_make_no_ring(tmp_path: Path) -> None:
    market = Market()
    for order in [one["order_id"] for one in market.orders[::40]]:
        market.back(order, "somebody", 5200)
    leads = market.leads(tmp_path)
    assert max(scores(leads, "seller").values(), default=0) < 0.4
    assert scores(leads, "buyer") == {}


def test_an_honest_market_is_left_in_peace(tmp_path: Path) -> None:
    leads = Market().leads(tmp_path)
    assert max(scores(leads, "seller").values(), default=0) < 0.3
    assert scores(leads, "buyer") == {}


def test_a_device_with_the_number_of_its_shop_is_not_that_of_another_shop(tmp_path: Path) -> None:
    market = Market()
    market.orders.clear()
    for n in map(str, range(1, 9)):
        market.order(n, n, buyer_device=n, address_hash=n, buyer_ip=n)
    with opened(written(tmp_path, orders=market.frame())) as lake:
        rows = lake.rows(odd_orders(lake))
    assert rows.height == 8
    assert not rows.select("shared_device", "shared_address", "shared_network").to_numpy().any()
