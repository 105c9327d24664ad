"""Room 1, the kernel: plain rules on codes, dates, periods and proofs; it knows nothing of the domain."""

from __future__ import annotations
