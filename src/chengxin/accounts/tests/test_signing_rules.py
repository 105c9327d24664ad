"""The pure rules of signing in: limits on failures, one-time codes, passwords, addresses, paths."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengxin.accounts import passwords, throttling, totp
from chengxin.accounts.addresses import behind
from chengxin.accounts.throttling import ADDRESS, PLACE, STRANGERS, Now, Tried, wait

START = datetime(2026, 6, 1, 8, tzinfo=UTC)
OWNER, OTHER = b"owner", b"other"

MOVES = st.lists(
    st.tuples(
        st.sampled_from([OWNER, OTHER]),
        st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.0.3"]),
        st.sampled_from(["", "laptop"]),
        st.booleans(),
        st.integers(0, 400),
    ),
    max_size=80,
)


def play(moves: list[tuple[bytes, str, str, bool, int]], homes: frozenset[str]) -> list[Tried]:
    """What gets through when everybody who has to wait is turned away."""
    through: list[Tried] = []
    at = START
    for name, address, device, good, seconds in moves:
        at += timedelta(seconds=seconds)
        now = Now(name, address, device, address in homes and name == OWNER, at)
        known = homes if name == OWNER else frozenset[str]()
        if not wait(now, [one for one in through if one.at > at - throttling.LONGEST], known):
            through.append(Tried(name, address, device, good, at))
    return through


@given(MOVES)
def test_no_place_gets_more_failures_through_than_its_limit(
    moves: list[tuple[bytes, str, str, bool, int]],
) -> None:
    through = play([(*one[:3], False, one[4]) for one in moves], frozenset())
    for one in through:
        place = one.device or one.address
        near = [
            other for other in through
            if other.name == one.name and (other.device or other.address) == place
            and timedelta() <= one.at - other.at < PLACE.window
        ]  # fmt: skip
        assert len(near) <= PLACE.allowed


@given(MOVES)
def test_strangers_together_are_limited_but_never_the_owners_browser_or_address(
    moves: list[tuple[bytes, str, str, bool, int]],
) -> None:
    homes = frozenset({"10.0.0.1"})
    foreign = [(OWNER, f"203.0.113.{number}", "", False, one[4]) for number, one in enumerate(moves)]
    through = play(foreign, homes)
    end = START + timedelta(seconds=sum(one[4] for one in moves))
    recent = [one for one in through if one.at > end - STRANGERS.window]
    assert len(recent) <= STRANGERS.allowed
    assert not wait(Now(OWNER, "192.0.2.9", "laptop", False, end), through, homes)
    assert not wait(Now(OWNER, "10.0.0.1", "", True, end), through, homes)


def test_one_password_on_many_names_is_slowed_from_one_address() -> None:
    moves = [(str(number).encode(), "203.0.113.5", "", False, 1) for number in range(ADDRESS.allowed + 20)]
    assert len(play(moves, frozenset())) == ADDRESS.allowed


def test_a_success_makes_earlier_slips_forgotten() -> None:
    slips = [Tried(OWNER, "10.0.0.1", "", False, START + timedelta(seconds=one)) for one in range(4)]
    good = Tried(OWNER, "10.0.0.1", "", True, START + timedelta(seconds=9))
    more = [Tried(OWNER, "10.0.0.1", "", False, START + timedelta(seconds=one)) for one in range(10, 14)]
    now = Now(OWNER, "10.0.0.1", "", True, START + timedelta(seconds=20))
    assert not wait(now, [*slips, good, *more], frozenset({"10.0.0.1"}))
    assert wait(now, [*slips, *more], frozenset({"10.0.0.1"}))


@given(st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 90)), max_size=40))
def test_no_one_time_code_is_taken_twice_or_out_of_its_time(tries: list[tuple[int, int]]) -> None:
    seed, last, now = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", 0, START
    taken = []
    for shift, seconds in tries:
        now += timedelta(seconds=seconds)
        step = totp.accepted(seed, totp.code_of(seed, totp.period(now) + shift), now, last)
        if step is not None:
            assert abs(step - totp.period(now)) <= totp.WINDOW
            taken.append(step)
            last = step
    assert taken == sorted(set(taken))


@given(st.text(max_size=12))
def test_what_is_no_code_is_no_error(text: str) -> None:
    assert totp.accepted("JBSWY3DPEHPK3PXP", text, START, totp.period(START) + 5) is None


@pytest.mark.parametrize(
    "password",
    ["short", "password1234", "Password 1234", "aaaaaaaaaaaaaa", "abcabcabcabcabc", "123456789012",
     "qwertyuiop12", "chen.mingli1", "mimamimamima2026", "x" * 300, "福州福州福州福州福州福州"],
)  # fmt: skip
def test_passwords_that_are_tried_first_are_refused_with_the_way_to_mend(password: str) -> None:
    problem = passwords.problem_of(password, ("陈明理", "chen.mingli"))
    assert problem is not None and problem.mend_zh and problem.mend_en and problem.value is None


@pytest.mark.parametrize("password", ["four unrelated words", "河边有一只会飞的蓝色大象呀", "kX9-vuPq2mRt"])
def test_long_passwords_need_no_capitals_digits_or_signs(password: str) -> None:
    assert passwords.problem_of(password, ("陈明理", "chen.mingli")) is None


TRUSTED = (ip_network("10.0.0.0/8"),)


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.1", "1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4", "1.2.3.4"),
        ("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", "1.2.3.4"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::/64"),
        ("::ffff:1.2.3.4", "", "1.2.3.4"),
        ("", "", "?"),
    ],
)
def test_an_address_is_believed_only_from_our_own_proxies(remote: str, forwarded: str, address: str) -> None:
    assert behind(remote, forwarded, TRUSTED) == address
    assert behind("203.0.113.9", forwarded, ()) == "203.0.113.9"
