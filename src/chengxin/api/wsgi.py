"""The WSGI application. The look-up by code, asked thousands of times a second, goes past Django.

The dispatcher calls the function that Django's route calls and sends what it returns, so both give the same
bytes (a test holds them side by side). Whatever is not plainly such a look-up falls through to Django.
"""

from __future__ import annotations

import gc
import logging
import os
import re
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http.request import split_domain_port, validate_host

from chengxin.api.answers import Answer, our_fault, subject
from chengxin.rulebook import catalogue, laws, places

logger = logging.getLogger(__name__)

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

_SUBJECTS = "/api/v1/subjects/"
_PLAIN_CODE = re.compile(r"[0-9A-Z]{1,64}", re.ASCII)
_REASONS = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}


class Dispatcher:
    """Serves `/api/v1/subjects/{code}` itself and passes everything else on."""

    def __init__(self, others: Callable[[Environ, StartResponse], Iterable[bytes]]) -> None:
        self.others = others
        self._hosts: set[str] = set()

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """One request."""
        path: str = environ["PATH_INFO"]
        if path.startswith(_SUBJECTS) and not environ.get("QUERY_STRING"):
            code = path[len(_SUBJECTS) :]
            method = environ["REQUEST_METHOD"]
            if method in ("GET", "HEAD") and _PLAIN_CODE.fullmatch(code) and self._known(environ):
                return _send(_answer(code, environ), method, start_response)
        return self.others(environ, start_response)

    def _known(self, environ: Environ) -> bool:
        """Whether Django would take this Host; those that it takes are remembered."""
        host = environ.get("HTTP_HOST", "")
        if host in self._hosts:
            return True
        if (
            validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)
            and len(self._hosts) < len(settings.ALLOWED_HOSTS) * 4
        ):
            self._hosts.add(host)
            return True
        return False


def _answer(code: str, environ: Environ) -> Answer:
    try:
        return subject(code, environ.get("HTTP_IF_NONE_MATCH"))
    except Exception:
        logger.exception("unexpected error at %s", _SUBJECTS)
        return our_fault()


def _send(answer: Answer, method: str, start_response: StartResponse) -> Iterable[bytes]:
    start_response(_REASONS[answer.status], list(answer.headers))
    return [] if method == "HEAD" else [answer.body]


def _application() -> Dispatcher:
    django.setup()
    for read in (catalogue.versions, laws.laws, places.regions):
        read()  # a rulebook that can't be read ends the start, not the first look-up
    gc.freeze()  # the collector needn't walk again and again through what stays anyway
    if os.environ.get("CHENGXIN_SERVING"):
        from chengxin.accounts.keys import take_over  # noqa: PLC0415 - models need Django set up
        from chengxin.decisions.nights import nights  # noqa: PLC0415
        from chengxin.exchange.worker import worker  # noqa: PLC0415

        take_over(settings.HOME.path)
        worker.wake()
        nights.start()
    return Dispatcher(WSGIHandler())


application = _application()
