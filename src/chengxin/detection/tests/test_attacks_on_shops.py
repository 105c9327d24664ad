"""What tells an attack on a shop from customers of one mind: who paid, in whose words, about which goods."""

from __future__ import annotations

from pathlib import Path

import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.tests.lakes import (
    SPRING,
    Shipments,
    found,
    moment,
    opinion,
    opinions,
    scores,
    shuffled,
    transfer,
    written,
)

DAY = 86400
THREAT = "不给我退钱就天天来骂大家千万别进这家黑店老板没良心"
FLATTERY = "收到货迫不及待拆开质感一流客服贴心必须五星好评推荐给所有人{}"


def detected(folder: Path, made: Shipments, name: str = "malicious_ratings") -> list[Lead]:
    """The leads about a lake of these rows; nothing may have broken off."""
    run = found(written(folder, **{table: rows for table, rows in made.items() if rows}), name)
    assert run.failed == ()
    return list(run.leads)


def signals(leads: list[Lead], start: str) -> set[str]:
    """The names of the signals about the entities whose ids begin so."""
    return {seen.signal.name for one in leads if one.entity_id.startswith(start) for seen in one.signals}


def by_card(made: Shipments, order: str, buyer: str, seller: str, at: int) -> None:
    """Adds the payment of an order, between accounts that aren't the platform's ids."""
    made["payments"].append(
        {"payment_id": f"p{order}", "order_id": f"o{order}", "institution": "reed", "kind": "pay",
         "payer_id": f"card of {buyer}", "payee_id": f"till of {seller}", "amount": 50.0,
         "paid_at": moment(at)}
    )  # fmt: skip


def blamed(made: Shipments, shop: str, payer: str | None, count: int = 8) -> None:
    """Blame of a shop by customers who pay by card, and are each sent money on it afterwards."""
    for n in range(count):
        at = SPRING + (20 + n) * DAY
        buyer = f"{shop} blamer {n}"
        opinion(made, f"{shop} low {n}", seller=shop, buyer=buyer, at=at, score=-1.0)
        by_card(made, f"{shop} low {n}", buyer, shop, at)
        if payer:
            transfer(made, f"{shop} fee {n}", payer, f"card of {buyer}", at + 6 * DAY, amount=60.0)


def clumsy(made: Shipments, shop: str, payer: str | None, count: int = 12) -> None:
    """Full marks within hours, in the same words, on one device, without a look at the page."""
    for n in range(count):
        buyer, at = f"{shop} fan {n}", SPRING + 30 * DAY + n * 1800
        opinion(
            made, f"{shop} top {n}", seller=shop, buyer=buyer, at=at, waited=300, dwell_s=1.0,
            text=FLATTERY.format("" if n % 2 else "呀"), buyer_device=f"phone of {shop} {n % 2}",
        )  # fmt: skip
        if payer:
            transfer(made, f"{shop} wage {n}", payer, buyer, at + 5 * DAY, amount=58.0)


def in_a_wave(made: Shipments) -> None:
    """Blame in the same words within a day: of four kinds of goods of s12, of one batch of s20."""
    for shop, batch in (("s12", None), ("s20", "the batch")):
        for n in range(12):
            opinion(
                made, f"{shop} wave {n}", seller=shop, buyer=f"{shop} voice {n}", score=-1.0,
                at=SPRING + 30 * DAY + n * 7000, text="打开全是霉味" + "啊" * (n % 2),
                product_id=batch or f"goods {n % 4}",
            )  # fmt: skip
        for n in range(32):
            opinion(
                made, f"{shop} calm {n}", seller=shop, buyer=f"b{n * 7}", at=SPRING + n * 2 * DAY,
                product_id=f"goods {n % 4}",
            )  # fmt: skip


