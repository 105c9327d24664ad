"""What buyers say of sellers, with the trade behind it and what is odd about each rating, row by row.

Both detectors of ratings look at these rows. Everything here is joined and marked in the engine; only texts
are brought out, because likeness of texts is reckoned in `texts`.
"""

from __future__ import annotations

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.joining import joined
from chengxin.detection.opinions.corating import pools
from chengxin.detection.opinions.money import rewards
from chengxin.detection.opinions.texts import copies
from chengxin.detection.views import GOODS, RATINGS, seller_categories
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

COPIED = 4.0
"""A text is a copy when its likeness to others is less likely than one in 10^4."""

RATING, RATER, RATEE = ["platform", "rating_id"], ["platform", "rater_id"], ["platform", "ratee_id"]

_SAID = ("buyer_to_seller", "peer")


def opinions(lake: Lake) -> ir.Table:
    """One row a rating that a buyer gave: whom, when, how (`side`: top, middle, low), in which words, and
    its order.

    `words` are the text without punctuation and spaces. `bought` is false when the order that it names
    isn't there, was cancelled, or is another's; null where orders aren't reported. Columns of the order:
    product_id, amount and refund (fen), ordered_at, received_at (seconds), device, ip, address, dwell.
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
            address=orders.address_hash, dwell=orders.dwell_s,
        )  # fmt: skip
        both = known.left_join(trades, ["platform", "order_id"])
        own = (both.buyer == both.rater_id) & (both.seller == both.ratee_id)
        told = lake.has("orders", "ratings.order_id")
        return both.select(
            *needed, "order_id", "is_followup", "replaces", "words", "images",
            "product_id", "amount", "received_at", "ordered_at", "refund", "device", "ip", "address", "dwell",
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
    `pictured` (a picture that another rater has shown), `at_once` (long words within half an hour of
    receipt), `silent` (the account traded with this shop only, and hardly), `linked` (shares a device or an
    address with others who said the same of this shop), `networked` (shares the network with them),
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
        pooled = _pooled(lake)
        often = said.group_by([*RATEE, "rater_id", "side"]).aggregate(times=said.order_id.nunique())
        # Each part is reckoned from the rows as they were, not again and again from the joined ones.
        parts = [
            (lake.given(shops(lake), "rated_shops"), RATEE),
            (lake.given(_texts(lake, said, pooled), "odd_texts"), RATING),
            (_pictures(said), RATING),
            (_traders(lake, said), RATER),
            (lake.given(pooled, "pooled_raters"), [*RATEE, "rater_id"]),
            (often.filter(often.times > 1), [*RATEE, "rater_id", "side"]),
            (rewards(lake, said), RATING),
            (_usual_amount(said), RATEE),
            *((_shared(said, kind), [*RATEE, "side", kind]) for kind in ("device", "address", "ip")),
        ]
        rows = said
        for part, on in parts:
            rows = joined(rows, part, on)
        waited = rows["created_at"] - rows["received_at"]
        flags = {
            "template": (rows.template >= COPIED) & (rows.length >= BRIEF),
            "copied": rows.copied_of >= 2,
            "borrowed": rows.borrowed,
            "own_words": (rows.own_of >= COPIED) & (rows.length >= LONG),
            "pictured": rows.pictured_by > 1,
            "at_once": (waited >= 0) & (waited <= AT_ONCE) & (rows.length >= LONG),
            "silent": (rows.few_trades <= 2) & (rows.first_shop == rows.last_shop),
            "linked": (rows.device_raters > 1) | (rows.address_raters > 1),
            "networked": rows.ip_raters > 1,
            "pooled": rows.pool.notnull(),
            "repeated": rows.times >= OFTEN,
            "unseen": rows.dwell <= UNSEEN,
            "paid": rows.payers > 0,
            "hired": (rows.paid_together >= OFTEN) & ~rows.foreign,
            "foreign": rows.foreign,
            "cheap": rows.amount <= rows.usual_amount / 3,
        }
        kept = [*opinions(lake).columns, "category", "size", "pool"]
        return rows.select(*kept, **{name: test.fill_null(False) for name, test in flags.items()})

    return lake.kept("marked_opinions", made, asked_by=RATINGS)


def _texts(lake: Lake, rows: ir.Table, pooled: pl.DataFrame) -> pl.DataFrame:
    """The ratings whose words are copies: `template` and `copied_of` (surprises), 0 where only the other is
    odd.

    A shop's raters are held together, and a pool's over all its shops.
    """
    written = lake.rows(
        rows.filter(rows.words.notnull()).select(*RATING, "rater_id", "ratee_id", "side", "words")
    ).join(shops(lake), on=RATEE, how="left")
    frame = written.select(
        *RATING,
        group=pl.struct(*RATEE, "side").rank("dense"),
        cell=pl.struct("platform", "category", "side").rank("dense"),
        rater=pl.struct(*RATER).rank("dense"),
        text="words",
    )
    found = copies(frame)
    if len(pooled):
        pool = written.join(pooled, on=[*RATEE, "rater_id"], how="left", maintain_order="left")["pool"]
        together = pl.when(pool.is_not_null()).then(-1 - pool).otherwise(pl.col("group").cast(pl.Int64))
        wider = copies(frame.with_columns(group=together, cell=pl.lit(0)))["within"]
        found = found.with_columns(within=pl.max_horizontal("within", wider))
    # The same of one rater: his texts of different shops, held against everybody's.
    own = pl.struct("rater", written["side"].alias("side")).rank("dense")
    swapped = frame.with_columns(group=own, rater=pl.col("group"), cell=pl.lit(0))
    found = found.with_columns(own=copies(swapped)["within"])
    # What one rater says of shop after shop is his; who else uses it has it from him, or both from another.
    habit = (pl.col("own") >= COPIED) & (pl.col("text").str.len_chars() >= LONG)
    theirs = found.with_columns(side=written["side"], habit=habit)
    known = theirs.filter("habit").select("text", "side").unique().with_columns(known=True)
    theirs = theirs.join(known, on=["text", "side"], how="left", maintain_order="left")
    borrowed = pl.col("known").fill_null(value=False) & ~pl.col("habit")
    found = theirs.select(*RATING, template="within", copied_of="elsewhere", own_of="own", borrowed=borrowed)
    return found.filter(
        (pl.col("template") >= COPIED)
        | (pl.col("copied_of") >= 2)
        | (pl.col("own_of") >= COPIED)
        | pl.col("borrowed")
    )


def _pictures(rows: ir.Table) -> ir.Table:
    """How many raters have shown the most shared of a rating's pictures."""
    shown = rows.filter(rows.images.notnull()).select(
        *RATING, "rater_id", picture=rows.images.re_replace(r"[\[\]\"'\s]+", "").split(",")
    )
    each = shown.mutate(picture=shown.picture.unnest())
    each = each.filter(each.picture != "")
    by = each.group_by("picture").aggregate(pictured_by=(each.platform + "/" + each.rater_id).nunique())
    both = each.inner_join(by.filter(by.pictured_by > 1), "picture")
    return both.group_by(RATING).aggregate(pictured_by=both.pictured_by.max())


