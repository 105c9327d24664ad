"""Where each path leads: the API and the public pages, and what is said where nothing is."""

from __future__ import annotations

from functools import cache

from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path

from chengxin.accounts.guard import public
from chengxin.accounts.urls import urlpatterns as accounts_pages
from chengxin.api.answers import json, our_fault, problem, unavailable
from chengxin.api.problems import spoken
from chengxin.api.v1 import api
from chengxin.archive.urls import urlpatterns as archive_pages
from chengxin.audit.urls import urlpatterns as audit_pages
from chengxin.cases.urls import urlpatterns as cases_pages
from chengxin.database import reading
from chengxin.decisions.urls import urlpatterns as decisions_pages
from chengxin.design import render
from chengxin.design.urls import urlpatterns as design_pages
from chengxin.desk.urls import urlpatterns as desk_pages
from chengxin.exchange.urls import urlpatterns as exchange_pages
from chengxin.measures.urls import urlpatterns as measures_pages
from chengxin.portal.api_docs import documentation
from chengxin.portal.urls import urlpatterns as portal_pages
from chengxin.publicity.urls import urlpatterns as publicity_pages
from chengxin.registry.urls import urlpatterns as registry_pages
from chengxin.reports.urls import urlpatterns as reports_pages
from chengxin.triage.urls import urlpatterns as triage_pages
from chengxin.workbench.urls import urlpatterns as workbench_pages


@public
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
            one.callback = public(spoken(one.callback))  # the API asks its own tokens
    return patterns, app, namespace


@public
def _nothing_here(request: HttpRequest, rest: str = "") -> HttpResponse:
    return problem(
        404, "接口没有这个地址，请见/api/v1/docs", "the API has no such address; see /api/v1/docs"
    ).as_django()


urlpatterns: list[URLPattern | URLResolver] = [
    path("healthz", healthz),
    path("api/v1/docs", documentation(cache(api.get_openapi_schema)), name="api-docs"),
    path("api/v1/", _api_urls()),
    path("api/<path:rest>", _nothing_here),
    *design_pages,
    *accounts_pages,
    *audit_pages,
    *desk_pages,
    *registry_pages,
    *archive_pages,
    *exchange_pages,
    *measures_pages,
    *triage_pages,
    *reports_pages,
    *cases_pages,
    *decisions_pages,
    *publicity_pages,
    *workbench_pages,
    *portal_pages,
]


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """What can't be read."""
    return problem(400).as_django() if _of_api(request) else render.bad_request(request)


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Where nothing is."""
    return _nothing_here(request) if _of_api(request) else render.not_found(request)


def handler500(request: HttpRequest) -> HttpResponse:
    """Our fault; Django has noted it."""
    return our_fault().as_django() if _of_api(request) else render.server_error(request)


def _of_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
