"""A process of its own: fill a home with the demonstration, and say on one line what is in it.

python -m tests.browser.prepared HOME SCALE
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from chengxin.database.start import start


def main() -> None:
    """Fill, and write a JSON object of what tests and pictures name."""
    start(Path(sys.argv[1]))
    from chengxin.cli.demonstration import fill, wanted  # noqa: PLC0415 - Django comes after its home
    from chengxin.cli.demonstration_people import make_people  # noqa: PLC0415
    from chengxin.cli.terminal import today  # noqa: PLC0415

    if wanted():
        fill(float(sys.argv[2]), today(), lambda stage, rows, share: None, history=False, lake=False)
    people = make_people()
    print(json.dumps({"people": [asdict(one) for one in people], **_named()}))  # noqa: T201 - the answer


def _named() -> dict[str, Any]:
    """Numbers and codes of what the addresses of pages need."""
    from django.utils import timezone  # noqa: PLC0415

    from chengxin.accounts import doorcodes, invitations, keys  # noqa: PLC0415
    from chengxin.accounts.models import ApiKey, GivenRole, Organisation, User  # noqa: PLC0415
    from chengxin.accounts.permissions import at_the_console  # noqa: PLC0415
    from chengxin.archive import held  # noqa: PLC0415
    from chengxin.database import reading  # noqa: PLC0415

    def one(statement: str) -> int | str:
        row = reading.row(statement, [])
        return row[0] if row else 0

    console = at_the_console("demonstration")
    platform = Organisation.objects.filter(role="platform").order_by("pk")[0]
    subject = int(one(_TELLING))
    new_name = f"demo.new.{int(time.time())}"
    joining = invitations.Invited("新人", new_name, "platform_compliance", organisation=platform)
    token = invitations.invite(console, joining)
    until = timezone.now() + timedelta(days=30)
    keys.make(console, platform, "门店系统", ("batch.send", "batch.read"), expires_at=until)
    managed = User.objects.get(sign_in_name="demo.platform.compliance")
    return {
        "code": one(
            f"SELECT value FROM registry_identifier WHERE subject_id = {subject} AND scheme = 'uscc'"
        ),
        "name": one(f"SELECT name FROM registry_subject WHERE id = {subject}"),
        "quiet": one(
            "SELECT value FROM registry_identifier WHERE scheme = 'uscc' "
            f"AND subject_id <> {subject} ORDER BY id DESC LIMIT 1"
        ),
        "door_code": doorcodes.issue(console, subject, target=held.target(subject)),
        "record": one(f"SELECT id FROM archive_record WHERE subject_id = {subject} AND item = 'penalty'"),
        "batch": one("SELECT id FROM exchange_batch WHERE rejected > 0 ORDER BY rejected DESC LIMIT 1"),
        "pair": one("SELECT id FROM registry_matchcandidate WHERE state = 'open' ORDER BY probability DESC"),
        "pairs": one("SELECT count(*) FROM registry_matchcandidate WHERE state = 'open'"),
        "report": one(
            "SELECT report_id FROM registry_verification WHERE state = 'mismatch' ORDER BY id LIMIT 1"
        ),
        "source": one("SELECT source_id FROM exchange_batch ORDER BY rejected DESC LIMIT 1"),
        "case": _case(console, subject),
        "platform": platform.code,
        "platform_name": platform.name,
        "task": _task(subject),
        "token": token,
        "new_name": new_name,
        "invitation": one("SELECT id FROM accounts_invitation ORDER BY id DESC LIMIT 1"),
        "managed": managed.pk,
        "given": GivenRole.objects.filter(user=managed).order_by("pk")[0].pk,
        "key": ApiKey.objects.order_by("-pk")[0].pk,
        "own_case": _objection(),
        **_public(),
        **_leads(platform),
    }


def _leads(platform: Any) -> dict[str, int]:
    """Leads on the platform with rows of a lake; the demonstration's merchant is asked about another one."""
    from tempfile import TemporaryDirectory  # noqa: PLC0415

    from chengxin.accounts.models import GivenRole  # noqa: PLC0415
    from chengxin.accounts.permissions import at_the_console  # noqa: PLC0415
    from chengxin.cli.terminal import today  # noqa: PLC0415
    from chengxin.triage.acting import act  # noqa: PLC0415
    from chengxin.triage.tests import sample  # noqa: PLC0415
    from chengxin.triage.tests.world import take  # noqa: PLC0415

    console, code = at_the_console("demonstration"), str(platform.code)
    content = sample.as_file(sample.leads(code))
    asked = sample.lead(
        "brushing", ("seller", "s-8801"), code, 0.66, [sample.QUICK], window=("2025-11-01", "2025-11-30")
    )
    with TemporaryDirectory() as folder:
        ring = take(content, sample.write_lake(Path(folder), code)).leads[0]
    own = take(sample.as_file([asked]), by=console)
    held = GivenRole.objects.filter(role="merchant").order_by("pk").first()
    if held is not None and not own.again:
        until = (today() + timedelta(days=20)).isoformat()
        facts = {"words": "请说明十一月订单的来源", "until": until, "subject": f"S{held.subject}"}
        act(own.leads[0], "ask", console, today(), facts)
    return {"lead": ring, "own_lead": own.leads[0]}


