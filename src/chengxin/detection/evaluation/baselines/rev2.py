"""REV2 without its behaviour term: fairness, reliability and goodness in one another's terms."""

from __future__ import annotations

from itertools import product

import numpy as np
import polars as pl

from chengxin.detection.opinions.rating_graph import exact_sum

SMOOTHING = (0.0, 1.0, 2.0)  # the pseudo-counts over which the paper averages when nothing is labelled
OWN = (
    0.0,
    1.0,
    2.0,
)  # how much a rating's reliability leans on its rater's fairness, against 1 for its agreement
ROUNDS = 100
SETTLED = 1e-4


def rev2(edges: pl.DataFrame) -> tuple[pl.DataFrame, float]:
    """Fairness (0–1) of each rater, averaged over the pseudo-counts, and that of one who gave nothing.

    `edges`: rater, ratee, score (−1…1). The prior of fairness is the mean fairness, that of goodness the mean
    score. The authors' BIRDNEST term is not part of it.

    Source: S. Kumar et al., REV2: Fraudulent User Prediction in Rating Platforms, WSDM 2018.
    """
    raters, ratees = edges["rater"].unique().sort(), edges["ratee"].unique().sort()
    rater = raters.search_sorted(edges["rater"]).to_numpy().astype(np.int64)
    ratee = ratees.search_sorted(edges["ratee"]).to_numpy().astype(np.int64)
    score = edges["score"].cast(pl.Float64).to_numpy()
    given = np.bincount(rater, minlength=len(raters))
    received = np.bincount(ratee, minlength=len(ratees))
    sums = np.zeros(len(raters))
    priors = []
    for doubt, calm, own in product(SMOOTHING, SMOOTHING, OWN):
        fairness, goodness = np.ones(len(raters)), np.ones(len(ratees))
        prior, middle = 1.0, float(np.mean(np.sort(score)))
        for _ in range(ROUNDS):
            agreement = 1 - np.abs(score - goodness[ratee]) / 2
            reliability = (own * fairness[rater] + agreement) / (own + 1)
            found = (doubt * prior + exact_sum(rater, reliability, len(raters))) / (doubt + given)
            goodness = (calm * middle + exact_sum(ratee, reliability * score, len(ratees))) / (
                calm + received
            )
            change = float(np.max(np.abs(found - fairness)))
            fairness, prior = found, float(np.mean(np.sort(found)))
            if change < SETTLED:
                break
        sums += fairness
        priors.append(prior)
    ways = len(priors)
    return (
        pl.DataFrame({"rater": raters, "fairness": sums / ways}).with_columns(pl.col("fairness").round(6)),
        round(float(np.mean(priors)), 6),
    )
