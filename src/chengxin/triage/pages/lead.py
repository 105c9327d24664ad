"""One lead on one screen: the question, what was measured, the rows themselves, and the decision."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.accounts.permissions import Actor
from chengxin.audit.purposes import needs_purpose, strip
from chengxin.cases.worklist import readable
from chengxin.database import reading as database
from chengxin.design import flash, words
from chengxin.design.forms import said
from chengxin.design.render import page, reading
from chengxin.registry.queries import code_of
from chengxin.triage import queries
from chengxin.triage import ring as rings
from chengxin.triage.acting import NotDone, Overtaken, act, target_of
from chengxin.triage.detectors import detectors
from chengxin.triage.evidence import Rows
from chengxin.triage.looking import note
from chengxin.triage.masking import Names, names
from chengxin.triage.models import Lead
from chengxin.triage.pages import deciding, parts, showing
from chengxin.triage.queries import READ, Found
from chengxin.triage.rules import DECIDE, KINDS, WAITING

MEMBERS = 40
"""Members that are named; the graph shows how they hang together."""

FEWEST, DRAWN = 3, 2
"""Accounts and shops from which on a scheme is drawn as a ring, without whoever only bought there, too; and
nodes up to which a graph says no more than the sentence above it."""


def _found(request: HttpRequest, id: int) -> Lead | None:
    found = queries.lead(id)
    if found is None or not actor_of(request).may(READ, target_of(found)):
        return None
    return found


@requires(READ)
@needs_purpose
def lead(request: HttpRequest, id: int) -> HttpResponse:
    """A lead with its evidence; POST decides on it."""
    actor = actor_of(request)
    if request.method == "POST":
        actor.must(DECIDE)
    found = _found(request, id)
    if found is None:
        return parts.no_lead(request)
    note(request, [found.subject_id], "lead", str(found.pk))
    return _decided(request, found) if request.method == "POST" else _page(request, found)


def _decided(request: HttpRequest, found: Lead) -> HttpResponse:
    post, today = request.POST, timezone.localdate()
    kind, seen = post.get("do", ""), post.get("seen", "")
    if kind not in KINDS or not (seen.isascii() and seen.isdigit() and len(seen) < 9):
        return _page(request, found, general=[gettext("表单不完整。请重新打开本页后再提交。")], status=400)
    facts = {name: post.get(name, "") for name in ("words", "until", "reason", "subject")}
    try:
        act(found.pk, kind, actor_of(request), today, facts, seen=int(seen))
    except Overtaken as late:
        newest = queries.lead(found.pk) or found
        return _page(request, newest, general=[said(one) for one in late.problems], typed=facts, status=409)
    except NotDone as refused:
        panel = deciding.form(found, kind, today, facts, refused.problems)
        asked = {one.name for one in panel.get("fields", ())}
        general = [said(one) for one in refused.problems if one.field not in asked]
        return _page(request, found, panel=panel, general=general, status=422)
    chosen = KINDS[kind]
    flash.say(request, f"已办理：{chosen.zh}", f"Done: {chosen.en}")
    return HttpResponseRedirect(reverse("lead", args=[found.pk]))


def _page(
    request: HttpRequest,
    found: Lead,
    *,
    panel: Mapping[str, Any] | None = None,
    general: list[str] | None = None,
    typed: Mapping[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    actor, today = actor_of(request), timezone.localdate()
    members = queries.members(found.pk)
    named = _names(found, members)
    rows, within = _within_ring(found.rows or {}, members)
    may = actor.may(DECIDE, target_of(found))
    of = detectors()[found.detector]
    graph = rings.graph(rows, named, _keys(members, named))
    following = queries.following(actor.reach(DECIDE), found.value, found.pk) if may else None
    values = {
        "lead": found,
        "question": parts.question(found.detector, found.entity, found.entity_id, found.name, found.members),
        "state": parts.state(found.state),
        "badge": parts.BADGES[found.state],
        "detector": parts.detector(found.detector),
        "law": words.cited(*of.law),
        "share": parts.share(found.probability),
        "amount": parts.yuan(found.amount),
        "subject": _subject(found),
        "signals": showing.signals(members),
        "members": [_member(one, named) for one in members[:MEMBERS]],
        "more_members": max(0, found.members - MEMBERS),
        "ring": graph if len(graph.nodes) > DRAWN else None,
        "ties": _ties(graph),
        "tables": showing.row_tables(rows, named, request.GET.get("table", "")),
        "parcels": showing.parcels(rows, within),
        "mark_kinds": [(id, words.say(showing.WORDS[id])) for id in showing.MARKS],
        "map": showing.on_map(rows),
        "chart": showing.prices(rows.get("prices", ())),
        "clusters": showing.clusters(rows.get("ratings", ())),
        "evidence": _counted(members),
        "twins": [words.say(one) for one in of.twins],
        "seen": queries.sightings(found.pk),
        "history": deciding.history(queries.acts(found.pk), inside=_inside(actor)),
        "may": may,
        "case": _case(found, actor),
        "panel": panel or deciding.form(found, request.GET.get("do", ""), today),
        "general_errors": general or [],
        "typed": [one for one in (typed or {}).values() if one],
        "following": following,
        "waits": found.state in WAITING,
        "nominate": _nominate(found, actor),
        **strip(request),
    }
    return page(request, "triage/lead", values, status, indexed=False)


def _inside(actor: Actor) -> bool:
    """Whether an official looks: of a platform the way in is its organisation alone."""
    reach = actor.reach(READ)
    return reach.everything or bool(reach.regions)


def _names(found: Lead, members: list[Found]) -> Names:
    sellers = [one.entity_id for one in members if one.entity == "seller"]
    return names(found.rows or {}, sellers)


def _keys(members: list[Found], named: Names) -> frozenset[str]:
    """The accounts and shops of a ring, as the page names them; nothing where they are no ring."""
    of = {"seller": "shop", "buyer": "buyer"}
    keys = frozenset(named.key(of[one.entity], one.entity_id) for one in members if one.entity in of)
    return keys if len(keys) >= FEWEST else frozenset()


def _within_ring(rows: Rows, members: list[Found]) -> tuple[Rows, frozenset[str]]:
    """The rows with the orders among a ring's members first, and the waybills of those orders."""
    ids = {kind: {one.entity_id for one in members if one.entity == kind} for kind in ("seller", "buyer")}

    def among(order: Mapping[str, Any]) -> bool:
        return order.get("seller_id") in ids["seller"] and order.get("buyer_id") in ids["buyer"]

    orders = sorted(rows.get("orders", ()), key=lambda one: not among(one))
    first = frozenset(str(one["waybill_no"]) for one in orders if among(one) and "waybill_no" in one)
    return ({**rows, "orders": orders} if orders else rows), first


