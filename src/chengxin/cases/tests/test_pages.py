"""The pages of cases over HTTP: every procedure in every state, who sees what, who is second, nonsense."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import Organisation, User
from chengxin.accounts.sessions import SECOND_FACTOR
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.cases import queries, worklist
from chengxin.cases.actions import Opening, open_case
from chengxin.cases.clock import played
from chengxin.cases.effects import CHOICES
from chengxin.cases.matters import matters
from chengxin.cases.models import DOCUMENT
from chengxin.cases.pages.step import filled_in
from chengxin.cases.tests.walking import Cast, nothing_follows, paths
from chengxin.cases.worklist import Wanted
from chengxin.ledger.actions import appending, raw_cursor
from chengxin.rulebook.deadlines import deadline
from chengxin.rulebook.procedures import Procedure, procedure, procedures
from chengxin.testing.checked import checked
from chengxin.testing.signed import actor, browser_of, person
from chengxin.testing.world import state_purpose

NONSENSE = ("", "0", "-1", "9" * 30, "abc", "%00", "“”", "1 OR 1=1", "../..", "<b>")
STAFF = ("credit_office", "department_officer", "reviewer", "decision_maker")


@pytest.fixture(scope="module")
def cast(one_database: str) -> Cast:
    """People of one organisation in Fuzhou, and a firm there."""
    bureau = note_organisation(code=None, name="福州市市场监督管理局", role="department", confirmed=True)
    with appending() as log:
        subject = Kept(log).subject("福州刷量电子商务有限公司", new_uscc(), region="350102")
    return Cast(subject, bureau)


@pytest.fixture(autouse=True)
def alone() -> Iterator[None]:
    """The engine by itself: what steps bring about is tested where it is made."""
    with nothing_follows(), played():
        yield


def browser(
    role: str, *, region: str = "350000", organisation: Organisation | None = None
) -> tuple[Client, User]:
    user = person(role, region=region, organisation=organisation)
    found = browser_of(user)
    state_purpose(found, role)
    return found, user


def shown(
    found: Client,
    path: str,
    *,
    post: dict[str, str] | None = None,
    status: int = 200,
    language: str = "zh-hans",
) -> str:
    """A page that answers, with markup in order and all in one language."""
    headers = {"Accept-Language": language}
    answer = found.get(path, headers=headers) if post is None else found.post(path, post, headers=headers)
    text = answer.content.decode()
    assert answer.status_code == status, text[:2_000]
    markup = checked(text)
    assert (faults := list(markup.finish())) == [], faults
    assert markup.stray == [], markup.stray
    return text


def drafted(cast: Cast, by: User, *, region: str | None = "350102", subject: bool = True) -> int:
    """A notice on its way, drafted by somebody today."""
    today = timezone.localdate()
    given = {"title": "谨防刷单", "body": "近期多发。", "show_until": (today + timedelta(days=9)).isoformat()}
    return open_case(
        Opening("notice", f"notice:{timezone.now().timestamp()}", cast.subject if subject else None, today,
                rule="risk_notice", region=region, facts=given),
        actor(by), today,
    )  # fmt: skip


# --- every procedure in every state ---


@pytest.mark.parametrize("declared", procedures().values(), ids=lambda one: one.id)
def test_the_page_of_a_case_in_any_state_says_where_it_stands_and_what_can_be_done(
    cast: Cast, declared: Procedure
) -> None:
    office, _ = browser("credit_office")
    for state, way in paths(declared).items():
        case, _ = cast.lead(declared, way)
        text = shown(office, f"/work/cases/{case}")
        assert declared.states[state].zh in text
        assert all(step.zh in text for step in way)
        shown(office, f"/work/cases/{case}", language="en")


@pytest.mark.parametrize("declared", procedures().values(), ids=lambda one: one.id)
def test_every_step_has_a_form_for_whoever_may_take_it(cast: Cast, declared: Procedure) -> None:
    roles = (*STAFF, "platform_compliance")
    browsers = [browser(role, organisation=cast.organisation)[0] for role in roles]
    tried = 0
    for state, way in paths(declared).items():
        case, _ = cast.lead(declared, way)
        for found in browsers:
            page = found.get(f"/work/cases/{case}")
            assert page.status_code in (200, 404)
            for step in declared.from_state(state):
                link = f'href="/work/cases/{case}/{step.id}"'
                if link in page.content.decode():
                    form = shown(found, f"/work/cases/{case}/{step.id}")
                    asked = {one.id for one in (*step.fields, *step.optional)} - set(
                        CHOICES
                    )  # nothing to order
                    assert all(f'name="{id}"' in form for id in asked), step.id
                    tried += 1
    assert tried or declared.id == "imported"


# --- who sees what ---


def test_what_a_step_brings_about_is_said_before_it_is_taken(cast: Cast) -> None:
    listing, office = procedure("listing"), browser("credit_office")[0]
    case, _ = cast.lead(listing, paths(listing)["reviewed"])
    text = shown(office, f"/work/cases/{case}/give_notice")
    last = deadline("list.notice", timezone.localdate()).counted(timezone.localdate()).due
    for said in (
        "列入告知书",
        "5个工作日",
        "《行政处罚法》第64条",
        f"最后一日{last}",
        "陈述、申辩",
        "信用主体",
    ):
        assert said in text, said
    case, _ = cast.lead(listing, (*paths(listing)["notified"], listing.step("make_statement"),
                                  listing.step("close_notice")))  # fmt: skip
    decider = browser("decision_maker")[0]
    text = shown(decider, f"/work/cases/{case}/decide_entry")
    assert "陈述、申辩意见：已办理" in text, "what the subject said stands beside the form"
    assert "信用修复告知书" in text
    case, _ = cast.lead(listing, paths(listing)["published"])
    before = queries.case(case)
    assert before is not None
    address, signing = f"/work/cases/{case}", {"seen": str(before.steps), "reason": "依据已撤销"}
    for language, at_once in (("zh-hans", "即时停止"), ("en", "stop at once")):
        text = shown(decider, f"{address}/annul", post=signing, language=language)
        assert at_once in text
    now = queries.case(case)
    assert now is not None and now.state == "published", "nothing was signed yet"


def test_several_boxes_of_one_field_are_one_text_and_of_any_other_the_last_counts() -> None:
    post = QueryDict("reason=x&reason=y&measures=platform_close&measures=trade_ban&other=z")
    kept = filled_in(procedure("listing").step("decide_entry"), post)
    assert kept == {"reason": "y", "measures": "platform_close trade_ban"}


def test_what_waits_comes_by_its_last_day_page_by_page(cast: Cast) -> None:
    office = actor(browser("credit_office")[1])
    listing, today = procedure("listing"), timezone.localdate()
    for state in ("reviewed", "served", "decided", "served", "questioned"):
        cast.lead(listing, paths(listing)[state])
    wanted = Wanted(waiting=True)
    found, after = [], None
    while page := worklist.lines(office, wanted, today, after, 2):
        found += page
        after = worklist.place(page[-1], wanted)
    every = worklist.lines(office, wanted, today, None, 999)
    assert [one.id for one in found] == [one.id for one in every]
    days = [one.due_on or date.max for one in found]
    assert days == sorted(days) and date.max in days, "those without a period come last"
    pressing = worklist.pressing(office, today)
    assert (pressing.all, pressing.overdue) == (len(found), sum(one < today for one in days))
    text = shown(browser("credit_office")[0], "/work/cases")
    assert f'待我办理 <span class="badge info">{pressing.all}</span>' in text


def test_staff_of_another_city_and_other_roles_see_nothing(cast: Cast) -> None:
    case = drafted(cast, browser("credit_office")[1])
    for role in ("department_officer", "reviewer", "decision_maker"):
        here, _ = browser(role, region="350100")
        there, _ = browser(role, region="350200")
        assert here.get(f"/work/cases/{case}").status_code == 200
        assert f"/work/cases/{case}" in shown(here, "/work/cases")
        for path in (
            f"/work/cases/{case}",
            f"/work/cases/{case}/approve",
            f"/work/cases/{case}/proof/{case}",
        ):
            assert there.get(path).status_code == 404
            never = path.endswith("approve") and role != "decision_maker"
            assert there.post(path).status_code in ((403,) if never else (404, 405)), (role, path)
        assert f"/work/cases/{case}" not in shown(there, "/work/cases")
    merchant = browser_of(person("merchant", subject=cast.subject))
    assert merchant.get(f"/work/cases/{case}").status_code == 403
    assert Client().get(f"/work/cases/{case}").status_code == 302


def test_an_organisation_sees_the_cases_in_which_it_has_to_act_and_no_other(cast: Cast) -> None:
    declared = procedure("objection")
    case, _ = cast.lead(declared, paths(declared)["forwarded"])
    own, _ = browser("platform_compliance", organisation=cast.organisation)
    other, _ = browser("platform_compliance")
    text = shown(own, f"/work/cases/{case}")
    assert f"/work/cases/{case}/answer" in text
    assert f"/work/cases/{case}" in shown(own, "/work/cases?waiting=me")
    assert other.get(f"/work/cases/{case}").status_code == 404
    assert f"/work/cases/{case}" not in shown(other, "/work/cases")
    assert own.get(f"/work/cases/{drafted(cast, browser('credit_office')[1])}").status_code == 404


def test_a_look_at_a_case_is_noted_with_its_purpose(cast: Cast) -> None:
    user = person("reviewer")
    found = browser_of(user)
    case = drafted(cast, browser("credit_office")[1])
    assert found.get(f"/work/cases/{case}")["Location"].startswith("/work/purpose?")
    free = drafted(cast, browser("credit_office")[1], subject=False, region=None)
    assert found.get(f"/work/cases/{free}").status_code == 200
    state_purpose(found, "reviewer")
    found.get(f"/work/cases/{case}")
    noted = raw_cursor().execute(
        'SELECT subject, detail FROM audit_access WHERE "user" = %s AND what = %s', [user.pk, "case"]
    )
    assert noted.fetchall() == [(cast.subject, str(case))]


# --- taking steps ---


def test_a_decision_is_read_over_and_signed_after_the_second_factor(cast: Cast) -> None:
    case = drafted(cast, browser("credit_office")[1])
    found, _ = browser("decision_maker")
    path = f"/work/cases/{case}/approve"
    session = found.session
    session[SECOND_FACTOR] = 1
    session.save()
    for answer in (found.get(path), found.post(path, {"seen": "1", "do": "sign"})):
        assert answer["Location"].startswith("/sign-in/second-factor?")
    session[SECOND_FACTOR] = int(timezone.now().timestamp())
    session.save()
    summary = shown(found, path, post={"seen": "1"})
    assert "签署" in summary
    assert queries.case(case).state == "drafted"  # type: ignore[union-attr]
    assert found.post(path, {"seen": "1", "do": "sign"})["Location"] == f"/work/cases/{case}"
    assert queries.case(case).state == "published"  # type: ignore[union-attr]
    assert "已办理：签发" in shown(found, f"/work/cases/{case}")


def test_nobody_signs_what_they_drafted_and_no_other_role_signs(cast: Cast) -> None:
    office, user = browser("credit_office")
    case = drafted(cast, user)
    path = f"/work/cases/{case}/approve"
    assert "<textarea" not in (text := shown(office, path, status=409))
    assert "签署" not in text
    assert office.post(path, {"seen": "1", "do": "sign"}).status_code == 403
    assert queries.case(case).state == "drafted"  # type: ignore[union-attr]


def test_whoever_is_second_is_told_what_the_first_one_did_and_keeps_what_was_typed(cast: Cast) -> None:
    case = drafted(cast, browser("credit_office")[1])
    one, first = browser("decision_maker")
    two, _ = browser("decision_maker")
    assert one.post(f"/work/cases/{case}/return", {"seen": "1", "reason": "标题不清"}).status_code == 302
    text = shown(
        two, f"/work/cases/{case}/return", post={"seen": "1", "reason": "正文太长，请删去第二段"}, status=409
    )
    assert first.name in text
    assert "退回修改" in text
    assert "正文太长，请删去第二段" in text
    assert len(queries.steps(case)) == 2
    shown(two, f"/work/cases/{case}/return", post={"seen": "1", "reason": "x"}, status=409, language="en")


@pytest.mark.parametrize("seen", ["", "abc", "-1", "1.0", "9" * 40, "１"])
def test_a_form_without_what_was_seen_changes_nothing(cast: Cast, seen: str) -> None:
    case = drafted(cast, browser("credit_office")[1])
    found, _ = browser("decision_maker")
    answer = found.post(f"/work/cases/{case}/return", {"seen": seen, "reason": "标题不清"})
    assert answer.status_code == 400
    assert "标题不清" in answer.content.decode()
    assert len(queries.steps(case)) == 1


def test_what_is_wrong_with_a_field_stands_beside_it(cast: Cast) -> None:
    found, user = browser("credit_office")
    case = drafted(cast, user)
    text = shown(found, f"/work/cases/{case}/drop", post={"seen": "1"}, status=422)
    assert 'id="field-reason-error"' in text
    text = shown(found, f"/work/cases/{case}/drop", post={"seen": "1", "reason": "长" * 2001}, status=422)
    assert "超过2000字" in text


@pytest.mark.parametrize("odd", NONSENSE)
def test_nonsense_in_addresses_and_filters_is_answered_plainly(cast: Cast, odd: str) -> None:
    found, user = browser("credit_office")
    case = drafted(cast, user)
    below = ("", f"{case}/", f"{case}/documents/", f"{case}/proof/", "new/")
    for path in (*(f"/work/cases/{one}{odd}" for one in below), f"/procedures/{odd}"):
        assert found.get(path).status_code in (200, 404), path
        assert found.post(path).status_code in (404, 405), path
    for key in (
        "procedure",
        "state",
        "rule",
        "region",
        "due",
        "open",
        "waiting",
        "after",
        "order",
        "columns",
    ):
        assert found.get("/work/cases", {key: odd}).status_code == 200, key
        assert found.get("/work/cases", {key: odd, "due": "running"}).status_code == 200, key


# --- opening ---


def test_a_notice_is_drafted_on_a_page(cast: Cast) -> None:
    found, _ = browser("department_officer", region="350100")
    assert "/work/cases/new/notice" in shown(found, "/work/cases")
    shown(found, "/work/cases/new/notice", language="en")
    until = (timezone.localdate() + timedelta(days=9)).isoformat()
    given = {"title": "谨防刷单", "body": "近期多发。", "show_until": until, "subject": f"S{cast.subject}"}
    text = shown(found, "/work/cases/new/notice", post=given, status=422)
    assert 'id="field-rule-error"' in text
    answer = found.post("/work/cases/new/notice", {**given, "rule": "typical_case"})
    assert answer.status_code == 302
    assert "典型案例" in shown(found, answer["Location"])


@pytest.mark.parametrize("procedure_id", ["listing", "red_listing", "notice"])
@pytest.mark.parametrize("odd", NONSENSE)
def test_nonsense_opens_nothing(cast: Cast, procedure_id: str, odd: str) -> None:
    found, _ = browser("credit_office")
    path = f"/work/cases/new/{procedure_id}"
    before = raw_cursor().execute("SELECT count(*) FROM cases_case").fetchone()
    assert found.get(path, {"subject": odd, "rule": odd, "records": odd}).status_code == 200
    fields = ("subject", "rule", "records", "reason", "title", "body", "show_until")
    assert found.post(path, dict.fromkeys(fields, odd)).status_code == 422
    assert raw_cursor().execute("SELECT count(*) FROM cases_case").fetchone() == before


def test_cases_of_subjects_and_of_the_system_are_not_opened_by_staff(cast: Cast) -> None:
    found, _ = browser("credit_office")
    for one in ("objection", "repair", "measure", "imported"):
        assert found.get(f"/work/cases/new/{one}").status_code == 404
    reviewer, _ = browser("reviewer")
    assert reviewer.get("/work/cases/new/notice").status_code == 409
    assert reviewer.post("/work/cases/new/notice", {}).status_code == 403


def test_nobody_opens_a_case_on_a_subject_of_another_city(cast: Cast) -> None:
    found, _ = browser("department_officer", region="350200")
    text = found.get("/work/cases/new/listing", {"subject": f"S{cast.subject}"}).content.decode()
    assert "福州刷量" not in text
    given = {
        "subject": f"S{cast.subject}",
        "rule": matters("listing", timezone.localdate())[0].id,
        "reason": "多次刷单",
        "records": "1",
    }
    assert found.post("/work/cases/new/listing", given).status_code == 403
    here, _ = browser("department_officer", region="350100")
    answer = here.post("/work/cases/new/listing", given)
    assert answer.status_code == 302
    again = here.post("/work/cases/new/listing", given)
    assert again.status_code == 422
    assert "已有办理中的案件" in again.content.decode()


# --- documents and proofs ---


def test_a_document_is_shown_as_it_was_served_and_only_with_its_case(cast: Cast) -> None:
    found, user = browser("credit_office")
    case, other = drafted(cast, user), drafted(cast, user)
    body = (
        '{"title":"列入告知书","to":"福州刷量电子商务有限公司","paragraphs":["经查，<b>属实</b>。"],'
        '"basis":[["行政处罚法","44"]],"rights":["陈述、申辩"],"signed":"福州市市场监督管理局"}'
    )
    with appending() as log:
        log.keep(
            DOCUMENT, [(case, 1, "listing_notice", f"闽信告〔2026〕{case}号", timezone.localdate(), body)]
        )
    paper = queries.documents(case)[0]
    for language in ("zh-hans", "en"):
        text = shown(found, f"/work/cases/{case}/documents/{paper.id}", language=language)
        assert paper.number in text
        assert "《行政处罚法》第44条" in text
        assert "&lt;b&gt;属实" in text
    assert found.get(f"/work/cases/{other}/documents/{paper.id}").status_code == 404
    assert f"/work/cases/{case}/documents/{paper.id}" in shown(found, f"/work/cases/{case}")
    for leaf in (case, paper.id):
        shown(found, f"/work/cases/{case}/proof/{leaf}")
    assert found.get(f"/work/cases/{other}/proof/{paper.id}").status_code == 404
