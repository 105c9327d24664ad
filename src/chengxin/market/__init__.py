"""An invented province's market, honest and dishonest, written as a lake with the truth beside it."""

from __future__ import annotations

from chengxin.market.build import build
from chengxin.market.plan import Plan
from chengxin.market.truth import Truth

__all__ = ["Plan", "Truth", "build"]
