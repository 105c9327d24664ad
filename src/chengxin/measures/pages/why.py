"""Why something follows for a subject: measure ← decision ← rule ← records ← ledger, to be followed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
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
from chengxin.measures.wording import STATES
from chengxin.registry.queries import LONGEST, resolve

KINDS: Mapping[str, tuple[str, str]] = {
    "black": ("失信惩戒名单", "black list"),
    "red": ("守信激励名单", "red list"),
    "attention": ("重点关注名单", "attention list"),
    "measure": ("名单已移出，措施依法存续", "the entry has ended, measures outlive it by law"),
    "publication": ("失信信息公示", "dishonest information, published"),
}
BADGES: Mapping[str, str] = {"black": "bad", "red": "good", "attention": "warn"}


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
        for chain in values["chains"]:
            for one in chain["measures"]:
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
        "chains": chains(consequences_of(subject, today, public=public), today),
    }


def chains(consequences: Iterable[Mapping[str, Any]], today: date) -> list[dict[str, Any]]:
    """Consequences by what they rest on, in the page's language: each decision with all that it brought.

    A publication is a chain of its own. The first of a decision's consequences says why, the others how.
    """
    found: dict[tuple[str, Any], dict[str, Any]] = {}
    for one in consequences:
        records = one["because"]["records"]
        key = ("case", one["case"]) if "case" in one else ("record", records[0]["id"])
        chain = found.setdefault(key, {})
        if not chain:
            chain |= _chain(one, today)
        if one["kind"] == "measure":
            told = _measure(one)
            told["as_entry"] = all(told[key] == chain[key] for key in ("since", "until", "early_end"))
            chain["measures"].append(told)
    return list(found.values())


def _chain(one: Mapping[str, Any], today: date) -> dict[str, Any]:
    because, language = one["because"], _language()
    kind = one["list_kind"] if one["kind"] == "list" else one["kind"]
    published = item_of(because["rule"]) if one["kind"] == "publication" else None
    shown = one["kind"] == "list" and one["public"]
    return {
        "kind": say(KINDS[kind]),
        "badge": BADGES.get(kind, "quiet"),
        "state": say(STATES[one["state"]]) if one["state"] in ("contested", "questioned") else "",
        "name": one.get(f"list_name_{language}") or one[f"name_{language}"],
        "words": one[f"words_{language}"],
        "records": [_record(each) for each in because["records"]],
        "rule": one.get(f"rule_{language}") or "",
        "rule_url": reverse("item", args=[published.id]) if published else f"/lists/{because['rule']}",
        "law": because[f"law_{language}"],
        "list": one["kind"] != "publication",
        "decision": because["decision"],
        "decision_url": f"/decisions/{one['case']}" if shown else "",
        "decision_proof": f"/decisions/{one['case']}/proof.json" if shown else "",
        "leaf": one.get("decided_leaf"),
        "measures": [],
        **_until(one, today),
    }


def _record(each: Mapping[str, Any]) -> dict[str, Any]:
    item = item_of(each["item"])
    return {**each, "name": say((item.name_zh, item.name_en)) if item else each["item"]}


def _measure(one: Mapping[str, Any]) -> dict[str, Any]:
    language = _language()
    return {
        "id": one["measure"],
        "name": one[f"name_{language}"],
        "effect": one[f"effect_{language}"],
        "law": one["because"][f"law_{language}"],
        "since": one["since"],
        "until": one["until"],
        "ends": one[f"ends_when_{language}"],
        "early_end": parts.early(one),
        "actors": [(each["name"], parts.state_name(each["state"])) for each in one.get("actors", ())],
    }


def _until(one: Mapping[str, Any], today: date) -> dict[str, Any]:
    """From when to when, what would end it, where today and the earliest end lie between, in hundredths."""
    since, until, earliest = (
        date.fromisoformat(one[key]) if one[key] else None for key in ("since", "until", "earliest_end")
    )
    whole = (until - since).days if since and until else 0

    def share(day: date | None) -> str | None:
        if not (since and day and whole):
            return None
        return f"{100 * min(1, max(0, (day - since).days / whole)):.1f}"

    return {
        "since": one["since"],
        "until": one["until"],
        "ends": one[f"ends_when_{_language()}"],
        "earliest": one["earliest_end"],
        "early_end": parts.early(one),
        "possible": earliest is not None and earliest <= today,
        "gone": share(today),
        "early": share(earliest) if earliest and until and earliest <= until else None,
    }


def _language() -> str:
    return "en" if english() else "zh"
