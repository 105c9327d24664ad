"""Pages of reports: a subject's report on screen, as PDF and as JSON; and where a report is verified."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, cast

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.csrf import csrf_exempt

from chengxin.accounts.guard import actor_of, public, requires
from chengxin.archive import held
from chengxin.archive.pages.held import no_subject, stated, subject_of
from chengxin.audit.purposes import needs_purpose
from chengxin.database import reading as database
from chengxin.design import words
from chengxin.design.forms import Field, said
from chengxin.design.language import TAGS, current
from chengxin.design.render import not_found, page, reading, unavailable
from chengxin.kernel.numbers import row_number
from chengxin.reports import cache, faults, html, pdf, sealing, verifying, wording
from chengxin.reports.content import public_matter
from chengxin.reports.limits import LARGEST
from chengxin.reports.signing import certificate_pem, fingerprint
from chengxin.reports.sites import site

_ROUND_THE_FILE = 64 * 1024
"""Bytes of a form besides its file."""

Pdf = Callable[[], HttpResponse]


@public
@reading
def on_screen(request: HttpRequest, code: str) -> HttpResponse:
    """The public report on a subject as a page; it is not sealed, its PDF is."""
    today = timezone.localdate()
    matter = public_matter(code, today)
    if matter is None:
        return _nobody(request)
    values = html.values(matter.said) | {
        "today": today,
        "printable": pdf.available(),
        "address": request.build_absolute_uri(request.path),
    }
    return page(request, "reports/report", values, indexed=False)


@public
@reading
def as_pdf(request: HttpRequest, code: str) -> HttpResponse:
    """The public report as a signed PDF: made once for the day, its content and the language."""
    today = timezone.localdate()
    if not pdf.available():
        return _nobody(request)
    try:
        made = sealing.public_report(code, today)
    except sealing.Unknown:
        return _nobody(request)
    kind = f"{made.code}.{current()}.pdf"
    body = cache.kept(today, made.number, kind)
    if body is None:
        try:
            body = pdf.report_pdf(made, site())
        except pdf.Busy:
            return unavailable(request)
        cache.keep(today, made.number, kind, body)
    return _file(body, made, "pdf")


@public
@reading
def as_json(request: HttpRequest, code: str) -> HttpResponse:
    """The public report as data, byte for byte as the ledger sealed it and the PDF carries it."""
    try:
        made = sealing.public_report(code, timezone.localdate())
    except sealing.Unknown:
        return _nobody(request)
    return _file(made.body, made, "json")


@requires("subject.read")
@needs_purpose
def full(request: HttpRequest, code: str) -> HttpResponse:
    """The full version, for the purpose that the person stated; the look is in the ledger."""
    found = subject_of(code)
    if found is None or not pdf.available():
        return no_subject(request)
    made = sealing.full_report(actor_of(request), found, stated(request), timezone.localdate())
    return _private(request, made)


@requires("own.read")
def own(request: HttpRequest) -> HttpResponse:
    """The full version for the subject itself."""
    actor = actor_of(request)
    mine = {id for id, _, _ in held.named(actor.reach("own.read").subjects).values()}
    wanted = request.GET.get("subject") or ""
    found = row_number(wanted) if wanted else next(iter(mine)) if len(mine) == 1 else None
    if found is None or found not in mine:
        return HttpResponseRedirect("/own")
    if not pdf.available():
        return not_found(request)
    return _private(request, sealing.own_report(actor, found, timezone.localdate()))


def _private(request: HttpRequest, made: sealing.Made) -> HttpResponse:
    try:
        body = pdf.report_pdf(made, site())
    except pdf.Busy:
        return unavailable(request)
    response = _file(body, made, "pdf")
    response["Cache-Control"] = "no-store"
    return response


def _file(body: bytes, made: sealing.Made, kind: str) -> HttpResponse:
    response = HttpResponse(body, content_type="application/pdf" if kind == "pdf" else "application/json")
    name = f"{made.content['subject']['code']}-{made.number}.{kind}"
    response["Content-Disposition"] = f'{"inline" if kind == "pdf" else "attachment"}; filename="{name}"'
    response["Content-Language"] = TAGS[current()]
    response["Cache-Control"] = "no-cache"
    response["Vary"] = "Cookie, Accept-Language, Accept-Encoding"
    response["X-Robots-Tag"] = "noindex, noarchive"
    return response


def _nobody(request: HttpRequest) -> HttpResponse:
    return not_found(
        request,
        gettext("没有可以公示的信用主体"),
        gettext("请核对代码，或按名称查询。自然人的信息不向社会公示。"),
    )


# --- verification -------------------------------------------------------------------------------------------


@public
@csrf_exempt  # nothing is changed; so a file that is too large is refused before anybody reads it
def verification(request: HttpRequest) -> HttpResponse:
    """Verify a file: what is wrong with it, or what it says and what changed since."""
    if request.method not in ("GET", "HEAD", "POST"):
        return HttpResponse(status=405, headers={"Allow": "GET, HEAD, POST"})
    if request.method == "POST":
        return _uploaded(request) if pdf.available() else not_found(request)
    number, code = row_number(request.GET.get("number", "")), request.GET.get("code", "")
    if number is not None:
        return HttpResponseRedirect(f"/reports/{number}?code={_plain(code)}")
    return _page(request, {})


def _uploaded(request: HttpRequest) -> HttpResponse:
    """The verdict on a file that was sent."""
    length = request.META.get("CONTENT_LENGTH") or ""
    sent = int(length) if length.isdecimal() else 0
    if sent > LARGEST + _ROUND_THE_FILE:
        return _page(request, {"problems": [said(faults.too_large(sent, LARGEST))]}, 413)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, {"missing": gettext("请选择报告的PDF或JSON文件")}, 400)
    verdict = verifying.verify_file(cast("bytes", file.read(LARGEST + 1)), timezone.localdate())
    if not verdict.holds or verdict.sealed is None:
        return _page(request, {"problems": [said(one) for one in verdict.problems]})
    known = verdict.content["subject"]
    values = {
        **_entry(verdict.sealed),
        "name": known["name"],
        "subject_code": known["code"],
        "gone": wording.gone(verdict.gone),
        "over": verdict.over,
        "whole": True,
        "signed": verdict.signed,
    }
    return _page(request, values)


@public
@reading
def numbered(request: HttpRequest, number: int) -> HttpResponse:
    """Where the QR code of a report leads: whether number and code are as sealed, and what changed since."""
    code = request.GET.get("code", "")
    if not code:
        return _page(request, {"number": number})
    today = timezone.localdate()
    found = verifying.verify_number(number, code, today)
    if found is None:
        wrong = gettext(
            "账本中没有编号和校验码与此相符的报告。请核对纸上的编号和校验码；仍不相符的，这份报告不是本平台出具的。"
        )
        return _page(request, {"number": number, "code": _plain(code), "problems": [wrong]}, 404)
    values: dict[str, Any] = {**_entry(found.entry), "code": _plain(code)}
    if found.gone is not None:
        values |= {"gone": wording.gone(found.gone), "partly": True} | _named(found.entry.subject)
    return _page(request, values)


@public
@reading
def certificate(request: HttpRequest) -> HttpResponse:
    """The certificate under which reports are signed."""
    response = HttpResponse(certificate_pem(), content_type="application/x-pem-file")
    response["Content-Disposition"] = 'attachment; filename="chengxin-reports.pem"'
    response["Cache-Control"] = "no-cache"
    return response


def _entry(entry: sealing.Sealed) -> dict[str, Any]:
    return {
        "entry": entry,
        "number": entry.number,
        "version": words.say(wording.VERSIONS[entry.version]),
    }


def _named(subject: int) -> dict[str, str]:
    """The subject's name and code where the public may see it today; nothing where it may not."""
    row = database.row("SELECT kind FROM registry_subject WHERE id = %s::bigint", [subject])
    _, name, code = held.named([subject]).get(subject, (0, "", ""))
    if row is None or row[0] == "natural_person" or public_matter(code, timezone.localdate()) is None:
        return {}
    return {"name": name, "subject_code": code}


def _plain(code: str) -> str:
    return re.sub("[^0-9a-f]", "", code.lower())[: sealing.CODE]


def _page(request: HttpRequest, values: dict[str, Any], status: int = 200) -> HttpResponse:
    field = Field(
        "file",
        gettext("报告的PDF或JSON文件"),
        "file",
        hint=gettext("不超过%(n)s MB。文件只用于核验，不保存。") % {"n": LARGEST // 1048576},
        error=values.get("missing", ""),
        attributes={"accept": ".pdf,.json,application/pdf,application/json"},
    )
    shown = {
        "field": field,
        "fingerprint": fingerprint(),
        "problems": (),
        "possible": pdf.available(),
        **values,
    }
    return page(request, "reports/verification", shown, status, indexed=False)
