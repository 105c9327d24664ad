"""How a shop is visited, and when: what is odd about visits by themselves, counted by shop (red flags of fake
traffic)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import CHINA, DAY, HOUR
from chengxin.detection.statistics.shares import Test
from chengxin.detection.statistics.tails import step
from chengxin.detection.views import SELLER
from chengxin.lake.reading import Lake

GLANCE = 3.0
"""Seconds in which nobody sees what a page offers."""

CROWD = 20
"""Visits of a shop that last equally long before their number is compared."""

KNOWN: dict[str, Callable[[ir.Table], ir.BooleanValue]] = {
    "visitor_id": lambda rows: rows.visitor_id.notnull(),
    "device": lambda rows: rows.device.notnull(),
    "ip": lambda rows: rows.ip.notnull(),
    "subnet": lambda rows: rows.ip.like("%.%.%.%"),
}
"""What visits may come from, and when a visit tells; hashed addresses tell no subnet."""


@dataclass(frozen=True)
class Seen:
    """What is odd about one visit by itself: the columns it needs, the test."""

    needs: tuple[str, ...]
    test: Callable[[ir.Table], Test]


def _is(hit: ir.BooleanValue, of: ir.Value) -> Test:
    return Test(hit, of.notnull())


def _deep_night(at: ir.IntegerValue) -> ir.BooleanValue:
    """Between one and six in the morning in China."""
    return ((at + CHINA) % DAY).between(HOUR, 6 * HOUR - 1)


VISITS: dict[str, Seen] = {
    "glance": Seen(("visits.dwell_s",), lambda rows: _is(rows.dwell_s < GLANCE, rows.dwell_s)),
    "no_order": Seen(("visits.ordered",), lambda rows: _is(~rows.ordered, rows.ordered)),
    "link_without_order": Seen(
        ("visits.ordered", "visits.entry"),
        lambda rows: Test(~rows.ordered, rows.ordered.notnull() & (rows.entry == "link")),
    ),
    "on_the_minute": Seen(("visits.at",), lambda rows: _is(rows["at"] % 300 < 30, rows["at"])),
    "at_night": Seen(("visits.at",), lambda rows: _is(_deep_night(rows["at"]), rows["at"])),
}


def known(lake: Lake) -> ir.Table:
    """The visits of which it is known what shop was visited."""
    visits = lake.table("visits")
    return visits.filter(visits.seller_id.notnull() & visits.platform.notnull())


def _by_band(lake: Lake) -> ir.Table:
    """The one look at all visits: for each shop and band of dwell (a quarter of an octave; empty for
    glances, which are alike by nature) what `by_visit` adds up."""

    def made() -> ir.Table:
        visits = known(lake)
        whole = (step(visits.dwell_s) / 4).floor().cast("int64")
        visits = visits.mutate(band=(visits.dwell_s >= GLANCE).ifelse(whole, ibis.null("int64")))
        sums = {"rows": visits.count(), "first": visits["at"].min(), "last": visits["at"].max()}
        for name, seen in VISITS.items():
            test = seen.test(visits)
            of = test.of.fill_null(False)
            sums[f"{name}_hit"] = (of & test.hit.fill_null(False)).sum().cast("int64")
            sums[f"{name}_of"] = of.sum().cast("int64")
        for name, told in KNOWN.items():
            sums[f"{name}_of"] = told(visits).fill_null(False).sum().cast("int64")
        return visits.group_by([*SELLER, "band"]).aggregate(**sums)

    return lake.kept("visits_by_band", made)


def by_visit(lake: Lake) -> pl.DataFrame:
    """For each shop: `shop` (its number in `shops`), `rows` (visits), `first` and `last` (epoch seconds),
    `<name>_hit` and `<name>_of` of all `VISITS`, and `<column>_of` of each column that is `KNOWN`."""
    bands = _by_band(lake)
    sums = {name: bands[name].sum().cast("int64") for name in bands.columns if name.endswith(("_hit", "_of"))}
    whole = bands.group_by(SELLER).aggregate(
        rows=bands.rows.sum().cast("int64"), first=bands["first"].min(), last=bands["last"].max(), **sums
    )
    return lake.rows(whole.join(shops(lake), SELLER))


def shops(lake: Lake) -> ir.Table:
    """The shops that were visited, with a number from 0 that stands for each: platform, seller_id, shop."""

    def made() -> ir.Table:
        each = _by_band(lake).select(SELLER).distinct()
        turn = ibis.window(order_by=[each.platform, each.seller_id])
        return each.mutate(shop=ibis.row_number().over(turn).cast("int64"))

    return lake.kept("shops_visited", made)


def crowded_bands(lake: Lake) -> pl.DataFrame:
    """The bands of dwell in which `CROWD` visits of a shop or more lie: columns of the seller, band, here,
    and of those of which it is known whether an order ended them (`told`) how many it did not (`silent`)."""
    bands = _by_band(lake)
    crowded = bands.filter(bands.band.notnull() & (bands.rows >= CROWD))
    silent = {"silent": crowded.no_order_hit, "told": crowded.no_order_of}
    return lake.rows(crowded.select(*SELLER, "band", here=crowded.rows, **silent))
