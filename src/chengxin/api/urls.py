"""Where each path leads."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from chengxin.api.answers import json, problem, unavailable
from chengxin.api.problems import spoken
from chengxin.api.v1 import api
from chengxin.database import reading


def healthz(request: HttpRequest) -> HttpResponse:
    """200 while the service and its database answer."""
    try:
        reading.row("SELECT 1")
    except Exception:
        return unavailable().as_django()
    return json(request, {"status": "ok"})


def _api_urls() -> tuple[list[URLPattern | URLResolver], str, str]:
    patterns, app, namespace = api.urls
    for one in patterns:
        if isinstance(one, URLPattern):
            one.callback = spoken(one.callback)
    return patterns, app, namespace


def _nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problem(
        404, "接口没有这个地址，请见/api/v1/docs", "the API has no such address; see /api/v1/docs"
    ).as_django()


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("api/v1/", _api_urls()),
    path("api/<path:rest>", _nothing_here),
]
