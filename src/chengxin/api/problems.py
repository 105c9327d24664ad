"""What goes wrong under /api, said as problem+json: each parameter with its rule and the way to mend it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import psycopg
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError

from chengxin.accounts.permissions import Forbidden
from chengxin.api import answers
from chengxin.api.answers import problem, unavailable
from chengxin.api.tokens import UsedUp
from chengxin.kernel.problems import Problem

logger = logging.getLogger(__name__)

_RULES: dict[str, tuple[str, str, str, str]] = {
    "missing": ("缺少参数“{field}”", "parameter '{field}' is missing", "请补上该参数", "add it"),
    "string_too_short": (
        "参数“{field}”至少要有{min_length}个字符",
        "parameter '{field}' needs at least {min_length} characters",
        "请输入更多字符",
        "give more characters",
    ),
    "string_too_long": (
        "参数“{field}”最多{max_length}个字符",
        "parameter '{field}' may have at most {max_length} characters",
        "请缩短后再试",
        "shorten it",
    ),
    "string_pattern_mismatch": (
        "参数“{field}”含有不允许的字符",
        "parameter '{field}' has characters that aren't allowed",
        "请去掉控制字符等不允许的字符",
        "leave out control characters and the like",
    ),
    "int_parsing": (
        "参数“{field}”应为整数",
        "parameter '{field}' must be a whole number",
        "请改为整数",
        "write a whole number",
    ),
    "greater_than_equal": (
        "参数“{field}”不得小于{ge}",
        "parameter '{field}' must not be less than {ge}",
        "请改用更大的数",
        "take a larger number",
    ),
    "less_than_equal": (
        "参数“{field}”不得大于{le}",
        "parameter '{field}' must not be more than {le}",
        "请改用更小的数",
        "take a smaller number",
    ),
}
_OTHER = (
    "参数“{field}”不符合接口说明",
    "parameter '{field}' doesn't fit the description of the API",
    "请对照接口说明修改",
    "compare it with the description",
)


def of_parameter(error: dict[str, Any]) -> Problem:
    """One of pydantic's findings as a Problem; the value, which its sender knows, is not repeated."""
    words = _RULES.get(str(error["type"]), _OTHER)
    field = str(error["loc"][-1])
    facts = {"field": field, **error.get("ctx", {})}
    zh, en, mend_zh, mend_en = (one.format(**facts) for one in words)
    return Problem(field, None, str(error["type"]), zh, en, mend_zh, mend_en)


def invalid(problems: list[Problem]) -> HttpResponse:
    """422 for parameters that don't fit."""
    first = problems[0]
    return problem(422, first.zh, first.en, [one.as_dict() for one in problems]).as_django()


def install(api: NinjaAPI) -> None:
    """Let every exception under the API become a problem."""

    @api.exception_handler(ValidationError)
    def wrong_parameters(request: HttpRequest, error: ValidationError) -> HttpResponse:
        return invalid([of_parameter(one) for one in error.errors])

    @api.exception_handler(AuthenticationError)
    def no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
        return problem(
            401,
            "请在Authorization头中以Bearer方式给出本单位的接口密钥；密钥可能已作废或到期",
            "give your organisation's key in the header Authorization, as Bearer; it may have been revoked",
            (),
            ("WWW-Authenticate", 'Bearer realm="chengxin"'),
        ).as_django()

    @api.exception_handler(Forbidden)
    def not_permitted(request: HttpRequest, error: Forbidden) -> HttpResponse:
        found = error.problem
        return problem(
            403, f"{found.zh}；{found.mend_zh}", f"{found.en}; {found.mend_en}", [found.as_dict()]
        ).as_django()

    @api.exception_handler(UsedUp)
    def used_up(request: HttpRequest, error: UsedUp) -> HttpResponse:
        seconds = error.key.seconds
        return problem(
            429,
            f"本分钟的{error.key.per_minute}次请求已用完，请在{seconds}秒后再试",
            f"all {error.key.per_minute} requests of this minute are used; try again in {seconds} seconds",
            (),
            ("Retry-After", str(seconds)),
        ).as_django()

    @api.exception_handler(Http404)
    def nothing_there(request: HttpRequest, error: Http404) -> HttpResponse:
        return problem(404).as_django()

    @api.exception_handler(HttpError)
    def http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
        return problem(error.status_code).as_django()

    @api.exception_handler(psycopg.OperationalError)
    @api.exception_handler(OperationalError)
    def no_database(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.error("the database did not answer: %s", type(error).__name__)
        return unavailable().as_django()

    @api.exception_handler(Exception)
    def our_fault(request: HttpRequest, error: Exception) -> HttpResponse:
        logger.exception("unexpected error at %s", request.path)
        return answers.our_fault().as_django()


View = Callable[..., HttpResponse]


def spoken(view: View) -> View:
    """A view of ninja that answers HEAD like GET (the server leaves the body out), and 405 as a problem."""

    def answer(request: HttpRequest, *parts: Any, **named: Any) -> HttpResponse:
        asked = request.method
        if asked == "HEAD":
            request.method = "GET"
        try:
            response = view(request, *parts, **named)
        finally:
            request.method = asked
        if response.status_code != 405:
            return response
        allowed = {one.strip() for one in response["Allow"].split(",")}
        allow = ", ".join(sorted(allowed | ({"HEAD"} if "GET" in allowed else set())))
        return problem(
            405, f"此地址只支持{allow}", f"this address takes {allow} only", (), ("Allow", allow)
        ).as_django()

    answer.csrf_exempt = True  # type: ignore[attr-defined]
    return answer
