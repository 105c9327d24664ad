"""The admission check for platforms' compliance officers: one code, or a list of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from chengxin.accounts.guard import actor_of, requires
from chengxin.design.exports import file_of
from chengxin.design.forms import Field, said
from chengxin.design.render import page
from chengxin.design.words import english, say
from chengxin.kernel.problems import Problem
from chengxin.measures import admission
from chengxin.measures.admission import ANSWERS, BadCode, Checked
from chengxin.measures.pages import parts

BADGES: Mapping[str, str] = {"admit": "good", "restrict": "warn", "refuse": "bad"}
BEARS: Mapping[str, tuple[str, str, str]] = {
    "refuse": ("bad", "法律禁止入驻", "forbids admission by law"),
    "restrict": ("warn", "可以限制入驻", "may limit admission"),
    "warn": ("quiet", "仅提示", "a warning only"),
}
"""How a measure bears on admission: badge, and words in Chinese and English."""
LARGEST = 200_000
"""Bytes of a list of codes."""


@requires(admission.ACTION)
def check(request: HttpRequest) -> HttpResponse:
    """Ask by code (POST) whether a merchant or carrier may come in; a list of codes answers with a file."""
    if request.method != "POST":
        return _form(request)
    if "list" in request.POST or request.FILES:
        return _listed(request)
    code = request.POST.get("code", "")
    try:
        found = admission.check(actor_of(request), code, timezone.localdate(), detail="page")
    except BadCode as bad:
        return _form(request, code=code, error=said(bad.problem), status=422)
    if found is None:
        return _form(request, code=code, error=said(_nobody(code)), status=404)
    return _form(request, code=code, checked=found)


def _form(
    request: HttpRequest,
    *,
    code: str = "",
    error: str = "",
    list_error: str = "",
    checked: Checked | None = None,
    status: int = 200,
) -> HttpResponse:
    values: dict[str, Any] = {
        "fields": [
            Field(
                "code",
                gettext("商家、寄递企业的代码"),
                value=code[:100],
                hint=gettext("统一社会信用代码，或者S加编号"),
                error=error,
                attributes={"maxlength": "100", "spellcheck": "false"},
            )
        ],
        "list_fields": [
            Field(
                "codes",
                gettext("代码文件（CSV）"),
                "file",
                hint=gettext("第一列为代码，每行一个，最多%(n)s个") % {"n": admission.MOST},
                error=list_error,
                attributes={"accept": ".csv,text/csv,text/plain"},
            )
        ],
        "checked": checked,
    }
    if checked is not None:
        values |= {
            "answer": say(ANSWERS[checked.answer]),
            "badge": BADGES[checked.answer],
            "reasons": [_reason(one) for one in checked.reasons],
            "warned": checked.answer == "admit" and bool(checked.reasons),
        }
    return page(request, "measures/admission", values, status, indexed=False)


def _reason(one: Mapping[str, Any]) -> dict[str, Any]:
    """A measure that bears on admission, in the page's language: how, why, by which law, how long."""
    language = "en" if english() else "zh"
    badge, zh, en = BEARS[one["admission"]]
    because = one["because"]
    return {
        "badge": badge,
        "bears": say((zh, en)),
        "measure": one[f"name_{language}"],
        "law": because[f"law_{language}"],
        "list": one[f"list_name_{language}"],
        "decision": because["decision"],
        "url": f"/decisions/{one['case']}" if one["public"] else "",
        "sources": list(dict.fromkeys(each["source"] for each in because["records"])),
        "since": one["since"],
        "until": one["until"],
        "ends": one[f"ends_when_{language}"],
        "earliest": parts.early(one),
        "words": one[f"words_{language}"],
    }


def _listed(request: HttpRequest) -> HttpResponse:
    file = request.FILES.get("codes")
    codes = _codes(file.read(LARGEST + 1)) if file is not None and (file.size or 0) <= LARGEST else None
    if not codes:
        return _form(request, list_error=gettext("请选择一个不超过200KB的代码文件。"), status=422)
    if len(codes) > admission.MOST:
        return _form(
            request,
            list_error=gettext("文件有%(n)s个代码，超过%(most)s个，请分次核查。")
            % {"n": len(codes), "most": admission.MOST},
            status=422,
        )
    found = admission.check_many(actor_of(request), codes, timezone.localdate(), detail="list")
    heads = [gettext("代码"), gettext("名称"), gettext("结论"), gettext("理由"), gettext("核查日期")]
    return file_of(
        "admission", "csv", heads, [_line(code, one) for code, one in zip(codes, found, strict=True)]
    )


def _codes(content: bytes) -> list[str] | None:
    """The first column; a first row without any digit is a heading. None for what is no text."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        lines = [line.replace("\t", ",").split(",")[0].strip().strip('"') for line in text.splitlines()]
        codes = [line for line in lines if line]
        return codes[1:] if codes and not any(sign.isdigit() for sign in codes[0]) else codes
    return None


def _line(code: str, one: Checked | BadCode | None) -> Sequence[str]:
    if one is None:
        return [code, "", gettext("未查到"), said(_nobody(code)), ""]
    if isinstance(one, BadCode):
        return [code, "", gettext("代码有误"), said(one.problem), ""]
    reasons = "；".join(
        f"{parts.measure_name(each['measure'])}（{each['because']['decision']}）" for each in one.reasons
    )
    return [code, one.name, say(ANSWERS[one.answer]), reasons, one.checked_on.isoformat()]


def _nobody(code: str) -> Problem:
    return Problem(
        "code", None, "code_known",
        "没有这个代码的信用主体", "there is no subject with this code",
        "请核对代码", "check the code",
    )  # fmt: skip
