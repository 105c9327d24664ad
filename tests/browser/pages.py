"""Every page that can be opened, by whom, with what the demonstration province holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from chengxin.accounts.guard import PUBLIC, SIGNED_IN
from chengxin.accounts.permissions import actions
from chengxin.testing.routes import Route, pages

NO_PAGES = (
    "/healthz", "/api/<", "/robots.txt", "/favicon.ico", "template.", ".csv", ".json", ".py", ".pem", ".xlsx",
    ".pdf", "download", "/progress", "own/cases/<int:id>/", "work/cases/<int:id>/", ".atom",
    "/sign-in/second-factor",
)  # fmt: skip
"""What is no page of its own, or is one only halfway through something else."""

BY_POST = {
    "saved-filters", "account-sessions", "account-recovery-codes", "invitation-take-back", "user-give-role",
    "user-end-role", "user-reset-second-factor", "matching-undo", "unmask", "door-code",
    "measures-accept", "lead-capacity",
}  # fmt: skip

VALUES = {
    "subject": "code", "subject-report": "code", "report-check": "1",
    "held-subject": "code", "held-records": "code", "record": "record",
    "item": "penalty", "join": "token", "batch": "batch", "quality-source": "source", "matching-pair": "pair",
    "own-case": "own_case",
    "measure": "task", "held-why": "code", "subject-why": "code",
    "decision": "decision", "public-notice": "notice",
    "lead": "lead", "own-lead": "own_lead",
    "list": "brushing", "case": "case", "case-new": "listing", "procedure": "listing",
    "identity-report": "report", "user": "managed", "user-end": "managed", "api-key": "key",
}  # fmt: skip
"""Under which name `prepared` gives the value; `penalty` stands for itself."""

PREFERRED = (
    "credit_office", "department_officer", "auditor", "administrator", "merchant", "platform_compliance",
)  # fmt: skip
"""Who opens a page, of those who may."""


def shown() -> Iterator[Route]:
    """Pages for people."""
    for one in pages():
        if one.name not in BY_POST and not any(part in one.path for part in NO_PAGES):
            yield one


def whose(route: Route) -> str | None:
    """A role that may open it; None: nobody has to sign in."""
    if route.permission == PUBLIC:
        return None
    if route.permission == SIGNED_IN:
        return "credit_office"
    return next(role for role in PREFERRED if role in actions()[str(route.permission)].roles)


def address(route: Route, known: dict[str, Any]) -> str:
    """Its address; LookupError when nobody said what its parameters may be."""
    if not route.parameters:
        return f"{route.path}?q=福州" if route.name in ("search", "widget-query") else route.path
    name = VALUES.get(route.name)
    if name is None:
        raise LookupError(f"tests/browser/pages.py needs a value for '{route.name}' ({route.path})")
    return route.filled(dict.fromkeys(route.parameters, known.get(name, name)))
