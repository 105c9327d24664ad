"""Price fraud: what must be asked about, and what explains itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from chengxin.detection.tests.lakes import found, scores, written

START = datetime(2026, 3, 1, 4, tzinfo=UTC)
PLATFORM = "harbour"


def quote(
    product: str, day: float, price: float, listed: float | None = None, promotion: str | None = None
) -> dict[str, Any]:
    """What a product was offered for on a day."""
    return {
        "product_id": product, "seller_id": f"s-{product}", "platform": PLATFORM, "price": price,
        "list_price": listed,
        "promotion_id": promotion, "at": START + timedelta(days=day),
    }  # fmt: skip


def order(product: str, day: float, price: float, buyer: str, quantity: int = 1) -> dict[str, Any]:
    """A piece or several sold at a price each."""
    return {
        "order_id": f"{product}-{day:.5f}-{buyer}", "platform": PLATFORM, "seller_id": f"s-{product}",
        "buyer_id": buyer,
        "product_id": product, "quantity": quantity, "amount": round(price * quantity, 2),
        "created_at": START + timedelta(days=day), "status": "received", "refund_amount": 0.0,
    }  # fmt: skip


def honest_market(goods: int = 60, days: int = 60) -> list[dict[str, Any]]:
    """Goods with one price, of which every third runs an honest promotion once."""
    rows = []
    for number in range(goods):
        price = 50.0 + number
        for day in range(days):
            promoted = number % 3 == 0 and 30 <= day < 35
            rows.append(
                quote(f"h{number}", day, round(price * 0.8, 2), price, f"p{number}")
                if promoted
                else quote(f"h{number}", day, price)
            )
    return rows


def asked(folder: Path, **tables: Any) -> dict[str, float]:
    """The products that are asked about, with their scores."""
    result = found(written(folder, **tables), "price_fraud")
    assert not result.failed
    return scores(result.leads, "product")


def test_a_list_price_that_was_never_charged_is_asked_about_and_an_honest_promotion_is_not(
    tmp_path: Path,
) -> None:
    rows = honest_market()
    rows += [
        quote("false", day, 80.0, 200.0, "sale") if day % 20 < 6 else quote("false", day, 80.0)
        for day in range(60)
    ]
    result = asked(tmp_path, prices=rows)
    assert set(result) == {"false"}
    assert result["false"] > 0.5


def test_a_false_list_price_comes_before_a_reduction_that_went_on_and_before_small_differences(
    tmp_path: Path,
) -> None:
    """Twins: stock cleared at a price that is lowered once and stays, with gaps in what is told of the list
    price; a promotion that compares with hardly more than was charged."""
    rows = honest_market()
    for day in range(60):
        rows.append(quote("false", day, 80.0, 240.0, "sale"))
        told = None if day in (30, 31) else 100.0
        number = "spring" if 33 <= day < 36 else None
        rows.append(quote("cleared", day, 100.0) if day < 30 else quote("cleared", day, 55.0, told, number))
        rows.append(
            quote("little", day, 90.0, 103.0, "week") if 30 <= day < 37 else quote("little", day, 100.0)
        )
    result = asked(tmp_path, prices=rows)
    assert max(result, key=result.__getitem__) == "false"
    assert result["false"] > 0.5 > max(result.get("cleared", 0.0), result.get("little", 0.0))


def test_a_price_raised_within_seven_days_before_is_no_basis_of_a_reduction(tmp_path: Path) -> None:
    rows = honest_market()
    for day in range(60):
        rows.append(
            quote("raised", day, 150.0)
            if 25 <= day < 30
            else quote("raised", day, 99.0, 150.0, "sale")
            if 30 <= day < 35
            else quote("raised", day, 100.0)
        )
        rows.append(
            quote("cost", day, 100.0)
            if day < 25
            else quote("cost", day, 120.0, 150.0, "sale")
            if 30 <= day < 35
            else quote("cost", day, 150.0)
        )
    result = asked(tmp_path, prices=rows)
    assert result["raised"] > 0.5
    assert "cost" not in result, "a price that rose and stayed is not a trick"


def test_the_last_day_that_comes_again_and_again_is_asked_about(tmp_path: Path) -> None:
    rows = honest_market()
    for day in range(60):
        rows.append(
            quote("recurs", day, 80.0, 100.0, f"last{day // 6}")
            if day % 6 < 5
            else quote("recurs", day, 100.0)
        )
        rows.append(
            quote("flash", day, 80.0, 100.0, f"flash{day}") if day in (10, 40) else quote("flash", day, 100.0)
        )
    result = asked(tmp_path, prices=rows)
    assert result["recurs"] > 0.4
    assert "flash" not in result


def test_old_customers_who_pay_more_at_the_same_minute_are_asked_about_and_coupons_are_not(
    tmp_path: Path,
) -> None:
    rows = []
    for product in ("unequal", "coupons", "rebate", *(f"h{number}" for number in range(10))):
        for day in range(30):
            loyal, new = f"{product}-loyal{day % 5}", f"{product}-new{day}"
            rows.append(order(product, day + 0.5, 100.0, f"{product}-other{day}"))
            if day < 5:
                rows.append(order(product, day + 0.2, 100.0, loyal))
                continue
            old_price, new_price, many = 100.0, 100.0, 1
            if product == "unequal":
                old_price = 115.0
            elif product == "coupons":
                old_price, new_price = (90.0, 100.0) if day % 2 else (100.0, 90.0)
            elif product == "rebate":
                new_price, many = 85.0, 3
            rows += [order(product, day, old_price, loyal), order(product, day + 0.002, new_price, new, many)]
    result = asked(tmp_path, orders=rows)
    assert set(result) == {"unequal"}


def test_the_leads_are_the_same_whatever_the_order_of_rows_and_the_spelling_of_ids(tmp_path: Path) -> None:
    rows = pl.DataFrame(honest_market(20) + [quote("false", day, 80.0, 200.0, "sale") for day in range(60)])
    renamed = rows.sample(fraction=1.0, shuffle=True, seed=3).with_columns(
        product_id=pl.col("product_id").str.reverse()
    )
    first, second = asked(tmp_path / "a", prices=rows), asked(tmp_path / "b", prices=renamed)
    assert first
    assert {one[::-1]: score for one, score in second.items()} == first


def test_an_empty_lake_a_single_row_and_missing_columns_raise_no_alarm(tmp_path: Path) -> None:
    assert asked(tmp_path / "a", sellers=[{"seller_id": "s", "platform": PLATFORM}]) == {}
    assert asked(tmp_path / "b", prices=[quote("one", 0, 10.0, 20.0)]) == {}
    bare = pl.DataFrame(honest_market(5)).drop("list_price", "promotion_id")
    assert asked(tmp_path / "c", prices=bare, orders=[order("h1", 1, 51.0, "b")]) == {}


def test_a_price_that_stood_long_was_charged_though_it_was_quoted_once(tmp_path: Path) -> None:
    quotes = honest_market()
    for product, stood in (("stood", 40.0), ("pretended", 2.0)):
        quotes += [quote(product, 42 - stood, 100.0), quote(product, 42, 20.0, 100.0, "trial")]
    orders = [
        order(product, 42 + day, 20.0, f"b{day}") for product in ("stood", "pretended") for day in range(16)
    ]
    products = asked(tmp_path, prices=quotes, orders=orders)
    assert products["pretended"] > products.get("stood", 0.0)
    assert "stood" not in products


def test_differences_that_always_go_against_who_comes_back_are_asked_about_and_coupons_are_not(
    tmp_path: Path,
) -> None:
    orders = []
    for product in ("against", "either"):
        for number in range(12):
            orders.append(order(product, number / 4, 100.0, f"old{number}"))
            dearer = product == "against" or number % 2 == 0
            at = 20.25 + number
            orders.append(order(product, at, 112.0 if dearer else 100.0, f"old{number}"))
            orders.append(order(product, at + 0.0003, 100.0 if dearer else 112.0, f"new{number}"))
    products = asked(tmp_path, orders=orders)
    assert products["against"] > 0.5
    assert "either" not in products


def test_the_last_of_many_like_list_prices_is_no_outlier(tmp_path: Path) -> None:
    quotes = []
    for number in range(200):
        listed = 100.0 + 25.0 * number / 200
        quotes += [quote(f"like{number}", day, 100.0, round(listed, 2)) for day in range(0, 60, 3)]
    quotes += [quote("false", day, 100.0, 400.0) for day in range(0, 60, 3)]
    products = asked(tmp_path, prices=quotes)
    assert max(products, key=lambda one: products[one]) == "false"
    assert (
        max((score for one, score in products.items() if one != "false"), default=0.0) < products["false"] / 2
    )
