"""Forged logistics (虚假物流): scans of parcels that never went that way (plan 17b, 17d).

Looked at are ways that no lorry and no plane covers in the time, parcels that are collected and signed but
pass no depot, signatures in another county, collection before the order, signatures before the collection,
waybills used twice, parcels to the sender's own place, and couriers who sign for several cities within
minutes. What a place explains for everybody is no flag: a depot that missed its scans that day, a lane
without depots, a station that signs for the next county are seen in the parcels of unrelated senders. Batches
at a locker or a village station are honest: their receivers live there. Couriers are measured by surprise
against the carrier's others; waybills stand higher when their courier's, their sender's or their neighbours
in number are odd, too. The `platform` of a waybill and of a courier is the carrier.
"""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import polars as pl

from chengxin.detection.declaring import EVIDENCE, Detector, Lead, Seen, Signal
from chengxin.detection.joining import joined
from chengxin.detection.parcels import sequences
from chengxin.detection.parcels.carried import named
from chengxin.detection.parcels.journeys import courier_names
from chengxin.detection.parcels.odd_journeys import FLAGS, odd_journeys
from chengxin.detection.statistics.shares import Test, counted, surprises
from chengxin.detection.statistics.surprise import as_score, together
from chengxin.detection.statistics.tails import Numbers, evidence
from chengxin.lake.reading import Lake

_SCANS = ("scans.waybill_no", "scans.at")

