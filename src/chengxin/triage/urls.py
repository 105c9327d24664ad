"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.triage.pages import lead, own, queue

urlpatterns: list[URLPattern | URLResolver] = [
    path("work/leads", queue.leads, name="leads"),
    path("work/leads/capacity", queue.set_capacity, name="lead-capacity"),
    path("work/leads/<int:id>", lead.lead, name="lead"),
    path("work/leads/<int:id>/ring.json", lead.ring, name="lead-ring"),
    path("own/leads/<int:id>", own.asked, name="own-lead"),
]
