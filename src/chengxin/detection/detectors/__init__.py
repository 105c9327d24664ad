"""The detectors, each in a file of its own: `ALL` by name, in the order of the contract."""

from __future__ import annotations

from importlib import import_module

from chengxin.detection.declaring import Detector

NAMES = (
    "brushing", "inflated_ratings", "malicious_ratings", "empty_parcels", "forged_logistics", "fake_traffic",
    "price_fraud", "not_as_described", "counterfeit", "look_alikes", "re_entry", "data_scraping",
)  # fmt: skip


def detector(name: str) -> Detector:
    """The detector of that name; KeyError for none."""
    if name not in NAMES:
        raise KeyError(name)
    found = import_module(f"{__name__}.{name}").DETECTOR
    assert isinstance(found, Detector)  # noqa: S101 # each file declares one
    return found
