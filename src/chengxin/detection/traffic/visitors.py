"""Who comes to a shop: visitors, devices and networks that have a life elsewhere, and such as have none.

Visitors, devices and networks are numbers of 64 bits here (`Engine.hashed` of the platform and the id), shops
small ones (`visits.shops`): tables stay narrow, and only evidence asks for the ids again.
"""

from __future__ import annotations

from dataclasses import dataclass

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.declaring import EVIDENCE
from chengxin.detection.joining import key_of, number_of
from chengxin.detection.traffic.visits import known, shops
from chengxin.detection.views import SELLER
from chengxin.lake.reading import Lake

FEW_SHOPS = 3
"""Somebody who looks at no more shops than this and never buys may be at work for them; `_few` names them."""

TOGETHER = 5
"""Visitors with exactly the same set of shops before it is a set and no chance."""

SHARING = 3
"""Visitors on one device from which on it is a crowd, and no pair that shares it."""


@dataclass(frozen=True)
class Who:
    """Something that visits come from (a column of the visits, or `subnet`), and how often it must come, and
    may, for its visits to be told."""

    column: str
    least: int
    most: int | None = None


WHO = {
    "idle_visitor": Who("visitor_id", 2),
    "idle_device": Who("device", 5),
    "idle_network": Who("ip", 10),
    "idle_subnet": Who("subnet", 20),
    "lone_visitor": Who("visitor_id", 1, 1),
}
"""Of those who never buy anything anywhere and look at few shops: whose visits count for a signal."""


def _told(name: str, visits: ir.IntegerValue) -> ir.BooleanValue:
    who = WHO[name]
    often = visits >= who.least
    return often if who.most is None else often & (visits <= who.most)


def _numbered(lake: Lake) -> ir.Table:
    """The visits in whole numbers alone: shop, visitor_id, device, ip (empty where it isn't known), bought.

    Ids are read once here; whatever is counted afterwards is counted by numbers.
    """

    def made() -> ir.Table:
        visits = lake.table("visits").join(shops(lake), SELLER)
        return visits.select(
            "shop",
            **{
                name: number_of(lake, visits[name], visits.platform)
                for name in ("visitor_id", "device", "ip")
            },
            bought=visits.ordered.fill_null(False),
        )

    return lake.kept("visits_numbered", made)


def _networks(lake: Lake) -> ir.Table:
    """The network addresses that visits come from: ip and subnet (numbers; no subnet of a hashed address),
    visits, bought (anybody there)."""

    def made() -> ir.Table:
        visits = known(lake)
        visits = visits.filter(visits.ip.notnull())
        each = visits.group_by(["platform", "ip"]).aggregate(
            visits=visits.count(), bought=visits.ordered.fill_null(False).any()
        )
        # The first three parts of an IPv4 address.
        subnet = each.ip.re_extract(r"^([0-9]+[.][0-9]+[.][0-9]+)[.][0-9]+$", 1).nullif("")
        return each.select(
            "visits", "bought",
            ip=number_of(lake, each.ip, each.platform), subnet=number_of(lake, subnet, each.platform),
        )  # fmt: skip

    return lake.kept("networks_of_visits", made)


def _devices(lake: Lake) -> ir.Table:
    """The devices on which nobody ever buys: device, visits, several (it has more than one visitor)."""

    def made() -> ir.Table:
        visits = _numbered(lake)
        visits = visits.filter(visits.device.notnull())
        each = visits.group_by("device").aggregate(
            visits=visits.count(),
            bought=visits.bought.any(),
            several=(visits.visitor_id.min() < visits.visitor_id.max()).fill_null(False),
        )
        return each.filter(~each.bought).drop("bought")

    return lake.kept("idle_devices", made)


def _idle(lake: Lake, column: str, least: int) -> ir.Table:
    """The visits of those who never buy and come at least so often: who, shop."""
    visits = _numbered(lake)
    if column == "visitor_id":
        buyers = visits.filter(visits.bought & visits.visitor_id.notnull()).select("visitor_id").distinct()
        rows = visits.filter(visits.visitor_id.notnull()).anti_join(buyers, "visitor_id")
        return rows.select("shop", who=rows.visitor_id)
    if column == "device":
        devices = _devices(lake)
        rows = visits.semi_join(devices.filter(devices.visits >= least), "device")
        return rows.select("shop", who=rows.device)
    networks = _networks(lake)
    networks = networks.filter(networks[column].notnull())
    each = networks.group_by(who=networks[column]).aggregate(
        visits=networks.visits.sum(), bought=networks.bought.any()
    )
    some = each.filter((each.visits >= least) & ~each.bought)
    addresses = networks.select("ip", who=networks[column]).semi_join(some, "who")
    return visits.join(addresses, "ip").select("shop", "who")


