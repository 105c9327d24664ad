"""Shops that share people beyond chance."""

from __future__ import annotations

import numpy as np
import pytest

from chengxin.detection.trades.shared_buyers import Indices, Links, components, links

SHOPS, PEOPLE = 120, 1500
RING_SHOPS, RING = (3, 50, 77, 110), 14
ONE_PLATFORM = np.zeros(SHOPS, dtype=np.int64)


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
    return links(shop, account, person, np.arange(SHOPS) % 6, ONE_PLATFORM, fewest=3)


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
    assert strong(linked(ring=True)), "as accounts they show"
    assert strong(linked(ring=True, one_address=True)) == set()


def test_no_link_depends_on_how_shops_and_people_are_numbered() -> None:
    shop, account, person = purchases(ring=True)
    random = np.random.default_rng(9)
    shops, people = random.permutation(SHOPS), random.permutation(PEOPLE)
    trade = np.empty(SHOPS, dtype=np.int64)
    trade[shops] = np.arange(SHOPS) % 6
    order = random.permutation(len(shop))
    again = links(
        shops[shop][order], people[account][order], people[person][order], trade, ONE_PLATFORM, fewest=3
    )
    plain = linked(ring=True)
    assert sorted(again.surprise.tolist()) == pytest.approx(sorted(plain.surprise.tolist()))
    assert {tuple(sorted((int(shops[a]), int(shops[b])))) for a, b in strong(plain)} == strong(again)


def test_nobody_is_no_link() -> None:
    nothing = np.array([], dtype=np.int64)
    assert (
        len(
            links(
                nothing, nothing, nothing, np.zeros(4, dtype=np.int64), np.zeros(4, dtype=np.int64), fewest=3
            ).one
        )
        == 0
    )


def test_components_leave_out_who_has_no_link() -> None:
    label = components(5, np.array([0, 1]), np.array([1, 2]))
    assert label[0] == label[1] == label[2] >= 0
    assert label[3] == label[4] == -1


def test_platforms_that_share_no_accounts_make_no_pair_of_one_of_them_odd() -> None:
    """Each of three platforms is a market of its own: taken for one, every pair would share too many."""
    shop, account, _ = purchases(ring=False)
    shops, people = (
        np.concatenate([column + at * many for at in range(3)])
        for column, many in ((shop, SHOPS), (account, PEOPLE))
    )
    trade, platform = np.tile(np.arange(SHOPS) % 6, 3), np.repeat(np.arange(3), SHOPS)
    found = links(shops, people, people, trade, platform, fewest=3)
    assert strong(found) == set()
    members, where = np.arange(RING), np.array(RING_SHOPS)
    shop = np.concatenate([shops, np.repeat(where, RING)])
    who = np.concatenate([people, np.tile(members, len(where))])
    pairs = np.unique(np.column_stack([shop, who]), axis=0).astype(np.int64)
    found = links(pairs[:, 0], pairs[:, 1], pairs[:, 1], trade, platform, fewest=3)
    assert len(strong(found)) >= 3
    assert {end for link in strong(found) for end in link} <= {*RING_SHOPS}


def test_a_market_of_neighbours_is_no_giant_ring() -> None:
    """Everybody buys in three shops side by side, as in a town: chains of links join all the shops."""
    shops, people = 1000, 6000
    random = np.random.default_rng(3)
    home = random.integers(0, shops - 3, people)
    where = (home[:, None] + np.argsort(random.random((people, 4)), axis=1)[:, :3]).ravel()
    who = np.repeat(np.arange(people), 3)
    trade, platform = np.arange(shops) % 6, np.zeros(shops, dtype=np.int64)
    found = links(where, who, who, trade, platform, fewest=3)
    kept = found.kept(found.surprise > 0.5)
    label = components(shops, kept.one, kept.other)
    _, sizes = np.unique(label[label >= 0], return_counts=True)
    assert sizes.sum() < 0.2 * shops
    assert sizes.max(initial=0) < 20
