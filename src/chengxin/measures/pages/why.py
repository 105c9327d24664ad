"""Why something follows for a subject: measure ← decision ← rule ← records ← ledger, to be followed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, public, requires
from chengxin.archive import held
from chengxin.audit.actions import looked
from chengxin.audit.purposes import needs_purpose, purpose_of, strip
from chengxin.design.render import not_found, page, reading
from chengxin.design.showing import item_of
from chengxin.design.words import english, say
from chengxin.measures.consequences import consequences_of, is_natural
from chengxin.measures.pages import parts
from chengxin.registry.queries import LONGEST, resolve

KINDS: Mapping[str, tuple[str, str]] = {
    "list": ("列入名单", "entry in a list"),
    "measure": ("联合奖惩措施", "joint measure"),
    "publication": ("信息公示", "publication"),
}


@public
@reading
def subject_why(request: HttpRequest, code: str) -> HttpResponse:
    """What follows for a subject today as the public may see it, each as a chain down to the ledger."""
    found = _subject(code)
    if found is None or is_natural(found):
        return not_found(
            request,
            gettext("没有可以公示的信用主体"),
            gettext("请核对代码，或按名称查询。自然人的信息不向社会公示。"),
        )
    return page(request, "measures/why", _values(found, public=True), indexed=False)


@requires("subject.read")
@needs_purpose
@reading
def held_why(request: HttpRequest, code: str) -> HttpResponse:
    """The same with what isn't public, for a purpose; who carries measures out only where it is one's own."""
    actor, found = actor_of(request), _subject(code)
    if found is None:
        return not_found(request, gettext("没有这个信用主体"), gettext("请核对代码，或重新检索。"))
    target = held.target(found)
    actor.must("subject.read", target)
    why = purpose_of(request)
    if why is None:  # `needs_purpose` stands before
        raise RuntimeError("no purpose is stated")
    looked(actor, [found], "subject", why, "why", target=target)
    values = _values(found, public=False)
    if not actor.reach(parts.READ).everything:
        for one in values["consequences"]:
            one["actors"] = []
    return page(request, "measures/held_why", {**values, **strip(request)}, indexed=False)


def _subject(code: str) -> int | None:
    return resolve(code) if len(code) <= LONGEST and code.isprintable() else None


def _values(subject: int, *, public: bool) -> dict[str, Any]:
    today = timezone.localdate()
    _, name, code = held.named([subject])[subject]
    return {
        "name": name,
        "code": code,
        "today": today,
        "consequences": [_told(one) for one in consequences_of(subject, today, public=public)],
    }


def _told(one: Mapping[str, Any]) -> dict[str, Any]:
    """A consequence in the page's language."""
    because = one["because"]
    language = "en" if english() else "zh"
    item = item_of(because["rule"]) if one["kind"] == "publication" else None
    rule = (
        say((item.name_zh, item.name_en))
        if item
        else one.get(f"list_name_{language}") or parts.list_name(because["rule"])
    )
    return {
        "kind": say(KINDS[one["kind"]]),
        "badge": "good" if one.get("list_kind") == "red" else "bad",
        "name": one[f"name_{language}"],
        "since": one["since"],
        "until": one["until"],
        "words": one[f"words_{language}"],
        "effect": one.get(f"effect_{language}", ""),
        "decision": because["decision"],
        "rule": rule,
        "rule_id": because["rule"],
        "rule_words": one.get(f"rule_{language}", ""),
        "item": item.id if item else None,
        "law": because[f"law_{language}"],
        "records": because["records"],
        "leaf": one.get("decided_leaf"),
        "ends": one[f"ends_when_{language}"],
        "earliest": one["earliest_end"],
        "actors": [(each["name"], parts.state_name(each["state"])) for each in one.get("actors", ())],
        "severity": one.get("severity"),
    }
