"""The page of each published decision; what is no longer public is gone, and its page names nobody."""

from __future__ import annotations

from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import public
from chengxin.design import words
from chengxin.design.render import not_found, page, reading
from chengxin.kernel.numbers import row_number
from chengxin.measures.consequences import consequences_of
from chengxin.publicity import changes, entries, notices
from chengxin.publicity.grounds import grounds
from chengxin.publicity.pages.lists import told
from chengxin.registry.queries import region
from chengxin.rulebook.catalogue import SUBJECT_KINDS

BIGGEST = 2**63 - 1


@public
@reading
def one(request: HttpRequest, case: int) -> HttpResponse:
    """Why a subject stands in a list, by which law, until when, what follows and which remedies there are."""
    today = timezone.localdate()
    shown = entries.one(case, today) if case <= BIGGEST else None
    if shown is None:
        return absent(request, case, known=case <= BIGGEST and entries.once_public(case))
    of_case = [each for each in consequences_of(shown.subject, today) if each.get("case") == case]
    entry = next((each for each in of_case if each["kind"] == "list"), None)
    cited = entry["because"]["records"] if entry else []
    records = grounds([each["id"] for each in cited if each["public"]], today)
    area = region(shown.region)
    values = {
        "entry": shown,
        "list": told(shown.rule),
        "kind": words.say(SUBJECT_KINDS[shown.subject_kind]),
        "region": area["name"] if area else "",
        "law": words.cited(shown.law, shown.article),
        "records": records,
        "hidden": len(cited) - len(records),
        "measures": [_measure(each) for each in of_case if each["kind"] == "measure"],
        "proofs": proofs(case),
        "today": today,
        "address": request.build_absolute_uri(request.path),
    }
    return page(request, "publicity/decision", values, indexed=False)


def _measure(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one["measure"],
        "name": words.say((one["name_zh"], one["name_en"])),
        "law": words.cited(one["because"]["law"], one["because"]["article"]),
        "since": one["since"],
        "until": one["until"],
        "words": words.say((one["words_zh"], one["words_en"])),
    }


def absent(request: HttpRequest, case: int, *, known: bool) -> HttpResponse:
    """410 for what was public once, naming nobody; 404 for what never was."""
    if not known:
        return not_found(
            request, gettext("没有这个公示的决定"), gettext("请核对地址，或者从名单目录中查找。")
        )
    down = changes.taken_down(case)
    values = {"case": case, "down": {"at": down[0], "day": down[1], "leaf": down[2]} if down else None}
    return page(request, "publicity/gone", values, 410, indexed=False)


def proofs(case: int) -> list[dict[str, Any]]:
    """What the ledger holds of a case, in words."""
    return [{**one, "name": words.say((one["zh"], one["en"]))} for one in changes.proof(case)]


@public
@reading
def proof(request: HttpRequest, case: int) -> HttpResponse:
    """What the ledger holds of a decision or notice, deciding, showing and taking down; it names nobody.

    With `leaf`: the proof of that one alone, as `check_proof.py` reads it.
    """
    known = case <= BIGGEST and (entries.once_public(case) or notices.once_shown(case))
    if not known:
        return absent(request, case, known=False)
    held = changes.proof(case)
    answer: dict[str, Any] = {"decision": case, "events": held}
    if text := request.GET.get("leaf", ""):
        number = row_number(text)
        one = next((each for each in held if each["leaf"] == number), None)
        if one is None:
            return not_found(
                request,
                gettext("这个决定没有这片叶子"),
                gettext("请从决定的页面打开证明，或者去掉leaf。"),
            )
        answer = one
    body = orjson.dumps(answer, option=orjson.OPT_INDENT_2)
    headers = {"Cache-Control": "no-cache", "X-Robots-Tag": "noindex, noarchive"}
    return HttpResponse(body, content_type="application/json", headers=headers)
