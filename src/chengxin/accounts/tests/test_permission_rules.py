"""The table of permissions: asked of one thing and asked for a list, it must say the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chengxin.accounts import documented, granting
from chengxin.accounts.permissions import (
    PROVINCE,
    SCOPES,
    Actor,
    Grant,
    Reach,
    Target,
    actions,
    allows,
    at_the_console,
    reach,
    roles,
)

REGIONS = st.sampled_from([PROVINCE, "350100", "350102", "350128", "350200", "440100", None])
NUMBERS = st.sampled_from([1, 2, 3, None])
CODES = st.sampled_from(["A" * 18, "B" * 18, None])
GRANTS = st.builds(
    Grant, st.sampled_from(list(roles())), organisation=NUMBERS, code=CODES, region=REGIONS, subject=NUMBERS
)
TARGETS = st.builds(
    Target,
    region=REGIONS,
    organisation=NUMBERS,
    platforms=st.lists(st.sampled_from(["A" * 18, "B" * 18]), max_size=2).map(tuple),
    subject=NUMBERS,
)
ACTIONS = st.sampled_from(list(actions()))


def reached(far: Reach, target: Target) -> bool:
    """Whether a row with these values comes out of a statement that asks with this reach."""
    return (
        far.everything
        or any(target.region is not None and target.region.startswith(one) for one in far.regions)
        or ("35" in far.regions and target.region is None)
        or target.organisation in far.organisations
        or any(one in far.platforms for one in target.platforms)
        or (target.subject is not None and target.subject in far.subjects)
    )


@given(st.lists(GRANTS, max_size=4), ACTIONS, TARGETS)
def test_a_list_holds_exactly_what_may_be_opened(held: list[Grant], action: str, target: Target) -> None:
    assert reached(reach(held, action), target) == allows(held, action, target)


@given(st.lists(GRANTS, max_size=4), ACTIONS, TARGETS)
def test_more_roles_never_allow_less(held: list[Grant], action: str, target: Target) -> None:
    if any(allows([one], action, target) for one in held):
        assert allows(held, action, target)
    assert not allows([], action, target)


def test_no_action_is_open_to_a_role_that_is_not_named() -> None:
    for action in actions().values():
        assert set(action.roles) <= set(roles()) and set(action.roles.values()) <= set(SCOPES)
        for role in set(roles()) - set(action.roles):
            assert not allows([Grant(role, 1, "A" * 18, PROVINCE, 1)], action.id)


def test_an_administrator_sees_no_credit_data() -> None:
    of_credit = {"subject.read", "search.all", "match.read", "identity.read", "identifier.unmask",
                 "batch.read", "own.read", "access.read", "quality.read", "door.open"}  # fmt: skip
    for role in ("administrator", "organisation_administrator"):
        assert not [one for one in of_credit if allows([Grant(role, 1, "A" * 18, PROVINCE)], one)]


def test_every_powerful_role_needs_a_second_factor() -> None:
    assert {one.id for one in roles().values() if not one.second_factor} == {
        "merchant", "carrier", "courier", "code_holder",
    }  # fmt: skip


def test_the_documented_table_is_the_one_that_counts() -> None:
    assert documented.PAGE.read_text(encoding="utf-8") == documented.text()


@given(
    st.sampled_from(list(roles())),
    st.sampled_from(
        ["credit_office", "department", "platform", "carrier", "agency", "association", "region"]
    ),
    st.sampled_from([1, 2]),
)
def test_an_organisations_administrator_gives_no_power_beyond_the_organisation(
    role: str, source_role: str, organisation: int
) -> None:
    own = Actor(5, "何守成", (Grant("organisation_administrator", 1),))
    wanted = granting.Wanted(role, organisation, source_role, PROVINCE)
    if granting.problem_of(own, wanted) is None:
        assert organisation == 1
        assert role not in (
            "administrator",
            "credit_office",
            "reviewer",
            "auditor",
            "organisation_administrator",
        )
        assert role != "department_officer" or source_role != "platform"
        assert granting.problem_of(at_the_console("test"), wanted) is None


def test_who_manages_nobody_gives_nothing() -> None:
    nobody = Actor(5, "某某", (Grant("credit_office", 1),))
    assert granting.offered(nobody) == ()
