"""The table of permissions as a public page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from chengxin.accounts.documented import SCOPE_WORDS
from chengxin.accounts.guard import public
from chengxin.accounts.permissions import actions, roles
from chengxin.design.language import current
from chengxin.design.render import page, reading


@public
@reading
def permissions(request: HttpRequest) -> HttpResponse:
    """Who may do what: roles and actions, with how far each goes."""
    english = current() == "en"
    rows = [
        {
            "name": one.en if english else one.zh,
            "cells": [SCOPE_WORDS[one.roles[role]][english] if role in one.roles else "" for role in roles()],
        }
        for one in actions().values()
    ]
    values = {
        "roles": [(one.en if english else one.zh, one.second_factor) for one in roles().values()],
        "rows": rows,
        "scopes": [(word[english], word[2 + english]) for word in SCOPE_WORDS.values()],
    }
    return page(request, "accounts/permissions", values)
