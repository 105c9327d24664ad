"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.cases.pages import case, listed, opening, procedures, step

urlpatterns: list[URLPattern | URLResolver] = [
    path("work/cases", listed.cases, name="cases"),
    path("work/cases/new/<slug:procedure_id>", opening.new, name="case-new"),
    path("work/cases/<int:id>", case.case, name="case"),
    path("work/cases/<int:id>/documents/<int:document>", case.document, name="case-document"),
    path("work/cases/<int:id>/proof/<int:leaf>", case.proof, name="case-proof"),
    path("work/cases/<int:id>/<slug:step>", step.step, name="case-step"),
    path("procedures", procedures.procedures, name="procedures"),
    path("procedures/<slug:procedure_id>", procedures.procedure, name="procedure"),
]
