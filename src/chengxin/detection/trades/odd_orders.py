"""What can be odd about one order: the rows behind the signals of brushing, each with a yes or no.

Every test is an Ibis expression over an order and what other tables say of it; a row of which a test can say
nothing (no dwell was reported) doesn't count for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
from ibis.expr import types as ir

from chengxin.detection.clock import CHINA, DAY, HOUR, MINUTE
from chengxin.detection.statistics.shares import period
from chengxin.detection.views import waybill_facts
from chengxin.lake.reading import Lake

GLANCE = 5.0
"""Seconds on the page below which nobody has looked at the goods."""

SCRIPTED = (300, 420)
"""Seconds that brushers are told to stay (5 to 7 minutes; red_flags), so as to look like customers."""

TOGETHER = 3
"""Accounts of one shop that share a device, an address or a payer before it is worth asking."""

TELLING_TEXT = 12
"""Characters from which a text repeated word for word by another rater is more than a stock phrase."""

RED_PACKET = 3000
"""Fen that a brusher gets on top of the price, at most (5–20 yuan are usual; red_flags: money flows back)."""

SOME_PERSON = 100
"""Accounts at one device, address or payer from which on it is a place or a service, not a person."""


@dataclass(frozen=True)
class Odd:
    """A test: what it needs of the lake, what is odd (`hit`), and of which rows it can be said (`of`)."""

    needs: tuple[str, ...]
    hit: Callable[[ir.Table], ir.BooleanValue]
    of: Callable[[ir.Table], ir.BooleanValue]


def _received(rows: ir.Table) -> ir.BooleanValue:
    return rows.received_at.notnull()


TESTS: dict[str, Odd] = {
    "no_browsing": Odd(
        ("orders.dwell_s",), lambda rows: rows.dwell_s < GLANCE, lambda rows: rows.dwell_s.notnull()
    ),
    "scripted_dwell": Odd(
        ("orders.dwell_s",), lambda rows: rows.dwell_s.between(*SCRIPTED), lambda rows: rows.dwell_s.notnull()
    ),
    "by_link": Odd(
        ("orders.entry",), lambda rows: rows.entry.isin(["link", "direct"]), lambda rows: rows.entry.notnull()
    ),
    "before_arrival": Odd(
        ("orders.received_at", "orders.waybill_no", "scans"),
        lambda rows: rows.received_at < rows.signed_at,
        lambda rows: _received(rows) & rows.signed_at.notnull(),
    ),
    "at_once": Odd(
        ("orders.received_at", "orders.waybill_no", "scans"),
        lambda rows: (rows.received_at - rows.signed_at).between(0, 20 * MINUTE),
        lambda rows: _received(rows) & (rows.received_at >= rows.signed_at),
    ),
    "too_fast": Odd(
        ("orders.received_at", "orders.shipped_at"),
        lambda rows: rows.received_at - rows.shipped_at < 12 * HOUR,
        lambda rows: _received(rows) & rows.shipped_at.notnull(),
    ),
    "at_night": Odd(
        ("orders",),
        lambda rows: ((rows.created_at + CHINA) % DAY).between(HOUR, 6 * HOUR),
        lambda rows: rows.created_at.notnull(),
    ),
    "shared_device": Odd(
        ("orders.buyer_device",),
        lambda rows: rows.device_accounts.between(TOGETHER, SOME_PERSON),
        lambda rows: rows.buyer_device.notnull(),
    ),
    "shared_address": Odd(
        ("orders.address_hash",),
        lambda rows: rows.address_accounts.between(TOGETHER, SOME_PERSON),
        lambda rows: rows.address_hash.notnull(),
    ),
    "shared_network": Odd(
        ("orders.buyer_ip",),
        lambda rows: rows.network_accounts.between(TOGETHER, SOME_PERSON),
        lambda rows: rows.buyer_ip.notnull(),
    ),
    "praise_at_once": Odd(
        ("ratings.order_id", "orders.received_at"),
        lambda rows: (rows.rating >= 0.9) & (rows.rated_at - rows.received_at).between(0, HOUR),
        lambda rows: rows.rated_at.notnull() & _received(rows),
    ),
    "repeated_text": Odd(
        ("ratings.order_id", "ratings.text"),
        lambda rows: rows.text_raters >= 2,
        lambda rows: rows.text_raters.notnull(),
    ),
    "money_back": Odd(
        ("payments", "orders.amount"), lambda rows: rows.money_back.notnull(), lambda rows: rows.amount > 0
    ),
    "light_parcel": Odd(
        ("parcels.weight_g", "parcels.order_id"),
        lambda rows: rows.weight_g < 0.3 * rows.usual_weight,
        lambda rows: rows.weight_g.notnull() & rows.usual_weight.notnull(),
    ),
}


HONEST_TOO = frozenset({"shared_device", "shared_address", "shared_network", "at_night", "by_link"})
"""What dormitories, offices, families and live rooms show as well: it adds to a question, it doesn't raise
one."""


def able(lake: Lake) -> tuple[str, ...]:
    """The tests that this lake allows, in the order of their declaration."""
    return tuple(name for name, test in TESTS.items() if lake.has(*test.needs))


def odd_orders(lake: Lake) -> ir.Table:
    """The orders that were paid or went on, with `period`, and `<test>` and `<test>_of` of each test
    allowed.

    Columns besides: order_id, platform, seller_id, buyer_id, person (the address, else the buyer),
    waybill_no, created_at, amount.
    """
    return lake.kept("odd_orders", lambda: _made(lake, able(lake)))


def _made(lake: Lake, tests: tuple[str, ...]) -> ir.Table:
    orders = lake.table("orders")
    rows = orders.filter(
        orders.buyer_id.notnull(),
        orders.seller_id.notnull(),
        orders.platform.notnull(),
        orders.created_at.notnull(),
    )
    rows = bare = rows.filter((rows.status != "cancelled").fill_null(True))
    for tests_of, join in _JOINS:
        if any(name in tests for name in tests_of):
            # Counts are of the bare orders: of the joined ones, the plan would double each time.
            rows = join(lake, rows, bare)
    said = {}
    for name in tests:
        of = TESTS[name].of(rows).fill_null(False)
        said[name] = of & TESTS[name].hit(rows).fill_null(False)
        said[f"{name}_of"] = of
    return rows.select(
        "order_id", "platform", "seller_id", "buyer_id", "waybill_no", "created_at", "amount",
        person=ibis.coalesce(rows.address_hash, rows.buyer_id), period=period(rows.created_at), **said,
    )  # fmt: skip


def _with_signing(lake: Lake, rows: ir.Table, _bare: ir.Table) -> ir.Table:
    """When the parcel was signed for. A waybill number says which carrier where the order doesn't."""
    facts = waybill_facts(lake)
    signed = (
        facts.filter(facts.signed_at.notnull())
        .group_by("waybill_no")
        .aggregate(signed_at=lambda t: t.signed_at.max())
    )
    return rows.left_join(signed, "waybill_no").drop("waybill_no_right")


