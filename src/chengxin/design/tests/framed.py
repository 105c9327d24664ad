"""A part of a page in the least frame that makes it a page."""

from __future__ import annotations


def framed(part: str) -> str:
    """The part as a whole page."""
    return (
        '<!doctype html><html lang="zh-Hans"><head><meta charset="utf-8"><title>x</title></head><body>'
        '<header><nav aria-label="x"></nav></header>'
        f'<main id="main"><h1>x</h1>{part}</main><footer></footer></body></html>'
    )
