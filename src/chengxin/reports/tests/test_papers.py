"""Papers of decisions with measures: what is ordered and by which law, which remedies, what repair ends."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import date, timedelta

import orjson
import pytest

from chengxin.cases.actions import take
from chengxin.cases.models import Document
from chengxin.decisions.repairs import apply_for
from chengxin.measures.tests import decided
from chengxin.measures.tests.decided import Installation, installation, listed
from chengxin.testing.signed import actor, person

pytestmark = pytest.mark.usefixtures("database")


def paper(case: int, kind: str) -> dict[str, list[str]]:
    """The paragraphs of a document in both languages."""
    body = orjson.loads(Document.objects.get(case_id=case, kind=kind).body)
    return {"zh": body["paragraphs"], "en": body["paragraphs_en"], "office": [body["office"]]}


def repaired(here: Installation, entry: int, today: date) -> int:
    """A repair of an entry, granted; returns its case."""
    own = actor(person("merchant", subject=here.merchant))
    told = ("reorganisation", "福州市中级人民法院（2026）闽01破3号民事裁定书")
    case = apply_for(f"case:{entry}", *told, own, today, commitment=True)
    take(case, "accept", here.overseer(), today)
    decider = actor(person("decision_maker", organisation=here.market))
    take(case, "decide_grant", decider, today, {"reason": "裁定已生效"})
    return case


@pytest.mark.obligation("16.2b")
def test_papers_name_orders_by_law_both_remedies_and_exactly_what_repair_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(decided, "nothing_follows", nullcontext)  # so that its documents are made
    here = installation()
    orders = "no_office platform_close"
    entry, day = listed(here, "serious_violation", here.merchant, here.record, measures=orders)

    decision = paper(entry, "listing_decision")
    text = "\n".join(decision["zh"])
    ordered = text[text.index("本决定载明采取下列措施") : text.index("公示期间依法采取下列措施")]
    assert "限制担任法定代表人" in ordered and "《公司法》第178条" in ordered
    assert "屏蔽或关闭店铺" in ordered and "《电子商务法》第29条" in ordered
    assert "限制入驻" not in ordered and "限制入驻" in text and "第29条）" in ordered
    assert "自知道之日起60日内依照《行政复议法》第20条申请行政复议" in text
    assert "自知道之日起6个月内依照《行政诉讼法》第46条向人民法院提起行政诉讼" in text
    english = "\n".join(decision["en"])
    assert "60 days" in english and "6 months" in english and "Administrative Litigation Law" in english
    how = paper(entry, "repair_notice")["zh"]
    assert any(one.startswith("（1）") for one in how) and not any(one.endswith("；。") for one in how)

    today = day + timedelta(days=40)
    case = repaired(here, entry, today)
    for kind in ("repair_decision", "repair_certificate"):
        said = paper(case, kind)
        assert said["office"] == [here.market.name]  # who signs, signs for it
        (ended,) = (one for one in said["zh"] if one.startswith("据此采取的下列措施同时终止"))
        (lasting,) = (one for one in said["zh"] if "不因修复终止" in one)
        assert "屏蔽或关闭店铺" in ended and "限制入驻" in ended and "限制担任" not in ended
        assert lasting.startswith("限制担任法定代表人") and "依照《公司法》第178条" in lasting
        assert f"至{day.year + 3}年{day.month}月" in lasting
        assert any("Not ended by the repair: barred from office" in one for one in said["en"])


def test_a_repaired_record_leaves_its_entry_to_review_and_says_so() -> None:
    here = installation()
    entry, day = listed(here, "serious_violation", here.merchant, here.record)
    today = day + timedelta(days=40)
    own = actor(person("merchant", subject=here.merchant))
    told = ("reorganisation", "福州市中级人民法院（2026）闽01破3号民事裁定书")
    case = apply_for(f"record:{here.record}", *told, own, today, commitment=True)
    take(case, "accept", here.overseer(), today)
    take(case, "decide_grant", actor(person("decision_maker")), today, {"reason": "裁定已生效"})
    said = "\n".join(paper(case, "repair_certificate")["zh"])
    assert f"（第{entry}号）由作出决定的机关复核" in said and "仍然有效" in said
    assert "同时终止" not in said
