"""What is pure: the calibration, the grouping into schemes, the contract of a line, what may follow what."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.detection.detectors import NAMES
from chengxin.triage import grouping, rules
from chengxin.triage.calibration import Label, Prior, curve, wilson
from chengxin.triage.contract import BadLines, checked, read
from chengxin.triage.detectors import detectors
from chengxin.triage.grouping import Known
from chengxin.triage.tests import sample

PRIOR = Prior(0.05, 0.6, 8)
SCORES = st.floats(0, 1).map(lambda score: round(score, 6))
LABELS = st.lists(st.builds(Label, SCORES, st.booleans()), max_size=60)
TODAY = date(2026, 4, 20)


@given(LABELS, st.lists(SCORES, min_size=2, max_size=20))
def test_a_higher_score_is_never_less_probable_and_nothing_is_certain(
    labels: list[Label], scores: list[float]
) -> None:
    found = curve(PRIOR, labels)
    probabilities = [found.probability(one) for one in sorted(scores)]
    assert probabilities == sorted(probabilities)
    assert all(0 < one < 1 for one in probabilities)


@given(LABELS)
def test_the_order_of_decisions_changes_nothing(labels: list[Label]) -> None:
    turned = list(reversed(labels))
    assert curve(PRIOR, labels) == curve(PRIOR, turned)


def test_without_decisions_the_prior_stands_and_many_outvote_it() -> None:
    nothing = curve(PRIOR, [])
    assert [round(nothing.probability(one), 3) for one in (0.0, 0.5, 1.0)] == [0.05, 0.325, 0.6]
    one_miss = curve(PRIOR, [Label(0.9, hit=False)])
    assert 0.3 < one_miss.probability(0.9) < nothing.probability(0.9), "one decision moves it a little"
    misses = curve(PRIOR, [Label(0.9, hit=False)] * 400)
    hits = curve(PRIOR, [Label(0.9, hit=True)] * 400)
    assert misses.probability(0.9) < 0.03 and hits.probability(0.9) > 0.97


@given(st.integers(0, 200), st.integers(0, 200))
def test_the_interval_holds_the_share_and_narrows_with_more(hits: int, misses: int) -> None:
    found = wilson(hits, hits + misses)
    if found is None:
        assert hits + misses == 0
        return
    assert 0 <= found.low <= found.share <= found.high <= 1
    more = wilson(hits * 4, (hits + misses) * 4)
    assert more is not None and more.high - more.low <= found.high - found.low


@pytest.mark.obligation("13f")
def test_members_of_a_ring_are_one_scheme_whatever_the_order_of_the_lines() -> None:
    lines = checked(list(enumerate(sample.leads("榕城优选"), 1)))
    groups = grouping.schemes(lines)
    assert sorted(map(len, groups)) == [1, 1, 1, 1, 11]
    turned = list(reversed(lines))

    def said(of: list[tuple[int, ...]], some: list[object]) -> set[frozenset[object]]:
        return {frozenset((some[one].entity, some[one].entity_id) for one in group) for group in of}  # type: ignore[attr-defined]

    assert said(groups, list(lines)) == said(grouping.schemes(turned), list(turned))
    (ring,) = (group for group in grouping.schemes(turned) if len(group) > 1)
    assert turned[ring[0]].entity_id == sample.SHOPS[0], "named after its strongest member"


def test_a_scheme_goes_on_in_the_lead_on_which_somebody_acted() -> None:
    known = {0: [Known(10, 1, acted=False)], 1: [Known(11, 1, acted=False)], 2: [Known(12, 2, acted=True)]}
    (place,) = grouping.placed([(0, 1, 2)], known)
    assert place.lead == 2 and place.moved == {1}
    (fresh,) = grouping.placed([(0, 1)], {})
    assert fresh.lead is None and fresh.moved == frozenset()


def test_a_file_that_breaks_the_contract_is_told_line_by_line() -> None:
    good, *_ = sample.leads("榕城优选")
    bad = {**good, "score": 1.2, "window": ["2026-03-09", "2026-03-01"], "detector": "dowsing"}
    content = (
        sample.as_file([good, bad]) + b"{no json\n" + sample.as_file([{**good, "entity_id": "a\u200bb"}])
    )
    with pytest.raises(BadLines) as refused:
        read(content)
    assert {one.field for one in refused.value.problems} == {
        "2.score", "2.window", "2.detector", "3", "4.entity_id",
    }  # fmt: skip
    assert all(one.zh and one.en and one.mend_zh and one.mend_en for one in refused.value.problems)
    assert len(read(sample.as_file([good]))) == 1


def test_more_money_and_more_harm_come_first() -> None:
    brushing, traffic = detectors()["brushing"], detectors()["fake_traffic"]
    assert rules.value(0.5, brushing, None) > rules.value(0.5, traffic, None)
    assert (
        rules.value(0.5, brushing, 10_000_000)
        > rules.value(0.5, brushing, 100_000)
        == rules.value(0.5, brushing, None)
    )


def test_every_model_has_its_question_its_law_and_twins_in_both_languages() -> None:
    for one in detectors().values():
        assert "{" not in "".join(one.question(("甲", "A"), 1)) + "".join(one.question(("甲", "A"), 5))
        assert one.twins and all(zh and en for zh, en in one.twins)
        assert 1 <= one.harm <= 5 and 0 < one.prior.low < one.prior.high < 1 and 0 < one.bar < 1


def test_months_without_a_decision_are_there_with_nothing_in_them() -> None:
    found = rules.in_months(
        [(date(2026, 2, 3), True), (date(2026, 2, 5), False), (date(2024, 1, 1), True)], TODAY, 3
    )
    assert found == [("2026-02", 1, 2), ("2026-03", 0, 0), ("2026-04", 0, 0)]


def test_every_supervision_model_has_its_question_its_law_and_its_bar() -> None:
    assert tuple(detectors()) == NAMES
