"""What must hold of empty parcels: light ones of one sender are listed, honest look-alikes aren't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.running import Found
from chengxin.detection.tests import lakes

EMPTY = [(shop, number) for shop in (0, 1, 2, 3) for number in range(0, 24, 2)]


def market() -> lakes.Shipments:
    """Four shops have a fifth of their trades delivered as 100-gram parcels by one sender, to strangers;
    shops 4 to 6 leave sending to a warehouse; shop 7 sells small packs of its goods at a fifth of the
    price; shop 8 sells trifles; gifts from shop 9 go to another address."""
    made = lakes.shipments()
    place = {row["order_id"]: n for n, row in enumerate(made["orders"])}
    for shop, number in EMPTY:
        parcel = made["parcels"][place[f"o{shop}-{number}"]]
        parcel |= {
            "weight_g": 100.0,
            "sender_id": "mill",
            "sender_address_hash": "mill",
            "sender_region": "350502",
        }
        parcel |= {"receiver_address_hash": f"stranger {number}"}
    for n, order in enumerate(made["orders"]):
        shop, number = (int(part) for part in order["order_id"][1:].split("-"))
        if shop in {4, 5, 6}:
            made["parcels"][n] |= {"sender_id": "warehouse", "sender_address_hash": "warehouse"}
        if shop == 7 and number < 12:
            order["amount"] = 10.0
            made["parcels"][n]["weight_g"] = 0.2 * made["parcels"][n]["weight_g"]
        if shop == 8:
            made["parcels"][n]["weight_g"] = 90.0 + number % 5
        if shop == 9 and number in {3, 5}:
            order["address_hash"] = made["parcels"][n]["receiver_address_hash"] = f"friend {number}"
    return made


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return lakes.found(lakes.written(tmp_path_factory.mktemp("lake"), **market()), "empty_parcels")


def waybill(shop: int, number: int) -> str:
    return f"W{shop:02d}{number * 37:06d}"


def of(leads: tuple[Lead, ...], entity: str) -> list[Lead]:
    return [one for one in leads if one.entity == entity]


def test_the_empty_parcels_stand_first_and_the_carrier_is_their_platform(found: Found) -> None:
    leads = of(found.leads, "waybill")
    assert {one.entity_id for one in leads[: len(EMPTY)]} == {waybill(*one) for one in EMPTY}
    assert {one.platform for one in leads} == {"swift"}
    assert leads[0].score > 0.5


def test_an_empty_parcel_tells_its_weight_its_sender_and_its_order(found: Found) -> None:
    lead = next(one for one in found.leads if one.entity_id == waybill(1, 4))
    told = {seen.signal.name: seen for seen in lead.signals}
    assert told["grams"].value == 100 and told["grams"].baseline > 800
    assert {"same_weight", "shops_of_sender", "other_address"} <= told.keys()
    assert lead.orders == ["o1-4"] and {"s1", "b1-4"} <= set(lead.accounts)
    assert "100" in str(told["grams"].as_dict()["why_zh"])


def test_the_shops_stand_first_with_their_parcels_as_evidence(found: Found) -> None:
    leads = of(found.leads, "seller")
    assert {one.entity_id for one in leads[:4]} == {"s0", "s1", "s2", "s3"}
    assert {one.platform for one in leads} == {"harbour"}
    mine = {waybill(*one) for one in EMPTY if one[0] == 0}
    lead = next(one for one in leads if one.entity_id == "s0")
    assert mine == set(lead.waybills[: len(mine)])


@pytest.mark.parametrize("shop", ["s4", "s5", "s6", "s7", "s9"])
def test_a_warehouse_small_packs_and_gifts_are_no_question(found: Found, shop: str) -> None:
    assert shop not in lakes.scores(found.leads, "seller")


def test_a_shop_of_trifles_stands_below_empty_parcels(found: Found) -> None:
    scores = lakes.scores(found.leads, "seller")
    assert scores.get("s8", 0) < min(scores[f"s{n}"] for n in range(4))


def test_order_of_rows_and_spelling_of_ids_change_nothing(found: Found, tmp_path: Path) -> None:
    renamed = lakes.shuffled(market())
    for table in ("orders", "listings"):
        for row in renamed[table]:
            row["seller_id"] = row["seller_id"][::-1] + "x"
    for row in renamed["parcels"]:
        row["sender_address_hash"] = row["sender_address_hash"][::-1]
    again = lakes.found(lakes.written(tmp_path, **renamed), "empty_parcels")
    assert lakes.scores(again.leads, "waybill") == lakes.scores(found.leads, "waybill")
    sellers = lakes.scores(found.leads, "seller")
    assert lakes.scores(again.leads, "seller") == {one[::-1] + "x": score for one, score in sellers.items()}


def test_without_scans_addresses_and_waybills_of_orders_weights_still_tell(tmp_path: Path) -> None:
    poor = lakes.without(market(), "orders.address_hash", "orders.waybill_no", "orders.carrier")
    poor.pop("scans")
    again = lakes.found(lakes.written(tmp_path, **poor), "empty_parcels")
    assert not again.failed
    assert {note.about for note in again.notes} >= {"empty_parcels.stranger", "empty_parcels.never_scanned"}
    assert {one.entity_id for one in of(again.leads, "seller")[:4]} == {"s0", "s1", "s2", "s3"}


def test_nothing_and_almost_nothing_is_no_question(tmp_path: Path) -> None:
    one = {name: rows[:1] for name, rows in lakes.shipments(1, 1).items()}
    one["parcels"][0] |= {"weight_g": None, "sender_id": None}
    found = lakes.found(lakes.written(tmp_path, **one), "empty_parcels", "forged_logistics", "fake_traffic")
    assert not found.failed and not found.leads


def test_goods_are_known_by_the_few_parcels_that_held_them_and_two_pieces_by_pairs(tmp_path: Path) -> None:
    """Nine in ten of a product's parcels weigh a quarter; in another shop everything is light; and two pieces
    weigh little more than one, as most of it is the box."""
    made = lakes.shipments(16, 90)
    empty = set()
    for order, parcel in zip(made["orders"], made["parcels"], strict=True):
        shop, number = (int(part) for part in order["order_id"][1:].split("-"))
        if number % 5 == 4:
            order["quantity"], order["amount"] = 2, 100.0
            parcel["weight_g"] *= 1.2
        if order["product_id"] == "p3.0" and number < 78:
            parcel["weight_g"] = round(0.2 * parcel["weight_g"] / order["quantity"], -1)
            empty.add(parcel["waybill_no"])
        if shop == 8:
            parcel["weight_g"] = 40.0 + number % 3
    found = lakes.found(lakes.written(tmp_path, **made), "empty_parcels")
    leads = of(found.leads, "waybill")
    assert {one.entity_id for one in leads[: len(empty)]} == empty
    assert not {"s8"} & set(lakes.scores(found.leads, "seller"))
    assert of(found.leads, "seller")[0].entity_id == "s3"


def with_shared_numbers() -> tuple[lakes.Shipments, set[str]]:
    """Shop 5 has no parcels of its own for six orders and shows the numbers of shop 2's instead. Three orders
    of a buyer of shop 6 go in one parcel, as do those of three neighbours, placed before it was sent."""
    made = lakes.shipments()
    place = {row["order_id"]: n for n, row in enumerate(made["orders"])}

    def order(shop: int, number: int) -> dict[str, Any]:
        return made["orders"][place[f"o{shop}-{number}"]]

    gone: set[str] = set()
    for number in range(6):
        gone.add(order(5, number)["order_id"])
        order(5, number)["waybill_no"] = order(2, number)["waybill_no"]
    for shop, start in ((6, 0), (7, 3)):
        first = order(shop, start)
        for number in (start + 1, start + 2):
            gone.add(order(shop, number)["order_id"])
            order(shop, number).update(waybill_no=first["waybill_no"], created_at=first["created_at"])
            if shop == 6:
                order(shop, number).update(buyer_id=first["buyer_id"], address_hash=first["address_hash"])
    made["parcels"] = [row for row in made["parcels"] if row["order_id"] not in gone]
    return made, {order(2, number)["waybill_no"] for number in range(6)}


def test_orders_under_the_number_of_another_buyers_parcel_are_told_and_parcels_packed_together_are_not(
    tmp_path: Path,
) -> None:
    made, reused = with_shared_numbers()
    found = lakes.found(lakes.written(tmp_path / "one", **made), "empty_parcels")
    told = {
        one.entity_id: one
        for one in of(found.leads, "waybill")
        if "number_of_another" in {seen.signal.name for seen in one.signals}
    }
    assert told.keys() == reused
    assert set(told[waybill(2, 0)].orders) == {"o5-0", "o2-0"}
    sellers = of(found.leads, "seller")
    assert sellers[0].entity_id == "s5" and "reused" in {seen.signal.name for seen in sellers[0].signals}
    assert not {"s2", "s6", "s7"} & {one.entity_id for one in sellers}
    again = lakes.found(lakes.written(tmp_path / "two", **lakes.shuffled(made)), "empty_parcels")
    assert lakes.scores(again.leads, "waybill") == lakes.scores(found.leads, "waybill")
