"""诚信 Chengxin: an open e-commerce credit platform."""

from __future__ import annotations

__version__ = "0.1.0"
