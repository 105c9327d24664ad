"""A shop's conduct: what it does to a part of its real customers' orders for a while."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray

from chengxin.market.drafts import Drafts
from chengxin.market.numbers import Generator

Decide = Callable[[Generator, Drafts], NDArray[Any]]


@dataclass(frozen=True)
class Conduct:
    """What a shop does to a share of the orders placed with it from `start` to `end`.

    `decisions` are the drafts' columns that it decides, given the drafts in question. `scheme` and `forged`
    are schemes' numbers, −1 for the honest. `reward` is the least and most that a rater gets back, in yuan.
    """

    shop: int
    start: int
    end: int
    share: float
    decisions: Mapping[str, Decide] = field(default_factory=dict)
    scheme: int = -1
    forged: int = -1
    reward: tuple[float, float] | None = None
