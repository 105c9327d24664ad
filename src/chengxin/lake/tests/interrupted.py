"""A process that imports and is killed, without any chance to tidy up, just before its nth rename or COPY.

    python -m chengxin.lake.tests.interrupted LAKE FILE WHAT NTH

WHAT is `rename` or `copy`.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import Any

from chengxin.lake import checking
from chengxin.lake.tests.sending import sent


def _killing(function: Any, left: list[int]) -> Any:
    def call(*given: Any, **named: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*given, **named)

    return call


class _Killed:
    """A connection that kills its process at the nth COPY, while DuckDB may be writing."""

    def __init__(self, connection: Any, left: list[int]) -> None:
        self.connection, self.left = connection, left

    def execute(self, statement: str, *given: Any) -> Any:
        if statement.startswith("COPY"):
            self.left[0] -= 1
            if self.left[0] == 0:
                out = statement.rpartition(" TO '")[2].partition("'")[0]
                Path(out).write_bytes(b"PAR1 half a file")
                os.kill(os.getpid(), signal.SIGKILL)
        return self.connection.execute(statement, *given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.connection, name)


if __name__ == "__main__":
    lake, file, what, nth = sys.argv[1:]
    count = [int(nth)]
    if what == "rename":
        os.replace = _killing(os.replace, count)
    else:
        plain = checking.connected
        checking.connected = lambda *given: _Killed(plain(*given), count)
    sent(Path(lake), Path(file))
