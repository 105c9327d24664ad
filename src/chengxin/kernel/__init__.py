"""Room 1, the kernel: plain rules on codes, dates, periods and proofs that know nothing of the domain above."""

from __future__ import annotations
