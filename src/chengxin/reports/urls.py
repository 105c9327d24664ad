"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.reports import pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("reports", pages.verification, name="reports"),
    path("reports/certificate.pem", pages.certificate, name="reports-certificate"),
    path("reports/<int:number>", pages.numbered, name="report-check"),
    path("subjects/<str:code>/report", pages.on_screen, name="subject-report"),
    path("subjects/<str:code>/report.pdf", pages.as_pdf, name="subject-report-pdf"),
    path("subjects/<str:code>/report.json", pages.as_json, name="subject-report-json"),
    path("work/subjects/<str:code>/report.pdf", pages.full, name="held-report-pdf"),
    path("own/report.pdf", pages.own, name="own-report-pdf"),
]
