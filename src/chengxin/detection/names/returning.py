"""New shops laid beside listed ones: what they share, and what that says of their being one.

A row is a pair of a listed shop and one that opened after the listing or shortly before. Shops that opened
long before it, which can't have opened because of it, show how much is shared by chance.
"""

from __future__ import annotations

from collections.abc import Callable
from math import log2

import numpy as np
import polars as pl

from chengxin.detection.clock import DAY
from chengxin.detection.names import closed_shops, imitation
from chengxin.detection.names.closed_shops import HASHES
from chengxin.detection.names.domains import split
from chengxin.detection.names.likenesses import CHARACTERS, Mark, to_marks
from chengxin.detection.names.shop_names import forms
from chengxin.detection.statistics.linkage import Compared, Numbers, weigh
from chengxin.lake.reading import Lake

SHORTLY_BEFORE = 60 * DAY
"""Who sees a listing come opens the next shop before it: so long at most."""

RARE = log2(200)

_TIMES = (0, 14 * DAY, 45 * DAY, 120 * DAY, 365 * DAY)
_TIMES_GUESS = (0.12, 0.18, 0.30, 0.25, 0.10, 0.05)
"""How often a shop comes back: shortly before, within two weeks, six weeks, four months, a year, later. A
guess that the data correct.
"""

RARELY = 2
"""Other shops that show a picture or title that counts as rare."""

_GUESSES = {
    "legal_person_hash": 0.55,
    "phone_hash": 0.5,
    "address_hash": 0.4,
    "image_hash": 0.5,
    "title": 0.4,
    "payee": 0.5,
    "domain": 0.2,
}
_BY_CHANCE = 1000.0
"""In so few shops as this or fewer, a hash is met by chance less than half a time."""

FIELDS = {
    "legal_person": "legal_person_hash", "phone": "phone_hash", "address": "address_hash",
    "pictures": "image_hash", "titles": "title", "payee": "payee", "site": "domain",
}  # fmt: skip

"""The traits, each with the column that holds it."""

_MANY = ("pictures", "titles")
"""Traits of which a shop has many values: both see its goods and count as one."""

_ONE_OF_MANY = 0.3
"""Of the shops that come back with goods of theirs, those that are seen with a single one: a guess that the
data correct.
"""

Sharing = tuple[pl.DataFrame, pl.DataFrame]


def weighed(
    lake: Lake, known: pl.DataFrame, listed: pl.DataFrame, able: frozenset[str]
) -> pl.DataFrame | None:
    """The pairs worth a look, None where there are none: what `_pairs` says of each, with `bits_<trait>`
    (what that says) and `bits` (all of it, beside how rare a return is).

    `known` and `listed` come from `closed_shops`; `able` names the traits that can be seen.
    """
    own = closed_shops.own_shops(known, listed)
    values = {name: get(lake, known, listed, own) for name, get in _SOURCES.items() if name in able}
    shares = {name: closed_shops.shared(old, new, own) for name, (old, new) in values.items()}
    names = _named(known, listed) if "name" in able else None
    every = _pairs(known, listed, own, shares, names)
    if every.is_empty():
        return None
    late = pl.col("after").is_null() | (pl.col("after") >= -SHORTLY_BEFORE)
    pairs, never = every.filter(late), every.filter(~late)
    if pairs.is_empty():
        return None
    for name in (name for name in _MANY if name in values):
        shown = values[name][0].group_by("closed").agg(pl.col("value").n_unique().alias(f"{name}_all"))
        pairs = pairs.join(shown, on="closed", how="left", maintain_order="left")
    by_chance = {name: _met(never, name, known, listed) for name in shares}
    weights = _scored(pairs, known, by_chance, names)
    return pl.concat([pairs, weights], how="horizontal")


def _met(never: pl.DataFrame, name: str, known: pl.DataFrame, listed: pl.DataFrame) -> float:
    """How often shops that can't be a return share a picture or title with a listed one; 0 for what is
    asked of nobody.

    A shop shows many goods: that one of them is found elsewhere too is likelier than of one value.
    """
    if name not in _MANY:
        return 0.0
    earlier = np.sort(known["opened_at"].drop_nulls().to_numpy())
    asked = np.searchsorted(earlier, listed["listed_at"].to_numpy() - SHORTLY_BEFORE).sum()
    # What many show is weighed by how many they are; here it is about the rare.
    rare = never.filter((pl.col(name) > 0) & (pl.col(f"{name}_others") <= RARELY))
    return float(rare.height / max(int(asked), 1))


