"""How many failed attempts to sign in are let through before the next one has to wait. Pure.

Nobody may be locked out by somebody else. So failures are counted apart:

- under one name from one place. A place is the browser that signed in under this name before (it holds a
  cookie that says so, OWASP's device cookie), or else the address;
- under one name from all strangers together: from browsers and addresses that never signed in under it. This
  limit slows guessing that is spread over many addresses; it never touches the owner's browser or address;
- from one address under all names, against trying one password on many names. The owner's browser is exempt.

A limit lets `allowed` failures into any `window`; a good sign-in makes the failures of its own place before
it forgotten, those of others not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Limit:
    """At most `allowed` failures within `window`."""

    allowed: int
    window: timedelta


PLACE = Limit(5, timedelta(minutes=15))
"""Under one name from one place."""

STRANGERS = Limit(20, timedelta(hours=1))
"""Under one name from all strangers together."""

ADDRESS = Limit(100, timedelta(minutes=15))
"""From one address under all names."""

LONGEST = max(one.window for one in (PLACE, STRANGERS, ADDRESS))

NO_WAIT = timedelta()


@dataclass(frozen=True)
class Tried:
    """One attempt as the rule sees it. `name` and `address` only need to be equal for equal ones."""

    name: bytes
    address: str
    device: str
    good: bool
    at: datetime


@dataclass(frozen=True)
class Now:
    """Who wants to try: under which name, from which address and known browser (empty for none), when.

    at_home  whether this address signed in under this name before
    """

    name: bytes
    address: str
    device: str
    at_home: bool
    at: datetime

    @property
    def stranger(self) -> bool:
        """Neither the browser nor the address is known under this name."""
        return not self.device and not self.at_home


def wait(now: Now, before: Iterable[Tried], homes: frozenset[str]) -> timedelta:
    """How long this attempt has to wait; nothing when it may go ahead.

    before  the attempts under this name or from this address within LONGEST, in any order
    homes   the addresses that signed in under this name before
    """
    tried = sorted(before, key=lambda one: one.at)
    under = [one for one in tried if one.name == now.name]
    here = [one for one in under if _place(one.address, one.device) == _place(now.address, now.device)]
    waits = [_wait(PLACE, _failures_since_success(here), now.at)]
    if now.stranger:
        strange = [one.at for one in under if not one.good and not one.device and one.address not in homes]
        waits.append(_wait(STRANGERS, strange, now.at))
    if not now.device:
        everywhere = [
            one.at for one in tried if one.address == now.address and not one.good and not one.device
        ]
        waits.append(_wait(ADDRESS, everywhere, now.at))
    return max(waits)


def _place(address: str, device: str) -> tuple[str, str]:
    return ("device", device) if device else ("address", address)


def _failures_since_success(tried: Sequence[Tried]) -> list[datetime]:
    last = max((number for number, one in enumerate(tried) if one.good), default=-1)
    return [one.at for one in tried[last + 1 :] if not one.good]


def _wait(limit: Limit, failures: Sequence[datetime], now: datetime) -> timedelta:
    """Until the oldest of the last `allowed` failures has left the window."""
    if len(failures) < limit.allowed:
        return NO_WAIT
    return max(NO_WAIT, failures[-limit.allowed] + limit.window - now)
