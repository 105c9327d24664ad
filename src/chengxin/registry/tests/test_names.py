"""One spelling for each name, found however somebody types it."""

from __future__ import annotations

import time
import unicodedata

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chengxin.registry import names, pinyin, spelling

HAN = "鼓浪鲜果海天阳光金源鑫达顺丰茂盛瑞祥和美长乐重庆银行厦门贸易科技食品"
TRADITIONAL = "廈門貿易發展"
NAMES = st.text(
    alphabet=st.sampled_from(HAN + TRADITIONAL + "（）()【】 　ＡａB１2·-有限公司商店福州省市县"), max_size=24
)
# Python's and Polars' Unicode tables may be of different years: characters that either hasn't heard of are
# left out.
ANY_TEXT = st.text(max_size=20).filter(lambda t: all(unicodedata.category(c) not in ("Cn", "Cs") for c in t))


def column(text: str, function: object) -> str | None:
    assert callable(function)
    value = pl.DataFrame({"name": [text]}).select(function(pl.col("name"))).item()
    assert value is None or isinstance(value, str)
    return value


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("厦门鼓浪贸易有限公司", "厦门鼓浪贸易有限公司"),
        ("廈門鼓浪貿易有限公司", "厦门鼓浪贸易有限公司"),
        ("厦门 鼓浪　贸易\t有限公司\n", "厦门鼓浪贸易有限公司"),
        ("鼓浪贸易（福州）有限公司", "鼓浪贸易福州有限公司"),
        ("鼓浪贸易【福州】有限公司", "鼓浪贸易福州有限公司"),
        ("ａｂｃ１２３电商", "ABC123电商"),
        ("“鼓浪”·贸易、公司。", "鼓浪贸易公司"),
        ("乾元贸易", "乾元贸易"),
        ("", ""),
        ("（）", ""),
    ],
)
def test_ways_of_typing_a_name_come_to_one_spelling(written: str, meant: str) -> None:
    assert names.normalise_name(written) == meant
    assert column(written, names.normalised) == meant


@given(NAMES | ANY_TEXT)
@settings(max_examples=300)
def test_one_name_and_a_column_are_normalised_alike_and_once_is_enough(text: str) -> None:
    once = names.normalise_name(text)
    assert column(text, names.normalised) == once
    assert names.normalise_name(once) == once
    assert not set(once) & set(spelling.simplified_characters()), "a traditional character is left"


@given(NAMES)
@settings(max_examples=300)
def test_the_core_of_one_name_and_of_a_column_are_alike(text: str) -> None:
    assert column(text, names.core_names) == names.core_name(text)


@given(NAMES)
@settings(max_examples=200)
def test_the_core_never_shrinks_below_two_characters(text: str) -> None:
    assert len(names.core_name(text)) >= min(2, len(names.normalise_name(text)))


def test_nothing_given_gives_nothing_and_the_callers_column_stays_as_it_was() -> None:
    frame = pl.DataFrame({"name": ["廈門（A）", None, "福州"]})
    result = frame.select(plain=names.normalised(pl.col("name")), core=names.core_names(pl.col("name")))
    assert result["plain"].to_list() == ["厦门A", None, "福州"]
    assert result["core"][1] is None
    assert frame["name"].to_list() == ["廈門（A）", None, "福州"]


@pytest.mark.parametrize(
    ("written", "core"),
    [
        ("福建省厦门市鼓浪贸易有限公司", "鼓浪贸易"),
        ("厦门鼓浪贸易有限责任公司", "鼓浪贸易"),
        ("鼓浪贸易（厦门）商行", "鼓浪贸易"),
        ("福建鼓浪集团股份有限公司", "鼓浪"),
        ("晋江鼓浪鞋业经营部", "鼓浪鞋业"),
        ("鼓浪投资合伙企业（有限合伙）", "鼓浪投资"),
        ("福州市鼓楼区阿强小吃店", "阿强小吃"),
        ("长安汽车有限公司", "长安汽车"),
        ("安康药业有限公司", "安康药业"),
        ("和平饭店", "和平饭店"),
        ("福州商店", "福州"),
        ("张三", "张三"),
    ],
)
def test_the_core_is_what_tells_subjects_apart(written: str, core: str) -> None:
    assert names.core_name(written) == core


