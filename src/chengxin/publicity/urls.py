"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.publicity.pages import data, decisions, feeds, lists, notices, widget

urlpatterns: list[URLPattern | URLResolver] = [
    path("lists", lists.listed, name="lists"),
    path("lists/feed.atom", feeds.all_lists, {"format": "atom"}, name="lists-atom"),
    path("lists/feed.json", feeds.all_lists, {"format": "json"}, name="lists-feed-json"),
    path("lists/<slug:list_id>", lists.one, name="list"),
    path("lists/<slug:list_id>/feed.atom", feeds.one_list, {"format": "atom"}, name="list-atom"),
    path("lists/<slug:list_id>/feed.json", feeds.one_list, {"format": "json"}, name="list-feed-json"),
    path("decisions/<int:case>", decisions.one, name="decision"),
    path("decisions/<int:case>/proof.json", decisions.proof, name="decision-proof"),
    path("notices", notices.listed, name="public-notices"),
    path("notices/feed.atom", feeds.of_notices, {"format": "atom"}, name="public-notices-atom"),
    path("notices/feed.json", feeds.of_notices, {"format": "json"}, name="public-notices-feed-json"),
    path("notices/<int:case>", notices.one, name="public-notice"),
    path("data", data.index, name="data"),
    path("data/entries.json", data.everything, name="data-entries"),
    path("data/lists/<slug:list_id>.csv", data.one_list, name="data-list"),
    path("widget", widget.about, name="widget"),
    path("widget/query", widget.query, name="widget-query"),
]
