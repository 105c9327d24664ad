"""The subject's own door: all that is held, in every state, who looked and why, and a copy of it."""

from __future__ import annotations

import io

import openpyxl
import orjson
import pytest
from django.test import Client

from chengxin.accounts.models import GivenRole
from chengxin.archive.tests.kept import Kept
from chengxin.archive.tests.staff import WHY, looking, looks, number_of, officer, opened
from chengxin.audit.models import Access
from chengxin.ledger.actions import appending
from chengxin.ledger.models import Event
from chengxin.portal.tests.small import NAME, PERSON, RESIDENT, SHOP, Small, small_archive
from chengxin.testing.signed import browser_of, person


@pytest.fixture
def small(database: str) -> Small:
    return small_archive()


def merchant(*subjects: int) -> Client:
    user = person("merchant", subject=subjects[0])
    for subject in subjects[1:]:
        GivenRole.objects.create(user=user, role="merchant", subject=subject, given_by="test")
    return browser_of(user)


@pytest.mark.obligation("13d")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_shows_every_record_in_every_state(small: Small, language: str) -> None:
    page = opened(merchant(number_of(small.code)), "/own", language=language)
    for number in range(101, 111):
        assert f"〔2026〕0{number}号" in page, number
    for word in (
        ("公示期满", "已更正", "已撤回")
        if language == "zh"
        else ("Publication over", "Corrected", "Withdrawn")
    ):
        assert word in page
    assert SHOP in page
    assert RESIDENT not in page


@pytest.mark.obligation("12.2a")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_shows_who_looked_but_never_which_official(small: Small, language: str) -> None:
    looker = person("credit_office", name="欧阳某某")
    officer(looker).get(f"/work/subjects/{small.code}")
    row = Access.objects.get()
    page = opened(merchant(number_of(small.code)), "/own", language=language)
    for told in ("福建省发展和改革委员会", WHY["text"], WHY["case"], str(row.pk)):
        assert told in page, told
    assert ("《电子商务法》第6条" if language == "zh" else "E-Commerce Law, art. 6") in page
    assert "欧阳某某" not in page
    assert looker.sign_in_name not in page


def test_looking_at_oneself_is_no_look(small: Small) -> None:
    browser = merchant(number_of(small.code))
    opened(browser, "/own")
    browser.get("/own/download")
    assert not looks()


def test_many_looks_are_paged(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chengxin.archive.pages.own.LOOKS", 2)
    browser = looking("credit_office")
    for _ in range(3):
        browser.get(f"/work/subjects/{small.code}")
    ids = list(Access.objects.order_by("-id").values_list("pk", flat=True))
    own = merchant(number_of(small.code))
    assert f"?looks={ids[1]}" in opened(own, "/own")
    assert f">{ids[2]}</td>" in opened(own, f"/own?looks={ids[1]}")
    assert f">{ids[0]}</td>" not in opened(own, f"/own?looks={ids[1]}")
    opened(own, "/own?looks=nonsense&before=nonsense&item=nonsense")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_several_subjects_are_chosen_among_and_kept_apart(small: Small, language: str) -> None:
    first, second = number_of(small.code), number_of(small.quiet)
    browser = merchant(first, second)
    choice = opened(browser, "/own", language=language)
    assert f"/own?subject={first}" in choice
    assert f"/own?subject={second}" in choice
    page = opened(browser, f"/own?subject={first}", language=language)
    assert small.quiet not in page
    assert f"subject={first}&amp;item=penalty" in page, "links keep the subject"
    assert small.code not in opened(browser, f"/own?subject={second}", language=language)
    assert browser.get("/own/download").status_code == 302
    foreign = opened(browser, f"/own?subject={small.person}", language=language)
    assert PERSON not in foreign


def test_what_was_merged_into_the_subject_is_its_own(small: Small) -> None:
    subject = number_of(small.code)
    with appending() as log:
        kept = Kept(log)
        twin = kept.subject("福州榕味海产电商公司", region="350102")
        record = kept.record(twin, kept.source(), payload={"CF_WSH": "榕〔2026〕0777号"})
    officer(person("credit_office")).get(f"/work/subjects/S{twin}")
    with appending() as log:
        Kept(log).merged(twin, subject)
    for browser in (merchant(subject), merchant(twin), browser_of(subject=twin)):
        page = opened(browser, "/own")
        assert f'id="record-{record}"' in page
        assert f'id="record-{small.shown}"' in page
        assert WHY["text"] in page, "the look at the twin, too"
        assert browser.get("/own/download").status_code == 200


@pytest.mark.obligation("13d")
def test_the_own_number_is_shown_on_request_to_its_holder_alone(small: Small) -> None:
    browser = browser_of(subject=small.person)
    page = opened(browser, "/own")
    assert RESIDENT not in page
    assert "numbers=shown" in page
    full = browser.get("/own?numbers=shown")
    assert RESIDENT in full.content.decode()
    assert full["Cache-Control"] == "no-store"
    assert RESIDENT not in merchant(number_of(small.code)).get("/own?numbers=shown").content.decode()


@pytest.mark.obligation("13d")
def test_a_copy_holds_everything_and_is_an_event(small: Small) -> None:
    subject = number_of(small.code)
    looking("credit_office").get(f"/work/subjects/{small.code}")
    browser = merchant(subject)
    got = browser.get("/own/download?format=json")
    assert got["Content-Type"].startswith("application/json")
    assert "attachment" in got["Content-Disposition"]
    copy = orjson.loads(got.content)
    ids = {one["id"] for one in copy["records"]}
    assert {small.shown, small.last_day, small.sealed, *small.hidden} - {small.hidden[0]} <= ids
    assert {one["state"] for one in copy["records"]} == {"in_force", "expired", "corrected", "withdrawn"}
    assert copy["subject"]["name"] == NAME
    assert [one["reason"] for one in copy["looks"]] == [WHY["text"]]
    assert "person" not in copy["looks"][0]
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/own/download?format=xlsx").content))
    records = list(book.worksheets[1].iter_rows(values_only=True))
    assert {row[0] for row in records[1:]} == ids
    assert book.worksheets[2].max_row == 2
    assert [one["format"] for one in events("copy_given")] == ["json", "xlsx"]
    assert browser.get("/own/download?format=exe").status_code == 404


def test_a_person_gets_the_own_number_in_the_copy(small: Small) -> None:
    copy = orjson.loads(browser_of(subject=small.person).get("/own/download").content)
    assert [one["value"] for one in copy["numbers"]] == [RESIDENT]


def test_nothing_in_the_workbook_is_a_formula(small: Small) -> None:
    with appending() as log:
        kept = Kept(log)
        kept.record(number_of(small.quiet), kept.source(), payload={"CF_WSH": "=1+1"})
        kept.record(number_of(small.quiet), kept.source("=SUM(A1)"), payload={"CF_WSH": "1"})
    got = merchant(number_of(small.quiet)).get("/own/download?format=xlsx").content
    book = openpyxl.load_workbook(io.BytesIO(got))
    assert all(cell.data_type != "f" for sheet in book for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("role", ["credit_office", "auditor", "administrator"])
def test_the_door_is_not_for_staff(small: Small, role: str) -> None:
    browser = browser_of(person(role))
    for address in ("/own", "/own/download"):
        assert browser.get(address).status_code == 403
    assert Client().get("/own").status_code == 302


def events(kind: str) -> list[dict[str, str]]:
    return [orjson.loads(one.body) for one in Event.objects.filter(kind=kind).order_by("pk")]
