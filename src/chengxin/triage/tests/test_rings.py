"""What a ring's page shows: who hangs together, money that names no order, parcels with their shop."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl

from chengxin.triage import evidence, ring, tracks
from chengxin.triage.contract import read
from chengxin.triage.grouping import schemes
from chengxin.triage.masking import names
from chengxin.triage.tests import sample

PLATFORM, CARRIER = "榕城优选", "闽江速运"


def _seen(lake: Path, *leads: dict[str, Any]) -> list[evidence.Seen]:
    lines = read(sample.as_file(leads))
    return evidence.read(lake, lines, schemes(lines))


def test_a_ring_is_drawn_without_whoever_only_bought_there_too() -> None:
    rows = dict(sample.tables(PLATFORM))
    bystander = rows["orders"][0] | {"buyer_id": "b-9999", "buyer_device": "dev-9", "address_hash": "addr-9"}
    regular = rows["orders"][0] | {"buyer_id": "b-8888", "buyer_device": "dev-8", "address_hash": "addr-8"}
    rows["orders"] = [*rows["orders"], bystander, regular, regular | {"seller_id": "s-8802"}]
    named = names(rows, sample.SHOPS)
    found = {named.key("shop", one) for one in sample.SHOPS}
    found |= {named.key("buyer", one) for one in sample.BUYERS}
    drawn = ring.graph(rows, named, found)
    keys = {one.key: one.member for one in drawn.nodes}
    assert {key for key, member in keys.items() if member} == found
    assert named.key("buyer", "b-9999") not in keys, "bought in one of the shops only"
    assert keys[named.key("buyer", "b-8888")] is False, "bought in both: who looks may judge"
    assert {one.kind for one in drawn.nodes if not one.member} == {"buyer", "device", "address", "ip"}
    assert drawn.left == len(ring.graph(rows, named).nodes) - len(drawn.nodes) == 1


def test_money_that_comes_back_without_naming_an_order_is_read(tmp_path: Path) -> None:
    sample.write_lake(tmp_path, PLATFORM)
    paid = pl.read_parquet(tmp_path / "payments")
    back = paid.filter(pl.col("kind") == "transfer").with_columns(order_id=pl.lit(None, pl.String))
    back.write_parquet(tmp_path / "payments" / "part.parquet")
    [seen] = _seen(tmp_path, sample.lead("brushing", ("buyer", "b-4100"), PLATFORM, 0.9, [sample.BACK]))
    assert {one["payee_id"] for one in seen.rows["payments"]} == {"b-4100"}
    assert len(seen.rows["payments"]) == 2


def test_a_carriers_parcel_leads_to_the_shop_that_sent_it(tmp_path: Path) -> None:
    sample.write_lake(tmp_path, PLATFORM)
    waybill = sample.lead("empty_parcels", ("waybill", "YT770000"), CARRIER, 0.8, [sample.LIGHT])
    elsewhere = waybill | {"platform": "别的承运人"}
    seen, other = _seen(tmp_path, waybill, elsewhere)
    assert [one["order_id"] for one in seen.rows["orders"]] == ["o-00"]
    assert [one.seller for one in seen.shops] == ["s-8801"] and seen.amount == 19_900
    assert "orders" not in other.rows and other.shops == ()


def test_parcels_that_are_named_come_first() -> None:
    rows = sample.tables(PLATFORM)
    assert tracks.tracks(rows, {"YT770081"})[0].waybill == "YT770081"
    assert tracks.tracks(rows)[0].waybill == "YT770000"


def test_degrees_on_a_map_leave_room_for_their_names() -> None:
    spots = [("350100", 26.1, 119.3), ("350200", 36.1, 119.4), ("350300", 31.0, 119.9)]
    scans = [
        {"waybill_no": "w", "at": f"2026-03-0{at}T01:00:00Z", "region": region, "lat": lat, "lon": lon}
        for at, (region, lat, lon) in enumerate(spots, 1)
    ]
    drawn = tracks.drawn({"scans": scans})
    assert drawn is not None
    for lines in (drawn.meridians, drawn.parallels):
        places = sorted(place for place, _ in lines)
        assert all(after - before >= 40 for before, after in pairwise(places))
    assert drawn.parallels
