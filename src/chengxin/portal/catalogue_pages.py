"""The catalogue's pages: what is collected, from whom, on whom, under which law; templates to send it by."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.kernel.identifiers import mask
from chengxin.rulebook import catalogue, laws
from chengxin.rulebook.catalogue import FREQUENCIES, SOURCE_ROLES, SUBJECT_KINDS, Field, Item, PublicationRule


@public
@reading
def listed(request: HttpRequest) -> HttpResponse:
    """Every item in force today."""
    today = timezone.localdate()
    return page(
        request,
        "portal/catalogue",
        {"items": [_summary(one) for one in catalogue.items(today)], "today": today},
    )


@public
@reading
def item(request: HttpRequest, item: str) -> HttpResponse:
    """An item with its fields; `?version=` shows an earlier version."""
    today = timezone.localdate()
    versions = [one for one in catalogue.versions() if one.id == item]
    asked = request.GET.get("version")
    found = next(
        (one for one in versions if one.version.isoformat() == asked)
        if asked
        else _in_force(versions, today),
        None,
    )
    if found is None:
        return _no_item(request)
    values = {
        "item": _summary(found),
        "versions": [
            {"version": one.version, "until": one.until, "current": one is found}
            for one in reversed(versions)
        ]
        if len(versions) > 1
        else [],
        "in_force": found.version <= today and (found.until is None or today < found.until),
        "rules": [_rule(found, one, today) for one in found.publication],
        "fields": [_field(found, one) for one in found.fields],
        "required": sum(one.required for one in found.fields),
        "open_fields": sum(one.disclosure == "public" for one in found.fields),
    }
    return page(request, "portal/item", values)


def _in_force(versions: list[Item], today: date) -> Any:
    return (one for one in versions if one.version <= today and (one.until is None or today < one.until))


def _no_item(request: HttpRequest) -> HttpResponse:
    return not_found(request, gettext("征集目录没有这个项目"), gettext("请从征集目录中选择。"))


def _summary(one: Item) -> dict[str, Any]:
    kinds = one.subject.kinds.values() if one.subject.kind else [one.subject.default_kinds]
    allowed = {kind for some in kinds for kind in some}
    return {
        "id": one.id,
        "version": one.version,
        "until": one.until,
        "name": words.say((one.name_zh, one.name_en)),
        "about": words.say((one.about_zh, one.about_en)),
        "law": words.cited(one.law, one.article),
        "sources": [words.say(SOURCE_ROLES[role]) for role in one.sources],
        "kinds": words.joined([words.say(pair) for kind, pair in SUBJECT_KINDS.items() if kind in allowed]),
        "frequency": words.say(FREQUENCIES[one.frequency]),
        "disclosure": one.disclosure,
        "disclosure_name": words.say(words.DISCLOSURES[one.disclosure]),
        "fields": len(one.fields),
    }


def _rule(one: Item, rule: PublicationRule, today: date) -> dict[str, Any]:
    until = one.field(rule.until_field) if rule.until_field else None
    return {
        "when": words.conditions(one, rule),
        "disclosure": rule.disclosure,
        "disclosure_name": words.say(words.DISCLOSURES[rule.disclosure]),
        "period": words.period(rule, today),
        "until": words.say((until.name_zh, until.name_en)) if until else "",
        "laws": [words.cited(ref.law, ref.article) for ref in rule.laws if laws.law(ref.law).holds_on(today)],
        "note": words.say(words.halves(rule.note)) if rule.note else "",
    }


def _field(one: Item, field: Field) -> dict[str, Any]:
    personal = field.type in ("personal", "phone")
    return {
        "code": field.code,
        "name": words.say((field.name_zh, field.name_en)),
        "type": words.say(words.FIELD_TYPES[field.type]),
        "length": field.length if field.type in ("text", "url", "decimal", "integer") else None,
        "required": field.required,
        "sometimes": bool(field.required_when),
        "disclosure": field.disclosure,
        "disclosure_name": words.say(words.DISCLOSURES[field.disclosure]),
        "example": mask(field.type, field.example) if personal else field.example,
        "choices": [{"value": value, "words": words.label(field, value)} for value in field.choices],
        "open_choice": field.open_choice,
        "note": words.say(words.halves(field.note)) if field.note else "",
    }


_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@public
@reading
def template_file(request: HttpRequest, item: str, kind: str) -> HttpResponse:
    """The item's template in force today, empty but for headings and an example: .xlsx or .csv."""
    found = next(
        _in_force([one for one in catalogue.versions() if one.id == item], timezone.localdate()), None
    )
    if found is None:
        return _no_item(request)
    from chengxin.exchange.workbooks import (  # noqa: PLC0415 - needed for downloads alone
        template_csv,
        write_template,
    )

    if kind == "csv":
        response = HttpResponse(template_csv(found), content_type="text/csv; charset=utf-8")
    else:
        buffer = BytesIO()
        write_template(buffer, found)
        response = HttpResponse(buffer.getvalue(), content_type=_WORKBOOK)
    response["Content-Disposition"] = f'attachment; filename="{found.id}.{found.version.isoformat()}.{kind}"'
    response["Cache-Control"] = "no-cache"
    return response
