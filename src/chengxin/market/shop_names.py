"""Names and domains of shops, as shops call themselves."""

from __future__ import annotations

import numpy as np
from pypinyin import lazy_pinyin

from chengxin.market import categories
from chengxin.market.numbers import Generator, Ints

_PLACES = (
    "闽江",
    "榕城",
    "鹭岛",
    "武夷",
    "晋江",
    "泉南",
    "云霄",
    "丹霞",
    "湖畔",
    "江北",
    "海西",
    "青山",
    "东街",
    "南门",
    "桥头",
)
_FIRST = "安白晨大丰福光和宏华嘉金景康乐利美明宁平庆荣瑞盛泰天祥新兴益永裕源悦臻正志"
_SECOND = "记达发丰福光海和恒华辉惠吉佳建锦康来隆茂美年盛顺泰通旺祥兴信亿优源悦泽致"
_TAILS = (
    "旗舰店",
    "专营店",
    "专卖店",
    "小店",
    "商行",
    "优选",
    "生活馆",
    "工厂店",
    "铺子",
    "百货",
    "企业店",
    "直销店",
)
_SUBJECTS = (
    "服饰", "鞋业", "箱包", "食品", "生鲜", "茶业", "酒业", "美妆", "日化", "母婴", "玩具", "配件",
    "数码", "电器",
    "家居", "厨具", "家纺", "图书", "户外", "宠物",
)  # fmt: skip
_ENDINGS = (".com", ".cn", ".com.cn", ".shop", ".net", ".store")
WITH_DOMAIN = 0.34


def shop_names(random: Generator, category: Ints) -> list[str]:
    """A name for each shop of a category; two shops may come by similar ones."""
    size = len(category)
    first, second = random.integers(0, len(_FIRST), size), random.integers(0, len(_SECOND), size)
    place, tail = random.integers(0, 3 * len(_PLACES), size), random.integers(0, len(_TAILS), size)
    said = random.random(size) < 0.7
    assert len(_SUBJECTS) == len(categories.NAMES)  # noqa: S101 (one for each)
    return [
        (_PLACES[where] if where < len(_PLACES) else "")
        + _FIRST[one]
        + _SECOND[other]
        + (_SUBJECTS[kind] if subject else "")
        + _TAILS[end]
        for one, other, where, end, kind, subject in zip(
            first, second, place, tail, category, said, strict=True
        )
    ]


def domains(random: Generator, names: list[str]) -> list[str | None]:
    """A site of its own for some shops, named after it in pinyin."""
    has = np.flatnonzero(random.random(len(names)) < WITH_DOMAIN)
    found: list[str | None] = [None] * len(names)
    for number in has:
        sounds = lazy_pinyin(names[number])
        core = "".join(sounds[: int(random.integers(2, 4))])
        extra = ("", "", "shop", "mall", str(random.integers(1, 999)))[int(random.integers(0, 5))]
        found[number] = core + extra + _ENDINGS[int(random.choice(6, p=[0.45, 0.2, 0.12, 0.1, 0.08, 0.05]))]
    return found