_WORDS: dict[str, tuple[str, float, tuple[str, ...], str, str, str, str]] = {
    # name: kind, weight, needs, words about many parcels, words about one
    "too_fast": (
        "speed", 1.0, (*_SCANS, "scans.lat", "scans.lon"),
        "{value}的包裹移动速度快于车辆、飞机或该承运人所能达到的速度，通常为{baseline}",
        "{value} of the parcels moved faster than lorries, planes or this carrier can; usual: {baseline}",
        "两次扫描之间的速度不可能或远超该承运人的速度，这样的运单只占{baseline}",
        "it moved between scans at a speed that is impossible or far above the carrier's, as {baseline} do",
    ),
    "no_transit": (
        "depots", 1.0, (*_SCANS, "parcels"),
        "{value}的跨市包裹有揽收、签收而没有任何中转扫描（同网点、同线路的其他包裹有），通常为{baseline}",
        "{value} of the parcels to other cities passed no depot before the signature, as others did; "
        "usual: {baseline}",
        "跨市包裹有签收而没有任何中转扫描，同线路、同网点、同日的其他包裹有；这样的运单只占{baseline}",
        "it was signed for in another city but passed no depot, though others of the lane and day did, "
        "as {baseline} do",
    ),
    "signed_elsewhere": (
        "place", 1.0, ("scans.region", "parcels"),
        "{value}的包裹在收件人以外的地区签收，通常为{baseline}",
        "{value} of the parcels were signed for in another county than the receiver's; usual: {baseline}",
        "在收件人以外的地区签收，这样的运单只占{baseline}",
        "it was signed for in another county than the receiver's, as {baseline} are",
    ),
    "before_order": (
        "order of time", 1.0, (*_SCANS, "orders.created_at"),
        "{value}的包裹在下单之前就已揽收，通常为{baseline}",
        "{value} of the parcels were collected before they were ordered; usual: {baseline}",
        "在下单之前就已揽收，这样的运单只占{baseline}",
        "it was collected before it was ordered, as {baseline} are",
    ),
    "signed_first": (
        "order of time", 0.7, _SCANS,
        "{value}的包裹签收早于揽收，通常为{baseline}",
        "{value} of the parcels were signed for before they were collected; usual: {baseline}",
        "签收早于揽收，这样的运单只占{baseline}",
        "it was signed for before it was collected, as {baseline} are",
    ),
    "reused": (
        "waybill", 0.8, (*_SCANS, "parcels"),
        "{value}的运单号被重复使用，通常为{baseline}",
        "{value} of the waybills were used more than once; usual: {baseline}",
        "运单号被用于互不相干的订单或行程，这样的运单只占{baseline}",
        "the waybill was used for unrelated orders or ways, as {baseline} are",
    ),
    "own_place": (
        "place of sender", 0.7, ("parcels.sender_address_hash", "parcels.receiver_address_hash"),
        "{value}的包裹寄回寄件人自己的地址，通常为{baseline}",
        "{value} of the parcels went to the sender's own address; usual: {baseline}",
        "收件地址就是寄件地址，这样的运单只占{baseline}",
        "it went to the sender's own address, as {baseline} do",
    ),
    "scattered_batch": (
        "batch", 0.8, ("scans.courier_id", "scans.at", "parcels"),
        "{value}的包裹由同一快递员在10分钟内与发往不同城市的包裹成批签收，通常为{baseline}",
        "{value} of the parcels were signed for beside other cities' in 10 minutes; usual: {baseline}",
        "同一快递员在10分钟内成批签收不同城市收件人的包裹，这样的运单只占{baseline}",
        "its courier signed for receivers of several cities within 10 minutes, as for {baseline} of waybills",
    ),
    "no_round": (
        "delivery", 0.8, _SCANS,
        "{value}的包裹未经派送即签收（当地其他快递员的有派送扫描），通常为{baseline}",
        "{value} of the parcels were signed for, never out for delivery, as others are; usual: {baseline}",
        "未经派送即签收，当地其他快递员的有派送扫描；这样的运单只占{baseline}",
        "it was signed for without having been out for delivery, as {baseline} are",
    ),
    "in_no_time": (
        "delivery", 0.8, _SCANS,
        "{value}的包裹出发派送后片刻即签收，通常为{baseline}",
        "{value} of the parcels were signed for within moments of going out; usual: {baseline}",
        "出发派送后片刻即签收，这样的运单只占{baseline}",
        "it was signed for within moments of going out, as {baseline} are",
    ),
    "hasty": (
        "delivery", 0.6, _SCANS,
        "{value}的包裹从出发派送到签收的用时在该承运人最短之列，通常为{baseline}",
        "for {value} of the parcels the round was among the carrier's quickest; usual: {baseline}",
        "从出发派送到签收的用时在该承运人最短之列，这样的运单只占{baseline}",
        "its round was among the carrier's quickest, as for {baseline} of waybills",
    ),
    "at_depot": (
        "position", 0.8, (*_SCANS, "scans.lat", "scans.lon"),
        "{value}的包裹在网点而不是收件地址签收（当地其他快递员的不是），通常为{baseline}",
        "{value} of the parcels were signed for at the depot, unlike others there; usual: {baseline}",
        "在网点而不是收件地址签收，这样的运单只占{baseline}",
        "it was signed for at the depot and not at a door, as {baseline} are",
    ),
    "at_night": (
        "hour", 0.8, _SCANS,
        "{value}的包裹在该承运人的快递员几乎从不签收的时段签收，通常为{baseline}",
        "{value} of the parcels were signed for at hours when the carrier's couriers hardly ever do; "
        "usual: {baseline}",
        "在该承运人的快递员几乎从不签收的时段签收，这样的运单只占{baseline}",
        "it was signed for at an hour when the carrier's couriers hardly ever do, as {baseline} are",
    ),
    "not_received": (
        "buyers", 0.4, ("orders.refund_amount", "parcels", *_SCANS),
        "{value}的包裹显示签收后，订单全额退款，通常为{baseline}",
        "{value} of the parcels were signed for and the order refunded in full; usual: {baseline}",
        "显示签收，订单却全额退款，这样的运单占{baseline}",
        "it was signed for and the order refunded in full, as {baseline} are",
    ),
}  # fmt: skip

MANY = {
    name: Signal(name, kind, zh, en, needs, weight=weight)
    for name, (kind, weight, needs, zh, en, _, _) in _WORDS.items()
}
ONE = {
    name: Signal(f"this_{name}", kind, zh, en, needs)
    for name, (kind, _, needs, _, _, zh, en) in _WORDS.items()
}
SEQUENCE = Signal(
    "sequence", "sequence",
    "与同一寄件人替其他店铺寄送的{value}个异常运单号码相连，偶然应为{baseline}个",
    "its number is next to {value} odd ones that the sender sent for other shops; chance: {baseline}",
    ("parcels",), "number",
)  # fmt: skip

