"""Hold a home's database up until standard input ends; prints its URL. `python -m bench.hold HOME`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from chengxin.database.start import start

if __name__ == "__main__":
    start(Path(sys.argv[1]))
    sys.stdout.write(os.environ["CHENGXIN_DATABASE_URL"] + "\n")
    sys.stdout.flush()
    sys.stdin.read()
