"""API keys: what a machine of an organisation shows. Shown once, kept as SHA-256.

A key is 32 random bytes, so a plain hash of it can't be turned back.
"""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

from django.db import connection
from django.utils import timezone

from chengxin.accounts.invitations import NotDone
from chengxin.accounts.models import ApiKey, Organisation
from chengxin.accounts.permissions import (
    Actor,
    Forbidden,
    Grant,
    Target,
    action,
    at_the_console,
    forbidden,
    roles,
)
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import appending

SCOPES = (
    "batch.send", "batch.read", "quality.read", "change.receive", "admission.check",
    "lead.read", "lead.report",
)  # fmt: skip
"""Actions of the table of permissions that make sense for machines."""

LONGEST = timedelta(days=366)
BEGINS = "cx_"
"""How a key begins, so that it is recognised where it must not lie."""

PER_MINUTE = 60
MOST_PER_MINUTE = 6_000
_SHOWN = 9
"""Characters of a key by which a person recognises it."""

OLD_FILE = "api_tokens.json"
"""Where tokens lay before there was a table."""


@dataclass(frozen=True)
class Shown:
    """A key as the API sees it: who acts, what it may do, how much of its limit is left this minute."""

    id: int
    actor: Actor
    organisation: Organisation
    scopes: tuple[str, ...]
    per_minute: int
    left: int
    seconds: int

    def must(self, action_id: str) -> None:
        """Raise Forbidden unless this key's scopes have the action."""
        if action_id not in self.scopes:
            raise _not_in_scope(action_id)


def make(
    actor: Actor,
    organisation: Organisation,
    name: str,
    scopes: Sequence[str],
    *,
    expires_at: datetime,
    per_minute: int = PER_MINUTE,
) -> str:
    """Make a key; the key itself is returned once and kept nowhere. Raises NotDone."""
    actor.must("key.manage", Target(organisation=organisation.pk))
    if problems := _problems(name.strip(), scopes, expires_at, per_minute):
        raise NotDone(*problems)
    key = BEGINS + secrets.token_urlsafe(32)
    with appending() as log:
        made = ApiKey.objects.create(
            name=name.strip(),
            begins=key[:_SHOWN],
            sha256=_hash(key),
            organisation=organisation,
            scopes=list(scopes),
            per_minute=per_minute,
            made_by_id=actor.user,
            expires_at=expires_at,
        )
        log.event(
            "key_made",
            {
                "key": made.pk, "organisation": organisation.pk, "scopes": list(scopes),
                "by": actor.user, "console": actor.console,
            },
        )  # fmt: skip
    return key


def _problems(name: str, scopes: Sequence[str], expires_at: datetime, per_minute: int) -> list[Problem]:
    found, now = [], timezone.now()
    if not 1 <= len(name) <= 60 or not name.isprintable():
        found.append(_NAME)
    if not scopes or set(scopes) - set(SCOPES):
        found.append(_SCOPES)
    if not now < expires_at <= now + LONGEST:
        found.append(_EXPIRY)
    if not 1 <= per_minute <= MOST_PER_MINUTE:
        found.append(_PER_MINUTE)
    return found


def token(organisation: Organisation) -> str:
    """A key made at the console, with which an organisation sends files and reads receipts for a year."""
    return make(
        at_the_console("chengxin token"),
        organisation,
        "chengxin token",
        ("batch.send", "batch.read"),
        expires_at=timezone.now() + timedelta(days=365),
    )


def revoke(actor: Actor, id: int) -> None:
    """Make a key worthless at once."""
    key = ApiKey.objects.filter(pk=id, revoked_at=None).first()
    if key is None:
        raise LookupError("没有这个密钥，或已作废 / there is no such key, or it was revoked")
    actor.must("key.manage", Target(organisation=key.organisation_id))
    with appending() as log:
        ApiKey.objects.filter(pk=id).update(revoked_at=timezone.now())
        log.event("key_revoked", {"key": id, "by": actor.user, "console": actor.console})


