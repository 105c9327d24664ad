"""What the tests of the room share: a platform, a shop with its subject, people, leads that were taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from chengxin.accounts.actions import note_organisation
from chengxin.accounts.models import Organisation
from chengxin.accounts.permissions import Actor, at_the_console
from chengxin.archive.tests.kept import Kept, new_uscc
from chengxin.ledger.actions import appending
from chengxin.testing.signed import actor, person
from chengxin.triage import evidence, grouping, taking
from chengxin.triage.contract import Line, read
from chengxin.triage.models import Lead
from chengxin.triage.taking import Facts, Taken
from chengxin.triage.tests import sample

PLATFORM = "榕城优选电子商务平台"
CONSOLE = at_the_console("test")


@dataclass(frozen=True)
class Triage:
    """A platform, the subject of its first shop, the lake's folder, and the run that was taken."""

    platform: Organisation
    subject: int
    code: str
    lake: Path
    run: Taken

    def lead(self, detector: str, *, members: int | None = None) -> Lead:
        """The lead of a model, most worth first."""
        found = Lead.objects.filter(detector=detector).exclude(state="joined").order_by("-value", "id")
        return next(one for one in found if members is None or one.members == members)


def take(
    content: bytes, lake: Path | None = None, *, source: Organisation | None = None, by: Actor = CONSOLE
) -> Taken:
    """Take a file of leads, as the command does."""
    lines = read(content)
    groups = grouping.schemes(lines)
    seen = evidence.read(lake, lines, groups) if lake else None
    facts = Facts(content, "test", date(2026, 4, 1), source)
    return taking.take_leads(by, facts, lines, schemes=groups, seen=seen)


def lines_of(content: bytes) -> list[Line]:
    """The lines of a file."""
    return read(content)


def prepared(folder: Path) -> Triage:
    """Write it: the sample's leads, with the lake's rows."""
    platform = note_organisation(code=new_uscc(), name=PLATFORM, role="platform", confirmed=True)
    code = new_uscc()
    with appending() as log:
        kept = Kept(log)
        subject = kept.subject("福州榕味海产电子商务有限公司", code, region="350102")
        record = kept.record(subject, kept.source())
        kept.shop(subject, "榕味海产旗舰店", "rongwei.shop.example", str(platform.code), record)
    lake = sample.write_lake(folder, str(platform.code), code=code)
    run = take(sample.as_file(sample.leads(str(platform.code))), lake)
    return Triage(platform, subject, code, lake, run)


def officer(region: str = "350000") -> Actor:
    """A department's officer."""
    return actor(person("department_officer", region=region))
