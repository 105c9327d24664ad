"""How names sound: the reading of each character, right in place names and common words, and how typed pinyin
splits.

Readings are without tones, ü written v (the way it is typed). The table is one reading a character
(pypinyin's first); where the dictionary's phrases or the names of regions read a character otherwise (长乐
chang, 重庆 chong, 银行 hang), the character is put through a stand-in from the private use plane that carries
that reading, so that a whole column is read by two look-ups instead of by a walk through every name.
"""

from __future__ import annotations

import unicodedata
from functools import cache

import polars as pl

from chengxin.registry.spelling import normalise_name
from chengxin.rulebook import places

_STAND_IN = 0x100000  # plane 16, private use: not found in names
_LONGEST_PHRASE = 4  # characters
_MOST_SPLITS = 8  # of one typed word; the longest syllables come first
_TYPED_OTHERWISE = {"lue": "lve", "nue": "nve"}  # ü after l and n before e is often typed u

# Words of trade names that the phrase dictionary lacks or reads as another word.
TRADE_READINGS: dict[str, str] = {
    "商行": "shang hang", "车行": "che hang", "银行": "yin hang", "分行": "fen hang", "支行": "zhi hang",
    "行业": "hang ye", "琴行": "qin hang", "茶行": "cha hang", "米行": "mi hang", "花行": "hua hang",
    "布行": "bu hang", "鞋行": "xie hang", "珠宝行": "zhu bao hang", "贸易行": "mao yi hang",
    "电器行": "dian qi hang", "五金行": "wu jin hang", "经销行": "jing xiao hang", "旅行": "lv xing",
    "出行": "chu xing", "音乐": "yin yue", "乐器": "yue qi", "大厦": "da sha", "重工": "zhong gong",
    "会计": "kuai ji", "便宜": "pian yi", "调味": "tiao wei", "成长": "cheng zhang", "长城": "chang cheng",
    "长江": "chang jiang", "都市": "du shi", "首都": "shou du", "参茸": "shen rong", "海参": "hai shen",
    "供给": "gong ji", "供应": "gong ying", "朝阳": "chao yang", "数据": "shu ju", "藏品": "cang pin",
    "收藏": "shou cang", "传媒": "chuan mei", "传奇": "chuan qi", "弹簧": "tan huang", "曾记": "zeng ji",
    "单车": "dan che",
}  # fmt: skip


@cache
def _toneless(marked: str) -> str:
    """`lǜ` → `lv`: tone marks away, the two dots of ü kept as v."""
    letters = unicodedata.normalize("NFD", marked).replace("u\u0308", "v").replace("ê", "e")
    return "".join(c for c in letters if not unicodedata.combining(c))


@cache
def _default_readings() -> dict[str, str]:
    """Character → its first reading without tone."""
    from pypinyin.constants import PINYIN_DICT  # noqa: PLC0415 - most commands need none of its dictionaries

    readings: dict[str, str] = {}
    for code, marked in PINYIN_DICT.items():
        character = chr(code)
        reading = _toneless(marked.partition(",")[0])
        if reading.isascii() and reading.isalpha():
            readings[character] = reading
    return readings