def test_a_branch_does_not_fall_together_with_its_head_office() -> None:
    assert names.core_name("厦门鼓浪贸易有限公司福州分公司") != names.core_name("厦门鼓浪贸易有限公司")


@pytest.mark.parametrize(
    ("name", "sound"),
    [
        ("厦门", "xiamen"),
        ("大厦", "dasha"),
        ("长乐", "changle"),
        ("重庆", "chongqing"),
        ("中国银行", "zhongguoyinhang"),
        ("福州商行", "fuzhoushanghang"),
        ("尤溪县", "youxixian"),
        ("将乐县", "jianglexian"),
        ("女装", "nvzhuang"),
        ("A3茶", "a3cha"),
    ],
)
def test_characters_sound_as_their_word_wants(name: str, sound: str) -> None:
    assert names.readings(pl.Series([name]))[0] == sound


def test_typed_pinyin_splits_in_every_way_it_can() -> None:
    assert names.split_syllables("xian") == [["xian"], ["xi", "an"]]
    assert names.split_syllables("xi'an") == [["xi", "an"]]
    assert ["fan", "gan"] in names.split_syllables("fangan")
    assert ["fang", "an"] in names.split_syllables("fangan")
    assert names.split_syllables("xmgl") == []
    assert names.split_syllables("lüye") == names.split_syllables("lvye") == [["lv", "ye"]]
    assert ["lve", "yang"] in names.split_syllables("lueyang")


def found(query: str, name: str) -> bool:
    """What PostgreSQL's `tokens @> query` says."""
    held = set(names.search_tokens(pl.Series([name]))[0])
    return any(held.issuperset(tokens) for tokens in names.query_tokens(query))


XIAMEN = "厦门鼓浪鲜果贸易（福州）有限公司"


@pytest.mark.obligation("9.1a")
@pytest.mark.parametrize(
    "query",
    [
        *("厦门", "鼓浪", "鲜果贸易", "福州", "廈門", "浪鲜", "贸易 厦门", "（福州）", "易福州"),
        *("xiamen", "XiaMen", "xiamen gulang", "xia men gu lang", "gulangxianguo"),
        *("xmgl", "glxg", "GLXG", "厦门gulang", "gulang贸易", "gl贸易"),
    ],
)
def test_a_subject_is_found_however_its_name_is_typed(query: str) -> None:
    assert found(query, XIAMEN)


@pytest.mark.parametrize("query", ["泉州", "quanzhou", "qzgl", "厦门 泉州", "鼓楼", "gulou", "厦浪"])
def test_a_subject_of_another_name_is_not_found(query: str) -> None:
    assert not found(query, XIAMEN)


@pytest.mark.parametrize("query", ["", " ", "厦", "a", "，", "（）", "\x00"])
def test_less_than_two_characters_ask_for_nothing(query: str) -> None:
    assert names.query_tokens(query) == []


def test_letters_and_digits_in_a_name_are_found_as_letters_and_digits() -> None:
    assert found("abc", "福州ＡＢＣ贸易")
    assert found("3721", "3721网络")
    assert found("iphone", "福州iPhone维修")
    assert found("ABC贸易", "福州abc贸易")


@given(st.text(alphabet=st.sampled_from(HAN), min_size=2, max_size=14), st.data())
@settings(max_examples=150)
def test_any_two_or_more_neighbouring_characters_find_the_name(name: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(name) - 2))
    end = data.draw(st.integers(start + 2, len(name)))
    assert found(name[start:end], name)


