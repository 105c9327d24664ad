"""Shops that share buyers beyond chance: the skeleton of a ring, and who belongs to it.

Two shops share some buyers anyway: popular shops more than others, shops of one trade more than shops of
two, shops of different platforms none where accounts are a platform's own. What is left over is weighed as in
FRAUDAR (Hooi et al., KDD 2016: popular nodes say little, so ordinary purchases are no camouflage), but read
off a chance model: the number of shared people that the two shops' sizes, the activity of buyers and the
closeness of their trades let expect. People are counted by address where it is known: a dormitory, an office
or a family that buys together is one, not many.

Everything here is numbers in, numbers out; a node is an index, and no result depends on how nodes are
numbered.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components
from scipy.special import gammaln

from chengxin.detection.statistics.surprise import tail

Numbers = NDArray[np.float64]
Indices = NDArray[np.int64]

MOST_SHOPS = 80
"""Someone who buys in more shops than this is an agent or a wholesaler: nothing follows from two of them."""

UNEVEN = (0.1, 0.25, *(2.0**power for power in range(-1, 13)))
"""How much honest tastes may differ beyond size and trade: times the expected number's square in its
variance. The greatest stand for markets where neighbours share what nobody else does."""

_COINCIDENCES = 1.5

_LOOKED_AT, _OF_SHOPS = 100.0, 0.05
"""Pairs that the unevenness is learnt from: so many, or so many for each shop where that is more."""

_TRADE_PRIOR = 20.0
"""So many expected shared people stand behind the closeness of two trades of which little is seen."""

_EVERYTHING = 300.0

_CAP = 1.0
"""A pair of shops says no more about how close their trades are than so many times what their sizes let
expect, or than two people: a ring doesn't make its own trades look close."""

_AT_A_TIME = 512
"""Shops whose pairs with all others are reckoned at once."""

_FAR_OUT = 3.0
"""The level of chance (decades) from which on an uneven tail is never lighter than an even one's first
term."""

_LITTLE = 1e-3
"""People expected below which a single one in common may be a rarity, beside trades that are far apart."""