HALF_COURIER, HALF_WAYBILL = 8.0, 5.0
"""Evidence that makes a score of 0.5: two strong witnesses."""

COMPANY = 4.0
"""What it adds to a flag of a waybill that all the others of its courier or sender with it are no chance."""

SURE = 2.0
"""Surprise (one in a hundred) at which that is half believed."""

FEWEST = 1.0
"""Surprise below which a courier isn't listed: one in ten is as odd."""

BESIDE = ("hasty", "not_received")
"""Flags too common to make a question of a waybill, unless its courier is one."""

STRONG = 4.0
"""Surprise from which on a courier is a question: one in 10,000 is as odd."""

COURIER, SENDER = ["carrier", "signed_by"], ["carrier", "sender"]


def find(lake: Lake, able: frozenset[str]) -> list[Lead]:
    """Waybills and couriers, by carrier."""
    flags = [name for name in FLAGS if name in able]
    if not flags:
        return []
    rows = odd_journeys(lake, flags)
    tests = {name: Test(rows[name], rows[name].notnull()) for name in flags}
    by_courier = counted(lake, rows, [*COURIER, "season"], tests)
    by_sender = counted(lake, rows, [*SENDER, "season"], tests)
    usual = _usual(by_sender if by_sender.height else by_courier, flags)
    couriers, senders = _surprises(by_courier, COURIER, flags), _surprises(by_sender, SENDER, flags)
    strong = lake.given(
        couriers.filter(pl.col("all") >= STRONG).select(*COURIER, strong=True), "couriers_strong"
    )
    rows = joined(rows, strong, COURIER)
    alone = [rows[name].fill_null(False) for name in flags if name not in BESIDE]
    hasty = [
        rows[name].fill_null(False) & rows.strong.fill_null(False) for name in flags if name in ("hasty",)
    ]
    odd = lake.rows(rows.filter(ibis.or_(*alone, *hasty)).drop("strong"))
    if odd.is_empty():
        return []
    odd = odd.join(named(lake, odd["key"]), on="key", how="left").with_columns(
        order_id=pl.when(pl.col("orders").list.len() == 1).then(pl.col("orders").list.first())
    )
    odd = odd.join(courier_names(lake, odd["signed_by"]), on="signed_by", how="left")
    odd = odd.join(_company(couriers, COURIER, flags, "courier"), on=COURIER, how="left")
    odd = odd.join(_company(senders, SENDER, flags, "sender"), on=SENDER, how="left")
    odd = _scored(sequences.neighbours(odd), usual, flags)
    return [
        *(_waybill(row, usual, flags) for row in odd.iter_rows(named=True)),
        *_couriers(couriers, odd, flags),
    ]


def _usual(counts: pl.DataFrame, flags: list[str]) -> dict[str, float]:
    """The share of waybills with each flag, in the whole market."""
    return {
        name: float(counts[f"{name}_hit"].sum()) / max(float(counts[f"{name}_of"].sum()), 1.0)
        for name in flags
    }


def _surprises(counts: pl.DataFrame, entity: list[str], flags: list[str]) -> pl.DataFrame:
    """The surprises of couriers or senders against the carrier's others, and their sum over kinds (`all`)."""
    counts = counts.with_columns(reporter=pl.col("carrier"))
    found = surprises(counts, entity=entity, cell=["reporter", "season"], tests=flags)
    kinds, weights = ({name: getattr(MANY[name], part) for name in flags} for part in ("kind", "weight"))
    return found.with_columns(together(found, kinds, weights).alias("all"))


def _company(found: pl.DataFrame, entity: list[str], flags: list[str], whose: str) -> pl.DataFrame:
    """For each flag, what part of the parcels with it is beyond the usual for that courier or sender, as
    far as their number is no chance: `<whose>_<flag>`, 0 to 1."""

    def beyond(name: str) -> pl.Expr:
        """A parcel is no company to itself: it is left out of the count."""
        count, value = pl.col(f"{name}_count"), pl.col(f"{name}_value")
        others = (count - 1) / (count / value - 1)
        part = (1 - pl.col(f"{name}_baseline") / others).fill_nan(0.0).clip(0.0, 1.0)
        sure = pl.col(name) / (pl.col(name) + SURE)
        return pl.when(count > 1).then(part * sure).otherwise(0.0).alias(f"{whose}_{name}")

    return found.select(*entity, *(beyond(name) for name in flags))


