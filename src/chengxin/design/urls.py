"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.design import pages

urlpatterns: list[URLPattern | URLResolver] = [path("design", pages.design, name="design")]
