"""Signing in for tests that look at pages: a browser for any role, past the sign-in page."""

from __future__ import annotations

from functools import cache
from itertools import count
from time import time

from django.contrib.auth.hashers import make_password
from django.test import Client

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.guard import acting
from chengxin.accounts.models import GivenRole, Organisation, User
from chengxin.accounts.permissions import PROVINCE, Actor, roles
from chengxin.accounts.sessions import SECOND_FACTOR, SUBJECT, USER

_numbers = count(1)

PASSWORD = "correct horse battery staple 9"  # noqa: S105 - of people who exist in tests only

ORGANISATION_OF: dict[str, tuple[str, str]] = {
    "credit_office": ("福建省发展和改革委员会", "credit_office"),
    "department_officer": ("福建省市场监督管理局", "department"),
    "reviewer": ("福建省发展和改革委员会", "credit_office"),
    "decision_maker": ("福建省市场监督管理局", "department"),
    "platform_compliance": ("榕城优选电子商务平台", "platform"),
    "carrier": ("闽江速运", "carrier"),
    "payment_institution": ("闽付通支付", "institution"),
    "credit_agency": ("八闽征信", "agency"),
    "association": ("福建省电子商务协会", "association"),
    "auditor": ("福建省审计厅", "department"),
    "administrator": ("福建省发展和改革委员会", "credit_office"),
    "organisation_administrator": ("榕城优选电子商务平台", "platform"),
}
"""For which organisation a role is given in a test that names none: its name and its role as a source."""


def person(
    role: str,
    *,
    organisation: Organisation | None = None,
    region: str | None = PROVINCE,
    subject: int | None = None,
    name: str = "",
) -> User:
    """A new user with one role."""
    user = User.objects.create(
        sign_in_name=f"{role.replace('_', '.')}.{next(_numbers)}",
        name=name or f"{roles()[role].zh}甲",
        password=_hash(),
    )
    if organisation is None and subject is None:
        named, source_role = ORGANISATION_OF[role]
        organisation = note_organisation(code=None, name=named, role=source_role, confirmed=True)
    GivenRole.objects.create(
        user=user, role=role, organisation=organisation, region=region, subject=subject, given_by="test"
    )
    return user


@cache
def _hash() -> str:
    """The one password, hashed once a run: Argon2 takes its time, and there are thousands of people."""
    return make_password(PASSWORD)


def browser_of(user: User | None = None, *, subject: int | None = None, second_factor: bool = True) -> Client:
    """A browser in which this user is signed in, or the holder of a subject's access code."""
    browser = Client(raise_request_exception=False)
    session = browser.session
    if user is not None:
        session[USER], session[SECOND_FACTOR] = user.pk, int(time()) if second_factor else 0
    else:
        session[SUBJECT] = subject
    session.save()
    return browser


def actor(user: User) -> Actor:
    """The user as an actor, second factor shown."""
    return acting(user, second_factor=True)
