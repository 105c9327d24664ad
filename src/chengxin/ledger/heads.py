"""Tree heads as a verification reads them: their signatures, their row, and what they bear witness to."""

from __future__ import annotations

from dataclasses import dataclass, field

from chengxin.kernel.crypto import signature_holds
from chengxin.kernel.merkle import checkpoint
from chengxin.ledger.actions import ORIGIN
from chengxin.ledger.bodies import moment_sql
from chengxin.ledger.faults import Fault, head_foreign, head_removed, head_unsigned

COLUMNS = (
    f"size, coalesce(previous, -1), coalesce(root, ''), coalesce({moment_sql('signed_at')}, ''), "
    "coalesce(signature, '')"
)


@dataclass(frozen=True)
class Head:
    """One row of the table of heads."""

    size: int
    previous: int
    root: bytes
    signed_at: str
    signature: bytes

    def signed(self, public_key: bytes) -> bool:
        """Whether the signature holds."""
        text = checkpoint(ORIGIN, self.size, self.root, self.previous, self.signed_at)
        return signature_holds(public_key, text, self.signature)


@dataclass
class Witness:
    """What the heads say, taken in their order."""

    sound: int = 0
    """Size of the last head that is signed and agrees with the leaves."""
    contradicted: list[int] = field(default_factory=list)
    """Sizes of signed heads with another root than the leaves have."""
    _unsigned: list[int] = field(default_factory=list)
    _removed: list[int] = field(default_factory=list)
    _last: int = 0
    _last_signed: int = 0

    def hear(self, head: Head, signed: bool, root: bytes | None) -> None:
        """Take the next head; `root`: what the leaves give for its size, None where leaves are missing."""
        if not signed:
            self._unsigned.append(head.size)
        else:
            if head.previous not in (self._last, self._last_signed):
                self._removed.append(head.previous)
            if root == head.root:
                self.sound = head.size
            elif root is not None:
                self.contradicted.append(head.size)
            self._last_signed = head.size
        self._last = head.size

    @property
    def doubt(self) -> tuple[int, int] | None:
        """The first and last leaf between which the leaves cease to be what was signed, if they do."""
        later = [size for size in self.contradicted if size > self.sound]
        return (self.sound, later[0] - 1) if later else None

    def faults(self) -> list[Fault]:
        """What is wrong with the heads themselves."""
        signed = max(self.sound, self._last_signed)
        found = [head_foreign(size) for size in self.contradicted if size < self.sound]
        found += [head_removed(size) for size in self._removed]
        for size in self._unsigned:
            found.append(
                head_unsigned(size, None, None) if size < signed else head_unsigned(size, signed, size - 1)
            )
        return found
