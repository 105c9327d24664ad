"""What follows from entries in lists, and every night: registered where the decisions look for it."""

from __future__ import annotations

from chengxin.decisions.entries import on_entry
from chengxin.decisions.nightly import NIGHTLY
from chengxin.measures import dispatch, nightly

on_entry("published")(dispatch.on_published)
on_entry("ended")(dispatch.on_ended)
on_entry("suspended")(dispatch.on_suspended)
on_entry("resumed")(dispatch.on_resumed)

NIGHTLY += [("measures_over", nightly.end), ("measures_overdue", nightly.remind)]
