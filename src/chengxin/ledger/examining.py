"""Holding rows against the tree: which of a row and its hash is right where they differ, and every root."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from chengxin.kernel.merkle import HASH, WIDTH
from chengxin.kernel.prefixes import Grown, Pyramid, Walk, pyramid
from chengxin.ledger import faults
from chengxin.ledger.faults import Findings
from chengxin.ledger.heads import Head, Witness
from chengxin.ledger.sealed import Sealed
from chengxin.ledger.stretches import NOBODY, UNREADABLE, Stretch

_NOTHING = bytes(HASH)


class Examination:
    """One walk over the leaves.

    tile: reads a stored tile of an upper level; b"" where there is none, None where it can't be read.
    """

    def __init__(
        self,
        tables: Sequence[Sealed],
        public_key: bytes,
        tile: Callable[[int, int], bytes | None],
        findings: Findings,
    ) -> None:
        self.tables, self.public_key, self.tile, self.findings = tables, public_key, tile, findings
        self.walk, self.witness = Walk(), Witness()
        self._nodes: list[tuple[int, int, int]] = []

    def examine(self, stretch: Stretch, tiles: Mapping[int, bytes | None], heads: Iterable[Head]) -> None:
        """Hold a stretch of rows against its tiles (by index; None: can't be read) and the heads over it."""
        waiting = sorted(heads, key=lambda head: head.size)
        rivals = {(stretch.first + slot) // WIDTH for slot, *_ in stretch.again}
        for index in range(stretch.first // WIDTH, -(-(stretch.first + stretch.count) // WIDTH)):
            first = index * WIDTH
            count = min(WIDTH, stretch.first + stretch.count - first)
            inside = [head for head in waiting if first < head.size <= first + count]
            signed = [head.signed(self.public_key) for head in inside]
            own = bytes(stretch.hashes[(first - stretch.first) * HASH :][: count * HASH])
            stored = tiles.get(index, b"")
            if stored is not None and (stored[: count * HASH] != own or index in rivals):
                good = [head for head, holds in zip(inside, signed, strict=True) if holds]
                over = pyramid(self._judged(stretch, first, count, stored, good))
            else:
                over = pyramid(own)
            for head, holds in zip(inside, signed, strict=True):
                self.witness.hear(head, holds, self.walk.root(over, head.size - first))
            if over.count == WIDTH:
                for grown in self.walk.add(over):
                    self._compare(grown)

    def _judged(self, stretch: Stretch, first: int, count: int, stored: bytes, heads: list[Head]) -> bytes:
        """The hashes of a tile that are right, after telling which rows or hashes are not."""
        rows, hashes, differing = [], [], []
        short = max(first, first + len(stored) // HASH)
        if short < first + count:
            self.findings.add(faults.tile_short(short, first + count - 1))
        for leaf in range(first, first + count):
            slot = leaf - stretch.first
            kept = stored[(leaf - first) * HASH :][:HASH]
            rival = stretch.settle(slot, kept)
            owner, own = stretch.owners[slot], bytes(stretch.hashes[slot * HASH :][:HASH])
            if rival:
                self.findings.add(faults.twice(leaf, self._table(rival[0])))
            if owner == NOBODY:
                self.findings.add(faults.missing(leaf))
            elif owner != UNREADABLE and len(kept) == HASH and own != kept:
                differing.append(leaf)
            held = owner not in (NOBODY, UNREADABLE)
            rows.append(own if held else kept or _NOTHING)
            hashes.append(kept if len(kept) == HASH else rows[-1])
        by_rows, by_hashes = b"".join(rows), b"".join(hashes)
        over = [head for head in heads if differing and head.size > differing[-1]]
        rows_right = bool(differing) and self._confirmed(pyramid(by_rows), first, over)
        for leaf in differing:
            table = self._table(stretch.owners[leaf - stretch.first])
            self.findings.add(faults.tile_altered(leaf) if rows_right else faults.altered(leaf, table))
        return by_rows if rows_right else by_hashes

    def _confirmed(self, tile: Pyramid, first: int, heads: list[Head]) -> bool:
        """Whether the hash above, or a signed head over what is in doubt, is that of these leaves."""
        if tile.count == WIDTH:
            index, offset = divmod(first // WIDTH, WIDTH)
            if (self.tile(1, index) or b"")[offset * HASH :][:HASH] == tile.top:
                return True
        return any(self.walk.root(tile, head.size - first) == head.root for head in heads[-1:])

    def _table(self, owner: int) -> str:
        return self.tables[owner - 1].table

    def _compare(self, grown: Grown) -> None:
        """Note the stored hashes of an upper tile that aren't what the leaves give."""
        stored = self.tile(grown.level, grown.index)
        if stored is None:
            return
        for at in range(0, len(grown.content), HASH):
            if stored[at : at + HASH] != grown.content[at : at + HASH]:
                self._nodes.append((grown.level, grown.index, at // HASH))

    def conclude(self) -> None:
        """Tell what only shows when all leaves were walked over: the upper tiles and the heads."""
        for grown in self.walk.unfilled():
            self._compare(grown)
        doubt = self.witness.doubt
        for level, index, offset in self._nodes:
            span = WIDTH**level
            first = (index * WIDTH + offset) * span
            if doubt is None or first + span <= doubt[0]:
                self.findings.add(faults.node_altered(level, index, offset))
            elif level == 1 and first <= doubt[1] and not self.findings.within(*doubt):
                # Only the tile whose hash is out of date can hold what was changed.
                doubt = max(doubt[0], first), min(doubt[1], first + span - 1)
        if doubt and not self.findings.within(*doubt):
            self.findings.add(faults.tree_altered(*doubt))
        for fault in self.witness.faults():
            self.findings.add(fault)