@dataclass(frozen=True)
class Links:
    """Pairs of shops (indices `one` < `other`) that share more people than chance would give.

    `accounts` and `people` are how many they share, `expected` how many people they would; `surprise` is
    −log10 of the chance of so many people, allowing for all the pairs that were looked at.
    """

    one: Indices
    other: Indices
    accounts: Indices
    people: Indices
    expected: Numbers
    surprise: Numbers

    def kept(self, which: NDArray[np.bool_] | NDArray[np.integer]) -> Links:
        """Those links only, or in that order."""
        return Links(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def links(
    shop: Indices, account: Indices, person: Indices, trade: Indices, platform: Indices, *, fewest: int
) -> Links:
    """The links between shops that share at least `fewest` accounts.

    `shop`, `account` and `person` are columns of the distinct purchases (who bought where); `trade` and
    `platform` are the category and the platform of each shop. Whoever bought in more than `MOST_SHOPS` shops
    is left out.
    """
    chance = _Chance(_incidence(person, shop, len(trade)), trade, platform)
    # Only shops with so many returning customers could be linked at all (Tarone, Biometrics 1990).
    allowed = float(np.log10(max(chance.pairs(chance.degree >= fewest), 1.0)))
    found = chance.rare(min(allowed, chance.level))
    uneven = chance.unevenness(found)
    surprise = found.surprise(uneven) - allowed
    likely = surprise > 0
    found = found.kept(likely)
    accounts = _in_common(_incidence(account, shop, len(trade)), found.one, found.other)
    enough = accounts >= fewest
    found, accounts = found.kept(enough), accounts[enough]
    people = np.minimum(found.count, accounts)
    found = _Pairs(found.one, found.other, people, found.expected)
    surprise = np.maximum(found.surprise(uneven) - allowed, 0.0)
    order = np.lexsort((found.other, found.one))
    return Links(found.one, found.other, accounts, people, found.expected, surprise).kept(order)


@dataclass(frozen=True)
class _Pairs:
    """Pairs of shops, how many people they share, and how many they would by size and trade."""

    one: Indices
    other: Indices
    count: Indices
    expected: Numbers

    def kept(self, which: NDArray[np.bool_]) -> _Pairs:
        return _Pairs(self.one[which], self.other[which], self.count[which], self.expected[which])

    def surprise(self, uneven: float) -> Numbers:
        """−log10 of the chance of so many, tastes differing so much."""
        variance = self.expected + uneven * self.expected**2
        return tail(self.count.astype(np.float64), self.expected, variance, most=_EVERYTHING)


def _incidence(who: Indices, shop: Indices, shops: int) -> sparse.csr_array:
    """Who bought where, each pair once, without those who buy everywhere."""
    size = int(who.max()) + 1 if len(who) else 0
    found = sparse.csr_array((np.ones(len(who), dtype=np.int32), (who, shop)), shape=(size, shops))
    found.data[:] = 1
    visited = found.sum(axis=1)
    return sparse.csr_array(found[(visited >= 2) & (visited <= MOST_SHOPS)])


def _in_common(bought: sparse.csr_array, one: Indices, other: Indices) -> Indices:
    """How many bought in both shops of each pair."""
    by_shop = sparse.csr_array(bought.T)
    parts = [
        np.asarray(
            by_shop[one[at : at + _AT_A_TIME]].multiply(by_shop[other[at : at + _AT_A_TIME]]).sum(axis=1)
        )
        for at in range(0, len(one), _AT_A_TIME)
    ]
    return np.concatenate(parts).ravel().astype(np.int64) if parts else np.zeros(0, dtype=np.int64)


_Some = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int32]]


def _blocks(bought: sparse.csr_array) -> Iterator[_Some]:
    """Pairs of shops (the first before the other) and how many they share, a few hundred shops at a time:
    all the pairs of a large market would fill the memory."""
    by_shop = sparse.csr_array(bought.T)
    for begin in range(0, bought.shape[1], _AT_A_TIME):
        found = (by_shop[begin : begin + _AT_A_TIME] @ bought).tocoo()
        above = found.col > found.row + begin
        yield found.row[above] + np.int32(begin), found.col[above], found.data[above]


