"""The Merkle tree of RFC 9162 (Certificate Transparency 2.0), kept in tiles of 256 hashes (C2SP tlog-tiles).

Pure functions over a store of tiles: a tile at (level, index) holds the hashes of up to 256 complete subtrees
of height 8·level. Level 0 holds leaf hashes. Everything else is computed from them.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

HASH = 32
WIDTH = 256
HEIGHT = 8

Tile = Callable[[int, int], bytes]
"""(level, index) → the concatenated hashes of that tile, b"" where there is none."""

EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """RFC 9162 §2.1.1: the hash of a leaf."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """RFC 9162 §2.1.1: the hash of an inner node."""
    return sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True)
class Growth:
    """What an append changes: the new size and the whole new content of each touched tile."""

    size: int
    tiles: dict[tuple[int, int], bytes]


def grow(size: int, hashes: Sequence[bytes] | bytes, tile: Tile) -> Growth:
    """Append leaf `hashes` (32 bytes each, in a sequence or joined) to a tree of `size` leaves."""
    joined = hashes if isinstance(hashes, bytes) else b"".join(hashes)
    touched: dict[tuple[int, int], bytes] = {}
    level, start, level_hashes = 0, size, joined
    while level_hashes:
        count = len(level_hashes) // HASH
        full: list[bytes] = []
        first = start // WIDTH
        offset = start % WIDTH
        content = (tile(level, first)[: offset * HASH] if offset else b"") + level_hashes
        for number in range((offset + count + WIDTH - 1) // WIDTH):
            part = content[number * WIDTH * HASH : (number + 1) * WIDTH * HASH]
            touched[(level, first + number)] = part
            if len(part) == WIDTH * HASH:
                full.append(_root_of_perfect(part))
        level, start, level_hashes = level + 1, first, b"".join(full)
    return Growth(size + len(joined) // HASH, touched)


def _root_of_perfect(hashes: bytes) -> bytes:
    """The root over 2^k joined hashes."""
    while len(hashes) > HASH:
        hashes = b"".join(
            sha256(b"\x01" + hashes[at : at + 2 * HASH]).digest() for at in range(0, len(hashes), 2 * HASH)
        )
    return hashes


def subtree(first: int, size: int, tile: Tile) -> bytes:
    """The hash of the leaves [first, first+size): a perfect aligned subtree or the ragged right edge."""
    if size == 0:
        return EMPTY_ROOT
    if size & (size - 1) == 0 and first % size == 0:
        height = size.bit_length() - 1
        level, rest = divmod(height, HEIGHT)
        at = first >> (level * HEIGHT)
        index, offset = divmod(at, WIDTH)
        content = tile(level, index)[offset * HASH : (offset + (1 << rest)) * HASH]
        if len(content) != (1 << rest) * HASH:
            raise LookupError(f"tile {level}/{index} ends before hash {offset + (1 << rest)}")
        return _root_of_perfect(content)
    split = 1 << ((size - 1).bit_length() - 1)
    return node_hash(subtree(first, split, tile), subtree(first + split, size - split, tile))


def root(size: int, tile: Tile) -> bytes:
    """The root hash of the first `size` leaves."""
    return subtree(0, size, tile)


def inclusion_proof(leaf: int, size: int, tile: Tile) -> list[bytes]:
    """RFC 9162 §2.1.3.1: the audit path of `leaf` in the tree of `size` leaves."""
    if not 0 <= leaf < size:
        raise IndexError(f"leaf {leaf} is not in a tree of {size} leaves")
    path: list[bytes] = []
    first, count = 0, size
    while count > 1:
        split = 1 << ((count - 1).bit_length() - 1)
        if leaf - first < split:
            path.append(subtree(first + split, count - split, tile))
            count = split
        else:
            path.append(subtree(first, split, tile))
            first, count = first + split, count - split
    return path[::-1]


def included(leaf: int, size: int, leaf_digest: bytes, path: Sequence[bytes], tree_root: bytes) -> bool:
    """RFC 9162 §2.1.3.2: whether the audit path proves that `leaf_digest` is leaf number `leaf`."""
    if leaf >= size:
        return False
    node, last, digest = leaf, size - 1, leaf_digest
    for step in path:
        if last == 0:
            return False
        if node & 1 or node == last:
            digest = node_hash(step, digest)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            digest = node_hash(digest, step)
        node, last = node >> 1, last >> 1
    return last == 0 and digest == tree_root


def consistency_proof(old: int, size: int, tile: Tile) -> list[bytes]:
    """RFC 9162 §2.1.4.1: proof that the tree of `size` leaves is an append to the tree of `old` leaves."""
    if not 0 < old <= size:
        raise IndexError(f"no tree of {old} leaves within one of {size}")

    def prove(first: int, count: int, known: int, whole: bool) -> list[bytes]:
        if known == count:
            return [] if whole else [subtree(first, count, tile)]
        split = 1 << ((count - 1).bit_length() - 1)
        if known <= split:
            return [*prove(first, split, known, whole), subtree(first + split, count - split, tile)]
        return [*prove(first + split, count - split, known - split, False), subtree(first, split, tile)]

    return prove(0, size, old, True)


def consistent(old: int, size: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """RFC 9162 §2.1.4.2: whether `path` proves that the newer tree begins with the older one."""
    if old == size:
        return old_root == new_root and not path
    if not 0 < old < size or not path:
        return False
    steps = [old_root, *path] if old & (old - 1) == 0 else list(path)
    node, last = old - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    older = newer = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            older, newer = node_hash(step, older), node_hash(step, newer)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            newer = node_hash(newer, step)
        node, last = node >> 1, last >> 1
    return last == 0 and older == old_root and newer == new_root


def checkpoint(origin: str, size: int, tree_root: bytes, previous: int, signed_at: str) -> bytes:
    """What the signature of a tree head covers, a line each: origin, size, root in base64 and two more.

    The shape is that of C2SP tlog-checkpoint, whose further lines are free. `previous` is the size of the
    head signed before (0 for the first), so that none can be taken out of the row unnoticed; `signed_at` the
    time in ISO 8601 (RFC 9162 §4.10 signs the time, too).
    """
    text = base64.b64encode(tree_root).decode()
    return f"{origin}\n{size}\n{text}\nprevious {previous}\nsigned {signed_at}\n".encode()
