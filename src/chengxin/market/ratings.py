"""What buyers and sellers say of each other: stars, words, pictures, additions later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chengxin.market import categories
from chengxin.market.drafts import Drafts
from chengxin.market.numbers import Floats, Generator, Ints, spread, texts
from chengxin.market.orders import time
from chengxin.market.phrases import Palettes, written
from chengxin.market.plan import DAY
from chengxin.market.world import World

FOLLOW_UP = 1 << 50  # numbers of additions lie above those of orders
ANSWER = 1 << 51


@dataclass(frozen=True)
class Rated:
    """Ratings of a piece: the rows of drafts that were rated, with stars and time."""

    row: Ints
    stars: Ints
    at: Ints


def rated(world: World, random: Generator, made: Drafts) -> Rated:
    """Who rates, how and when: few rate, most give five, bad shops and sour buyers give fewer."""
    size, shop, buyer = len(made["shop"]), made["shop"], made["buyer"]
    share = categories.facts("rated")[world.shops.category[shop]] * world.buyers.rating_habit[buyer]
    done = made["received"] >= 0
    trouble = (made["refund_fen"] > 0) & (random.random(size) < 0.15)
    likes = np.where(made["rate"] < 0, random.random(size) < np.clip(share, 0, 0.9), made["rate"] == 1)
    rates = (done & likes) | ((made["signed_at"] >= 0) & trouble & (made["rate"] < 0))
    mood = world.shops.quality[shop] * 0.55 + world.buyers.stars_bias[buyer] + random.normal(0, 1.0, size)
    mood = mood - 2.2 * (made["refund_fen"] > 0)
    stars = 1 + (mood[:, None] > np.array([-2.3, -1.95, -1.5, -0.9])).sum(axis=1)
    stars = np.where(made["stars"] < 0, stars, made["stars"])
    after = np.where(done, made["received"], made["signed_at"])
    soon = random.random(size) < 0.4
    wait = np.where(soon, spread(random, size, 120.0, 1.0), spread(random, size, 1.2 * DAY, 1.1))
    wait = np.where(made["rate_delay"] < 0, np.minimum(wait, 15 * DAY), made["rate_delay"])
    at = after + wait.astype(np.int64) + 1
    row = np.flatnonzero(rates & (at < world.plan.end))
    return Rated(row, stars[row].astype(np.int64), at[row])


def frame(world: World, random: Generator, made: Drafts, given: Rated, palettes: Palettes) -> pl.DataFrame:
    """The lake's table of ratings: buyers' first ones, additions, and sellers' answers."""
    row = given.row
    first = _rows(world, random, made, row, given.stars, given.at, palettes)
    words = world.words("rating", made["number"][row])
    first = first.with_columns(
        texts(words).alias("rating_id"),
        pl.lit("buyer_to_seller").alias("direction"),
        pl.lit(False).alias("is_followup"),
    )
    more = np.flatnonzero(random.random(len(row)) < 0.04)
    at = given.at[more] + spread(random, len(more), 9.0 * DAY, 0.8).astype(np.int64)
    more, at = more[at < world.plan.end], at[at < world.plan.end]
    worse = np.where(random.random(len(more)) < 0.2, 1, given.stars[more])
    added = _rows(world, random, made, row[more], worse, at, palettes).with_columns(
        texts(world.words("rating", made["number"][row[more]] + FOLLOW_UP)).alias("rating_id"),
        pl.lit("buyer_to_seller").alias("direction"),
        pl.lit(True).alias("is_followup"),
    )
    back = np.flatnonzero(random.random(len(row)) < 0.12)
    at = given.at[back] + spread(random, len(back), 0.8 * DAY, 1.0).astype(np.int64)
    back, at = back[at < world.plan.end], at[at < world.plan.end]
    good = np.where(random.random(len(back)) < 0.97, 5, 1)
    answer = _rows(world, random, made, row[back], good, at, None).with_columns(
        texts(world.words("rating", made["number"][row[back]] + ANSWER)).alias("rating_id"),
        pl.col("ratee_id").alias("rater_id"),
        pl.col("rater_id").alias("ratee_id"),
        pl.lit("seller_to_buyer").alias("direction"),
        pl.lit(False).alias("is_followup"),
    )
    return pl.concat([part.select(sorted(part.columns)) for part in (first, added, answer)])


def _rows(
    world: World, random: Generator, made: Drafts, row: Ints, stars: Ints, at: Ints, palettes: Palettes | None
) -> pl.DataFrame:
    size = len(row)
    shop = made["shop"][row]
    category = world.shops.category[shop]
    pictures = random.random(size) < np.where(made["palette"][row] >= 0, 0.25, 0.09)
    picture = random.integers(0, 2**62, size)
    return pl.DataFrame(
        {
            "order_id": texts(world.words("order", made["number"][row])),
            "platform": world.platforms.gather(world.shops.platform[shop]),
            "rater_id": texts(world.buyers.words[made["buyer"][row]]),
            "ratee_id": world.shops.ids.gather(shop),
            "score": (stars - 3) / 2.0,
            "text": written(random, category, stars, made["palette"][row], palettes)
            if palettes
            else pl.Series([None] * size, dtype=pl.String),
            "images": texts(picture, ~pictures),
            "created_at": time(at),
            "replaces": pl.Series([None] * size, dtype=pl.String),
        }
    )


def score(stars: Ints) -> Floats:
    """Stars 1–5 as the lake's −1 to 1."""
    return (stars - 3) / 2.0
