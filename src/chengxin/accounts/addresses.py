"""From where a request comes.

X-Forwarded-For is whatever its sender writes. It is believed only as far as proxies wrote it that
CHENGXIN_TRUSTED_PROXIES names (addresses or networks, parted by commas).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network

from django.conf import settings
from django.http import HttpRequest

Network = IPv4Network | IPv6Network

UNKNOWN = "?"


@cache
def _networks(named: str) -> tuple[Network, ...]:
    return tuple(ip_network(one.strip(), strict=False) for one in named.split(",") if one.strip())


def client_address(request: HttpRequest) -> str:
    """The address of whoever asks, behind the proxies that we trust."""
    return behind(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        _networks(settings.TRUSTED_PROXIES),
    )


def behind(remote: str, forwarded: str, trusted: Sequence[Network]) -> str:
    """The last address of the chain that no trusted proxy has; `forwarded` is X-Forwarded-For."""
    chain = [*(one.strip() for one in forwarded.split(",") if one.strip()), remote]
    while len(chain) > 1 and _within(chain[-1], trusted) and _valid(chain[-2]):
        chain.pop()
    return _plain(chain[-1])


def _within(address: str, networks: Sequence[Network]) -> bool:
    return _valid(address) and any(ip_address(address) in one for one in networks)


def _valid(address: str) -> bool:
    try:
        ip_address(address)
    except ValueError:
        return False
    return True


def _plain(address: str) -> str:
    """One spelling; of IPv6 the network of 64 bits, since one household has as many addresses as it likes."""
    if not _valid(address):
        return UNKNOWN
    found = ip_address(address)
    if found.version == 6:
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else str(ip_network(f"{found}/64", strict=False))
    return str(found)