def _public() -> dict[str, int]:
    """A decision and a notice that everybody sees today: the demonstration's newest, else made here."""
    from chengxin.cases.clock import played  # noqa: PLC0415
    from chengxin.cli.terminal import today  # noqa: PLC0415
    from chengxin.publicity import entries, notices  # noqa: PLC0415
    from chengxin.publicity.tests.published import defaulter  # noqa: PLC0415
    from chengxin.rulebook.lists import lists  # noqa: PLC0415

    found = entries.newest([one.id for one in lists()], today(), 1)
    told, _ = notices.page(today(), limit=1)
    with played():
        decision = found[0].case if found else defaulter()[2]
    return {"decision": decision, "notice": told[0].case if told else _signed()}


def _signed() -> int:
    """A notice, drafted by the credit office and signed by somebody who decides."""
    from chengxin.accounts.guard import acting  # noqa: PLC0415
    from chengxin.accounts.models import GivenRole  # noqa: PLC0415
    from chengxin.cases.actions import Opening, open_case, take  # noqa: PLC0415
    from chengxin.cli.terminal import today  # noqa: PLC0415

    office, decider = (
        acting(GivenRole.objects.filter(role=role).order_by("pk")[0].user, second_factor=True)
        for role in ("credit_office", "decision_maker")
    )
    until = (today() + timedelta(days=30)).isoformat()
    facts = {"title": "谨防假冒", "body": "近期多发，请注意核对经营者信息。", "show_until": until}
    opening = Opening(
        "notice",
        f"notice:public:{time.time()}",
        None,
        today(),
        rule="risk_notice",
        region="350000",
        facts=facts,
    )
    case = open_case(opening, office, today())
    take(case, "approve", decider, today())
    return case


def _task(subject: int) -> int:
    """A joint measure on the subject; the newest that there is."""
    from django.utils import timezone  # noqa: PLC0415

    from chengxin.accounts.models import Organisation  # noqa: PLC0415
    from chengxin.cases.actions import Opening, open_case  # noqa: PLC0415
    from chengxin.cases.models import Case  # noqa: PLC0415
    from chengxin.cases.rules import SYSTEM  # noqa: PLC0415

    known = Case.objects.filter(procedure="measure").order_by("-pk").first()
    if known is not None:
        return known.pk
    platform = Organisation.objects.filter(role="platform").order_by("pk").first()
    opening = Opening(
        "measure", "measure:browser", subject, timezone.localdate(), rule="platform_no_entry",
        region="350100", organisation=platform.pk if platform else None,
    )  # fmt: skip
    return open_case(opening, SYSTEM, timezone.localdate(), by_system=True)


def _case(console: Any, subject: int) -> int:
    """A notice on the subject that waits to be signed."""
    from datetime import timedelta  # noqa: PLC0415

    from chengxin.archive import held  # noqa: PLC0415
    from chengxin.cases.actions import Opening, open_case  # noqa: PLC0415
    from chengxin.cli.terminal import today  # noqa: PLC0415

    until = (today() + timedelta(days=30)).isoformat()
    facts = {"title": "谨防刷单", "body": "近期多发，请注意核对商品评价。", "show_until": until}
    region = held.target(subject).region
    opening = Opening(
        "notice", f"notice:{time.time()}", subject, today(), rule="risk_notice", region=region, facts=facts
    )
    return open_case(opening, console, today())


def _objection() -> int:
    """An objection of the demonstration's merchant to the newest of its records; 0 where it has none."""
    from django.utils import timezone  # noqa: PLC0415

    from chengxin.accounts.guard import acting  # noqa: PLC0415
    from chengxin.accounts.models import GivenRole  # noqa: PLC0415
    from chengxin.cases.models import Case  # noqa: PLC0415
    from chengxin.database import reading  # noqa: PLC0415
    from chengxin.decisions.objections import object_to  # noqa: PLC0415

    held = GivenRole.objects.select_related("user").filter(role="merchant").order_by("pk").first()
    if held is None:
        return 0
    known = Case.objects.filter(procedure="objection", subject=held.subject).order_by("-pk").first()
    if known is not None:
        return known.pk
    row = reading.row(
        "SELECT r.id FROM archive_record r WHERE r.subject_id = %s AND r.operation <> 'withdrawal' "
        "AND NOT EXISTS (SELECT FROM archive_record l WHERE l.refers_to_id = r.id) "
        "ORDER BY r.id DESC LIMIT 1",
        [held.subject],
    )
    merchant = acting(held.user, second_factor=True)
    return object_to(f"record:{row[0]}", "金额写错了", merchant, timezone.localdate()) if row else 0


_TELLING = """
SELECT s.id FROM registry_subject s JOIN archive_record a ON a.subject_id = s.id
JOIN registry_identifier i ON i.subject_id = s.id AND i.scheme = 'uscc'
WHERE s.merged_into_id IS NULL AND a.disclosure = 'public' AND s.kind = 'legal_person'
    AND a.publish_until > CURRENT_DATE AND EXISTS (SELECT FROM archive_record p WHERE p.subject_id = s.id
        AND p.item = 'penalty' AND p.operation = 'new' AND p.publish_until > CURRENT_DATE)
GROUP BY s.id ORDER BY count(DISTINCT a.item) DESC, s.id LIMIT 1"""

if __name__ == "__main__":
    main()
