"""What the night brings: leads whose day has come, and word of a model that is right too seldom."""

from __future__ import annotations

from datetime import date, timedelta

from chengxin.decisions.nightly import NIGHTLY
from chengxin.desk.actions import notify
from chengxin.ledger.actions import appending
from chengxin.triage.acting import come_due
from chengxin.triage.calibrating import recalibrate
from chengxin.triage.detectors import detectors
from chengxin.triage.models import Calibration
from chengxin.triage.queries import precisions

AGAIN = timedelta(days=30)
"""After how many days the owner is told once more."""


def models_judged(today: date) -> int:
    """Tell the owner of the models which of them fell below its bar; returns how many are told of."""
    told = 0
    known = Calibration.objects.in_bulk()
    for one in precisions(today):
        last = known[one.detector].told_on if one.detector in known else None
        if one.below and (last is None or today - last >= AGAIN):
            _tell(one.detector, one.hits, one.all)
            Calibration.objects.filter(pk=one.detector).update(told_on=today)
            told += 1
        elif not one.below and last is not None:
            Calibration.objects.filter(pk=one.detector).update(told_on=None)
    return told


def _tell(detector: str, hits: int, all_: int) -> None:
    of = detectors()[detector]
    with appending() as log:
        recalibrate(log, detector)
        notify(
            "model.own", organisation=None,
            zh=f"模型“{of.zh}”近半年{all_}条线索中查实{hits}条，低于{of.bar:.0%}的要求",
            en=f"Model '{of.en}': {hits} of {all_} leads of the last half-year were true, below its "
            f"bar of {of.bar:.0%}",
            url="/work/leads#models",
        )  # fmt: skip


def leads_due(today: date) -> int:
    """Leads whose day has passed wait again; returns how many."""
    done = 0
    while some := come_due(today):
        done += some
    return done


NIGHTLY.append(("leads_due", leads_due))
NIGHTLY.append(("models_judged", models_judged))
