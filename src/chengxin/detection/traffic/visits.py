"""Who visits a shop, how and when, counted by shop: what can be odd about visits (red flags of fake
traffic)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import hour_of_day
from chengxin.detection.parcels.carried import joined
from chengxin.detection.statistics.shares import Test, counted
from chengxin.detection.statistics.surprise import against_baseline
from chengxin.detection.statistics.tails import step
from chengxin.lake.reading import Lake

GLANCE = 3.0
"""Seconds in which nobody sees what a page offers."""

FEW_SHOPS = 3
"""Somebody who looks at no more shops than this and never buys may be at work for them."""

TOGETHER = 5
"""Visitors with exactly the same set of shops before it is a set and no chance."""

CROWD = 20
"""Visits of a shop that last equally long before their number is compared."""

SELLER = ["platform", "seller_id"]


@dataclass(frozen=True)
class Seen:
    """What is odd about one visit by itself: the columns it needs, the test."""

    needs: tuple[str, ...]
    test: Callable[[ir.Table], Test]


def _is(hit: ir.BooleanValue, of: ir.Value) -> Test:
    return Test(hit, of.notnull())


def _hour(rows: ir.Table) -> ir.IntegerValue:
    return hour_of_day(rows["at"])


VISITS: dict[str, Seen] = {
    "glance": Seen(("visits.dwell_s",), lambda rows: _is(rows.dwell_s < GLANCE, rows.dwell_s)),
    "no_order": Seen(("visits.ordered",), lambda rows: _is(~rows.ordered, rows.ordered)),
    "link_without_order": Seen(
        ("visits.ordered", "visits.entry"),
        lambda rows: Test(~rows.ordered, rows.ordered.notnull() & (rows.entry == "link")),
    ),
    "on_the_minute": Seen(("visits.at",), lambda rows: _is(rows["at"] % 300 < 30, rows["at"])),
    "at_night": Seen(("visits.at",), lambda rows: _is(_hour(rows).between(1, 5), rows["at"])),
}


@dataclass(frozen=True)
class Who:
    """Something that visits come from (a column of `pairs`), and the visits of it that are told."""

    column: str
    told: Callable[[ir.Table], ir.BooleanValue]


def _idle(least: int) -> Callable[[ir.Table], ir.BooleanValue]:
    """Never buys anything anywhere, and looks at few shops so often."""
    return lambda rows: (rows.all_orders == 0) & (rows.shops <= FEW_SHOPS) & (rows.all_visits >= least)


WHO = {
    "idle_visitor": Who("visitor_id", _idle(2)),
    "idle_device": Who("device", _idle(5)),
    "idle_network": Who("ip", _idle(10)),
    "idle_subnet": Who("subnet", _idle(20)),
    "lone_visitor": Who("visitor_id", lambda rows: (rows.all_orders == 0) & (rows.all_visits == 1)),
}


def by_visit(lake: Lake, names: list[str]) -> pl.DataFrame:
    """For each shop: `rows` (visits), `first` and `last` (epoch seconds), and `<name>_hit`, `<name>_of`."""
    visits = lake.table("visits")
    tests = {name: VISITS[name].test(visits) for name in names}
    counts = counted(lake, visits, SELLER, tests)
    known = visits.filter(visits.seller_id.notnull() & visits.platform.notnull())
    spans = lake.rows(known.group_by(SELLER).aggregate(first=known["at"].min(), last=known["at"].max()))
    return counts.join(spans, on=SELLER, how="left")


def pairs(lake: Lake, column: str) -> ir.Table:
    """How often each visitor (device, network) came to each shop, and whether it ever bought: platform,
    <column>, seller_id, visits, orders; and of the visitor as a whole all_visits, all_orders, shops."""

    def made() -> ir.Table:
        visits = lake.table("visits")
        # The first three parts of an IPv4 address; hashed addresses have none.
        subnet = visits.ip.re_extract(r"^([0-9]+[.][0-9]+[.][0-9]+)[.][0-9]+$", 1).nullif("")
        visits = visits.mutate(subnet=subnet)
        known = visits.filter(
            visits[column].notnull() & visits.seller_id.notnull() & visits.platform.notnull()
        )
        here = lake.engine.kept(
            known.group_by(["platform", column, "seller_id"]).aggregate(
                visits=known.count(), orders=known.ordered.fill_null(False).sum().cast("int64")
            )
        )
        whole = here.group_by(["platform", column]).aggregate(
            all_visits=here.visits.sum(), all_orders=here.orders.sum(), shops=here.count()
        )
        return here.inner_join(whole, ["platform", column])

    return lake.kept(f"visits_by_{column}", made)


def by_who(lake: Lake, name: str) -> pl.DataFrame:
    """For each shop how many visits (`<name>_of`) come from such as are told in `WHO` (`<name>_hit`)."""
    rows = pairs(lake, WHO[name].column)
    return _visits(lake, rows, WHO[name].told(rows), name)


def _visits(lake: Lake, rows: ir.Table, hit: ir.BooleanValue, name: str) -> pl.DataFrame:
    sums = {
        f"{name}_hit": hit.ifelse(rows.visits, 0).sum().cast("int64"),
        f"{name}_of": rows.visits.sum().cast("int64"),
    }
    return lake.rows(rows.group_by(SELLER).aggregate(**sums))


def by_crowded_device(lake: Lake) -> pl.DataFrame:
    """For each shop how many visits come from devices of three and more visitors on which nobody ever
    buys."""
    visits = lake.table("visits")
    known = visits.filter(visits.device.notnull() & visits.platform.notnull())
    each = known.group_by(["platform", "device", "visitor_id"]).aggregate(visits=known.count())
    several = each.group_by(["platform", "device"]).aggregate(visitors=each.count())
    rows = joined(pairs(lake, "device"), several.filter(several.visitors >= 3), ["platform", "device"])
    return _visits(lake, rows, rows.visitors.notnull() & (rows.all_orders == 0), "crowded_device")


def by_company(lake: Lake) -> pl.DataFrame:
    """For each shop how many visits come from visitors who never buy and of whom at least five share exactly
    the same set of three or more shops."""
    rows = pairs(lake, "visitor_id")
    roaming = rows.filter((rows.all_orders == 0) & (rows.shops >= FEW_SHOPS))
    # A sum doesn't ask for the order of the shops; 40 bits of each leave room for the sum.
    marks = roaming.group_by(["platform", "visitor_id"]).aggregate(
        mark=(roaming.seller_id.hash() % (1 << 40)).sum().cast("int64")
    )
    sets = marks.group_by(["platform", "mark"]).aggregate(members=marks.count())
    alike = marks.inner_join(sets.filter(sets.members >= TOGETHER), ["platform", "mark"])
    rows = joined(rows, alike.select("platform", "visitor_id", "members"), ["platform", "visitor_id"])
    return _visits(lake, rows, rows.members.notnull(), "same_shops")


def equal_dwell(lake: Lake, categories: pl.DataFrame, visits: pl.DataFrame) -> pl.DataFrame:
    """The band of dwell (a quarter of an octave) in which a shop has most more visits than its category:
    columns of the seller, `same_dwell` (surprise), `same_dwell_value`, `same_dwell_baseline`,
    `same_dwell_count`.

    `visits` holds each shop's number of `rows`.
    """
    table = lake.table("visits")
    known = table.filter(table.seller_id.notnull() & table.platform.notnull() & (table.dwell_s >= 1))
    banded = known.select(*SELLER, band=(step(known.dwell_s) / 4).floor().cast("int64"))
    counts = banded.group_by([*SELLER, "band"]).aggregate(here=banded.count())
    crowded = lake.rows(counts.filter(counts.here >= CROWD))
    crowded = crowded.join(visits.select(*SELLER, "rows"), on=SELLER).join(categories, on=SELLER, how="left")
    found = against_baseline(
        crowded.with_columns(pl.col("category").fill_null(""), among=pl.col("band")),
        entity=[*SELLER, "band"],
        cell=["category", "among"],
        hit="here",
        of="rows",
    )
    return (
        found.sort("surprise", "band", descending=[True, False])
        .unique(SELLER, keep="first", maintain_order=True)
        .select(
            *SELLER,
            same_dwell="surprise",
            same_dwell_value="value",
            same_dwell_baseline="baseline",
            same_dwell_count="count",
        )
    )


def idlers(lake: Lake, sellers: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The visitors behind the numbers: platform, seller_id, visitor_id, visits of those who never buy and
    look at few shops, for the given `sellers` (platform, seller_id)."""
    if "idle_visitor" not in names or sellers.is_empty():
        return pl.DataFrame(schema=dict.fromkeys([*SELLER, "visitor_id"], pl.String) | {"visits": pl.Int64})
    rows = pairs(lake, "visitor_id")
    some = rows.filter(WHO["idle_visitor"].told(rows))
    listed = lake.given(sellers.select(SELLER), "sellers_of_traffic")
    return lake.rows(some.semi_join(listed, SELLER).select(*SELLER, "visitor_id", "visits"))
