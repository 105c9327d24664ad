"""Whose records are these? Many rows at once: by identifier, else by what else is known, else new."""

from __future__ import annotations

from chengxin.registry.resolving.subjects import Memory, Resolution, resolve

__all__ = ["Memory", "Resolution", "resolve"]
