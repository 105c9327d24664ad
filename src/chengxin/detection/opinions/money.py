"""Money that raters were sent, and by whom.

Payments name accounts of an institution; whose they are is told by the orders that they paid for, and by
the ids themselves where a platform uses its own.
"""

from __future__ import annotations

import ibis
from ibis.expr import types as ir

from chengxin.detection.joining import joined
from chengxin.detection.views import RATINGS
from chengxin.lake.reading import Lake

SOON = 15 * 24 * 3600
"""Seconds before or after a rating within which money to the rater may be for it."""

TOGETHER = 3
"""Fewer raters whom one payer sends money are chance."""

OWNERS = 20
"""An account that paid for more people's orders than this is nobody's own."""


def transfers(lake: Lake) -> ir.Table:
    """Transfers with both sides and a time: payer_id, account (the payee's), paid_at."""
    payments = lake.table("payments")
    return payments.filter(
        payments.kind == "transfer",
        payments.payer_id.notnull(),
        payments.payee_id.notnull(),
        payments.paid_at.notnull(),
    ).select("payer_id", "paid_at", account=payments.payee_id)


def received(lake: Lake) -> ir.Table:
    """What buyers were sent: platform, rater_id, payer_id, account, paid_at, shop; a row for each transfer
    and owner of the account.

    `shop`: the payer's, if the buyer traded with it (a row for each, should the account be of several): such
    money is about that trade. Null for everybody else's money.
    """

    def made() -> ir.Table:
        sent = transfers(lake)
        owners = _owners(lake, "payer_id", "buyer_id", sent.account)
        few = owners.group_by("account").aggregate(people=owners.count())
        owners = owners.semi_join(few.filter(few.people <= OWNERS), "account")
        found = sent.inner_join(owners, "account")
        found = lake.meanwhile(
            found.select("platform", "payer_id", "account", "paid_at", rater_id=found.owner)
        )
        own = shop_accounts(lake).select("platform", payer_id="account", shop="ratee_id")
        from_shops = found.select("platform", "rater_id", "payer_id").distinct()
        from_shops = from_shops.inner_join(own, ["platform", "payer_id"])
        orders = lake.table("orders")
        trades = orders.select("platform", rater_id=orders.buyer_id, shop=orders.seller_id)
        # The few are looked up among the many, not the other way round.
        traded = trades.inner_join(from_shops, ["platform", "rater_id", "shop"])
        traded = traded.select("platform", "rater_id", "payer_id", "shop").distinct()
        return joined(
            found,
            traded,
            ["platform", "rater_id", "payer_id"],
        )

    return lake.kept("received_by_raters", made, asked_by=RATINGS)


def near(lake: Lake, rows: ir.Table) -> ir.Table:
    """The rows with the money that the rater was sent `SOON` before or after, unless it is about a trade with
    another shop: payer_id, account, waited (seconds from the rating to the money).

    `rows`: platform, rating_id, rater_id, ratee_id, created_at, and whatever else.
    """
    both = rows.inner_join(received(lake), ["platform", "rater_id"])
    waited = both.paid_at - both["created_at"]
    both = both.filter((waited.abs() <= SOON) & (both.shop.isnull() | (both.shop == both.ratee_id)))
    return both.select(*rows.columns, "payer_id", "account", waited=both.paid_at - both["created_at"])


def shop_accounts(lake: Lake) -> ir.Table:
    """The accounts of shops that sent or were sent transfers: platform, ratee_id, account."""

    def made() -> ir.Table:
        sent = transfers(lake)
        owners = _owners(lake, "payee_id", "seller_id", sent.payer_id)
        return owners.select("platform", "account", ratee_id=owners.owner)

    return lake.kept("accounts_of_shops", made, asked_by=RATINGS)


def _owners(lake: Lake, side: str, owner: str, accounts: ir.StringColumn) -> ir.Table:
    """Whose accounts these are: platform, owner, account. `side`: where a payment of an order names the
    account; `owner`: what the order calls its owner."""
    payments, orders = lake.table("payments"), lake.table("orders")
    asked = accounts.name("account").as_table().distinct()
    paid = payments.filter(payments.kind == "pay", payments.order_id.notnull(), payments[side].notnull())
    paid = paid.select("order_id", account=paid[side]).semi_join(asked, "account")
    known = orders.filter(orders[owner].notnull())
    told = known.filter(known.order_id.notnull()).select("platform", "order_id", owner=known[owner])
    by_payment = told.inner_join(paid, "order_id").select("platform", "owner", "account")
    ratings = lake.table("ratings")
    name = "rater_id" if owner == "buyer_id" else "ratee_id"
    named = (ratings.select("platform", owner=ratings[name]), known.select("platform", owner=known[owner]))
    known_by_name = (one.mutate(account=one.owner).semi_join(asked, "account") for one in named)
    by_name = ibis.union(*known_by_name)
    return by_payment.union(by_name.select("platform", "owner", "account"), distinct=True)


def rewards(lake: Lake, rows: ir.Table) -> ir.Table:
    """For the ratings about the time of which somebody sent the rater money: how often (`payers`), how many
    who said the same of the shop were sent money by the one who paid most of them (`paid_together`), and
    whether none of those is the shop's (`foreign`).

    `rows`: ratings with `side`. The shop's are its accounts, those that had money from it, and who pays those
    that praise several shops: he praises to order. Who pays such groups among many others (an insurer, a
    platform) is nobody's.
    """
    sent = near(lake, rows.select("platform", "rating", "ratee_id", "rater_id", "side", "created_at"))
    sent = lake.meanwhile(sent)
    by = ["platform", "ratee_id", "side", "payer_id"]
    # Who lends his account to others is one, and so is who has several accounts.
    paid = sent.group_by(by).aggregate(
        paid_together=ibis.least(sent.rater_id.nunique(), sent.account.nunique())
    )
    paid = paid.filter(paid.paid_together >= TOGETHER)
    paid = joined(paid, _own_payers(lake), ["platform", "ratee_id", "payer_id"])
    paid = lake.meanwhile(paid.mutate(of_shop=paid.of_shop.fill_null(False)))
    blames, praises = (paid.side == side for side in ("low", "top"))
    each = paid.group_by("payer_id").aggregate(
        first=paid.ratee_id.min(where=praises),
        last=paid.ratee_id.max(where=praises),
        smears=(blames & ~paid.of_shop).any(),
        grouped=paid.paid_together.sum(),
    )
    every = transfers(lake).semi_join(each, "payer_id")
    reach = every.group_by("payer_id").aggregate(payees=every.account.nunique())
    paid = joined(joined(paid, each, ["payer_id"]), reach, ["payer_id"])
    praises_to_order = (paid.side == "top") & (paid["first"] != paid["last"]).fill_null(False) & ~paid.smears
    foreign = ~paid.of_shop & ~praises_to_order & (paid.grouped * 2 >= paid.payees)
    both = joined(sent, paid.select(*by, "paid_together", foreign=foreign), by)
    return both.group_by("rating").aggregate(
        payers=both.count(), paid_together=both.paid_together.max(), foreign=both.foreign.min()
    )


def _own_payers(lake: Lake) -> ir.Table:
    """Who pays for a shop: its own accounts, and whom they sent money."""
    accounts = shop_accounts(lake)
    passed = transfers(lake)
    passed = passed.select(payee=passed.account, account=passed.payer_id).distinct()
    funded = passed.inner_join(accounts, "account").select("platform", "ratee_id", payer_id="payee")
    own = accounts.select("platform", "ratee_id", payer_id="account")
    return own.union(funded, distinct=True).mutate(of_shop=True)
