"""Who is told of what: the people who act for a subject, and the officers who wait for an answer."""

from __future__ import annotations

from datetime import date

from django.utils import timezone

from chengxin.accounts.models import GivenRole
from chengxin.accounts.permissions import action
from chengxin.decisions.conditions import canonical
from chengxin.decisions.matters import members
from chengxin.desk.actions import notify
from chengxin.desk.models import Notice
from chengxin.ledger.actions import raw_cursor
from chengxin.triage.detectors import detectors
from chengxin.triage.models import Lead
from chengxin.triage.rules import DECIDE, Kind


def tell(lead: Lead, kind: Kind, subject: int | None, region: str | None, due: date | None) -> None:
    """Tell whoever has to know of an act, in its transaction."""
    of = detectors()[lead.detector]
    match kind.id:
        case "ask":
            _subject(
                subject, lead.pk, due,
                f"请您就“{of.zh}”方面的情况作出说明", f"You are asked for an explanation: {of.en}",
            )  # fmt: skip
        case "warn":
            _subject(
                subject, lead.pk, None,
                f"给您的提示：{of.zh}方面的情况", f"Something that you may want to look into: {of.en}",
            )  # fmt: skip
        case "answer":
            notify(
                DECIDE, organisation=None, region=region, zh=f"第{lead.pk}号线索：商家已说明",
                en=f"Lead no. {lead.pk}: the merchant has answered", url=f"/work/leads/{lead.pk}",
            )  # fmt: skip


def _subject(subject: int | None, lead: int, due: date | None, zh: str, en: str) -> None:
    if subject is None:
        return
    told = (
        GivenRole.objects.filter(
            subject__in=members(canonical(raw_cursor(), subject)),
            role__in=list(action("own.read").roles),
            user__ended_at=None,
        )
        .exclude(until__lte=timezone.now())
        .values_list("user_id", flat=True)
        .distinct()
    )
    Notice.objects.bulk_create(
        Notice(user_id=user, action="own.read", zh=zh, en=en, url=f"/own/leads/{lead}", due=due)
        for user in sorted(set(told))
    )
