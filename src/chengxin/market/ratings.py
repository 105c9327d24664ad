"""What buyers and sellers say of each other: stars, words, pictures, additions later."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from chengxin.market import categories
from chengxin.market.columns import time
from chengxin.market.drafts import Drafts
from chengxin.market.numbers import Generator, Ints, spread, texts
from chengxin.market.phrases import Palettes, written
from chengxin.market.plan import DAY
from chengxin.market.world import World

FOLLOW_UP = 1 << 50  # numbers of additions lie above those of orders
ANSWER = 1 << 51
AMENDED = 1 << 52


COPIED = 0.012  # of the content paste a long text that many paste
COPIES = 0  # the palette of those texts


@dataclass(frozen=True)
class Rated:
    """First ratings of a piece: the rows of drafts that were rated, with stars and time."""

    row: Ints
    stars: Ints
    at: Ints


def rated(world: World, random: Generator, made: Drafts) -> Rated:
    """Who rates, how and when: few rate, most give five, bad shops and sour buyers give fewer."""
    size, shop, buyer = len(made["shop"]), made["shop"], made["buyer"]
    share = categories.facts("rated")[world.shops.category[shop]] * world.buyers.rating_habit[buyer]
    share = share * np.where(made["let_down"], 2.5, 1.0)
    done = made["received"] >= 0
    trouble = (made["refund_fen"] > 0) & (random.random(size) < 0.15)
    likes = np.where(made["rate"] < 0, random.random(size) < np.clip(share, 0, 0.9), made["rate"] == 1)
    rates = (done & likes) | ((made["signed_at"] >= 0) & trouble & (made["rate"] < 0))
    mood = world.shops.quality[shop] * 0.55 + world.buyers.stars_bias[buyer] + random.normal(0, 1.0, size)
    mood = mood - 2.2 * (made["refund_fen"] > 0) - 2.6 * made["let_down"]
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
    """The lake's table of ratings: buyers' first ones, changed ones, additions, and sellers' answers."""
    first = _rows(world, random, made, given, palettes)
    parts = [_named(world, made, given, first, 0)]
    for step, later in (
        (FOLLOW_UP, _added(world, random, given)),
        (AMENDED, _amended(world, random, made, given)),
    ):
        parts.append(_named(world, made, later, _rows(world, random, made, later, palettes), step))
    answers = _answers(world, random, given)
    answer = _named(world, made, answers, _rows(world, random, made, answers, None), ANSWER)
    parts.append(
        answer.with_columns(rater_id="ratee_id", ratee_id="rater_id", direction=pl.lit("seller_to_buyer"))
    )
    return pl.concat(parts)


def _added(world: World, random: Generator, given: Rated) -> Rated:
    """Additions some days later; some who were content no longer are."""
    row = np.flatnonzero(random.random(len(given.row)) < 0.04)
    at = given.at[row] + spread(random, len(row), 9.0 * DAY, 0.8).astype(np.int64)
    stars = np.where(random.random(len(row)) < 0.2, 1, given.stars[row])
    return _before_end(world, Rated(given.row[row], stars, at))


def _amended(world: World, random: Generator, made: Drafts, given: Rated) -> Rated:
    """Ratings that replace an earlier one: some who were discontented have been made content."""
    delay = made["amend_delay"][given.row]
    settled = (given.stars <= 3) & (random.random(len(given.row)) < 0.06)
    row = np.flatnonzero((delay >= 0) | settled)
    usual = spread(random, len(row), 3.0 * DAY, 0.9)
    at = given.at[row] + np.where(delay[row] < 0, usual, delay[row]).astype(np.int64) + 60
    stars = np.where(random.random(len(row)) < 0.7, 5, 4)
    wanted = made["amend_stars"][given.row[row]]
    return _before_end(world, Rated(given.row[row], np.where(wanted < 0, stars, wanted), at))


def _answers(world: World, random: Generator, given: Rated) -> Rated:
    """Sellers' ratings of their buyers."""
    row = np.flatnonzero(random.random(len(given.row)) < 0.12)
    at = given.at[row] + spread(random, len(row), 0.8 * DAY, 1.0).astype(np.int64)
    return _before_end(world, Rated(given.row[row], np.where(random.random(len(row)) < 0.97, 5, 1), at))


def _before_end(world: World, given: Rated) -> Rated:
    kept = given.at < world.plan.end
    return Rated(given.row[kept], given.stars[kept], given.at[kept])


def _named(world: World, made: Drafts, given: Rated, rows: pl.DataFrame, step: int) -> pl.DataFrame:
    """The rows with their ids, and what they follow or replace."""
    number = made["number"][given.row]
    replaced = texts(world.words("rating", number), np.full(len(number), step != AMENDED))
    return rows.with_columns(
        texts(world.words("rating", number + step)).alias("rating_id"),
        pl.lit("buyer_to_seller").alias("direction"),
        pl.lit(step == FOLLOW_UP).alias("is_followup"),
        replaced.alias("replaces"),
    )


def _rows(
    world: World, random: Generator, made: Drafts, given: Rated, palettes: Palettes | None
) -> pl.DataFrame:
    row, size = given.row, len(given.row)
    shop, product = made["shop"][row], made["product"][row]
    chosen = np.where(
        (made["palette"][row] < 0) & (given.stars >= 4) & (random.random(size) < COPIED),
        COPIES,
        made["palette"][row],
    )
    pictures = random.random(size) < np.where(chosen >= 0, 0.22, 0.1)
    picture = random.integers(0, 2**62, size)
    complaint = np.where(made["let_down"][row], world.products.complaint[product], 0)
    return pl.DataFrame(
        {
            "scheme": made["scheme"][row],  # these two are for the truth, and are not written
            "shop": shop,
            "order_id": texts(world.words("order", made["number"][row])),
            "platform": world.platforms.gather(world.shops.platform[shop]),
            "rater_id": texts(world.buyers.words[made["buyer"][row]]),
            "ratee_id": world.shops.ids.gather(shop),
            "score": (given.stars - 3) / 2.0,
            "text": written(random, given.stars, chosen, complaint, palettes)
            if palettes
            else pl.Series([None] * size, dtype=pl.String),
            "images": texts(picture, ~pictures),
            "created_at": time(given.at),
        }
    )
