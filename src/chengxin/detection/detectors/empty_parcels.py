"""Empty parcels (空包): parcels sent so that a trade looks delivered, with nothing or a trifle inside (plan
17b).

A parcel is compared with what its product, quantity and price weigh elsewhere, and with its category. What
senders of empty parcels do besides is a witness of its own: one weight for goods of all kinds, one sender for
unrelated shops whose parcels are too light, receivers who are not at the order's address, waybills that were
never scanned, that the carrier booked for another order or that belong to the parcel of another buyer. A
warehouse that sends for many shops is told from them by the weights, which fit. Sellers and senders are
measured by surprise against category and season; a waybill is listed for what is odd about itself, and stands
higher when its sender's or seller's others are odd, too. The `platform` of a waybill is its carrier.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from chengxin.detection.declaring import EVIDENCE, Detector, Lead, Seen, Signal
from chengxin.detection.parcels import light_parcels as light
from chengxin.detection.parcels.light_parcels import PILE, SELLER, SENDER
from chengxin.detection.parcels.reused import reused
from chengxin.detection.statistics.shares import Test, counted
from chengxin.detection.statistics.surprise import as_score, together
from chengxin.detection.statistics.tails import Numbers, evidence
from chengxin.lake.reading import Lake

SIGNALS = (
    Signal(
        "light_for_goods", "weight",
        "{value}的包裹重量远低于同一商品、同样件数的通常重量，同类同期为{baseline}",
        "{value} of the parcels weigh far less than the same goods in that quantity; usual here: {baseline}",
        ("parcels.weight_g", "orders.product_id"),
    ),
    Signal(
        "light_for_category", "weight",
        "{value}的包裹重量远低于本类目商品的通常重量，同类同期为{baseline}",
        "{value} of the parcels weigh far less than goods of the category do; usual here: {baseline}",
        ("parcels.weight_g", "listings.category"), weight=0.5,
    ),
    Signal(
        "always_light", "weight",
        "{value}的包裹在本类目中轻得反常，同一商品的也都这样轻：或是商品本来就轻，或是全部为空包；同类同期为{baseline}",
        "{value} of the parcels are among the lightest of the category, as all of these goods are: light "
        "goods, or all of them empty; usual here: {baseline}",
        ("parcels.weight_g", "listings.category"), weight=0.2,
    ),
    Signal(
        "piled_weight", "sender",
        "{value}的包裹过轻，且与同一寄件人其他过轻包裹的重量完全相同，同类同期为{baseline}",
        "{value} of the parcels are too light and weigh exactly what other light ones of the sender do; "
        "usual here: {baseline}",
        ("parcels.weight_g",),
    ),
    Signal(
        "shared_sender", "sender",
        "{value}的包裹由同时替多家店铺寄送过轻包裹的寄件人寄出，同类同期为{baseline}",
        "{value} of the parcels come from a sender of light parcels for several shops; usual: {baseline}",
        ("parcels.weight_g",),
    ),
    Signal(
        "stranger", "receiver",
        "{value}的包裹寄往的地址不是订单的收货地址，同类同期为{baseline}",
        "{value} of the parcels went to an address that isn't the order's; usual here: {baseline}",
        ("orders.address_hash", "parcels.receiver_address_hash"),
    ),
    Signal(
        "never_scanned", "journey",
        "{value}的运单没有任何物流扫描，同类同期为{baseline}",
        "{value} of the waybills were never scanned; usual here: {baseline}",
        ("scans.waybill_no",), weight=0.7,
    ),
    Signal(
        "other_order", "order",
        "{value}的运单在承运人处属于另一订单，同类同期为{baseline}",
        "{value} of the waybills belong to another order in the carrier's books; usual here: {baseline}",
        ("parcels.order_id", "orders.waybill_no"), weight=0.7,
    ),
    Signal(
        "reused", "order",
        "{value}的订单使用了寄给其他买家的运单号，同类同期为{baseline}",
        "{value} of the orders go under the waybill of a parcel to another buyer; usual here: {baseline}",
        ("orders.waybill_no", "orders.buyer_id", "orders.address_hash"),
    ),
)  # fmt: skip

ONE = {
    "light_for_goods": Signal(
        "grams", "weight",
        "这个包裹重{value}克，同一商品、同样件数通常重{baseline}克",
        "this parcel weighs {value} g; the same product in that quantity usually weighs {baseline} g",
        ("parcels.weight_g", "orders.product_id"), "number",
    ),
    "light_for_category": Signal(
        "grams_for_category", "weight",
        "这个包裹重{value}克，处于本类目最轻的极少数（同样轻的占{baseline}%）",
        "this parcel weighs {value} g: among the very lightest of its category ({baseline}% are as light)",
        ("parcels.weight_g", "listings.category"), "plain",
    ),
    "always_light": Signal(
        "grams_always", "weight",
        "这个包裹重{value}克，处于本类目最轻的极少数（同样轻的占{baseline}%），同一商品的其他包裹也这样轻",
        "this parcel weighs {value} g, among the very lightest of its category ({baseline}% are as light), "
        "as these goods always do",
        ("parcels.weight_g", "listings.category"), "plain",
    ),
    "piled_weight": Signal(
        "same_weight", "sender",
        "同一寄件人有{value}个过轻的包裹重量完全相同，{baseline}个已属可疑",
        "the sender has {value} light parcels of exactly this weight; {baseline} would be a question already",
        ("parcels.weight_g",), "number",
    ),
    "shared_sender": Signal(
        "shops_of_sender", "sender",
        "该寄件人替{value}家店铺寄送过轻的包裹，通常不超过{baseline}家",
        "the sender sends light parcels for {value} shops; usually for no more than {baseline}",
        ("parcels.weight_g",), "number",
    ),
    "stranger": Signal(
        "other_address", "receiver",
        "包裹寄往的地址不是订单的收货地址，这样的包裹只占{baseline}",
        "it went to an address that isn't the order's, as only {baseline} of parcels do",
        ("orders.address_hash", "parcels.receiver_address_hash"),
    ),
    "never_scanned": Signal(
        "no_scan", "journey",
        "运单没有任何物流扫描，这样的运单只占{baseline}",
        "the waybill was never scanned, as only {baseline} of waybills are",
        ("scans.waybill_no",),
    ),
    "other_order": Signal(
        "booked_otherwise", "order",
        "承运人处登记的是另一订单，这样的运单只占{baseline}",
        "the carrier's books name another order, as they do for only {baseline} of waybills",
        ("parcels.order_id", "orders.waybill_no"),
    ),
    "reused": Signal(
        "number_of_another", "order",
        "订单使用的运单号属于寄给其他买家、其他地址的包裹，这样的订单只占{baseline}",
        "an order goes under this number though the parcel went to another buyer, as only {baseline} do",
        ("orders.waybill_no", "orders.buyer_id", "orders.address_hash"),
    ),
}  # fmt: skip

BY_NAME = {one.name: one for one in SIGNALS}

HALF_WAYBILL, HALF_SELLER = 5.0, 10.0
"""Evidence that makes a score of 0.5: two strong witnesses."""

ALWAYS = 0.15
"""What a light parcel counts whose goods are always as light: a question for the end of the list."""

FEWEST = 1.0
"""Surprise below which a seller isn't listed: one in ten is as odd."""


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Waybills (by carrier) and sellers (by platform)."""
    flags = [name for name in light.FLAGS if name in able]
    if not flags:
        return []
    rows = light.flagged(lake, flags)
    tests = {name: Test(rows[name], rows[name].notnull()) for name in flags}
    counts = counted(lake, rows, [*SELLER, *SENDER, *light.CELL], tests)
    if counts.is_empty():
        return []
    odd = light.odd(lake, rows, flags).join(
        light.senders(counts, flags), on=SENDER, how="left", nulls_equal=True
    )
    odd = light.piled(odd)
    more = [name for name in ("piled_weight", "shared_sender") if name in able]
    counts = light.with_company(counts, odd)
    of_others = reused(lake) if "reused" in able else None
    if of_others is not None:
        counts, odd = _with_reused(counts, odd, of_others)
        flags.append("reused")
    sellers = _sellers(counts, [*flags, *more])
    usual = light.usual_shares(counts, flags)
    odd = _scored(odd, sellers, usual, flags)
    return [
        *(_waybill(row, usual, flags) for row in odd.iter_rows(named=True)),
        *_leads(sellers, odd, [*flags, *more]),
    ]


def _with_reused(
    counts: pl.DataFrame, odd: pl.DataFrame, found: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The counts and the odd parcels with the orders `found` under the waybills of others.

    They have no parcel of their own. Where more than a few of a carrier's numbers are used so, it numbers
    consignments and not parcels, and nothing is said.
    """
    of_carrier = counts.group_by("carrier").agg(pl.col("rows").sum())
    found = (
        found.join(of_carrier, on="carrier", how="inner")
        .filter(pl.len().over("carrier") <= light.EVERYBODY * pl.col("rows"))
        .drop("rows")
    )
    keys = [*SELLER, *SENDER, *light.CELL]
    more = found.group_by(keys).agg(reused_hit=pl.len().cast(pl.Int64), reused_of=pl.len().cast(pl.Int64))
    counts = counts.with_columns(reused_hit=pl.lit(0, pl.Int64), reused_of=pl.col("rows"))
    counts = pl.concat([counts, more.drop_nulls(keys)], how="diagonal_relaxed").fill_null(0)
    one = found.unique("key", keep="first", maintain_order=True).with_columns(
        reused=True, orders=pl.concat_list("order_id", "rightful")
    )
    odd = odd.with_columns(reused=pl.lit(False))
    return counts, pl.concat([odd, one.drop("rightful")], how="diagonal_relaxed")


