"""Joint measures: attached only by a law in force, to whom it is meant for, as the decision says."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.rulebook.catalogue import SUBJECT_KINDS, SUBJECT_ROLES
from chengxin.rulebook.deadlines import deadline
from chengxin.rulebook.laws import law
from chengxin.rulebook.measure_checks import faults, lawless, measure_faults
from chengxin.rulebook.measures import (
    ENDS,
    Basis,
    Measure,
    NoLawInForce,
    NotAttachable,
    attach,
    attachable,
    measure,
    measures,
    read_measure,
)
from chengxin.rulebook.tables import read_table

TODAY = date(2026, 6, 1)


@dataclass(frozen=True)
class Listing:
    id: str
    kind: str


SERIOUS = Listing("serious_violation", "black")
FOOD = Listing("food_safety", "black")
EXPRESS = Listing("express_dishonest", "black")
TAX = Listing("tax_serious", "black")
FRAUD = Listing("payment_fraud", "black")
HONEST = Listing("honest_merchant", "red")
ABNORMAL = Listing("abnormal_operation", "attention")
LISTINGS = (SERIOUS, FOOD, EXPRESS, TAX, FRAUD, HONEST, ABNORMAL)
DAYS = st.dates(date(2010, 1, 1), date(2035, 12, 31))


def ids(found: tuple[Measure, ...]) -> set[str]:
    return {one.id for one in found}


@pytest.mark.obligation("16.1b")
def test_the_shipped_catalogue_holds_together() -> None:
    assert list(measure_faults()) == []
    assert len(measures()) == 20


@pytest.mark.obligation("16.1e")
def test_a_firm_on_the_serious_list_meets_sampling_procurement_and_prudent_lenders() -> None:
    found = ids(attachable(SERIOUS, "legal_person", (), TODAY))
    assert found == {
        "sampling_up", "procurement_ban", "finance_weigh", "no_incentives", "no_commitment",
    }  # fmt: skip


@pytest.mark.obligation("16.2b")
def test_platforms_act_on_merchants_alone() -> None:
    more = ids(attachable(SERIOUS, "legal_person", ["merchant"], TODAY)) - ids(
        attachable(SERIOUS, "legal_person", ["logistics_firm"], TODAY)
    )
    assert more == {"platform_no_entry", "platform_downgrade", "platform_expose"}
    assert "carrier_no_entry" in ids(attachable(EXPRESS, "legal_person", ["logistics_firm"], TODAY))
    assert "carrier_no_entry" not in ids(attachable(EXPRESS, "legal_person", ["merchant"], TODAY))


def test_bans_and_closings_follow_only_where_the_decision_itself_orders_them() -> None:
    bans = {"no_office", "industry_ban", "platform_close"}
    plain = ids(attachable(SERIOUS, "legal_person", ["merchant"], TODAY))
    ordered = ids(attachable(SERIOUS, "legal_person", ["merchant"], TODAY, ordered=bans))
    assert ordered - plain == bans
    with pytest.raises(NotAttachable) as refused:
        attach("platform_close", SERIOUS, "legal_person", ["merchant"], TODAY)
    assert refused.value.problem.rule == "measure.ordered"
    assert attach("platform_close", SERIOUS, "legal_person", ["merchant"], TODAY, ordered=True)


@pytest.mark.obligation("16.2b")
def test_payment_accounts_are_suspended_at_once_and_only_on_the_order_of_public_security_or_a_court() -> None:
    fraud, owing = (replace(SERIOUS, id=id) for id in ("payment_fraud", "judgment_defaulter"))
    assert "platform_account" in ids(attachable(fraud, "legal_person", ["merchant"], TODAY))
    assert "platform_account" not in ids(attachable(owing, "legal_person", ["merchant"], TODAY))
    account = measure("platform_account")
    assert (account.law(TODAY, "payment_fraud").article, account.law(TODAY).law) == ("31", "telefraud")
    assert deadline(account.execute, TODAY).counted(date(2026, 9, 30)).due == date(2026, 10, 8)


@pytest.mark.obligation("16.1d")
@pytest.mark.obligation("16.2a")
def test_a_red_list_brings_incentives_and_nothing_else() -> None:
    found = attachable(HONEST, "legal_person", ["merchant"], TODAY, ordered=ids(measures()))
    assert ids(found) == {
        "less_inspection", "green_lane", "finance_favour", "award_favour", "platform_rank",
        "platform_campaign", "platform_points",
    }  # fmt: skip
    assert {one.kind for one in found} == {"reward"}


def test_an_attention_list_brings_no_measure() -> None:
    assert not attachable(ABNORMAL, "legal_person", SUBJECT_ROLES, TODAY, ordered=ids(measures()))


@pytest.mark.parametrize(
    ("id", "on"),
    [
        ("platform_no_entry", date(2018, 12, 31)),  # the E-Commerce Law came in 2019
        ("platform_account", date(2022, 11, 30)),  # the law against online fraud on 1 December 2022
        ("no_commitment", date(2019, 12, 31)),
        ("finance_favour", date(2021, 12, 21)),
        ("sampling_up", date(2016, 5, 29)),
    ],
)
def test_without_a_law_in_force_a_measure_cannot_be_attached(id: str, on: date) -> None:
    one = measure(id)
    listing = (
        HONEST if one.kind == "reward" else replace(SERIOUS, id=(one.lists or ("serious_violation",))[0])
    )
    roles = one.roles
    with pytest.raises(NoLawInForce, match=r"没有有效的法律依据.* / .*no law in force") as refused:
        attach(id, listing, "legal_person", roles, on, ordered=True)
    problem = refused.value.problem
    assert (problem.value, problem.rule) == (id, "measure.law_in_force")
    assert str(on) in problem.zh
    assert "《" in problem.mend_zh
    assert id not in ids(attachable(listing, "legal_person", roles, on, ordered=[id]))
    assert id in ids(lawless(on))
    following = date.fromordinal(on.toordinal() + 1)
    assert attach(id, listing, "legal_person", roles, following, ordered=True).id == id


def test_the_law_of_the_day_and_of_the_list_is_cited() -> None:
    sampling = measure("sampling_up")
    assert sampling.law(date(2018, 1, 1), "serious_violation").law == "gf2016-33"
    assert sampling.law(date(2021, 1, 1), "serious_violation").law == "gbf2020-49"
    assert sampling.law(TODAY, "serious_violation") == Basis(
        "serious44", "15", lists=("serious_violation", "food_safety", "drug_safety", "brushing")
    )
    # the list measures of market supervision say nothing of tax
    assert sampling.law(TODAY, "tax_serious").law == "gbf2020-49"
    office = measure("no_office")
    assert office.law(date(2020, 1, 1)).article == "146"
    assert (office.law(date(2024, 7, 1)).law, office.law(date(2024, 7, 1)).article) == ("companylaw23", "178")
    assert measure("industry_ban").law(TODAY, "food_safety").law == "foodsafety"
    assert measure("industry_ban").law(TODAY, "drug_safety").law == "druglaw"


def test_a_platforms_own_rules_alone_carry_nothing() -> None:
    alone = replace(measure("platform_rank"), bases=(Basis("platform_rules", supporting=True),))
    assert alone.grounds(TODAY) == ()
    assert [one.law for one in measure("platform_no_entry").grounds(TODAY)] == ["ecl", "platform_rules"]


def test_a_bar_from_office_lasts_three_years_by_the_law_of_its_day() -> None:
    office = measure("no_office")
    assert (office.duration, office.outlives, office.bears_on) == ("deadline", True, "responsible_persons")
    assert office.deadline is not None
    rule = deadline(office.deadline, TODAY)
    assert (rule.law, rule.counted(date(2024, 2, 29)).due) == ("companylaw23", date(2027, 2, 28))


@given(
    st.sampled_from(LISTINGS),
    st.sampled_from(list(SUBJECT_KINDS)),
    st.sets(st.sampled_from(list(SUBJECT_ROLES))),
    DAYS,
    st.sets(st.sampled_from([one.id for one in measures()])),
)
def test_whatever_is_attachable_has_a_law_in_force_and_is_meant_for_it(
    listing: Listing, kind: str, roles: set[str], on: date, ordered: set[str]
) -> None:
    found = attachable(listing, kind, roles, on, ordered=ordered)
    for one in measures():
        if one not in found:
            with pytest.raises((NoLawInForce, NotAttachable)):
                attach(one.id, listing, kind, roles, on, ordered=one.id in ordered)
            continue
        assert attach(one.id, listing, kind, roles, on, ordered=one.id in ordered) == one
        ground = one.law(on, listing.id)
        assert law(ground.law).holds_on(on)
        assert not ground.supporting
        assert (one.kind == "reward") == (listing.kind == "red")
        assert not one.ordered or one.id in ordered or listing.id in one.ordered_by


def test_every_measure_says_to_the_subject_what_it_means_and_what_ends_it() -> None:
    for one in measures():
        assert one.effect_zh.endswith("。"), one.id
        assert one.effect_en.endswith("."), one.id
        assert one.duration in ENDS
        assert deadline(one.execute, TODAY).end == "moved"


def test_an_unknown_measure_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(LookupError, match=r"没有“flogging”.*platform_close"):
        measure("flogging")


def test_all_of_the_fields_measures_ship_with_the_words_of_the_field() -> None:
    rows = read_table(Path(__file__).parent / "measures.csv")
    assert {row["id"] for row in rows} == ids(measures())
    for row in rows:
        one = measure(row["id"])
        assert (one.kind, one.name_zh) == (row["kind"], row["name_zh"])


SLIPS = [
    ({"duration": "for ever"}, "duration: 未知 / unknown: for ever"),
    ({"actor": "neighbours"}, "actor: 未知 / unknown: neighbours"),
    ({"bases": (Basis("abc"),)}, "law: 未知 / unknown: abc"),
    ({"bases": (Basis("platform_rules", supporting=True),)}, "no law carries it by itself"),
    ({"bases": (Basis("ecl", until=date(2018, 1, 1)),)}, "never holds"),
    ({"listed": None}, "must stand in the basic list"),
    ({"lists": (), "list_kinds": ()}, "no list brings it"),
    ({"list_kinds": ("red",)}, "red lists bring no punishment"),
    ({"deadline": "measure.office"}, "of fixed length alone"),
    ({"duration": "deadline", "deadline": "measure.never"}, "deadline: 未知 / unknown: measure.never"),
    ({"duration": "deadline", "deadline": "list.notice"}, "isn't moved by a holiday"),
    ({"outlives": True}, "outlives an entry"),
    ({"ordered_by": ("serious_violation",)}, "lists that order: 未知 / unknown: serious_violation"),
    ({"effect_zh": ""}, "words are missing"),
    ({"roles": ("king",)}, "role: 未知 / unknown: king"),
    ({"departments": ("户部",)}, "department: 未知 / unknown: 户部"),
    ({"known_from": "hearsay"}, "unknown: hearsay"),
]


@pytest.mark.parametrize(("slip", "said"), SLIPS)
def test_a_slip_of_the_rule_keepers_pen_is_found(slip: dict[str, object], said: str) -> None:
    one = replace(measure("sampling_up"), **slip)  # type: ignore[arg-type]
    assert any(said in fault for fault in faults(one)), list(faults(one))


def test_a_list_that_is_not_there_and_an_incentive_that_takes_are_found() -> None:
    assert any("serious_violation" in one for one in faults(measure("no_office"), ["food_safety"]))
    taking = replace(measure("green_lane"), admission="refuse")
    assert any("takes nothing" in one for one in faults(taking))


def test_an_entry_with_an_unknown_key_names_the_measure() -> None:
    with pytest.raises(ValueError, match=r"“x”.*colour"):
        read_measure({"id": "x", "bases": [], "colour": "red"}, "punish")
