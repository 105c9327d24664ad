"""Addresses of the public pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.portal import (
    catalogue_pages,
    home_page,
    open_data,
    pages,
    search_page,
    statements,
    subject_page,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home_page.home, name="home"),
    path("search", search_page.search, name="search"),
    path("subjects/<str:code>", subject_page.subject, name="subject"),
    path("records/<int:id>", pages.record, name="record"),
    path("catalogue", catalogue_pages.listed, name="catalogue"),
    path("catalogue/<slug:item>", catalogue_pages.item, name="item"),
    path(
        "catalogue/<slug:item>/template.xlsx",
        catalogue_pages.template_file,
        {"kind": "xlsx"},
        name="template-xlsx",
    ),
    path(
        "catalogue/<slug:item>/template.csv",
        catalogue_pages.template_file,
        {"kind": "csv"},
        name="template-csv",
    ),
    path("sources", open_data.sources, name="sources"),
    path("statistics", open_data.statistics, name="statistics"),
    path("statistics.csv", open_data.statistics_csv, name="statistics-csv"),
    path("statistics.json", open_data.statistics_json, name="statistics-json"),
    path("accessibility", statements.accessibility, name="accessibility"),
    path("privacy", statements.privacy, name="privacy"),
    path("about", pages.about, name="about"),
    path("check_proof.py", pages.check_proof, name="check-proof"),
    path("robots.txt", pages.robots),
    path("favicon.ico", pages.icon),
]
