"""Who may give which role for which organisation. Pure; the actions ask before anything is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chengxin.accounts.permissions import Actor, Target, prefix, roles
from chengxin.kernel.problems import Problem

SOURCES: Mapping[str, tuple[str, ...]] = {
    "credit_office": ("credit_office",),
    "reviewer": ("credit_office", "department", "region"),
    "decision_maker": ("credit_office", "department", "region"),
    "administrator": ("credit_office",),
    "department_officer": ("department", "region", "credit_office", "court", "hotline"),
    "auditor": ("department", "region", "credit_office"),
    "platform_compliance": ("platform",),
    "carrier": ("carrier",),
    "payment_institution": ("institution",),
    "credit_agency": ("agency",),
    "association": ("association",),
}
"""Roles that only people of certain organisations may hold: by the role of the organisation as a source."""

CENTRAL = (
    "administrator", "credit_office", "reviewer", "decision_maker", "auditor", "organisation_administrator",
)  # fmt: skip
"""Roles that only an administrator gives: they reach beyond one organisation, or manage its people."""

REGIONAL = ("department_officer", "reviewer", "decision_maker")
"""Roles that count in a region, which must be named."""

OF_SUBJECTS = ("merchant", "carrier", "courier")
"""Roles that may be held for a subject of the archive instead of an organisation."""

NEVER = ("code_holder",)
"""A code holder has no account."""


@dataclass(frozen=True)
class Wanted:
    """A role that somebody is to get: for an organisation with a role as a source, or for a subject."""

    role: str
    organisation: int | None = None
    organisation_role: str | None = None
    region: str | None = None
    subject: int | None = None

    @property
    def target(self) -> Target:
        """What a person needs permission for who gives it."""
        return Target(organisation=self.organisation)


def offered(actor: Actor) -> tuple[str, ...]:
    """The roles that this person may give at all."""
    everywhere = actor.reach("user.manage").everything
    return tuple(
        role
        for role in roles()
        if role not in NEVER and (everywhere or (role not in CENTRAL and actor.may("user.manage")))
    )


def problem_of(actor: Actor, wanted: Wanted) -> Problem | None:
    """Why the person may not give this role; None when they may."""
    if wanted.role not in offered(actor):
        return Problem(
            "role", wanted.role, "role_not_yours",
            "您不能授予这个角色", "you may not give this role",
            "请选择列出的角色，或请系统管理员办理", "take one of those listed, or ask an administrator",
        )  # fmt: skip
    if not actor.may("user.manage", wanted.target):
        return Problem(
            "organisation", None, "organisation_not_yours",
            "您只能为本单位授予角色", "you may give roles for your own organisation only",
            "请选择本单位", "choose your own organisation",
        )  # fmt: skip
    return _for_whom(wanted) or _beyond(actor, wanted)


def _beyond(actor: Actor, wanted: Wanted) -> Problem | None:
    """Whoever manages one organisation gives no region that lies beyond the own role's."""
    region = wanted.region
    if wanted.role not in REGIONAL or region is None or actor.reach("user.manage").everything:
        return None
    own = [one.region for one in actor.grants if one.region and one.organisation == wanted.organisation]
    if any(region.startswith(prefix(one)) for one in own):
        return None
    return Problem(
        "region", region, "region_not_yours",
        "您的角色不含这个地区", "your role does not reach this region",
        "请选择您的角色所在的地区，或请系统管理员办理", "choose one within it, or ask an administrator",
    )  # fmt: skip


def _for_whom(wanted: Wanted) -> Problem | None:
    if wanted.organisation is None and (wanted.subject is None or wanted.role not in OF_SUBJECTS):
        return Problem(
            "organisation", None, "organisation_missing",
            "没有填写单位", "the organisation is missing",
            "请填写单位全称或统一社会信用代码", "give its full name or its code",
        )  # fmt: skip
    allowed = SOURCES.get(wanted.role)
    if wanted.organisation is not None and allowed is not None and wanted.organisation_role not in allowed:
        return Problem(
            "role", wanted.role, "role_does_not_fit",
            "这个角色不适合该类单位", "this role does not fit such an organisation",
            "请选择与单位性质相符的角色", "choose a role that fits what the organisation is",
        )  # fmt: skip
    if wanted.role in REGIONAL and wanted.region is None:
        return Problem(
            "region", None, "region_missing",
            "没有选择地区", "the region is missing",
            "请选择该角色在哪个地区有效", "choose the region in which the role counts",
        )  # fmt: skip
    return None
