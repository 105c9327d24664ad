"""Cases and their steps in a real database: what is sealed, who is refused, who comes second."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.utils import timezone

from chengxin.accounts.permissions import Forbidden
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.cases import queries
from chengxin.cases.actions import NotTaken, Opening, Overtaken, open_case, take
from chengxin.cases.models import Case
from chengxin.ledger.actions import appending
from chengxin.ledger.verify import verify
from chengxin.testing.signed import actor, person

pytestmark = pytest.mark.usefixtures("database")


def subject() -> int:
    with appending() as log:
        return Kept(log).subject("福州刷量电子商务有限公司", new_uscc())


def test_smoke() -> None:
    firm, today = subject(), timezone.localdate()
    officer = actor(person("credit_office"))
    signer = actor(person("decision_maker"))
    case = open_case(
        Opening(
            "notice",
            f"notice:{firm}",
            firm,
            today,
            rule="risk_notice",
            region="350102",
            facts={"title": "风险提示", "body": "…", "show_until": (today + timedelta(days=9)).isoformat()},
        ),
        officer,
        today,
    )
    assert queries.case(case).state == "drafted"
    with pytest.raises(Forbidden):
        take(case, "approve", officer, today)
