"""Who comes to a shop: visitors, devices and networks that have a life elsewhere, and such as have none.

Visitors, devices and networks are numbers of 64 bits here (`Engine.hashed` of the platform and the id), shops
small ones (`visits.shops`): tables stay narrow, and only evidence asks for the ids again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.declaring import EVIDENCE
from chengxin.detection.traffic.visits import SELLER, known, shops
from chengxin.lake.reading import Lake

FEW_SHOPS = 3
"""Somebody who looks at no more shops than this and never buys may be at work for them; `_few` names them."""

TOGETHER = 5
"""Visitors with exactly the same set of shops before it is a set and no chance."""

SHARING = 3
"""Visitors on one device from which on it is a crowd, and no pair that shares it."""


@dataclass(frozen=True)
class Who:
    """Something that visits come from (a column of the visits, or `subnet`), and when its visits are told."""

    column: str
    told: Callable[[ir.Table], ir.BooleanValue]


def _often(least: int) -> Callable[[ir.Table], ir.BooleanValue]:
    return lambda rows: rows.visits >= least


WHO = {
    "idle_visitor": Who("visitor_id", _often(2)),
    "idle_device": Who("device", _often(5)),
    "idle_network": Who("ip", _often(10)),
    "idle_subnet": Who("subnet", _often(20)),
    "lone_visitor": Who("visitor_id", lambda rows: rows.visits == 1),
}
"""Of those who never buy anything anywhere and look at few shops: whose visits count for a signal."""


def _numbered(lake: Lake, column: str) -> ir.Table:
    """The visits whose `column` is known: who, shop (numbers), bought."""
    visits = _at_shops(lake, column)
    return visits.select(
        "shop",
        who=lake.engine.hashed([visits.platform, visits[column]]),
        bought=visits.ordered.fill_null(False).cast("int64"),
    )


def _at_shops(lake: Lake, column: str) -> ir.Table:
    """The visits whose `column` is known, with the number of the shop."""
    visits = lake.table("visits")
    return visits.filter(visits[column].notnull()).join(shops(lake), SELLER)


def _pairs(lake: Lake, column: str) -> ir.Table:
    """How often each came to each shop, and how often it bought there: who, shop, visits, orders."""
    if column == "subnet":
        rows = _networks(lake)
        rows = rows.filter(rows.subnet.notnull())
        sums = {"visits": rows.visits.sum().cast("int64"), "orders": rows.orders.sum().cast("int64")}
        return rows.group_by(who=rows.subnet, shop=rows.shop).aggregate(**sums)
    if column == "ip":
        rows = _networks(lake)
        return rows.select("shop", "visits", "orders", who=rows.ip)
    rows = _numbered(lake, column)
    return rows.group_by(["who", "shop"]).aggregate(
        visits=rows.count(), orders=rows.bought.sum().cast("int64")
    )


def _networks(lake: Lake) -> ir.Table:
    """The pairs of network addresses and shops, with the subnet: looked at twice, so kept."""

    def made() -> ir.Table:
        visits = _at_shops(lake, "ip")
        pairs = visits.group_by(["platform", "ip", "shop"]).aggregate(
            visits=visits.count(), orders=visits.ordered.fill_null(False).sum().cast("int64")
        )
        # The first three parts of an IPv4 address; hashed addresses have none.
        subnet = pairs.ip.re_extract(r"^([0-9]+[.][0-9]+[.][0-9]+)[.][0-9]+$", 1).nullif("")
        number = lake.engine.hashed([pairs.platform, subnet.fill_null("")])
        return pairs.select(
            "shop", "visits", "orders",
            ip=lake.engine.hashed([pairs.platform, pairs.ip]),
            subnet=subnet.notnull().ifelse(number, ibis.null("int64")),
        )  # fmt: skip

    return lake.kept("visits_by_network", made)


ROOM = 1 << 32
"""More visits than anybody pays one shop: a shop's number and the visits to it go into one whole number."""


def _whole(pairs: ir.Table) -> ir.Table:
    """Who never buys anywhere: who, visits, shops (how many), set (a number that stands for all of them),
    numbers (the sum of their numbers), one and other (the first and the last shop, each as number ·
    `ROOM` + visits to it)."""
    packed = pairs.shop * ROOM + pairs.visits
    whole = pairs.group_by("who").aggregate(
        visits=pairs.visits.sum().cast("int64"),
        orders=pairs.orders.sum().cast("int64"),
        shops=pairs.count(),
        # A sum doesn't ask for the order of the shops; 40 bits of each leave room for it.
        set=(pairs.shop.hash() % (1 << 40)).sum().cast("int64"),
        numbers=pairs.shop.sum().cast("int64"),
        one=packed.min(),
        other=packed.max(),
    )
    return whole.filter(whole.orders == 0).drop("orders")


