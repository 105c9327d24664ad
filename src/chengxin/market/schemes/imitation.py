"""Sites that imitate a marked one, and closed shops that come back under another name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from chengxin.market.numbers import Generator
from chengxin.market.plan import DAY
from chengxin.market.schemes.scene import Scene
from chengxin.market.shop_names import shop_names
from chengxin.market.truth import guilty

_ADDED = (
    "-shop",
    "vip",
    "-vip",
    "guanwang",
    "mall",
    "-official",
    "zhigong",
    "store",
    "app",
    "-cn",
    "365",
    "88",
)
_TOPS = (".com", ".cn", ".com.cn", ".shop", ".net", ".store", ".top", ".vip", ".cc", ".xyz")
_NEAR = {
    "a": "s",
    "s": "a",
    "e": "r",
    "i": "o",
    "o": "p",
    "n": "m",
    "m": "n",
    "u": "y",
    "g": "h",
    "h": "j",
    "l": "k",
    "t": "r",
}
_LATIN = {"l": "1", "o": "0", "m": "rn", "w": "vv", "i": "l", "d": "cl", "g": "q"}
_CYRILLIC = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "i": "і", "s": "ѕ"}
_ALIKE = dict(
    zip(
        "记发丰福光海和恒华辉吉佳金康美明平荣瑞盛泰天祥新兴益裕源悦正志大",
        "纪友半副先每禾桓哗晖古佯全庚羊朋乎宋端晟秦夫详辛兰盆俗原锐止忐太",
        strict=False,
    )
)
_TITLES = ("官方", "正品", "官网", "直营", "授权店", "总店", "品牌店")


def look_alike(scene: Scene, level: int) -> None:
    """A shop takes a name and a domain that are taken for those of a marked site."""
    random, found = scene.random, scene.register
    shop = int(scene.free_shops(1, sales=(0.0, 0.9))[0])
    _, scheme = scene.scheme("look-alike", level)
    mark = int(random.integers(0, len(found.marked["domain"])))
    original, name = found.marked["domain"][mark], found.marked["shop_name"][mark]
    core, _, top = original.partition(".")
    for _ in range(30):
        domain = _DOMAINS[level](random, core, "." + top)
        if domain != original and domain not in found.domain:
            break
    found.domain[shop] = domain
    found.shop_name[shop] = _NAMES[level](random, name)
    scene.world.shops.opened[shop] = scene.world.plan.start - int(random.integers(-60 * DAY, 240 * DAY))
    scene.blame_sellers("look_alikes", np.array([shop]), scheme)
    platform = str(scene.world.platforms[int(scene.world.shops.platform[shop])])
    scene.guilty.append(guilty("look_alikes", "domain", platform, pl.Series([domain]), scheme))


def _other_top(random: Generator, top: str) -> str:
    return str(random.choice([one for one in _TOPS if one != top]))


def _clumsy(random: Generator, core: str, top: str) -> str:
    if random.random() < 0.4:
        return core + _other_top(random, top)
    return core + str(random.choice(_ADDED)) + (top if random.random() < 0.5 else _other_top(random, top))


def _slipped(random: Generator, core: str, top: str) -> str:
    at = int(random.integers(1, len(core)))
    way = int(random.integers(0, 4))
    if way == 0:
        core = core[:at] + core[at - 1] + core[at:]
    elif way == 1 and len(core) > 4:
        core = core[:at] + core[at + 1 :]
    elif way == 2 and at + 1 < len(core):
        core = core[:at] + core[at + 1] + core[at] + core[at + 2 :]
    else:
        core = core[:at] + _NEAR.get(core[at], "e") + core[at + 1 :]
    return core + (top if random.random() < 0.6 else _other_top(random, top))


def _confused(random: Generator, core: str, top: str) -> str:
    table = _LATIN if random.random() < 0.65 else _CYRILLIC
    places = [at for at, letter in enumerate(core) if letter in table]
    if not places:
        return _slipped(random, core, top)
    at = int(random.choice(places))
    core = core[:at] + table[core[at]] + core[at + 1 :]
    if not core.isascii():
        core = "xn--" + core.encode("punycode").decode("ascii")
    return core + (top if random.random() < 0.7 else _other_top(random, top))


def similar(random: Generator, domain: str) -> str:
    """A domain near a given one, as honest shops come by: another ending, a number, a word or sound more."""
    core, _, top = domain.partition(".")
    way = random.random()
    if way < 0.35:
        return core + _other_top(random, "." + top)
    if way < 0.6:
        return f"{core}{random.integers(2, 999)}.{top}"
    if way < 0.8:
        return core + str(random.choice(["hao", "jia", "long", "an", "yuan"])) + "." + top
    return _slipped(random, core, "." + top)


def _titled(random: Generator, name: str) -> str:
    return name + str(random.choice(_TITLES)) if random.random() < 0.7 else name


def _one_changed(random: Generator, name: str) -> str:
    places = [at for at, letter in enumerate(name) if letter in _ALIKE]
    if not places:
        return _titled(random, name)
    at = int(random.choice(places))
    return name[:at] + _ALIKE[name[at]] + name[at + 1 :]


_DOMAINS: dict[int, Callable[[Generator, str, str], str]] = {1: _clumsy, 2: _slipped, 3: _confused}
_NAMES: dict[int, Callable[[Generator, str], str]] = {1: _titled, 2: _one_changed, 3: _one_changed}


def re_entry(scene: Scene, level: int) -> None:
    """Whoever kept a closed shop opens another, with fewer traces the better he is."""
    random, found, world = scene.random, scene.register, scene.world
    closed = int(scene.closed_ones(1)[0])
    shop = int(scene.free_shops(1, sales=(0.05, 0.95))[0])
    _, scheme = scene.scheme("re-entry", level)
    weeks = float((random.uniform(1, 6), random.uniform(1, 10), random.uniform(2, 16))[level - 1])
    opened = int(random.integers(world.plan.start - 70 * DAY, world.plan.end - 45 * DAY))
    found.closed.at[closed] = opened - int(weeks * 7 * DAY)
    world.shops.opened[shop] = opened
    kept = {1: 3, 2: 2, 3: 1}[level]
    for one in random.permutation(3)[:kept]:
        mine, theirs = found.keeper[int(one)], found.closed.keeper[int(one)]
        mine[shop] = theirs[closed]
        found.closed.unknown[int(one)][closed] = False
    found.anonymous[shop] = False
    if random.random() < (0.9, 0.7, 0.75)[level - 1]:
        goods = world.products
        mine = world.shops.first_product[shop] + np.arange(world.shops.products[shop])
        some = mine[random.random(len(mine)) < (0.9, 0.6, 0.4)[level - 1]]
        goods.picture[some] = random.choice(found.closed.pictures[closed], len(some))
    if level == 1 or random.random() < 0.3:
        old = found.closed.shop_name[closed]
        found.shop_name[shop] = (
            _one_changed(random, old) if level > 1 else old[:-2] + shop_names(random, np.array([0]))[0][-2:]
        )
    scene.blame_sellers("re_entry", np.array([shop]), scheme)