def _traders(lake: Lake, rows: ir.Table) -> ir.Table:
    """With how many shops an account traded, as the first and last of their ids, and how often."""
    orders = lake.table("orders")
    bought = orders.filter(orders.buyer_id.notnull() & orders.seller_id.notnull())
    said = rows.group_by(RATER).aggregate(
        a=rows.ratee_id.min(), b=rows.ratee_id.max(), trades=rows.order_id.count()
    )
    if not lake.has("orders"):
        return said.select(*RATER, first_shop=said.a, last_shop=said.b, few_trades=said.trades)
    did = bought.group_by(platform=bought.platform, rater_id=bought.buyer_id).aggregate(
        c=bought.seller_id.min(), d=bought.seller_id.max(), orders=bought.count()
    )
    both = joined(said, did, RATER)
    return both.select(
        *RATER,
        first_shop=ibis.least(both.a, both.c.fill_null(both.a)),
        last_shop=ibis.greatest(both.b, both.d.fill_null(both.b)),
        few_trades=ibis.greatest(both.trades, both.orders.fill_null(0)),
    )


def _usual_amount(rows: ir.Table) -> ir.Table:
    """What the raters of a shop paid, on average (whole fen, so that no engine rounds its own way)."""
    paid = rows.filter(rows.amount.notnull())
    return paid.group_by(RATEE).aggregate(
        usual_amount=(paid.amount.sum().cast("float64") / paid.count()).floor()
    )


def _shared(rows: ir.Table, kind: str) -> ir.Table:
    """How many raters who said the same of a shop share a device, an address or a network."""
    by = [*RATEE, "side", kind]
    known = rows.filter(rows[kind].notnull())
    pairs = known.group_by(by).aggregate(**{f"{kind}_raters": known.rater_id.nunique()})
    return pairs.filter(pairs[f"{kind}_raters"] > 1)


def _pooled(lake: Lake) -> pl.DataFrame:
    """Raters who praise shops together with the same others: platform, ratee_id, rater_id, pool."""
    rows = opinions(lake)
    top = rows.filter(rows.side == "top")
    return pools(lake, top, shops(lake))
