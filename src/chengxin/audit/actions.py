"""Writing the access log. A look is logged before it is shown: no row, no page."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from chengxin.accounts.permissions import Actor
from chengxin.audit.models import ACCESS
from chengxin.audit.rules import KINDS, Purpose
from chengxin.ledger.actions import appending


def looked(actor: Actor, subjects: Sequence[int], what: str, purpose: Purpose, detail: str = "") -> None:
    """Note that a person looks at subjects, a row each, in one turn at the ledger (PIPL arts. 5, 6, 55).

    subjects  numbers in the registry; nothing is written for none
    what      one of `rules.KINDS`; LookupError for any other
    """
    if what not in KINDS:
        raise LookupError(f"没有这种查询“{what}” / there is no such kind of look '{what}'")
    if not subjects:
        return
    grant = actor.grants[0] if actor.grants else None
    now = timezone.now()
    with appending() as log:
        log.keep(
            ACCESS,
            [
                (
                    now, actor.user, actor.name, grant.role if grant else "console", actor.organisation,
                    grant.region if grant else None, subject, what, purpose.kind, purpose.text, purpose.law,
                    purpose.article, purpose.case, detail,
                )
                for subject in dict.fromkeys(subjects)
            ],
        )  # fmt: skip
