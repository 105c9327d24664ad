"""Shops that share buyers beyond chance: the skeleton of a ring, and who belongs to it.

Two shops share some buyers anyway: popular shops more than others, shops of one trade more than shops of
two. What is left over is weighed as in FRAUDAR (Hooi et al., KDD 2016: popular nodes say little, so ordinary
purchases are no camouflage), but read off a chance model: the number of shared people that the two shops'
sizes, the activity of buyers and the closeness of their trades let expect. People are counted by address
where it is known: a dormitory, an office or a family that buys together is one, not many.

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

UNEVEN = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
"""How much honest tastes may differ beyond size and trade: times the expected number's square in its
variance."""

_COINCIDENCES = 1.5

_TRADE_PRIOR = 20.0
"""So many expected shared people stand behind the closeness of two trades of which little is seen."""

_EVERYTHING = 300.0

_AT_A_TIME = 512
"""Shops whose pairs with all others are reckoned at once."""

_FAR_OUT = 3.0
"""The level of chance (decades) from which on an uneven tail is never lighter than an even one's first
term."""

_LITTLE = 1e-3
"""People expected below which a single one in common may be a rarity, beside trades that are far apart."""


@dataclass(frozen=True)
class Links:
    """Pairs of shops (indices `one` < `other`) that share accounts.

    `accounts` and `people` are how many they share, `expected` how many people they would; `surprise` is
    −log10 of the chance of so many people, `by_account` of so many accounts, allowing for all the pairs
    that were looked at.
    """

    one: Indices
    other: Indices
    accounts: Indices
    people: Indices
    expected: Numbers
    surprise: Numbers
    by_account: Numbers

    def kept(self, which: NDArray[np.bool_]) -> Links:
        """Those links only."""
        return Links(*(getattr(self, name)[which] for name in self.__dataclass_fields__))


def links(shop: Indices, account: Indices, person: Indices, trade: Indices, *, fewest: int) -> Links:
    """The links between shops that share at least `fewest` accounts.

    `shop`, `account` and `person` are columns of the distinct purchases (who bought where); `trade` is
    the category of each shop. Whoever bought in more than `MOST_SHOPS` shops is left out.
    """
    shops = len(trade)
    one, other, accounts = _sharing(_incidence(account, shop, shops), fewest)
    if not len(one):
        nothing = np.zeros(0)
        return Links(one, other, accounts, accounts, nothing, nothing, nothing)
    chance = _Chance(_incidence(person, shop, shops), trade)
    people = np.minimum(chance.shared(one, other), accounts)
    expected = chance.of(one, other)
    variance = expected + chance.uneven * expected**2
    # Only shops with so many returning customers could be linked at all (Tarone, Biometrics 1990).
    able = np.count_nonzero(chance.degree >= fewest)
    pairs = max(able * (able - 1) / 2, 1.0)
    surprise, by_account = (
        np.maximum(
            tail(count.astype(np.float64), expected, variance, most=_EVERYTHING) - np.log10(pairs), 0.0
        )
        for count in (people, accounts)
    )
    return Links(one, other, accounts, people, expected, surprise, by_account)


def _incidence(who: Indices, shop: Indices, shops: int) -> sparse.csr_array:
    """Who bought where, each pair once, without those who buy everywhere."""
    size = int(who.max()) + 1 if len(who) else 0
    found = sparse.csr_array((np.ones(len(who), dtype=np.int64), (who, shop)), shape=(size, shops))
    found.data[:] = 1
    visited = found.sum(axis=1)
    return sparse.csr_array(found[(visited >= 2) & (visited <= MOST_SHOPS)])


_Some = tuple[NDArray[np.int32], NDArray[np.int32], NDArray[np.int64]]


def _blocks(bought: sparse.csr_array) -> Iterator[_Some]:
    """Pairs of shops (the first before the other) and how many they share, a few hundred shops at a time:
    all the pairs of a large market would fill the memory."""
    by_shop = sparse.csr_array(bought.T)
    for begin in range(0, bought.shape[1], _AT_A_TIME):
        found = (by_shop[begin : begin + _AT_A_TIME] @ bought).tocoo()
        above = found.col > found.row + begin
        yield found.row[above] + np.int32(begin), found.col[above], found.data[above]


def _sharing(bought: sparse.csr_array, fewest: int) -> tuple[Indices, Indices, Indices]:
    """The pairs that share so many, in the order of their places."""
    parts = [
        tuple(part[count >= fewest].astype(np.int64) for part in (one, other, count))
        for one, other, count in _blocks(bought)
    ]
    one, other, count = (
        np.concatenate([part[number] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
        for number in range(3)
    )
    order = np.lexsort((other, one))
    return one[order], other[order], count[order]


class _Chance:
    """How many people two shops would share: size times size, times how close their trades are in this
    market."""

    def __init__(self, by_person: sparse.csr_array, trade: Indices) -> None:
        self.trade, self.shops = trade, len(trade)
        self.degree = np.asarray(by_person.sum(axis=0)).ravel().astype(np.float64)
        visited = np.asarray(by_person.sum(axis=1)).ravel().astype(np.float64)
        self.rate = float((visited * (visited - 1)).sum()) / max(float(visited.sum()) ** 2, 1.0)
        self.pairs = max(self.shops * (self.shops - 1) / 2, 1.0)
        self.level = max(float(np.log10(self.pairs)) - 2, 0.0)
        trades = int(trade.max()) + 1 if len(trade) else 0
        seen, parts = np.zeros(trades * trades), []
        for one, other, count in _blocks(by_person):
            cell = np.minimum(trade[one], trade[other]) * trades + np.maximum(trade[one], trade[other])
            seen += np.bincount(cell, weights=np.minimum(count, 2), minlength=trades * trades)
            # One person in common is no rarity where the shops' sizes let expect about as many.
            told = count > 1
            if self.level > _FAR_OUT:
                told |= self.degree[one] * self.degree[other] * self.rate < _LITTLE
            else:
                told[:] = True
            keys = one[told].astype(np.int64) * self.shops + other[told]
            order = np.argsort(keys)
            parts.append((keys[order], count[told][order].astype(np.int32)))
        self.keys, self.counts = (
            np.concatenate([part[number] for part in parts]) if parts else np.zeros(0, dtype=np.int64)
            for number in range(2)
        )
        self.close = self._closeness(seen.reshape(trades, trades))
        self.uneven = self._unevenness()

    def shared(self, one: Indices, other: Indices) -> Indices:
        """How many people these pairs share; 1 where it isn't worth knowing whether it is 1 or 0."""
        asked, least = one * self.shops + other, int(self.level > _FAR_OUT)
        if not len(self.keys):
            return np.full(len(one), least)
        at = np.minimum(np.searchsorted(self.keys, asked), len(self.keys) - 1)
        return np.where(self.keys[at] == asked, self.counts[at], least).astype(np.int64)

    def of(self, one: NDArray[np.integer], other: NDArray[np.integer]) -> Numbers:
        """The number expected of each pair."""
        sizes = self.degree[one] * self.degree[other]
        return np.asarray(sizes * self.rate * self.close[self.trade[one], self.trade[other]])

    def _closeness(self, seen: Numbers) -> Numbers:
        """Shared people seen over those expected, by pair of trades.

        A pair of shops counts at most twice, so that a ring doesn't make its own trades look close.
        """
        trades = len(seen)
        size = np.bincount(self.trade, weights=self.degree, minlength=trades)
        square = np.bincount(self.trade, weights=self.degree**2, minlength=trades)
        by_chance = self.rate * (np.outer(size, size) - np.diag(square)) / (1 + np.eye(trades))
        both = seen + np.triu(seen, k=1).T
        return np.asarray((both + _TRADE_PRIOR) / (by_chance + _TRADE_PRIOR))

    def _unevenness(self) -> float:
        """The least unevenness under which the market's own coincidences are no commoner than they should
        be.

        Looked at is the level of chance that a hundred pairs reach: far enough out to see honest tastes,
        not so far that rings, which are few, would move it.
        """
        count = self.counts.astype(np.float64)
        expected = self.of(self.keys // self.shops, self.keys % self.shops)
        if self.level > _FAR_OUT:
            # What is no rarer than that even without unevenness needn't be asked for each: the chance of
            # just so many, one term of the tail, is less than the tail.
            rarest = (expected - count * np.log(expected) + gammaln(count + 1)) / np.log(10)
            expected, count = expected[rarest >= self.level], count[rarest >= self.level]
        for uneven in UNEVEN[:-1]:
            surprise = tail(count, expected, expected + uneven * expected**2, most=_EVERYTHING)
            if np.count_nonzero(surprise >= self.level) <= _COINCIDENCES * self.pairs * 10**-self.level:
                return uneven
        return UNEVEN[-1]


def components(shops: int, one: Indices, other: Indices) -> Indices:
    """For each shop the number of its component among these links; −1 for a shop without any."""
    graph = sparse.csr_array((np.ones(len(one)), (one, other)), shape=(shops, shops))
    _, label = connected_components(graph, directed=False)
    alone = np.ones(shops, dtype=bool)
    alone[one] = alone[other] = False
    return np.where(alone, -1, label).astype(np.int64)
