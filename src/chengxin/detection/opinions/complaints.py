"""What buyers complain of in words: goods that aren't as described, goods that are said to be fake.

The words are data (`complaints.toml`). A word that is denied (没有色差, 不是假货) or made small
(色差不大) is none.
"""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Literal

import ibis
import polars as pl
from ibis.expr import types as ir

from chengxin.detection.opinions.rows import opinions
from chengxin.detection.views import GOODS
from chengxin.lake.reading import Lake

About = Literal["described", "fake"]
InTitles = Literal["fake", "outlet"]

CONTENT = 0.5
"""From this score on (four of five stars) a rating is content, whatever word it uses."""

STOCK = 0.05
"""Words that make up more than this of all that shops are told are stock phrases."""

FEWEST = 5
"""So many shops can be told the same without it being a stock phrase."""

ELSEWHERE = 3
"""Ratings of other shops from which on it can be said that a rater is never content."""


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name("complaints.toml").read_text("utf-8"))


def _any(words: list[str]) -> str:
    """A pattern for any of the words, longer ones first: so every engine finds the same."""
    return "(?:" + "|".join(sorted(words, key=lambda word: (-len(word), word))) + ")"


def says(text: ir.StringValue, about: About) -> ir.StringValue:
    """The words with which a text complains of it; null for none."""
    negation, words = _words()["negation"], _any(_words()[about]["words"])
    before, between, after = (_any(negation[name]) for name in ("before", "between", "after"))
    kept = text.re_replace(f"{before}{between}*{words}|{words}{between}*{after}", "。")
    return kept.re_extract(words, 0).nullif("")


def titled(title: ir.StringValue, what: InTitles) -> ir.BooleanValue:
    """Whether a listing's title speaks of a copy (`fake`) or of used, reduced or partial goods (`outlet`)."""
    return title.re_search(_any(_words()["titles"][what]))


def voices(lake: Lake) -> ir.Table:
    """One row for each buyer who rated a product (of a seller, where the order isn't known).

    platform, seller_id, product_id, rater_id, ordered_at (or when it was rated, seconds), order_id (one
    of them), and, each 0 or 1: low, worded (isn't content and says why), described (says that it isn't as
    described), specific (and not in stock phrases), fake (says that it isn't genuine), returned_fake (and
    was paid back), later (came back to add something and isn't content).

    A buyer has one voice for a product, however many orders and additions. Who is low on most other
    shops, too, has none: exacting customers and those who smear tell nothing of these goods.
    """

    def made() -> ir.Table:
        rows = opinions(lake)
        low = (rows.side == "low").cast("int64")
        all_of, here = (
            ibis.window(group_by=["platform", "rater_id"]),
            ibis.window(group_by=["platform", "rater_id", "ratee_id"]),
        )
        rows = rows.mutate(
            low=low,
            others=rows.count().over(all_of) - rows.count().over(here),
            others_low=low.sum().over(all_of) - low.sum().over(here),
        )
        rows = rows.filter((rows.others < ELSEWHERE) | (rows.others_low * 2 <= rows.others))
        unhappy = rows.score < CONTENT
        none = ibis.null("string")
        rows = lake.meanwhile(
            rows.mutate(
                unhappy=unhappy,
                described=unhappy.ifelse(says(rows.words, "described"), none),
                fake=unhappy.ifelse(says(rows.words, "fake"), none),
            )
        )
        stock = _stock(lake, rows)
        flags = {
            "low": rows.side == "low",
            "worded": rows.unhappy & rows.words.notnull(),
            "described": rows.described.notnull(),
            "specific": rows.described.notnull() & ~rows.described.isin(stock)
            if stock
            else rows.described.notnull(),
            "fake": rows.fake.notnull(),
            "returned_fake": rows.fake.notnull() & (rows.refund > 0),
            "later": rows.unhappy & rows.is_followup,
        }
        return rows.group_by("platform", "product_id", "rater_id", seller_id=rows.ratee_id).aggregate(
            ordered_at=ibis.coalesce(rows.ordered_at, rows.created_at).min(),
            order_id=rows.order_id.max(),
            **{name: flag.fill_null(False).cast("int64").max() for name, flag in flags.items()},
        )

    return lake.kept("voices", made, asked_by=GOODS)


def _stock(lake: Lake, rows: ir.Table) -> list[str]:
    """The words of which each makes up more than `STOCK` of what shops are told: the unhappy say them of
    anything, whatever was wrong. Each shop has one voice for a word, so that no shop's own fault makes it
    a stock phrase.
    """
    known = rows.filter(rows.described.notnull())
    told = lake.rows(known.group_by(["platform", "ratee_id", "described"]).aggregate(times=known.count()))
    shops = told.group_by("described").agg(shops=pl.len())
    most = max(STOCK * told.height, FEWEST)
    return shops.filter(pl.col("shops") > most)["described"].sort().to_list()
