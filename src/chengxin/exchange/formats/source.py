"""Bytes at rest: a file that was sent, or a temporary one that vanishes with its owner."""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator
from pathlib import Path

from chengxin.exchange.formats.limits import BLOCK_BYTES


class Source:
    """An open file, read by position, so that several readers don't disturb each other.

    `start` is where its content begins (behind a byte order mark). Closed when nobody holds it any more.
    """

    def __init__(self, descriptor: int, start: int = 0) -> None:
        self.descriptor = descriptor
        self.start = start
        self.close = weakref.finalize(self, os.close, descriptor)

    @property
    def size(self) -> int:
        """Bytes of the whole file."""
        return os.fstat(self.descriptor).st_size

    def read(self, at: int, length: int) -> bytes:
        """The bytes from `at` on, fewer only at the end of the file."""
        found = os.pread(self.descriptor, length, at)
        while len(found) < length and (
            more := os.pread(self.descriptor, length - len(found), at + len(found))
        ):
            found += more  # one read may stop short on a network drive
        return found

    def pieces(self, length: int = BLOCK_BYTES) -> Iterator[bytes]:
        """The content piece by piece."""
        at = self.start
        while piece := self.read(at, length):
            yield piece
            at += len(piece)

    def line(self, at: int) -> int:
        """The number (from 1) of the line in which the byte at `at` stands."""
        number, here = 1, self.start
        while here < at and (piece := self.read(here, min(BLOCK_BYTES, at - here))):
            number += piece.count(b"\n")
            here += len(piece)
        return number


def opened(path: Path) -> Source:
    """The file at a path."""
    return Source(os.open(path, os.O_RDONLY))


def temporary(beside: Path) -> int:
    """Descriptor of an empty file without a name, beside the file that it is made from if that is allowed.

    Beside it, since there is room for files of that size there; without a name, so that nothing is left
    behind however the process ends.
    """
    folder = beside.parent if os.access(beside.parent, os.W_OK) else None
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        return os.dup(file.fileno())
