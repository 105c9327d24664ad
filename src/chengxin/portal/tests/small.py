"""A small archive in which everything that pages and API may or may not show occurs once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

from chengxin.archive.tests.kept import PENALTY, Kept, new_uscc
from chengxin.exchange.models import Batch
from chengxin.ledger.actions import appending
from chengxin.rulebook import catalogue
from chengxin.rulebook.template import example_row

RESIDENT = "350102199003071234"
"""The personal number that lies sealed in the archive, and must be on no page."""

NAME = "福州榕味海产电子商务有限公司"
PLATFORM = "福建海丝优选网络科技有限公司"
SHOP = "榕味海产旗舰店"
DOMAIN = "rongwei.shop.example"
PERSON = "陈小渔"
SOURCE = "福州市示例市场监督管理局"


@dataclass(frozen=True)
class Small:
    """Who and what is in it. Records are named by why the public sees them, or doesn't."""

    code: str
    regno: str
    platform: str
    person: int
    quiet: str
    shown: int
    last_day: int
    sealed: int
    hidden: tuple[int, ...]
    latest: int


def small_archive() -> Small:
    """Write it; dates are set around today, since pages ask the clock."""
    today = timezone.localdate()
    with appending() as log:
        kept = Kept(log)
        source = kept.source(SOURCE)
        small = _subjects(kept, source, today)
    Batch.objects.create(
        item="penalty",
        item_version=date(2021, 7, 15),
        source_id=source,
        file_name="penalties.csv",
        sha256=b"0" * 32,
        received_at=timezone.now(),
        received_on=today,
        rows=12,
        kept=11,
        duplicate=1,
    )
    return small


def _subjects(kept: Kept, source: int, today: date) -> Small:
    code, platform_code, quiet = new_uscc(), new_uscc(), new_uscc()
    regno = "350102100123458"
    kept.subject(PLATFORM, platform_code)
    kept.subject("平潭岚岛跨境电商有限公司", quiet, region="350128")
    person = kept.subject(PERSON, None, kind="natural_person")
    kept.sealed_identifier(
        person,
        "resident_id",
        settings.KEYRING.fingerprint("resident_id", RESIDENT),
        settings.KEYRING.encrypt(RESIDENT.encode(), b"identifier"),
    )
    of_person = kept.record(person, source, disclosure="public", payload=PENALTY | {"CF_XDR_MC": PERSON})
    subject = kept.subject(NAME, code)
    kept.identifier(subject, "regno", regno)
    begun, day = today - timedelta(days=100), timedelta(days=1)

    def penalty(number: str, **given: object) -> int:
        facts = {"start": begun, "until": today + 300 * day, "on": begun} | given
        payload = PENALTY | {
            "CF_XDR_MC": NAME,
            "CF_XDR_SHXYM": code,
            "CF_WSH": number,
            "CF_YXQ": "2099-12-31",
        }
        return kept.record(subject, source, payload=payload, **facts)  # type: ignore[arg-type]

    shown = penalty("榕市监罚〔2026〕0101号")
    last_day = penalty("榕市监罚〔2026〕0102号", until=today)
    expired = penalty("榕市监罚〔2026〕0103号", until=today - day)
    not_yet = penalty("榕市监罚〔2026〕0104号", start=today + day)
    withdrawn = penalty("榕市监罚〔2026〕0105号")
    withdrawal = penalty("榕市监罚〔2026〕0106号", operation="withdrawal", refers_to=withdrawn)
    corrected = penalty("榕市监罚〔2026〕0107号")
    correction = penalty("榕市监罚〔2026〕0108号", operation="correction", refers_to=corrected)
    shared = penalty("榕市监罚〔2026〕0109号", disclosure="shared")
    sealed = kept.record(
        subject,
        source,
        start=begun,
        until=today + 300 * day,
        on=begun,
        personal=settings.KEYRING.encrypt(f'{{"CF_FR_ZJHM":"{RESIDENT}"}}'.encode(), b"record"),
        payload=PENALTY
        | {
            "CF_XDR_MC": NAME,
            "CF_WSH": "榕市监罚〔2026〕0110号",
            "CF_FR_ZJLX": "身份证",
            "CF_XDR_SHXYM": code,
        },
    )
    _everyday(kept, subject=subject, source=source, code=code, platform=platform_code, today=today)
    return Small(
        code=code,
        regno=regno,
        platform=platform_code,
        person=person,
        quiet=quiet,
        shown=shown,
        last_day=last_day,
        sealed=sealed,
        hidden=(of_person, expired, not_yet, withdrawn, withdrawal, corrected, shared),
        latest=correction,
    )


def _everyday(kept: Kept, *, subject: int, source: int, code: str, platform: str, today: date) -> None:
    """A public record of each other item, roles, names, shops, and an identity that was verified."""
    begun, first = today - timedelta(days=100), 0
    for item in catalogue.items(today):
        if item.disclosure != "public" or item.id == "penalty":
            continue
        row = example_row(item) | {item.subject.name: NAME, item.subject.identifiers["uscc"]: code}
        payload = {
            key: value for key, value in row.items() if item.field(key).type not in ("personal", "phone")
        }
        payload = {key: value for key, value in payload.items() if item.field(key).disclosure == "public"}
        first = kept.record(
            subject,
            source,
            item=item.id,
            version=item.version.isoformat(),
            on=begun,
            start=begun,
            until=None,
            law=item.law,
            payload=payload,
        )
    kept.renamed(subject, "福州榕味海产有限公司", begun, first)
    kept.role(subject, "merchant", begun, first)
    kept.shop(subject, SHOP, DOMAIN, platform, first)
    report = kept.record(
        subject,
        source,
        item="identity_report",
        version="2021-05-01",
        on=begun,
        disclosure="shared",
        payload={},
    )
    kept.verification(subject, report, "verified", begun)
