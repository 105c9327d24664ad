"""What can be asked of the ledger: its signed head, and proofs (RFC 9162) that anybody can check alone."""

from __future__ import annotations

import base64
from collections.abc import Callable
from functools import cache
from typing import Any

from chengxin.database import reading
from chengxin.kernel.merkle import Tile, consistency_proof, inclusion_proof, leaf_hash, root
from chengxin.ledger.actions import head_text
from chengxin.ledger.bodies import body_sql
from chengxin.ledger.sealed import SEALED


def head() -> dict[str, Any] | None:
    """The newest signed tree head as it is shown to the outside; None while nothing was ever kept."""
    found = reading.row(
        "SELECT size, previous, root, signature, signed_at FROM ledger_treehead ORDER BY size DESC LIMIT 1"
    )
    if found is None:
        return None
    size, previous, tree_root, signature, signed_at = found
    return head_text(size, previous, bytes(tree_root), bytes(signature), signed_at)


def size() -> int:
    """How many leaves the newest head covers."""
    found = head()
    return int(found["size"]) if found else 0


def leaf_body(table: str, leaf: int) -> bytes | None:
    """The bytes of one leaf exactly as they were hashed, from its row; None when `table` has no such row."""
    found = reading.row(f'SELECT {body_sql(SEALED[table])} FROM "{table}" WHERE id = %s', [leaf])
    return found[0].encode() if found else None


def inclusion(leaf: int, body: bytes) -> dict[str, Any]:
    """The proof that `body` is leaf number `leaf` of the newest signed head.

    Returns {"leaf", "leaf_hash", "path", "head"}; hashes in base64. IndexError when the head has no such
    leaf.
    """
    signed = head()
    length = int(signed["size"]) if signed else 0
    path = inclusion_proof(leaf, length, _tiles())
    return {
        "leaf": leaf,
        "leaf_hash": _text(leaf_hash(body)),
        "path": [_text(step) for step in path],
        "head": signed,
    }


def consistency(old: int, new: int) -> dict[str, Any]:
    """The proof that the first `new` leaves begin with the first `old`: {"from", "to", roots, "path"}.

    IndexError unless 0 < old ≤ new ≤ size of the ledger.
    """
    if not 0 < old <= new <= size():
        raise IndexError(f"no tree of {old} leaves within one of {new}")
    tile = _tiles()
    return {
        "from": old,
        "to": new,
        "from_root": _text(root(old, tile)),
        "to_root": _text(root(new, tile)),
        "path": [_text(step) for step in consistency_proof(old, new, tile)],
    }


def _tiles() -> Tile:
    """Tiles as they stand, each read once."""

    def tile(level: int, index: int) -> bytes:
        found = reading.row("SELECT hashes FROM ledger_tile WHERE level = %s AND index = %s", [level, index])
        return bytes(found[0]) if found else b""

    cached: Callable[[int, int], bytes] = cache(tile)
    return cached


def _text(digest: bytes) -> str:
    return base64.b64encode(digest).decode()
