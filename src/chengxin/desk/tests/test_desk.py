"""People are told what waits for them, by their role of today; what they kept is theirs alone."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import GivenRole
from chengxin.accounts.permissions import NOBODY
from chengxin.desk.actions import NotSaved, delete_filter, mark_read, notify, rename_filter, save_filter
from chengxin.desk.models import Notice, SavedFilter
from chengxin.testing.checked import checked
from chengxin.testing.signed import actor, browser_of, person


def shown(browser: Client, path: str, language: str = "zh-hans") -> str:
    """A page whose markup is in order and in one language."""
    response = browser.get(path, headers={"Accept-Language": language})
    assert response.status_code == 200
    text = response.content.decode()
    found = checked(text)
    assert list(found.finish()) == []
    assert found.stray == []
    return text


def told(organisation: int | None, action: str = "batch.read", due: date | None = None) -> int:
    return notify(
        action,
        organisation=organisation,
        zh="批次12有3行未通过",
        en="3 rows of batch 12 were rejected",
        url="/work/batches/12",
        due=due,
    )


def test_a_notice_reaches_whoever_may_act_for_the_organisation(database: str) -> None:
    office, mine, other = person("credit_office"), person("platform_compliance"), person("carrier")
    auditor = person("auditor")
    organisation = mine.given_roles.get().organisation_id
    assert told(organisation) == 3
    assert {one.user_id for one in Notice.objects.all()} == {office.pk, mine.pk, auditor.pk}
    assert not Notice.objects.filter(user=other).exists()


def test_a_notice_for_nobody_in_particular_goes_to_those_who_act_everywhere(database: str) -> None:
    office, platform = person("credit_office"), person("platform_compliance")
    assert told(None) == 1
    assert Notice.objects.get().user_id == office.pk != platform.pk


def test_a_role_that_has_ended_and_a_person_who_left_are_told_nothing(database: str) -> None:
    gone, former = person("carrier"), person("carrier")
    gone.ended_at = timezone.now()
    gone.save()
    GivenRole.objects.filter(user=former).update(until=timezone.now())
    assert told(former.given_roles.get().organisation_id) == 0


def test_a_notice_leads_to_a_page_of_this_site_only(database: str) -> None:
    for url in ("https://elsewhere.example/", "//elsewhere.example/", "work"):
        with pytest.raises(ValueError, match="page of this site"):
            notify("batch.read", organisation=None, zh="甲", en="a", url=url)


def test_notices_are_read_one_by_one_or_all_at_once_and_only_ones_own(database: str) -> None:
    mine, other = person("carrier"), person("carrier")
    organisation = mine.given_roles.get().organisation_id
    for _ in range(3):
        told(organisation, due=timezone.localdate() - timedelta(days=1))
    browser = browser_of(mine)
    page = shown(browser, "/work/notices")
    assert page.count("批次12有3行未通过") == 3
    assert "已过" in page
    of_other = Notice.objects.filter(user=other).first()
    assert of_other is not None
    browser.post("/work/notices", {"id": of_other.pk, "do": "read"})
    assert Notice.objects.filter(user=other, read_at=None).count() == 3
    first = Notice.objects.filter(user=mine).first()
    assert first is not None
    opened = browser.post("/work/notices", {"id": first.pk, "do": "open"})
    assert opened["Location"] == "/work/batches/12"
    assert Notice.objects.filter(user=mine, read_at=None).count() == 2
    assert mark_read(actor(mine)) == 2
    assert mark_read(NOBODY) == 0
    assert "全部标为已读" not in shown(browser, "/work/notices")


def test_notices_come_in_pages_and_in_english(database: str) -> None:
    mine = person("carrier")
    for _ in range(35):
        told(mine.given_roles.get().organisation_id)
    browser = browser_of(mine)
    assert "?page=2" in browser.get("/work/notices").content.decode()
    second = shown(browser, "/work/notices?page=2", "en")
    assert second.count("3 rows of batch 12") == 5
    assert browser.get("/work/notices?page=x").status_code == 200


def test_whoever_is_not_signed_in_has_no_desk(database: str) -> None:
    assert Client().get("/work/notices").status_code == 302
    assert Client().post("/work/filters", {"name": "甲", "path": "/work/notices"}).status_code == 302


def test_a_filter_is_kept_under_a_name_renamed_and_deleted(database: str) -> None:
    mine = person("carrier")
    browser = browser_of(mine)
    given = {"name": " 逾期 的 ", "path": "/work/notices", "query": "page=2&after=x&b=&a=1&format=csv"}
    assert browser.post("/work/filters", given)["Location"] == "/work/notices?a=1&page=2"
    browser.post("/work/filters", given | {"query": "a=2"})
    kept = SavedFilter.objects.get()
    assert (kept.name, kept.query) == ("逾期 的", "a=2")
    browser.post("/work/filters", {"do": "rename", "id": kept.pk, "name": "新"})
    assert SavedFilter.objects.get().name == "新"
    assert browser.post("/work/filters", {"do": "delete", "id": kept.pk})["Location"] == "/work/notices"
    assert not SavedFilter.objects.exists()


@pytest.mark.parametrize(
    ("given", "rule"),
    [
        ({"name": ""}, "saved_filter_name"),
        ({"name": "长" * 61}, "saved_filter_name"),
        ({"path": "//elsewhere.example/work"}, "saved_filter_path"),
        ({"path": "/no/such/list"}, "saved_filter_path"),
        ({"query": "a=" + "1" * 2_001}, "saved_filter_length"),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_mend(
    database: str, given: dict[str, str], rule: str
) -> None:
    whole = {"name": "甲", "path": "/work/notices", "query": "a=1"} | given
    mine = person("carrier")
    with pytest.raises(NotSaved) as caught:
        save_filter(actor(mine), **whole)
    problem = caught.value.problem
    assert problem.rule == rule
    assert problem.zh and problem.en and problem.mend_zh and problem.mend_en
    assert browser_of(mine).post("/work/filters", whole).status_code == 400
    assert not SavedFilter.objects.exists()


def test_a_filter_belongs_to_one_person(database: str) -> None:
    mine, other = person("carrier"), person("carrier")
    kept = save_filter(actor(mine), path="/work/notices", name="甲", query="a=1")
    save_filter(actor(mine), path="/work/notices", name="乙", query="a=2")
    for attempt in (
        lambda: delete_filter(actor(other), kept.pk),
        lambda: rename_filter(actor(other), kept.pk, "丙"),
    ):
        with pytest.raises(NotSaved):
            attempt()
    with pytest.raises(NotSaved, match="乙"):
        rename_filter(actor(mine), kept.pk, "乙")
    with pytest.raises(NotSaved):
        save_filter(NOBODY, path="/work/notices", name="甲", query="")


def test_no_more_filters_than_a_person_can_read(database: str) -> None:
    mine = actor(person("carrier"))
    for number in range(30):
        save_filter(mine, path="/work/notices", name=f"第{number}", query="")
    with pytest.raises(NotSaved, match="30"):
        save_filter(mine, path="/work/notices", name="又一", query="")
    save_filter(mine, path="/work/notices", name="第1", query="a=1")


def test_an_organisation_unknown_to_all_still_tells_the_credit_office(database: str) -> None:
    person("credit_office")
    elsewhere = note_organisation(code=None, name="厦门示例协会", role="association", confirmed=True)
    assert told(elsewhere.pk) == 1
