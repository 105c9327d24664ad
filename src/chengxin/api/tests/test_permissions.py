"""Each operation of the API says who may call it, and the description says what a key is told."""

from __future__ import annotations

from django.test import Client
from ninja.operation import PathView

from chengxin.accounts.guard import PUBLIC
from chengxin.accounts.permissions import actions
from chengxin.api.v1 import api


def test_every_operation_names_its_permission() -> None:
    named = {}
    for prefix, router in api._routers:
        for path, view in router.path_operations.items():
            assert isinstance(view, PathView)
            for operation in view.operations:
                named[prefix, path, operation.view_func.__name__] = operation.view_func.permission  # type: ignore[attr-defined]
    assert len(named) > 10
    assert all(one == PUBLIC or one in actions() for one in named.values())
    closed = {name for (_, _, name), permission in named.items() if permission != PUBLIC}
    assert closed == {"send", "listed", "one", "rejects", "check", "receipt", "report", "feedback"}


def test_the_description_tells_limits_of_keys(database: str) -> None:
    described = Client().get("/api/v1/openapi.json").json()["paths"]["/api/v1/batches"]["get"]
    assert {"401", "403", "429"} <= set(described["responses"])
    assert set(described["responses"]["429"]["headers"]) == {
        "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Retry-After",
    }  # fmt: skip
    public = Client().get("/api/v1/openapi.json").json()["paths"]["/api/v1/subjects"]["get"]
    assert "headers" not in public["responses"]["200"]
