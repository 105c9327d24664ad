"""Reach and effect against numbers counted by hand, and the bars that show them."""

from __future__ import annotations

from datetime import date

import pytest

from chengxin.accounts.permissions import Reach
from chengxin.cases.actions import take
from chengxin.measures import figures
from chengxin.measures.figures import Figures
from chengxin.measures.pages.figures import spread
from chengxin.measures.tests.decided import installation, listed, tasks

DONE = {"feedback": "已办理", "execution_proof": "工单77"}


@pytest.mark.obligation("16.1e", "16.2b")
def test_reach_and_effect_agree_with_what_was_counted_by_hand(database: str) -> None:
    """Four tasks of two platforms, sent on Wednesday 3 June 2026, so to be accepted by Monday the 8th."""
    here = installation()
    entry, sent = listed(here, "brushing", here.merchant, here.record)
    assert sent == date(2026, 6, 3)
    mine = {one.rule: one.pk for one in tasks(entry) if one.organisation_id == here.platform.pk}
    grade, show, enter = (mine[id] for id in ("platform_downgrade", "platform_expose", "platform_no_entry"))
    officer, overseer = here.officer(here.platform), here.overseer()

    def done(day: date) -> dict[str, str]:
        return DONE | {"executed_on": day.isoformat()}

    take(grade, "accept", officer, date(2026, 6, 5))
    take(grade, "execute", officer, date(2026, 6, 10), done(date(2026, 6, 10)))  # after 8, 9 and 10 June
    take(show, "refuse", officer, date(2026, 6, 4), {"reason": "非本平台店铺"})
    take(show, "insist", overseer, date(2026, 6, 11), {"reason": "属本平台店铺"})
    take(show, "accept", officer, date(2026, 6, 16))  # the third working day after it was sent again
    take(enter, "accept", officer, date(2026, 6, 9))  # a day late; the other platform never answers

    reach = Reach(organisations=(here.platform.pk, here.other.pk))
    found = figures.total(figures.figures(reach, date(2026, 7, 2)))
    assert (found.assigned, found.accepted, found.accepted_in_time, found.to_accept) == (4, 3, 2, 4)
    assert (found.executed, found.median_days, found.refused) == (1, 3, 1)
    assert found.overdue_in == {"assigned": 1, "accepted": 2}, "Dragon Boat moved neither beyond 1 July"
    assert figures.total(figures.figures(reach, date(2026, 7, 1))).overdue_in == {
        "assigned": 1,
        "accepted": 1,
    }
    assert figures.reached(reach) == figures.Reached(subjects=1, actors=2, decisions=1)
    assert figures.reached(Reach()) == figures.Reached(0, 0, 0)

    decider = here.cast.someone("decision_maker", 900)
    take(entry, "revoke", decider, date(2026, 7, 2), {"reason": "事实不清"})
    take(grade, "confirm_lifted", officer, date(2026, 7, 7), DONE)
    take(show, "confirm_lifted", officer, date(2026, 7, 8), DONE)  # a day late
    found = figures.total(figures.figures(reach, date(2026, 7, 10)))
    assert (found.called_off, found.lifted, found.lifted_in_time, found.to_lift) == (3, 2, 1, 3)
    assert found.states == {"lifted": 2, "lifting": 1, "void": 1}
    assert found.overdue_in == {"lifting": 1}
    assert sum(one.assigned for one in figures.by_measure(figures.figures(reach, sent)).values()) == 4


def test_bars_are_to_one_scale_and_say_the_same_as_their_numbers() -> None:
    one, other = Figures(assigned=8), Figures(assigned=2)
    one.states.update(executed=5, lifted=2, void=1)
    other.states.update(assigned=2)
    long, short = spread({"platform_no_entry": one, "sampling_up": other})
    assert [(part["class"], part["x"], part["width"]) for part in long["bar"]] == [
        ("executed", "0.00", "62.50"),
        ("closed", "62.50", "37.50"),
    ]
    assert [part["width"] for part in short["bar"]] == ["25.00"]
    assert (long["numbers"], short["numbers"]) == ([5, 0, 0, 0, 0, 3], [0, 0, 2, 0, 0, 0])
