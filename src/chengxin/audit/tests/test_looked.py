"""Each look at what is not public stands in the ledger, and stays there."""

from __future__ import annotations

from datetime import date

import psycopg
import pytest
from django.db import IntegrityError, connection

from chengxin.accounts.permissions import roles
from chengxin.audit.actions import looked
from chengxin.audit.models import Access
from chengxin.audit.rules import Purpose, open_to, purpose, purpose_kinds
from chengxin.ledger.verify import verify
from chengxin.rulebook import laws
from chengxin.testing.signed import actor, person

WHY = Purpose("supervision", "核查网店经营资质", "ecl", "6", "榕市监〔2026〕8号")


@pytest.mark.obligation("13d")
def test_a_look_is_a_leaf_of_the_ledger(database: str) -> None:
    officer = actor(person("department_officer", region="350100"))
    looked(officer, [7, 9, 7], "subject", WHY)
    rows = list(Access.objects.order_by("id"))
    assert [row.subject for row in rows] == [7, 9]
    first = rows[0]
    assert (first.user, first.role, first.region) == (officer.user, "department_officer", "350100")
    assert (first.words, first.law, first.case_number) == (WHY.text, "ecl", WHY.case)
    assert not verify().faults


@pytest.mark.obligation("13d")
def test_nobody_can_change_or_remove_a_look(database: str) -> None:
    looked(actor(person("auditor")), [7], "subject", WHY)
    for statement in ("UPDATE audit_access SET person = 'x'", "DELETE FROM audit_access"):
        with pytest.raises((IntegrityError, psycopg.IntegrityError)), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_kind_of_look_that_does_not_exist(database: str) -> None:
    with pytest.raises(LookupError, match="no such kind"):
        looked(actor(person("auditor")), [7], "curiosity", WHY)
    assert not Access.objects.exists()


@pytest.mark.obligation("13d")
def test_each_purpose_names_a_law_in_force_and_roles_that_exist() -> None:
    for kind in purpose_kinds().values():
        assert laws.law(kind.law).holds_on(date(2026, 11, 25)), kind.id
        assert set(kind.roles) <= set(roles()), kind.id


def test_a_person_chooses_among_the_purposes_of_their_roles(database: str) -> None:
    platform = actor(person("platform_compliance"))
    assert {one.id for one in open_to(platform)} == {
        "identity", "own_operators", "admission", "measure", "objection",
    }  # fmt: skip
    assert isinstance(purpose(open_to(platform), "own_operators", "核验入驻商家的执照", ""), Purpose)
    refused = purpose(open_to(platform), "audit", "看看", "1" * 101)
    assert isinstance(refused, list)
    assert [one.rule for one in refused] == ["purpose.kind", "purpose.text", "purpose.case"]
    assert all(one.mend_zh and one.mend_en for one in refused)
