"""Goods not as described: what buyers say counts, and what explains itself doesn't."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from chengxin.detection.opinions.complaints import says, titled
from chengxin.detection.tests.lakes import found, opened, scores, written

START = datetime(2026, 3, 1, 4, tzinfo=UTC)
PLATFORM = "harbour"
GOOD, POOR, WRONG = "质量不错", "质量差", "图物不符，和介绍不一样"


COMPLAINTS = (
    "色差", "有色差太大了", "图物不符", "与描述不符", "和描述完全不一样", "尺寸不对", "货不对板",
    "说是纯棉其实不是", "写着纯棉结果化纤", "描述说是真皮其实不是", "照片都是修的",
)  # fmt: skip
NO_COMPLAINTS = (
    "没有色差", "没有任何色差", "色差不大", "无色差", "和描述一样", "很好看", "和图片一样好看",
    "不存在图物不符", "写着三天送到收到很快", "照片很美",
)  # fmt: skip
FAKE = ("是假货", "不是正品", "真假难辨", "高仿", "A货", "和专柜的不一样", "防伪码查不到")
NOT_FAKE = ("不是假货", "是正品", "绝不是假货", "假一赔十", "以为是假货", "没有假货", "很好")


def test_a_complaint_is_read_and_its_denial_is_not_one(tmp_path: Path) -> None:
    with opened(written(tmp_path, sellers=[{"seller_id": "s", "platform": "p"}])) as lake:
        texts = pl.DataFrame({"text": [*COMPLAINTS, *NO_COMPLAINTS, *FAKE, *NOT_FAKE]})
        table = lake.given(texts, "texts")
        read = lake.rows(
            table.select(
                "text",
                described=says(table.text, "described").notnull(),
                fake=says(table.text, "fake").notnull(),
                outlet=titled(table.text, "outlet"),
            )
        )
    assert set(read.filter("described")["text"]) - {*FAKE} == {*COMPLAINTS}
    assert set(read.filter("fake")["text"]) == {*FAKE}
    assert not read["outlet"].any()


class Market:
    """A market of a dozen like shops with two goods each, to which stranger ones are added."""

    def __init__(self, shops: int = 12, sales: int = 40) -> None:
        self.random = random.Random(5)
        self.orders: list[dict[str, Any]] = []
        self.ratings: list[dict[str, Any]] = []
        self.listings: list[dict[str, Any]] = []
        for shop in range(shops):
            for goods in ("a", "b"):
                self.goods(f"shop{shop}", f"shop{shop}{goods}", sales)

    def goods(
        self, seller: str, product: str, sales: int, *, bad: float = 0.05, says: str = POOR,
        days: tuple[float, float] = (0, 55), buyer: str | None = None, back: float = 0.5,
        category: str = "服装",
    ) -> None:  # fmt: skip
        """Goods of which a share of the buyers aren't content."""
        self.listings.append(
            {
                "product_id": product, "seller_id": seller, "platform": PLATFORM, "title": "外套",
                "category": category,
                "at": START - timedelta(days=30),
            }
        )  # fmt: skip
        for number in range(sales):
            unhappy = (number + 0.5) * bad % 1 < bad
            start, end = days if unhappy else (0, 55)
            at = START + timedelta(days=start + (end - start) * ((number * 37) % sales) / sales)
            order = f"{product}-{number}"
            who = buyer if buyer and unhappy else f"buyer-{order}"
            self.orders.append(
                {
                    "order_id": order, "platform": PLATFORM, "seller_id": seller, "buyer_id": who,
                    "product_id": product, "quantity": 1, "amount": 100.0, "created_at": at, "paid_at": at,
                    "shipped_at": at + timedelta(days=1), "received_at": at + timedelta(days=3),
                    "status": "received",
                    "refund_amount": 100.0 if unhappy and self.random.random() < back else 0.0,
                }
            )  # fmt: skip
            said = says if unhappy else GOOD
            self.rating(order, seller, who, score=-1.0 if unhappy else 1.0, text=said, at=at)

    def rating(
        self, order: str | None, seller: str, who: str, *, score: float, text: str, at: datetime = START
    ) -> None:
        """What somebody says of a shop."""
        self.ratings.append(
            {
                "rating_id": f"r{len(self.ratings)}", "order_id": order, "platform": PLATFORM,
                "rater_id": who,
                "ratee_id": seller, "direction": "buyer_to_seller", "score": score, "text": text,
                "created_at": at + timedelta(days=5), "is_followup": False,
            }
        )  # fmt: skip

    def asked(self, folder: Path, kind: str = "product") -> dict[str, float]:
        """Who is asked about, with the score."""
        lake = written(folder, orders=self.orders, ratings=self.ratings, listings=self.listings)
        result = found(lake, "not_as_described")
        assert not result.failed
        return scores(result.leads, kind)


