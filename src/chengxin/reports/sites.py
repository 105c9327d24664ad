"""Where this installation is reached: for addresses that stand on paper."""

from __future__ import annotations

import os

from django.conf import settings

HERE = "http://127.0.0.1:8000"


def site() -> str:
    """CHENGXIN_SITE where it is set, else the first name under which the site answers, else this machine."""
    if named := os.environ.get("CHENGXIN_SITE", "").strip().rstrip("/"):
        return named if "://" in named else f"https://{named}"
    hosts = [host for host in settings.ALLOWED_HOSTS if host not in _HERE and "*" not in host]
    return f"{'https' if settings.HTTPS else 'http'}://{hosts[0].lstrip('.')}" if hosts else HERE


def verification_address(site: str, number: int, code: str) -> str:
    """Where a report is held against the ledger; `code`: the first digits of its hash."""
    return f"{site.rstrip('/')}/reports/{number}?code={code}"


_HERE = frozenset({"127.0.0.1", "localhost", "[::1]", "testserver", ""})
