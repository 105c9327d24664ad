"""Deadlines worked out by hand from the State Council's yearly notices, under the law of each case's date.

The notices used (off; worked at a weekend, marked * in the workings below):

2016/17  1–2 Jan; 27 Jan–2 Feb (22 Jan, 4 Feb worked); 1–8 Oct (30 Sep worked)
2018/19  30 Dec–1 Jan (29 Dec worked); 1–7 Oct 2019 (29 Sep, 12 Oct worked)
2020     24–30 Jan, prolonged to 2 Feb by the notice of 26 January 2020 (19 Jan worked);
         1–8 Oct (27 Sep, 10 Oct worked)
2021     11–17 Feb (7, 20 Feb worked); 19–21 Sep (18 Sep worked); 1–7 Oct (26 Sep, 9 Oct worked)
2022/23  31 Dec–2 Jan; 29 Sep–6 Oct 2023 (7, 8 Oct worked)
2023/24  30 Dec–1 Jan; 10–17 Feb (4, 18 Feb worked; New Year's Eve, 9 Feb, is a working day)
2025     28 Jan–4 Feb (26 Jan, 8 Feb worked); 1–8 Oct (28 Sep, 11 Oct worked)
2026     1–3 Jan (4 Jan worked); 15–23 Feb (14, 28 Feb worked); 1–5 May (9 May worked); 19–21 Jun;
         1–7 Oct (20 Sep, 10 Oct worked)
"""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.kernel.calendar import Period, count
from chengxin.rulebook.deadlines import Deadline, deadline, deadlines


def on(text: str) -> date:
    return date.fromisoformat(text)