def _member(one: Found, named: Names) -> dict[str, str]:
    personal = one.entity in parts.PERSONAL
    known = one.entity == "seller" or (personal and one.entity != "account")
    kind = "shop" if one.entity == "seller" else one.entity
    name = named.name(kind, one.entity_id) if known else parts.entity(one.entity, one.entity_id, "")
    return {"kind": gettext(parts.ENTITIES[one.entity]), "name": name, "score": f"{one.score:.2f}"}


def _ties(graph: rings.Graph) -> list[dict[str, str]]:
    """The graph as a table: who, what, with whom."""
    said = {one.key: one.name for one in graph.nodes}
    words_of = {"orders": gettext("下单"), "back": gettext("转账回"), "shares": gettext("共用")}
    return [
        {
            "source": said[one.source], "kind": words_of[one.kind], "target": said[one.target],
            "number": "" if one.kind == "shares" else str(one.number),
            "amount": f"{one.amount / 100:,.2f}" if one.amount else "",
        }
        for one in sorted(graph.edges, key=lambda one: (one.kind != "back", one.kind, -one.amount))
    ]  # fmt: skip


def _counted(members: list[Found]) -> list[tuple[str, int]]:
    """How many ids the evidence names: what the platform can be asked for where no row is at hand."""
    titles = {"orders": gettext("订单"), "waybills": gettext("运单"), "accounts": gettext("账号")}
    ids: dict[str, set[str]] = {kind: set() for kind in titles}
    for one in members:
        for kind, some in one.evidence.items():
            ids[kind].update(some)
    return [(titles[kind], len(some)) for kind, some in ids.items() if some]


def _subject(found: Lead) -> dict[str, str] | None:
    if found.subject_id is None:
        return None
    row = database.row(
        f"SELECT s.name, {code_of('s')} FROM registry_subject o JOIN registry_subject s "
        "ON s.id = coalesce(o.merged_into_id, o.id) WHERE o.id = %s::bigint",
        [found.subject_id],
    )
    return {"name": row[0], "code": row[1]} if row else None


def _case(found: Lead, actor: Actor) -> int | None:
    """The inspection of the lead, where this person may see it."""
    return found.case_id if found.case_id is not None and readable(actor, target_of(found)) else None


def _nominate(found: Lead, actor: Actor) -> str | None:
    """Where its subject is nominated for the list of such leads, once an inspection found it true."""
    of = detectors()[found.detector]
    if found.state != "confirmed" or of.list is None or not actor.may("list.propose"):
        return None
    return f"{reverse('case-new', args=['listing'])}?rule={of.list}&subject=S{found.subject_id}"


@requires(READ)
@reading
@needs_purpose
def ring(request: HttpRequest, id: int) -> HttpResponse:
    """The graph of a lead for the script that draws it: names as on the page, no id of the platform's."""
    found = _found(request, id)
    if found is None:
        return parts.no_lead(request)
    note(request, [found.subject_id], "lead", f"{found.pk}/ring")
    members = queries.members(found.pk)
    named = _names(found, members)
    graph = rings.graph(found.rows or {}, named, _keys(members, named))
    return HttpResponse(orjson.dumps(graph.as_dict()), content_type="application/json")
