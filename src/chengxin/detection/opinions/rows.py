"""What buyers say of sellers, with the trade behind it and what is odd about each rating, row by row.

Both detectors of ratings look at these rows. Everything here is joined and marked in the engine; only texts
are brought out, because likeness of texts is reckoned in `texts`.
"""

from __future__ import annotations

import ibis
import numpy as np
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import joined, key_of, number_of
from chengxin.detection.opinions.corating import pools
from chengxin.detection.opinions.money import rewards
from chengxin.detection.opinions.texts import Said, elsewhere, numbered, repeated, wordings
from chengxin.detection.views import GOODS, RATINGS, seller_categories, signatures
from chengxin.lake.reading import Lake

TOP, LOW = 0.75, -0.25
"""Scores from here up praise without reserve, those from here down blame (five and up to two of five
stars)."""

AT_ONCE = 30 * 60
"""Seconds after receipt within which nobody has tried the goods and written at length."""

LONG = 12
"""Signs of a text, punctuation apart, that is more than a stock phrase."""

BRIEF = 6
"""Signs below which a text is a stock phrase, whoever repeats it."""

UNSEEN = 3.0
"""Seconds on the page in which nobody has looked at the goods."""

OFTEN = 3
"""So many orders of one shop, each rated alike, are a habit that honest buyers have, too, but seldom."""

FEW_TRADES = 2
"""Who traded no more often than this was hardly there."""

COPIED = 4.0
"""A text is a copy when its likeness to others is less likely than one in 10^4."""

ARRIVAL = ("ratings.order_id", "orders.waybill_no", "scans")
"""What must be reported to know whether a parcel had come when it was praised."""

RATING, RATER, RATEE = ["platform", "rating_id"], ["platform", "rater_id"], ["platform", "ratee_id"]

_SAID = ("buyer_to_seller", "peer")


def opinions(lake: Lake) -> ir.Table:
    """One row a rating that a buyer gave: whom, when, how (`side`: top, middle, low), in which words, and
    its order.

    `words` are the text without punctuation and spaces. `bought` is false when the order that it names
    isn't there, was cancelled, or is another's; null where orders aren't reported. Columns of the order:
    product_id, amount and refund (fen), ordered_at, received_at (seconds), dwell, and, as numbers, waybill,
    device, ip, address. `rating`, `rater` and `shop` are numbers that stand for the ids with their platform.
    """

    def made() -> ir.Table:
        ratings, orders = lake.table("ratings"), lake.table("orders")
        needed = [*RATING, "rater_id", "ratee_id", "score", "created_at"]
        known = ratings.filter(
            ratings.direction.isin(_SAID), *(ratings[name].notnull() for name in needed)
        ).mutate(words=ratings.text.lower().re_replace(r"[\s\p{P}\p{S}]+", "").nullif(""))
        trades = orders.filter(orders.order_id.notnull()).select(
            "platform", "order_id", "product_id", "amount", "received_at", "status",
            buyer=orders.buyer_id, seller=orders.seller_id, ordered_at=orders.created_at,
            refund=orders.refund_amount, device=orders.buyer_device, ip=orders.buyer_ip,
            carried=orders.waybill_no,
            address=orders.address_hash, dwell=orders.dwell_s,
        )  # fmt: skip
        both = known.left_join(trades, ["platform", "order_id"])
        own = (both.buyer == both.rater_id) & (both.seller == both.ratee_id)
        told = lake.has("orders", "ratings.order_id")
        return both.select(
            *needed, "order_id", "is_followup", "replaces", "words", "images",
            "product_id", "amount", "received_at", "ordered_at", "refund", "dwell",
            waybill=number_of(lake, both.carried),
            device=number_of(lake, both.device), ip=number_of(lake, both.ip),
            address=number_of(lake, both.address),
            rating=key_of(lake, both.platform, both.rating_id),
            rater=key_of(lake, both.platform, both.rater_id),
            shop=key_of(lake, both.platform, both.ratee_id),
            side=ibis.cases((both.score >= TOP, "top"), (both.score <= LOW, "low"), else_="middle"),
            length=both.words.length().fill_null(0),
            bought=(own & (both.status != "cancelled")).fill_null(False)
            if told
            else ibis.null("boolean"),
        )  # fmt: skip

    return lake.kept("opinions", made, asked_by=RATINGS | GOODS)


def shops(lake: Lake) -> pl.DataFrame:
    """Who is rated: platform, ratee_id, category ("" where nothing is listed), size (ratings, as a power of
    two)."""
    rows = opinions(lake)
    counts = lake.rows(rows.group_by(RATEE).aggregate(ratings=rows.count()))
    known = seller_categories(lake).rename({"seller_id": "ratee_id"})
    return counts.join(known, on=RATEE, how="left").select(
        *RATEE,
        pl.col("category").fill_null(""),
        size=pl.col("ratings").cast(pl.Float64).log(2).floor().cast(pl.Int64),
    )