def _hashed(column: str) -> Callable[[Lake, pl.DataFrame, pl.DataFrame, pl.DataFrame], Sharing]:
    def get(lake: Lake, known: pl.DataFrame, listed: pl.DataFrame, own: pl.DataFrame) -> Sharing:
        return listed.select("closed", value=column), known.select("shop", value=column)

    return get


def _shown(column: str) -> Callable[[Lake, pl.DataFrame, pl.DataFrame, pl.DataFrame], Sharing]:
    def get(lake: Lake, known: pl.DataFrame, listed: pl.DataFrame, own: pl.DataFrame) -> Sharing:
        return closed_shops.goods(lake, own, known, column)

    return get


def _paid(lake: Lake, known: pl.DataFrame, listed: pl.DataFrame, own: pl.DataFrame) -> Sharing:
    return closed_shops.payees(lake, own, known)


def _sites(lake: Lake, known: pl.DataFrame, listed: pl.DataFrame, own: pl.DataFrame) -> Sharing:
    """Domains by what somebody has registered: `www.a.cn` and `shop.a.cn` are of one."""
    value = pl.col("domain").map_elements(_registered, return_dtype=pl.String)
    return listed.select("closed", value=value), known.select("shop", value=value)


def _registered(written: str) -> str | None:
    parts = split(written)
    return parts.registered if parts else None


_SOURCES = {
    **{name: _hashed(column) for name, column in FIELDS.items() if column in HASHES},
    "pictures": _shown("image_hash"), "titles": _shown("title"), "payee": _paid, "site": _sites,
}  # fmt: skip


