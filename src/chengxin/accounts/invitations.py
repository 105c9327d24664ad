"""Invitations: a link that is valid for a week and once, by which a person becomes a user with one role."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.db import IntegrityError, transaction
from django.utils import timezone

from chengxin.accounts import granting, passwords
from chengxin.accounts.models import GivenRole, Invitation, Organisation, User
from chengxin.accounts.permissions import Actor, action
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import appending

VALID = timedelta(days=7)

_NAME = re.compile("[a-z0-9][a-z0-9._-]{1,63}", re.ASCII)
_LONGEST_NAME = 60
_OWN = ("merchant", "carrier", "courier")


class NotDone(ValueError):
    """What was asked for can't be done; `problems` say why, a field each."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(f"{problems[0].zh} / {problems[0].en}")
        self.problems = problems


@dataclass(frozen=True)
class Invited:
    """Whom to invite, to which role, for which organisation (or subject) and region."""

    name: str
    sign_in_name: str
    role: str
    organisation: Organisation | None = None
    region: str | None = None
    subject: int | None = None

    @property
    def wanted(self) -> granting.Wanted:
        """The role as `granting` judges it."""
        of = self.organisation
        return granting.Wanted(
            self.role, of.pk if of else None, of.role if of else None, self.region, self.subject
        )


def problems_of(actor: Actor, invited: Invited) -> list[Problem]:
    """What is wrong with an invitation, so that all of it can be said at once."""
    found = []
    if not 1 <= len(invited.name) <= _LONGEST_NAME or not invited.name.isprintable():
        found.append(_NO_NAME)
    if not _NAME.fullmatch(invited.sign_in_name):
        found.append(_BAD_SIGN_IN_NAME)
    elif _taken(invited.sign_in_name):
        found.append(_TAKEN)
    if (unfit := granting.problem_of(actor, invited.wanted)) is not None:
        found.append(unfit)
    return found


def _taken(sign_in_name: str) -> bool:
    waiting = Invitation.objects.filter(
        sign_in_name=sign_in_name, user=None, taken_back_at=None, expires_at__gt=timezone.now()
    )
    return User.objects.filter(sign_in_name=sign_in_name).exists() or waiting.exists()


def invite(actor: Actor, invited: Invited) -> str:
    """Make an invitation; returns the secret part of its link, which is kept nowhere. Raises NotDone."""
    actor.must("user.manage", invited.wanted.target)
    if problems := problems_of(actor, invited):
        raise NotDone(*problems)
    token = secrets.token_urlsafe(32)
    with appending() as log:
        made = Invitation.objects.create(
            token=_hash(token),
            sign_in_name=invited.sign_in_name,
            name=invited.name,
            role=invited.role,
            organisation=invited.organisation,
            region=invited.region,
            subject=invited.subject,
            invited_by_id=actor.user,
            expires_at=timezone.now() + VALID,
        )
        log.event("user_invited", _said(made) | {"by": actor.user, "console": actor.console})
    return token


def _said(made: Invitation) -> dict[str, object]:
    """What the ledger keeps of it: numbers, not names."""
    return {
        "invitation": made.pk,
        "role": made.role,
        "organisation": made.organisation_id,
        "region": made.region,
        "subject": made.subject,
    }


def take_back(actor: Actor, id: int) -> None:
    """Make an invitation worthless that nobody has used yet."""
    made = Invitation.objects.select_related("organisation").filter(pk=id, user=None).first()
    if made is None:
        raise LookupError("没有这个邀请，或已被使用 / there is no such invitation, or it was used")
    of = made.organisation
    wanted = granting.Wanted(made.role, of.pk if of else None, of.role if of else None, made.region)
    actor.must("user.manage", wanted.target)
    with appending() as log:
        Invitation.objects.filter(pk=id, user=None).update(taken_back_at=timezone.now())
        log.event("invitation_taken_back", {"invitation": id, "by": actor.user, "console": actor.console})