def _sharing(column: str, called: str) -> Callable[[Lake, ir.Table, ir.Table], ir.Table]:
    """How many accounts bought from this shop with the same `column`."""

    def joined(_lake: Lake, rows: ir.Table, bare: ir.Table) -> ir.Table:
        keys = ["platform", "seller_id", column]
        known = bare.filter(bare[column].notnull())
        # Most devices and addresses are one person's: those fall away before anything is counted by shop.
        several = (
            known.group_by(["platform", column])
            .aggregate(least=known.buyer_id.min(), most=known.buyer_id.max())
            .filter(lambda one: one.least != one.most)
        )
        accounts = (
            known.semi_join(several, ["platform", column])
            .select(*keys, "buyer_id")
            .distinct()
            .group_by(keys)
            .aggregate(**{called: lambda one: one.count()})
        )
        together = accounts.filter(accounts[called] >= TOGETHER)
        return rows.left_join(together, keys).drop(*(f"{key}_right" for key in keys))

    return joined


def _with_rating(lake: Lake, rows: ir.Table, _bare: ir.Table) -> ir.Table:
    """The first rating of the order, and how many raters wrote the same text (null for a short one)."""
    ratings = lake.table("ratings")
    given = ratings.filter(
        ratings.order_id.notnull(), ratings.direction.fill_null("buyer_to_seller") == "buyer_to_seller"
    )
    long = given.filter(given.text.length() >= TELLING_TEXT)
    raters = (
        long.select("text", "rater_id").distinct().group_by("text").aggregate(text_raters=lambda t: t.count())
    )
    texts = (
        long.inner_join(raters, "text")
        .group_by(["platform", "order_id"])
        .aggregate(text_raters=lambda t: t.text_raters.max())
    )
    first = given.group_by(["platform", "order_id"]).aggregate(
        rated_at=given.created_at.min(), rating=given.score.max()
    )
    keys = ["platform", "order_id"]
    rows = rows.left_join(first, keys).drop("platform_right", "order_id_right")
    return rows.left_join(texts, keys).drop("platform_right", "order_id_right")


