"""Pages that say what went wrong need nothing that may be what went wrong."""

from __future__ import annotations

from typing import NoReturn

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import OperationalError
from django.http import HttpRequest
from django.test import RequestFactory

from chengxin.design import render
from chengxin.testing.checked import checked
from chengxin.workbench import navigation


class Unreachable(SessionStore):
    """A session that can't be read, since the database doesn't answer."""

    def load(self) -> NoReturn:
        """As the database's driver does."""
        raise OperationalError


@pytest.fixture
def signed_in_request(monkeypatch: pytest.MonkeyPatch) -> HttpRequest:
    """A request with a session cookie, while the database is away."""

    def unanswered(request: HttpRequest) -> NoReturn:
        raise OperationalError

    monkeypatch.setattr(navigation, "actor_of", unanswered)
    monkeypatch.setattr(render, "demonstration", lambda: unanswered(HttpRequest()))
    request = RequestFactory().get("/work")
    request.session = Unreachable("a" * 32)
    return request


@pytest.mark.parametrize(("answer", "status"), [(render.unavailable, 503), (render.server_error, 500)])
def test_a_page_without_a_database_is_a_whole_page(
    signed_in_request: HttpRequest, answer: render.View, status: int
) -> None:
    response = answer(signed_in_request)
    assert response.status_code == status
    text = response.content.decode()
    assert not list(checked(text).finish())
    assert "/static/design/chengxin.css" in text
    assert "/sign-in" in text
