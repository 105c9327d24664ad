"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.desk import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("work/notices", pages.notices, name="notices"),
    path("work/filters", pages.filters, name="saved-filters"),
]
