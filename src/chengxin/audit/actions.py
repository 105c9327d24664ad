"""Writing the access log. A look is logged before it is shown: no row, no page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone

from chengxin.accounts.permissions import Actor, Grant, Target, permitting
from chengxin.audit.models import ACCESS
from chengxin.audit.rules import KINDS, Purpose
from chengxin.ledger.actions import appending

PERMITTED_BY: Mapping[str, str] = {
    "subject": "subject.read",
    "search": "search.all",
    "list": "search.all",
    "match": "match.read",
    "identity": "identity.read",
    "case": "case.read",
    "unmask": "identifier.unmask",
    "export": "search.all",
    "download": "subject.read",
    "admission": "admission.check",
    "lead": "lead.read",
}
"""Which action of the table permits a kind of look, where the caller doesn't say."""


def looked(
    actor: Actor,
    subjects: Sequence[int],
    what: str,
    purpose: Purpose,
    detail: str = "",
    *,
    action: str | None = None,
    target: Target | None = None,
) -> None:
    """Note that a person looks at subjects, a row each, in one turn at the ledger (PIPL arts. 5, 6, 55).

    subjects  numbers in the registry; nothing is written for none
    what      one of `rules.KINDS`; LookupError for any other
    action    the action that permits it, by default that of `PERMITTED_BY`; `target`: on what. The log holds
              the role, organisation and region by which the person may, not others that they hold besides
    """
    if what not in KINDS:
        raise LookupError(f"没有这种查询“{what}” / there is no such kind of look '{what}'")
    if not subjects:
        return
    grant = _grant(actor, action or PERMITTED_BY[what], target)
    now = timezone.now()
    with appending() as log:
        log.keep(
            ACCESS,
            [
                (
                    now, actor.user, actor.name, grant.role if grant else "console",
                    grant.organisation if grant else None, grant.region if grant else None, subject, what,
                    purpose.kind, purpose.text, purpose.law, purpose.article, purpose.case, detail,
                )
                for subject in dict.fromkeys(subjects)
            ],
        )  # fmt: skip


def _grant(actor: Actor, action: str, target: Target | None) -> Grant | None:
    """The grant by which a person may: on the target, else on anything; the first one where none says so."""
    return permitting(actor.grants, action, target) or next(iter(actor.grants), None)
