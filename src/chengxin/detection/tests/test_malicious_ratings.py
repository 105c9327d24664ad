"""Extortion and attacks are found among the blame; bad goods, bad shops and exacting customers aren't."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors.malicious_ratings import DETECTOR
from chengxin.detection.opinions.suspicion import NOISE, cases
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
    without,
    written,
)

DAY = 86400
SMEAR = "买来就后悔的一家店茶叶发霉还带虫，找店主理论反被辱骂，大家千万绕道走{}"


def detected(folder: Path, made: Shipments) -> list[Lead]:
    """The leads about a lake of these rows; nothing may have broken off."""
    run = found(written(folder, **{name: rows for name, rows in made.items() if rows}), "malicious_ratings")
    assert run.failed == ()
    return list(run.leads)


def extorted(made: Shipments, who: str, shops: int, *, paid: bool = True, raised: bool = True) -> None:
    """Blame of many shops by one rater, money from each within days, and the blame taken back."""
    for n in range(shops):
        at = SPRING + (5 + n * 3) * DAY
        name = f"{who} {n}"
        opinion(made, name, seller=f"s{n}", buyer=who, at=at, score=-1.0, text="不好", amount=9.9)
        if paid:
            transfer(made, name, f"s{n}", who, at + 6 * DAY, amount=30.0)
        if raised:
            first = made["ratings"][-1]
            made["ratings"].append(
                {**first, "rating_id": f"raised {name}", "score": 1.0, "replaces": first["rating_id"],
                 "created_at": moment(at + 8 * DAY)}
            )  # fmt: skip


def attacked(made: Shipments, shop: str, count: int, score: float = -1.0, who: str = "hired") -> None:
    """A wave of ratings of one shop within two days by accounts on two devices."""
    for n in range(count):
        opinion(
            made, f"attack {shop} {n}", seller=shop, buyer=f"{who} {n}",
            at=SPRING + 30 * DAY + n * 7000, waited=90,
            score=score, text=SMEAR.format("！" if n % 2 else "，差"), dwell_s=1.0,
            buyer_device=f"phone {shop} {n % 2}",
        )  # fmt: skip


def scheming() -> Shipments:
    """A market with an extortionist, a hired attack on s9 for the good of s11, praise to harm s14; with an
    exacting customer, one quarrel that was settled, a bad batch of s20 and the bad shop s25.
    """
    made = opinions()
    extorted(made, "extortionist", 6)
    extorted(made, "exacting", 5, paid=False, raised=False)
    extorted(made, "settled once", 1)
    attacked(made, "s9", 10)
    attacked(made, "s14", 10, score=1.0, who="stranger")
    for n in range(10):
        opinion(made, f"rival {n}", seller="s11", buyer=f"hired {n}", at=SPRING + (31 + n) * DAY)
        transfer(made, f"fee {n}", "somebody", f"stranger {n}", SPRING + 34 * DAY, amount=20.0)
    for n in range(5):
        opinion(made, f"praise {n}", seller=f"s{n + 15}", buyer="exacting", at=SPRING + n * 9 * DAY)
    for n in range(40):
        transfer(made, f"family {n}", f"aunt {n}", f"b{n * 3}", SPRING + n * DAY, amount=20.0)
    for n in range(12):
        opinion(
            made, f"batch {n}", seller="s20", buyer=f"b{n * 7}", at=SPRING + 30 * DAY + n * 9000, score=-1.0,
            status="refunded", refund_amount=50.0,
        )  # fmt: skip
    for row in made["ratings"]:
        if row["ratee_id"] == "s25":
            row["score"] = -1.0
    return made


@pytest.fixture(scope="module")
def leads(tmp_path_factory: pytest.TempPathFactory) -> list[Lead]:
    """What is found in the scheming market."""
    return detected(tmp_path_factory.mktemp("lake"), scheming())


def highest(leads: list[Lead], shop: str) -> float:
    """The highest score of a rating of the shop."""
    return max((one.score for one in leads if one.entity == "rating" and shop in one.accounts), default=0.0)


def test_who_is_paid_and_takes_the_blame_back_again_and_again_is_found(leads: list[Lead]) -> None:
    ratings = scores(leads, "rating")
    assert scores(leads, "buyer")["extortionist"] > 0.5
    assert min(ratings[f"rextortionist {n}"] for n in range(6)) > 0.4


def test_an_exacting_customer_who_also_praises_stays_below(leads: list[Lead]) -> None:
    buyers = scores(leads, "buyer")
    assert buyers.get("exacting", 0.0) < buyers["extortionist"] / 2


def test_one_quarrel_that_was_settled_makes_no_case(leads: list[Lead]) -> None:
    assert scores(leads, "buyer").get("settled once", 0.0) < 0.4


def test_a_wave_of_blame_by_accounts_that_hang_together_is_an_attack(leads: list[Lead]) -> None:
    buyers = scores(leads, "buyer")
    assert min(buyers[f"hired {n}"] for n in range(10)) > 0.5
    assert {one.ring for one in leads if one.entity_id.startswith("hired")} == {"harbour/s9"}


def test_those_who_blame_one_shop_and_praise_its_rival_together_are_seen(leads: list[Lead]) -> None:
    signals = {seen.signal.name for one in leads if one.entity_id == "rattack s9 0" for seen in one.signals}
    assert {"rival_praised", "linked_raters", "same_words"} <= signals


def test_praise_that_a_stranger_pays_for_in_one_wave_is_meant_to_harm(leads: list[Lead]) -> None:
    buyers = scores(leads, "buyer")
    assert min(buyers[f"stranger {n}"] for n in range(10)) > 0.4


def test_a_bad_batch_and_a_bad_shop_that_unrelated_customers_blame_are_no_attack(leads: list[Lead]) -> None:
    assert max(highest(leads, "s20"), highest(leads, "s25")) < 0.3


def test_an_honest_market_has_no_strong_case(tmp_path: Path) -> None:
    assert max((one.score for one in detected(tmp_path, opinions())), default=0.0) < 0.4


def test_the_order_of_the_rows_changes_nothing(tmp_path: Path, leads: list[Lead]) -> None:
    other = detected(tmp_path, shuffled(scheming()))
    assert [lead.as_dict() for lead in leads] == [lead.as_dict() for lead in other]


@pytest.mark.parametrize(
    "gone",
    [
        ("ratings.text", "ratings.images", "ratings.replaces"),
        ("ratings.order_id", "orders.buyer_device"),
        ("orders.buyer_ip", "orders.address_hash", "orders.dwell_s", "orders.received_at"),
    ],
)
def test_what_is_missing_only_leaves_signals_out(tmp_path: Path, gone: tuple[str, ...]) -> None:
    made = opinions()
    extorted(made, "extortionist", 6)
    assert scores(detected(tmp_path, without(made, *gone)), "buyer").get("extortionist", 0.0) > 0


def test_ratings_alone_or_nearly_none_break_nothing(tmp_path: Path) -> None:
    made = opinions(shops=2, each=2)
    assert found(written(tmp_path / "few", ratings=made["ratings"]), "malicious_ratings").failed == ()
    none = pl.DataFrame(made["ratings"]).clear()
    assert found(written(tmp_path / "none", ratings=none), "malicious_ratings").leads == ()


def test_witnesses_who_say_little_each_make_a_case_together_and_one_alone_none() -> None:
    told = pl.DataFrame({"bought_off": [1.2, 1.2], "taken_back": [1.2, 0.0], "own_template": [1.2, 0.0]})
    signals = [one for one in DETECTOR.signals if one.name in told.columns]
    assert cases(told, signals, noise=(0.0, NOISE))["score"].round(6).gt(0).to_list() == [True, False]
    assert not cases(told, signals)["score"].round(6).gt(0).any(), "each by itself is noise"
