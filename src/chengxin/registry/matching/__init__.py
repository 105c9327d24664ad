"""Matching: whether two descriptions are of one subject, how probably, and why.

`comparisons` says what is compared, `parameters.toml` what it weighs, `thresholds.toml` from where it counts;
`scoring` does it, `training` learns the weights, `evaluate` measures the result on labelled data.
"""

from __future__ import annotations

from chengxin.registry.matching.scoring import MOST_CANDIDATES, candidates, name_score, score_pairs
from chengxin.registry.matching.thresholds import Thresholds, thresholds

__all__ = ["MOST_CANDIDATES", "Thresholds", "candidates", "name_score", "score_pairs", "thresholds"]