def _with_weight(lake: Lake, rows: ir.Table, bare: ir.Table) -> ir.Table:
    """What the parcel weighs, and what parcels with this product usually weigh, wherever they are sold."""
    parcels = lake.table("parcels")
    known = parcels.filter(parcels.order_id.notnull(), parcels.weight_g.notnull())
    weights = known.group_by("order_id").aggregate(weight_g=known.weight_g.sum())
    rows = rows.left_join(weights, "order_id").drop("order_id_right")
    weighed = bare.filter(bare.product_id.notnull()).inner_join(weights, "order_id")
    usual = weighed.group_by(["platform", "product_id"]).aggregate(
        usual_weight=(weighed.weight_g / weighed.quantity.fill_null(1)).quantile(0.75)
    )
    rows = rows.left_join(usual, ["platform", "product_id"]).drop("platform_right", "product_id_right")
    return rows.mutate(usual_weight=rows.usual_weight * rows.quantity.fill_null(1))


def _with_money(lake: Lake, rows: ir.Table, bare: ir.Table) -> ir.Table:
    """Money that came back to the buyer within 30 days, though the order was not refunded.

    A refund that the order doesn't know of, or a transfer to the buyer of about the price and a little more,
    whoever sent it. Accounts of payments are those who paid for the buyer's orders, and the buyer's own id.
    """
    payments = lake.table("payments")
    back = payments.filter(payments.kind.isin(["transfer", "refund"]), payments.payee_id.notnull())
    transfers = back.filter(back.kind == "transfer")
    paid = payments.filter(payments.kind == "pay", payments.order_id.notnull(), payments.payer_id.notnull())
    payers = paid.semi_join(transfers, paid.payer_id == transfers.payee_id)
    linked = payers.select("order_id", account="payer_id")
    bought = bare.select(
        "order_id", "platform", "buyer_id", "seller_id", "amount", "created_at", "refund_amount", "status"
    )
    by_payment = bought.inner_join(linked, "order_id").select(*bought.columns, "account")
    by_name = bought.mutate(account=bought.buyer_id).semi_join(transfers, [("account", "payee_id")])
    candidates = by_payment.union(by_name.select(*by_payment.columns), distinct=True)
    near = candidates.inner_join(
        transfers.select("payee_id", "payer_id", "paid_at", sent="amount"), [("account", "payee_id")]
    )
    near = near.filter(
        (near.paid_at - near.created_at).between(0, 30 * DAY),
        near.payer_id != near.account,
        near.sent.between(near.amount * 0.8, near.amount + RED_PACKET),
    )
    quiet = bought.filter(
        (bought.refund_amount.fill_null(0) == 0) & (bought.status != "refunded").fill_null(True)
    )
    refunds = back.filter(back.kind == "refund", back.order_id.notnull()).select("order_id", sent="amount")
    refunded = quiet.inner_join(refunds, "order_id")
    refunded = refunded.filter(refunded.sent >= refunded.amount * 0.8)
    both = near.select("platform", "order_id", "sent").union(refunded.select("platform", "order_id", "sent"))
    whole = both.group_by(["platform", "order_id"]).aggregate(money_back=both.sent.max())
    return rows.left_join(whole, ["platform", "order_id"]).drop("platform_right", "order_id_right")


_JOINS: tuple[tuple[tuple[str, ...], Callable[[Lake, ir.Table, ir.Table], ir.Table]], ...] = (
    (("before_arrival", "at_once"), _with_signing),
    (("shared_device",), _sharing("buyer_device", "device_accounts")),
    (("shared_address",), _sharing("address_hash", "address_accounts")),
    (("shared_network",), _sharing("buyer_ip", "network_accounts")),
    (("praise_at_once", "repeated_text"), _with_rating),
    (("light_parcel",), _with_weight),
    (("money_back",), _with_money),
)
