"""The cities of the province, for filters."""

from __future__ import annotations

from chengxin.accounts.permissions import prefix
from chengxin.rulebook import places

CITIES: tuple[tuple[str, str], ...] = tuple((prefix(one.code), one.name) for one in places.cities())
"""(beginning of the region's code, name) of each city and of each zone that acts as one."""
