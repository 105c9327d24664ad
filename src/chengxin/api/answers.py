"""Answers of the API as plain values: the same whether Django or the dispatcher in `wsgi.py` sends them.

JSON, a strong ETag and 304 on what is read; application/problem+json (RFC 9457) on what went wrong, in both
languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from http import HTTPStatus
from typing import Any

import orjson
import psycopg
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from chengxin.archive import queries as archive
from chengxin.design.headers import EVERY
from chengxin.rulebook import catalogue
from chengxin.rulebook.catalogue import Item

_COMMON = (*EVERY.items(), ("Content-Language", "zh-Hans, en"), ("Vary", "Accept-Language, Accept-Encoding"))

TITLES: dict[int, tuple[str, str, str]] = {
    400: ("bad-request", "请求无法读取", "The request can't be read"),
    401: ("unauthorised", "需要有效的接口密钥", "A valid API key is needed"),
    403: ("forbidden", "无权进行此操作", "Not allowed"),
    404: ("not-found", "没有找到", "Not found"),
    405: ("method-not-allowed", "不支持这种请求方法", "Method not allowed"),
    409: ("conflict", "与现有状态冲突", "Conflict"),
    413: ("too-large", "内容过大", "Too large"),
    415: ("unsupported-media-type", "不支持的内容类型", "Unsupported media type"),
    422: ("invalid", "参数不符合要求", "The parameters don't fit"),
    429: ("too-many", "请求过多", "Too many requests"),
    500: ("internal", "系统内部错误", "Something went wrong here"),
    503: ("unavailable", "服务暂时不可用", "Not available for the moment"),
}


@dataclass(frozen=True)
class Answer:
    """Status, headers and body of one answer."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def as_django(self) -> HttpResponse:
        """As Django sends it."""
        response = HttpResponse(self.body, status=self.status)
        del response["Content-Type"]
        for name, value in self.headers:
            response[name] = value
        return response


def today() -> date:
    """Today in China: the day on which publications begin and end."""
    return timezone.localdate()


def read(
    body: bytes, if_none_match: str | None, media: str = "application/json", *extra: tuple[str, str]
) -> Answer:
    """200 with a strong ETag, or 304 when the asker has these very bytes already."""
    tag = f'"{_digest(body)}"'
    # No cache may show a record past its last day without asking again.
    headers = (("ETag", tag), ("Cache-Control", "no-cache"), *extra, *_COMMON)
    if if_none_match is not None and _matches(tag, if_none_match):
        return Answer(304, headers, b"")
    return Answer(200, (("Content-Type", media), ("Content-Length", str(len(body))), *headers), body)


_UNSHARED = 2047
"""Bytes up to which hashlib keeps the interpreter to itself (HASHLIB_GIL_MINSIZE is 2048)."""


def _digest(body: bytes) -> str:
    """128 bits of SHA-256, in pieces so small that threads needn't hand the interpreter round for them."""
    digest, view = sha256(), memoryview(body)
    for at in range(0, len(body), _UNSHARED):
        digest.update(view[at : at + _UNSHARED])
    return digest.hexdigest()[:32]


def _matches(tag: str, if_none_match: str) -> bool:
    """RFC 9110 §13.1.2: weak comparison with each of the list, or any at all."""
    return any(one.strip().removeprefix("W/") in (tag, "*") for one in if_none_match.split(","))


def problem(
    status: int,
    zh: str = "",
    en: str = "",
    errors: Sequence[dict[str, Any]] = (),
    *extra: tuple[str, str],
) -> Answer:
    """A problem of RFC 9457; `zh` and `en` say what it is and what to do, `errors` are Problems of fields."""
    name, title_zh, title_en = TITLES.get(status) or ("error", *(2 * (HTTPStatus(status).phrase,)))
    content: dict[str, Any] = {
        "type": f"urn:chengxin:problem:{name}",
        "title": f"{title_zh} / {title_en}",
        "status": status,
        "detail": f"{zh} / {en}" if zh else f"{title_zh} / {title_en}",
    }
    if errors:
        content["errors"] = list(errors)
    body = orjson.dumps(content)
    headers = (("Content-Type", "application/problem+json"), ("Content-Length", str(len(body))))
    return Answer(status, (*headers, ("Cache-Control", "no-store"), *extra, *_COMMON), body)


def json(request: HttpRequest, value: Any) -> HttpResponse:
    """A value as a readable answer."""
    body = value if isinstance(value, bytes) else orjson.dumps(value)
    return read(body, request.headers.get("If-None-Match")).as_django()


def no_subject() -> Answer:
    """The answer for a code that the public finds nothing under."""
    return problem(
        404,
        "没有这个代码的信用主体，或者其信息不对社会公示；请核对代码，或按名称查询",
        "no subject with this code, or nothing about it is public; check the code, or search by name",
    )


def unavailable() -> Answer:
    """The answer while the database can't be asked, or took too long."""
    return problem(
        503,
        "数据库暂时无法应答，请稍后再试",
        "the database doesn't answer for the moment; try again later",
        (),
        ("Retry-After", "5"),
    )


def our_fault() -> Answer:
    """The answer to a fault of ours, which is in the log."""
    return problem(500, "错误已记录，请稍后再试", "the error has been noted; try again later")


def subject(code: str, if_none_match: str | None) -> Answer:
    """The answer to GET /api/v1/subjects/{code}."""
    try:
        body = archive.public_subject(code, today())
    except psycopg.OperationalError:
        return unavailable()
    return no_subject() if body is None else read(body, if_none_match)


def find_item(id: str) -> Item | None:
    """The item's version in force today."""
    return next((one for one in catalogue.items(today()) if one.id == id), None)


def no_item() -> Answer:
    """The answer for an item that the catalogue doesn't have."""
    known = ", ".join(one.id for one in catalogue.items(today()))
    return problem(
        404, f"征集目录没有这个项目；现有：{known}", f"the catalogue has no such item; there are: {known}"
    )
