"""Every root that a log ever had: computed in one walk over its leaves, tile by tile in order.

The tree of RFC 9162 only grows at its right edge, so all that has to be held while walking are the whole
subtrees on the left (one a binary digit of the size) and the open tile of each level.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from chengxin.kernel.merkle import EMPTY_ROOT, HASH, WIDTH, node_hash


@dataclass(frozen=True)
class Pyramid:
    """One tile's hashes and all whole subtrees over them: `levels[h]` joins the roots of 2^h leaves each."""

    levels: tuple[bytes, ...]

    @property
    def count(self) -> int:
        """How many hashes the tile has."""
        return len(self.levels[0]) // HASH

    @property
    def top(self) -> bytes:
        """The root over a whole tile."""
        return self.levels[-1]


def pyramid(content: bytes) -> Pyramid:
    """The pyramid over the joined hashes of one tile (1 to 256 of them)."""
    levels = [content]
    while len(levels[-1]) >= 2 * HASH:
        below = levels[-1]
        pairs = range(0, len(below) - 2 * HASH + 1, 2 * HASH)
        levels.append(b"".join([sha256(b"\x01" + below[at : at + 2 * HASH]).digest() for at in pairs]))
    return Pyramid(tuple(levels))


@dataclass(frozen=True)
class Grown:
    """A tile of an upper level that the walk has filled."""

    level: int
    index: int
    content: bytes


@dataclass
class Walk:
    """The left part of the tree, up to a tile's border."""

    size: int = 0
    _peaks: list[tuple[int, bytes]] = field(default_factory=list)
    _open: list[bytearray] = field(default_factory=list)
    _filled: list[int] = field(default_factory=list)

    def root(self, tile: Pyramid, count: int) -> bytes:
        """The root of all leaves walked over and the first `count` of the next tile."""
        nodes, first = [digest for _, digest in self._peaks], 0
        for height in range(count.bit_length() - 1, -1, -1):
            if count >> height & 1:
                at = (first >> height) * HASH
                nodes.append(tile.levels[height][at : at + HASH])
                first += 1 << height
        if not nodes:
            return EMPTY_ROOT
        digest = nodes.pop()
        while nodes:
            digest = node_hash(nodes.pop(), digest)
        return digest

    def add(self, tile: Pyramid) -> list[Grown]:
        """Walk over a whole tile of level 0; returns the tiles of upper levels that it filled."""
        grown: list[Grown] = []
        level, digest = 1, tile.top
        while True:
            if len(self._open) < level:
                self._open.append(bytearray())
                self._filled.append(0)
            content = self._open[level - 1]
            content += digest
            if len(content) < WIDTH * HASH:
                break
            grown.append(Grown(level, self._filled[level - 1], bytes(content)))
            self._filled[level - 1] += 1
            self._open[level - 1] = bytearray()
            level, digest = level + 1, pyramid(bytes(content)).top
        self._peaks.append((WIDTH, tile.top))
        while len(self._peaks) > 1 and self._peaks[-1][0] == self._peaks[-2][0]:
            (size, left), (_, right) = self._peaks[-2:]
            self._peaks[-2:] = [(2 * size, node_hash(left, right))]
        self.size += WIDTH
        return grown

    def unfilled(self) -> list[Grown]:
        """The open tiles of the upper levels, where they hold anything."""
        return [
            Grown(number + 1, self._filled[number], bytes(content))
            for number, content in enumerate(self._open)
            if content
        ]