def marked(lake: Lake) -> ir.Table:
    """The rows of `opinions` with what is odd about each, and the category and size of the rated.

    Marks (false where nothing can be said): `template` (words shared with other raters of the shop, far
    more than the market's use of them explains), `copied` (long words of other raters elsewhere),
    `pictured` (a picture that another rater has shown), `early` (given before the parcel was signed for),
    `at_once` (long words within half an hour of receipt), `silent` (the account traded with this shop only,
    and hardly), `linked` (shares a device or an address with others who said the same of this shop),
    `networked` (shares the network with them),
    `pooled` (one of the raters who rate the same shops together), `repeated` (said the same of this shop
    for several orders), `unseen` (ordered without looking at the page), `paid` (somebody sent the rater
    money about then), `hired` (the shop, or a payer who had money from it or who pays such
    raters of several shops, sent it to several who said the same of this shop), `foreign` (a payer without
    such ties to the shop did), `own_words` (long words that this rater has used of other shops, too, and
    hardly anybody else), `borrowed` (words that are such a habit of another rater), `cheap` (an order of a
    third of what the shop's raters usually pay, or less).
    """

    def made() -> ir.Table:
        said = opinions(lake)
        rated = lake.given(shops(lake), "rated_shops")
        rated = rated.mutate(shop=key_of(lake, rated.platform, rated.ratee_id)).drop(RATEE)
        pool = lake.given(_pooled(lake), "pooled_raters")
        pool = pool.select(
            "pool",
            rater=key_of(lake, pool.platform, pool.rater_id),
            shop=key_of(lake, pool.platform, pool.ratee_id),
        )
        often = said.group_by("shop", "rater", "side").aggregate(times=said.order_id.nunique())
        # Each part is reckoned from the rows as they were, not again and again from the joined ones.
        parts = [
            (rated, ["shop"]),
            (lake.given(_texts(lake, said, rated, pool), "odd_texts"), ["rating"]),
            (_pictures(said), ["rating"]),
            *([(_before_arrival(lake, said), ["rating"])] if lake.has(*ARRIVAL) else []),
            (_traders(lake, said), ["rater"]),
            (pool, ["shop", "rater"]),
            (often.filter(often.times >= OFTEN), ["shop", "rater", "side"]),
            (rewards(lake, said), ["rating"]),
            (_usual_amount(said), ["shop"]),
            *((_shared(said, kind), ["shop", "side", kind]) for kind in ("device", "address", "ip")),
        ]
        # Numbers alone go through all the joins; the texts come back in the last one.
        rows = said.select(
            "rating", "rater", "shop", "side", "created_at", "received_at", "length", "dwell", "amount",
            "device", "address", "ip",
        )  # fmt: skip
        for part, on in parts:
            rows = joined(rows, part, on)
        waited = rows["created_at"] - rows["received_at"]
        flags = {
            "template": (rows.template >= COPIED) & (rows.length >= BRIEF),
            "copied": rows.copied_of >= 2,
            "borrowed": rows.borrowed,
            "own_words": (rows.own_of >= COPIED) & (rows.length >= LONG),
            "pictured": rows.pictured,
            "early": rows.early if lake.has(*ARRIVAL) else ibis.literal(value=False),
            "at_once": (waited >= 0) & (waited <= AT_ONCE) & (rows.length >= LONG),
            "silent": rows.silent,
            "linked": rows.shared_device.notnull() | rows.shared_address.notnull(),
            "networked": rows.shared_ip.notnull(),
            "pooled": rows.pool.notnull(),
            "repeated": rows.times.notnull(),
            "unseen": rows.dwell <= UNSEEN,
            "paid": rows.payers > 0,
            "hired": (rows.paid_together >= OFTEN) & ~rows.foreign,
            "foreign": rows.foreign,
            "cheap": rows.amount <= rows.usual_amount / 3,
        }
        flags = {name: test.fill_null(False) for name, test in flags.items()}
        marks = lake.meanwhile(rows.select("rating", "category", "size", "pool", **flags))
        told = said.select(
            *RATING, "rater_id", "ratee_id", "order_id", "product_id", "rating", "side", "score",
            "created_at", "refund", "received_at", "bought", worded=said.words.notnull(),
            shown=said.images.notnull(),
        )  # fmt: skip
        return joined(told, marks, "rating")

    return lake.kept("marked_opinions", made, asked_by=RATINGS)


