"""A document of a case as it stands on paper: for the pages of staff and those of its subject."""

from __future__ import annotations

from typing import Any

from chengxin.cases import queries
from chengxin.cases.names import document_name
from chengxin.design import words


def values(document: int, *, of: int) -> dict[str, Any] | None:
    """What `cases/parts/paper.html` shows of a document of the case `of`; None where it has none such.

    The body is what was sealed: {"title", "to", "paragraphs", "rows" behind `rows_at` of them, "basis":
    [[law, article]], "rights", "signed"}; whatever of it is missing is left out on the page.
    """
    found = queries.document(document)
    if found is None or found[0] != of:
        return None
    _, paper, body = found
    said = body.get("paragraphs", ())
    at = body.get("rows_at", len(said))
    return {
        "before": said[:at],
        "after": said[at:],
        "paper": paper,
        "body": body,
        "office": body.get("signed") or body.get("office", ""),
        "kind": words.say(document_name(paper.kind)),
        "basis": [_cited(one) for one in body.get("basis", ())],
        "day": f"{paper.day.year}年{paper.day.month}月{paper.day.day}日",
    }


def _cited(one: Any) -> str:
    """A law with its article as it is written in Chinese: documents are served in Chinese."""
    if isinstance(one, str):
        return one
    name, article = (*one, "")[:2]
    name = name if name.startswith("《") else f"《{name}》"
    return f"{name}第{article}条" if article else name
