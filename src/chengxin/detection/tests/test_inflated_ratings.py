"""Ordered praise is found by its words, pictures, accounts and money; what only looks like it isn't."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.tests.lakes import (
    SPRING,
    Shipments,
    found,
    opinion,
    opinions,
    scores,
    shuffled,
    transfer,
    without,
    written,
)

TEMPLATE = "第一次在这家买茶汤色金黄透亮，入口顺滑回味悠长，店主还细心附了冲泡说明{}"
DAY = 86400


def detected(folder: Path, made: Shipments) -> list[Lead]:
    """The leads about a lake of these rows; nothing may have broken off."""
    run = found(written(folder, **{name: rows for name, rows in made.items() if rows}), "inflated_ratings")
    assert run.failed == ()
    return list(run.leads)


def ordered(
    made: Shipments, shop: str, count: int, text: str | None = None, images: str | None = None
) -> None:
    """Full marks that the shop ordered: minutes after receipt, by accounts that trade nowhere else."""
    for n in range(count):
        opinion(
            made, f"fake {shop} {n}", seller=shop, buyer=f"hired {shop} {n}", at=SPRING + (20 + n % 5) * DAY,
            waited=60 + n, text=text.format("，赞" if n % 2 else "，很用心") if text else None, images=images,
        )  # fmt: skip


SCHEMES = ("s5", "s3", "s8", "s13", "s2", "s7", "s11", "s4")


def scheming() -> Shipments:
    """A market in which shops order praise: by texts (s5), pictures (s3, s8), without trades (s13), by a
    ring of accounts (s2, s7, s11), for money (s4); s6 has a household, s10 many stock phrases.
    """
    made = opinions()
    ordered(made, "s5", 12, TEMPLATE)
    for shop in ("s3", "s8"):
        ordered(made, shop, 10, images="same picture")
    ordered(made, "s13", 10)
    for row in made["ratings"]:
        if row["rating_id"].startswith("rfake s13"):
            row["order_id"] = None
    for n in range(10):
        for shop in ("s2", "s7", "s11"):
            at = SPRING + (n * 5 + 3) * DAY
            opinion(made, f"ring {shop} {n}", seller=shop, buyer=f"ring {n}", at=at)
    for n, row in enumerate(made["ratings"]):
        if row["ratee_id"] == "s4" and row["score"] == 1.0:
            transfer(made, f"reward {n}", "s4", row["rater_id"], SPRING + 30 * DAY)
        elif n % 50 == 0:
            transfer(made, f"family {n}", f"aunt {n}", row["rater_id"], SPRING + 30 * DAY)
    for n in range(3):
        opinion(
            made,
            f"home {n}",
            seller="s6",
            buyer=f"b{n + 3}",
            at=SPRING + n * 9 * DAY,
            address_hash="one home",
        )
    for n in range(12):
        opinion(made, f"brief {n}", seller="s10", buyer=f"b{n}", at=SPRING + n * 4 * DAY, text="物流快")
    return made


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> list[Lead]:
    """What is found in the scheming market."""
    return detected(tmp_path_factory.mktemp("lake"), scheming())


def seen_about(leads: list[Lead], shop: str) -> set[str]:
    """The names of the signals about a shop."""
    return {seen.signal.name for one in leads if one.entity_id == shop for seen in one.signals}


def test_shops_that_order_praise_come_before_honest_ones(leads: list[Lead]) -> None:
    shops = scores(leads, "seller")
    honest = max((score for shop, score in shops.items() if shop not in SCHEMES), default=0.0)
    assert min(shops[shop] for shop in ("s5", "s13", "s2", "s7", "s11", "s4")) > honest


def test_a_text_that_many_raters_of_one_shop_share_with_little_changed_is_found(leads: list[Lead]) -> None:
    ratings = scores(leads, "rating")
    assert scores(leads, "seller")["s5"] > 0.5
    assert "template_text" in seen_about(leads, "s5")
    assert {f"rfake s5 {n}" for n in range(12)} <= set(ratings)
    assert min(ratings[f"rfake s5 {n}"] for n in range(12)) > max(
        score for one, score in ratings.items() if not one.startswith(("rfake", "rring"))
    )


def test_a_picture_that_other_accounts_have_shown_counts(leads: list[Lead]) -> None:
    assert "reused_pictures" in seen_about(leads, "s3") & seen_about(leads, "s8")


def test_pictures_that_nobody_else_shows_do_not_become_usual_by_those_who_share_them(tmp_path: Path) -> None:
    made = opinions()
    for row in made["ratings"]:
        row["images"] = None
    for shop in ("s3", "s9"):
        for n in range(10):
            opinion(made, f"fake {shop} {n}", seller=shop, buyer=f"b{n * 31}", at=SPRING + n * 5 * DAY,
                    text=f"每天早上泡一壶的第{n}种喝法", images=f"set {n % 3}")  # fmt: skip
    leads = detected(tmp_path, made)
    assert "reused_pictures" in seen_about(leads, "s3") & seen_about(leads, "s9")


def carried(made: Shipments, late: Callable[[str], bool]) -> Shipments:
    """The same trades by parcel, signed for a day before receipt, those called `late` a month afterwards."""
    made["scans"] = []
    for number, row in enumerate(made["orders"]):
        row["waybill_no"] = f"W{number}"
        at = row["received_at"] + timedelta(days=30 if late(row["order_id"]) else -1)
        made["scans"].append(
            {"waybill_no": f"W{number}", "carrier": "swift", "event": "signed", "at": at, "region": "350102"}
        )
    return made


def test_praise_before_the_parcel_was_signed_for_is_found(tmp_path: Path) -> None:
    made = opinions()
    for n in range(8):
        opinion(made, f"early {n}", seller="s5", buyer=f"b{n * 31}", at=SPRING + n * 6 * DAY)
    made = carried(made, lambda order: order.startswith("oearly"))
    # A second signature, of the return, doesn't make the first one late.
    again = [dict(scan, at=scan["at"] + timedelta(days=60)) for scan in made["scans"]]
    made["scans"] += again
    leads = detected(tmp_path, made)
    assert "rated_before_arrival" in seen_about(leads, "s5")
    assert {f"rearly {n}" for n in range(8)} <= set(scores(leads, "rating"))
    assert max(scores(leads, "seller"), key=scores(leads, "seller").__getitem__) == "s5"


def test_a_carrier_whose_clock_is_wrong_makes_no_praise_early(tmp_path: Path) -> None:
    made = carried(opinions(), lambda order: int(order.rsplit("-", 1)[1]) % 3 == 0)
    seen = {seen.signal.name for one in detected(tmp_path, made) for seen in one.signals}
    assert "rated_before_arrival" not in seen


def test_neighbours_who_dont_all_give_full_marks_are_no_ring(tmp_path: Path) -> None:
    made = opinions()
    for shop, middling in (("s5", 0), ("s6", 5)):
        for n in range(12):
            opinion(made, f"{shop} near {n}", seller=shop, buyer=f"b{n * 31}", at=SPRING + n * 4 * DAY,
                    score=0.0 if n < middling else 1.0, address_hash=f"the block at {shop}")  # fmt: skip
    leads = detected(tmp_path, made)
    assert "linked_accounts" in seen_about(leads, "s5")
    assert "linked_accounts" not in seen_about(leads, "s6")


def test_praise_without_a_trade_is_found(leads: list[Lead]) -> None:
    assert "without_order" in seen_about(leads, "s13")


def test_raters_who_praise_the_same_shops_together_are_one_ring(leads: list[Lead]) -> None:
    rings = {one.entity_id: one.ring for one in leads if one.entity == "seller"}
    assert rings["s2"] == rings["s7"] == rings["s11"] != rings["s5"]
    assert "same_raters" in seen_about(leads, "s2")


def test_money_from_the_shop_to_those_who_praise_it_counts(leads: list[Lead]) -> None:
    assert {"rewarded", "paid_by_one"} <= seen_about(leads, "s4")


def test_a_household_and_stock_phrases_make_no_case(leads: list[Lead]) -> None:
    shops = scores(leads, "seller")
    assert max(shops.get("s6", 0.0), shops.get("s10", 0.0)) < 0.2


def test_an_honest_market_has_no_strong_case(tmp_path: Path) -> None:
    assert max((one.score for one in detected(tmp_path, opinions())), default=0.0) < 0.5


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path, leads: list[Lead]) -> None:
    other = detected(tmp_path, shuffled(scheming()))
    assert [lead.as_dict() for lead in leads] == [lead.as_dict() for lead in other]


def test_ids_are_only_names(tmp_path: Path, leads: list[Lead]) -> None:
    named = {
        table: [
            {key: f"x{value[::-1]}" if key.endswith("_id") and value else value for key, value in row.items()}
            for row in rows
        ]
        for table, rows in scheming().items()
    }
    other = scores(detected(tmp_path, named), "rating")
    assert {f"x{name[::-1]}": score for name, score in scores(leads, "rating").items()} == other


@pytest.mark.parametrize(
    "gone",
    [
        ("ratings.text", "ratings.images", "ratings.replaces"),
        ("ratings.order_id",),
        (
            "orders.buyer_device",
            "orders.buyer_ip",
            "orders.address_hash",
            "orders.dwell_s",
            "orders.received_at",
        ),
    ],
)
def test_what_is_missing_only_leaves_signals_out(tmp_path: Path, gone: tuple[str, ...]) -> None:
    made = without(scheming(), *gone)
    assert scores(detected(tmp_path, made), "seller").get("s2", 0.0) > 0


def test_ratings_alone_or_nearly_none_break_nothing(tmp_path: Path) -> None:
    made = opinions(shops=2, each=2)
    assert found(written(tmp_path / "few", ratings=made["ratings"]), "inflated_ratings").failed == ()
    none = pl.DataFrame(made["ratings"]).clear()
    assert found(written(tmp_path / "none", ratings=none), "inflated_ratings").leads == ()
