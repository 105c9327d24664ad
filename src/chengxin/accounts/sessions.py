"""Sessions in the database. The cookie's value itself is kept nowhere: rows bear its SHA-256."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.contrib.sessions.base_session import AbstractBaseSession
from django.utils import timezone

from chengxin.accounts.models import Session

USER = "user"
"""Key of a session: number of the user."""

SECOND_FACTOR = "second_factor"
"""Key of a session: when the second factor was last shown, in seconds since 1970; 0 or absent when never."""

STARTED = "started"
"""Key of a session: when the person signed in, in seconds since 1970."""

ADDRESS, AGENT = "address", "agent"
"""Keys of a session: from where and with which browser the person signed in."""

LONGEST = timedelta(hours=12)
"""How long a session may last, however busy it is."""

DOOR = timedelta(hours=1)
"""How long a session with an access code lasts."""

IDLE = timedelta(minutes=60)
"""After how long without a request a session ends."""

SUBJECT = "subject"
"""Key of a session: number of the subject whose access code was shown."""


def row_key(session_key: str) -> str:
    """Under which key a session stands in the table: 40 hexadecimal digits, as long as Django's column."""
    return sha256(session_key.encode()).hexdigest()[:40]


class SessionStore(DatabaseStore):
    """Django's store over our table, keyed by hashes. `row`: the row it was read from, when there was one."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[AbstractBaseSession]:
        """Our table."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """The row of this session, with the user it belongs to."""
        key = self._get_or_create_session_key()  # type: ignore[attr-defined]
        started = data.get(STARTED)
        begun = timezone.now() if started is None else datetime.fromtimestamp(started, UTC)
        return Session(
            session_key=row_key(key),
            session_data=self.encode(data),
            expire_date=begun + (DOOR if SUBJECT in data else LONGEST),
            user_id=data.get(USER),
            started_at=begun,
            address=data.get(ADDRESS, ""),
            agent=data.get(AGENT, ""),
        )

    def _get_session_from_db(self) -> Session | None:
        if self.session_key is None:
            return None
        found = Session.objects.filter(
            session_key=row_key(self.session_key), expire_date__gt=timezone.now()
        ).first()
        if found is None:
            self._session_key = None
        self.row = found
        return found

    def exists(self, session_key: str) -> bool:
        """Whether a session of this key is kept."""
        return Session.objects.filter(session_key=row_key(session_key)).exists()

    def delete(self, session_key: str | None = None) -> None:
        """End a session."""
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(session_key=row_key(key)).delete()
