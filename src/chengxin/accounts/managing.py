"""Users as they are managed: roles given and ended, access ended and work handed over.

Each change is an event of the ledger, with numbers instead of names.
"""

from __future__ import annotations

from django.utils import timezone

from chengxin.accounts import granting
from chengxin.accounts.handing_over import hand_over
from chengxin.accounts.invitations import NotDone
from chengxin.accounts.models import ApiKey, GivenRole, Invitation, Organisation, User
from chengxin.accounts.permissions import Actor, Target, forbidden
from chengxin.kernel.problems import Problem
from chengxin.ledger.actions import Appending, appending


def held(user: User) -> list[GivenRole]:
    """The roles that the user holds now, the oldest first."""
    return list(
        GivenRole.objects.filter(user=user)
        .exclude(until__lte=timezone.now())
        .select_related("organisation")
        .order_by("pk")
    )


def targets_of(user: User) -> list[Target]:
    """What somebody needs permission for who manages this user: each organisation of a role."""
    found = {one.organisation_id for one in held(user)}
    return [Target(organisation=one) for one in sorted(found, key=lambda id: id or 0)] or [Target()]


def may_manage(actor: Actor, user: User) -> bool:
    """Whether the person may manage the user: all that the user holds lies within the person's own scope."""
    if not all(actor.may("user.manage", target) for target in targets_of(user)):
        return False
    everywhere = actor.reach("user.manage").everything
    return everywhere or not any(one.role in granting.CENTRAL for one in held(user))


def must_manage(actor: Actor, user: User) -> None:
    """Raise Forbidden unless the person may manage this user."""
    if not may_manage(actor, user):
        raise forbidden("user.manage")


def give_role(
    actor: Actor, user: User, role: str, organisation: Organisation, region: str | None = None
) -> None:
    """Give a user a further role. Nobody gives one to themselves. Raises NotDone."""
    must_manage(actor, user)
    if actor.user == user.pk:
        raise NotDone(_NOT_ONESELF)
    wanted = granting.Wanted(role, organisation.pk, organisation.role, region)
    if (unfit := granting.problem_of(actor, wanted)) is not None:
        raise NotDone(unfit)
    with appending() as log:
        GivenRole.objects.create(
            user=user, role=role, organisation=organisation, region=region,
            given_by=str(actor.user or "console"),
        )  # fmt: skip
        log.event(
            "role_given",
            {"user": user.pk, "role": role, "organisation": organisation.pk, "region": region} | _by(actor),
        )


def end_role(actor: Actor, user: User, given: int) -> None:
    """End one role of a user; the last administrator keeps theirs. Raises NotDone, LookupError."""
    must_manage(actor, user)
    with appending() as log:
        one = GivenRole.objects.filter(pk=given, user=user).exclude(until__lte=timezone.now()).first()
        if one is None:
            raise LookupError("没有这个角色，或已结束 / there is no such role, or it has ended")
        if one.role == "administrator":
            _not_the_last(user)
        _end(log, one, actor)


def end_user(actor: Actor, user: User, colleague: User | None) -> dict[str, int]:
    """End a person's access at once: roles, sessions, keys and invitations nobody takes over. Raises NotDone.

    What they had under way goes to `colleague`; returns how much of each kind.
    """
    must_manage(actor, user)
    if user.ended_at is not None:
        raise NotDone(_ENDED)
    if colleague is not None and (colleague.pk == user.pk or colleague.ended_at is not None):
        raise NotDone(_NO_COLLEAGUE)
    if colleague is not None:
        must_manage(actor, colleague)
    with appending() as log:
        if any(one.role == "administrator" for one in held(user)):
            _not_the_last(user)
        moved = {} if colleague is None else hand_over(user, colleague)
        ApiKey.objects.filter(made_by=user, revoked_at=None).update(revoked_at=timezone.now())
        # whoever leaves must not come back through a link that nobody else answers for
        Invitation.objects.filter(invited_by=user, user=None, taken_back_at=None).update(
            taken_back_at=timezone.now()
        )
        for one in held(user):
            _end(log, one, actor)
        User.objects.filter(pk=user.pk).update(ended_at=timezone.now(), second_factor=None)
        user.recovery_codes.all().delete()
        user.passkeys.all().delete()
        user.sessions.all().delete()
        log.event(
            "user_ended",
            {"user": user.pk, "colleague": colleague.pk if colleague else None, "moved": moved} | _by(actor),
        )
    return moved


def _end(log: Appending, one: GivenRole, actor: Actor) -> None:
    GivenRole.objects.filter(pk=one.pk).update(until=timezone.now())
    log.event("role_ended", {"user": one.user_id, "role": one.role, "given": one.pk} | _by(actor))


def administrators() -> list[User]:
    """Everybody who is an administrator now."""
    now = timezone.now()
    held_now = GivenRole.objects.filter(role="administrator", user__ended_at=None).exclude(until__lte=now)
    return list(User.objects.filter(pk__in=held_now.values("user")).order_by("pk"))


def _not_the_last(user: User) -> None:
    """Inside `appending`, where one such change comes after another."""
    if [one.pk for one in administrators()] == [user.pk]:
        raise NotDone(_LAST)


def _by(actor: Actor) -> dict[str, object]:
    return {"by": actor.user, "console": actor.console}


_NOT_ONESELF = Problem(
    "role", None, "role_oneself",
    "不能给自己授予角色", "nobody gives a role to themselves",
    "请另一位系统管理员办理", "ask another administrator",
)  # fmt: skip
_LAST = Problem(
    "user", None, "last_administrator",
    "这是最后一位系统管理员，不能停用", "this is the last administrator, who can't be ended",
    "请先邀请另一位系统管理员", "invite another administrator first",
)  # fmt: skip
_ENDED = Problem(
    "user", None, "user_ended",
    "这位用户已停用", "this person's access has ended already",
    "无需再办", "nothing is left to do",
)  # fmt: skip
_NO_COLLEAGUE = Problem(
    "colleague", None, "colleague",
    "接手人不能是本人，也不能是已停用的用户", "the colleague can't be the same person, nor one who has left",
    "请选择另一位在用的用户", "choose somebody else",
)  # fmt: skip
