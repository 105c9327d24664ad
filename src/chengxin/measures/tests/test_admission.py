"""Admission check: whether a merchant or carrier may come in to a platform, and why not."""

from __future__ import annotations

from datetime import date

import pytest

from chengxin.accounts.permissions import Forbidden
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.audit.models import Access
from chengxin.ledger.actions import appending
from chengxin.measures import admission
from chengxin.measures.admission import BadCode, answer, check, check_many
from chengxin.measures.tests.decided import DAY, Installation, installation, listed


@pytest.fixture
def here(database: str) -> Installation:
    """Actors, a merchant with a shop on one platform, a carrier."""
    return installation()


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ([], "admit"),
        (["warn"], "admit"),
        (["warn", "restrict"], "restrict"),
        (["restrict", "refuse"], "refuse"),
    ],
)
def test_the_strictest_measure_in_force_decides(wanted: list[str], expected: str) -> None:
    assert answer([{"admission": one} for one in wanted]) == expected


@pytest.mark.obligation("16.2b")
def test_a_merchant_on_a_black_list_may_be_limited_and_one_on_none_comes_in(here: Installation) -> None:
    officer = here.officer(here.platform)
    before = check(officer, here.merchant_code, DAY, detail="test")
    assert before is not None
    assert (before.answer, before.admitted, before.reasons) == ("admit", True, ())
    _, today = listed(here, "brushing", here.merchant, here.record)
    after = check(officer, here.merchant_code, today, detail="test")
    assert after is not None
    assert (after.answer, after.admitted) == ("restrict", None)
    assert {one["measure"] for one in after.reasons} >= {"platform_no_entry", "platform_downgrade"}
    assert all(one["because"]["law"] and one["because"]["records"] for one in after.reasons)


@pytest.mark.obligation("7e")
def test_a_seriously_dishonest_carrier_is_kept_off_every_platform(here: Installation) -> None:
    _, today = listed(here, "express_dishonest", here.carrier, here.carrier_record)
    for platform in (here.platform, here.other):
        found = check(here.officer(platform), here.carrier_code, today, detail="test")
        assert found is not None
        assert (found.answer, found.admitted) == ("refuse", False)
        reason = next(one for one in found.reasons if one["admission"] == "refuse")
        assert (reason["measure"], reason["because"]["law"]) == ("carrier_no_entry", "expcredit")


def test_one_on_a_red_list_comes_in(here: Installation) -> None:
    _, today = listed(here, "honest_merchant", here.merchant, here.record)
    found = check(here.officer(here.platform), here.merchant_code, today, detail="test")
    assert found is not None
    assert (found.answer, found.reasons) == ("admit", ())


def test_a_platform_that_came_later_is_told_the_same(here: Installation) -> None:
    """Nobody was told to carry the measure out where no platform was known: it is in force all the same."""
    _, today = listed(here, "express_dishonest", here.carrier, here.carrier_record)
    officer = here.officer(here.platform)
    with appending() as log:
        log.cursor.execute("UPDATE cases_case SET state = 'lifting' WHERE procedure = 'measure'")
    found = check(officer, here.carrier_code, today, detail="test")
    assert found is not None and found.answer == "refuse"


def test_each_check_is_noted_with_its_purpose_before_anything_is_told(here: Installation) -> None:
    check(here.officer(here.platform), here.merchant_code, DAY, detail="test")
    (noted,) = Access.objects.all()
    assert (noted.subject, noted.what, noted.purpose) == (here.merchant, "admission", "admission")
    assert (noted.law, noted.organisation, noted.role) == ("ecl", here.platform.pk, "platform_compliance")


def test_an_unknown_code_is_nobody_and_leaves_no_note(here: Installation) -> None:
    assert check(here.officer(here.platform), new_uscc(), DAY, detail="test") is None
    assert not Access.objects.exists()


@pytest.mark.parametrize("code", ["", "   ", "91350102MA2XAB0131", "闽A12345", "110101199003070011"])
def test_what_is_no_code_is_said_with_the_way_to_mend_it(here: Installation, code: str) -> None:
    with pytest.raises(BadCode) as caught:
        check(here.officer(here.platform), code, DAY, detail="test")
    assert caught.value.problem.field == "code"
    assert caught.value.problem.mend_zh and caught.value.problem.mend_en


def test_only_platforms_check(here: Installation) -> None:
    with pytest.raises(Forbidden):
        check(here.officer(here.market), here.merchant_code, DAY, detail="test")


def test_a_natural_person_is_told_of_only_to_the_platform_where_it_sells(here: Installation) -> None:
    with appending() as log:
        kept = Kept(log)
        seller = kept.subject("林某", kind="natural_person")
        record = kept.record(seller, here.market.pk)
        kept.role(seller, "individual_seller", DAY, record)
        kept.shop(seller, "林某小店", "lin.shop.example", str(here.platform.code), record)
    assert check(here.officer(here.platform), f"S{seller}", DAY, detail="test") is not None
    assert check(here.officer(here.other), f"S{seller}", DAY, detail="test") is None


def test_many_codes_are_answered_in_their_order_and_noted_once_each(here: Installation) -> None:
    officer = here.officer(here.platform)
    codes = [here.merchant_code, new_uscc(), "nonsense!", here.carrier_code, here.merchant_code]
    found = check_many(officer, codes, date(2026, 6, 3), detail="test")
    assert [type(one).__name__ for one in found] == ["Checked", "NoneType", "BadCode", "Checked", "Checked"]
    assert sorted(Access.objects.values_list("subject", flat=True)) == sorted([here.merchant, here.carrier])
    assert (
        len(check_many(officer, [here.merchant_code] * (admission.MOST + 1), DAY, detail=""))
        == admission.MOST
    )
