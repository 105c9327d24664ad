"""Addresses of this room's pages; mounted by `api/urls.py`."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from chengxin.measures.pages import admission, catalogue, figures, flow, tasks, why

urlpatterns: list[URLPattern | URLResolver] = [
    path("flow", flow.flow, name="flow"),
    path("measures", catalogue.catalogue, name="measure-catalogue"),
    path("work/measures", tasks.measures, name="measures"),
    path("work/measures/accept", tasks.accept, name="measures-accept"),
    path("work/measures/figures", figures.measure_figures, name="measure-figures"),
    path("work/measures/<int:id>", tasks.task, name="measure"),
    path("work/admission", admission.check, name="admission"),
    path("work/subjects/<str:code>/why", why.held_why, name="held-why"),
    path("subjects/<str:code>/why", why.subject_why, name="subject-why"),
]
