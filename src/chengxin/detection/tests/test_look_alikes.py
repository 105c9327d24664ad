"""Sites and shops that pass for certified ones are found by each trick; whoever has a good reason isn't
asked.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.detection.declaring import Lead
from chengxin.detection.names.confusables import in_one_script, skeleton
from chengxin.detection.names.domains import split
from chengxin.detection.names.imitation import edit
from chengxin.detection.names.shop_names import core
from chengxin.detection.tests.lakes import found, scores, written

MARK = {"domain": "gulangyu.com.cn", "shop_name": "鼓浪屿馅饼旗舰店", "subject_code": "OWNER"}
_FIRST = "安柏川岱枫谷禾湖锦珂澜棉宁沛青融杉棠湾溪"
_SECOND = ("尔格", "荷嘉", "凯朗", "牧诺", "奇然", "森特", "韦夏", "雅泽")
_SOUNDS = ("an", "bai", "chuan", "dai", "feng", "he", "hu", "jin", "ke", "lan", "mian", "ning", "pei", "qing")


def shop(seller: str, name: str, domain: str | None = None, code: str | None = None) -> dict[str, Any]:
    opened = datetime(2025, 3, 1, tzinfo=UTC)
    return {
        "seller_id": seller, "platform": "p", "subject_code": code or f"code-{seller}", "shop_name": name,
        "domain": domain, "opened_at": opened,
    }  # fmt: skip


def honest(count: int = 90) -> list[dict[str, Any]]:
    chance = random.Random(5)
    shops = []
    for number in range(count):
        name = chance.choice(_FIRST) + chance.choice(_SECOND) + chance.choice(("食品", "服饰", "家居")) + "店"
        label = "".join(chance.choice(_SOUNDS) for _ in range(3))
        shops.append(shop(f"h{number}", name, f"{label}.{chance.choice(('cn', 'com', 'shop'))}"))
    return shops


def leads(folder: Path, *more: dict[str, Any], marks: list[dict[str, Any]] | None = None) -> tuple[Lead, ...]:
    written(folder, sellers=[*honest(), *more], marks=marks or [MARK])
    run = found(folder, "look_alikes")
    assert not run.failed
    return run.leads


@pytest.mark.obligation("4.3d")
@pytest.mark.parametrize(
    ("domain", "signal"),
    [
        ("gu1angyu.com.cn", "site_confusable"),
        ("gulаngyu.cn", "site_confusable"),  # with a Cyrillic а
        ("xn--" + "gulаngyu".encode("punycode").decode() + ".com.cn", "site_confusable"),
        ("ｇulangyu.com.cn", "site_confusable"),
        ("gulangyuu.com.cn", "site_misspelt"),
        ("gulanyu.com.cn", "site_misspelt"),
        ("gualngyu.com", "site_misspelt"),
        ("gulamgyu.cn", "site_misspelt"),
        ("gu-langyu.com.cn", "site_hyphenated"),
        ("gulagnyu-vip.cn", "site_misspelt"),
        ("gulangyu-official.com", "site_combined"),
        ("shopgulangyu88.net", "site_combined"),
        ("gulangyu.top", "site_suffix"),
        ("gulangyu.com.cn.evil.cn", "site_below"),
        ("www.gulangyu.com.cn-pay.net", "site_below"),
    ],
)
def test_each_way_of_imitating_a_domain_is_seen_for_what_it_is(
    tmp_path: Path, domain: str, signal: str
) -> None:
    all_leads = leads(tmp_path, shop("bad", "青荷嘉食品店", domain))
    best = next(one for one in all_leads if one.entity == "domain")
    assert (best.entity_id, best.platform, best.accounts) == (domain, "p", ("bad",))
    assert [one.signal.name for one in best.signals] == [signal]
    assert 0.4 < best.score <= 0.9, "one witness, however plain, is one"
    assert "gulangyu.com.cn" in str(best.signals[0].as_dict()["why_zh"])
    assert max(scores(all_leads, "seller"), key=scores(all_leads, "seller").__getitem__) == "bad"


def test_what_a_whole_domain_below_another_says_depends_on_how_many_hold_one(tmp_path: Path) -> None:
    bad = shop("bad", "青荷嘉食品店", "gulangyu.com.cn.evil.cn")
    mirrors = [
        shop(f"m{number}", f"{one['shop_name']}分店", f"{one['domain']}.mirror{number}.net")
        for number, one in enumerate(honest(60))
    ]
    alone = scores(leads(tmp_path / "alone", bad), "domain")
    among = scores(leads(tmp_path / "among", bad, *mirrors), "domain")
    assert among["gulangyu.com.cn.evil.cn"] < alone["gulangyu.com.cn.evil.cn"]
    assert not any("mirror" in domain for domain in among), "they hold no mark"


def test_a_hyphen_in_a_mark_says_more_than_a_letter_that_names_differ_by_anyway(tmp_path: Path) -> None:
    mark = MARK | {"domain": "linning.cn"}
    bad, near = shop("bad", "青荷嘉食品店", "lin-ning.cn"), shop("near", "川森特家居店", "liming.cn")
    found_leads = scores(leads(tmp_path, bad, near, marks=[mark]), "domain")
    assert found_leads["lin-ning.cn"] > found_leads.get("liming.cn", 0.0)


@pytest.mark.parametrize(
    ("name", "signal"),
    [
        ("鼓浪屿馅饼官方店", "shop_same"),
        ("鼓浪嶼 餡餅（福州）专卖店", "shop_combined"),
        ("鼓浪语馅饼专营店", "shop_homophone"),
        ("古浪屿馅饼旗舰店", "shop_homophone"),
        ("鼓狼屿馅饼旗舰店", "shop_homophone"),
        ("鼓浪岛馅饼旗舰店", "shop_misspelt"),
        ("厦门鼓浪屿馅饼与茶", "shop_combined"),
        ("GulangyuOfficial旗舰店", "shop_same"),
        ("Gulangyu茶礼旗舰店", "shop_combined"),
    ],
)
def test_a_shop_that_takes_the_name_of_a_certified_one_is_asked(
    tmp_path: Path, name: str, signal: str
) -> None:
    best = next(one for one in leads(tmp_path, shop("bad", name)) if one.entity == "seller")
    assert (best.entity_id, [one.signal.name for one in best.signals]) == ("bad", [signal])
    assert best.score > 0.2


def test_characters_that_differ_by_a_stroke_are_told_from_others(tmp_path: Path) -> None:
    mark = MARK | {"shop_name": "未来己见书店", "domain": "weilaijijian.cn"}
    best = leads(tmp_path, shop("bad", "末来已见书店旗舰店"), marks=[mark])[0]
    assert (best.entity_id, best.signals[0].signal.name) == ("bad", "shop_confusable")


def test_a_domain_and_a_name_that_point_at_one_mark_are_two_witnesses(tmp_path: Path) -> None:
    every = leads(
        tmp_path, shop("both", "鼓浪屿馅饼官方店", "gu1angyu.com"), shop("one", "青荷嘉", "gulanqyu.cn")
    )
    sellers = scores(every, "seller")
    assert sellers["both"] > 0.9 >= sellers["one"]
    assert {one.signal.kind for one in every[0].signals} == {"site", "shop"}


def test_the_owner_of_a_mark_is_never_asked_whatever_his_shops_are_called(tmp_path: Path) -> None:
    own = [
        shop("own1", "鼓浪屿馅饼专卖店", "gulangyu.top", code="OWNER"),
        shop("own2", "鼓浪屿官方店", "m.gulangyu.com.cn", code="OWNER"),
        shop("nameless", "鼓浪屿馅饼旗舰店", "www.gulangyu.com.cn", code=None) | {"subject_code": None},
    ]
    asked = {one.entity_id for one in leads(tmp_path, *own)}
    assert not asked & {
        "own1",
        "own2",
        "nameless",
        "gulangyu.top",
        "m.gulangyu.com.cn",
        "www.gulangyu.com.cn",
    }


def test_two_certified_sites_may_resemble_each_other(tmp_path: Path) -> None:
    other = {"domain": "gulangya.cn", "shop_name": "鼓浪崖", "subject_code": "OTHER"}
    asked = leads(tmp_path, shop("other", "鼓浪崖店", "gulangya.cn", code="OTHER"), marks=[MARK, other])
    assert not {one.entity_id for one in asked} & {"other", "gulangya.cn"}


def test_a_shop_whose_domain_is_its_own_name_in_letters_is_not_asked(tmp_path: Path) -> None:
    every = leads(tmp_path, shop("own", "孤狼鱼具店", "gulangyu88.cn"), shop("bad", "青荷嘉", "gulangyu8.cn"))
    domains = scores(every, "domain")
    assert "gulangyu88.cn" not in domains
    assert "gulangyu8.cn" in domains


def test_short_and_common_names_are_no_evidence(tmp_path: Path) -> None:
    common = {"domain": "chaye.cn", "shop_name": "好茶", "subject_code": "TEA"}
    sellers = [
        shop(f"t{number}", f"{one}好茶", f"{sound}chaye.com")
        for number, (one, sound) in enumerate(zip(_FIRST, _SOUNDS, strict=False))
    ]
    every = leads(tmp_path, *sellers, shop("bad", "青荷嘉", "gulangyu-vip.cn"), marks=[MARK, common])
    assert every[0].entity_id in {"bad", "gulangyu-vip.cn"}
    assert max((one.score for one in every if one.entity_id.startswith("t")), default=0) < 0.4


def test_a_market_place_under_which_many_sell_is_not_a_look_alike(tmp_path: Path) -> None:
    sellers = honest()
    listings = [
        {"product_id": f"g{number}", "seller_id": one["seller_id"], "platform": "p", "title": "x",
         "category": "y", "url": f"https://gulangyu-mall.com/item/{number}", "at": one["opened_at"]}
        for number, one in enumerate(sellers)
    ]  # fmt: skip
    listings.append(listings[0] | {"product_id": "bad", "url": "http://gulangyu-vip.cn:8080/pay?x=1"})
    run = found(written(tmp_path, sellers=sellers, marks=[MARK], listings=listings), "look_alikes")
    domains = scores(run.leads, "domain")
    assert "gulangyu-mall.com" not in domains
    assert domains["gulangyu-vip.cn"] > 0.5


def test_a_listed_domain_is_laid_beside_the_marks_too(tmp_path: Path) -> None:
    listed = [{"listed_at": datetime(2026, 1, 1, tzinfo=UTC), "shop_name": "旧店", "domain": "gulangyuu.cn"}]
    run = found(written(tmp_path, sellers=honest(), marks=[MARK], listed=listed), "look_alikes")
    assert "gulangyuu.cn" in scores(run.leads, "domain")


def test_neither_the_order_of_rows_nor_the_spelling_of_ids_changes_anything(tmp_path: Path) -> None:
    rows = [*honest(), shop("bad", "鼓浪屿官方店", "gulangyu-vip.com"), shop("bad2", "青荷嘉", "gulamgyu.cn")]
    renamed = [
        one | {"seller_id": f"z{number * 7919 % 1000}", "subject_code": f"c{number * 104729 % 9999}"}
        for number, one in enumerate(rows)
    ]
    names = {new["seller_id"]: old["seller_id"] for old, new in zip(rows, renamed, strict=True)}
    random.Random(3).shuffle(renamed)
    first = found(written(tmp_path / "one", sellers=rows, marks=[MARK]), "look_alikes").leads
    second = found(written(tmp_path / "two", sellers=renamed, marks=[MARK]), "look_alikes").leads
    told = {(one.entity, names.get(one.entity_id, one.entity_id), one.score) for one in second}
    assert told == {(one.entity, one.entity_id, one.score) for one in first}


@pytest.mark.parametrize(
    "gone", [("domain",), ("subject_code",), ("domain", "subject_code", "opened_at"), ()]
)
def test_missing_columns_and_hardly_any_rows_break_nothing(tmp_path: Path, gone: tuple[str, ...]) -> None:
    few = [shop("bad", "鼓浪屿馅饼官方店", "gulangyu-vip.com"), shop("h", "安尔格食品店", "anerge.cn")]
    for number, rows in enumerate(([], few[:1], few, [few[0], few[0]])):
        kept = [{name: value for name, value in one.items() if name not in gone} for one in rows]
        run = found(written(tmp_path / str(number), sellers=kept, marks=[MARK]), "look_alikes")
        assert not run.failed
        assert not rows or run.leads[0].entity_id in {"bad", "gulangyu-vip.com"}


@given(st.text(max_size=30))
def test_a_skeleton_of_a_skeleton_is_itself_and_any_text_may_be_asked_for_its_domain(text: str) -> None:
    assert skeleton(skeleton(text)) == skeleton(text)
    parts = split(text)
    assert parts is None or (parts.label and parts.suffix)
    assert core(text) == core(core(text))


@given(st.text("abcdefg", min_size=2, max_size=8), st.integers(0, 7), st.sampled_from("hxz-"))
def test_whatever_one_slip_makes_of_a_name_is_one_edit_from_it(name: str, place: int, letter: str) -> None:
    at = place % len(name)
    assert edit(name, name[:at] + letter + name[at + 1 :]) is not None
    assert edit(name, name[:at] + letter + name[at:]) is not None
    assert edit(name, name[:at] + name[at + 1 :]) is not None
    swapped = name[:at] + name[at : at + 2][::-1] + name[at + 2 :]
    assert swapped == name or edit(name, swapped) is not None
    assert edit(name, name + "xx") is None


def test_a_name_in_two_scripts_is_told_from_one_in_one() -> None:
    assert in_one_script("gulangyu鼓浪屿")
    assert not in_one_script("gulаngyu")


def test_a_mark_without_a_name_is_known_by_its_domain_alone(tmp_path: Path) -> None:
    nameless = MARK | {"shop_name": None}
    every = leads(
        tmp_path, shop("bad", "鼓浪屿旗舰店", "gulangyuguanwang.cn"), shop("own", "谷尔格店", "guerge88.cn"),
        marks=[nameless],
    )  # fmt: skip
    assert every[0].entity_id == "gulangyuguanwang.cn"
    assert not {"own", "guerge88.cn"} & {one.entity_id for one in every}


def test_a_whole_domain_below_another_says_more_than_its_label_alone(tmp_path: Path) -> None:
    every = leads(
        tmp_path,
        shop("whole", "青荷嘉", "gulangyu.com.cn.vip5.top"),
        shop("part", "溪雅泽", "gulangyu.vip6.top"),
    )
    domains = scores(every, "domain")
    assert 0.9 >= domains["gulangyu.com.cn.vip5.top"] > domains["gulangyu.vip6.top"]
