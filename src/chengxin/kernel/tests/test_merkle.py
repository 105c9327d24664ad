"""The tree of tiles against the textbook: RFC 9162 written down word for word, without tiles."""

from __future__ import annotations

import random
from collections.abc import Sequence
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.kernel.merkle import (
    EMPTY_ROOT,
    HASH,
    WIDTH,
    checkpoint,
    consistency_proof,
    consistent,
    grow,
    included,
    inclusion_proof,
    leaf_hash,
    root,
)
from chengxin.kernel.prefixes import Walk, pyramid

BORDERS = (1, 2, 3, 255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537)
MANY = 70_000


# --- the textbook: RFC 9162 §2.1.1, §2.1.3, §2.1.4 over D[n] ------------------------------------------------


class Textbook:
    """MTH, PATH and PROOF as the RFC defines them, over the leaf hashes of D."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        self.leaves = leaves
        self.mth = cache(self._mth)

    def _mth(self, first: int, end: int) -> bytes:
        n = end - first
        if n == 0:
            return sha256(b"").digest()
        if n == 1:
            return self.leaves[first]
        k = self._k(n)
        return sha256(b"\x01" + self.mth(first, first + k) + self.mth(first + k, end)).digest()

    @staticmethod
    def _k(n: int) -> int:
        """The largest power of two smaller than n."""
        k = 1
        while 2 * k < n:
            k *= 2
        return k

    def path(self, m: int, first: int, end: int) -> list[bytes]:
        n = end - first
        if n == 1:
            return []
        k = self._k(n)
        if m < k:
            return [*self.path(m, first, first + k), self.mth(first + k, end)]
        return [*self.path(m - k, first + k, end), self.mth(first, first + k)]

    def proof(self, m: int, n: int) -> list[bytes]:
        return self._subproof(m, 0, n, True)

    def _subproof(self, m: int, first: int, end: int, b: bool) -> list[bytes]:
        n = end - first
        if m == n:
            return [] if b else [self.mth(first, end)]
        k = self._k(n)
        if m <= k:
            return [*self._subproof(m, first, first + k, b), self.mth(first + k, end)]
        return [*self._subproof(m - k, first + k, end, False), self.mth(first, first + k)]


class Tiles(dict[tuple[int, int], bytes]):
    """A store of tiles."""

    def __call__(self, level: int, index: int) -> bytes:
        return self.get((level, index), b"")

    def append(self, size: int, hashes: Sequence[bytes] | bytes) -> int:
        growth = grow(size, hashes, self)
        self.update(growth.tiles)
        return growth.size


def leaves(count: int) -> list[bytes]:
    return [leaf_hash(number.to_bytes(4, "big")) for number in range(count)]


@pytest.fixture(scope="module")
def large() -> tuple[Textbook, Tiles]:
    """A log of 70,000 leaves, appended in unequal parts."""
    hashes, tiles, size, draw = leaves(MANY), Tiles(), 0, random.Random(9162)
    while size < MANY:
        part = hashes[size : size + draw.choice((1, 7, 255, 256, 257, 5_000))]
        size = tiles.append(size, b"".join(part))
    return Textbook(hashes), tiles


def test_hashes_of_leaves_and_nodes_are_those_of_the_rfc() -> None:
    assert leaf_hash(b"") == sha256(b"\x00").digest()
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    # Roots of the first trees of Certificate Transparency's own test data (inputs "", 00, 10, 2021, …).
    given = [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43"]
    tiles = Tiles()
    tiles.append(0, [leaf_hash(one) for one in given])
    assert root(1, tiles).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert root(2, tiles).hex() == "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"
    assert root(3, tiles).hex() == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"


def test_every_small_tree_has_the_root_of_the_textbook() -> None:
    hashes, tiles, size = leaves(300), Tiles(), 0
    book = Textbook(hashes)
    assert root(0, tiles) == EMPTY_ROOT
    for one in hashes:
        size = tiles.append(size, [one])
        assert root(size, tiles) == book.mth(0, size)


def _some(size: int, draw: random.Random) -> set[int]:
    """All numbers below a small size; of a larger one its ends, the borders within, and a dozen others."""
    if size <= 70:
        return set(range(size))
    border = {one for one in (63, 64, 127, 128, 255, 256) if one < size}
    return {0, size - 1, *border, *draw.sample(range(size), 12)}


def test_leaves_of_every_small_tree_are_proved_to_be_in_it() -> None:
    draw = random.Random(1)
    hashes, tiles = leaves(300), Tiles()
    book = Textbook(hashes)
    tiles.append(0, hashes)
    for size in range(1, 301):
        top = book.mth(0, size)
        for leaf in _some(size, draw):
            path = inclusion_proof(leaf, size, tiles)
            assert path == book.path(leaf, 0, size)
            assert included(leaf, size, hashes[leaf], path, top)


def test_every_small_tree_is_proved_to_begin_with_smaller_ones() -> None:
    draw = random.Random(2)
    hashes, tiles = leaves(300), Tiles()
    book = Textbook(hashes)
    tiles.append(0, hashes)
    for size in range(1, 301):
        for old in {one + 1 for one in _some(size, draw)}:
            path = consistency_proof(old, size, tiles)
            assert path == book.proof(old, size)
            assert consistent(old, size, book.mth(0, old), book.mth(0, size), path)


@pytest.mark.parametrize("size", [*BORDERS, MANY])
def test_trees_at_the_borders_of_tiles(large: tuple[Textbook, Tiles], size: int) -> None:
    book, tiles = large
    assert root(size, tiles) == book.mth(0, size)
    for leaf in {0, size - 1, size // 2, *(one for one in BORDERS if one < size)}:
        path = inclusion_proof(leaf, size, tiles)
        assert path == book.path(leaf, 0, size)
        assert included(leaf, size, book.leaves[leaf], path, book.mth(0, size))
    for old in {1, size, *(one for one in BORDERS if one <= size)}:
        path = consistency_proof(old, size, tiles)
        assert path == book.proof(old, size)
        assert consistent(old, size, book.mth(0, old), book.mth(0, size), path)


@settings(max_examples=150)
@given(data=st.data())
def test_trees_of_any_size(large: tuple[Textbook, Tiles], data: st.DataObject) -> None:
    book, tiles = large
    size = data.draw(st.integers(1, MANY), "size")
    leaf = data.draw(st.integers(0, size - 1), "leaf")
    old = data.draw(st.integers(1, size), "old")
    assert root(size, tiles) == book.mth(0, size)
    assert inclusion_proof(leaf, size, tiles) == book.path(leaf, 0, size)
    assert consistency_proof(old, size, tiles) == book.proof(old, size)


@settings(max_examples=60)
@given(parts=st.lists(st.integers(0, 600), max_size=8))
def test_however_it_is_appended_the_tiles_are_the_same(parts: list[int]) -> None:
    hashes, tiles, size = leaves(sum(parts)), Tiles(), 0
    for part in parts:
        size = tiles.append(size, hashes[size : size + part])
    at_once = Tiles()
    at_once.append(0, hashes)
    assert tiles == at_once
    assert all(len(content) <= WIDTH * HASH for content in tiles.values())


@settings(max_examples=200)
@given(data=st.data())
def test_a_proof_with_anything_changed_proves_nothing(data: st.DataObject) -> None:
    hashes, tiles = leaves(300), Tiles()
    tiles.append(0, hashes)
    size = data.draw(st.integers(2, 300), "size")
    leaf = data.draw(st.integers(0, size - 1), "leaf")
    top, path = root(size, tiles), inclusion_proof(leaf, size, tiles)
    at, bit = data.draw(st.integers(0, len(path) - 1), "step"), data.draw(st.integers(0, 255), "bit")
    spoilt = list(path)
    spoilt[at] = (int.from_bytes(path[at], "big") ^ 1 << bit).to_bytes(HASH, "big")
    assert not included(leaf, size, hashes[leaf], spoilt, top)
    assert not included(leaf, size, hashes[leaf], path[:-1], top)
    assert not included(leaf, size, hashes[leaf], [*path, path[-1]], top)
    assert not included(leaf, size, leaf_hash(b"another"), path, top)
    assert not included(size, size, hashes[leaf], path, top)
    old = data.draw(st.integers(1, size - 1), "old")
    older, way = root(old, tiles), consistency_proof(old, size, tiles)
    assert not consistent(old, size, older, root(size - 1, tiles), way) or size - 1 == old
    assert not consistent(old, size, leaf_hash(b"another"), top, way)
    assert not consistent(old, size, older, top, way[:-1])


def test_what_a_tree_does_not_have_is_no_proof_but_an_error() -> None:
    tiles = Tiles()
    tiles.append(0, leaves(10))
    for leaf in (-1, 10, 11):
        with pytest.raises(IndexError):
            inclusion_proof(leaf, 10, tiles)
    for old, size in ((0, 10), (11, 10)):
        with pytest.raises(IndexError):
            consistency_proof(old, size, tiles)
    with pytest.raises(LookupError):
        root(300, tiles)


def test_a_head_is_signed_line_by_line() -> None:
    text = checkpoint("chengxin/ledger", 7, bytes(32), 5, "2026-06-01T00:00:00.000000+00:00")
    assert text.decode().splitlines() == [
        "chengxin/ledger",
        "7",
        "A" * 43 + "=",
        "previous 5",
        "signed 2026-06-01T00:00:00.000000+00:00",
    ]
    assert text.endswith(b"\n")


# --- every root on the way ----------------------------------------------------------------------------------


def test_a_walk_gives_the_root_of_every_small_tree() -> None:
    hashes = leaves(800)
    book, walk = Textbook(hashes), Walk()
    assert walk.root(pyramid(hashes[0]), 0) == EMPTY_ROOT
    for first in range(0, 800, WIDTH):
        tile = pyramid(b"".join(hashes[first : first + WIDTH]))
        for count in range(1, tile.count + 1):
            assert walk.root(tile, count) == book.mth(0, first + count)
        if tile.count == WIDTH:
            walk.add(tile)


def test_a_walk_fills_the_upper_tiles_as_appending_does(large: tuple[Textbook, Tiles]) -> None:
    book, tiles = large
    walk = Walk()
    upper: dict[tuple[int, int], bytes] = {}
    draw = random.Random(257)
    for first in range(0, MANY, WIDTH):
        tile = pyramid(tiles(0, first // WIDTH))
        for count in {1, tile.count, draw.randint(1, tile.count)}:
            assert walk.root(tile, count) == book.mth(0, first + count)
        if tile.count == WIDTH:
            upper |= {(one.level, one.index): one.content for one in walk.add(tile)}
    upper |= {(one.level, one.index): one.content for one in walk.unfilled()}
    assert upper == {place: content for place, content in tiles.items() if place[0] > 0}