def _sellers(counts: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """The surprises of every seller, and their sum over kinds (`seller_surprise`)."""
    found = light.of(counts, SELLER, names)
    kinds, weights = ({name: getattr(BY_NAME[name], part) for name in names} for part in ("kind", "weight"))
    return found.with_columns(together(found, kinds, weights).alias("seller_surprise"))


def _scored(
    odd: pl.DataFrame, sellers: pl.DataFrame, usual: dict[str, float], flags: list[str]
) -> pl.DataFrame:
    """The odd parcels with `own` evidence and a `score`: what is odd about themselves, then about their
    company."""
    odd = odd.join(sellers.select(*SELLER, "seller_surprise"), on=SELLER, how="left", nulls_equal=True)
    own = np.maximum(
        evidence(_numbers(odd, "below_goods")), evidence(_numbers(odd, "below_category")) * 0.5
    ) * _numbers(odd, "light")
    if "always_light" in flags:
        own = own + evidence(_numbers(odd, "below_category")) * _numbers(odd, "always_light") * ALWAYS
    for name in flags:
        if "light" not in name:
            rare = min(-np.log10(max(usual[name], 1e-4)), 3.0)
            own = own + _numbers(odd, name) * rare * BY_NAME[name].weight
    pile = _numbers(odd, "pile")
    company = np.maximum(_numbers(odd, "sender_surprise"), 0.5 * _numbers(odd, "seller_surprise"))
    total = (
        own
        + np.where(pile >= PILE, np.clip(np.log10(np.maximum(pile, 1.0)), 0, 2), 0)
        + odd.select(light.in_company().cast(pl.Float64)).to_series().to_numpy()
        + 0.5 * np.minimum(company, 12.0) * np.minimum(own / 2, 1.0)
    )
    return odd.with_columns(own=pl.Series(own), score=pl.Series(np.round(as_score(total, HALF_WAYBILL), 6)))


def _numbers(frame: pl.DataFrame, name: str) -> Numbers:
    return frame[name].cast(pl.Float64).fill_null(0).to_numpy()


def _waybill(row: dict[str, Any], usual: dict[str, float], flags: list[str]) -> Lead:
    return Lead(
        "empty_parcels",
        "waybill",
        row["waybill_no"],
        row["carrier"],
        row["score"],
        (row["handed_at"], row["handed_at"]),
        tuple(_seen(row, usual, flags)),
        orders=row["orders"][:EVIDENCE],
        waybills=[row["waybill_no"]],
        accounts=[one for one in (row["seller_id"], row["buyer_id"]) if one],
    )


def _seen(row: dict[str, Any], usual: dict[str, float], flags: list[str]) -> list[Seen]:
    seen = []
    for name in flags:
        if not row[name]:
            continue
        if name == "light_for_goods":
            seen.append(ONE[name].seen(row["weight_g"], row["expected_g"]))
        elif name in ("light_for_category", "always_light"):
            as_light = 10.0 ** -float(evidence(np.array([row["below_category"]]))[0])
            seen.append(ONE[name].seen(row["weight_g"], round(100 * as_light, 2)))
        else:
            seen.append(ONE[name].seen(1.0, usual[name]))
    if (row["pile"] or 0) >= PILE:
        seen.append(ONE["piled_weight"].seen(row["pile"], PILE))
    if (row["shops"] or 0) >= light.SHOPS and row["light"]:
        seen.append(ONE["shared_sender"].seen(row["shops"], light.SHOPS - 1))
    return seen


def _leads(sellers: pl.DataFrame, odd: pl.DataFrame, names: list[str]) -> list[Lead]:
    """Sellers, each with its oddest parcels."""
    listed = sellers.filter(pl.col("seller_surprise") >= FEWEST)
    told = (
        odd.sort(["own", "handed_at", "waybill_no"], descending=[True, False, False])
        .group_by(SELLER, maintain_order=True)
        .agg(
            pl.col("waybill_no").head(EVIDENCE),
            pl.col("order_id").head(EVIDENCE),
            first=pl.col("handed_at").min(),
            last=pl.col("handed_at").max(),
        )
    )
    listed = listed.join(told, on=SELLER, how="inner")
    score = np.round(as_score(_numbers(listed, "seller_surprise"), HALF_SELLER), 6)
    return [
        Lead(
            "empty_parcels",
            "seller",
            row["seller_id"],
            row["platform"],
            float(score[number]),
            (row["first"], row["last"]),
            tuple(
                BY_NAME[name].seen(row[f"{name}_value"], row[f"{name}_baseline"])
                for name in sorted(names, key=lambda name: (-row[name], name))
                if row[name] >= FEWEST
            ),
            orders=row["order_id"],
            waybills=row["waybill_no"],
        )
        for number, row in enumerate(listed.iter_rows(named=True))
    ]


DETECTOR = Detector(
    name="empty_parcels",
    zh="空包",
    en="Empty parcels",
    obligations=("17b", "17d", "9.2c"),
    entities=("waybill", "seller"),
    needs=("orders", "orders.seller_id", "parcels"),
    signals=(*SIGNALS, *ONE.values()),
    find=find,
)
