"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.archive.pages import access_log, held, held_table, own

urlpatterns: list[URLPattern | URLResolver] = [
    path("work/subjects/<str:code>", held.subject, name="held-subject"),
    path("work/subjects/<str:code>/records", held_table.records, name="held-records"),
    path("work/subjects/<str:code>/unmask", held.unmask, name="unmask"),
    path("work/subjects/<str:code>/door-code", held.door_code, name="door-code"),
    path("work/access-log", access_log.access_log, name="access-log"),
    path("own", own.overview, name="own"),
    path("own/download", own.download, name="own-download"),
]