WORKING_DAYS = [
    # --- the law of 2017 ---
    # Tue; 25, 26 Jan, holiday, 3, 4*, 6, 7, 8 Feb
    ("pooling.sevendays", "2017-01-24", "2017-02-08", "gbf2020-49"),
    # Fri; 22*, 23, 24, 25, 26 Jan, holiday, 3, 4* Feb: due on a Saturday that is worked
    ("objection.source", "2017-01-20", "2017-02-04", "fjpub"),
    # Thu, the last day before Spring Festival
    ("objection.mark", "2017-01-26", "2017-02-03", "fjpub"),
    # Thu; 29, 30* Sep, holiday, 9, 10, 11, 12, 13 Oct
    ("pooling.sevendays", "2017-09-28", "2017-10-13", "gbf2020-49"),
    # Wed; 29, 30 Dec, New Year, 3, 4, 5, 6, 9 Jan
    ("pooling.sevendays", "2016-12-28", "2017-01-09", "gbf2020-49"),
    # Thu; 28, 29* Dec, New Year, 2, 3, 4, 7, 8 Jan: 29 December stands in the notice of the year after
    ("pooling.sevendays", "2018-12-27", "2019-01-08", "gbf2020-49"),
    # Fri; 23–27 Sep (5), 29*, 30 Sep (7), 8–11 Oct (11), 12* (12), 14–18 (17), 21, 22, 23 (20)
    ("inspection.publish", "2019-09-20", "2019-10-23", "gbf2020-49"),
    # --- the interim measures of 2020 ---
    # Tue; 22, 23 Jan, holiday and its prolongation, 3–7 Feb
    ("complaint.accept", "2020-01-21", "2020-02-07", "complaint20"),
    # Thu; 17 (1), 19* (2), 20–23 Jan (6), holiday, 3–7 Feb (11), 10–13 (15)
    ("report.verify", "2020-01-16", "2020-02-13", "complaint20"),
    # Fri; 27*, 28, 29, 30 Sep, holiday, 9, 10*, 12 Oct
    ("complaint.accept", "2020-09-25", "2020-10-12", "complaint20"),
    # Thu; 11 (1), 14–18 (6), 21–25 (11), 27* (12), 28–30 Sep (15), 9 (16), 10* (17), 12–16 (22), 19–23 (27),
    # 26–30 Oct (32), 2–6 (37), 9–13 (42), 16, 17, 18 Nov (45)
    ("complaint.mediate", "2020-09-10", "2020-11-18", "complaint20"),
    # Fri; 18–22 (5), 25–29 Jan (10), 1–5 (15), 7* (16), 8–10 (19), holiday, 18, 19 (21), 20* (22),
    # 22–26 Feb (27), 1–5 (32), 8–12 (37), 15–19 (42), 22, 23, 24 Mar (45)
    ("complaint.mediate", "2021-01-15", "2021-03-24", "complaint20"),
    # --- 2021: the Penalty Law and the list measures ---
    # Mon; 9, 10, holiday, 18, 19, 20*, 22, 23 Feb
    ("pooling.sevendays", "2021-02-08", "2021-02-23", "gbf2020-49"),
    # Fri; 26*, 27, 28, 29, 30 Sep: all before the holiday, thanks to the Sunday
    ("list.notice", "2021-09-24", "2021-09-30", "apl"),
    # Tue; 29, 30 Sep, holiday, 8, 9*, 11 Oct
    ("list.notice", "2021-09-28", "2021-10-11", "apl"),
    # Fri; 18* (1), Mid-autumn, 22–24 (4), 26* (5), 27–30 Sep (9), holiday, 8 (10), 9* (11), 11–15 (16),
    # 18–21 Oct (20)
    ("list.decide", "2021-09-17", "2021-10-21", "serious44"),
    # Wed; 29, 30 Dec, New Year, 3, 4, 5 Jan
    ("list.notice", "2022-12-28", "2023-01-05", "apl"),
    # Wed; 28 Sep, holiday, 7*, 8*, 9, 10 Oct
    ("list.notice", "2023-09-27", "2023-10-10", "apl"),
    # Wed; 28, 29 Dec, New Year, 2–5 Jan (6), 8 Jan
    ("pooling.sevendays", "2023-12-27", "2024-01-08", "gbf2020-49"),
    # Thu; 9 Feb (New Year's Eve), holiday, 18*
    ("repair.accept", "2024-02-08", "2024-02-18", "samrepair"),
    # Thu; 26 Jan (1), 29 Jan–2 Feb (6), 4* (7), 5–9 (12), holiday, 18* (13), 19–23 (18), 26, 27 Feb (20)
    ("list.decide", "2024-01-25", "2024-02-27", "serious44"),
    # --- 2025 and 2026 ---
    # Wed; 25, 26, 28*, 29, 30 Sep (5), holiday, 9, 10, 11*, 13, 14 Oct (10)
    ("repair.decide", "2025-09-24", "2025-10-14", "repair2025"),
    # Mon; 16–19 (4), 22–26 (9), 29–31 Dec (12), New Year, 4* (13), 5–9 (18), 12, 13 Jan (20)
    ("list.publish", "2025-12-15", "2026-01-13", "penpub45"),
    # Tue; 11, 12, 13, 14* (4), holiday, 24–27 (8), 28* Feb (9), 2 Mar
    ("repair.decide", "2026-02-10", "2026-03-02", "repair2025"),
    # Fri before the make-up Saturday; 14*, holiday, 24, 25
    ("repair.follow", "2026-02-13", "2026-02-25", "repair2025"),
    # Fri; 13–17 (5), 20–24 (10), 27–30 Apr (14), holiday, 6–8 (17), 9* (18), 11–15 (23), 18–22 (28),
    # 25–29 May (33), 1–5 (38), 8–12 (43), 15, 16 Jun (45)
    ("complaint.mediate", "2026-04-10", "2026-06-16", "complaint20"),
    # Tue; 29, 30 Apr, holiday, 6, 7, 8, 9*, 11 May
    ("complaint.accept", "2026-04-28", "2026-05-11", "complaint121"),
    # Tue; 30 Sep, holiday, 8, 9 Oct
    ("measure.accept", "2026-09-29", "2026-10-09", "gbf2020-49"),
    # Fri; 20* (a Sunday), 21 Sep
    ("repair.accept", "2026-09-18", "2026-09-21", "samrepair"),
]
CALENDAR_DAYS = [
    # 20 days: 5 October, in the holiday
    ("objection.person", "2017-09-15", "2017-10-09", "credbiz"),
    # 20 days: 30 January, in Spring Festival
    ("objection.person", "2017-01-10", "2017-02-03", "credbiz"),
    # 7 days: 1 October
    ("evidence.returns", "2017-09-24", "2017-10-09", "crpl"),
    # 7 days: Wednesday 4 February, an ordinary day
    ("evidence.returns", "2026-01-28", "2026-02-04", "crpl"),
    # 7 days: 16 February, in Spring Festival
    ("evidence.returns", "2026-02-09", "2026-02-24", "crpl"),
    # 3 days: 3 October
    ("list.withdraw", "2021-09-30", "2021-10-08", "apl"),
    # 3 days: 3 May
    ("list.withdraw", "2026-04-30", "2026-05-06", "apl"),
    # 60 days: 26 to 31 August, 30 to 30 September, 4 October
    ("complaint.mediate", "2026-08-05", "2026-10-08", "complaint121"),
    # 60 days: 15 to 30 April, 31 to 31 May, Sunday 14 June
    ("complaint.mediate", "2026-04-15", "2026-06-15", "complaint121"),
    # 60 days over a 29 February: 30 to 31 January, 29 to 29 February, Friday 1 March
    ("reconsideration", "2024-01-01", "2024-03-01", "arl"),
    # 60 days without one: 30 to 31 January, 28 to 28 February, Sunday 2 March
    ("reconsideration", "2025-01-01", "2025-03-03", "arl"),
    # 60 days over the turn of the year: 30 to 31 December, 30 January in Spring Festival
    ("reconsideration", "2024-12-01", "2025-02-05", "arl"),
    # 12 to 31 December, 31 to 31 January, 17 February in Spring Festival
    ("reconsideration", "2025-12-19", "2026-02-24", "arl"),
    # 7 days before a rule takes effect: 17 February
    ("platform.rules", "2026-02-10", "2026-02-24", "platrule"),
]
MONTHS_TO_ACT = [
    ("platform.recheck", "2021-08-31", "2022-02-28", "ntsm"),  # no 31st; a Monday
    ("platform.recheck", "2023-08-31", "2024-02-29", "ntsm"),  # a leap day; a Thursday
    ("platform.recheck", "2025-08-17", "2026-02-24", "ntsm"),  # 17 February, in Spring Festival
    ("platform.recheck", "2025-08-28", "2026-02-28", "ntsm"),  # a Saturday that is worked
    ("platform.recheck", "2025-08-29", "2026-02-28", "ntsm"),  # no 29th this year
]
FIXED = [
    # three years by the trial measures, one year since, whatever day the end falls on
    ("penalty.general.max", "2024-02-29", "2027-02-28", "repair58"),  # a Sunday
    ("penalty.general.max", "2023-10-01", "2026-10-01", "repair58"),  # National Day
    ("penalty.general.max", "2026-10-01", "2027-10-01", "repair36"),
    ("penalty.general.min", "2023-11-30", "2024-02-29", "repair58"),
    ("penalty.general.min", "2024-11-30", "2025-02-28", "repair58"),
    ("penalty.general.min", "2026-07-03", "2026-10-03", "repair36"),
    ("penalty.special.min", "2024-02-29", "2025-02-28", "repair58"),
    ("penalty.minor.max", "2026-11-30", "2027-02-28", "repair36"),
    ("penalty.minor.max", "2027-11-30", "2028-02-29", "repair36"),
    ("penalty.serious.min", "2027-02-28", "2028-02-28", "repair36"),
    ("penalty.serious.max", "2028-02-29", "2031-02-28", "repair36"),
    ("list.years", "2021-10-01", "2024-10-01", "serious44"),
    ("list.years", "2024-02-29", "2027-02-28", "serious44"),
    ("list.early", "2025-02-17", "2026-02-17", "serious44"),  # Spring Festival: no right waits for it
    ("enforcement.publish", "2018-10-01", "2020-10-01", "defaulter17"),
    ("trade.keep", "2021-05-01", "2024-05-01", "ecl"),
    ("person.bad", "2020-02-29", "2025-02-28", "credbiz"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("id", "start", "due", "law"), [*WORKING_DAYS, *CALENDAR_DAYS, *MONTHS_TO_ACT, *FIXED]
)
def test_worked_out_by_hand(id: str, start: str, due: str, law: str) -> None:
    rule = deadline(id, on(start))
    counted = rule.counted(on(start))
    assert (counted.due, rule.law) == (on(due), law)
    assert not counted.provisional
    assert len(counted.counted) == rule.length


def test_the_law_of_the_case_and_not_of_the_count_decides() -> None:
    # the same day after the change of law, counted by either
    start = on("2026-04-20")
    old = deadline("complaint.mediate", on("2026-04-14")).counted(start)
    new = deadline("complaint.mediate", start).counted(start)
    # Mon; 21–24 (4), 27–30 Apr (8), holiday, 6–8 (11), 9* (12), 11–15 (17), 18–22 (22), 25–29 May (27),
    # 1–5 (32), 8–12 (37), 15–18 (41), Dragon Boat, 22–25 Jun (45)
    assert old.due == on("2026-06-25")
    # 60 days: 10 to 30 April, 31 to 31 May, 19 June, Dragon Boat Festival to the 21st
    assert new.due == on("2026-06-22")


def test_a_month_after_the_thirty_first_ends_with_the_short_month() -> None:
    month = Period(1, "month")
    assert count(on("2024-01-31"), month).due == on("2024-02-29")
    assert count(on("2025-01-31"), month).due == on("2025-02-28")
    assert count(on("2026-01-31"), month).due == on("2026-02-28")  # a Saturday that is worked
    assert count(on("2021-01-31"), month).due == on("2021-03-01")  # 28 February is a Sunday


def test_beyond_the_last_notice_a_count_is_provisional_where_somebody_must_act() -> None:
    start = on("2026-12-01")
    act = deadline("reconsideration", start).counted(start)
    assert (act.due, act.provisional) == (on("2027-02-01"), True)  # 30 January 2027 is a Saturday
    show = deadline("penalty.serious.max", start).counted(start)
    assert (show.due, show.provisional) == (on("2029-12-01"), False)


COUNTABLE = [one for one in deadlines() if one.length is not None]


@given(st.sampled_from(COUNTABLE), st.dates(date(2005, 1, 1), date(2040, 12, 31)))
def test_only_the_due_day_of_what_must_be_done_is_moved(rule: Deadline, start: date) -> None:
    counted = rule.counted(start)
    assert counted.due >= counted.counted[-1] > start
    if rule.end == "fixed":
        assert counted.due == counted.counted[-1]
    else:
        assert counted == count(start, rule.period)


def test_what_is_shown_or_kept_has_a_fixed_end_and_what_must_be_done_is_moved() -> None:
    ends = {one.id: one.end for one in deadlines()}
    for id in ("penalty.general.max", "list.years", "list.early", "enforcement.publish", "person.bad"):
        assert ends[id] == "fixed", id
    for id in ("list.notice", "list.withdraw", "repair.decide", "reconsideration", "platform.recheck"):
        assert ends[id] == "moved", id