def scheming() -> Shipments:
    """A market in which s9 is blamed for a rival's money, s25 by those whom it pays itself, s31 by those whom
    an insurer pays; s14 has clumsy praise that nobody pays for, s4 its own; s3 sends gifts; s30 is blamed in
    another's words; a household is unhappy with s33.
    """
    made = opinions()
    for shop, payer in (("s9", "till of s10"), ("s25", "till of s25"), ("s31", "insurer")):
        blamed(made, shop, payer)
    for n in range(60):
        transfer(made, f"claim {n}", "insurer", f"b{n * 5}", SPRING + n * DAY)
    clumsy(made, "s14", None)
    clumsy(made, "s4", "s4", 20)
    for n in range(10):
        at = SPRING + (n + 5) * DAY
        for shop in ("s3", "s5"):
            opinion(made, f"{shop} loved {n}", seller=shop, buyer=f"both {n}", at=at)
        transfer(made, f"gift {n}", "s3", f"both {n}", at + 5 * DAY)
    for n in range(7):
        at = SPRING + n * 5 * DAY
        opinion(made, f"habit {n}", seller=f"s{n + 15}", buyer="master", at=at, score=-1.0, text=THREAT)
    for n in range(5):
        at = SPRING + (20 + n) * DAY
        opinion(made, f"hand {n}", seller="s30", buyer=f"hand {n}", at=at, score=-1.0, text=THREAT)
    for n in range(2):
        opinion(
            made, f"home {n}", seller="s33", buyer=f"home {n}", at=SPRING + n * DAY, score=-1.0,
            buyer_device="one phone", buyer_ip="one net",
        )  # fmt: skip
    in_a_wave(made)
    return made


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> list[Lead]:
    """What is found in the scheming market."""
    return detected(tmp_path_factory.mktemp("lake"), scheming())


def test_a_payer_is_known_by_the_accounts_that_paid_for_the_orders(leads: list[Lead]) -> None:
    assert {f"s9 blamer {n}" for n in range(8)} <= set(scores(leads, "buyer"))
    assert "one_payer" in signals(leads, "s9 blamer")


def test_what_a_shop_pays_its_unhappy_customers_is_no_wage(leads: list[Lead]) -> None:
    assert "one_payer" not in signals(leads, "s25 blamer")


def test_who_pays_many_others_too_hired_nobody(leads: list[Lead]) -> None:
    assert "one_payer" not in signals(leads, "s31 blamer")


def test_gifts_of_a_shop_to_its_customers_say_nothing_about_another_shop(leads: list[Lead]) -> None:
    assert {"harbour/s3", "harbour/s5"}.isdisjoint({one.ring for one in leads})


def test_clumsy_praise_for_which_nobody_of_the_shop_paid_is_meant_to_harm(leads: list[Lead]) -> None:
    assert {f"s14 fan {n}" for n in range(12)} <= set(scores(leads, "buyer"))
    assert "crude_praise" in signals(leads, "s14 fan")
    assert signals(leads, "s4 fan") == set()


def test_the_words_of_one_who_blames_shop_after_shop_give_others_away(leads: list[Lead]) -> None:
    assert {f"hand {n}" for n in range(5)} <= set(scores(leads, "buyer"))
    assert "known_words" in signals(leads, "hand")


def test_the_same_words_in_one_wave_are_an_attack_unless_one_product_explains_them(leads: list[Lead]) -> None:
    assert "in_concert" in signals(leads, "s12 voice")
    assert "in_concert" not in signals(leads, "s20 voice")


def test_two_of_a_household_who_blame_a_shop_are_no_attack(leads: list[Lead]) -> None:
    assert {"home 0", "home 1"}.isdisjoint(scores(leads, "buyer"))


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path, leads: list[Lead]) -> None:
    again = detected(tmp_path, shuffled(scheming()))
    assert [one.as_dict() for one in leads] == [one.as_dict() for one in again]


def test_missing_money_says_nothing_where_no_money_is_seen_at_all(tmp_path: Path) -> None:
    made = opinions()
    clumsy(made, "s9", None)
    transfer(made, "family", "aunt", "b3", SPRING + 30 * DAY)
    assert "crude_praise" not in signals(detected(tmp_path, made), "s9")


def test_praise_that_a_stranger_paid_for_is_not_held_against_the_shop(tmp_path: Path) -> None:
    made = opinions()
    clumsy(made, "s9", "somebody")
    clumsy(made, "s4", "s4")
    shops = scores(detected(tmp_path, made, "inflated_ratings"), "seller")
    assert shops["s4"] > 0.5
    assert shops.get("s9", 0.0) < 0.1


def test_praise_by_accounts_that_hang_together_and_return_the_goods_is_meant_to_harm(tmp_path: Path) -> None:
    made = opinions()
    for shop in ("s5", "s9"):
        for n in range(10):
            opinion(made, f"{shop} five {n}", seller=shop, buyer=f"{shop} pal {n}", at=SPRING + n * 3600,
                    buyer_device=f"{shop} phone {n % 2}", refund_amount=50.0)  # fmt: skip
    # At the one shop nobody else returns anything; at the other all do, so that its friends do, too.
    for row in made["orders"]:
        if row["seller_id"] == "s9":
            row["refund_amount"] = 50.0
    leads = detected(tmp_path, made)
    assert "returned_together" in signals(leads, "s5 pal")
    assert "returned_together" in signals(leads, "rs5 five")
    assert signals(leads, "s9 pal") == signals(leads, "rs9 five") == set()
