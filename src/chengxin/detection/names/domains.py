"""The parts of a domain name: who may register what under which suffix. Never asks the network."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, lru_cache

import tldextract

from chengxin.detection.names.confusables import plain

_SILENT = frozenset({"www", "m", "wap", "mobile", "h5"})
"""First parts of a host that say how a site is shown, not whose it is."""


@dataclass(frozen=True)
class Domain:
    """A host in its parts, decoded: `label` is what its owner chose, `suffix` what is open to everybody."""

    host: str
    label: str
    suffix: str
    under: tuple[str, ...] = ()
    """What stands before the label, from left to right, without `www` and the like."""

    @property
    def registered(self) -> str:
        """The label with its suffix: what somebody has paid for."""
        return f"{self.label}.{self.suffix}" if self.suffix else self.label


@cache
def _suffixes() -> tldextract.TLDExtract:
    """The list of public suffixes that comes with the library (publicsuffix.org)."""
    return tldextract.TLDExtract(cache_dir=None, suffix_list_urls=(), fallback_to_snapshot=True)


def host_of(text: str) -> str:
    """The host in an address or a domain as somebody typed it: `HTTPS://www.A.cn:80/x` gives `www.a.cn`.

    Punycode (RFC 3492) is decoded, so that the host reads as a browser may show it.
    """
    bare = text.strip().partition("://")[2] or text.strip()
    bare = bare.split("/")[0].split("?")[0].split("#")[0].rpartition("@")[2].split(":")[0]
    bare = bare.replace("。", ".").strip(".").lower()
    return ".".join(_decoded(part) for part in bare.split("."))


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


@lru_cache(maxsize=500_000)
def split(text: str) -> Domain | None:
    """The parts of a domain or an address; None for what is none (empty, a number, no point in it)."""
    host = host_of(text)
    found = _suffixes().extract_str(host)
    label, suffix = found.domain, found.suffix
    if not label or not suffix or label.replace(".", "").isdigit():
        return None
    under = tuple(part for part in found.subdomain.split(".") if part and part not in _SILENT)
    return Domain(host, label, plain(suffix), under)
