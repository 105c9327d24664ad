"""The whole of OpenAPI held against the service with made-up questions: no fault, no other shape."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import openapi
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from chengxin.accounts import keys
from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import at_the_console
from chengxin.api.wsgi import application
from chengxin.exchange.worker import worker
from chengxin.portal.tests.small import Small

QUESTIONS = 60
"""For each operation; the whole takes about half a minute."""

PLAIN = {"Accept-Encoding": "identity"}
"""Asks for bodies as they are: whoever speaks WSGI itself unpacks nothing."""

OF_FORMS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]
"""What is held against answers to forms; no status of 500 is described, so that none conforms."""

QUIET = settings(
    max_examples=QUESTIONS,
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.filterwarnings("ignore")
def test_no_question_breaks_the_service_or_its_description(archive: Small) -> None:
    schema = openapi.from_wsgi("/api/v1/openapi.json", application)
    asked = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @given(case=operation.as_strategy())
        @QUIET
        def hold(case: schemathesis.Case[Any]) -> None:
            nonlocal asked
            asked += 1
            case.call_and_validate(headers=PLAIN)

        hold()
    assert asked > QUESTIONS * 4


@pytest.mark.filterwarnings("ignore")
def test_no_question_with_a_key_breaks_the_service_or_its_description(
    archive: Small, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "wake", lambda: None)
    shown = {"Authorization": f"Bearer {_key()}"}
    schema = openapi.from_wsgi("/api/v1/openapi.json", application)
    answers: Counter[int] = Counter()
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if not operation.definition.raw.get("security"):
            continue

        @given(case=operation.as_strategy())
        @QUIET
        def hold(case: schemathesis.Case[Any]) -> None:
            # Names of a form's parts may be garbage, after which Django rightly misses the file.
            # Whether a code's check digit is right no pattern says.
            loose = case.method.upper() == "POST" or case.path.endswith("/admission")
            held = OF_FORMS if loose else None
            case.headers.update(shown)
            answers[case.call_and_validate(headers=PLAIN, checks=held).status_code] += 1

        hold()
    assert sum(answers.values()) > QUESTIONS * 2
    assert answers[401] == answers[429] == 0, "the key counted"


def _key() -> str:
    """A key that may do all that keys may, as often as this test asks."""
    sender = note_organisation(code=None, name="福建省市场监督管理局", role="department", confirmed=True)
    until = timezone.now() + timedelta(days=1)
    console = at_the_console("test")
    return keys.make(console, sender, "all", keys.SCOPES, expires_at=until, per_minute=keys.MOST_PER_MINUTE)


@pytest.mark.filterwarnings("ignore")
def test_good_questions_built_from_what_is_kept_are_answered_as_described(archive: Small) -> None:
    schema = openapi.from_wsgi("/api/v1/openapi.json", application)
    known: dict[str, list[dict[str, Any]]] = {
        "/api/v1/subjects": [{"query": {"q": asked}} for asked in ("福州", "榕味", "rwhc", archive.code)],
        "/api/v1/subjects/{code}": [{"path_parameters": {"code": archive.code}}],
        "/api/v1/subjects/{code}/records": [{"path_parameters": {"code": archive.regno}}],
        "/api/v1/records/{id}": [{"path_parameters": {"id": archive.shown}}],
        "/api/v1/records/{id}/proof": [
            {"path_parameters": {"id": id}} for id in (archive.shown, archive.sealed)
        ],
        "/api/v1/ledger/consistency": [{"query": {"from": 1, "to": archive.shown}}],
        "/api/v1/catalogue/{item}": [{"path_parameters": {"item": "licence"}}],
    }
    for path, questions in known.items():
        for parts in questions:
            response = schema[path]["GET"].Case(**parts).call_and_validate(headers=PLAIN)
            assert response.status_code == 200, path
