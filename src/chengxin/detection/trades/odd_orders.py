"""What can be odd about one order: the rows behind the signals of brushing, each with a yes or no.

Every test is an Ibis expression over an order and what other tables say of it; a row of which a test can say
nothing (no dwell was reported) doesn't count for it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.clock import CHINA, DAY, HOUR, MINUTE
from chengxin.detection.joining import joined, number_of
from chengxin.detection.statistics.shares import period
from chengxin.detection.views import SELLER, signatures
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
        lambda rows: rows.of_buyer_device.notnull(),
    ),
    "shared_address": Odd(
        ("orders.address_hash",),
        lambda rows: rows.address_accounts.between(TOGETHER, SOME_PERSON),
        lambda rows: rows.of_address_hash.notnull(),
    ),
    "shared_network": Odd(
        ("orders.buyer_ip",),
        lambda rows: rows.network_accounts.between(TOGETHER, SOME_PERSON),
        lambda rows: rows.of_buyer_ip.notnull(),
    ),
    "praise_at_once": Odd(
        ("ratings.order_id", "orders.received_at"),
        lambda rows: (rows.rating >= 0.9) & (rows.rated_at - rows.received_at).between(0, HOUR),
        lambda rows: rows.rated_at.notnull() & _received(rows),
    ),
    "repeated_text": Odd(
        ("ratings.order_id", "ratings.text"),
        lambda rows: rows.copied == 1,
        lambda rows: rows.copied.notnull(),
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
    """The orders that were paid or went on, with `period`, and what each test allowed says of them: empty
    where it can say nothing.

    Columns besides: created_at, and as numbers (`Engine.hashed`) `order`, `shop`, `buyer`, each with
    its platform, and `person` (the address, else the buyer): texts would fill the memory. `named_orders`
    and `shops_of` tell whose they are.
    """
    return lake.kept("odd_orders", lambda: _made(lake, able(lake)))


def named_orders(lake: Lake) -> ir.Table:
    """The same orders by `order`, with the texts: platform, order_id, seller_id, buyer_id, waybill_no."""
    rows = _real(lake)
    return rows.select(
        "platform", "order_id", "seller_id", "buyer_id", "waybill_no", order=_number(lake, rows, "order_id")
    )


def shops_of(lake: Lake) -> pl.DataFrame:
    """Every shop that sold something: shop (its number), platform, seller_id."""

    def made() -> pl.DataFrame:
        rows = _real(lake)
        shops = rows.select(*SELLER).distinct()
        return lake.rows(shops.select(*SELLER, shop=_number(lake, shops, "seller_id")))

    return lake.reckoned("shops_of_orders", made)


def _real(lake: Lake) -> ir.Table:
    """The orders that count: everybody named, and not cancelled."""
    orders = lake.table("orders")
    rows = orders.filter(
        orders.order_id.notnull(),
        orders.buyer_id.notnull(),
        orders.seller_id.notnull(),
        orders.platform.notnull(),
        orders.created_at.notnull(),
    )
    return rows.filter((rows.status != "cancelled").fill_null(True))


def _number(lake: Lake, rows: ir.Table, name: str) -> ir.IntegerValue:
    """A number for what this column names on a platform; empty where one of them is."""
    return _within(number_of(lake, rows.platform), number_of(lake, rows[name]))


def _within(place: ir.IntegerValue, name: ir.IntegerValue) -> ir.IntegerValue:
    """A number for a name at a place, made of the numbers of both: each text is reckoned with once, whatever
    it is asked for. One is moved, as "7 at 9" is another than "9 at 7" where ids are plain numbers."""
    return (place >> 1) ^ name


def _made(lake: Lake, tests: tuple[str, ...]) -> ir.Table:
    told = _bare(lake)
    if "light_parcel" in tests:
        told = joined(told, _weights(lake), "named")
    bare = rows = lake.meanwhile(told)
    for tests_of, join in _JOINS:
        if any(name in tests for name in tests_of):
            rows = join(lake, rows, bare)
    said = {
        name: TESTS[name].of(rows).ifelse(TESTS[name].hit(rows).fill_null(False), ibis.null("boolean"))
        for name in tests
    }
    return rows.select(
        "order", "shop", "buyer", "person", "created_at", period=period(rows.created_at), **said
    )


def _bare(lake: Lake) -> ir.Table:
    """The orders in numbers alone: read from the files once, joined and counted from then on."""
    rows = _real(lake)
    shop = _number(lake, rows, "seller_id")
    shared = {
        f"of_{column}": _within(shop, number_of(lake, rows[column]))
        for column in _SHARED
        if lake.has(f"orders.{column}")
    }
    return rows.select(
        "created_at", "amount", "shipped_at", "received_at", "dwell_s", "entry",
        order=_number(lake, rows, "order_id"),
        named=number_of(lake, rows.order_id),
        shop=shop,
        buyer=_number(lake, rows, "buyer_id"),
        account=number_of(lake, rows.buyer_id),
        person=_within(
            number_of(lake, rows.platform), number_of(lake, ibis.coalesce(rows.address_hash, rows.buyer_id))
        ),
        waybill=number_of(lake, rows.waybill_no),
        product=_number(lake, rows, "product_id"),
        quantity=rows.quantity.fill_null(1),
        quiet=(rows.refund_amount.fill_null(0) == 0) & (rows.status != "refunded").fill_null(True),
        **shared,
    )  # fmt: skip


def _with_signing(lake: Lake, rows: ir.Table, _bare: ir.Table) -> ir.Table:
    """When the parcel was signed for first."""
    first = signatures(lake).group_by("waybill").aggregate(signed_at=ibis._.signed_at.min())
    return joined(rows, first, "waybill")


_SHARED = {
    "buyer_device": "device_accounts", "address_hash": "address_accounts", "buyer_ip": "network_accounts",
}  # fmt: skip


def _sharing(column: str) -> Callable[[Lake, ir.Table, ir.Table], ir.Table]:
    """How many accounts bought from this shop with the same `column`."""

    def shared(_lake: Lake, rows: ir.Table, bare: ir.Table) -> ir.Table:
        key, called = f"of_{column}", _SHARED[column]
        known = bare.filter(bare[key].notnull()).select(key, "buyer")
        # Most devices and addresses are one person's: those fall away before anybody is counted.
        several = known.group_by(key).aggregate(least=known.buyer.min(), most=known.buyer.max())
        several = several.filter(several.least != several.most).select(key)
        accounts = (
            known.semi_join(several, key).distinct().group_by(key).aggregate(ibis._.count().name(called))
        )
        return joined(rows, accounts.filter(accounts[called] >= TOGETHER), key)

    return shared


def _with_rating(lake: Lake, rows: ir.Table, _bare: ir.Table) -> ir.Table:
    """The first rating of the order, and whether another rater wrote its text (empty for a short one)."""
    ratings = lake.table("ratings")
    given = ratings.filter(
        ratings.order_id.notnull(),
        ratings.platform.notnull(),
        ratings.direction.fill_null("buyer_to_seller") == "buyer_to_seller",
    )
    told = given.select(
        order=_number(lake, given, "order_id"),
        created_at=given.created_at,
        score=given.score,
        rater=number_of(lake, given.rater_id),
        said=(given.text.length() >= TELLING_TEXT).ifelse(number_of(lake, given.text), ibis.null("int64")),
    )
    raters = told.filter(told.said.notnull()).group_by("said").aggregate(
        least=ibis._.rater.min(), most=ibis._.rater.max()
    )  # fmt: skip
    copied = raters.filter(raters.least != raters.most).select("said", copy=1)
    both = told.left_join(copied, "said")
    first = both.group_by("order").aggregate(
        rated_at=both.created_at.min(),
        rating=both.score.max(),
        copied=both.said.notnull().ifelse(both.copy.fill_null(0), ibis.null("int8")).max(),
    )
    return joined(rows, first, "order")


def _with_usual_weight(_lake: Lake, rows: ir.Table, bare: ir.Table) -> ir.Table:
    """What parcels with this product usually weigh, wherever they are sold."""
    known = bare.filter(bare.product.notnull(), bare.weight_g.notnull())
    usual = known.group_by("product").aggregate(usual=(known.weight_g / known.quantity).quantile(0.75))
    found = joined(rows, usual, "product")
    return found.mutate(usual_weight=found.usual * found.quantity)


def _weights(lake: Lake) -> ir.Table:
    """What was sent with an order weighs."""
    parcels = lake.table("parcels")
    known = parcels.filter(parcels.order_id.notnull(), parcels.weight_g.notnull())
    weighed = known.select(named=number_of(lake, known.order_id), weight_g=known.weight_g)
    return weighed.group_by("named").aggregate(weight_g=ibis._.weight_g.sum())


def _with_money(lake: Lake, rows: ir.Table, bare: ir.Table) -> ir.Table:
    """Money that came back to the buyer within 30 days, though the order was not refunded.

    A refund that the order doesn't know of, or a transfer to the buyer of about the price and a little more,
    whoever sent it. Accounts of payments are those who paid for the buyer's orders, and the buyer's own id.
    """
    payments = lake.table("payments")
    paid = payments.filter(payments.kind == "pay", payments.order_id.notnull(), payments.payer_id.notnull())
    moved = payments.filter(
        payments.kind == "transfer", payments.payee_id.notnull(), payments.payer_id != payments.payee_id
    )
    transfers = moved.select(
        account=number_of(lake, moved.payee_id), paid_at=moved.paid_at, sent=moved.amount
    )
    linked = paid.select(named=number_of(lake, paid.order_id), account=number_of(lake, paid.payer_id))
    linked = linked.semi_join(transfers, "account")
    facts = ("order", "account", "amount", "created_at")
    by_payment = bare.drop("account").inner_join(linked, "named").select(*facts)
    by_name = bare.semi_join(transfers, "account").select(*facts)
    near = by_payment.union(by_name).inner_join(transfers, "account")
    near = near.filter(
        (near.paid_at - near.created_at).between(0, 30 * DAY),
        near.sent.between(near.amount * 0.8, near.amount + RED_PACKET),
    )
    given = payments.filter(
        payments.kind == "refund", payments.payee_id.notnull(), payments.order_id.notnull()
    )
    refunds = given.select(named=number_of(lake, given.order_id), sent=given.amount)
    refunded = bare.filter(bare.quiet).inner_join(refunds, "named")
    refunded = refunded.filter(refunded.sent >= refunded.amount * 0.8)
    both = near.select("order", "sent").union(refunded.select("order", "sent"))
    return joined(rows, both.group_by("order").aggregate(money_back=both.sent.max()), "order")


_JOINS: tuple[tuple[tuple[str, ...], Callable[[Lake, ir.Table, ir.Table], ir.Table]], ...] = (
    (("before_arrival", "at_once"), _with_signing),
    (("shared_device",), _sharing("buyer_device")),
    (("shared_address",), _sharing("address_hash")),
    (("shared_network",), _sharing("buyer_ip")),
    (("praise_at_once", "repeated_text"), _with_rating),
    (("light_parcel",), _with_usual_weight),
    (("money_back",), _with_money),
)
