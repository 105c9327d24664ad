"""The workbench's home."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chengxin.accounts.guard import actor_of, signed_in
from chengxin.accounts.permissions import roles
from chengxin.design import words
from chengxin.design.render import page
from chengxin.workbench.cards import cards


@signed_in
def work(request: HttpRequest) -> HttpResponse:
    """What waits for this person, what they did, and where to go on."""
    actor = actor_of(request)
    known = roles()
    held = dict.fromkeys(one.role for one in actor.grants)
    values = {
        "name": actor.name,
        "roles": words.joined([words.say((known[role].zh, known[role].en)) for role in held]),
        "cards": cards(actor, timezone.localdate()) if actor.user is not None else [],
        "staff": actor.user is not None,
    }
    return page(request, "workbench/home", values, indexed=False)
