"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.workbench import pages
from chengxin.workbench.identity import pages as identity
from chengxin.workbench.matching import pages as matching
from chengxin.workbench.search import pages as search

urlpatterns: list[URLPattern | URLResolver] = [
    path("work", pages.work, name="work"),
    path("work/matching", matching.matching, name="matching"),
    path("work/matching/undo", matching.undo, name="matching-undo"),
    path("work/matching/<int:id>", matching.pair, name="matching-pair"),
    path("work/identity", identity.identity, name="identity"),
    path("work/identity/<int:id>", identity.report, name="identity-report"),
    path("work/subjects", search.subject_search, name="subject-search"),
]
