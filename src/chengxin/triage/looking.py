"""Looks at leads: into the access log where the subject is known, else as an event of the ledger."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest

from chengxin.accounts.guard import actor_of
from chengxin.audit.actions import looked
from chengxin.audit.purposes import purpose_of
from chengxin.ledger.actions import appending


def note(request: HttpRequest, subjects: Sequence[int | None], what: str, detail: str) -> None:
    """Note a look at leads before they are shown.

    subjects  those that the leads are about, None for one of which nobody knows whose it is: the people in it
              have no number here, and the look is kept in the ledger with its lead
    """
    why = purpose_of(request)
    if why is None:
        raise RuntimeError("no purpose is stated")  # `needs_purpose` stands before every view here
    actor = actor_of(request)
    known = [one for one in subjects if one is not None]
    looked(actor, known, what, why, detail, action="lead.read")
    if what == "lead" and len(known) < len(subjects):
        with appending() as log:
            log.event(
                "lead_looked",
                {
                    "lead": detail,
                    "by": actor.user,
                    "person": actor.name,
                    "purpose": why.kind,
                    "words": why.text,
                },
            )
