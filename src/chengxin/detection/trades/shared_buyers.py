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

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

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
    accounts_by_shop = _incidence(account, shop, shops)
    by_person = _incidence(person, shop, shops)
    shared = sparse.triu(accounts_by_shop.T @ accounts_by_shop, k=1).tocoo()
    enough = shared.data >= fewest
    one, other = shared.row[enough].astype(np.int64), shared.col[enough].astype(np.int64)
    together = sparse.csr_array(by_person.T @ by_person)
    accounts = shared.data[enough].astype(np.int64)
    if not len(one):
        nothing = np.zeros(0)
        return Links(one, other, accounts, accounts, nothing, nothing, nothing)
    people = np.minimum(np.asarray(together[one, other]).ravel().astype(np.int64), accounts)
    chance = _Chance(by_person, together, trade)
    expected = chance.of(one, other)
    variance = expected + chance.uneven * expected**2
    # Only shops with so many returning customers could be linked at all (Tarone, Biometrics 1990).
    able = np.count_nonzero(chance.degree >= fewest)
    pairs = max(able * (able - 1) / 2, 1.0)
    surprise, by_account = (
        np.maximum(tail(count, expected, variance, most=_EVERYTHING) - np.log10(pairs), 0.0)
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


class _Chance:
    """How many people two shops would share: size times size, times how close their trades are in this
    market."""

    def __init__(self, by_person: sparse.csr_array, together: sparse.csr_array, trade: Indices) -> None:
        self.trade = trade
        self.degree = np.asarray(by_person.sum(axis=0)).ravel().astype(np.float64)
        visited = np.asarray(by_person.sum(axis=1)).ravel().astype(np.float64)
        self.rate = float((visited * (visited - 1)).sum()) / max(float(visited.sum()) ** 2, 1.0)
        above = sparse.triu(together, k=1).tocoo()
        one, other, count = above.row, above.col, above.data.astype(np.float64)
        self.close = self._closeness(one, other, count)
        self.uneven = self._unevenness(self.of(one, other), count)

    def of(self, one: Indices, other: Indices) -> Numbers:
        """The number expected of each pair."""
        sizes = self.degree[one] * self.degree[other]
        return np.asarray(sizes * self.rate * self.close[self.trade[one], self.trade[other]])

    def _closeness(self, one: Indices, other: Indices, count: Numbers) -> Numbers:
        """Shared people seen over those expected, by pair of trades.

        A pair of shops counts at most twice, so that a ring doesn't make its own trades look close.
        """
        trades = int(self.trade.max()) + 1 if len(self.trade) else 0
        size = np.bincount(self.trade, weights=self.degree, minlength=trades)
        square = np.bincount(self.trade, weights=self.degree**2, minlength=trades)
        by_chance = self.rate * (np.outer(size, size) - np.diag(square)) / (1 + np.eye(trades))
        low = np.minimum(self.trade[one], self.trade[other])
        high = np.maximum(self.trade[one], self.trade[other])
        seen = np.zeros_like(by_chance)
        np.add.at(seen, (low, high), np.minimum(count, 2))
        seen = seen + np.triu(seen, k=1).T
        return np.asarray((seen + _TRADE_PRIOR) / (by_chance + _TRADE_PRIOR))

    def _unevenness(self, expected: Numbers, count: Numbers) -> float:
        """The least unevenness under which the market's own coincidences are no commoner than they should
        be.

        Looked at is the level of chance that a hundred pairs reach: far enough out to see honest tastes,
        not so far that rings, which are few, would move it.
        """
        pairs = max(len(self.degree) * (len(self.degree) - 1) / 2, 1.0)
        level = max(float(np.log10(pairs)) - 2, 0.0)
        for uneven in UNEVEN[:-1]:
            surprise = tail(count, expected, expected + uneven * expected**2, most=_EVERYTHING)
            if np.count_nonzero(surprise >= level) <= _COINCIDENCES * pairs * 10**-level:
                return uneven
        return UNEVEN[-1]


def components(shops: int, one: Indices, other: Indices) -> Indices:
    """For each shop the number of its component among these links; −1 for a shop without any."""
    graph = sparse.csr_array((np.ones(len(one)), (one, other)), shape=(shops, shops))
    _, label = connected_components(graph, directed=False)
    alone = np.ones(shops, dtype=bool)
    alone[one] = alone[other] = False
    return np.where(alone, -1, label).astype(np.int64)
