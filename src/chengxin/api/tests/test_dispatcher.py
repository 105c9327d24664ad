"""The look-up that goes past Django gives byte for byte what Django's route gives."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import RequestFactory

from chengxin.api.wsgi import Dispatcher, application
from chengxin.archive import queries as archive_queries
from chengxin.portal.tests.small import Small

Heard = tuple[str, dict[str, str], bytes]


def hear(app: Any, method: str, path: str, **environ: str) -> Heard:
    """Status, headers and body of one answer."""
    heard: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        heard.extend((status, dict(headers)))

    given = RequestFactory().generic(method, path).environ | {"HTTP_HOST": "testserver"} | environ
    body = app(given, start_response)
    return heard[0], heard[1], b"".join(body)


def both(method: str, path: str, **environ: str) -> tuple[Heard, Heard]:
    """The same question to the dispatcher, which must not pass it on, and to Django."""

    def passed_on(given: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        raise AssertionError(f"{path} was passed on")

    return hear(Dispatcher(passed_on), method, path, **environ), hear(WSGIHandler(), method, path, **environ)


def test_the_same_bytes_for_every_kind_of_question(archive: Small) -> None:
    tag = hear(application, "GET", f"/api/v1/subjects/{archive.code}")[1]["ETag"]
    questions: list[tuple[str, str, dict[str, str]]] = [
        ("GET", archive.code, {}),
        ("GET", archive.regno, {}),
        ("GET", archive.quiet, {}),
        ("GET", f"S{archive.person}", {}),
        ("GET", "91350102MA2XAB0130", {}),
        ("GET", "X", {}),
        ("GET", archive.code, {"HTTP_IF_NONE_MATCH": tag}),
        ("GET", archive.code, {"HTTP_IF_NONE_MATCH": '"other"'}),
        ("GET", archive.code, {"HTTP_ACCEPT_LANGUAGE": "en"}),
        ("GET", archive.code, {"HTTP_HOST": "localhost:8000"}),
    ]
    for method, code, environ in questions:
        past, through = both(method, f"/api/v1/subjects/{code}", **environ)
        assert past[0] == through[0], code
        assert past[2] == through[2], code
        if through[0].startswith("304"):
            through[1].pop("Content-Length")  # Django adds that of the body which isn't there
        assert past[1] == through[1], code


def test_head_has_the_headers_of_get_and_no_body(archive: Small) -> None:
    path = f"/api/v1/subjects/{archive.code}"
    got = hear(application, "GET", path)
    assert hear(application, "HEAD", path) == (got[0], got[1], b"")


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/subjects/a b", "/api/v1/subjects/x/records", "/api/v1/catalogue"]
)
def test_everything_else_goes_to_django(archive: Small, path: str) -> None:
    passed: list[str] = []

    def others(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        passed.append(environ["PATH_INFO"])
        start_response("200 OK", [])
        return []

    hear(Dispatcher(others), "GET", path)
    assert len(passed) == 1


def test_a_foreign_host_is_left_to_django(archive: Small) -> None:
    status, _, _ = hear(application, "GET", f"/api/v1/subjects/{archive.code}", HTTP_HOST="evil.example")
    assert status == "400 Bad Request"


def test_a_query_string_is_left_to_django(archive: Small) -> None:
    with pytest.raises(AssertionError, match="passed on"):
        both("GET", f"/api/v1/subjects/{archive.code}?x=1")


def test_a_fault_of_ours_is_a_problem_there_too(archive: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(archive_queries, "public_subject", fail)
    past, through = both("GET", f"/api/v1/subjects/{archive.code}")
    assert past == through
    assert past[0] == "500 Internal Server Error" and b"secret" not in past[2]
