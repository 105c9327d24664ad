"""A subject's copy of everything held on it (PIPL art. 45)."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import orjson
import xlsxwriter
from django.conf import settings

from chengxin.accounts.permissions import Actor
from chengxin.archive import held
from chengxin.archive.marking import BECAUSE
from chengxin.audit import queries as audit
from chengxin.database import reading
from chengxin.design import exports
from chengxin.kernel.crypto import SealBroken
from chengxin.kernel.identifiers import SCHEMES
from chengxin.ledger.actions import appending


@dataclass(frozen=True)
class Note:
    """Something that rooms above tell a subject on its own page: in the page's language, where it leads."""

    text: str
    url: str
    on: date
    due: date | None


NOTES: list[Callable[[Sequence[int]], Sequence[Note]]] = []
"""Who tells a subject something: (all its numbers) → what stands on its page today."""

FORMATS = {"json": "application/json", "xlsx": exports.FORMATS["xlsx"]}
"""What a copy can be, and its media type."""

_SEALED = (
    "SELECT i.scheme, i.cipher FROM registry_identifier i JOIN registry_subject s ON s.id = i.subject_id "
    "WHERE coalesce(s.merged_into_id, s.id) = %s::bigint AND i.cipher IS NOT NULL ORDER BY i.id"
)
_MOST_LOOKS = 100_000


def numbers(subject: int) -> list[tuple[str, str, str]]:
    """The subject's own sealed numbers in the clear: (name in Chinese, in English, value)."""
    found = []
    for scheme, cipher in reading.rows(_SEALED, [subject]):
        known = SCHEMES[scheme]
        try:
            value = settings.KEYRING.decrypt(bytes(cipher), b"identifier").decode()
        except SealBroken:
            continue
        found.append((known.name_zh, known.name_en, value))
    return found


def copy(actor: Actor, subject: int, members: Sequence[int], today: date, format: str) -> bytes:
    """Everything as a file in one of FORMATS; that it was given out is an event of the ledger."""
    content = {
        "subject": held.held_subject(subject),
        "numbers": [{"name": f"{zh} {en}", "value": value} for zh, en, value in numbers(subject)],
        "records": held.records(subject, today, limit=None),
        "looks": [_look(one) for one in audit.looks_at(members, limit=_MOST_LOOKS)],
        "of": today.isoformat(),
        "law": "《个人信息保护法》第45条 / Personal Information Protection Law, art. 45",
    }
    with appending() as log:
        log.event("copy_given", {"subject": subject, "user": actor.user, "format": format})
    if format == "json":
        return orjson.dumps(content, option=orjson.OPT_INDENT_2)
    return _workbook(content)


def _why(record: dict[str, Any]) -> str:
    """What brought a record's state about, in both languages, with the reason that was given."""
    because = record["because"]
    if because is None:
        return ""
    return f"{' '.join(BECAUSE.get(because, (because,)))}：{record['reason']}"


def _look(one: audit.Look) -> dict[str, Any]:
    return {
        "number": one.id,
        "at": one.at.isoformat(),
        "organisation": one.organisation,
        "what": one.what,
        "purpose": one.kind,
        "reason": one.words,
        "law": one.law,
        "article": one.article,
        "case": one.case,
    }


def _workbook(content: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        _sheet(book, "主体 subject", ("项目 item", "内容 value"), _facts(content))
        _sheet(
            book,
            "信用信息 records",
            (
                "编号 number", "日期 date", "项目 item", "状态 state", "状态起 since", "原因 why",
                "来源 source", "依据 law", "公示至 until", "内容 content",
            ),
            (
                (
                    record["id"], record["date"], record["item_name_zh"], record["state"], record["since"],
                    _why(record), record["source"],
                    f"{record['law_name_zh']} {record['article']}".strip(), record["publication"]["until"],
                    "；".join(f"{code}: {value}" for code, value in record["payload"].items()),
                )
                for record in content["records"]
            ),
        )  # fmt: skip
        _sheet(
            book,
            "被查询记录 looks",
            (
                "编号 number", "时间 at", "单位 organisation", "方式 what", "目的 purpose", "事由 reason",
                "依据 law",
            ),
            (
                (
                    look["number"], look["at"], look["organisation"], look["what"], look["purpose"],
                    look["reason"], f"{look['law']} {look['article']}".strip(),
                )
                for look in content["looks"]
            ),
        )  # fmt: skip
    return out.getvalue()


def _facts(content: dict[str, Any]) -> list[tuple[str, str]]:
    subject = content["subject"]
    facts = [("名称 name", subject["name"]), ("代码 code", subject["code"]), ("类别 kind", subject["kind"])]
    facts += [("代码 identifier", f"{one['scheme']}: {one['value']}") for one in subject["identifiers"]]
    facts += [(one["name"], one["value"]) for one in content["numbers"]]
    facts += [("名称沿革 name", f"{one['name']} {one['since'] or ''}") for one in subject["names"]]
    facts += [("角色 role", f"{one['role']} {one['since'] or ''}") for one in subject["roles"]]
    facts += [("网店、网站 outlet", f"{one['name']} {one['url'] or ''}") for one in subject["outlets"]]
    facts += [
        ("核验 verification", f"{one['state']} {one['checked_on']}") for one in subject["verifications"]
    ]
    return facts


def _sheet(book: Any, name: str, heads: Sequence[str], lines: Any) -> None:
    sheet = book.add_worksheet(name)
    bold = book.add_format({"bold": True})
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, len(heads) - 1, 24)
    for at, head in enumerate(heads):
        sheet.write_string(0, at, head, bold)
    for row, line in enumerate(lines, 1):
        for at, value in enumerate(line):
            if isinstance(value, int):
                sheet.write_number(row, at, value)
            elif value is not None:
                sheet.write_string(row, at, str(value))  # never a formula, whatever it begins with
