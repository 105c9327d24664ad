"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.exchange.pages import listing, quality, receipt, send

urlpatterns: list[URLPattern | URLResolver] = [
    path("work/batches", listing.batches, name="batches"),
    path("work/batches/new", send.new, name="batch-new"),
    path("work/batches/<int:id>", receipt.batch, name="batch"),
    path("work/batches/<int:id>/progress", receipt.progress, name="batch-progress"),
    path("work/batches/<int:id>/rejects.xlsx", receipt.workbook, name="batch-rejects"),
    path("work/quality", quality.quality, name="quality"),
    path("work/quality/<int:id>", quality.source, name="quality-source"),
]