ROOM = 1 << 32
"""More visits than anybody pays one shop: a shop's number and the visits to it go into one whole number."""


def _whole(rows: ir.Table) -> ir.Table:
    """Those whose visits (who, shop) these are: who, visits, shops (how many), set (a number that stands for
    all of them), numbers (the sum of their numbers), one and other (the first and the last shop, each as
    number · `ROOM` + visits to it)."""
    pairs = rows.group_by(["who", "shop"]).aggregate(visits=rows.count())
    packed = pairs.shop * ROOM + pairs.visits
    return pairs.group_by("who").aggregate(
        visits=pairs.visits.sum().cast("int64"),
        shops=pairs.count(),
        # A sum doesn't ask for the order of the shops; 40 bits of each leave room for it.
        set=(pairs.shop.hash() % (1 << 40)).sum().cast("int64"),
        numbers=pairs.shop.sum().cast("int64"),
        one=packed.min(),
        other=packed.max(),
    )


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
        least = min(WHO[name].least for name in some)
        whole = _visitors(lake) if column == "visitor_id" else _whole(_idle(lake, column, least))
        rows = _few(lake, whole)
        sums = {
            name: rows.here.sum(where=_told(name, rows.visits)).fill_null(0).cast("int64") for name in some
        }
        counts = lake.rows(rows.group_by("shop").aggregate(**sums))
        # DuckDB adds whole numbers up to some of 128 bits, in which the third shop is told.
        number = pl.col("shop").cast(pl.Int64)
        found |= {name: counts.select(number, hit=name) for name in some}
    return found


def _visitors(lake: Lake) -> ir.Table:
    """The visitors who never buy (`_whole`); several ask for them."""
    return lake.kept("visitors_without_order", lambda: _whole(_idle(lake, "visitor_id", 1)))


def by_crowded_device(lake: Lake) -> pl.DataFrame:
    """How many visits of a shop come from devices of three and more visitors on which nobody ever buys: shop,
    hit."""
    devices, visits = _devices(lake), _numbered(lake)
    visits = visits.semi_join(devices.filter(devices.several), "device")
    # Who isn't named is one visitor more.
    each = visits.group_by(["device", "visitor_id"]).aggregate(visits=visits.count())
    counts = each.group_by("device").aggregate(visitors=each.count())
    crowds = counts.filter(counts.visitors >= SHARING)
    return _of_some(lake, "device", crowds.select(who=crowds.device))


def by_company(lake: Lake) -> pl.DataFrame:
    """How many visits of a shop come from visitors who never buy and of whom at least five share exactly the
    same set of three or more shops: shop, hit."""
    never = _visitors(lake)
    roaming = never.filter(never.shops >= FEW_SHOPS)
    same = ["shops", "set", "numbers"]
    sets = roaming.group_by(same).aggregate(members=roaming.count())
    alike = roaming.semi_join(sets.filter(sets.members >= TOGETHER), same).select("who")
    return _of_some(lake, "visitor_id", lake.kept("visitors_in_company", lambda: alike))


def _of_some(lake: Lake, column: str, some: ir.Table) -> pl.DataFrame:
    visits = _numbered(lake)
    rows = visits.semi_join(some, visits[column] == some.who)
    return lake.rows(rows.group_by("shop").aggregate(hit=rows.count()))


def idlers(lake: Lake, sellers: pl.DataFrame) -> pl.DataFrame:
    """The visitors behind the numbers: platform, seller_id, visitor_id, visits of those who never buy and
    look at few shops, for the given `sellers` (platform, seller_id), the most frequent `EVIDENCE` of each."""
    if sellers.is_empty():
        return pl.DataFrame(schema=dict.fromkeys([*SELLER, "visitor_id"], pl.String) | {"visits": pl.Int64})
    never = _visitors(lake)
    idle = never.filter((never.shops <= FEW_SHOPS) & _told("idle_visitor", never.visits)).select("who")
    visits = known(lake).semi_join(lake.given(sellers.select(SELLER), "sellers_of_traffic"), SELLER)
    visits = visits.filter(visits.visitor_id.notnull())
    counts = visits.group_by([*SELLER, "visitor_id"]).aggregate(visits=visits.count())
    counts = counts.mutate(who=key_of(lake, counts.platform, counts.visitor_id))
    counts = counts.semi_join(idle, "who")
    turn = ibis.window(group_by=SELLER, order_by=[counts.visits.desc(), counts.visitor_id])
    counts = counts.mutate(turn=ibis.row_number().over(turn))
    return lake.rows(counts.filter(counts.turn < EVIDENCE).select(*SELLER, "visitor_id", "visits"))