def _named(known: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """Shops whose name is like a listed one's: closed, shop, name (bits)."""
    new, old = _cores(known, "shop"), _cores(listed, "closed")
    owners = {
        name: set(some) for name, some in new.join(known, on="shop").group_by("core").agg("owner").iter_rows()
    }
    marks = [
        (name, Mark(None, str(number), name, None, (name,)))
        for number, name in old.sort("closed", "core").iter_rows()
    ]
    likes = to_marks(
        owners, marks, pairs=imitation.pairs_of_names, compare=imitation.name_likeness, signal=str,
        alphabet=CHARACTERS,
    )  # fmt: skip
    # Which listed one it is, is weighed with all traits, not here.
    choice = log2(max(old["closed"].n_unique(), 1))
    rows = [(name, int(one.mark.shown), one.bits + choice) for name, some in likes.items() for one in some]
    found = pl.DataFrame(
        rows, schema={"core": pl.String, "closed": pl.UInt32, "name": pl.Float64}, orient="row"
    )
    return (
        found.filter(pl.col("name") > 0)
        .join(new, on="core")
        .group_by("closed", "shop")
        .agg(pl.col("name").max())
    )


def _cores(named: pl.DataFrame, number: str) -> pl.DataFrame:
    """The forms of each name: the number of its bearer, core."""
    rows = [
        (at, form)
        for at, name in named.select(number, "shop_name").iter_rows()
        if name
        for form in forms(name)
    ]
    return pl.DataFrame(rows, schema={number: pl.UInt32, "core": pl.String}, orient="row")


def _pairs(
    known: pl.DataFrame,
    listed: pl.DataFrame,
    own: pl.DataFrame,
    shares: dict[str, pl.DataFrame],
    names: pl.DataFrame | None,
) -> pl.DataFrame:
    """The pairs to weigh, with all that they have in common: closed, shop, `<signal>` (how many values are
    shared, −1 where it can't be said), `<signal>_others` (how common the rarest of them is), name (bits),
    after (seconds from the listing to the opening).
    """
    some = [frame.select("closed", "shop") for frame in (*shares.values(), names) if frame is not None]
    if not some:
        return pl.DataFrame()
    pairs = pl.concat(some).unique().join(own, on=["closed", "shop"], how="anti")
    pairs = pairs.join(known.select("shop", "opened_at", *_renamed(HASHES, "new")), on="shop")
    pairs = pairs.join(listed.select("closed", "listed_at", *_renamed(HASHES, "old")), on="closed")
    pairs = pairs.with_columns(after=pl.col("opened_at") - pl.col("listed_at"))
    for name, frame in shares.items():
        one = frame.group_by("closed", "shop").agg(
            pl.len().cast(pl.Int64).alias(name), pl.col("others").min().alias(f"{name}_others")
        )
        pairs = pairs.join(one, on=["closed", "shop"], how="left")
        column = FIELDS[name]
        if column in HASHES:
            both = pl.col(f"old_{column}").is_not_null() & pl.col(f"new_{column}").is_not_null()
            common = pl.col(f"old_{column}") == pl.col(f"new_{column}")
            # A value that too many share isn't said to differ: it says nothing.
            said = pl.when(both & ~common).then(0).otherwise(-1)
        else:
            said = pl.when(pl.col("closed").is_in(frame["closed"].unique().to_list())).then(0).otherwise(-1)
        pairs = pairs.with_columns(pl.col(name).fill_null(said), pl.col(f"{name}_others").fill_null(0))
    if names is not None:
        pairs = pairs.join(names, on=["closed", "shop"], how="left")
    return pairs.sort("closed", "shop")


def _renamed(names: tuple[str, ...], word: str) -> list[pl.Expr]:
    return [pl.col(name).alias(f"{word}_{name}") for name in names]


def _scored(
    pairs: pl.DataFrame, known: pl.DataFrame, by_chance: dict[str, float], names: pl.DataFrame | None
) -> pl.DataFrame:
    """The weight of each signal for each pair, in bits, and their sum `bits`."""
    size = known.height
    fields = {}
    for name, met in by_chance.items():
        level = np.minimum(pairs[name].to_numpy(), 1).astype(np.int64)
        rare = pairs[f"{name}_others"].to_numpy() / size + max(0.5 / max(size, _BY_CHANCE), met)
        guess = _GUESSES[FIELDS[name]]
        often: tuple[float, ...] = (1 - guess, guess)
        if name in _MANY:
            # Who comes back with his goods brings more than one of them, if he had more.
            level += ((pairs[name] > 1) | ((pairs[name] > 0) & (pairs[f"{name}_all"] == 1))).to_numpy()
            often = (1 - guess, guess * _ONE_OF_MANY, guess * (1 - _ONE_OF_MANY))
        fields[name] = Compared(level, np.where(level >= 1, rare, 1.0), often)
    fields["soon"] = _timed(pairs, known)
    before = -RARE - log2(pairs["closed"].n_unique())
    weights, total = weigh(fields, before)
    _one_witness(weights, total, "pictures", "titles")
    if names is not None:
        weights["name"] = pairs["name"].fill_null(0.0).to_numpy()
        total = total + weights["name"]
    each = {f"bits_{name}": weights[name] for name in sorted(weights)}
    return pl.DataFrame(each).with_columns(bits=pl.Series(total))


def _one_witness(weights: dict[str, Numbers], total: Numbers, one: str, other: str) -> None:
    """Two fields that see the same thing count once, by the greater."""
    if one in weights and other in weights:
        total -= np.minimum(weights[one], weights[other])
        lesser = weights[one] < weights[other]
        weights[one] = np.where(lesser, 0.0, weights[one])
        weights[other] = np.where(lesser, weights[other], 0.0)


def _timed(pairs: pl.DataFrame, known: pl.DataFrame) -> Compared:
    """How soon after the listing a shop opened; by chance, as often as shops open in such a span at all."""
    opened = np.sort(known["opened_at"].drop_nulls().to_numpy())
    listed = pairs["listed_at"].to_numpy().astype(np.int64)
    edges = np.array([-SHORTLY_BEFORE, *_TIMES, 10**12])
    after = pairs["after"].fill_null(-(10**12)).to_numpy()
    level = np.searchsorted(edges, after, side="right") - 1
    place = np.maximum(level, 0)
    inside = np.searchsorted(opened, listed + edges[place + 1]) - np.searchsorted(
        opened, listed + edges[place]
    )
    # Against all shops, those that opened long before too: they are what a shop might be by chance.
    chance = (inside + 1) / (len(opened) + len(edges))
    return Compared(level.astype(np.int64), chance, _TIMES_GUESS)
