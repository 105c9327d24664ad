"""Headers of every answer: what a browser may load beside it, who may frame it, what it tells others."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.http import HttpRequest, HttpResponse

POLICY = (
    "default-src 'self'; img-src 'self' data:; style-src 'self'; script-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

EVERY: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "geolocation=(), camera=(), microphone=()",
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}
"""Only our own files, no inline style or script, no frames."""

FRAMED = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors *"
)
"""The policy of a page that any site may frame: nothing in it acts. A view sets it by itself, and the older
header that would forbid frames goes with it."""


class SecurityHeaders:
    """Adds EVERY to each response that doesn't set them itself; what sets FRAMED may be framed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on and add the headers to its response."""
        response = self.get_response(request)
        for name, value in EVERY.items():
            response.headers.setdefault(name, value)
        if response.headers["Content-Security-Policy"] == FRAMED:
            del response.headers["X-Frame-Options"]
        return response
