"""The cast of the demonstration: who takes which step. Due process needs more people than one a role."""

from __future__ import annotations

import secrets
import tomllib
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from chengxin.accounts import keys, passwords
from chengxin.accounts.guard import acting
from chengxin.accounts.models import Organisation, User
from chengxin.accounts.permissions import Actor, Grant, at_the_console, roles
from chengxin.cases.models import Case
from chengxin.cli.demonstration_people import make_person, sign_in_name
from chengxin.decisions.copies import RECEIVE
from chengxin.demo import sources
from chengxin.demo.words import DATA_FOLDER

_ROLE_OF = {
    "department": "department_officer",
    "region": "department_officer",
    "credit_office": "department_officer",
    "court": "department_officer",
    "hotline": "department_officer",
    "platform": "platform_compliance",
    "institution": "payment_institution",
    "agency": "credit_agency",
    "association": "association",
}
"""The role of an organisation's own person, by the organisation's role as a source."""

_CITIES = {sources.city_bureau(code): code for code in ("350100", "350200", "350500")}
"""Bureaus whose officers act for their city: Fuzhou, Xiamen, Quanzhou."""

_KEEPERS = {
    "contract_keeping": sources.MARKET,
    "ecommerce_demo": sources.COMMERCE,
    "express_dishonest": sources.POST,
    "serious_violation": sources.MARKET,
}
"""Whose officers handle a list; others: those of market regulation."""


@dataclass(frozen=True)
class Cast:
    """Everybody who acts: those of a role, those of an organisation, those who sign in for a subject."""

    offices: tuple[Actor, ...]
    reviewers: tuple[Actor, ...]
    deciders: tuple[Actor, ...]
    officers: dict[str, Actor]
    of: dict[int, Actor]
    owners: dict[int, Actor]

    def __call__(  # noqa: PLR0911 - a way each
        self, who: str, case: Case | None, number: int
    ) -> Actor | None:
        """Who takes a step of a case; None where nobody of that organisation is known."""
        match who:
            case "office":
                return self.offices[number % len(self.offices)]
            case "reviewer":
                return self.reviewers[number % len(self.reviewers)]
            case "reviewer2":
                return self.reviewers[(number + 1) % len(self.reviewers)]
            case "decider":
                return self.deciders[number % len(self.deciders)]
            case "source":
                return self.of.get(case.organisation_id or 0) if case else None
            case "subject":
                return self.subject(case.subject_id or 0) if case else None
            case _:
                return self.officer(case.rule if case else "", case.region if case else None, number)

    def officer(self, rule: str, region: str | None, number: int) -> Actor:
        """The officer who handles a list's case: of its keeper, or of the subject's city."""
        keeper = _KEEPERS.get(rule, sources.MARKET)
        if keeper == sources.MARKET and number % 2:
            for bureau, city in _CITIES.items():
                if region and region[:4] == city[:4] and bureau in self.officers:
                    return self.officers[bureau]
        return self.officers.get(keeper) or self.officers[sources.MARKET]

    def subject(self, subject: int) -> Actor:
        """Who acts for a subject: its own person, else whoever holds its access code."""
        return self.owners.get(subject) or Actor(
            None, roles()["code_holder"].zh, (Grant("code_holder", subject=subject),)
        )


def make_colleagues() -> None:
    """Make those who aren't printed: a second of each deciding role, and a person of each organisation."""
    names = iter(tomllib.loads((DATA_FOLDER / "colleagues.toml").read_text(encoding="utf-8"))["names"])
    office = Organisation.objects.filter(role="credit_office").order_by("pk").first()
    unknown = passwords.hashed(secrets.token_urlsafe(24))
    market = Organisation.objects.filter(name=sources.MARKET).first() or office
    with transaction.atomic():
        for role, at in (("reviewer", office), ("decision_maker", market), ("credit_office", office)):
            if at is not None:
                make_person(f"{sign_in_name(role)}.2", next(names), role, organisation=at, hashed=unknown)
        for one in Organisation.objects.order_by("pk"):
            role = _ROLE_OF.get(one.role, "")
            name = next(names, "") if role else ""
            if name:
                make_person(
                    f"{sign_in_name(role)}.o{one.pk}", name, role, organisation=one,
                    region=_CITIES.get(one.name), hashed=unknown,
                )  # fmt: skip


def give_keys() -> None:
    """Give credit agencies a key with which they receive what ended or changed: they hold copies."""
    until = timezone.now() + timedelta(days=365)
    for agency in Organisation.objects.filter(role="agency", api_keys=None).order_by("pk"):
        keys.make(at_the_console("demonstration"), agency, "信用档案同步", (RECEIVE,), expires_at=until)


def gather() -> Cast:
    """The cast, as the accounts have it."""
    known = {
        user.sign_in_name: acting(user, second_factor=True)
        for user in User.objects.filter(sign_in_name__startswith="demo.").order_by("pk")
    }
    of: dict[int, Actor] = {}
    for name, actor in known.items():
        if ".o" in name.removeprefix("demo."):
            of |= {grant.organisation: actor for grant in actor.grants if grant.organisation is not None}
    named = dict(Organisation.objects.values_list("name", "pk"))
    officers = {name: of[pk] for name, pk in named.items() if pk in of}
    officers[sources.MARKET] = known.get(sign_in_name("department_officer")) or officers[sources.MARKET]
    owners = {
        grant.subject: actor
        for name, actor in known.items()
        for grant in actor.grants
        if grant.subject is not None
    }
    return Cast(
        _those(known, "credit_office"), _those(known, "reviewer"), _those(known, "decision_maker"),
        officers, of, owners,
    )  # fmt: skip


def _those(known: dict[str, Actor], role: str) -> tuple[Actor, ...]:
    first = sign_in_name(role)
    return tuple(actor for name, actor in known.items() if name in (first, f"{first}.2"))
