"""What follows from entries in lists: registered where the decisions look for it."""

from __future__ import annotations

from chengxin.decisions.entries import on_entry
from chengxin.measures import dispatch

on_entry("published")(dispatch.on_published)
on_entry("ended")(dispatch.on_ended)
on_entry("suspended")(dispatch.on_suspended)
on_entry("resumed")(dispatch.on_resumed)
