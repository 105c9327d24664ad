"""Counterfeits: what speaks against goods, and which honest goods look alike."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from chengxin.detection.tests.lakes import found, scores, written
from chengxin.kernel.identifiers import gtin_check_digit

START = datetime(2026, 3, 1, 4, tzinfo=UTC)
PLATFORM = "harbour"
BRANDS = ("青岚", "云朵", "远山")


def code(brand: int, item: int, *, wrong: bool = False) -> str:
    """A bar code with a brand's prefix; `wrong` with another last digit."""
    body = f"69{10000 + brand * 777}{item:05d}"
    digit = int(gtin_check_digit(body))
    return body + str((digit + 3) % 10 if wrong else digit)


class Market:
    """Three brands, each sold by eight shops at like prices, with licences and pictures of their own."""

    def __init__(self) -> None:
        self.listings: list[dict[str, Any]] = []
        self.orders: list[dict[str, Any]] = []
        self.ratings: list[dict[str, Any]] = []
        for shop in range(24):
            brand = shop % 3
            for item in range(4):
                self.goods(
                    f"shop{shop}", f"shop{shop}-{item}", brand, 200 + item * 10 + shop % 5 * 4, item=item
                )

    def goods(
        self, seller: str, product: str, brand: int, price: float, *, item: int = 0, gtin: str | None = None,
        image: str | None = None, title: str = "外套", licence: str | None = "L1", day: int = 0,
        sales: int = 8,
        fake: float = 0.0, says: str = "不是正品", back: bool = True,
    ) -> None:  # fmt: skip
        """Goods that a shop sells under a brand, and what a share of the buyers say."""
        self.listings.append(
            {
                "product_id": product, "seller_id": seller, "platform": PLATFORM, "title": title,
                "category": "美妆", "brand": BRANDS[brand], "gtin": gtin or code(brand, item),
                "licence_no": licence,
                "image_hash": image or f"image-{product}", "at": START + timedelta(days=day),
            }
        )  # fmt: skip
        for number in range(sales):
            order, bad = f"{product}-{number}", number < fake * sales
            at = START + timedelta(days=10 + number * 3)
            self.orders.append(
                {
                    "order_id": order, "platform": PLATFORM, "seller_id": seller, "buyer_id": f"b-{order}",
                    "product_id": product, "quantity": 1, "amount": price, "created_at": at, "shipped_at": at,
                    "status": "received", "refund_amount": price if bad and back else 0.0,
                }
            )  # fmt: skip
            self.ratings.append(
                {
                    "rating_id": f"r-{order}", "order_id": order, "platform": PLATFORM,
                    "rater_id": f"b-{order}", "ratee_id": seller, "direction": "buyer_to_seller",
                    "score": -1.0 if bad else 1.0,
                    "text": says if bad else "很好", "created_at": at + timedelta(days=5),
                    "is_followup": False,
                }
            )  # fmt: skip

    def asked(self, folder: Path, kind: str = "product") -> dict[str, float]:
        """Who is asked about, with the score."""
        lake = written(folder, orders=self.orders, ratings=self.ratings, listings=self.listings)
        result = found(lake, "counterfeit")
        assert not result.failed
        return scores(result.leads, kind)


def test_goods_far_below_the_brand_with_a_wrong_code_and_said_to_be_fake_come_first(tmp_path: Path) -> None:
    market = Market()
    market.goods("false", "fake", 0, 40, gtin=code(0, 7, wrong=True), fake=0.5)
    products, sellers = market.asked(tmp_path / "a"), market.asked(tmp_path / "b", "seller")
    assert max(products, key=lambda one: products[one]) == "fake"
    assert products["fake"] > 0.7
    assert max(sellers, key=lambda one: sellers[one]) == "false"


def test_used_goods_and_a_shop_that_is_cheap_with_everything_explain_themselves(tmp_path: Path) -> None:
    market = Market()
    for brand in range(3):
        for item in range(4):
            market.goods("cheap", f"cheap-{brand}-{item}", brand, 120, item=item)
    market.goods("second", "used", 0, 40, title="二手外套")
    market.goods("false", "fake", 0, 40)
    products = market.asked(tmp_path)
    assert products["fake"] > 0.2
    assert products.get("used", 0.0) == 0.0
    assert all(products.get(f"cheap-{brand}-0", 0.0) < products["fake"] for brand in range(3))


def test_a_bar_code_of_another_brand_is_asked_about_and_a_brands_second_prefix_is_not(tmp_path: Path) -> None:
    market = Market()
    market.goods("false", "foreign", 0, 210, gtin=code(1, 9), fake=0.25)
    market.goods("plain", "second prefix", 0, 210, gtin=code(9, 9), fake=0.25)
    products = market.asked(tmp_path)
    assert products["foreign"] > products["second prefix"]


def test_a_picture_taken_and_sold_cheaper_is_asked_about_and_a_suppliers_picture_is_not(
    tmp_path: Path,
) -> None:
    market = Market()
    market.goods("false", "taken", 0, 60, image="image-shop0-0", day=5)
    for shop in range(6):
        market.goods(f"reseller{shop}", f"supplied{shop}", 1, 205 + shop, image="the supplier's", day=shop)
    products = market.asked(tmp_path)
    assert products["taken"] > 0.4
    assert not any(products.get(f"supplied{shop}") for shop in range(6))


def test_one_picture_under_many_brands_and_a_title_that_speaks_of_a_copy_are_asked_about(
    tmp_path: Path,
) -> None:
    market = Market()
    for brand in range(3):
        market.goods("false", f"same{brand}", brand, 150, image="one picture", title="高仿外套")
    products = market.asked(tmp_path)
    assert min(products[f"same{brand}"] for brand in range(3)) > 0.4


def test_the_leads_stay_the_same_in_another_order_and_missing_columns_switch_signals_off(
    tmp_path: Path,
) -> None:
    market = Market()
    market.goods("false", "fake", 0, 40, gtin=code(0, 7, wrong=True), fake=0.5)
    first = market.asked(tmp_path / "a")
    for rows in (market.listings, market.orders, market.ratings):
        random.Random(3).shuffle(rows)
    assert market.asked(tmp_path / "b") == first
    for rows in (market.listings, market.orders):
        for row in rows:
            row["product_id"] = row["product_id"][::-1]
    assert {one[::-1]: score for one, score in market.asked(tmp_path / "renamed").items()} == first
    for listing in market.listings:
        for name in ("gtin", "licence_no", "image_hash"):
            del listing[name]
    assert "ekaf" in market.asked(tmp_path / "c")
    for listing in market.listings:
        del listing["brand"]
    assert not found(written(tmp_path / "d", listings=market.listings), "counterfeit").failed
    one = written(tmp_path / "e", listings=market.listings[:1])
    assert not found(one, "counterfeit").leads


def test_pictures_of_goods_without_a_name_say_nothing_of_a_brand(tmp_path: Path) -> None:
    market = Market()
    market.goods("first", "nameless", 0, 200, image="nobody's")
    market.goods("later", "taken", 0, 60, image="nobody's", day=2)
    for listing in market.listings[-2:]:
        listing["brand"] = listing["gtin"] = None
    market.goods("copy", "passed-off", 0, 60, image="image-shop0-1", day=2)
    market.listings[-1]["brand"] = market.listings[-1]["gtin"] = None
    products = market.asked(tmp_path)
    assert products["passed-off"] > 0
    assert "taken" not in products
