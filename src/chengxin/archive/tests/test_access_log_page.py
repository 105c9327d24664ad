"""The auditor's page: the log searched by anything, exported, and what is unusual; searches are noted."""

from __future__ import annotations

import csv
import io
import re

import orjson
import pytest
from django.test import Client
from django.utils import timezone

from chengxin.archive.tests.staff import WHY, looking, opened, stating, the_platform
from chengxin.audit import unusual
from chengxin.audit.models import Access
from chengxin.ledger.models import Event
from chengxin.portal.tests.small import PLATFORM, RESIDENT, Small, small_archive
from chengxin.testing.signed import browser_of, person

LOG = "/work/access-log"


@pytest.fixture
def small(database: str) -> Small:
    return small_archive()


def looked_at_two(small: Small) -> None:
    """An official looks at one firm with a case, a platform at its shop's firm, the official at a person."""
    official = stating(browser_of(person("credit_office", name="欧阳某某")))
    official.get(f"/work/subjects/{small.quiet}")
    platform = person("platform_compliance", organisation=the_platform(small), name="司马某某")
    stating(browser_of(platform), "platform_compliance", case="平核7", text="核验入驻商家的执照").get(
        f"/work/subjects/{small.code}/records?format=csv"
    )
    stating(official, text="答复本人的查阅请求", kind="rights").get(f"/work/subjects/S{small.person}")


def ids(browser: Client, query: str) -> list[int]:
    got = browser.get(f"{LOG}?format=csv&columns=id&{query}").content.decode("utf-8-sig")
    return [int(row[0]) for row in list(csv.reader(io.StringIO(got)))[1:]]


@pytest.mark.obligation("12.2a")
def test_each_filter_finds_its_rows_and_no_others(small: Small) -> None:
    looked_at_two(small)
    first, second, third = Access.objects.order_by("id").values_list("pk", flat=True)
    auditor, today = browser_of(person("auditor")), timezone.localdate().isoformat()
    for query, expected in {
        "": [third, second, first],
        "person=欧阳": [third, first],
        "person=司马": [second],
        f"organisation={PLATFORM}": [second],
        f"code={small.code}": [second],
        f"code={small.quiet}": [first],
        f"code=S{small.person}": [third],
        "code=S999999": [],
        "what=export": [second],
        "what=subject": [third, first],
        "purpose=rights": [third],
        "purpose=own_operators&what=subject": [],
        f"first={today}&last={today}": [third, second, first],
        "last=2001-01-01": [],
        "first=2099-01-01": [],
    }.items():
        assert ids(auditor, query) == expected, query
    page = opened(auditor, f"{LOG}?person=欧阳")
    assert "司马某某" not in page.partition('id="access-log"')[2]


@pytest.mark.obligation("12.2a")
def test_searches_and_exports_of_the_log_are_noted_and_hold_no_personal_number(small: Small) -> None:
    auditor = browser_of(person("auditor"))
    opened(auditor, f"{LOG}?person=欧阳&what=unmask")
    opened(auditor, LOG)
    auditor.get(f"{LOG}?code={RESIDENT}")
    auditor.get(f"{LOG}?format=xlsx&what=unmask")
    searched = [
        orjson.loads(one.body)["asked"]
        for one in Event.objects.filter(kind="access_log_searched").order_by("pk")
    ]
    assert searched[0] == {"person": "欧阳", "what": "unmask"}
    assert searched[1] == {"code": "?"}
    exported = orjson.loads(Event.objects.get(kind="access_log_exported").body)
    assert (exported["format"], exported["rows"]) == ("xlsx", 0)


def test_the_log_is_the_auditors_alone(small: Small) -> None:
    for role in ("credit_office", "administrator", "department_officer", "reviewer"):
        assert browser_of(person(role)).get(LOG).status_code == 403
    assert Client().get(LOG).status_code == 302


def test_pages_of_the_log_go_back_to_the_first_look(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = looking("credit_office")
    for _ in range(55):
        browser.get(f"/work/subjects/{small.quiet}")
    auditor, seen, address = browser_of(person("auditor")), [], LOG
    while address:
        page = opened(auditor, address)
        seen += [int(one) for one in re.findall(r'<th scope="row" class="code"[^>]*>(\d+)<', page)]
        found = re.search(r'href="([^"]+)" rel="next"', page)
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == list(Access.objects.order_by("-id").values_list("pk", flat=True))


@pytest.mark.obligation("13d")
@pytest.mark.parametrize("language", ["zh", "en"])
def test_what_is_unusual_is_flagged_with_its_rows(
    small: Small, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = unusual.rules()["unmasking"].limits
    official = stating(browser_of(person("credit_office", name="欧阳某某")))
    field = {"record": str(small.sealed), "field": "CF_FR_ZJHM"}
    for _ in range(limits["most"]):
        official.post(f"/work/subjects/{small.code}/unmask", field)
    auditor, word = (
        browser_of(person("auditor")),
        {"zh": "频繁查看证件号码", "en": "many identifiers unmasked"}[language],
    )
    assert word not in opened(auditor, LOG, language=language)
    official.post(f"/work/subjects/{small.code}/unmask", field)
    page = opened(auditor, LOG, language=language)
    assert word in page
    assert "欧阳某某" in page
    assert word not in opened(auditor, f"{LOG}?day=2001-01-01", language=language)
    opened(auditor, f"{LOG}?day=nonsense&what=nonsense&after=nonsense&first=x", language=language)


def test_the_reason_is_on_the_page(small: Small) -> None:
    looking("credit_office").get(f"/work/subjects/{small.code}")
    assert WHY["text"] in opened(browser_of(person("auditor")), f"{LOG}?code={small.code}")