def _few(lake: Lake, whole: ir.Table) -> ir.Table:
    """A row for each of their shops (of those who look at few): shop, here (visits to it), who, visits."""
    few = whole.filter(whole.shops <= FEW_SHOPS)
    places = lake.given(pl.DataFrame({"place": range(FEW_SHOPS)}), "places_of_shops")
    each = few.cross_join(places)
    each = each.filter(each.place < each.shops)
    shops = [(one / ROOM).floor().cast("int64") for one in (each.one, each.other)]
    here = [one % ROOM for one in (each.one, each.other)]
    # Of three numbers, two of which are known with the sum of all, the third is known.
    third = each.numbers - shops[0] - shops[1]
    left = each.visits - here[0] - here[1]
    return each.select(
        "who",
        "visits",
        shop=ibis.cases((each.place == 0, shops[0]), (each.place == 1, shops[1]), else_=third),
        here=ibis.cases((each.place == 0, here[0]), (each.place == 1, here[1]), else_=left),
    )


def by_who(lake: Lake, names: list[str]) -> dict[str, pl.DataFrame]:
    """For each of `names` (of `WHO`): how many visits of a shop come from such as are told there: shop, hit.
    Shops without any are left out."""
    found: dict[str, pl.DataFrame] = {}
    for column in sorted({WHO[name].column for name in names}):
        some = [name for name in names if WHO[name].column == column]
        rows = _few(lake, _never(lake, column))
        sums = {name: rows.here.sum(where=WHO[name].told(rows)).fill_null(0).cast("int64") for name in some}
        counts = lake.rows(rows.group_by("shop").aggregate(**sums))
        # DuckDB adds whole numbers up to some of 128 bits, in which the third shop is told.
        number = pl.col("shop").cast(pl.Int64)
        found |= {name: counts.select(number, hit=name) for name in some}
    return found


def _never(lake: Lake, column: str) -> ir.Table:
    """Who of these never buys; that of visitors is asked for by several, so kept."""
    if column != "visitor_id":
        return _whole(_pairs(lake, column))
    return lake.kept("visitors_without_order", lambda: _whole(_pairs(lake, column)))


def by_crowded_device(lake: Lake) -> pl.DataFrame:
    """How many visits of a shop come from devices of three and more visitors on which nobody ever buys: shop,
    hit."""
    visits = known(lake)
    visits = visits.filter(visits.device.notnull())
    device = lake.engine.hashed([visits.platform, visits.device])
    visitor = lake.engine.hashed([visits.platform, visits.visitor_id.fill_null("")])
    each = visits.group_by(who=device, visitor=visitor).aggregate(
        bought=visits.ordered.fill_null(False).any()
    )
    devices = each.group_by("who").aggregate(visitors=each.count(), bought=each.bought.any())
    crowds = lake.kept(
        "crowded_devices",
        lambda: devices.filter((devices.visitors >= SHARING) & ~devices.bought).select("who"),
    )
    return _of_some(lake, "device", crowds)


def by_company(lake: Lake) -> pl.DataFrame:
    """How many visits of a shop come from visitors who never buy and of whom at least five share exactly the
    same set of three or more shops: shop, hit."""
    never = _never(lake, "visitor_id")
    roaming = never.filter(never.shops >= FEW_SHOPS)
    same = ["shops", "set", "numbers"]
    sets = roaming.group_by(same).aggregate(members=roaming.count())
    alike = roaming.semi_join(sets.filter(sets.members >= TOGETHER), same).select("who")
    return _of_some(lake, "visitor_id", lake.kept("visitors_in_company", lambda: alike))


def _of_some(lake: Lake, column: str, some: ir.Table) -> pl.DataFrame:
    rows = some.join(_numbered(lake, column), "who")
    return lake.rows(rows.group_by("shop").aggregate(hit=rows.count()))


def idlers(lake: Lake, sellers: pl.DataFrame) -> pl.DataFrame:
    """The visitors behind the numbers: platform, seller_id, visitor_id, visits of those who never buy and
    look at few shops, for the given `sellers` (platform, seller_id), the most frequent `EVIDENCE` of each."""
    if sellers.is_empty():
        return pl.DataFrame(schema=dict.fromkeys([*SELLER, "visitor_id"], pl.String) | {"visits": pl.Int64})
    never = _never(lake, "visitor_id")
    idle = never.filter((never.shops <= FEW_SHOPS) & WHO["idle_visitor"].told(never)).select("who")
    visits = known(lake).semi_join(lake.given(sellers.select(SELLER), "sellers_of_traffic"), SELLER)
    visits = visits.filter(visits.visitor_id.notnull())
    counts = visits.group_by([*SELLER, "visitor_id"]).aggregate(visits=visits.count())
    counts = counts.mutate(who=lake.engine.hashed([counts.platform, counts.visitor_id]))
    counts = counts.semi_join(idle, "who")
    turn = ibis.window(group_by=SELLER, order_by=[counts.visits.desc(), counts.visitor_id])
    counts = counts.mutate(turn=ibis.row_number().over(turn))
    return lake.rows(counts.filter(counts.turn < EVIDENCE).select(*SELLER, "visitor_id", "visits"))