def test_goods_of_which_many_buyers_say_that_they_are_not_as_described_are_asked_about(
    tmp_path: Path,
) -> None:
    market = Market()
    market.goods("false", "falsea", 60, bad=0.4, says=WRONG)
    products, sellers = market.asked(tmp_path / "a"), market.asked(tmp_path / "b", "seller")
    assert max(products, key=lambda one: products[one]) == "falsea"
    assert products["falsea"] > 0.5
    assert sellers["false"] > 0.5
    assert set(products) == {"falsea"}


def test_poor_goods_honestly_shown_rank_far_below(tmp_path: Path) -> None:
    market = Market()
    market.goods("false", "falsea", 60, bad=0.3, says=WRONG)
    market.goods("poor", "poora", 60, bad=0.3, says=POOR)
    products = market.asked(tmp_path)
    assert products["falsea"] > 2 * products.get("poora", 0.0)


def _come_back(market: Market, product: str, *, score: float, share: int = 4) -> None:
    """One in `share` of those who rated a product as content adds something after a week."""
    bought = [order for order in market.orders if order["product_id"] == product]
    for order in bought[::share]:
        at = order["created_at"] + timedelta(days=9)
        market.rating(
            order["order_id"],
            order["seller_id"],
            order["buyer_id"],
            score=score,
            text="用了几天再来说说",
            at=at,
        )
        market.ratings[-1]["is_followup"] = True
        if score < 0.5:
            order["refund_amount"] = 50.0


def test_buyers_who_come_back_and_take_their_praise_back_are_heard_whatever_their_words(
    tmp_path: Path,
) -> None:
    """Twin: goods whose buyers come back as often, still content."""
    market = Market()
    market.goods("worn", "worna", 60, bad=0.05, says=WRONG)
    market.goods("loved", "loveda", 60, bad=0.05, says=WRONG)
    _come_back(market, "loveda", score=1.0)
    before = market.asked(tmp_path / "before")
    _come_back(market, "worna", score=0.0)
    after = market.asked(tmp_path / "after")
    assert after["worna"] > 1.5 * max(before["worna"], after["loveda"])


def test_a_bad_lot_is_a_lower_question_than_a_lasting_pattern(tmp_path: Path) -> None:
    market = Market()
    market.goods("lasting", "lastinga", 80, bad=0.25, says=WRONG)
    market.goods("lot", "lota", 80, bad=0.25, says=WRONG, days=(20, 24))
    products = market.asked(tmp_path)
    assert products["lastinga"] > products["lota"] > 0


def test_one_buyer_who_complains_often_has_one_voice_and_who_is_never_content_has_none(
    tmp_path: Path,
) -> None:
    market = Market()
    market.goods("one", "onea", 60, bad=0.3, says=WRONG, buyer="the same", back=0.0)
    for shop in range(4):
        for number in range(10):
            market.rating(None, f"shop{shop}", f"sour{number}", score=-1.0, text=POOR)
    market.goods("smeared", "smeareda", 60, bad=0.0)
    for number in range(10):
        order = next(one for one in market.orders if one["order_id"] == f"smeareda-{number}")
        order["buyer_id"] = f"sour{number}"
        market.ratings = [one for one in market.ratings if one["order_id"] != order["order_id"]]
        market.rating(order["order_id"], "smeared", f"sour{number}", score=-1.0, text=WRONG)
    products = market.asked(tmp_path)
    assert products.get("onea", 0.0) < 0.3
    assert "smeareda" not in products


