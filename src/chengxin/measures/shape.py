"""The shape of a consequence, as `/api/v1/subjects/{code}/consequences` gives it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from chengxin.kernel.personal import masked
from chengxin.measures.wording import law_words

Consequence = dict[str, Any]

_DAY = timedelta(days=1)


def consequence(
    kind: str,
    facts: Consequence,
    *,
    since: date,
    until: date | None,
    ends: tuple[str, str],
    earliest: date | None,
    **more: Any,
) -> Consequence:
    """One consequence; days in ISO, None where open.

    facts     `because` and what else is told besides the keys of the contract
    ends      what ends it, in Chinese and English; earliest: the first day on which that may be
    """
    because = facts["because"]
    law_zh, law_en = law_words(because["law"], because["article"])
    return {
        "kind": kind,
        "since": since.isoformat(),
        "until": until.isoformat() if until else None,
        "because": because | {"law_zh": law_zh, "law_en": law_en},
        "ends_when": f"{ends[0]} / {ends[1]}",
        "earliest_end": earliest.isoformat() if earliest else None,
        "ends_when_zh": ends[0],
        "ends_when_en": ends[1],
        **{key: value for key, value in facts.items() if key != "because"},
        **more,
    }


def record(id: int, source: str, item: str, document: str, *, public: bool) -> Consequence:
    """A record by the number of its leaf: its source, what it is, and where the public gets its proof.

    document  the number of the decision that it tells of (文号), of what is public; "" where it says none
    """
    proof = f"/api/v1/records/{id}/proof" if public else None
    return {
        "id": id,
        "source": source,
        "item": item,
        "document": masked(document) if public else "",
        "public": public,
        "proof": proof,
    }


def after(day: date | None) -> date | None:
    """The day after the last one; None where there is no last one."""
    return day + _DAY if day else None
