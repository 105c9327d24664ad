"""No address without somebody having said who may open it."""

from __future__ import annotations

import pytest

from chengxin.accounts.guard import PUBLIC, SIGNED_IN
from chengxin.accounts.permissions import actions
from chengxin.testing.routes import Route, machinery, operations, pages

GOOD = {PUBLIC, SIGNED_IN, *actions()}

WITHOUT_ACCOUNT = (
    "/", "/search", "/subjects/", "/records/", "/catalogue", "/sources", "/statistics", "/accessibility",
    "/privacy", "/about", "/check_proof.py", "/robots.txt", "/favicon.ico", "/design", "/healthz", "/api/",
    "/sign-in", "/sign-out", "/join/", "/door", "/permissions", "/procedures", "/language", "/certificates",
    "/reports", "/lists", "/decisions", "/notices", "/data", "/widget", "/flow", "/measures",
)  # fmt: skip
"""What may be public. A public page elsewhere is a mistake, or has to be named here on purpose."""


def _said(routes: list[Route]) -> list[str]:
    return [f"{one.path} ({one.where}): {one.permission}" for one in routes]


@pytest.mark.obligation("12.2a")
def test_every_page_says_who_may_open_it() -> None:
    found = list(pages())
    assert len(found) > 30
    assert _said([one for one in found if one.permission not in GOOD]) == []


@pytest.mark.obligation("12.2a")
def test_every_operation_of_the_api_says_who_may_call_it() -> None:
    found = list(operations())
    assert len(found) > 10
    assert _said([one for one in found if one.permission not in GOOD]) == []


def test_the_api_has_no_other_addresses_than_its_operations_and_its_description() -> None:
    assert [one for one in machinery() if not one.endswith(("openapi.json", "/api/v1/"))] == []


def test_only_what_is_meant_for_everybody_is_public() -> None:
    meant = tuple(one for one in WITHOUT_ACCOUNT if one != "/")
    public = [one for one in pages() if one.permission == PUBLIC and one.path != "/"]
    assert _said([one for one in public if not one.path.startswith(meant)]) == []


def test_nothing_of_the_workbench_is_public() -> None:
    within = [one for one in pages() if one.path.startswith(("/work", "/account", "/own"))]
    assert within
    assert _said([one for one in within if one.permission == PUBLIC]) == []


def test_no_two_routes_share_a_name() -> None:
    names = [one.name for one in pages() if one.name]
    assert sorted({one for one in names if names.count(one) > 1}) == []
