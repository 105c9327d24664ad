"""What a subject was asked or warned of, on its own page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from chengxin.accounts.permissions import Actor
from chengxin.archive.own import NOTES, Note
from chengxin.decisions import own
from chengxin.decisions.matters import members
from chengxin.design.words import say
from chengxin.triage import queries
from chengxin.triage.detectors import detectors
from chengxin.triage.models import Lead


def notes(subjects: Sequence[int]) -> list[Note]:
    """Warnings and questions that stand on a subject's page: a question while it waits, a warning 90 days."""
    found = []
    for lead, kind, _, on, due, state, detector in queries.of_subject(subjects):
        of = detectors()[detector].zh, detectors()[detector].en
        if kind == "ask" and state == "asked":
            text = say((f"请您就“{of[0]}”方面的情况作出说明", f"You are asked for an explanation: {of[1]}"))
            found.append(Note(text, f"/own/leads/{lead}", on, due))
        elif kind == "warn" and (timezone.localdate() - on).days <= SHOWN:
            text = say(
                (f"给您的提示：{of[0]}方面的情况", f"Something that you may want to look into: {of[1]}")
            )
            found.append(Note(text, f"/own/leads/{lead}", on, None))
    return found


SHOWN = 90
"""Days for which a warning stands on the page."""


@dataclass(frozen=True)
class Asked:
    """What a merchant reads: the model, the words of the question or warning, its day and last day."""

    lead: Lead
    kind: str
    words: str
    on: date
    waits: bool


def asked(actor: Actor, id: int) -> tuple[Lead, list[Asked]] | None:
    """What was asked or warned of in a lead about one of the person's own subjects; None for any other."""
    found = queries.lead(id)
    if found is None or found.subject_id is None:
        return None
    mine = {number for one in own.subjects(actor) for number in members(one)}
    if found.subject_id not in mine:
        return None
    said = [
        Asked(found, kind, words, on, waits=kind == "ask" and state == "asked")
        for lead, kind, words, on, _, state, _ in queries.of_subject([found.subject_id])
        if lead == id
    ]
    return (found, said) if said else None


NOTES.append(notes)