def test_a_picture_of_another_shops_goods_adds_to_complaints_and_is_nothing_by_itself(tmp_path: Path) -> None:
    market = Market()
    for number, listing in enumerate(market.listings):
        listing["image_hash"] = f"image{number}"
    for seller, bad in (("borrowed", 0.2), ("own", 0.2), ("content", 0.0)):
        market.goods(seller, f"{seller}a", 60, bad=bad, says=WRONG)
        market.listings[-1] |= {"image_hash": "image3" if seller != "own" else "own", "at": START}
    products = market.asked(tmp_path)
    assert products["borroweda"] > products["owna"]
    assert "contenta" not in products


def test_what_goods_of_a_category_usually_are_is_no_question(tmp_path: Path) -> None:
    market = Market()
    for shop in range(12):
        market.goods(f"shoes{shop}", f"shoes{shop}a", 40, bad=0.3, says=WRONG, category="鞋靴")
    assert max(market.asked(tmp_path).values(), default=0.0) < 0.1


def test_words_that_everybody_uses_still_tell_where_nearly_all_the_unhappy_use_them(tmp_path: Path) -> None:
    market = Market()
    for number in range(12):
        market.goods(f"like{number}", f"like{number}a", 40, bad=0.05, says=WRONG)
    market.goods("false", "falsea", 60, bad=0.4, says=WRONG)
    products = market.asked(tmp_path)
    assert max(products, key=lambda one: products[one]) == "falsea"
    assert products["falsea"] > 0.5


def test_a_lot_that_sold_fast_is_no_lasting_pattern(tmp_path: Path) -> None:
    market = Market()
    market.goods("lasting", "lastinga", 60, bad=0.4, says=WRONG)
    market.goods("lot", "lota", 36, bad=0.02, says=WRONG)
    good = market.orders[-36:]
    market.goods("lot", "lota", 24, bad=1.0, says=WRONG, days=(20, 26))
    for number, order in enumerate(good):  # numbers of the first goods are used again by the second
        old, order["order_id"] = order["order_id"], f"before-{number}"
        for rating in market.ratings:
            if rating["order_id"] == old and rating["rater_id"] == order["buyer_id"]:
                rating["order_id"] = order["order_id"]
                rating["rater_id"] = order["buyer_id"] = f"earlier-{number}"
                break
    products = market.asked(tmp_path)
    assert products["lastinga"] > 1.5 * products["lota"]


def test_goods_of_a_shop_that_misdescribes_most_are_asked_about_before_they_are_sold_much(
    tmp_path: Path,
) -> None:
    market = Market()
    for letter in "abcd":
        market.goods("false", f"false{letter}", 30, bad=0.4, says=WRONG)
    market.goods("false", "falsenew", 2, bad=0.0)
    market.goods("half", "halfa", 60, bad=0.4, says=WRONG)
    market.goods("half", "halfb", 60, bad=0.0)
    market.goods("half", "halfnew", 2, bad=0.0)
    products = market.asked(tmp_path)
    assert products["falsenew"] > 0
    assert "halfb" not in products
    assert "halfnew" not in products


def test_the_leads_stay_the_same_in_another_order_and_without_texts_orders_or_listings(
    tmp_path: Path,
) -> None:
    market = Market(shops=8)
    market.goods("false", "falsea", 60, bad=0.4, says=WRONG)
    first = market.asked(tmp_path / "a")
    for rows in (market.orders, market.ratings, market.listings):
        market.random.shuffle(rows)
    assert market.asked(tmp_path / "b") == first
    for one in market.ratings:
        del one["text"]
    assert "falsea" in market.asked(tmp_path / "c"), "low scores and returns are still seen"
    bare = written(tmp_path / "d", ratings=market.ratings)
    assert not found(bare, "not_as_described").failed
    assert not found(written(tmp_path / "e", orders=market.orders[:1]), "not_as_described").leads
