"""A subject's page: who it is, and its records that are public today.

Search engines are told to keep no copy (noindex): a record may be shown to its last day and no longer
(Measures for the Administration of Credit Repair), and a copy elsewhere would outlive it. What isn't public
today is answered as what never was, with 404 and not 410, so that no answer tells what was once held.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.archive import queries as archive
from chengxin.archive.models import LISTS
from chengxin.archive.statistics import counted, platform_figures
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.design.showing import Group, Shown, grouped, scheme_name, web_address
from chengxin.publicity import entries
from chengxin.publicity.pages.lists import listed_on
from chengxin.registry import queries as registry
from chengxin.rulebook.catalogue import OUTLET_KINDS, SUBJECT_KINDS, SUBJECT_ROLES

MANY = 24
"""Records up to which a subject's page opens each; with more, only the newest of each item."""


@public
@reading
def subject(request: HttpRequest, code: str) -> HttpResponse:
    """Who a subject is, and its records by item and date, or all on one line of time."""
    today = timezone.localdate()
    body = archive.public_subject(code, today) if len(code) <= registry.LONGEST else None
    if body is None:
        return _no_subject(request)
    view = orjson.loads(body)
    before = request.GET.get("before", "")
    if before:
        further = (
            archive.public_records(code, today, int(before)) if re.fullmatch("[0-9]{1,18}", before) else None
        )
        if further is None:
            return _no_subject(request)
        view |= orjson.loads(further)
    held = view["subject"]
    groups = grouped(view["records"])
    timeline = request.GET.get("view") == "timeline"
    address = request.build_absolute_uri(request.path)
    values = {
        "subject": held,
        "kind": kind_name(held["kind"]),
        "roles": [
            {"name": words.say(SUBJECT_ROLES.get(one["role"], (one["role"],) * 2)), **one}
            for one in held["roles"]
        ],
        "codes": [{"name": scheme_name(one["scheme"]), **one} for one in held["identifiers"]],
        "outlets": [_outlet(one) for one in held["outlets"]],
        "verification": _verification(held["verification"]),
        "licences": _licences(groups),
        "listed": [one for one in groups if one.item in LISTS],
        "standing": listed_on(entries.of_code(code, today)),
        "platform": _platform(held),
        "groups": groups,
        "timeline": timeline,
        "years": _years(groups) if timeline else (),
        "open": len(view["records"]) <= MANY,
        "next": view["next"],
        "before": before,
        "today": today,
        "address": address,
        "described": _described(held, address),
    }
    return page(request, "portal/subject", values, indexed=False)


def kind_name(kind: str) -> str:
    """A kind of subject in words."""
    return words.say(SUBJECT_KINDS[kind])


def _outlet(one: dict[str, Any]) -> dict[str, Any]:
    return {**one, "kind_name": words.say(OUTLET_KINDS[one["kind"]]), "link": web_address(one["url"])}


def _verification(one: dict[str, Any] | None) -> dict[str, Any] | None:
    if one is None:
        return None
    name, meaning = words.VERIFICATION[one["state"]]
    return {**one, "name": words.say(name), "meaning": words.say(meaning)}


def _licences(groups: Sequence[Group]) -> list[dict[str, Any]]:
    """The licences in force, each with the address of the issuing office's own record where it gave one."""
    return [
        {"record": one, "link": next((fact.url for fact in one.facts if fact.url), None)}
        for group in groups
        if group.item == "licence"
        for one in group.records
    ]


def _platform(held: Mapping[str, Any]) -> dict[str, Any] | None:
    """What is disclosed of a platform (plan 15): its shops, how many are verified; None for others."""
    if not any(one["role"] == "platform" for one in held["roles"]):
        return None
    found = platform_figures([one["value"] for one in held["identifiers"] if one["scheme"] == "uscc"])
    share = None if found.share is None else f"{found.share:.1%}"
    return {
        "shops": found.shops,
        "verified": found.verified,
        "share": share,
        "counted": counted(timezone.localdate()),
    }


def _years(groups: Sequence[Group]) -> list[tuple[str, list[Shown]]]:
    """All records by year, the newest first."""
    records = sorted(
        (one for group in groups for one in group.records), key=lambda one: (one.date, one.id), reverse=True
    )
    years: dict[str, list[Shown]] = {}
    for one in records:
        years.setdefault(one.date[:4], []).append(one)
    return list(years.items())


def _described(held: Mapping[str, Any], address: str) -> SafeString:
    """The subject for machines (schema.org, JSON-LD): its public identity alone, no record."""
    region = held["region"]
    found = {
        "@context": "https://schema.org",
        "@type": "Organization",
        "name": held["name"],
        "url": address,
        "identifier": [
            {"@type": "PropertyValue", "propertyID": one["scheme"], "value": one["value"]}
            for one in held["identifiers"]
        ],
        "alternateName": [one["name"] for one in held["names"] if one["name"] != held["name"]],
        "address": {"@type": "PostalAddress", "addressCountry": "CN", "addressRegion": region["name"]}
        if region
        else None,
    }
    text = orjson.dumps({name: value for name, value in found.items() if value}).decode()
    for sign in "<>&":  # nothing in it ends the element it stands in
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return mark_safe(text)  # noqa: S308 - escaped above


def _no_subject(request: HttpRequest) -> HttpResponse:
    return not_found(
        request,
        gettext("没有可以公示的信用主体"),
        gettext("请核对代码，或按名称查询。自然人的信息不向社会公示。"),
    )
