"""Who may do what: the table `permissions.toml`, and the question put to it.

Pure: a person's grants and what is to be acted on come in as arguments. Deny by default: an action that the
table does not name raises, a role that it does not name beside an action may not do it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal

from chengxin.kernel.problems import Problem

Scope = Literal["all", "region", "organisation", "self"]
SCOPES: tuple[Scope, ...] = ("all", "region", "organisation", "self")

PROVINCE = "350000"
"""The region of a grant for the whole province (GB/T 2260)."""


@dataclass(frozen=True)
class Role:
    """A role that a person can be given; `second_factor`: it can't be used without one."""

    id: str
    zh: str
    en: str
    second_factor: bool


@dataclass(frozen=True)
class Action:
    """Something that can be done, and by whom on what."""

    id: str
    zh: str
    en: str
    roles: Mapping[str, Scope]


@dataclass(frozen=True)
class Grant:
    """A role as one person holds it.

    organisation  number of the organisation for which it is held; None where it is held for a subject alone
    code          that organisation's unified social credit code, by which shops name their platform
    region        GB/T 2260 code of the region in which it counts, None where the role knows no region
    subject       number of the subject for which the person acts, None for staff
    """

    role: str
    organisation: int | None = None
    code: str | None = None
    region: str | None = None
    subject: int | None = None


@dataclass(frozen=True)
class Target:
    """What is acted on, as far as permissions ask: its region, whose it is, which subject it is.

    `platforms`: codes of the platforms on which the subject has an outlet.
    """

    region: str | None = None
    organisation: int | None = None
    platforms: tuple[str, ...] = ()
    subject: int | None = None


@dataclass(frozen=True)
class Reach:
    """How far an action reaches for a person, for statements that list: a row counts when any part covers it.

    `everything` makes the others needless. `regions` are prefixes of GB/T 2260 codes without trailing zeros.
    """

    everything: bool = False
    regions: tuple[str, ...] = ()
    organisations: tuple[int, ...] = ()
    platforms: tuple[str, ...] = ()
    subjects: tuple[int, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether no row can count."""
        return not (self.everything or self.regions or self.organisations or self.platforms or self.subjects)


class Forbidden(PermissionError):
    """A person may not do this; `problem` says so in both languages."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(f"{problem.zh} / {problem.en}")
        self.problem = problem


@cache
def _table() -> tuple[Mapping[str, Role], Mapping[str, Action]]:
    table = tomllib.loads((Path(__file__).parent / "permissions.toml").read_text(encoding="utf-8"))
    roles = {id: Role(id, **one) for id, one in table["roles"].items()}
    actions = {id: Action(id, one["zh"], one["en"], one["roles"]) for id, one in table["actions"].items()}
    for action in actions.values():
        if unknown := [role for role in action.roles if role not in roles]:
            raise ValueError(f"permissions.toml: {action.id} names roles that don't exist: {unknown}")
        if wrong := [scope for scope in action.roles.values() if scope not in SCOPES]:
            raise ValueError(f"permissions.toml: {action.id} names scopes that don't exist: {wrong}")
    return roles, actions


def roles() -> Mapping[str, Role]:
    """Every role, in the order of the table."""
    return _table()[0]


def actions() -> Mapping[str, Action]:
    """Every action, in the order of the table."""
    return _table()[1]


def action(id: str) -> Action:
    """One action; LookupError when the table has none of that name."""
    try:
        return actions()[id]
    except KeyError:
        raise LookupError(f"permissions.toml has no action '{id}'") from None


def prefix(region: str) -> str:
    """The digits of a region's code that all its places share: 350200 → 3502."""
    return region[:2] if region.endswith("0000") else region[:4] if region.endswith("00") else region


def _covers(scope: Scope, grant: Grant, target: Target) -> bool:
    match scope:
        case "all":
            return True
        case "region":
            if grant.region is None:
                return False
            if target.region is None:
                return grant.region == PROVINCE
            return target.region.startswith(prefix(grant.region))
        case "organisation":
            own = grant.organisation is not None and grant.organisation == target.organisation
            return own or (grant.code is not None and grant.code in target.platforms)
        case "self":
            return grant.subject is not None and grant.subject == target.subject


def allows(grants: Iterable[Grant], action_id: str, target: Target | None = None) -> bool:
    """Whether one of the grants allows an action on the target; without a target: on anything at all."""
    roles_of = action(action_id).roles
    return any(
        target is None or _covers(scope, grant, target)
        for grant in grants
        if (scope := roles_of.get(grant.role)) is not None
    )


def permitting(grants: Iterable[Grant], action_id: str, target: Target | None) -> Grant | None:
    """The grant by which an action is allowed: on the target, else on anything; None where none allows it."""
    held = tuple(grants)
    for on in (target, None):
        if found := next((one for one in held if allows([one], action_id, on)), None):
            return found
    return None


def reach(grants: Iterable[Grant], action_id: str) -> Reach:
    """How far the grants let a person go with an action."""
    roles_of = action(action_id).roles
    held = [(scope, grant) for grant in grants if (scope := roles_of.get(grant.role)) is not None]
    if any(scope == "all" for scope, _ in held):
        return Reach(everything=True)
    own = [grant for scope, grant in held if scope == "organisation"]
    return Reach(
        regions=tuple(
            sorted({prefix(grant.region) for scope, grant in held if scope == "region" and grant.region})
        ),
        organisations=tuple(sorted({grant.organisation for grant in own if grant.organisation is not None})),
        platforms=tuple(sorted({grant.code for grant in own if grant.code})),
        subjects=tuple(
            sorted({grant.subject for scope, grant in held if scope == "self" and grant.subject is not None})
        ),
    )


@dataclass(frozen=True)
class Actor:
    """Whoever acts: a person signed in, a holder of an access code, the person at the machine's console.

    user    number of the user; None for code holders and the console
    name    as logs and decisions show it
    grants  what the person was given and has not lost; none while a second factor is still missing
    """

    user: int | None
    name: str
    grants: tuple[Grant, ...] = field(default=())
    console: bool = False

    def may(self, action_id: str, target: Target | None = None) -> bool:
        """Whether this person may do an action on the target (without one: on anything at all)."""
        known = action(action_id)
        return self.console or allows(self.grants, known.id, target)

    def must(self, action_id: str, target: Target | None = None) -> None:
        """Raise Forbidden unless this person may."""
        if not self.may(action_id, target):
            raise forbidden(action_id)

    def reach(self, action_id: str) -> Reach:
        """How far this person's permission for an action goes."""
        return Reach(everything=True) if self.console else reach(self.grants, action_id)

    @property
    def signed_in(self) -> bool:
        """Whether anybody is known at all."""
        return self.user is not None or self.console or bool(self.grants)

    @property
    def organisation(self) -> int | None:
        """The organisation for which this person acts: that of the first grant that has one."""
        return next((one.organisation for one in self.grants if one.organisation is not None), None)


NOBODY = Actor(None, "")
"""Whoever has not signed in."""


def at_the_console(name: str) -> Actor:
    """Who runs a command on the machine itself: holds the keys and the database, and so may do everything."""
    return Actor(None, name, console=True)


def forbidden(action_id: str) -> Forbidden:
    """The refusal of an action."""
    found = action(action_id)
    who = [roles()[role] for role in found.roles]
    return Forbidden(
        Problem(
            "", None, f"permission:{found.id}",
            f"您的角色不能{found.zh}", f"your role may not {found.en}",
            f"此项由下列角色办理：{'、'.join(one.zh for one in who)}",
            f"this is for: {', '.join(one.en for one in who)}",
        )
    )  # fmt: skip
