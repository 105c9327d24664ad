"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.decisions.pages_own import cases, copies, forms

urlpatterns: list[URLPattern | URLResolver] = [
    path("own/cases", cases.listed, name="own-cases"),
    path("own/cases/<int:id>", cases.case, name="own-case"),
    path("own/cases/<int:id>/documents/<int:document>", cases.document, name="own-document"),
    path("own/cases/<int:id>/<str:step>", forms.step, name="own-step"),
    path("own/object", forms.object_to, name="own-object"),
    path("own/repair", forms.repair, name="own-repair"),
    path("work/changes", copies.changes, name="changes"),
    path("certificates", copies.certificates, name="certificates"),
]
