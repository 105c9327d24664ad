"""A listed shop that comes back is known by what it keeps; what many share, and who was there before, says
little.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.tests.lakes import found, scores, written

LISTED = datetime(2026, 2, 1, tzinfo=UTC)
HALL, AGENT = "hall", "agent"
Row = dict[str, Any]


def shop(seller: str, days: float, **known: Any) -> Row:
    """A shop opened so many days after the listing, everything about it its own unless said otherwise."""
    own = {
        "seller_id": seller, "platform": "p", "subject_code": f"code-{seller}", "shop_name": _name(seller),
        "opened_at": LISTED + timedelta(days=days), "legal_person_hash": f"lp-{seller}",
        "phone_hash": f"ph-{seller}", "address_hash": f"ad-{seller}",
    }  # fmt: skip
    return own | known


def _name(seller: str) -> str:
    chance = random.Random(seller)
    return "".join(chance.choice("安柏川岱枫谷禾湖锦珂澜棉宁沛青融杉棠湾溪") for _ in range(4)) + "专营店"


def listed(old: Row, days: float = 0, **said: Any) -> Row:
    """The row of the list about a shop."""
    names = (
        "seller_id",
        "platform",
        "subject_code",
        "legal_person_hash",
        "phone_hash",
        "address_hash",
        "shop_name",
    )
    return {name: old[name] for name in names} | {"listed_at": LISTED + timedelta(days=days)} | said


def market(count: int = 80) -> list[Row]:
    """Shops that have nothing to do with it: every fifth in one hall, every seventh with one agent's
    telephone.
    """
    chance = random.Random(11)
    shops = []
    for number in range(count):
        some: Row = {"address_hash": HALL} if number % 5 == 0 else {}
        some |= {"phone_hash": AGENT} if number % 7 == 0 else {}
        shops.append(shop(f"h{number}", chance.uniform(-400, 120), **some))
    return shops


OLD = shop("old", -300)


def leads(
    folder: Path, *sellers: Row, lists: list[Row] | None = None, **tables: list[Row]
) -> tuple[Lead, ...]:
    written(folder, sellers=[*market(), OLD, *sellers], listed=lists or [listed(OLD)], **tables)
    run = found(folder, "re_entry")
    assert not run.failed
    return run.leads


def same(*names: str) -> Row:
    return {name: OLD[name] for name in names}


@pytest.mark.obligation("17a")
@pytest.mark.parametrize("kept", ["legal_person_hash", "phone_hash", "address_hash"])
def test_one_trace_of_a_closed_shop_in_one_that_opens_weeks_later_comes_first(
    tmp_path: Path, kept: str
) -> None:
    first, *rest = leads(tmp_path, shop("new", 25, **same(kept)))
    assert (first.entity_id, first.accounts) == ("new", ("old", "new"))
    assert all(one.score < first.score for one in rest)
    assert 0.2 < first.score <= 0.9, "one witness beside the time"
    assert {one.signal.kind for one in first.signals} > {"time"}


def test_two_traces_are_more_than_one_and_three_more_than_two(tmp_path: Path) -> None:
    one = shop("one", 25, **same("phone_hash"))
    two = shop("two", 25, **same("phone_hash", "legal_person_hash"))
    three = shop("three", 25, **same("phone_hash", "legal_person_hash", "address_hash"))
    found_ = scores(leads(tmp_path, one, two, three), "seller")
    assert found_["three"] > found_["two"] > found_["one"]
    assert found_["three"] > 0.8


def test_what_a_hall_or_an_agent_shares_says_little(tmp_path: Path) -> None:
    old = shop("old2", -200, address_hash=HALL, phone_hash=AGENT)
    every = scores(
        leads(
            tmp_path, old, shop("tenant", 20, address_hash=HALL, phone_hash=AGENT),
            shop("new", 20, legal_person_hash=old["legal_person_hash"]), lists=[listed(OLD), listed(old)],
        ),
        "seller",
    )  # fmt: skip
    assert every["new"] > every.get("tenant", 0.0)
    assert every.get("tenant", 0.0) < 0.4


def test_shops_that_were_there_long_before_and_the_listed_one_itself_are_not_returns(tmp_path: Path) -> None:
    sister = shop("sister", -250, **same("legal_person_hash", "phone_hash"))
    openly = shop("openly", 30, subject_code=OLD["subject_code"], **same("legal_person_hash"))
    again = shop("before", -20, **same("legal_person_hash", "phone_hash"))
    told = {one.entity_id for one in leads(tmp_path, sister, openly, again)}
    assert not told & {"sister", "openly", "old"}
    assert "before" in told, "who sees a listing come opens the next shop before it"


def test_soon_after_says_more_than_much_later(tmp_path: Path) -> None:
    other = shop("old2", -400)
    soon, late = shop("soon", 20, **same("phone_hash")), shop("late", 20, phone_hash=other["phone_hash"])
    told = scores(leads(tmp_path, other, soon, late, lists=[listed(OLD), listed(other, days=-300)]), "seller")
    assert told["soon"] > told.get("late", 0.0)


def _goods(seller: str, pictures: list[str], title: str) -> list[Row]:
    return [
        {"product_id": f"{seller}-{number}", "seller_id": seller, "platform": "p",
         "title": f"{title} {number}号", "category": "x", "image_hash": picture, "at": LISTED}
        for number, picture in enumerate(pictures)
    ]  # fmt: skip


def test_pictures_and_titles_tell_unless_a_supplier_gives_them_to_all(tmp_path: Path) -> None:
    listings = _goods("old", ["rare1", "rare2", "supplier"], "岩茶大红袍礼盒")
    listings += _goods("copy", ["rare1", "rare2"], "另一件货") + _goods("words", ["w"], "岩茶大红袍礼盒")
    listings += _goods("reseller", ["supplier"], "第三件货")
    for number in range(40):
        listings += _goods(f"h{number}", ["supplier", f"own{number}"], f"货{_name(str(number))}")
    every = leads(
        tmp_path, shop("copy", 20), shop("words", 20), shop("reseller", 20), listings=listings
    )  # fmt: skip
    told = scores(every, "seller")
    signals = {one.entity_id: {seen.signal.name for seen in one.signals} for one in every}
    assert "pictures" in signals["copy"] and "titles" in signals["words"]
    assert min(told["copy"], told["words"]) > told.get("reseller", 0.0)


def test_who_brings_all_his_goods_comes_before_one_who_shows_one_alike(tmp_path: Path) -> None:
    listings = _goods("old", ["a", "b", "c", "d"], "岩茶大红袍礼盒")
    listings += _goods("back", ["a", "b", "c"], "另一件货") + _goods("alike", ["d", "e", "f"], "第三件货")
    single = shop("old2", -300)
    listings += _goods("old2", ["z"], "独一件") + _goods("only", ["z"], "第四件货")
    every = leads(
        tmp_path, single, shop("back", 20), shop("alike", 20), shop("only", 20), listings=listings,
        lists=[listed(OLD), listed(single)],
    )  # fmt: skip
    told = scores(every, "seller")
    assert told["back"] > told.get("alike", 0.0)
    assert told["only"] > told.get("alike", 0.0), "who had one thing to sell can't bring more"


def test_the_same_account_being_paid_tells_and_orders_numbered_alike_elsewhere_do_not(tmp_path: Path) -> None:
    orders: list[Row] = []
    payments: list[Row] = []

    def sold(seller: str, payee: str, count: int, platform: str = "p", start: int = 0) -> None:
        for number in range(start, start + count):
            order = {"order_id": f"{number}", "platform": platform, "seller_id": seller, "buyer_id": "b"}
            bought = {
                "product_id": "x",
                "quantity": 1,
                "amount": 10.0,
                "created_at": LISTED,
                "status": "received",
            }
            orders.append(order | bought | {"refund_amount": 0.0})
            paid = {
                "payment_id": f"{platform}{number}",
                "order_id": f"{number}",
                "institution": "i",
                "payer_id": "b",
            }
            payments.append(paid | {"payee_id": payee, "amount": 10.0, "paid_at": LISTED, "kind": "pay"})

    sold("old", "account", 10)
    sold("new", "account", 10, start=100)
    for number in range(10):
        sold(f"h{number}", f"own{number}", 10, start=1000 + 10 * number)
        sold(f"q{number}", f"q{number}", 1, platform="q", start=number)
    every = leads(
        tmp_path, shop("new", 20), *(shop(f"q{number}", 20, platform="q") for number in range(10)),
        orders=orders, payments=payments,
    )  # fmt: skip
    assert "payee" in {one.signal.name for one in every[0].signals}
    assert every[0].entity_id == "new"


def test_a_chain_of_shops_each_listed_in_its_turn_is_one_ring(tmp_path: Path) -> None:
    second = shop("second", 20, **same("legal_person_hash", "phone_hash"))
    third = shop("third", 70, phone_hash=OLD["phone_hash"], address_hash=second["address_hash"])
    every = leads(tmp_path, second, third, lists=[listed(OLD), listed(second, days=60)])
    rings = {one.entity_id: one.ring for one in every}
    assert rings["second"] == rings["third"] == "p/old"


def test_a_list_that_names_only_the_shop_is_completed_from_the_sellers(tmp_path: Path) -> None:
    bare = {"seller_id": "old", "platform": "p", "listed_at": LISTED, "shop_name": OLD["shop_name"]}
    assert (
        leads(tmp_path, shop("new", 20, **same("legal_person_hash", "phone_hash")), lists=[bare])[0].entity_id
        == "new"
    )


def test_a_name_that_is_nearly_the_old_one_and_its_site_tell(tmp_path: Path) -> None:
    old = shop("old2", -300, shop_name="鼓浪屿馅饼店", domain="gulang.cn")
    new = shop("new", 20, shop_name="古浪屿馅饼旗舰店", domain="www.gulang.cn")
    first = leads(tmp_path, old, new, lists=[listed(OLD), listed(old, domain="gulang.cn")])[0]
    assert first.entity_id == "new"
    assert {"name", "site"} <= {one.signal.name for one in first.signals}


def test_neither_the_order_of_rows_nor_the_spelling_of_ids_changes_anything(tmp_path: Path) -> None:
    rows = [
        *market(),
        OLD,
        shop("new", 20, **same("phone_hash")),
        shop("two", 20, **same("phone_hash", "address_hash")),
    ]
    ids = {one["seller_id"]: f"z{number * 7919 % 1000}" for number, one in enumerate(rows)}
    renamed = [one | {"seller_id": ids[one["seller_id"]]} for one in rows]
    random.Random(2).shuffle(renamed)
    lists = [listed(OLD), listed(rows[3], days=-30)]
    first = found(written(tmp_path / "one", sellers=rows, listed=lists), "re_entry").leads
    other = [one | {"seller_id": ids[one["seller_id"]]} for one in reversed(lists)]
    second = found(written(tmp_path / "two", sellers=renamed, listed=other), "re_entry").leads
    assert {(ids[one.entity_id], one.score) for one in first} == {
        (one.entity_id, one.score) for one in second
    }


@pytest.mark.parametrize(
    "gone", [("phone_hash", "address_hash"), ("legal_person_hash",), ("subject_code",), ()]
)
def test_missing_columns_and_hardly_any_rows_break_nothing(tmp_path: Path, gone: tuple[str, ...]) -> None:
    new = shop("new", 20, **same("legal_person_hash", "phone_hash"))
    for number, rows in enumerate(([], [new], [OLD, new], [OLD, new, new])):
        kept = [{name: value for name, value in one.items() if name not in gone} for one in rows]
        lists = [{name: value for name, value in listed(OLD).items() if name not in gone}]
        run = found(written(tmp_path / str(number), sellers=kept, listed=lists), "re_entry")
        assert not run.failed
        assert not rows or run.leads[0].entity_id == "new"