class _Chance:
    """How many people two shops would share: size times size, times how close their platforms and their
    trades are in this market."""

    def __init__(self, by_person: sparse.csr_array, trade: Indices, platform: Indices) -> None:
        self.trade, self.platform = trade, platform
        self.degree = np.asarray(by_person.sum(axis=0)).ravel().astype(np.float64)
        self.rate = _rates(by_person, platform)
        self.all_pairs = max(self.pairs(np.ones(len(trade), dtype=bool)), 1.0)
        looked_at = max(_LOOKED_AT, _OF_SHOPS * len(trade))
        self.level = max(float(np.log10(self.all_pairs / looked_at)), 0.0)
        trades = int(trade.max()) + 1 if len(trade) else 0
        seen, self.told = np.zeros(trades * trades), list[_Some]()
        for one, other, count in _blocks(by_person):
            alike = self._by_size(one, other)
            cell = np.minimum(trade[one], trade[other]) * trades + np.maximum(trade[one], trade[other])
            most = np.maximum(2, np.ceil(_CAP * alike))
            seen += np.bincount(cell, weights=np.minimum(count, most), minlength=trades * trades)
            # One person in common is no rarity where the shops' sizes let expect about as many.
            told = (count > 1) | (alike < _LITTLE) if self.level > _FAR_OUT else count > 0
            self.told.append((one[told], other[told], count[told]))
        self.close = self._closeness(seen.reshape(trades, trades))

    def pairs(self, which: NDArray[np.bool_]) -> float:
        """How many pairs of these shops could share anybody: those of platforms that have buyers in
        common."""
        number = np.bincount(self.platform[which], minlength=len(self.rate)).astype(np.float64)
        both = np.where(self.rate > 0, np.outer(number, number), 0.0)
        return float((both.sum() - number[np.diag(self.rate) > 0].sum()) / 2)

    def rare(self, level: float) -> _Pairs:
        """The pairs that may be as rare as that (decades) however uneven tastes are, at least."""
        parts = []
        for one, other, count in self.told:
            expected = self._by_size(one, other) * self.close[self.trade[one], self.trade[other]]
            # The chance of just so many, one term of the tail, is less than the tail.
            rarest = (expected - count * np.log(expected) + gammaln(count + 1)) / np.log(10)
            part = _Pairs(one.astype(np.int64), other.astype(np.int64), count.astype(np.int64), expected)
            parts.append(part.kept(rarest >= level) if level > _FAR_OUT else part)
        nobody = np.zeros(0, dtype=np.int64)
        parts.append(_Pairs(nobody, nobody, nobody, np.zeros(0)))
        names = _Pairs.__dataclass_fields__
        return _Pairs(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))

    def unevenness(self, found: _Pairs) -> float:
        """The least unevenness under which the market's own coincidences are no commoner than they should
        be.

        Looked at is the level of chance that a hundred pairs reach, in a large market one for so many shops:
        far enough out to see honest tastes, not so far that rings, which are few, would move it. No more
        pairs than that stand out, whatever joins neighbours.
        """
        usual = _COINCIDENCES * self.all_pairs * 10**-self.level
        for uneven in UNEVEN[:-1]:
            if np.count_nonzero(found.surprise(uneven) >= self.level) <= usual:
                return uneven
        return UNEVEN[-1]

    def _by_size(self, one: NDArray[np.integer], other: NDArray[np.integer]) -> Numbers:
        """The number expected of each pair if all trades were equally close."""
        near = self.rate[self.platform[one], self.platform[other]]
        return np.asarray(self.degree[one] * self.degree[other] * near)

    def _closeness(self, seen: Numbers) -> Numbers:
        """Shared people seen over those expected, by pair of trades."""
        trades = len(seen)
        at = self.trade * len(self.rate) + self.platform
        size = np.bincount(at, weights=self.degree, minlength=trades * len(self.rate)).reshape(trades, -1)
        alone = self.degree**2 * np.diag(self.rate)[self.platform]
        square = np.bincount(self.trade, weights=alone, minlength=trades)
        by_chance = (size @ self.rate @ size.T - np.diag(square)) / (1 + np.eye(trades))
        both = seen + np.triu(seen, k=1).T
        return np.asarray((both + _TRADE_PRIOR) / (by_chance + _TRADE_PRIOR))


def _rates(by_person: sparse.csr_array, platform: Indices) -> Numbers:
    """By pair of platforms: shared people for each pair of purchases, one on either."""
    shops, platforms = len(platform), int(platform.max(initial=-1)) + 1
    of_platform = sparse.csr_array(
        (np.ones(shops, dtype=np.int64), (np.arange(shops), platform)), shape=(shops, platforms)
    )
    visits = sparse.csr_array(by_person @ of_platform)
    bought = np.asarray(visits.sum(axis=0)).ravel().astype(np.float64)
    met = (visits.T @ visits).toarray() - np.diag(bought)
    return np.asarray(met / np.maximum(np.outer(bought, bought), 1.0))


def components(shops: int, one: Indices, other: Indices) -> Indices:
    """For each shop the number of its component among these links; −1 for a shop without any."""
    graph = sparse.csr_array((np.ones(len(one)), (one, other)), shape=(shops, shops))
    _, label = connected_components(graph, directed=False)
    alone = np.ones(shops, dtype=bool)
    alone[one] = alone[other] = False
    return np.where(alone, -1, label).astype(np.int64)