def _texts(lake: Lake, rows: ir.Table, rated: ir.Table, pool: ir.Table) -> pl.DataFrame:
    """The ratings whose words are copies: `template`, `copied_of` and `own_of` (surprises), `borrowed`; 0
    where only another is odd.

    A shop's raters are held together, and a pool's over all its shops.
    """
    known = joined(joined(rows.filter(rows.words.notnull()), rated, "shop"), pool, ["shop", "rater"])
    known = known.select(
        "words", "rating", "rater", "shop",
        cell=key_of(lake, known.platform, known.category),
        side=ibis.cases((known.side == "top", 2), (known.side == "low", 0), else_=1),
        pool=known["pool"].fill_null(-1),
        text=key_of(lake, known.words),
    )  # fmt: skip
    texts = lake.rows(known.group_by("text").aggregate(words=known.words.min())).sort("text")
    written = lake.rows(known.drop("words"))
    text = np.searchsorted(texts["text"].to_numpy(), written["text"].to_numpy())
    rater, shop, cell, side, pool = (
        numbered(written[name].to_numpy()) for name in ("rater", "shop", "cell", "side", "pool")
    )
    wording, signs = wordings(texts["words"]), texts["words"].str.len_chars().cast(pl.Int64).to_numpy()
    group, own, whole = shop * 3 + side, rater * 3 + side, np.zeros_like(shop)
    copied_of = elsewhere(signs, text, rater)
    template = repeated(wording, Said(group, cell * 3 + side, rater, text))
    if pool.any():
        together = np.where(pool > 0, -pool, group)
        template = np.maximum(template, repeated(wording, Said(together, whole, rater, text)))
    # The same of one rater: his texts of different shops, held against everybody's.
    own_of = repeated(wording, Said(own, whole, group, text))
    # What one rater says of shop after shop is his; who else uses it has it from him, or both from another.
    habit = (own_of >= COPIED) & (signs[text] >= LONG)
    said = text * 3 + side
    borrowed = np.isin(said, said[habit]) & ~habit
    found = pl.DataFrame(
        {
            "rating": written["rating"],
            "template": template,
            "copied_of": copied_of,
            "own_of": own_of,
            "borrowed": borrowed,
        }
    )
    return found.filter(
        (pl.col("template") >= COPIED)
        | (pl.col("copied_of") >= 2)
        | (pl.col("own_of") >= COPIED)
        | pl.col("borrowed")
    )


def _pictures(rows: ir.Table) -> ir.Table:
    """The ratings with a picture that several raters have shown."""
    shown = rows.filter(rows.images.notnull()).select(
        "rating", "rater", picture=rows.images.re_replace(r"[\[\]\"'\s]+", "").split(",")
    )
    each = shown.mutate(picture=shown.picture.unnest())
    each = each.filter(each.picture != "")
    by = each.group_by("picture").aggregate(least=each.rater.min(), most=each.rater.max())
    several = by.filter(by.least != by.most)
    return each.semi_join(several, "picture").select("rating").distinct().mutate(pictured=True)


def _before_arrival(lake: Lake, rows: ir.Table) -> ir.Table:
    """The ratings whose parcel was signed for only later."""
    signed = signatures(lake)
    sent = rows.filter(rows.waybill.notnull()).select("rating", "waybill", "created_at")
    # Hardly any are, so that the first of several signatures is only asked of those.
    both = sent.inner_join(signed, "waybill")
    later = lake.meanwhile(both.filter(both.signed_at > both.created_at).select(sent.columns).distinct())
    again = later.inner_join(signed, "waybill")
    known = again.filter(again.signed_at <= again.created_at).select("rating")
    return later.anti_join(known, "rating").select("rating").distinct().mutate(early=True)


def _traders(lake: Lake, rows: ir.Table) -> ir.Table:
    """The accounts that traded with one shop only, and hardly."""
    said = rows.group_by("rater").aggregate(
        first=rows.shop.min(), last=rows.shop.max(), trades=rows.order_id.count()
    )
    few = said.filter((said.trades <= FEW_TRADES) & (said["first"] == said["last"]))
    few = few.select("rater", shop=few["first"])
    if not lake.has("orders"):
        return few.select("rater", silent=True)
    orders = lake.table("orders")
    bought = orders.filter(orders.buyer_id.notnull() & orders.seller_id.notnull())
    bought = bought.select(
        rater=key_of(lake, bought.platform, bought.buyer_id),
        at=key_of(lake, bought.platform, bought.seller_id),
    )
    theirs = bought.inner_join(few, "rater")
    did = theirs.group_by("rater").aggregate(
        elsewhere=(theirs["at"] != theirs.shop).any(), orders=theirs.count()
    )
    busy = did.filter(did.elsewhere | (did.orders > FEW_TRADES))
    return few.anti_join(busy, "rater").select("rater", silent=True)


def _usual_amount(rows: ir.Table) -> ir.Table:
    """What the raters of a shop paid, on average (whole fen, so that no engine rounds its own way)."""
    paid = rows.filter(rows.amount.notnull())
    return paid.group_by("shop").aggregate(
        usual_amount=(paid.amount.sum().cast("float64") / paid.count()).floor()
    )


def _shared(rows: ir.Table, kind: str) -> ir.Table:
    """The devices, addresses or networks that several raters share who said the same of a shop."""
    by = ["shop", "side", kind]
    known = rows.filter(rows[kind].notnull())
    users = known.group_by(by).aggregate(least=known.rater.min(), most=known.rater.max())
    return users.filter(users.least != users.most).select(*by, **{f"shared_{kind}": True})


def _pooled(lake: Lake) -> pl.DataFrame:
    """Raters who praise shops together with the same others: platform, ratee_id, rater_id, pool."""
    rows = opinions(lake)
    top = rows.filter(rows.side == "top")
    return pools(lake, top, shops(lake))
