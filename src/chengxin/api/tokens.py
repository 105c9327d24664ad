"""API tokens: `api_tokens.json` in the home folder, from a token's SHA-256 to the code of its organisation.

A token is 32 random bytes, so a plain hash of it can't be turned back; the token itself is shown once and not
kept.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from hashlib import sha256
from pathlib import Path

FILE = "api_tokens.json"


def issue(home: Path, organisation: str) -> str:
    """Make a token for the organisation with this code and note its hash; the token itself isn't kept."""
    token = secrets.token_urlsafe(32)
    path = home / FILE
    held = _read(path) | {_hash(token): organisation}
    draft = path.with_name(f"{FILE}.{os.getpid()}")
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(held, indent=1))
    draft.replace(path)
    return token


def holder(home: Path, token: str) -> str | None:
    """The code of the organisation whose token this is, or None."""
    given = _hash(token)
    return next((code for kept, code in _read(home / FILE).items() if hmac.compare_digest(kept, given)), None)


def _read(path: Path) -> dict[str, str]:
    try:
        held: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        return {}
    return held


def _hash(token: str) -> str:
    return sha256(token.encode()).hexdigest()
