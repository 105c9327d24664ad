"""Processes that are measured: started, watched for their memory, stopped again (Linux: by /proc)."""

from __future__ import annotations

import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

INTERVAL = 0.25
"""Seconds between two looks at the memory."""

_PAGE = os.sysconf("SC_PAGE_SIZE")
_TICKS = os.sysconf("SC_CLK_TCK")
_STARTING = 60.0
_STOPPING = 30.0
ROOT = Path(__file__).parent.parent


def family(pid: int) -> set[int]:
    """A process and all that descend from it."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            except OSError:
                continue
            parents[int(folder.name)] = int(fields[1])
    found = {pid}
    while grown := {child for child, parent in parents.items() if parent in found and child not in found}:
        found |= grown
    return found


def resident(pids: set[int]) -> int:
    """Their resident memory in bytes; memory that two of them share counts twice."""
    total = 0
    for pid in pids:
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
        except OSError:
            continue
    return total


def proportional(pids: set[int]) -> int:
    """Their resident memory in bytes, what they share counted once (PostgreSQL's buffers are shared)."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
    return total


def computed(pid: int) -> float:
    """Seconds that a process, all that descend from it and those that have ended have computed."""
    ticks = 0
    for one in family(pid):
        try:
            fields = Path(f"/proc/{one}/stat").read_text(errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        ticks += sum(map(int, fields[11:15] if one == pid else fields[11:13]))
    return ticks / _TICKS


class Watch(threading.Thread):
    """Looks at the memory of a process's family, and of a database server's if there is one, until `stop`.

    own, server: the highest seen, in bytes.
    """

    def __init__(self, pid: int, postmaster: int | None) -> None:
        super().__init__(daemon=True)
        self.own = self.server = 0
        self._pid, self._postmaster = pid, postmaster
        self._over = threading.Event()

    def run(self) -> None:
        """Look until told to stop; at the server, which costs more, at every eighth time."""
        turn = 0
        while not self._over.wait(INTERVAL):
            self.own = max(self.own, resident(family(self._pid)))
            if turn % 8 == 0 and self._postmaster is not None:
                self.server = max(self.server, proportional(family(self._postmaster)))
            turn += 1

    def stop(self) -> None:
        """No further look."""
        self._over.set()
        self.join()


@dataclass(frozen=True)
class Run:
    """A command that ran to its end: seconds from start to exit, output, highest memory (bytes).

    cpu, server_cpu: seconds of computing, its own and PostgreSQL's.
    """

    seconds: float
    output: str
    memory: int
    server_memory: int
    cpu: float
    server_cpu: float


class CommandFailed(RuntimeError):
    """A measured command ended with an error; the message ends with what it said."""


def run(command: list[str], postmaster: int | None, environment: Mapping[str, str] | None = None) -> Run:
    """Run a command and watch it, and the database server if it uses one.

    CommandFailed when it doesn't end with 0.
    """
    server_before = computed(postmaster) if postmaster is not None else 0.0
    began, own = time.perf_counter(), _children()
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=_environment(environment),
    )
    watch = Watch(process.pid, postmaster)
    watch.start()
    output, said = process.communicate()
    seconds = time.perf_counter() - began
    watch.stop()
    if process.returncode:
        raise CommandFailed(f"{' '.join(command[:4])} …: {process.returncode}\n{said[-2000:]}")
    spent = computed(postmaster) - server_before if postmaster is not None else 0.0
    return Run(seconds, output, watch.own, watch.server, _children() - own, spent)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def run_through(command: list[str]) -> None:
    """Run a command whose output the person at the terminal sees. CommandFailed as of `run`."""
    done = subprocess.run(command, cwd=ROOT, env=_environment(), check=False)  # noqa: S603
    if done.returncode:
        raise CommandFailed(f"{' '.join(command[:4])} …: {done.returncode}")


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a module of the benchmark."""
    return [sys.executable, "-m", f"bench.{module}", *arguments]


def chengxin(*arguments: str) -> list[str]:
    """The command line of this project."""
    return [sys.executable, "-c", "from chengxin.cli.main import main; main()", *arguments]


@dataclass(frozen=True)
class Database:
    """A home whose database is up: its URL and the process id of the server."""

    home: Path
    url: str
    postmaster: int


@contextmanager
def database(home: Path) -> Iterator[Database]:
    """Keep the database of a home up, its schema made, while the block runs."""
    home.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(  # noqa: S603 - our own commands
        python("hold", str(home)),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=_environment(),
    )
    assert process.stdin is not None  # noqa: S101
    assert process.stdout is not None  # noqa: S101
    try:
        url = process.stdout.readline().strip()
        if not url:
            raise CommandFailed(f"the database of {home} did not start")
        postmaster = int((home / "postgres" / "postmaster.pid").read_text().split("\n", 1)[0])
        yield Database(home, url, postmaster)
    finally:
        process.stdin.close()
        process.wait(_STOPPING)


@contextmanager
def server(
    command: list[str], port: int, environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Keep a server up while the block runs, which begins when it listens."""
    process = subprocess.Popen(  # noqa: S603 - our own commands
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=ROOT, env=_environment(environment)
    )
    try:
        _listening(process, port)
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOPPING)
        except subprocess.TimeoutExpired:
            for pid in family(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.wait()


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listening(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _STARTING
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise CommandFailed(f"the server for port {port} ended with {process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise CommandFailed(f"nothing listens on port {port}")


def _environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """The benchmark always uses the database that comes with the packages."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "CHENGXIN_HOME")
    }
    return {**kept, **(more or {})}