def shown(text: str) -> Shown | None:
    """What a request may do that shows this key, counted against its limit; None for no good key."""
    now = timezone.now()
    minute, second = divmod(int(now.timestamp()), 60)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE accounts_apikey SET used_at = %s::timestamptz, minute = %s::bigint, "
            "used = CASE WHEN minute = %s::bigint THEN least(used, per_minute) + 1 ELSE 1 END "
            "WHERE sha256 = %s::bytea AND revoked_at IS NULL AND expires_at > %s::timestamptz "
            "RETURNING id, used",
            [now, minute, minute, _hash(text), now],
        )
        found = cursor.fetchone()
    if found is None:
        return None
    key = ApiKey.objects.select_related("organisation").get(pk=found[0])
    return Shown(
        key.pk, _actor(key), key.organisation, tuple(key.scopes),
        key.per_minute, key.per_minute - found[1], 60 - second,
    )  # fmt: skip


def actor_of_key(text: str) -> Actor | None:
    """Who acts with this key; None when it is none, was revoked or has run out, or its minute is used up."""
    found = shown(text)
    return None if found is None or found.left < 0 else found.actor


def _actor(key: ApiKey) -> Actor:
    """The organisation itself, in the roles that the key's scopes need for it."""
    of = key.organisation
    needed = {
        role for scope in key.scopes for role, reach in action(scope).roles.items() if reach == "organisation"
    }
    grants = tuple(Grant(role, of.pk, of.code) for role in roles() if role in needed)
    return KeyActor(None, f"{of.name}（{key.name}）", grants, scopes=tuple(key.scopes))


@dataclass(frozen=True)
class KeyActor(Actor):
    """An organisation's machine: it may do what its key's scopes name, on what is the organisation's own."""

    scopes: tuple[str, ...] = ()

    def may(self, action_id: str, target: Target | None = None) -> bool:
        """Only what the scopes name."""
        known = action(action_id)
        if known.id not in self.scopes:
            return False
        own = [one.organisation for one in self.grants]
        return target is None or target.organisation in own


def take_over(home: Path) -> int:
    """Take the tokens of a home's old file into the table, once; the file is then renamed.

    They keep working for a year. Returns how many were taken over.
    """
    path = home / OLD_FILE
    try:
        held: dict[str, str] = json.loads(path.read_text())
    except FileNotFoundError:
        return 0
    taken = 0
    with appending() as log:
        for digest, number in held.items():
            of = Organisation.objects.filter(pk=int(number)).first()
            hashed = bytes.fromhex(digest)
            if of is None or ApiKey.objects.filter(sha256=hashed).exists():
                continue
            made = ApiKey.objects.create(
                name="chengxin token", begins="", sha256=hashed, organisation=of,
                scopes=["batch.send", "batch.read"], expires_at=timezone.now() + timedelta(days=365),
            )  # fmt: skip
            log.event("key_made", {"key": made.pk, "organisation": of.pk, "scopes": made.scopes, "by": None,
                                   "console": True})  # fmt: skip
            taken += 1
    with contextlib.suppress(FileNotFoundError):  # another process was quicker
        path.replace(path.with_name(f"{OLD_FILE}.taken-over"))
    return taken


def _hash(key: str) -> bytes:
    return sha256(key.encode()).digest()


def _not_in_scope(action_id: str) -> Forbidden:
    found = action(action_id)
    refused = forbidden(action_id).problem
    return Forbidden(
        Problem(
            refused.field, None, refused.rule,
            f"这个密钥的权限不含“{found.zh}”", f"this key's scopes do not include '{found.en}'",
            "请单位管理员另发密钥", "ask your organisation's administrator for another key",
        )
    )  # fmt: skip


_NAME = Problem(
    "name", None, "key_name",
    "没有填写密钥名称，或名称过长", "the key's name is missing or too long",
    "请填写不超过60个字符的名称，例如系统名", "give a name of at most 60 characters, say the system's",
)  # fmt: skip
_SCOPES = Problem(
    "scopes", None, "key_scopes",
    "没有选择权限，或所选权限不适用于接口", "no scope was chosen, or one that is not for machines",
    "请至少选择一项列出的权限", "choose at least one of those listed",
)  # fmt: skip
_EXPIRY = Problem(
    "expires", None, "key_expiry",
    "有效期应在今天之后、一年以内", "a key must end after today and within a year",
    "请改选日期", "choose another date",
)  # fmt: skip
_PER_MINUTE = Problem(
    "per_minute", None, "key_per_minute",
    f"每分钟次数应为1至{MOST_PER_MINUTE}", f"the limit a minute must be 1 to {MOST_PER_MINUTE}",
    "请改填", "change it",
)  # fmt: skip
