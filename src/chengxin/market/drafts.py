"""Drafts of orders: what buyers and schemes decide; all that follows is made for honest and dishonest ones
alike."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Drafts = dict[str, NDArray[Any]]

# Each decision with its type and the value that means "as anybody would": drawn later, by the same code for
# all.
DECISIONS: dict[str, tuple[type, float]] = {
    "shop": (np.int64, 0),
    "buyer": (np.int64, 0),
    "product": (np.int64, 0),
    "created": (np.int64, 0),
    "quantity": (np.int64, -1),
    "price_factor": (np.float64, -1),  # of the list price; −1 as quoted
    "entry": (np.int64, -1),
    "dwell": (np.float64, -1),  # seconds
    "device": (np.int64, -1),
    "ip": (np.int64, -1),
    "address": (np.int64, -1),
    "region": (np.int64, -1),  # county of the address
    "looks": (np.int64, -1),  # visits before the order
    "cancel": (np.int64, -1),  # 0 never, 1 surely
    "refund": (np.int64, -1),  # 0 never, 1 surely
    "ship_delay": (np.int64, -1),  # seconds from payment to collection
    "confirm_delay": (np.int64, -1),  # seconds from signing to confirmation
    "rate": (np.int64, -1),  # 0 never, 1 surely
    "stars": (np.int64, -1),
    "rate_delay": (np.int64, -1),  # seconds from confirmation to rating
    "palette": (np.int64, -1),  # of texts; −1 own words
    "amend_delay": (np.int64, -1),  # seconds from rating to a changed one, −1 as people do
    "amend_stars": (np.int64, -1),
    "weight": (np.float64, -1),  # grams of the parcel
    "sender": (np.int64, -1),
    "origin": (np.int64, -1),  # county from which the parcel leaves
    "receiver": (np.int64, -1),  # address to which the parcel goes, −1 that of the order
    "destination": (np.int64, -1),  # county to which the parcel goes
    "route": (np.int64, 0),  # see logistics.ROUTES
    "courier": (np.int64, -1),
    "signed": (np.int64, -1),  # when it is signed, −1 as it comes
    "scheme": (np.int64, -1),
    "forged": (np.int64, -1),  # the scheme of a forged signing
    "number": (np.int64, -1),
}


def drafts(size: int, **decided: Any) -> Drafts:
    """Drafts in which the named decisions are taken and the others are left to chance; arrays or one value
    for all."""
    if unknown := decided.keys() - DECISIONS.keys():
        raise ValueError(f"订单草稿没有这些决定：{unknown} / drafts know no such decisions: {unknown}")
    return {
        name: np.broadcast_to(np.asarray(decided.get(name, usual), dtype=kind), (size,)).copy()
        for name, (kind, usual) in DECISIONS.items()
    }


def joined(parts: list[Drafts]) -> Drafts:
    """All drafts as one."""
    if not parts:
        return drafts(0)
    return {name: np.concatenate([part[name] for part in parts]) for name in DECISIONS}


def taken(source: Drafts, rows: NDArray[Any]) -> Drafts:
    """The drafts at the given rows, or where a mask holds."""
    return {name: column[rows] for name, column in source.items()}


def size_of(source: Drafts) -> int:
    """How many drafts there are."""
    return len(source["shop"])
