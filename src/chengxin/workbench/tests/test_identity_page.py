"""What platforms reported and the registers contradict: a list within reach, each shop field by field."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.permissions import Reach
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.archive.verifying import verify_subjects
from chengxin.database.reading import reader
from chengxin.ledger.actions import appending
from chengxin.registry.verification import RULES
from chengxin.rulebook import catalogue, laws
from chengxin.rulebook.template import example_row
from chengxin.testing.signed import person
from chengxin.workbench.identity import queries
from chengxin.workbench.identity.guidance import GUIDANCE, guided
from chengxin.workbench.identity.queries import Wanted
from chengxin.workbench.tests.opened import looks, shown, with_purpose

ON = date(2026, 7, 20)
ALL = Reach(everything=True)


@dataclass(frozen=True)
class World:
    """Three shops: one of a platform in Fuzhou with a wrong name, one in Xiamen, one that agrees."""

    platform: str
    wrong: int
    elsewhere: int
    agreeing: int
    subjects: tuple[int, ...]


def reported(name: str, code: str, platform: str, **given: str) -> dict[str, str]:
    item = catalogue.item("identity_report", ON)
    row = {key: value for key, value in example_row(item).items() if item.field(key).type != "personal"}
    row.pop("SF_ZZRQ", None)  # the shop runs
    return row | {
        "SF_MC": name,
        "SF_LB": "法人及非法人组织", "SF_SHXYM": code, "SF_PTDM": platform, "SF_BSQ": "2026-07",
    } | given  # fmt: skip


def registered(name: str, code: str) -> dict[str, str]:
    item = catalogue.item("registration", ON)
    row = {key: value for key, value in example_row(item).items() if item.field(key).type != "personal"}
    kind, *_ = [value for value, kinds in item.subject.kinds.items() if "legal_person" in kinds]
    return row | {
        item.subject.name: name,
        item.subject.identifiers["uscc"]: code,
        str(item.subject.kind): kind,
    }


def world() -> World:
    platform = new_uscc()
    with appending() as log:
        kept = Kept(log)
        kept.subject("福建海丝优选网络科技有限公司", platform)
        source, register = kept.source("平台甲"), kept.source("福州市示例登记机关")
        reports, subjects = [], []
        for number, (name, region, said) in enumerate(
            (
                ("福州榕味海产有限公司", "350102", "福州榕味水产有限公司"),
                ("厦门鹭岛茶叶有限公司", "350203", "厦门另外一家有限公司"),
                ("福州安心数码有限公司", "350102", "福州安心数码有限公司"),
            )
        ):
            code = new_uscc()
            subject = kept.subject(name, code, region=region)
            version = catalogue.item("registration", ON).version.isoformat()
            kept.record(
                subject, register, item="registration", version=version, payload=registered(name, code)
            )
            report = kept.record(
                subject, source, item="identity_report", version="2021-05-01", disclosure="shared",
                payload=reported(said, code, platform, SF_WZ=f"https://shop{number}.example/"),
            )  # fmt: skip
            kept.shop(subject, f"网店{number}", f"shop{number}.example", platform, report)
            reports.append(report)
            subjects.append(subject)
    verify_subjects(subjects, ON)
    wrong, elsewhere, agreeing = reports
    return World(platform, wrong, elsewhere, agreeing, tuple(subjects))


@pytest.mark.obligation("4.1b")
def test_what_does_not_agree_is_listed_with_its_reason_and_what_agrees_is_not(database: str) -> None:
    made = world()
    found = queries.findings(Wanted(), ALL, None, 10)
    assert [one.report for one in found if "name" in {each["rule"] for each in one.reasons}] == [
        made.elsewhere, made.wrong,
    ]  # fmt: skip
    office = with_purpose(person("credit_office"))
    text = shown(office, "/work/identity")
    assert "福州榕味海产有限公司" in text
    assert "经营者名称不符" in text
    assert "福建海丝优选网络科技有限公司" in text
    assert set(looks("list")) >= set(made.subjects[:2])
    shown(office, "/work/identity", language="en")


def test_filters_narrow_by_state_reason_region_platform_and_period(database: str) -> None:
    made = world()

    def reports(**given: object) -> set[int]:
        return {one.report for one in queries.findings(Wanted(**given), ALL, None, 10)}  # type: ignore[arg-type]

    assert made.wrong in reports(state="mismatch", region="3501", rule="name")
    assert made.elsewhere not in reports(region="3501")
    assert made.elsewhere in reports(platform=made.platform)
    assert reports(platform=new_uscc()) == set()
    assert made.wrong in reports(since=ON, until=ON)
    assert reports(until=date(2026, 7, 19)) == set()
    assert reports(state="unverified", rule="name") == set()
    newest = queries.findings(Wanted(rule="name"), ALL, None, 1)
    assert [one.report for one in queries.findings(Wanted(rule="name"), ALL, newest[0].id, 5)] == [made.wrong]


def test_figures_count_each_state_and_platform_within_reach(database: str) -> None:
    made = world()
    whole = queries.count(ALL)
    assert sum(whole.states.values()) == len(queries.findings(Wanted(), ALL, None, 10))
    assert [(one.code, one.name) for one in whole.platforms] == [
        (made.platform, "福建海丝优选网络科技有限公司")
    ]
    assert queries.figures(ALL) == whole
    assert sum(queries.count(Reach(regions=("3502",))).states.values()) == 1
    assert queries.count(Reach()).platforms == ()


@pytest.mark.obligation("4.1b")
def test_a_shop_is_shown_field_by_field_with_law_and_what_to_do(database: str) -> None:
    made = world()
    office = with_purpose(person("credit_office"))
    text = shown(office, f"/work/identity/{made.wrong}")
    assert '<mark class="differs">水</mark>' in text
    assert '<mark class="differs">海</mark>' in text
    assert "《电子商务法》第27条" in text
    assert "更正报送" in text
    assert "福州市示例登记机关" in text
    assert looks("identity") == [made.subjects[0]]
    assert "E-Commerce Law, art. 27" in shown(office, f"/work/identity/{made.wrong}", language="en")
    shown(office, "/work/identity/999999999", status=404)


@pytest.mark.obligation("12.2a")
def test_each_sees_the_findings_of_its_region_or_platform_alone(database: str) -> None:
    made = world()
    fuzhou = with_purpose(person("department_officer", region="350100"))
    text = shown(fuzhou, "/work/identity")
    assert "福州榕味海产有限公司" in text
    assert "厦门鹭岛茶叶有限公司" not in text
    shown(fuzhou, f"/work/identity/{made.elsewhere}", status=403)
    mine = note_organisation(code=made.platform, name="海丝优选", role="platform", confirmed=True)
    of_platform = with_purpose(person("platform_compliance", organisation=mine, region=None))
    assert "厦门鹭岛茶叶有限公司" in shown(of_platform, "/work/identity")
    shown(of_platform, f"/work/identity/{made.elsewhere}")
    stranger = with_purpose(person("platform_compliance", region=None))
    assert "厦门鹭岛茶叶有限公司" not in shown(stranger, "/work/identity")
    shown(stranger, f"/work/identity/{made.elsewhere}", status=403)
    for role in ("auditor", "reviewer", "carrier"):
        shown(with_purpose(person(role)), "/work/identity", status=403)
    assert Client().get(f"/work/identity/{made.wrong}").status_code == 302


def test_an_export_holds_what_was_asked_and_is_noted(database: str) -> None:
    made = world()
    office = with_purpose(person("credit_office"))
    body = office.get("/work/identity?format=csv&region=3502").content.decode("utf-8-sig")
    assert "厦门鹭岛茶叶有限公司" in body
    assert "福州榕味海产有限公司" not in body
    assert looks("export") == [made.subjects[1]]


def test_a_report_that_was_withdrawn_is_compared_no_more(database: str) -> None:
    made = world()
    with appending() as log:
        kept = Kept(log)
        kept.record(
            made.subjects[0], kept.source(), item="identity_report", version="2021-05-01",
            operation="withdrawal", refers_to=made.wrong, disclosure="shared", payload={},
        )  # fmt: skip
    assert "不再比对" in shown(with_purpose(person("credit_office")), f"/work/identity/{made.wrong}")


def test_the_list_costs_the_same_whatever_its_length(database: str) -> None:
    world()
    office = with_purpose(person("credit_office"))
    office.get("/work/identity")
    with CaptureQueriesContext(connection) as asked:
        office.get("/work/identity")
    assert len(asked) < 25


def test_every_finding_names_a_law_of_the_rulebook_and_what_to_do() -> None:
    known = {one.id for one in laws.laws()}
    for rule in RULES.values():
        if rule.effect != "note" and rule.id != "superseded":
            cited, todo = GUIDANCE[rule.id]
            assert cited and todo
            assert {law for law, _ in cited} <= known
    assert guided({"rule": "agrees", "zh": "一致", "en": "agrees"}).laws == ()


def test_the_list_walks_its_index(database: str) -> None:
    asked = queries._NEWEST.replace("%%", "%")
    plan = reader().execute(
        f"EXPLAIN SELECT v.id FROM registry_verification v WHERE {asked} AND v.state = 'mismatch' "
        "ORDER BY v.id DESC LIMIT 50".encode()
    )
    assert "verification_open" in str(plan.fetchall())
