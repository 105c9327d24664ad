"""What learning machines are given about an entity: plain counts out of the lake, and what the detector saw.

The counts need no idea of fraud (how many orders, from how many buyers, how often refunded). The signals are
the detector's own, as its leads state them: the value of each and how far it lies beyond what is usual, 0
where the lead doesn't name it or there is no lead; with them go whether there is a lead at all (`named`) and
how many leads belong to its ring (`members`). So a machine starts from the detector's own evidence; what
it may do better is the weighing. The detector's score is not among
them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import polars as pl
from ibis.expr import types as ir

from chengxin.detection.declaring import Lead
from chengxin.detection.detectors import detector
from chengxin.detection.trades.leads import shop_features
from chengxin.lake.reading import Lake

KEY = ["platform", "entity_id"]


@dataclass(frozen=True)
class Counted:
    """What a table says about one kind of entity: the columns that name it, and what is counted of its
    rows."""

    table: str
    platform: str
    id: str
    counts: Callable[[ir.Table], Mapping[str, ir.Value]]


def _share(said: ir.BooleanValue) -> ir.Value:
    return said.cast("float64").mean()


def _orders(rows: ir.Table) -> dict[str, ir.Value]:
    return {
        "orders": rows.count(),
        "goods": rows.quantity.sum(),
        "amount": rows.amount.cast("float64").mean(),
        "refunded": _share(rows.status == "refunded"),
        "cancelled": _share(rows.status == "cancelled"),
        "dwell": rows.dwell_s.mean(),
        "waiting": (rows.received_at - rows.created_at).cast("float64").mean(),
    }


def _ratings(rows: ir.Table) -> dict[str, ir.Value]:
    return {
        "ratings": rows.count(),
        "score": rows.score.mean(),
        "written": rows.text.length().cast("float64").mean(),
        "later": _share(rows.is_followup | rows.replaces.notnull()),
    }


COUNTED: Mapping[str, tuple[Counted, ...]] = {
    "seller": (
        Counted("sellers", "platform", "seller_id", lambda rows: {"opened": rows.opened_at.max()}),
        Counted(
            "orders", "platform", "seller_id",
            lambda rows: {**_orders(rows), "buyers": rows.buyer_id.nunique()},
        ),
        Counted("ratings", "platform", "ratee_id", _ratings),
        Counted(
            "visits", "platform", "seller_id",
            lambda rows: {
                "visits": rows.count(), "visitors": rows.visitor_id.nunique(),
                "looked": rows.dwell_s.mean(), "bought": _share(rows.ordered),
            },
        ),
        Counted("listings", "platform", "seller_id", lambda rows: {"listings": rows.count()}),
    ),
    "buyer": (
        Counted(
            "orders", "platform", "buyer_id",
            lambda rows: {**_orders(rows), "shops": rows.seller_id.nunique()},
        ),
        Counted("ratings", "platform", "rater_id", _ratings),
    ),
    "rating": (Counted("ratings", "platform", "rating_id", _ratings),),
    "waybill": (
        Counted("parcels", "carrier", "waybill_no", lambda rows: {"weight": rows.weight_g.max()}),
        Counted(
            "scans", "carrier", "waybill_no",
            lambda rows: {
                "scans": rows.count(), "couriers": rows.courier_id.nunique(),
                "regions": rows.region.nunique(), "took": rows["at"].max() - rows["at"].min(),
            },
        ),
    ),
    "courier": (
        Counted(
            "scans", "carrier", "courier_id",
            lambda rows: {
                "scans": rows.count(), "waybills": rows.waybill_no.nunique(),
                "signed": _share(rows.event == "signed"), "regions": rows.region.nunique(),
                "worked": rows["at"].max() - rows["at"].min(),
            },
        ),
    ),
    "product": (
        Counted("orders", "platform", "product_id", _orders),
        Counted(
            "prices", "platform", "product_id",
            lambda rows: {
                "quotes": rows.count(), "price": rows.price.cast("float64").mean(),
                "lowest": rows.price.min(), "highest": rows.price.max(),
                "list_price": rows.list_price.cast("float64").mean(),
                "with_list_price": rows.list_price.count(),
            },
        ),
    ),
    "account": (
        Counted(
            "queries", "platform", "account_id",
            lambda rows: {
                "queries": rows.count(), "subjects": rows.subject_id.nunique(),
                "people": _share(rows.subject_kind == "natural"), "found": _share(rows.found),
                "networks": rows.ip.nunique(), "worked": rows["at"].max() - rows["at"].min(),
            },
        ),
    ),
    "domain": (
        Counted(
            "sellers", "platform", "domain",
            lambda rows: {
                "shops": rows.count(), "length": rows.domain.length().max(), "opened": rows.opened_at.max(),
            },
        ),
    ),
}  # fmt: skip


def counts(lake: Lake, entity: str) -> pl.DataFrame:
    """Plain counts of every entity of a kind that has rows: platform, entity_id and a column each."""
    parts = []
    for one in COUNTED[entity]:
        rows = lake.table(one.table)
        known = rows.filter(rows[one.id].notnull())
        named = known.mutate(platform=known[one.platform], entity_id=known[one.id])
        parts.append(lake.rows(named.group_by(KEY).aggregate(**one.counts(named))))
    return reduce(
        lambda some, more: some.join(more, on=KEY, how="full", coalesce=True, nulls_equal=True), parts
    )


def seen(name: str, entity: str, leads: Iterable[Lead]) -> pl.DataFrame:
    """What a detector saw about each entity that it listed: platform, entity_id, `members` of its ring, and
    of every signal `<name>` and `<name>_beyond`."""
    mine = [one for one in leads if (one.detector, one.entity) == (name, entity)]
    rings: dict[str | None, int] = {None: 0}
    for one in leads:
        if one.detector == name and one.ring is not None:
            rings[one.ring] = rings.get(one.ring, 0) + 1
    columns = [f"{signal.name}{part}" for signal in detector(name).signals for part in ("", "_beyond")]
    found: dict[tuple[str, str], dict[str, float]] = {}
    for one in mine:
        row = found.setdefault((one.platform, one.entity_id), dict.fromkeys(columns, 0.0))
        row["members"] = max(row.get("members", 0.0), float(rings[one.ring]))
        for each in one.signals:
            row[each.signal.name] = each.value
            row[f"{each.signal.name}_beyond"] = each.value - each.baseline
    schema = dict.fromkeys(KEY, pl.String) | dict.fromkeys(["members", *columns], pl.Float64)
    rows = [{"platform": platform, "entity_id": id, **row} for (platform, id), row in found.items()]
    return pl.DataFrame(rows, schema=schema)


def features(
    pair: tuple[str, str], leads: Sequence[Lead], entities: pl.DataFrame, plain: pl.DataFrame
) -> pl.DataFrame:
    """For a detector and entity kind every entity [platform, entity_id] with its counts (`plain`) and its
    signals."""
    signals = seen(*pair, leads)
    table = entities.select(KEY).join(plain, on=KEY, how="left", nulls_equal=True)
    table = table.join(signals, on=KEY, how="left", nulls_equal=True)
    table = table.with_columns(pl.col("members").is_not_null().alias("named"))
    return table.with_columns(pl.col(signals.columns[2:]).fill_null(0.0))


def brushing_tests(lake: Lake) -> pl.DataFrame:
    """Every test of brushing of every shop, not only those that a lead names: platform, entity_id, a column
    each."""
    tests = shop_features(lake).rename({"seller_id": "entity_id"})
    return tests.rename({column: f"test_{column}" for column in tests.columns if column not in KEY})
