"""The whole of OpenAPI held against the service with made-up questions: no fault, no other shape."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import openapi
from schemathesis.core.result import Ok

from chengxin.api.wsgi import application
from chengxin.portal.tests.small import Small

QUESTIONS = 60
"""For each operation; the whole takes about half a minute."""

QUIET = settings(
    max_examples=QUESTIONS,
    deadline=None,
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
            case.call_and_validate()

        hold()
    assert asked > QUESTIONS * 4


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
            response = schema[path]["GET"].Case(**parts).call_and_validate()
            assert response.status_code == 200, path
