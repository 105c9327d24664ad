"""Goods by category: price, weight, returns, time on the page, rating habits and season (invented,
plausible)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from chengxin.market.numbers import Floats


@dataclass(frozen=True)
class Category:
    """A category: its share of sales, median price (yuan) and weight (g), how often goods go back, median
    seconds on the page, how often buyers rate, the month of its season and how strong that is, its goods
    and brands."""

    name: str
    share: float
    price: float
    weight: float
    returned: float
    dwell: float
    rated: float
    peak: int
    season: float
    goods: tuple[str, ...]
    branded: float = 0.4


CATEGORIES = (
    Category(
        "服装", 14, 96, 420, 0.14, 95, 0.24, 4, 0.25, ("连衣裙", "卫衣", "牛仔裤", "衬衫", "外套", "短袖")
    ),
    Category("鞋靴", 6, 148, 950, 0.12, 110, 0.24, 3, 0.2, ("运动鞋", "凉鞋", "皮鞋", "帆布鞋", "拖鞋"), 0.6),
    Category("箱包", 3, 130, 800, 0.08, 100, 0.25, 8, 0.2, ("双肩包", "行李箱", "钱包", "手提包"), 0.5),
    Category(
        "食品", 12, 36, 900, 0.015, 40, 0.16, 1, 0.35, ("坚果", "饼干", "牛肉干", "糕点", "麦片", "糖果"), 0.6
    ),
    Category(
        "生鲜", 5, 49, 2600, 0.04, 35, 0.2, 6, 0.3, ("芒果", "鲜虾", "苹果", "牛排", "鱼丸", "春笋"), 0.1
    ),
    Category(
        "茶叶", 3, 118, 420, 0.02, 120, 0.2, 4, 0.5, ("铁观音", "大红袍", "白茶", "茉莉花茶", "正山小种"), 0.4
    ),
    Category("酒水", 2, 160, 1900, 0.015, 90, 0.14, 1, 0.5, ("白酒", "葡萄酒", "啤酒", "米酒"), 0.9),
    Category(
        "美妆",
        8,
        88,
        260,
        0.05,
        85,
        0.26,
        3,
        0.15,
        ("面膜", "口红", "粉底液", "精华液", "眼影", "防晒霜"),
        0.9,
    ),
    Category(
        "个护", 6, 39, 620, 0.02, 40, 0.15, 6, 0.1, ("洗发水", "牙膏", "沐浴露", "洗手液", "电动牙刷"), 0.9
    ),
    Category(
        "母婴", 6, 92, 1100, 0.04, 100, 0.25, 5, 0.1, ("纸尿裤", "奶瓶", "婴儿车", "爬行垫", "儿童水杯"), 0.7
    ),
    Category(
        "玩具", 3, 58, 600, 0.04, 70, 0.22, 6, 0.35, ("积木", "拼图", "遥控车", "毛绒玩偶", "桌游"), 0.4
    ),
    Category(
        "手机配件", 6, 29, 140, 0.05, 60, 0.2, 9, 0.1, ("手机壳", "充电器", "数据线", "钢化膜", "支架"), 0.4
    ),
    Category(
        "数码", 4, 420, 900, 0.06, 180, 0.28, 6, 0.2, ("耳机", "键盘", "移动硬盘", "音箱", "摄像头"), 0.9
    ),
    Category(
        "家电", 4, 330, 3400, 0.05, 190, 0.3, 6, 0.3, ("电饭煲", "风扇", "吹风机", "加湿器", "料理机"), 0.9
    ),
    Category("家居", 7, 52, 1300, 0.05, 75, 0.2, 3, 0.1, ("收纳箱", "台灯", "地垫", "衣架", "窗帘"), 0.2),
    Category("厨具", 3, 64, 1500, 0.04, 75, 0.2, 1, 0.1, ("炒锅", "保温杯", "菜刀", "碗碟", "砧板"), 0.5),
    Category("床品", 2, 156, 2400, 0.07, 120, 0.24, 10, 0.3, ("四件套", "枕头", "夏凉被", "床垫"), 0.4),
    Category("图书", 3, 38, 560, 0.015, 60, 0.14, 9, 0.25, ("小说", "童书", "教辅", "画册", "字帖")),
    Category(
        "运动户外", 2, 110, 1000, 0.07, 110, 0.22, 5, 0.25, ("瑜伽垫", "帐篷", "跳绳", "登山杖", "泳镜"), 0.5
    ),
    Category(
        "宠物", 2, 62, 1700, 0.025, 60, 0.22, 11, 0.1, ("猫粮", "狗粮", "猫砂", "牵引绳", "猫抓板"), 0.6
    ),
)
NAMES = tuple(one.name for one in CATEGORIES)


def facts(name: str) -> Floats:
    """A fact of every category, in their order."""
    return np.array([getattr(one, name) for one in CATEGORIES], dtype=np.float64)


def season(month: int) -> Floats:
    """How much of each category is wanted in a month (1–12), as shares that sum to one."""
    distance = np.cos(2 * np.pi * (month - facts("peak")) / 12)
    share = facts("share") * (1 + facts("season") * distance)
    return np.asarray(share / share.sum(), dtype=np.float64)