@given(st.text(alphabet=st.sampled_from(HAN), min_size=2, max_size=8))
@settings(max_examples=100)
def test_the_initials_of_a_whole_name_find_it(name: str) -> None:
    spelled = pinyin.characters_and_readings(pl.Series([name]))
    assert found("".join(reading[0] for reading in spelled["reading"]), name)


@given(st.text(max_size=40))
@settings(max_examples=200)
def test_no_query_brings_the_search_down_or_makes_it_boundless(query: str) -> None:
    alternatives = names.query_tokens(query)
    assert len(alternatives) <= 16
    assert all(alternatives)


def test_a_name_of_twelve_characters_has_about_forty_tokens() -> None:
    tokens = names.search_tokens(pl.Series(["厦门市鼓浪鲜果贸易有限公司"[:12]]))[0]
    assert len(tokens) <= 44
    assert len(tokens) == len(set(tokens))


def test_names_that_are_missing_or_empty_have_no_tokens() -> None:
    assert names.search_tokens(pl.Series([None, "", "（）"], dtype=pl.String)).to_list() == [[], [], []]
    assert names.search_tokens(pl.Series([], dtype=pl.String)).to_list() == []
    assert names.search_tokens(pl.Series(["张"]))[0][0] == "n:张"


HOMOPHONES = {"鼓": "古", "浪": "郎", "鲜": "仙", "海": "嗨", "天": "添", "金": "今", "源": "园", "达": "答"}
CORES = st.text(alphabet=st.sampled_from("鼓浪鲜海天金源达瑞祥顺丰"), min_size=3, max_size=10)


def typo(core: str, kind: str, at: int, put: str) -> str:
    at %= len(core)
    match kind:
        case "changed":
            return core[:at] + put + core[at + 1 :]
        case "left out":
            return core[:at] + core[at + 1 :]
        case "put in":
            return core[:at] + put + core[at:]
        case "doubled":
            return core[:at] + core[at] + core[at:]
        case "swapped":
            at = min(at, len(core) - 2)
            return core[:at] + core[at + 1] + core[at] + core[at + 2 :]
        case _:
            return core[:at] + HOMOPHONES.get(core[at], core[at]) + core[at + 1 :]


@pytest.mark.obligation("9.2b")
@given(
    CORES,
    st.sampled_from(["changed", "left out", "put in", "doubled", "swapped", "homophone"]),
    st.integers(0, 9),
    st.sampled_from("茂盛和美林"),
    st.sampled_from(
        [("", ""), ("厦门市", "有限公司"), ("福建省福州", "商行"), ("", "有限公司"), ("泉州", "")]
    ),
)
@settings(max_examples=400)
def test_a_name_with_one_typing_error_still_meets_the_right_one(
    core: str, kind: str, at: int, put: str, around: tuple[str, str]
) -> None:
    region, form = around
    wrong = typo(core, kind, at, put)
    assume(len(wrong) > 2)
    right_keys, wrong_keys = names.blocking_keys(pl.Series([f"{region}{core}{form}", f"{wrong}有限公司"]))
    assert set(right_keys) & set(wrong_keys)


def test_a_name_typed_by_ear_meets_the_right_one() -> None:
    right, wrong = names.blocking_keys(pl.Series(["厦门鼓浪贸易有限公司", "厦门古郎茂义有限公司"]))
    assert set(right) & set(wrong)


def test_a_name_with_another_trade_meets_the_right_one() -> None:
    right, wrong = names.blocking_keys(pl.Series(["厦门鼓浪贸易有限公司", "厦门市鼓浪商贸有限公司"]))
    assert set(right) & set(wrong)


def test_a_column_of_names_is_read_as_a_column_not_name_by_name() -> None:
    """A hundred thousand names in seconds; one by one through pypinyin it would be half a minute."""
    many = pl.Series(["福建省厦门市长乐鲜果贸易（泉州）有限公司"] * 100_000)
    started = time.process_time()
    assert names.search_tokens(many).list.len().min() == names.search_tokens(many[:1]).list.len()[0]
    assert time.process_time() - started < 15  # measured: 2 s alone
