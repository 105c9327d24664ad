"""What is held against what: a platform's report, and the registers' records, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Report:
    """What a platform reported: one operator and one of its shops, in one report period ("2026-07").

    `number` is the keyed hash of a natural person's document number.
    """

    id: int
    name: str
    natural: bool
    kinds: tuple[str, ...]
    platform: str
    shop: str
    period: str
    code: str | None = None
    number: bytes | None = None
    legal_person: str | None = None
    region: str | None = None
    address: str | None = None
    opened: date | None = None
    closed: date | None = None


@dataclass(frozen=True)
class Registration:
    """One entry of the register. `status` in the words of the catalogue (存续, 停业, 吊销, …)."""

    name: str
    kind: str
    status: str
    approved: date
    code: str | None = None
    former_name: str | None = None
    legal_person: str | None = None
    region: str | None = None
    address: str | None = None
    established: date | None = None
    since: date | None = None


@dataclass(frozen=True)
class Licence:
    """One licence. `stands`: its authority calls it valid; `certificate`: what the paper is called ("" for
    decisions that come without one); `title`: what the decision is called.
    """

    name: str
    title: str
    certificate: str
    starts: date
    ends: date
    stands: bool
    number: bytes | None = None

    def valid_on(self, day: date) -> bool:
        """Whether it may be used on the day."""
        return self.stands and self.starts <= day <= self.ends


@dataclass(frozen=True)
class Listing:
    """An entry in the list of abnormal operation (经营异常名录); `removed` is the day of removal."""

    reason: str
    listed: date
    removed: date | None = None


@dataclass(frozen=True)
class Held:
    """What the registers hold on a subject; `registrations` the newest first."""

    registrations: tuple[Registration, ...] = ()
    licences: tuple[Licence, ...] = ()
    listings: tuple[Listing, ...] = ()