def open_invitation(token: str) -> Invitation | None:
    """The invitation of this link while it can be used."""
    return (
        Invitation.objects.select_related("organisation")
        .filter(token=_hash(token), user=None, taken_back_at=None, expires_at__gt=timezone.now())
        .first()
    )


def join(token: str, password: str) -> User:
    """Become a user by an invitation. Raises NotDone for a password that may not be chosen, LookupError."""
    with appending() as log:
        made = (
            Invitation.objects.select_for_update(of=("self",))
            .filter(token=_hash(token), user=None, taken_back_at=None, expires_at__gt=timezone.now())
            .first()
        )
        if made is None:
            raise LookupError("邀请无效、已过期或已使用 / the invitation is not valid, ran out or was used")
        if unfit := passwords.problem_of(password, (made.name, made.sign_in_name)):
            raise NotDone(unfit)
        user = new_user(made.sign_in_name, made.name, password)
        Invitation.objects.filter(pk=made.pk).update(user=user)
        GivenRole.objects.create(
            user=user,
            role=made.role,
            organisation=made.organisation,
            region=made.region,
            subject=made.subject,
            given_by=str(made.invited_by_id or "console"),
        )
        log.event("user_joined", _said(made) | {"user": user.pk})
    return user


def own_roles() -> list[str]:
    """Roles in which somebody acts for a subject: what a holder of its access code may become."""
    return [role for role, scope in action("own.read").roles.items() if scope == "self" and role in _OWN]


def join_by_code(subject: int, *, name: str, sign_in_name: str, role: str, password: str) -> User:
    """Become a user who acts for a subject, shown its access code just before. Raises NotDone.

    The code was served to the subject by an office that checked who it is, so it stands for an invitation.
    """
    found = []
    if role not in own_roles():
        found.append(_NO_ROLE)
    if not 1 <= len(name) <= _LONGEST_NAME or not name.isprintable():
        found.append(_NO_NAME)
    if not _NAME.fullmatch(sign_in_name):
        found.append(_BAD_SIGN_IN_NAME)
    elif _taken(sign_in_name):
        found.append(_TAKEN)
    if unfit := passwords.problem_of(password, (name, sign_in_name)):
        found.append(unfit)
    if found:
        raise NotDone(*found)
    with appending() as log:
        user = new_user(sign_in_name, name, password)
        GivenRole.objects.create(user=user, role=role, subject=subject, given_by="access code")
        log.event(
            "user_joined",
            {"user": user.pk, "role": role, "subject": subject, "organisation": None, "region": None},
        )
    return user


def new_user(sign_in_name: str, name: str, password: str) -> User:
    """A user as yet without a role. Raises NotDone when the name was taken meanwhile."""
    try:
        with transaction.atomic():
            return User.objects.create(
                sign_in_name=sign_in_name, name=name, password=passwords.hashed(password)
            )
    except IntegrityError as taken:
        raise NotDone(_TAKEN) from taken


def _hash(token: str) -> bytes:
    return sha256(token.encode()).digest()


_NO_ROLE = Problem(
    "role", None, "role",
    "没有选择身份", "no role is chosen",
    "请选择一项", "choose one",
)  # fmt: skip
_NO_NAME = Problem(
    "name", None, "name",
    "没有填写姓名，或姓名过长", "the name is missing or too long",
    f"请填写不超过{_LONGEST_NAME}个字符的姓名", f"give a name of at most {_LONGEST_NAME} characters",
)  # fmt: skip
_BAD_SIGN_IN_NAME = Problem(
    "sign_in_name", None, "sign_in_name",
    "登录名不合要求", "the sign-in name does not fit",
    "请用2至64个小写字母、数字、点、横线或下划线，以字母或数字开头",
    "take 2 to 64 small letters, digits, dots, hyphens or underscores, a letter or digit first",
)  # fmt: skip
_TAKEN = Problem(
    "sign_in_name", None, "sign_in_name_taken",
    "登录名已有人使用", "the sign-in name is taken",
    "请换一个登录名", "take another one",
)  # fmt: skip
