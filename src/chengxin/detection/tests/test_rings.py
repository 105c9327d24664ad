"""Shops that share people beyond chance."""

from __future__ import annotations

import numpy as np
import pytest

from chengxin.detection.trades.shared_buyers import Indices, Links, components, links

SHOPS, PEOPLE = 120, 1500
RING_SHOPS, RING = (3, 50, 77, 110), 14


def purchases(*, ring: bool, one_address: bool = False) -> tuple[Indices, ...]:
    """Honest people buy by popularity; the ring's accounts buy in its shops and elsewhere besides."""
    random = np.random.default_rng(5)
    popularity = 1 / np.arange(1, SHOPS + 1) ** 0.8
    popularity /= popularity.sum()
    who = np.repeat(np.arange(PEOPLE), random.poisson(3, PEOPLE) + 1)
    where = random.choice(SHOPS, len(who), p=popularity)
    if ring:
        members = np.arange(RING)
        who = np.concatenate([who, np.repeat(members, len(RING_SHOPS))])
        where = np.concatenate([where, np.tile(RING_SHOPS, RING)])
    pairs = np.unique(np.column_stack([where, who]), axis=0)
    shop, account = pairs[:, 0].astype(np.int64), pairs[:, 1].astype(np.int64)
    person = np.where(account < RING, 0, account) if one_address else account
    return shop, account, person


def linked(*, ring: bool, one_address: bool = False) -> Links:
    shop, account, person = purchases(ring=ring, one_address=one_address)
    return links(shop, account, person, np.arange(SHOPS) % 6, fewest=3)


def strong(found: Links) -> set[tuple[int, int]]:
    kept = found.kept(found.surprise > 0.5)
    return set(zip(kept.one.tolist(), kept.other.tolist(), strict=True))


def test_an_honest_market_has_no_links_however_popular_its_shops() -> None:
    assert strong(linked(ring=False)) == set()


def test_the_shops_of_a_ring_are_linked_whatever_else_its_accounts_buy() -> None:
    found = strong(linked(ring=True))
    assert found
    assert {end for link in found for end in link} <= {*RING_SHOPS}
    assert len({end for link in found for end in link}) >= 3


def test_accounts_of_one_address_are_one_person() -> None:
    found = linked(ring=True, one_address=True)
    assert strong(found) == set()
    assert found.by_account.max() > 0.5, "as accounts they still show"


def test_no_link_depends_on_how_shops_and_people_are_numbered() -> None:
    shop, account, person = purchases(ring=True)
    random = np.random.default_rng(9)
    shops, people = random.permutation(SHOPS), random.permutation(PEOPLE)
    trade = np.empty(SHOPS, dtype=np.int64)
    trade[shops] = np.arange(SHOPS) % 6
    order = random.permutation(len(shop))
    again = links(shops[shop][order], people[account][order], people[person][order], trade, fewest=3)
    plain = linked(ring=True)
    assert sorted(again.surprise.tolist()) == pytest.approx(sorted(plain.surprise.tolist()))
    assert {tuple(sorted((int(shops[a]), int(shops[b])))) for a, b in strong(plain)} == strong(again)


def test_nobody_is_no_link() -> None:
    nothing = np.array([], dtype=np.int64)
    assert len(links(nothing, nothing, nothing, np.zeros(4, dtype=np.int64), fewest=3).one) == 0


def test_components_leave_out_who_has_no_link() -> None:
    label = components(5, np.array([0, 1]), np.array([1, 2]))
    assert label[0] == label[1] == label[2] >= 0
    assert label[3] == label[4] == -1
