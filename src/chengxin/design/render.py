"""How a page is made: the template with what every page needs, and a page for whatever goes wrong."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from functools import wraps
from hashlib import blake2b
from typing import Any, cast

import psycopg
from django.db import Error as DjangoDatabaseError
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext

from chengxin.design import flash, language
from chengxin.design.demonstration import demonstration

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]


def page(
    request: HttpRequest, template: str, values: Mapping[str, Any], status: int = 200, *, indexed: bool = True
) -> HttpResponse:
    """A page from `templates/<template>.html`; `template` is "<room>/<name>".

    indexed  whether search engines may keep it: not where records stand, which must vanish on their last day
    """
    shared = {
        "languages": language.choices(request),
        "tag": language.TAGS[language.current()],
        "demonstration": _demonstration(),
        "indexed": indexed,
        "said": lambda: flash.taken(request),
    }
    response = HttpResponse(
        render_to_string(f"{template}.html", shared | dict(values), request), status=status
    )
    # No cache may show a record past its last day without asking again.
    response["Cache-Control"] = "no-cache" if status == 200 else "no-store"
    response["Vary"] = "Cookie, Accept-Language, Accept-Encoding"
    if not indexed:
        response["X-Robots-Tag"] = "noindex, noarchive"
    return response


def _demonstration() -> bool:
    """As `demonstration.demonstration`; a page that says what went wrong must not need the database."""
    try:
        return demonstration()
    except (psycopg.Error, DjangoDatabaseError):
        return False


_NOBODY: dict[str, Any] = {"actor": None, "navigation": (), "unread": 0, "saved_filters": (), "said": ()}


def failure(
    request: HttpRequest, status: int, title: str, mend: str, *, without_database: bool = False
) -> HttpResponse:
    """A page that says what went wrong and what to do; no trace, no value of the request.

    without_database  asks nothing of it, not even who is signed in
    """
    values = {"status": status, "title": title, "mend": mend} | (_NOBODY if without_database else {})
    return page(request, "design/failure", values, status, indexed=False)


def bad_request(request: HttpRequest) -> HttpResponse:
    """400: what the browser sent can't be read."""
    return failure(request, 400, gettext("请求无法读取"), gettext("请检查地址，或从首页重新开始。"))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form that this site didn't make for this browser, or made too long ago (CSRF)."""
    mend = gettext("请返回上一页，刷新后重新提交。浏览器需允许本站的Cookie。")
    return failure(request, 403, gettext("表单已失效"), mend)


def not_found(request: HttpRequest, title: str = "", mend: str = "") -> HttpResponse:
    """404: nothing is there, or nothing that the public may see."""
    return failure(
        request,
        404,
        title or gettext("没有找到这个页面"),
        mend or gettext("请检查地址，或从首页重新开始。"),
    )


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. Said in plain HTML when even the page can't be made."""
    try:
        return failure(
            request, 500, gettext("系统出现错误"), gettext("错误已记录，请稍后再试。"), without_database=True
        )
    except Exception:
        logger.exception("the page for an error could not be made")
        return HttpResponse(_LAST_RESORT, status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database doesn't answer, or not in time."""
    response = failure(
        request,
        503,
        gettext("服务暂时不可用"),
        gettext("数据库暂时无法应答，请稍后再试。"),
        without_database=True,
    )
    response["Retry-After"] = "5"
    return response


_LAST_RESORT = """<!doctype html>
<html lang="zh-Hans"><head><meta charset="utf-8"><title>诚信 Chengxin</title></head><body><main>
<h1>系统出现错误</h1><p>错误已记录，请稍后再试。</p>
<p lang="en">Something went wrong here. It has been noted; please try again later.</p>
<p><a href="/">诚信 Chengxin</a></p></main></body></html>
"""


_POLICY = "Content-Security-Policy"


def _unless_known(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """304 when the browser has these very bytes already."""
    if response.status_code != 200:
        return response
    tag = f'"{blake2b(response.content, digest_size=16).hexdigest()}"'
    response["ETag"] = tag
    answer = cast("HttpResponse", get_conditional_response(request, etag=tag, response=response))
    if answer is not response and _POLICY in response:  # the browser takes it for the page that it has
        answer[_POLICY] = response[_POLICY]
    return answer


def reading(view: View) -> View:
    """A view that only reads: GET and HEAD, and a page for a database that doesn't answer."""

    @wraps(view)
    def answer(request: HttpRequest, *parts: Any, **named: Any) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            response = failure(
                request, 405, gettext("不支持这种请求方法"), gettext("这个页面只供阅读，请直接打开它的地址。")
            )
            response["Allow"] = "GET, HEAD"
            return response
        try:
            return _unless_known(request, view(request, *parts, **named))
        except (psycopg.OperationalError, OperationalError) as error:
            logger.error("the database did not answer: %s", type(error).__name__)
            return unavailable(request)

    return answer