def _scored(odd: pl.DataFrame, usual: dict[str, float], flags: list[str]) -> pl.DataFrame:
    """The odd waybills with `own` evidence and a `score`: how rare each flag is, and how many more of its
    courier's or sender's show it than chance would have."""
    own: dict[str, Numbers] = {}
    whole: dict[str, Numbers] = {}
    none = np.zeros(odd.height)
    for name in flags:
        flag, hit = MANY[name], _numbers(odd, name)
        found = hit * -np.log10(max(usual[name], 1e-4)) * flag.weight
        if name == "too_fast":
            found *= 0.25 + evidence(_numbers(odd, "fast")) / 8 + 0.5 * _numbers(odd, "impossible")
        company = np.maximum(_numbers(odd, f"courier_{name}"), _numbers(odd, f"sender_{name}"))
        if name == "not_received":  # whose goods often come back has poor goods
            company = none
        own[flag.kind] = np.maximum(own.get(flag.kind, none), found)
        whole[flag.kind] = np.maximum(
            whole.get(flag.kind, none), found + hit * company * COMPANY * flag.weight
        )
    own_sum, total = (sum((part[kind] for kind in sorted(part)), none) for part in (own, whole))
    total = total + (_numbers(odd, "neighbours") > 1)
    return odd.with_columns(
        own=pl.Series(own_sum), score=pl.Series(np.round(as_score(total, HALF_WAYBILL), 6))
    )


def _numbers(frame: pl.DataFrame, name: str) -> Numbers:
    return frame[name].cast(pl.Float64).fill_null(0).to_numpy()


def _waybill(row: dict[str, Any], usual: dict[str, float], flags: list[str]) -> Lead:
    seen: list[Seen] = [ONE[name].seen(1.0, usual[name]) for name in flags if row[name]]
    if row["neighbours"] > 1:
        seen.append(SEQUENCE.seen(row["neighbours"], 0))
    return Lead(
        "forged_logistics",
        "waybill",
        row["waybill_no"],
        row["carrier"],
        row["score"],
        (row["at"], row["at"]),
        tuple(seen),
        orders=(row["orders"] or [])[:EVIDENCE],
        waybills=[row["waybill_no"]],
        accounts=[one for one in (row["courier_id"], row["seller_id"]) if one],
    )


def _couriers(couriers: pl.DataFrame, odd: pl.DataFrame, flags: list[str]) -> list[Lead]:
    """Couriers, each with the oddest waybills that they signed."""
    told = (
        odd.filter(pl.col("signed_by").is_not_null())
        .sort(["own", "at", "waybill_no"], descending=[True, False, False])
        .group_by(COURIER, maintain_order=True)
        .agg(
            pl.col("waybill_no").head(EVIDENCE),
            pl.col("order_id").drop_nulls().head(EVIDENCE),
            pl.col("courier_id").first(),
            first=pl.col("at").min(),
            last=pl.col("at").max(),
        )
    )
    listed = couriers.filter(pl.col("all") >= FEWEST).join(told, on=COURIER, how="inner")
    score = np.round(as_score(_numbers(listed, "all"), HALF_COURIER), 6)
    return [
        Lead(
            "forged_logistics",
            "courier",
            row["courier_id"],
            row["carrier"],
            float(score[number]),
            (row["first"], row["last"]),
            tuple(
                MANY[name].seen(row[f"{name}_value"], row[f"{name}_baseline"])
                for name in sorted(flags, key=lambda name: (-row[name], name))
                if row[name] >= FEWEST / 2
            ),
            orders=row["order_id"],
            waybills=row["waybill_no"],
        )
        for number, row in enumerate(listed.iter_rows(named=True))
    ]


DETECTOR = Detector(
    name="forged_logistics",
    zh="虚假物流",
    en="Forged logistics",
    obligations=("17b", "17d", "7d"),
    entities=("courier", "waybill"),
    needs=("parcels", "scans", "scans.at"),
    signals=(*MANY.values(), *ONE.values(), SEQUENCE),
    find=find,
)
