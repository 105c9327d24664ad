"""What must hold of fake traffic: devices and accounts without a life of their own are told from crowds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from chengxin.detection.running import Found
from chengxin.detection.tests import lakes

Visits = list[dict[str, Any]]


def market() -> dict[str, Visits]:
    """Twenty shops that people look around in. Shop 0 bought visits of twelve devices on the minute, shop 1
    of fresh accounts on devices of their own that last equally long. A link to shop 2 went round among
    people who are gone at once; an office of sixty looks at shops through one address; shop 3 has its night
    of campaign."""
    chance = np.random.default_rng(5)
    visits: Visits = []

    def visit(shop: int, who: str, at: int, **facts: Any) -> None:
        visits.append(
            {"visit_id": f"v{len(visits)}", "platform": "harbour", "seller_id": f"s{shop}",
             "visitor_id": who, "device": f"device of {who}", "ip": f"address of {who}",
             "at": lakes.moment(at), "entry": "search",
             "dwell_s": float(np.round(chance.lognormal(3.5, 1.0), 1)),
             "ordered": bool(chance.random() < 0.3)} | facts
        )  # fmt: skip

    def some_time() -> int:
        return lakes.SPRING + int(chance.integers(0, 28)) * 86400 + int(chance.integers(0, 16 * 3600))

    people = [f"person {n}" for n in range(900)]
    for who in people:
        for shop in chance.choice(20, int(chance.integers(2, 9))):
            visit(int(shop), who, some_time())
    for n in range(400):
        at = lakes.SPRING + int(chance.integers(0, 3000)) * 600 + int(chance.integers(0, 20))
        bot = f"bot {n % 40}"
        visit(0, bot, at, device=f"farm {n % 12}", ip=f"10.9.8.{n % 12}", dwell_s=0.5, ordered=False)
        visit(1, f"fresh {n // 3}", some_time(), dwell_s=20.0 + n % 3, ordered=False)
    for n in range(500):
        visit(2, people[n], lakes.SPRING + 86400 + n * 60, entry="link", dwell_s=1.0, ordered=False)
    for n in range(60):
        for shop in range(0, 20, 3):
            visit(shop, f"clerk {n}", some_time(), ip="office")
    for n in range(300):
        visit(3, people[-n], lakes.SPRING + 12 * 86400 + int(chance.integers(0, 7200)), ordered=bool(n % 2))
    return {"visits": visits}


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Found:
    return lakes.found(lakes.written(tmp_path_factory.mktemp("lake"), **market()), "fake_traffic")


def test_shops_that_bought_visits_stand_first(found: Found) -> None:
    assert {one.entity_id for one in found.leads[:2]} == {"s0", "s1"}
    assert all(one.score > 0.4 and one.platform == "harbour" for one in found.leads[:2])


def test_a_lead_tells_what_betrays_the_visits_and_names_visitors(found: Found) -> None:
    farm, fresh = (next(one for one in found.leads if one.entity_id == shop) for shop in ("s0", "s1"))
    names = {seen.signal.name for seen in farm.signals}
    assert {"idle_device", "crowded_device", "idle_network", "on_the_minute", "glance"} <= names
    assert {"idle_visitor", "same_dwell"} <= {seen.signal.name for seen in fresh.signals}
    assert set(farm.accounts[:40]) == {f"bot {n}" for n in range(40)}


def test_a_link_that_went_round_an_office_and_a_campaign_are_far_below(found: Found) -> None:
    scores = lakes.scores(found.leads, "seller")
    assert max([score for shop, score in scores.items() if shop not in {"s0", "s1"}], default=0) < 0.3


def test_order_of_rows_and_spelling_of_ids_change_nothing(found: Found, tmp_path: Path) -> None:
    renamed = lakes.shuffled(market())
    for row in renamed["visits"]:
        row |= {"visitor_id": row["visitor_id"][::-1], "seller_id": row["seller_id"][::-1]}
    again = lakes.found(lakes.written(tmp_path, **renamed), "fake_traffic")
    turned = {shop[::-1]: score for shop, score in lakes.scores(found.leads, "seller").items()}
    assert lakes.scores(again.leads, "seller") == turned


def test_without_devices_and_addresses_visitors_still_tell(tmp_path: Path) -> None:
    poor = lakes.without(market(), "visits.device", "visits.ip", "visits.entry")
    found = lakes.found(lakes.written(tmp_path, **poor), "fake_traffic")
    assert not found.failed
    assert {"fake_traffic.idle_device", "fake_traffic.idle_network"} <= {note.about for note in found.notes}
    assert {one.entity_id for one in found.leads[:2]} == {"s0", "s1"}


def test_visitors_who_look_at_the_same_set_of_shops_are_told(tmp_path: Path) -> None:
    visits = market()["visits"]
    visits = [row for row in visits if not row["visitor_id"].startswith(("bot", "fresh"))]
    for who in range(50):
        for number, shop in enumerate((5, 6, 7, 8)):
            visits.append(
                visits[0]
                | {"visit_id": f"x{who}.{number}", "seller_id": f"s{shop}", "visitor_id": f"hired {who}",
                   "device": f"hired {who}", "ip": f"hired {who}", "ordered": False}
            )  # fmt: skip
    found = lakes.found(lakes.written(tmp_path, visits=visits), "fake_traffic")
    shown = {
        one.entity_id for one in found.leads if "same_shops" in {seen.signal.name for seen in one.signals}
    }
    assert shown == {"s5", "s6", "s7", "s8"}


def test_listeners_who_all_stay_equally_long_and_never_buy_come_before_a_campus(tmp_path: Path) -> None:
    """Twins: a real live room, in which people stay as long as they like and some buy; a campus behind one
    address."""
    visits = [row for row in market()["visits"] if not row["visitor_id"].startswith(("bot", "fresh"))]
    chance = np.random.default_rng(8)

    def crowd(shop: int, dwell: np.ndarray[Any, Any], **facts: Any) -> None:
        for n, stayed in enumerate(dwell):
            who = f"guest {shop}.{n}"
            evening = lakes.SPRING + int(chance.integers(0, 5)) * 5 * 86400 + int(chance.integers(0, 1800))
            visits.append(
                visits[0]
                | {"visit_id": who, "seller_id": f"s{shop}", "visitor_id": who, "device": who, "ip": who,
                   "at": lakes.moment(evening), "dwell_s": float(np.round(stayed, 1)), "ordered": False}
                | facts
            )  # fmt: skip

    crowd(10, chance.normal(1790, 9, 300), entry="link")
    crowd(11, chance.lognormal(6.5, 1.0, 300), entry="link")
    crowd(12, chance.lognormal(3.5, 1.0, 300), ip="campus")
    found = lakes.found(lakes.written(tmp_path, visits=visits), "fake_traffic")
    assert found.leads[0].entity_id == "s10"
    names = [seen.signal.name for seen in found.leads[0].signals]
    assert {"same_dwell", "same_dwell_in_silence"} <= set(names)
    assert lakes.scores(found.leads, "seller").get("s11", 0.0) < 0.3


def test_equally_long_visits_of_which_as_many_buy_as_elsewhere_are_not_silent(tmp_path: Path) -> None:
    visits = market()["visits"]
    for row in visits:
        if row["visitor_id"].startswith("fresh"):
            row["ordered"] = int(row["visitor_id"].split()[1]) % 3 == 0
    found = lakes.found(lakes.written(tmp_path, visits=visits), "fake_traffic")
    names = {seen.signal.name for one in found.leads for seen in one.signals}
    assert "same_dwell" in names and "same_dwell_in_silence" not in names


def test_where_one_shop_in_six_buys_visits_each_of_them_stands_out_and_no_other(tmp_path: Path) -> None:
    visits = [row for row in market()["visits"] if not row["visitor_id"].startswith(("bot", "fresh"))]
    homes = {who: n for n, who in enumerate(sorted({row["visitor_id"] for row in visits}))}
    for row in visits:
        row["ip"] = f"172.16.{homes[row['visitor_id']] % 250}.{homes[row['visitor_id']]}"
    bought = {"s4", "s9", "s14"}
    for shop in bought:
        for number in range(300):
            who = f"hired {shop} {number}"
            visits.append(
                visits[number]
                | {"visit_id": f"x{who}", "seller_id": shop, "visitor_id": who, "device": who,
                   "ip": f"10.{shop[1:]}.{number % 3}.{number % 90}", "ordered": False}
            )  # fmt: skip
    found = lakes.found(lakes.written(tmp_path, visits=visits), "fake_traffic")
    assert {one.entity_id for one in found.leads if one.score > 0.4} == bought
    assert all("idle_subnet" in {seen.signal.name for seen in one.signals} for one in found.leads[:3])
