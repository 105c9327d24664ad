"""Who is told of what: the people who act for a subject, and the officers who wait for an answer."""

from __future__ import annotations

from datetime import date

from chengxin.decisions.own_notices import tell_of
from chengxin.desk.actions import notify
from chengxin.triage.detectors import detectors
from chengxin.triage.models import Lead
from chengxin.triage.rules import DECIDE, Kind


def tell(lead: Lead, kind: Kind, subject: int | None, region: str | None, due: date | None) -> None:
    """Tell whoever has to know of an act, in its transaction."""
    of, url = detectors()[lead.detector], f"/own/leads/{lead.pk}"
    match kind.id:
        case "ask":
            tell_of(
                subject, url,
                f"请您就“{of.zh}”方面的情况作出说明", f"You are asked for an explanation: {of.en}", due,
            )  # fmt: skip
        case "warn":
            tell_of(
                subject, url,
                f"给您的提示：{of.zh}方面的情况", f"Something that you may want to look into: {of.en}",
            )  # fmt: skip
        case "answer":
            notify(
                DECIDE, organisation=None, region=region, zh=f"第{lead.pk}号线索：商家已说明",
                en=f"Lead no. {lead.pk}: the merchant has answered", url=f"/work/leads/{lead.pk}",
            )  # fmt: skip
