"""The shops that operators run: one or two each, on which platform, under which name and address."""

from __future__ import annotations

import polars as pl

from chengxin.demo import naming, words
from chengxin.demo.draws import Draw, gather
from chengxin.demo.subjects import OPERATORS, World

_PLATFORM_WEIGHTS = {"0": 34.0, "1": 26.0, "2": 20.0, "3": 10.0, "4": 10.0}
_LIVE = 4  # the platform of live rooms
_SECOND_SHOP = 0.3
_NUMBER_STEP = 38_196_601


def platform_of(draw: Draw, id: pl.Expr, which: pl.Expr | int) -> pl.Expr:
    """On which platform (position in PLATFORMS) the operator's first (0) or second (1) shop is.

    Without a second shop the answer for it is -1; the two are never on the same platform.
    """
    first = draw.weighted(id, "platform", _PLATFORM_WEIGHTS).cast(pl.Int64)
    others = len(words.PLATFORMS)
    second = (first + 1 + draw.below(id, "second platform", others - 1)) % others
    has_second = draw.chance(id, "second shop", _SECOND_SHOP)
    return (
        pl.when(pl.lit(which) == 0 if isinstance(which, int) else which == 0)
        .then(first)
        .otherwise(pl.when(has_second).then(second).otherwise(-1))
    )


def operators_on(world: World, platform: int) -> pl.Series:
    """The numbers of the operators that have a shop on the platform."""
    id = pl.col("id")
    here = (platform_of(world.draw, id, 0) == platform) | (platform_of(world.draw, id, 1) == platform)
    return pl.DataFrame({"id": world.ids(OPERATORS)}).filter(here)["id"]


def with_shop(world: World, frame: pl.DataFrame, platform: int | None = None) -> pl.DataFrame:
    """Add the subject's shop: on the given platform, else its first.

    Adds platform (position), platform_name, platform_brand, shop_kind, shop, shop_url, opened (date).
    """
    draw, id = world.draw, pl.col("id")
    first = platform_of(draw, id, 0)
    which = pl.lit(0) if platform is None else (first != platform).cast(pl.Int64)
    frame = frame.with_columns(
        _which=which, platform=first if platform is None else pl.lit(platform)
    ).with_columns(
        _number=100_000_000 + ((id * 2 + pl.col("_which") + 1) * _NUMBER_STEP) % 900_000_000,
        _natural=pl.col("kind") == "natural_person",
    )
    live = pl.col("platform") == _LIVE
    kind = pl.when(live).then(pl.lit("直播间")).otherwise(pl.lit("网店"))
    domain = gather([p.domain for p in words.PLATFORMS], pl.col("platform"))
    path = pl.when(live).then(pl.lit("/live/")).otherwise(pl.lit("/shop/"))
    running = (pl.lit(world.today) - pl.col("founded")).dt.total_days() - 200
    after = (draw.unit(id, "opened") * running).cast(pl.Int64) + 30
    return frame.with_columns(
        platform_name=gather([p.name for p in words.PLATFORMS], pl.col("platform")),
        platform_brand=gather([p.brand for p in words.PLATFORMS], pl.col("platform")),
        shop_kind=kind,
        shop=_name(draw),
        shop_url=pl.concat_str([pl.lit("https://www."), domain, path, pl.col("_number").cast(pl.String)]),
        opened=pl.col("founded") + pl.duration(days=after),
    ).select(pl.exclude("_which", "_number", "_natural"))


def _name(draw: Draw) -> pl.Expr:
    id = pl.col("id")
    word = naming.trade_word(draw, "company")
    ending = draw.weighted(id, "shop ending", {"旗舰店": 3.0, "专营店": 3.0, "官方店": 1.0, "企业店": 2.0})
    own = draw.pick(id, "own ending", ("小铺", "优选", "的小店", "家的好物", "严选"))
    nick = pl.concat_str([pl.lit("阿"), draw.pick(id, "nick", words.GIVEN_SECOND), pl.col("brand")])
    firm = pl.concat_str(["brand", word, ending])
    return pl.when(pl.col("_natural")).then(pl.concat_str([nick, own])).otherwise(firm)