@cache
def _phrases() -> dict[str, tuple[str, ...]]:
    """Phrases of two to four characters that read otherwise than character by character; later sources
    win.
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - see above
    from pypinyin.constants import PHRASES_DICT  # noqa: PLC0415

    phrases: dict[str, tuple[str, ...]] = {}
    for phrase, marked in PHRASES_DICT.items():
        if 2 <= len(phrase) <= _LONGEST_PHRASE and len(marked) == len(phrase):
            phrases[phrase] = tuple(_toneless(reading[0]) for reading in marked)
    for region in places.regions():
        name = normalise_name(region.name)
        read = tuple(lazy_pinyin(name))
        short = name[:-1]
        if len(read) == len(name):
            phrases[name] = read
            if len(short) >= 2 and region.level != "county":
                phrases[short] = read[:-1]
    phrases.update({phrase: tuple(read.split()) for phrase, read in TRADE_READINGS.items()})
    default = _default_readings()
    return {
        normalise_name(phrase): read
        for phrase, read in phrases.items()
        if all(r.isascii() and r.isalpha() for r in read)
        and len(normalise_name(phrase)) == len(phrase)
        and any(default.get(c) != r for c, r in zip(phrase, read, strict=True))
    }


@cache
def _tables() -> tuple[dict[str, str], dict[str, str]]:
    """(character or stand-in → reading, phrase → phrase with stand-ins)."""
    readings = dict(_default_readings())
    stand_ins: dict[str, str] = {}
    replaced: dict[str, str] = {}
    for phrase, read in _phrases().items():
        spelled = []
        for character, reading in zip(phrase, read, strict=True):
            if readings.get(character) == reading:
                spelled.append(character)
                continue
            if reading not in stand_ins:
                stand_ins[reading] = chr(_STAND_IN + len(stand_ins))
            spelled.append(stand_ins[reading])
        replaced[phrase] = "".join(spelled)
    readings.update({stand_in: reading for reading, stand_in in stand_ins.items()})
    return readings, replaced


@cache
def _polars_tables() -> tuple[pl.DataFrame, list[str], list[str], str]:
    readings, replaced = _tables()
    table = pl.DataFrame({"character": list(readings), "reading": list(readings.values())})
    # Most names have none of the ~200 characters that phrases change: one pass finds the names worth a second
    # look.
    changing = {
        c for phrase, spelled in replaced.items() for c, s in zip(phrase, spelled, strict=True) if c != s
    }
    return table, list(replaced), list(replaced.values()), f"[{''.join(sorted(changing))}]"


def characters_and_readings(names: pl.Series) -> pl.DataFrame:
    """One row a character of normalised names: `row` (position of the name), `character`, `reading`.

    The reading of a letter or digit is itself in lower case; of a character without a known reading, null.
    """
    table, phrases, spelled, changing = _polars_tables()
    affected = names.str.contains(changing).fill_null(False).arg_true()
    sounded = names
    if len(affected):
        sounded = names.clone().scatter(
            affected, names.gather(affected).str.replace_many(phrases, spelled, leftmost=True)
        )
    frame = (
        pl.DataFrame({"character": names, "sounded": sounded})
        .with_row_index("row")
        .filter(pl.col("character").str.len_chars() > 0)
        .with_columns(pl.col("character", "sounded").str.split(""))
        .explode("character", "sounded")
    )
    plain = pl.col("sounded").str.to_lowercase()
    return (
        frame.join(table, left_on="sounded", right_on="character", how="left", maintain_order="left")
        .with_columns(reading=pl.coalesce("reading", pl.when(plain.str.contains("^[a-z0-9]$")).then(plain)))
        .select("row", "character", "reading")
    )


def readings(names: pl.Series) -> pl.Series:
    """The readings of normalised names run together (`厦门鼓浪` → `xiamengulang`); null stays null."""
    joined = characters_and_readings(names).group_by("row").agg(pl.col("reading").fill_null("").str.join(""))
    return (
        pl.DataFrame({"name": names})
        .with_row_index("row")
        .join(joined, on="row", how="left", maintain_order="left")
        .select(pl.when(pl.col("name").is_not_null()).then(pl.col("reading").fill_null("")))
        .to_series()
        .alias(names.name)
    )


@cache
def syllables() -> frozenset[str]:
    """Every syllable that a character of the table can sound like; interjections without a vowel (嗯 n, 呒 m)
    are left out.
    """
    return frozenset(reading for reading in _tables()[0].values() if set(reading) & set("aeiouv"))


def split_syllables(word: str) -> list[list[str]]:
    """All the ways in which typed pinyin splits into whole syllables, at most eight, longest first syllables
    first.

    `xian` → [[xian], [xi, an]]. An apostrophe binds: `xi'an` → [[xi, an]]. Nothing fits → [].
    """
    parts = [part for part in word.lower().replace("ü", "v").replace("’", "'").split("'") if part]
    splits: list[list[str]] = [[]]
    for part in parts:
        splits = [head + tail for head in splits for tail in _split(part)][:_MOST_SPLITS]
    return [split for split in splits if split]


def _split(text: str) -> list[list[str]]:
    known = syllables()
    ends: list[list[list[str]]] = [[] for _ in text] + [[[]]]
    for start in range(len(text) - 1, -1, -1):
        for length in range(min(6, len(text) - start), 0, -1):
            syllable = _TYPED_OTHERWISE.get(text[start : start + length], text[start : start + length])
            if syllable in known:
                ends[start] += [[syllable, *rest] for rest in ends[start + length]]
        ends[start] = ends[start][:_MOST_SPLITS]
    return ends[0]
