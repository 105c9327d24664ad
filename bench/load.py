"""The load generator: kept-alive connections, each asking as soon as it is answered, nothing pipelined.

One process on raw sockets and epoll, the same for every server measured. It reports how much of a core it
took itself, so that the reader sees that it was not what held the figures down.
Run as `python -m bench.load PORT FILE [WARM_UP MEASURE]`: FILE holds a code a line; prints a line of JSON.
"""

from __future__ import annotations

import random
import select
import socket
import sys
import time
from array import array
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson

CONNECTIONS = 8
WARM_UP = 3.0
MEASURE = 10.0
"""Seconds."""

_END = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True)
class Load:
    """Requests a second, latencies in milliseconds, and the generator's own share of a core."""

    rate: float
    p50: float
    p99: float
    requests: int
    failures: int
    busy: float


class _Connection:
    """One kept-alive connection with a request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.missing = -1
        self.head = b""
        self.ok = False

    def ask(self, request: bytes) -> None:
        self.missing, self.head = -1, b""
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Read what is there; whether the answer is complete."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("the server closed the connection")
        if self.missing >= 0:
            self.missing -= len(part)
            return self.missing <= 0
        self.head += part
        end = self.head.find(_END)
        if end < 0:
            return False
        head = self.head[:end].lower()
        self.ok = head[9:12] == b"200"
        at = head.index(_LENGTH) + len(_LENGTH)
        length = int(head[at:].split(b"\r\n", 1)[0])
        self.missing = length - (len(self.head) - end - len(_END))
        return self.missing <= 0


def load(port: int, codes: list[str], warm_up: float = WARM_UP, measure: float = MEASURE) -> Load:
    """Ask for random codes as fast as the server at `port` answers.

    warm_up, measure: seconds, of which the first don't count. The codes are asked in the same order of every
    server. TimeoutError when one answer takes longer than five seconds.
    """
    choose = random.Random(len(codes))  # noqa: S311 - which codes are asked is no secret
    requests = [
        f"GET /api/v1/subjects/{code} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode() for code in codes
    ]
    choose.shuffle(requests)
    held = {one.socket.fileno(): one for one in (_Connection(port) for _ in range(CONNECTIONS))}
    ready = select.epoll()
    for number in held:
        ready.register(number, select.EPOLLIN)
    following = 0
    for one in held.values():
        one.ask(requests[following % len(requests)])
        following += 1
    began = time.perf_counter() + warm_up
    stop = began + measure
    spent, latencies, failures, counting = 0.0, array("d"), 0, False
    while True:
        events = ready.poll(5)
        if not events:
            raise TimeoutError("no answer within 5 seconds")
        for number, _ in events:
            one = held[number]
            if not one.answered():
                continue
            if counting:
                now = time.perf_counter()
                latencies.append(now - one.sent_at)
                failures += not one.ok
            one.ask(requests[following % len(requests)])
            following += 1
        now = time.perf_counter()
        if not counting and now >= began:
            counting, began, spent = True, now, time.process_time()
        elif counting and now >= stop:
            break
    spent = time.process_time() - spent
    elapsed = now - began
    for one in held.values():
        one.socket.close()
    ordered = sorted(latencies)
    return Load(
        rate=len(ordered) / elapsed,
        p50=ordered[len(ordered) // 2] * 1e3,
        p99=ordered[len(ordered) * 99 // 100] * 1e3,
        requests=len(ordered),
        failures=failures,
        busy=spent / elapsed,
    )


def main() -> None:
    """As the module says."""
    port, codes = int(sys.argv[1]), Path(sys.argv[2]).read_text().split()
    seconds = [float(one) for one in sys.argv[3:]]
    sys.stdout.write(orjson.dumps(asdict(load(port, codes, *seconds))).decode() + "\n")


if __name__ == "__main__":
    main()
