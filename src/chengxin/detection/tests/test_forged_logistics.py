"""What must hold of forged logistics: what cannot have happened is listed, what a place explains isn't."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.parcels.deliveries import others, quiet
from chengxin.detection.running import Found
from chengxin.detection.tests import lakes

FORGER = "c350206.0"
HOUR = timedelta(hours=1)


def waybill(shop: int, number: int) -> str:
    return f"W{shop:02d}{number * 37:06d}"


def market() -> lakes.Shipments:
    """Honest parcels, and: shop 0's too fast, shop 1's without depots, shop 2's signed elsewhere, shop 3's
    collected before they were ordered, each a few of many; a waybill for two strangers; one to the sender's
    own place; a courier who signs a third of what he carries at the depot, at once. Beside them a depot
    that missed all its scans of one day, and a station that signs for the neighbouring county."""
    made = lakes.shipments()
    ways: dict[str, dict[str, dict[str, Any]]] = {}
    for scan in made["scans"]:
        ways.setdefault(scan["waybill_no"], {})[scan["event"]] = scan
    parcels = {row["waybill_no"]: row for row in made["parcels"]}
    gone: set[int] = set()
    for number in range(0, 40, 2):
        _hurried(ways[waybill(0, number)])
        far = parcels[waybill(1, number)]
        if far["sender_region"][:4] != far["receiver_region"][:4]:
            gone |= {id(ways[far["waybill_no"]][event]) for event in ("departed", "arrived")}
    for number in range(0, 12, 2):
        ways[waybill(2, number)]["signed"] |= {"region": "440106", "lat": 23.13, "lon": 113.33}
        ways[waybill(3, number)]["collected"]["at"] -= timedelta(days=3)
    made["orders"][60 * 10 + 1]["waybill_no"] = waybill(11, 1)
    made["parcels"][60 * 9 + 1]["receiver_address_hash"] = "store 9"
    made["parcels"][60 * 9 + 1]["receiver_region"] = made["parcels"][60 * 9 + 1]["sender_region"]
    carried = [way for way in ways.values() if way["signed"]["courier_id"] == FORGER]
    for way in carried[::3]:
        way["signed"] |= {
            "at": way["out_for_delivery"]["at"] + timedelta(seconds=40),
            "lat": 24.51,
            "lon": 118.14,
        }
    for name in missed(made):
        gone |= {id(ways[name][event]) for event in ("departed", "arrived")}
    for name, way in ways.items():
        parcel = parcels[name]
        if parcel["receiver_region"] == "350103" and int(name[1:3]) > 3:
            way["signed"]["region"] = "350102"
    made["scans"] = [scan for scan in made["scans"] if id(scan) not in gone]
    return made


def missed(made: lakes.Shipments) -> set[str]:
    """What other shops sent to Guangzhou, of the day on which most of it was signed for."""
    there = {row["waybill_no"] for row in made["parcels"] if row["receiver_region"] == "440106"}
    days: dict[int, set[str]] = {}
    for scan in made["scans"]:
        name = scan["waybill_no"]
        if scan["event"] == "signed" and name in there and int(name[1:3]) > 3:
            days.setdefault((scan["at"] + 8 * HOUR).day, set()).add(name)
    return max(days.values(), key=len)


def _hurried(way: dict[str, dict[str, Any]]) -> None:
    """All of the way within two hours."""
    start = way["collected"]["at"]
    for turn, event in enumerate(("departed", "arrived", "out_for_delivery", "signed")):
        way[event]["at"] = start + (turn + 1) * HOUR / 2


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    found = lakes.found(lakes.written(tmp_path_factory.mktemp("lake"), **market()), "forged_logistics")
    assert not found.failed
    return found


def told(found: Found, name: str) -> set[str]:
    """What a lead says about a waybill."""
    lead = next((one for one in found.leads if one.entity == "waybill" and one.entity_id == name), None)
    return {seen.signal.name for seen in lead.signals} if lead else set()


def shown(found: Found, signal: str) -> set[str]:
    return {one.entity_id for one in found.leads if signal in {seen.signal.name for seen in one.signals}}


def test_signatures_in_another_county_are_told_unless_a_station_signs_for_the_next_one(found: Found) -> None:
    away = {row["waybill_no"] for row in market()["parcels"] if row["receiver_region"] != "440106"}
    moved = {waybill(2, number) for number in range(0, 12, 2)} & away
    assert shown(found, "this_signed_elsewhere") == moved | {waybill(9, 1)}


def test_collection_before_the_order_is_told(found: Found) -> None:
    assert shown(found, "this_before_order") == {waybill(3, number) for number in range(0, 12, 2)}


def test_ways_that_no_lorry_covers_in_the_time_are_told(found: Found) -> None:
    far = {
        row["waybill_no"]
        for row in market()["parcels"]
        if row["sender_region"][:2] != row["receiver_region"][:2]
    }
    hurried = {waybill(0, number) for number in range(0, 40, 2)}
    fast = shown(found, "this_too_fast")
    assert hurried & far and hurried & far <= fast
    assert all(name in hurried or told(found, name) - {"this_too_fast"} for name in fast)


def test_a_depot_that_missed_its_scans_that_day_explains_them(found: Found) -> None:
    bare = shown(found, "this_no_transit")
    assert bare and len(missed(lakes.shipments())) > 3 and all(name.startswith("W01") for name in bare)


def test_a_waybill_for_two_strangers_names_both_orders(found: Found) -> None:
    assert shown(found, "this_reused") == {waybill(11, 1)}
    lead = next(one for one in found.leads if one.entity_id == waybill(11, 1))
    assert set(lead.orders) == {"o10-1", "o11-1"}


def test_a_parcel_to_the_senders_own_place_is_told(found: Found) -> None:
    assert shown(found, "this_own_place") == {waybill(9, 1)}


def test_the_courier_who_signs_at_the_depot_stands_first_with_what_he_signed(found: Found) -> None:
    couriers = [one for one in found.leads if one.entity == "courier"]
    assert couriers[0].entity_id == FORGER and couriers[0].platform == "swift"
    assert {"at_depot", "in_no_time"} <= {seen.signal.name for seen in couriers[0].signals}
    assert couriers[0].waybills and couriers[0].score > max((one.score for one in couriers[1:]), default=0)


def _leads(found: Found) -> dict[tuple[str, str], float]:
    return {(one.entity, one.entity_id): round(one.score, 6) for one in found.leads}


def test_order_of_rows_and_spelling_of_ids_change_nothing(found: Found, tmp_path: Path) -> None:
    renamed = lakes.shuffled(market())
    for row in renamed["scans"]:
        row["courier_id"] = row["courier_id"] and row["courier_id"][::-1]
    again = lakes.found(lakes.written(tmp_path, **renamed), "forged_logistics")
    turned = {
        (kind, name[::-1] if kind == "courier" else name): s for (kind, name), s in _leads(found).items()
    }
    assert _leads(again) == turned


def test_without_positions_couriers_and_orders_the_rest_is_told(tmp_path: Path) -> None:
    poor = lakes.without(market(), "scans.lat", "scans.lon", "scans.courier_id", "scans.facility")
    poor.pop("orders")
    again = lakes.found(lakes.written(tmp_path, **poor), "forged_logistics")
    assert not again.failed
    assert {"this_no_transit", "this_signed_elsewhere"} <= {
        seen.signal.name for one in again.leads for seen in one.signals
    }


def test_a_batch_at_one_station_is_honest_and_one_across_cities_is_not(tmp_path: Path) -> None:
    made = lakes.shipments()
    parcels = {row["waybill_no"]: row for row in made["parcels"]}
    signed = [scan for scan in made["scans"] if scan["event"] == "signed"]
    moment = max(scan["at"] for scan in signed) + timedelta(days=1)
    here = [scan for scan in signed if parcels[scan["waybill_no"]]["receiver_region"] == "350102"][:40]
    there = [scan for scan in signed if parcels[scan["waybill_no"]]["receiver_region"][:4] != "3501"][:30]
    for number, scan in enumerate(here):
        scan |= {"courier_id": "station", "at": moment + timedelta(seconds=number)}
    for number, scan in enumerate(there):
        scan |= {"courier_id": "forger", "at": moment + timedelta(seconds=number)}
    found: list[Lead] = list(lakes.found(lakes.written(tmp_path, **made), "forged_logistics").leads)
    batches = {
        one.entity_id for one in found if "this_scattered_batch" in {s.signal.name for s in one.signals}
    }
    assert batches == {scan["waybill_no"] for scan in there}
    couriers = lakes.scores(found, "courier")
    assert couriers["forger"] == max(couriers.values()) and "station" not in couriers


def test_a_round_that_nobody_scans_is_the_depots_where_it_is_silent_and_the_couriers_where_it_is_not() -> (
    None
):
    rows = [
        {"carrier": "swift", "signed_region": place, "signed_by": who}
        | {"no_round_hit": missing, "no_depot_hit": silent}
        | dict.fromkeys(("no_round_of", "in_no_time_of", "hasty_of", "at_depot_of"), 100)
        | dict.fromkeys(("in_no_time_hit", "hasty_hit", "at_depot_hit"), 0)
        for place, who, missing, silent in (
            ("350102", "forger", 60, 1), ("350102", "other", 1, 0), ("350203", "alone", 70, 40),
            ("350502", "both", 60, 0), ("350502", "too", 50, 0),
        )
    ]  # fmt: skip
    found = others(pl.DataFrame(rows)).iter_rows(named=True)
    beside = {row["signed_by"]: row["no_round_beside"] for row in found}
    assert beside["forger"] == 0.01 and beside["alone"] == 1.0 and beside["both"] == 0.5


def by_day(made: lakes.Shipments) -> dict[str, dict[str, dict[str, Any]]]:
    """The ways of the parcels (by waybill and event), each signed for between nine and six, China time, the
    round two hours long."""
    ways: dict[str, dict[str, dict[str, Any]]] = {}
    for scan in made["scans"]:
        ways.setdefault(scan["waybill_no"], {})[scan["event"]] = scan
    for number, way in enumerate(ways.values()):
        day = way["signed"]["at"].replace(hour=1, minute=0, second=0) + timedelta(days=1)
        way["signed"]["at"] = day + number % 9 * HOUR
        way["out_for_delivery"]["at"] = way["signed"]["at"] - 2 * HOUR
    return ways


def test_signatures_at_an_hour_when_no_other_courier_signs_are_told(tmp_path: Path) -> None:
    made = lakes.shipments()
    ways = by_day(made)
    nightly = [name for name, way in ways.items() if way["signed"]["courier_id"] == FORGER][::3]
    for name in nightly:
        ways[name]["signed"]["at"] = ways[name]["signed"]["at"].replace(hour=18, minute=40)
    found = lakes.found(lakes.written(tmp_path, **made), "forged_logistics")
    assert shown(found, "this_at_night") == set(nightly)
    courier = next(one for one in found.leads if one.entity == "courier")
    assert courier.entity_id == FORGER and "at_night" in {seen.signal.name for seen in courier.signals}


def test_one_courier_who_signs_heaps_at_night_makes_the_night_no_hour_of_work() -> None:
    day = [{"signed_by": f"c{number}", "signed_hour": 2, "rows": 40} for number in range(20)]
    night = [{"signed_by": "c0", "signed_hour": 18, "rows": 900}]
    shift = [{"signed_by": f"c{number}", "signed_hour": 20, "rows": 5} for number in range(20)]
    found = quiet(pl.DataFrame(day + night + shift).with_columns(carrier=pl.lit("swift")))
    assert found.rows() == [("swift", "c0", 18, True)]
    assert quiet(pl.DataFrame(night).with_columns(carrier=pl.lit("alone"))).is_empty()


def test_a_station_that_closes_an_hour_after_the_others_is_at_work_and_not_up_at_night() -> None:
    day = [
        {"signed_by": f"c{number}", "signed_hour": hour, "rows": 40}
        for number in range(200)
        for hour in range(1, 9)
    ]
    late = [{"signed_by": "station", "signed_hour": 9, "rows": 300}]
    some = [{"signed_by": "c0", "signed_hour": 9, "rows": 30}]
    night = [{"signed_by": "nightly", "signed_hour": 18, "rows": 90}]
    found = quiet(pl.DataFrame(day + late + some + night).with_columns(carrier=pl.lit("swift")))
    assert set(found.rows()) == {("swift", "c0", 9, True), ("swift", "nightly", 18, True)}


def test_without_rounds_a_signature_within_moments_of_the_arrival_is_told_unless_it_is_the_places(
    tmp_path: Path,
) -> None:
    made = lakes.shipments(16, 90)
    ways = by_day(made)
    hasty = [name for name, way in ways.items() if way["signed"]["courier_id"] == FORGER][::14]
    shelf = [name for name, way in ways.items() if way["signed"]["region"] == "440106"][::13]
    for name in hasty + shelf:
        ways[name]["signed"]["at"] = ways[name]["arrived"]["at"] + HOUR / 40
    made["scans"] = [scan for scan in made["scans"] if scan["event"] != "out_for_delivery"]
    found = lakes.found(lakes.written(tmp_path, **made), "forged_logistics")
    assert shown(found, "this_in_no_time") == set(hasty)


def test_what_only_one_couriers_parcels_show_is_his_and_not_the_depots(tmp_path: Path) -> None:
    made = lakes.shipments()
    ways = by_day(made)
    parcels = {row["waybill_no"]: row for row in made["parcels"]}
    his = [name for name, way in ways.items() if way["signed"]["courier_id"] == FORGER]
    far = [name for name in his if parcels[name]["sender_region"][:4] != "3502"][::2]
    moment = max(scan["at"] for scan in made["scans"])
    for number, name in enumerate(far):
        ways[name]["signed"]["at"] = moment + timedelta(minutes=number)
        ways[name]["signed"]["region"] = "350203"
    gone = {id(ways[name][event]) for name in far for event in ("departed", "arrived")}
    made["scans"] = [scan for scan in made["scans"] if id(scan) not in gone]
    found = lakes.found(lakes.written(tmp_path, **made), "forged_logistics")
    assert len({parcels[name]["sender_address_hash"] for name in far}) > 4
    assert shown(found, "this_no_transit") == set(far)
    assert shown(found, "this_signed_elsewhere") == set(far)
