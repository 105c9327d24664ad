"""What the nightly run does for objections and repairs: overdue ones are told, followed ones are closed."""

from __future__ import annotations

from chengxin.decisions import copies, repairs
from chengxin.decisions.nightly import NIGHTLY

NIGHTLY += [
    ("repairs_followed", repairs.follow),
    ("remedies_overdue", repairs.remind),
    ("copies_late", copies.escalate),
]
